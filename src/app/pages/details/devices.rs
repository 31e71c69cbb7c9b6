//! Disks and network interfaces: what they are, and their present figures.

use super::Details;
use super::overview::source_word;
use super::sheet::{Sheet, SheetLine, Word, left, right, word};
use crate::app::{Guest, State, Tone};
use crate::model::{Definition, DiskInfo, GuestAddress, NicInfo};
use crate::stats::{DiskFigures, NicFigures};
use crate::text;

fn rate(value: Option<f64>) -> Word {
    word(value.map(text::rate))
}

fn count(value: Option<f64>) -> Word {
    word(value.map(text::count))
}

/// The definition, or a sheet that says why there is none.
pub(super) fn definition<'a>(guest: &'a Guest, sheet: &mut Sheet) -> Option<&'a Definition> {
    let definition = guest.domain.definition.as_deref();
    if definition.is_none() {
        match &guest.domain.definition_error {
            Some(why) => sheet.text(format!("The XML cannot be read: {why}"), Tone::Warn),
            None => sheet.text("Reading the XML …", Tone::Dim),
        }
    }
    definition
}

/// The disks.
pub(super) fn disks(guest: &Guest, width: u16) -> Vec<SheetLine> {
    let mut sheet = Sheet::default();
    let Some(definition) = definition(guest, &mut sheet) else {
        return sheet.lines(width);
    };
    if definition.disks.is_empty() {
        sheet.text("It has no disks.", Tone::Dim);
        return sheet.lines(width);
    }
    let figures = guest.tracked.figures();
    let now = |disk: &DiskInfo| figures.disks.iter().find(|now| now.name == disk.target);
    let heads = [
        left("Disk"),
        left("Device"),
        left("Bus"),
        left("Format"),
        right("Size"),
        right("Allocated"),
        right("On host"),
        left("Source"),
    ];
    let rows = definition.disks.iter().map(|disk| what(disk, now(disk)));
    sheet.table(heads, rows.collect());
    if guest.domain.state.is_active() {
        sheet.heading("Now");
        let heads = [
            left("Disk"),
            right("Read/s"),
            right("Write/s"),
            right("Reads/s"),
            right("Writes/s"),
            right("Read time"),
            right("Write time"),
        ];
        let rows = definition.disks.iter().map(|disk| {
            let now = now(disk);
            let time = |value: Option<f64>| word(value.map(text::nanoseconds));
            [
                (disk.target.clone(), Tone::Strong),
                rate(now.and_then(|now| now.read_bps)),
                rate(now.and_then(|now| now.write_bps)),
                count(now.and_then(|now| now.read_iops)),
                count(now.and_then(|now| now.write_iops)),
                time(now.and_then(|now| now.read_latency_ns)),
                time(now.and_then(|now| now.write_latency_ns)),
            ]
        });
        sheet.table(heads, rows.collect());
    } else {
        sheet.text("", Tone::Dim);
        sheet.text(
            "It does not run: sizes and rates are told while it does.",
            Tone::Dim,
        );
    }
    sheet.lines(width)
}

fn what(disk: &DiskInfo, now: Option<&DiskFigures>) -> [Word; 8] {
    let size = |bytes: Option<u64>| word(bytes.map(text::bytes));
    let readonly = if disk.readonly { " (read-only)" } else { "" };
    [
        (disk.target.clone(), Tone::Strong),
        word(Some(disk.device.clone()).filter(|device| !device.is_empty())),
        word(disk.bus.clone()),
        word(disk.format.clone()),
        size(now.and_then(|now| now.capacity_bytes)),
        size(now.and_then(|now| now.allocation_bytes)),
        size(now.and_then(|now| now.physical_bytes)),
        match &disk.source {
            Some(source) => (format!("{source}{readonly}"), Tone::Normal),
            None => (format!("empty{readonly}"), Tone::Dim),
        },
    ]
}

