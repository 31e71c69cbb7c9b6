//! Displays and consoles: where they listen, and from where they can be reached.

use super::Details;
use super::devices::definition;
use super::sheet::{Sheet, SheetLine};
use crate::action::Action;
use crate::app::{Guest, State, Tone};
use crate::model::{Endpoint, EndpointKind, Reach, Uri};
use crate::ports;

/// The displays and consoles.
pub(super) fn lines(state: &State, guest: &Guest, details: &Details, width: u16) -> Vec<SheetLine> {
    let mut sheet = Sheet::default();
    let Some(definition) = definition(guest, &mut sheet) else {
        return sheet.lines(width);
    };
    if !guest.domain.state.is_active() {
        sheet.text("It does not run: ports are given at the start.", Tone::Dim);
        for port in &definition.fixed_ports {
            let host = port.host.as_deref().unwrap_or("the default address");
            let words = format!("{} {} on {host}", port.kind.word(), port.port);
            sheet.toned("Fixed port", words, Tone::Normal);
        }
        return sheet.lines(width);
    }
    let uri: Option<Uri> = state
        .connection(details.id.connection)
        .and_then(|connection| connection.uri().parse().ok());
    if guest.endpoints().is_empty() {
        sheet.text("It has neither displays nor consoles.", Tone::Dim);
    }
    for endpoint in guest.endpoints() {
        one(endpoint, uri.as_ref(), &mut sheet);
    }
    if !definition.endpoint_errors.is_empty() {
        sheet.heading("left out");
        for error in &definition.endpoint_errors {
            sheet.toned("Not understood", error.clone(), Tone::Warn);
        }
    }
    if guest.endpoints().iter().any(|one| is_display(one.kind)) {
        sheet.heading("viewers");
        match guest.viewers.as_slice() {
            [] => sheet.toned(
                "Connected",
                "none that came since virtty is connected",
                Tone::Dim,
            ),
            viewers => sheet.toned("Connected", viewers.join(", "), Tone::Info),
        }
    }
    if let Some(key) = state.keymap.hint(details.contexts(), Action::Copy)
        && !guest.endpoints().is_empty()
    {
        let words = format!("{key} copies addresses, tunnels and the commands of viewers.");
        sheet.text("", Tone::Dim);
        sheet.text(words, Tone::Dim);
    }
    sheet.lines(width)
}

fn is_display(kind: EndpointKind) -> bool {
    kind != EndpointKind::Serial
}

/// One endpoint; only what its kind can have.
fn one(endpoint: &Endpoint, uri: Option<&Uri>, sheet: &mut Sheet) {
    sheet.heading(endpoint.kind.word());
    let terminal = endpoint.listen.is_none() && endpoint.socket.is_some();
    if terminal {
        sheet.pair("Terminal", ports::written(endpoint));
    } else {
        match ports::written(endpoint) {
            Some(address) => sheet.toned("Address", address, Tone::Strong),
            None => sheet.toned("Address", nowhere(endpoint), Tone::Dim),
        }
    }
    if let Some(uri) = uri.filter(|_| !terminal) {
        let usable = ports::target_text(endpoint, uri);
        if ports::tunnel_needed(endpoint, uri) {
            let words = "only through an SSH tunnel";
            sheet.toned("From here", words, Tone::Warn);
        } else if usable.is_some() {
            sheet.pair("From here", usable);
        }
    }
    match endpoint.reach {
        Some(reach) => sheet.pair("Reachable from", Some(reach_words(reach))),
        None if terminal => sheet.pair("Reachable from", Some("its host only, by virsh console")),
        None => {}
    }
    if endpoint.tls_port.is_some() || endpoint.kind == EndpointKind::Spice {
        sheet.pair("TLS port", endpoint.tls_port.map(|port| port.to_string()));
    }
    if endpoint.websocket_port.is_some() || endpoint.kind == EndpointKind::Vnc {
        let port = endpoint.websocket_port.map(|port| port.to_string());
        sheet.pair("WebSocket port", port);
    }
    if matches!(
        endpoint.kind,
        EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
    ) {
        match endpoint.password {
            Some(true) => sheet.pair("Password", Some("set")),
            Some(false) => sheet.pair("Password", Some("none")),
            None => sheet.toned("Password", "not known", Tone::Dim),
        }
    }
    if let Some(warning) = ports::warning(endpoint) {
        sheet.toned("Warning", warning.text(), Tone::Warn);
    }
}

/// Why there is no address.
fn nowhere(endpoint: &Endpoint) -> &'static str {
    match endpoint.kind {
        EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp => match endpoint.listen {
            Some(crate::model::ListenKind::None) => "listens nowhere",
            _ => "no port yet",
        },
        _ => "none",
    }
}

fn reach_words(reach: Reach) -> &'static str {
    match reach {
        Reach::Loopback => "its host only (loopback)",
        Reach::Host => "where this address of the host is reachable",
        Reach::Everywhere => "everywhere: it listens on all addresses of the host",
        Reach::Socket => "its host only (socket)",
    }
}
