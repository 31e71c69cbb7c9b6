//! How to reach the host of a connection by SSH, from where its reader sits.

use std::net::IpAddr;

use super::address::{bracketed, other_host};
use crate::model::{Driver, Transport, Uri};

/// Where this process runs, read by the caller from the environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Here {
    /// Login name of this process's user.
    pub user: Option<String>,
    /// Name of this machine.
    pub hostname: Option<String>,
    /// The environment's `SSH_CONNECTION`: client address and port, server address and port.
    pub ssh_connection: Option<String>,
}

/// An SSH login: `-p PORT` where it is not 22, and `user@host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// `user@host` or `host`.
    pub destination: String,
    /// A port other than 22.
    pub port: Option<u16>,
}

impl Here {
    /// Address and port of the SSH server through which this process's user came.
    #[must_use]
    pub fn ssh_server(&self) -> Option<(IpAddr, u16)> {
        let mut words = self.ssh_connection.as_deref()?.split_whitespace().skip(2);
        // A link-local address comes with its scope, which means nothing on the other end.
        let address = words.next()?.split('%').next()?.parse().ok()?;
        let port = words.next()?.parse().ok()?;
        Some((address, port))
    }

    /// Whether the user sits at another machine, as far as SSH tells.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.ssh_server().is_some()
    }
}

/// How to log in to the host of the connection: the URI's host when it is another machine, else this machine as the
/// SSH client knows it, else this machine by name.
#[must_use]
pub fn login(uri: &Uri, here: &Here) -> Option<Login> {
    let with_user = |user: Option<&str>, host: &str| match user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    if let Some(host) = other_host(uri) {
        let over_ssh = uri.transport == Transport::Ssh;
        return Some(Login {
            destination: with_user(uri.user.as_deref().filter(|_| over_ssh), host),
            port: uri.port.filter(|port| over_ssh && *port != 22),
        });
    }
    let user = here.user.as_deref();
    if let Some((address, port)) = here.ssh_server() {
        return Some(Login {
            destination: with_user(user, &address.to_string()),
            port: (port != 22).then_some(port),
        });
    }
    here.hostname.as_deref().map(|host| Login {
        destination: with_user(user, host),
        port: None,
    })
}

/// The connection's URI for a program on the machine where the reader sits, when that is another one and the
/// connection is local here: `qemu+ssh://user@host/system`.
#[must_use]
pub fn uri_from_elsewhere(uri: &Uri, here: &Here) -> Option<String> {
    if other_host(uri).is_some() || !here.is_remote() || uri.driver == Driver::Test {
        return None;
    }
    let login = login(uri, here)?;
    let (user, host) = match login.destination.split_once('@') {
        Some((user, host)) => (format!("{user}@"), host.to_owned()),
        None => (String::new(), login.destination),
    };
    let port = login
        .port
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let scheme = uri.as_str().split([':', '+']).next().unwrap_or("qemu");
    let socket = uri
        .parameters
        .iter()
        .find(|(key, _)| key == "socket")
        .map(|(_, value)| format!("?socket={value}"))
        .unwrap_or_default();
    let host = bracketed(&host);
    Some(format!(
        "{scheme}+ssh://{user}{host}{port}{}{socket}",
        uri.path
    ))
}
