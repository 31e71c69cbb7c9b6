//! Addresses of endpoints, as written and as usable from here.

use std::fmt;

use crate::domxml::reach_of;
use crate::model::{Endpoint, EndpointKind, ListenKind, Reach, Uri};
use crate::text::visible;

/// Where a viewer connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A host, without brackets, and a port.
    Tcp {
        /// Address or name.
        host: String,
        /// Port.
        port: u16,
    },
    /// A unix socket on the host of the domain, or the terminal of a serial line.
    Unix(String),
}

impl fmt::Display for Target {
    /// `HOST:PORT`, `[V6]:PORT` or `unix:PATH`, hidden characters escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "{}:{port}", visible(&bracketed(host))),
            Self::Unix(path) => write!(f, "unix:{}", visible(path)),
        }
    }
}

/// `host` with the brackets that an IPv6 address needs before a port.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// The port a viewer uses: the plain one, else the TLS one. A WebSocket is for browsers.
pub(super) fn main_port(endpoint: &Endpoint) -> Option<u16> {
    endpoint.port.or(endpoint.tls_port)
}

/// The address as the live XML writes it: `127.0.0.1:5901`, `[::1]:5902`, `:5903` (no address given),
/// `unix:/path`, a terminal's path. `None` when nothing listens (yet).
#[must_use]
pub fn written(endpoint: &Endpoint) -> Option<String> {
    if let Some(path) = &endpoint.socket {
        let prefix = if endpoint.listen.is_some() {
            "unix:"
        } else {
            ""
        };
        return Some(format!("{prefix}{}", visible(path)));
    }
    let port = main_port(endpoint)?;
    let host = endpoint.host.as_deref().unwrap_or_default();
    Some(format!("{}:{port}", visible(&bracketed(host))))
}

/// The text of the Display column: `vnc 127.0.0.1:5901`, several separated by a comma. A display whose port is not
/// allocated has a dash, one that listens on nothing the word `none`, one of a kind without addresses (a window on
/// the host, D-Bus) only that kind. `None` without displays; serial lines are none.
#[must_use]
pub fn column(endpoints: &[Endpoint]) -> Option<String> {
    join(endpoints, |endpoint| {
        let address = written(endpoint)?;
        let tls = endpoint.port.is_none() && endpoint.tls_port.is_some();
        let suffix = if tls { " TLS" } else { "" };
        Some(format!("{address}{suffix}"))
    })
}

/// The kind of every display, with its place or why it has none.
fn join(endpoints: &[Endpoint], place: impl Fn(&Endpoint) -> Option<String>) -> Option<String> {
    let shown: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| endpoint.kind != EndpointKind::Serial)
        .map(|endpoint| {
            let word = endpoint.kind.word();
            match (place(endpoint), endpoint.listen) {
                (Some(place), _) => format!("{word} {place}"),
                (None, Some(ListenKind::None)) => format!("{word} none"),
                (None, Some(_)) => format!("{word} –"),
                // Of a kind that has no address.
                (None, None) => word.to_owned(),
            }
        })
        .collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// [`column()`] in at most `width` columns where that can be: addresses give way before ports, the first display stays
/// longest.
#[must_use]
pub fn column_within(endpoints: &[Endpoint], width: usize) -> Option<String> {
    let whole = column(endpoints)?;
    if crate::text::width(&whole) <= width {
        return Some(whole);
    }
    let mut displays = endpoints
        .iter()
        .filter(|endpoint| endpoint.kind != EndpointKind::Serial);
    if let (Some(one), None) = (displays.next(), displays.next())
        && one.socket.is_some()
    {
        // The path's beginning tells more than the word.
        return Some(whole);
    }
    join(endpoints, |endpoint| {
        match (&endpoint.socket, main_port(endpoint)) {
            (Some(_), _) => Some("socket".to_owned()),
            (None, port) => port.map(|port| format!(":{port}")),
        }
    })
}

/// The host of a connection when it is another machine than this one.
pub(super) fn other_host(uri: &Uri) -> Option<&str> {
    uri.host
        .as_deref()
        .filter(|host| !host.is_empty() && reach_of(host) == Reach::Host)
}

/// The address usable from here. A wildcard, and an address that old libvirt leaves out, becomes the URI's host,
/// else 127.0.0.1. `None` when nothing listens or its address is not known (an unresolved network).
#[must_use]
pub fn target(endpoint: &Endpoint, uri: &Uri) -> Option<Target> {
    target_at(endpoint, uri.host.as_deref())
}

