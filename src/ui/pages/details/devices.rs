//! Disks, network interfaces, displays and consoles.

use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::{Painter, failed};
use crate::app::{Details, Guest, State, Tone};
use crate::model::{AddressSource, Definition, GuestAddress, NicInfo, Reach, Uri};
use crate::ports;
use crate::text;

/// A cell of a table; unknown is a dash.
fn cell(words: Option<impl Into<String>>) -> (String, Tone) {
    match words {
        Some(words) => (words.into(), Tone::Normal),
        None => ("–".to_owned(), Tone::Dim),
    }
}

fn rate(value: Option<f64>) -> (String, Tone) {
    cell(value.map(text::rate))
}

/// The definition, or a sheet that says why there is none.
fn definition<'a>(guest: &'a Guest, sheet: &mut Sheet) -> Option<&'a Definition> {
    let definition = guest.domain.definition.as_deref();
    if definition.is_none() {
        let words = match &guest.domain.definition_error {
            Some(why) => format!("The XML cannot be read: {why}"),
            None => "Reading the XML …".to_owned(),
        };
        sheet.text(words, Tone::Dim);
    }
    definition
}

/// Draws the disks.
pub fn disks(guest: &Guest, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let mut sheet = Sheet::default();
    if let Some(definition) = definition(guest, &mut sheet) {
        if definition.disks.is_empty() {
            sheet.text("It has no disks.", Tone::Dim);
        } else {
            let figures = guest.tracked.figures();
            let of = |target: &str| figures.disks.iter().find(|disk| disk.name == target);
            let size = |bytes: Option<u64>| cell(bytes.map(text::bytes));
            let rows = definition.disks.iter().map(|disk| {
                let now = of(&disk.target);
                [
                    (disk.target.clone(), Tone::Strong),
                    cell(Some(disk.device.clone())),
                    cell(disk.bus.clone()),
                    cell(disk.format.clone()),
                    size(now.and_then(|now| now.capacity_bytes)),
                    size(now.and_then(|now| now.physical_bytes)),
                    rate(now.and_then(|now| now.read_bps)),
                    rate(now.and_then(|now| now.write_bps)),
                    cell(now.and_then(|now| now.read_iops).map(text::count)),
                    cell(now.and_then(|now| now.write_iops).map(text::count)),
                    cell(
                        now.and_then(|now| now.read_latency_ns)
                            .map(text::nanoseconds),
                    ),
                    cell(
                        now.and_then(|now| now.write_latency_ns)
                            .map(text::nanoseconds),
                    ),
                ]
            });
            let headings = [
                "Disk", "Device", "Bus", "Format", "Size", "On host", "Read/s", "Write/s", "R/s",
                "W/s", "R time", "W time",
            ];
            sheet.table(headings, rows.collect());
            sheet.heading("Sources");
            for disk in &definition.disks {
                let source = disk.source.as_deref().unwrap_or("empty");
                let readonly = if disk.readonly { " (read-only)" } else { "" };
                let tone = if disk.source.is_some() {
                    Tone::Normal
                } else {
                    Tone::Dim
                };
                sheet.text(format!("{}  {source}{readonly}", disk.target), tone);
            }
        }
    }
    sheet.render(details.top(), area, painter);
}

/// Draws the network interfaces with all addresses and who told them.
pub fn nics(guest: &Guest, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let mut sheet = Sheet::default();
    if let Some(definition) = definition(guest, &mut sheet) {
        if definition.nics.is_empty() {
            sheet.text("It has no network interfaces.", Tone::Dim);
        } else {
            let rows = definition.nics.iter().map(|nic| nic_row(nic, guest));
            let headings = [
                "MAC", "Type", "Source", "Model", "On host", "Link", "Rx/s", "Tx/s", "Errors",
                "Drops",
            ];
            sheet.table(headings, rows.collect());
        }
        addresses(guest, details, &mut sheet);
    }
    sheet.render(details.top(), area, painter);
}

fn nic_row(nic: &NicInfo, guest: &Guest) -> [(String, Tone); 10] {
    let now = nic.target.as_deref().and_then(|target| {
        let figures = guest.tracked.figures();
        figures.nics.iter().find(|now| now.name == target)
    });
    let trouble = |count: Option<u64>| match count {
        Some(count) if count > 0 => (count.to_string(), Tone::Warn),
        count => cell(count.map(|count| count.to_string())),
    };
    [
        cell(nic.mac.clone()),
        cell(Some(nic.kind.clone())),
        cell(nic.source.clone()),
        cell(nic.model.clone()),
        cell(nic.target.clone()),
        if nic.link_up {
            ("up".to_owned(), Tone::Normal)
        } else {
            ("down".to_owned(), Tone::Warn)
        },
        rate(now.and_then(|now| now.rx_bps)),
        rate(now.and_then(|now| now.tx_bps)),
        trouble(now.and_then(|now| now.errors)),
        trouble(now.and_then(|now| now.drops)),
    ]
}

