//! Endpoints, fixed ports and counts that scenes are made of.
#![allow(dead_code, reason = "shared by several test targets")]

use std::sync::Arc;
use std::time::Duration;

use virtty::model::{Definition, Domain, Endpoint, EndpointKind, FixedPort, ListenKind, Reach};
use virtty::protocol::{CallCounts, News};

use crate::session::{Session, running, vnc};

/// A running domain with these endpoints.
pub fn with(number: u32, name: &str, endpoints: Vec<Endpoint>) -> Domain {
    define(running(number, name), |definition| {
        definition.endpoints = endpoints;
    })
}

/// `domain` with another definition.
pub fn define(mut domain: Domain, change: impl FnOnce(&mut Definition)) -> Domain {
    let mut definition = domain.definition.as_deref().cloned().unwrap_or_default();
    change(&mut definition);
    domain.definition = Some(Arc::new(definition));
    domain
}

/// `domain` with fixed VNC ports.
pub fn fixing(domain: Domain, ports: &[u16]) -> Domain {
    define(domain, |definition| {
        definition.fixed_ports = ports
            .iter()
            .map(|port| FixedPort {
                kind: EndpointKind::Vnc,
                host: None,
                port: *port,
            })
            .collect();
    })
}

pub fn everywhere(port: u16, password: Option<bool>) -> Endpoint {
    Endpoint {
        host: Some("0.0.0.0".to_owned()),
        reach: Some(Reach::Everywhere),
        password,
        ..vnc(port)
    }
}

pub fn pty(path: &str) -> Endpoint {
    Endpoint {
        kind: EndpointKind::Serial,
        host: None,
        port: None,
        socket: Some(path.to_owned()),
        listen: None,
        reach: None,
        ..vnc(1)
    }
}

pub fn unallocated() -> Endpoint {
    Endpoint {
        port: None,
        reach: None,
        ..vnc(1)
    }
}

pub fn spice(port: u16, tls: u16) -> Endpoint {
    Endpoint {
        kind: EndpointKind::Spice,
        tls_port: Some(tls),
        listen: Some(ListenKind::Address),
        ..vnc(port)
    }
}

/// Round trips after some refreshes.
pub fn counts(refreshes: u64) -> CallCounts {
    let row = |kind, call, count, ms| (kind, call, count, Duration::from_millis(ms));
    CallCounts {
        rows: vec![
            row("control", "virConnectOpenAuth", 1, 30),
            row(
                "control",
                "virConnectGetAllDomainStats",
                refreshes,
                refreshes * 2,
            ),
            row("control", "virNodeGetCPUStats", refreshes, refreshes),
            row(
                "monitor",
                "virDomainListGetStats",
                refreshes * 4,
                refreshes * 60,
            ),
        ],
        parked: 0,
        lost_openings: 0,
    }
}

/// Two hosts that count.
pub fn counting(width: u16, height: u16) -> Session {
    let uris = ["qemu:///system", "qemu+ssh://root@kvm2/system"];
    let mut session = Session::new(width, height, &uris);
    session.open(0, false).open(1, true);
    session.list(0, vec![running(1, "web"), running(2, "db")]);
    session.list(1, Vec::new());
    session.keys("i");
    for refresh in 1..=5 {
        session.news(0, 1, News::Calls(counts(refresh))).wait(2.0);
    }
    session
}
