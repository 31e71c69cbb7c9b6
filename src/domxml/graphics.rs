//! `<graphics>` and `<serial>` of live XML: what listens, where.

use std::net::IpAddr;

use roxmltree::Node;

use super::Secrets;
use super::document::{XmlError, attribute, child, children, devices, owned, written};
use crate::model::{Endpoint, EndpointKind, FixedPort, ListenKind, Reach};

/// The endpoints of a domain, and the devices whose values cannot be true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoints {
    /// Graphics in document order, then serial lines.
    pub found: Vec<Endpoint>,
    /// One error for each device that is left out.
    pub refused: Vec<XmlError>,
}

/// Reads all endpoints of a live `<domain>`.
pub(super) fn endpoints(domain: Node<'_, '_>, secrets: Secrets) -> Endpoints {
    let mut endpoints = Endpoints::default();
    for (index, node) in devices(domain, "graphics").enumerate() {
        match graphics(node, index, secrets) {
            Ok(found) => endpoints.found.extend(found),
            Err(error) => endpoints.refused.push(error),
        }
    }
    for (place, node) in serial_devices(domain) {
        match serial(node, &place) {
            Ok(found) => endpoints.found.extend(found),
            Err(error) => endpoints.refused.push(error),
        }
    }
    endpoints
}

/// One `<graphics>`: an endpoint for each `<listen>`, and one for the old form without any.
fn graphics(node: Node<'_, '_>, index: usize, secrets: Secrets) -> Result<Vec<Endpoint>, XmlError> {
    let place = |name: &str| format!("graphics[{}]/@{name}", index + 1);
    let Some(kind) = attribute(node, "type").and_then(graphics_kind) else {
        return Err(XmlError::BadValue {
            place: place("type"),
            value: attribute(node, "type").unwrap_or_default().to_owned(),
            why: "no type of graphics that is known",
        });
    };
    let port = |name: &str| read_port(written(node, name), || place(name));
    let listens_on_ports = matches!(
        kind,
        EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
    );
    let mut plain = Endpoint {
        kind,
        host: None,
        port: None,
        tls_port: None,
        websocket_port: None,
        socket: None,
        listen: None,
        reach: None,
        password: None,
    };
    if !listens_on_ports {
        return Ok(vec![plain]);
    }
    plain.port = port("port")?;
    if kind == EndpointKind::Spice {
        plain.tls_port = port("tlsPort")?;
    }
    if kind == EndpointKind::Vnc {
        plain.websocket_port = port("websocket")?;
    }
    plain.password = match (written(node, "passwd"), secrets) {
        (Some(_), _) => Some(true),
        (None, Secrets::Included) => Some(false),
        (None, Secrets::LeftOut) => None,
    };
    let mut found = Vec::new();
    for (number, listen) in children(node, "listen").enumerate() {
        // libvirt keeps the attributes of <graphics> in step with the first <listen>.
        let first = (number == 0).then_some(node);
        let kind = match attribute(listen, "type") {
            Some("address") => ListenKind::Address,
            Some("network") => ListenKind::Network,
            Some("socket") => ListenKind::Socket,
            Some("none") => ListenKind::None,
            other => {
                return Err(XmlError::BadValue {
                    place: format!("graphics[{}]/listen[{}]/@type", index + 1, number + 1),
                    value: other.unwrap_or_default().to_owned(),
                    why: "no type of listen that is known",
                });
            }
        };
        let or_old =
            |name, old| owned(listen, name).or_else(|| first.and_then(|node| owned(node, old)));
        found.push(match kind {
            ListenKind::Address | ListenKind::Network => {
                on_address(&plain, kind, or_old("address", "listen"))
            }
            ListenKind::Socket => on_socket(&plain, or_old("socket", "socket")),
            ListenKind::None => Endpoint {
                port: None,
                tls_port: None,
                websocket_port: None,
                listen: Some(ListenKind::None),
                ..plain.clone()
            },
        });
    }
    if found.is_empty() {
        found.push(match owned(node, "socket") {
            Some(path) => on_socket(&plain, Some(path)),
            None => on_address(&plain, ListenKind::Address, owned(node, "listen")),
        });
    }
    Ok(found)
}