fn addresses(guest: &Guest, details: &Details, sheet: &mut Sheet) {
    sheet.heading("Addresses");
    if !guest.domain.state.is_active() {
        sheet.text("It does not run.", Tone::Dim);
        return;
    }
    // What the background found stands there until all sources have answered.
    let found = details.addresses.got().unwrap_or(&guest.addresses);
    if !found.is_empty() {
        sheet.table(["Address", "Told by", "Interface", "MAC"], rows_of(found));
    } else if let Some(failure) = details.addresses.failure() {
        for line in failed(failure) {
            sheet.text(line, Tone::Dim);
        }
    } else if details.addresses.got().is_some() {
        sheet.text(
            "Neither guest agent, DHCP leases nor the ARP table know an address.",
            Tone::Dim,
        );
    } else {
        sheet.text("Asking guest agent, leases and ARP table …", Tone::Dim);
    }
}

fn rows_of(found: &[GuestAddress]) -> Vec<[(String, Tone); 4]> {
    found
        .iter()
        .map(|found| {
            let source = match found.source {
                AddressSource::Agent => "guest agent",
                AddressSource::Lease => "DHCP lease",
                AddressSource::Arp => "ARP table",
            };
            [
                (format!("{}/{}", found.address, found.prefix), Tone::Strong),
                cell(Some(source)),
                cell(Some(found.interface.clone())),
                cell(found.mac.clone()),
            ]
        })
        .collect()
}

/// Draws displays and consoles: where they listen, and from where they can be reached.
pub fn displays(
    state: &State,
    guest: &Guest,
    details: &Details,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let mut sheet = Sheet::default();
    let uri: Option<Uri> = state
        .connection(details.id.connection)
        .and_then(|connection| connection.uri().parse().ok());
    if !guest.domain.state.is_active() {
        sheet.text("It does not run: ports are given at the start.", Tone::Dim);
        fixed(guest, &mut sheet);
    } else if definition(guest, &mut sheet).is_some() {
        if guest.endpoints().is_empty() {
            sheet.text("It has neither displays nor consoles.", Tone::Dim);
        }
        for endpoint in guest.endpoints() {
            sheet.heading(endpoint.kind.word());
            sheet.pair("Address", ports::written(endpoint));
            let usable = uri
                .as_ref()
                .and_then(|uri| ports::target_text(endpoint, uri));
            sheet.pair("From here", usable);
            sheet.pair("TLS port", endpoint.tls_port.map(|port| port.to_string()));
            let websocket = endpoint.websocket_port.map(|port| port.to_string());
            sheet.pair("WebSocket port", websocket);
            let reach = endpoint.reach.map(|reach| match reach {
                Reach::Loopback => "its own host only (loopback)",
                Reach::Host => "where this address of the host is reachable",
                Reach::Everywhere => "everywhere: it listens on all addresses of the host",
                Reach::Socket => "its own host only (socket)",
            });
            sheet.pair("Reachable from", reach);
            let password = endpoint
                .password
                .map(|set| if set { "set" } else { "none" });
            match password {
                Some(words) => sheet.pair("Password", Some(words)),
                None => sheet.toned("Password", "not known", Tone::Dim),
            }
            if let Some(warning) = ports::warning(endpoint) {
                sheet.toned("Warning", warning.text(), Tone::Warn);
            }
        }
        if let Some(definition) = guest.domain.definition.as_deref() {
            for error in &definition.endpoint_errors {
                sheet.toned("Left out", error.clone(), Tone::Warn);
            }
        }
        if guest
            .endpoints()
            .iter()
            .any(|e| e.port.is_some() || e.socket.is_some())
        {
            sheet.heading("Viewers");
            let viewers = match guest.viewers.as_slice() {
                [] => ("none since virtty is connected".to_owned(), Tone::Dim),
                viewers => (viewers.join(", "), Tone::Info),
            };
            sheet.toned("Connected", viewers.0, viewers.1);
            sheet.text(
                "y copies addresses, tunnels and viewers' commands.",
                Tone::Dim,
            );
        }
    }
    sheet.render(details.top(), area, painter);
}

fn fixed(guest: &Guest, sheet: &mut Sheet) {
    let Some(definition) = guest.domain.definition.as_deref() else {
        return;
    };
    for port in &definition.fixed_ports {
        let host = port.host.as_deref().unwrap_or("the default address");
        let words = format!("{} {} on {host}", port.kind.word(), port.port);
        sheet.toned("Fixed port", words, Tone::Normal);
    }
}