/// Like [`target`], for XML that came without a connection.
pub(super) fn target_at(endpoint: &Endpoint, connection_host: Option<&str>) -> Option<Target> {
    if let Some(path) = &endpoint.socket {
        return Some(Target::Unix(path.clone()));
    }
    let port = main_port(endpoint)?;
    let any = || connection_host.unwrap_or("127.0.0.1").to_owned();
    let host = match (&endpoint.host, endpoint.reach) {
        (_, Some(Reach::Everywhere)) => any(),
        (Some(host), _) => host.trim_matches(['[', ']']).to_owned(),
        (None, _) if endpoint.listen == Some(ListenKind::Network) => return None,
        (None, _) => any(),
    };
    Some(Target::Tcp { host, port })
}

/// [`target`] as text.
#[must_use]
pub fn target_text(endpoint: &Endpoint, uri: &Uri) -> Option<String> {
    target(endpoint, uri).map(|target| target.to_string())
}

/// Whether the endpoint answers only on its own host, which is another machine than this one: it takes a tunnel.
#[must_use]
pub fn tunnel_needed(endpoint: &Endpoint, uri: &Uri) -> bool {
    other_host(uri).is_some() && matches!(endpoint.reach, Some(Reach::Loopback | Reach::Socket))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domxml::{Secrets, endpoints};

    fn read(devices: &str) -> Vec<Endpoint> {
        let xml = format!("<domain id='1'><devices>{devices}</devices></domain>");
        endpoints(&xml, Secrets::LeftOut).unwrap().found
    }

    #[test]
    fn the_column_names_every_display() {
        for (devices, shown) in [
            (
                "<graphics type='vnc' port='5901' listen='127.0.0.1'/>",
                "vnc 127.0.0.1:5901",
            ),
            (
                "<graphics type='vnc' port='15934' listen='::1'/>",
                "vnc [::1]:15934",
            ),
            ("<graphics type='vnc' port='5903'/>", "vnc :5903"),
            ("<graphics type='vnc' port='-1'/>", "vnc –"),
            (
                "<graphics type='vnc'><listen type='none'/></graphics>",
                "vnc none",
            ),
            ("<graphics type='sdl'/><graphics type='dbus'/>", "sdl, dbus"),
            (
                "<graphics type='vnc' socket='/run/v.sock'/>",
                "vnc unix:/run/v.sock",
            ),
            (
                "<graphics type='spice' port='5901' tlsPort='5902' listen='0.0.0.0'/>\
                 <graphics type='vnc' port='5903' listen='a\u{202e}b'/>",
                "spice 0.0.0.0:5901, vnc a\\u{202e}b:5903",
            ),
            (
                "<graphics type='spice' tlsPort='5902' listen='h'/>",
                "spice h:5902 TLS",
            ),
        ] {
            assert_eq!(column(&read(devices)).as_deref(), Some(shown));
        }
        assert_eq!(
            column(&read(
                "<serial type='pty'><source path='/dev/pts/1'/></serial>"
            )),
            None
        );
    }

    #[test]
    fn where_room_is_short_ports_stay() {
        let two = read(
            "<graphics type='vnc' port='5901' listen='127.0.0.1'/>\
             <graphics type='spice' port='5902' listen='127.0.0.1'/>",
        );
        assert_eq!(
            column_within(&two, 22).as_deref(),
            Some("vnc :5901, spice :5902")
        );
        assert_eq!(column_within(&two, 60), column(&two));
        let long = read("<graphics type='vnc' port='5901' listen='2001:db8::1234:5678:9abc'/>");
        assert_eq!(column_within(&long, 22).as_deref(), Some("vnc :5901"));
    }

    #[test]
    fn a_wildcard_becomes_the_host_of_the_connection() {
        for (listen, uri, usable) in [
            ("0.0.0.0", "qemu:///system", "127.0.0.1:5901"),
            ("::", "qemu+ssh://root@kvm7/system", "kvm7:5901"),
            (
                "::",
                "qemu+tcp://[2001:db8::7]/system",
                "[2001:db8::7]:5901",
            ),
            ("127.0.0.1", "qemu+ssh://kvm7/system", "127.0.0.1:5901"),
            ("192.0.2.7", "qemu+ssh://kvm7/system", "192.0.2.7:5901"),
            ("", "qemu+ssh://kvm7/system", "kvm7:5901"),
        ] {
            let graphics = format!("<graphics type='vnc' port='5901' listen='{listen}'/>");
            let uri: Uri = uri.parse().unwrap();
            let endpoint = &read(&graphics)[0];
            assert_eq!(target_text(endpoint, &uri).as_deref(), Some(usable));
            assert_eq!(
                tunnel_needed(endpoint, &uri),
                listen == "127.0.0.1" && uri.is_remote()
            );
        }
    }

    #[test]
    fn an_unresolved_network_has_no_address() {
        let graphics =
            "<graphics type='vnc' port='5901'><listen type='network' network='n'/></graphics>";
        let uri: Uri = "qemu:///system".parse().unwrap();
        assert_eq!(target(&read(graphics)[0], &uri), None);
    }
}