/// The number of the first `<graphics>` of a kind.
pub(super) fn index_of(domain: Node<'_, '_>, kind: EndpointKind) -> Option<u32> {
    let at = devices(domain, "graphics")
        .position(|node| attribute(node, "type").and_then(graphics_kind) == Some(kind))?;
    u32::try_from(at).ok()
}

/// The password of the first VNC display.
pub(super) fn vnc_password(domain: Node<'_, '_>) -> Option<String> {
    devices(domain, "graphics")
        .find(|node| attribute(*node, "type").and_then(graphics_kind) == Some(EndpointKind::Vnc))
        .and_then(|node| written(node, "passwd"))
        .map(str::to_owned)
}

fn graphics_kind(word: &str) -> Option<EndpointKind> {
    Some(match word {
        "vnc" => EndpointKind::Vnc,
        "spice" => EndpointKind::Spice,
        "rdp" => EndpointKind::Rdp,
        "dbus" => EndpointKind::Dbus,
        "sdl" => EndpointKind::Sdl,
        "egl-headless" => EndpointKind::EglHeadless,
        "desktop" => EndpointKind::Desktop,
        _ => return None,
    })
}

fn on_address(plain: &Endpoint, listen: ListenKind, host: Option<String>) -> Endpoint {
    let listens = [plain.port, plain.tls_port, plain.websocket_port]
        .iter()
        .any(Option::is_some);
    Endpoint {
        listen: Some(listen),
        reach: host.as_deref().filter(|_| listens).map(reach_of),
        host,
        ..plain.clone()
    }
}

fn on_socket(plain: &Endpoint, path: Option<String>) -> Endpoint {
    Endpoint {
        port: None,
        tls_port: None,
        websocket_port: None,
        listen: Some(ListenKind::Socket),
        reach: path.as_ref().map(|_| Reach::Socket),
        socket: path,
        ..plain.clone()
    }
}

/// A port as libvirt writes it: absent, `-1` and `0` are not allocated.
fn read_port(value: Option<&str>, place: impl Fn() -> String) -> Result<Option<u16>, XmlError> {
    let Some(value) = value else { return Ok(None) };
    if value == "-1" {
        return Ok(None);
    }
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse::<u16>() {
        Ok(0) if digits => Ok(None),
        Ok(port) if digits => Ok(Some(port)),
        _ => Err(XmlError::BadValue {
            place: place(),
            value: value.to_owned(),
            why: "not a port from 1 to 65535",
        }),
    }
}

/// The ports that a definition fixes: graphics without autoport, WebSockets, serial lines bound to TCP. Works on XML
/// of any state; of a running domain (`live`) the XML does not tell a fixed WebSocket from one that was given.
pub(super) fn fixed_ports(domain: Node<'_, '_>, live: bool) -> Vec<FixedPort> {
    let graphics = devices(domain, "graphics")
        .enumerate()
        .flat_map(|(index, node)| {
            let auto = attribute(node, "autoport") == Some("yes");
            let mut found = graphics(node, index, Secrets::LeftOut).unwrap_or_default();
            for endpoint in &mut found {
                if auto {
                    endpoint.port = None;
                    endpoint.tls_port = None;
                }
                if live {
                    endpoint.websocket_port = None;
                }
            }
            found
        });
    let serials = serial_devices(domain)
        .into_iter()
        .filter_map(|(place, node)| serial(node, &place).ok().flatten());
    graphics
        .chain(serials)
        .flat_map(|endpoint| {
            endpoint.ports().map(move |port| FixedPort {
                kind: endpoint.kind,
                host: endpoint.host.clone(),
                port,
            })
        })
        .collect()
}

