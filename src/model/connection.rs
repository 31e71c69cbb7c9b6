//! Connections: URIs, drivers and states.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How a URI reaches its daemon.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Local socket or in-process driver.
    Local,
    /// `+unix` with an explicit socket.
    Unix,
    /// `+ssh`, `+libssh`, `+libssh2`.
    Ssh,
    /// `+tcp`.
    Tcp,
    /// `+tls` or a remote URI without transport.
    Tls,
    /// `+ext` or one newer than this program.
    Other(String),
}

/// The hypervisor driver named by a URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Driver {
    /// QEMU/KVM.
    Qemu,
    /// libvirt's test driver.
    Test,
    /// LXC.
    Lxc,
    /// Xen.
    Xen,
    /// bhyve.
    Bhyve,
    /// Any other.
    Other(String),
}

/// A libvirt connection URI, taken apart: `driver[+transport]://[user@][host][:port]/[path][?parameters]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    text: String,
    /// Driver.
    pub driver: Driver,
    /// Transport.
    pub transport: Transport,
    /// User before the `@`.
    pub user: Option<String>,
    /// Host; an IPv6 address without its brackets.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Path, such as `/system`.
    pub path: String,
    /// Parameters after `?` in order, still percent-encoded.
    pub parameters: Vec<(String, String)>,
}

/// Why a text is not a connection URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a libvirt URI: {why}")]
pub struct UriError {
    /// The text.
    pub text: String,
    /// What is wrong.
    pub why: &'static str,
}

impl Uri {
    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the daemon runs on another machine.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.host.as_deref().is_some_and(|host| !host.is_empty())
    }

    /// A short name for the host column: the host, or `localhost`, with the path when it is not `/system`.
    #[must_use]
    pub fn short_name(&self) -> String {
        let host = self.host.as_deref().unwrap_or("localhost");
        match (&self.driver, self.path.as_str()) {
            (Driver::Test, _) => "test".to_owned(),
            (_, "/session") => format!("{host}/session"),
            _ => host.to_owned(),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let refuse = |why| UriError {
            text: text.to_owned(),
            why,
        };
        let (scheme, rest) = text
            .split_once(':')
            .ok_or_else(|| refuse("it has no driver, as in qemu:///system"))?;
        if scheme.is_empty()
            || !scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            return Err(refuse("the driver before ':' is not a word"));
        }
        let rest = rest
            .strip_prefix("//")
            .ok_or_else(|| refuse("'//' is missing after the driver"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user, host_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)
            .ok_or_else(|| refuse("the port is not a number from 1 to 65535"))?;
        let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
        let driver = match driver {
            "qemu" => Driver::Qemu,
            "test" => Driver::Test,
            "lxc" => Driver::Lxc,
            "xen" => Driver::Xen,
            "bhyve" => Driver::Bhyve,
            other => Driver::Other(other.to_owned()),
        };
        let transport = match transport {
            "" if host.is_empty() => Transport::Local,
            "" | "tls" => Transport::Tls,
            "unix" => Transport::Unix,
            "ssh" | "libssh" | "libssh2" => Transport::Ssh,
            "tcp" => Transport::Tcp,
            other => Transport::Other(other.to_owned()),
        };
        let parameters = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (key.to_owned(), value.to_owned())
            })
            .collect();
        Ok(Self {
            text: text.to_owned(),
            driver,
            transport,
            user,
            host: (!host.is_empty()).then(|| host.to_owned()),
            port,
            path: path.to_owned(),
            parameters,
        })
    }
}

/// Splits `host[:port]`, `[v6][:port]`; `None` when the port is not one.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None if rest.is_empty() => Some((host, None)),
            None => None,
        };
    }
    match text.split_once(':') {
        Some((host, port)) => Some((host, Some(port.parse().ok().filter(|port| *port > 0)?))),
        None => Some((text, None)),
    }
}

/// What a connection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Closed on purpose.
    Disconnected,
    /// Being opened.
    Connecting,
    /// Open and answering.
    Active,
    /// Open, but a call has had no answer.
    NotResponding,
    /// Gone; opened again after the wait.
    Lost {
        /// How long until the next try, from the moment of this report.
        retry_in: Duration,
        /// Tries since it was last open.
        tries: u32,
    },
}

/// Versions as libvirt's integers: major * 1,000,000 + minor * 1,000 + release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostVersions {
    /// `virConnectGetLibVersion`: the daemon's libvirt.
    pub libvirt: Option<u64>,
    /// `virConnectGetVersion`: the hypervisor.
    pub hypervisor: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uri_is_taken_apart() {
        let uri: Uri = "qemu+ssh://root@[fe80::1]:2222/system?no_tty=1&keyfile=a"
            .parse()
            .unwrap();
        assert_eq!(uri.driver, Driver::Qemu);
        assert_eq!(uri.transport, Transport::Ssh);
        assert_eq!(uri.user.as_deref(), Some("root"));
        assert_eq!(uri.host.as_deref(), Some("fe80::1"));
        assert_eq!(uri.port, Some(2222));
        assert_eq!(uri.path, "/system");
        assert_eq!(uri.parameters.len(), 2);
    }

    #[test]
    fn uri_without_host_is_local() {
        for text in ["qemu:///system", "test:///default", "qemu:///session"] {
            let uri: Uri = text.parse().unwrap();
            assert_eq!(uri.transport, Transport::Local);
            assert!(!uri.is_remote());
        }
    }

    #[test]
    fn uri_refuses_what_is_none() {
        for text in [
            "",
            "qemu",
            "qemu:/system",
            "://x",
            "qemu+tcp://h:99999/system",
        ] {
            assert!(text.parse::<Uri>().is_err(), "{text}");
        }
    }
}
