//! An endpoint as JSON has it.

use serde::Serialize;

use crate::model::Endpoint;

/// The fields of an endpoint, in libvirt's words; absent is null.
#[derive(Debug, Serialize)]
pub(super) struct EndpointJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    host: Option<&'a str>,
    port: Option<u16>,
    tls_port: Option<u16>,
    websocket_port: Option<u16>,
    socket: Option<&'a str>,
    listen: Option<&'static str>,
    reachable: Option<&'static str>,
    password: Option<bool>,
}

impl<'a> From<&'a Endpoint> for EndpointJson<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        Self {
            kind: endpoint.kind.word(),
            host: endpoint.host.as_deref(),
            port: endpoint.port,
            tls_port: endpoint.tls_port,
            websocket_port: endpoint.websocket_port,
            socket: endpoint.socket.as_deref(),
            listen: endpoint.listen.map(|listen| listen.word()),
            reachable: endpoint.reach.map(|reach| reach.word()),
            password: endpoint.password,
        }
    }
}
