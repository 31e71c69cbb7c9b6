//! Where a URI has ssh log in, and how.

use super::parameters::{decoded, value};
use crate::model::{Transport, Uri};

/// What ssh needs to know of a URI; the rest it reads from the user's own configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The ssh to run: `ssh`, or the URI's `command`.
    pub program: String,
    /// User, where the URI names one.
    pub user: Option<String>,
    /// Host, an address or a name of the user's ssh configuration.
    pub host: String,
    /// Port, where the URI names one.
    pub port: Option<u16>,
    /// The URI's `keyfile`.
    pub keyfile: Option<String>,
    /// The URI's `no_verify`: any key of the host will do.
    pub no_verify: bool,
}

impl Login {
    /// The login of a URI for which libvirt would run ssh; `None` for all others, also for those that libvirt takes to
    /// ssh by a library of its own.
    pub fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.as_str().split(':').next()?;
        let runs_ssh = uri.transport == Transport::Ssh
            && scheme
                .split_once('+')
                .is_some_and(|(_, transport)| transport.eq_ignore_ascii_case("ssh"));
        runs_ssh.then(|| Self {
            program: value(uri, "command")
                .filter(|command| !command.is_empty())
                .unwrap_or_else(|| "ssh".to_owned()),
            user: uri.user.as_deref().map(decoded),
            host: uri.host.as_deref().map_or("localhost".to_owned(), decoded),
            port: uri.port,
            keyfile: value(uri, "keyfile").filter(|file| !file.is_empty()),
            no_verify: value(uri, "no_verify")
                .and_then(|number| number.parse::<i64>().ok())
                .is_some_and(|number| number != 0),
        })
    }

    /// Options and host as words for ssh; `--` keeps a host from being taken for an option.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(port) = self.port {
            option("-p", port.to_string());
        }
        if let Some(user) = &self.user {
            option("-l", user.clone());
        }
        if let Some(file) = &self.keyfile {
            option("-i", file.clone());
        }
        if self.no_verify {
            option("-o", "StrictHostKeyChecking=no".to_owned());
        }
        words.extend(["--".to_owned(), self.host.clone()]);
        words
    }
}
