//! Snapshots of long addresses: what is cut leaves the ports.

use std::sync::Arc;

use virtty::model::{AddressSource, Domain, Endpoint, EndpointKind, GuestAddress};
use virtty::protocol::News;

use crate::pages::snapshot;
use crate::session::{Session, running, uuid, vnc};

fn with(number: u32, name: &str, endpoints: Vec<Endpoint>) -> Domain {
    let mut domain = running(number, name);
    let definition = Arc::make_mut(domain.definition.as_mut().unwrap());
    definition.endpoints = endpoints;
    domain
}

fn at(host: &str, port: u16) -> Endpoint {
    let mut display = vnc(port);
    display.host = Some(host.to_owned());
    display
}

fn spice(port: u16) -> Endpoint {
    let mut display = vnc(port);
    display.kind = EndpointKind::Spice;
    display
}

fn pty() -> Endpoint {
    let mut line = vnc(1);
    line.kind = EndpointKind::Serial;
    line.port = None;
    line.socket = Some("/dev/pts/3".to_owned());
    line
}

#[test]
fn long_addresses() {
    snapshot("domains-addresses", |width, height| {
        let long = "2001:db8:85a3::8a2e:370:7334";
        let domains = vec![
            with(1, "one-spice", vec![spice(65535), pty()]),
            with(2, "one-v6", vec![at(long, 5901), pty()]),
            with(
                3,
                "three",
                vec![at("::1", 5902), spice(65534), spice(65533)],
            ),
            with(4, "two", vec![vnc(5903), spice(5904)]),
        ];
        let mut session = Session::active(width, height, domains);
        for (number, address) in [(1, "255.255.255.255"), (2, long)] {
            let address = GuestAddress {
                interface: "eth0".to_owned(),
                mac: None,
                address: address.parse().unwrap(),
                prefix: 64,
                source: AddressSource::Agent,
            };
            session.news(0, 1, News::Addresses(uuid(number), vec![address]));
        }
        session
    });
}