/// From where an address of the host can be reached.
pub(crate) fn reach_of(host: &str) -> Reach {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    match bare.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) if address.is_unspecified() => Reach::Everywhere,
        Ok(address) if address.is_loopback() => Reach::Loopback,
        Ok(_) => Reach::Host,
        Err(_) => match bare.to_ascii_lowercase().as_str() {
            "*" | "0" => Reach::Everywhere,
            "localhost"
            | "localhost.localdomain"
            | "localhost4"
            | "localhost6"
            | "ip6-localhost"
            | "ip6-loopback" => Reach::Loopback,
            name if name.ends_with(".localhost") => Reach::Loopback,
            _ => Reach::Host,
        },
    }
}

/// Serial lines, and the consoles that are not one of them. libvirt repeats serial line 0 as the first console.
fn serial_devices<'a, 'input>(domain: Node<'a, 'input>) -> Vec<(String, Node<'a, 'input>)> {
    let serials: Vec<_> = devices(domain, "serial").collect();
    let repeats_serial = |console: Node<'_, '_>| {
        !serials.is_empty()
            && child(console, "target")
                .and_then(|target| attribute(target, "type"))
                .is_none_or(|kind| kind == "serial")
    };
    let consoles = devices(domain, "console")
        .enumerate()
        .filter(|(_, console)| !repeats_serial(*console))
        .map(|(index, node)| (format!("console[{}]", index + 1), node));
    serials
        .iter()
        .enumerate()
        .map(|(index, node)| (format!("serial[{}]", index + 1), *node))
        .chain(consoles)
        .collect()
}

/// One serial line: `None` when nothing listens (a file, a null device, a connection made outwards).
fn serial(node: Node<'_, '_>, place: &str) -> Result<Option<Endpoint>, XmlError> {
    let mut line = Endpoint {
        kind: EndpointKind::Serial,
        host: None,
        port: None,
        tls_port: None,
        websocket_port: None,
        socket: None,
        listen: None,
        reach: None,
        password: None,
    };
    let bound = children(node, "source").find(|source| attribute(*source, "mode") == Some("bind"));
    match (attribute(node, "type"), bound) {
        (Some("pty"), _) => {
            line.socket = child(node, "source")
                .and_then(|source| owned(source, "path"))
                .or_else(|| owned(node, "tty"));
            Ok(line.socket.is_some().then_some(line))
        }
        (Some("tcp" | "udp"), Some(source)) => {
            let port = read_port(written(source, "service"), || {
                format!("{place}/source/@service")
            })?;
            if attribute(source, "tls") == Some("yes") {
                line.tls_port = port;
            } else {
                line.port = port;
            }
            let host = owned(source, "host");
            Ok(Some(on_address(&line, ListenKind::Address, host)))
        }
        (Some("unix"), Some(source)) => Ok(Some(on_socket(&line, owned(source, "path")))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_told_by_the_address() {
        for (host, reach) in [
            ("127.0.0.1", Reach::Loopback),
            ("127.9.9.9", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("::ffff:127.0.0.1", Reach::Loopback),
            ("LocalHost", Reach::Loopback),
            ("0.0.0.0", Reach::Everywhere),
            ("::", Reach::Everywhere),
            ("::ffff:0.0.0.0", Reach::Everywhere),
            ("192.0.2.7", Reach::Host),
            ("fe80::1%eth0", Reach::Host),
            ("kvm1.example.org", Reach::Host),
        ] {
            assert_eq!(reach_of(host), reach, "{host}");
        }
    }

    #[test]
    fn only_ports_are_ports() {
        let read = |value| read_port(Some(value), || "port".to_owned());
        assert_eq!(read("1"), Ok(Some(1)));
        assert_eq!(read("65535"), Ok(Some(65535)));
        assert_eq!(read("0"), Ok(None));
        assert_eq!(read("-1"), Ok(None));
        assert_eq!(read_port(None, String::new), Ok(None));
        for bad in [
            "",
            " ",
            "65536",
            "70000",
            "-2",
            "-5901",
            "+5901",
            " 5901",
            "5901 ",
            "0x170d",
            "vnc",
            "59.01",
            "５９０１",
            "99999999999999999999",
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