/// The network interfaces with all addresses and who told them.
pub(super) fn nics(state: &State, guest: &Guest, details: &Details, width: u16) -> Vec<SheetLine> {
    let mut sheet = Sheet::default();
    if let Some(definition) = definition(guest, &mut sheet) {
        if definition.nics.is_empty() {
            sheet.text("It has no network interfaces.", Tone::Dim);
        } else {
            interfaces(guest, &definition.nics, &mut sheet);
        }
        addresses(state, guest, details, &mut sheet);
    }
    sheet.lines(width)
}

fn interfaces(guest: &Guest, nics: &[NicInfo], sheet: &mut Sheet) {
    let heads = [
        left("MAC"),
        left("Type"),
        left("Model"),
        left("On host"),
        left("Link"),
        left("Source"),
    ];
    let rows = nics.iter().map(|nic| {
        let link = if nic.link_up {
            ("up".to_owned(), Tone::Normal)
        } else {
            ("down".to_owned(), Tone::Warn)
        };
        [
            match &nic.mac {
                Some(mac) => (mac.clone(), Tone::Strong),
                None => word(None::<String>),
            },
            word(Some(nic.kind.clone())),
            word(nic.model.clone()),
            word(nic.target.clone()),
            link,
            word(nic.source.clone()),
        ]
    });
    sheet.table(heads, rows.collect());
    if !guest.domain.state.is_active() {
        return;
    }
    sheet.heading("Now");
    let heads = [
        left("On host"),
        right("Rx/s"),
        right("Tx/s"),
        right("Rx packets/s"),
        right("Tx packets/s"),
        right("Errors"),
        right("Drops"),
    ];
    let rows = nics.iter().map(|nic| {
        let figures = guest.tracked.figures();
        let now = nic
            .target
            .as_deref()
            .and_then(|target| figures.nics.iter().find(|now| now.name == target));
        traffic(nic, now)
    });
    sheet.table(heads, rows.collect());
}

fn traffic(nic: &NicInfo, now: Option<&NicFigures>) -> [Word; 7] {
    let both = |a: Option<f64>, b: Option<f64>| a.unwrap_or(0.0) + b.unwrap_or(0.0);
    [
        match &nic.target {
            Some(target) => (target.clone(), Tone::Strong),
            None => word(nic.mac.clone()),
        },
        rate(now.and_then(|now| now.rx_bps)),
        rate(now.and_then(|now| now.tx_bps)),
        count(now.and_then(|now| now.rx_pps)),
        count(now.and_then(|now| now.tx_pps)),
        trouble(now.and_then(|now| Some((now.errors?, both(now.rx_eps, now.tx_eps))))),
        trouble(now.and_then(|now| Some((now.drops?, both(now.rx_dps, now.tx_dps))))),
    ]
}

/// How many since the NIC was plugged in, and how many a second now.
fn trouble(counted: Option<(u64, f64)>) -> Word {
    match counted {
        Some((total, now)) if now > 0.0 => {
            let words = format!("{} +{}/s", text::count(total as f64), text::count(now));
            (words, Tone::Warn)
        }
        counted => word(counted.map(|(total, _)| text::count(total as f64))),
    }
}

fn addresses(state: &State, guest: &Guest, details: &Details, sheet: &mut Sheet) {
    sheet.heading("Addresses");
    if !guest.domain.state.is_active() {
        sheet.text("It does not run.", Tone::Dim);
        return;
    }
    // What the background found stands there until all sources have answered.
    let found = details.addresses.got().unwrap_or(&guest.addresses);
    if !found.is_empty() {
        let heads = [
            left("Address"),
            left("Told by"),
            left("Interface"),
            left("MAC"),
        ];
        sheet.table(heads, rows_of(found));
    } else if details.addresses.got().is_some() {
        sheet.text(
            "Neither guest agent, DHCP leases nor the ARP table know an address.",
            Tone::Dim,
        );
    } else {
        for line in details.waiting(state, &details.addresses, "the addresses") {
            sheet.text(line, Tone::Dim);
        }
    }
}

fn rows_of(found: &[GuestAddress]) -> Vec<[Word; 4]> {
    found
        .iter()
        .map(|found| {
            [
                (format!("{}/{}", found.address, found.prefix), Tone::Strong),
                word(Some(source_word(found.source))),
                word(Some(found.interface.clone())),
                word(found.mac.clone()),
            ]
        })
        .collect()
}
