//! One domain in one interval, as JSON and as a row.

use std::io::Write as _;
use std::time::Instant;

use serde::Serialize;

use super::watch::Watched;
use crate::cli::Problem;
use crate::cli::output::{self, Align, Output};
use crate::stats::{DiskFigures, MemorySource, NicFigures, VcpuFigures};
use crate::text::{bytes, percent, rate, visible};

/// The figures of a domain; what is not known is null.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    time: &'a str,
    connection: &'a str,
    domain: &'a str,
    uuid: String,
    state: &'static str,
    /// Null for a domain that is off.
    responding: Option<bool>,
    not_responding_seconds: Option<f64>,
    cpu_percent: Option<f64>,
    host_cpu_percent: Option<f64>,
    memory_kib: Option<u64>,
    memory_source: Option<&'static str>,
    current_memory_kib: Option<u64>,
    max_memory_kib: Option<u64>,
    disk_read_bytes_per_second: Option<f64>,
    disk_write_bytes_per_second: Option<f64>,
    net_rx_bytes_per_second: Option<f64>,
    net_tx_bytes_per_second: Option<f64>,
    vcpus: Vec<Vcpu>,
    disks: Vec<Disk<'a>>,
    nics: Vec<Nic<'a>>,
}

#[derive(Debug, Serialize)]
struct Vcpu {
    number: u32,
    percent: Option<f64>,
    wait_percent: Option<f64>,
    steal_percent: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Disk<'a> {
    target: &'a str,
    read_bytes_per_second: Option<f64>,
    write_bytes_per_second: Option<f64>,
    read_requests_per_second: Option<f64>,
    write_requests_per_second: Option<f64>,
    read_latency_ms: Option<f64>,
    write_latency_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Nic<'a> {
    target: &'a str,
    rx_bytes_per_second: Option<f64>,
    tx_bytes_per_second: Option<f64>,
    rx_packets_per_second: Option<f64>,
    tx_packets_per_second: Option<f64>,
    rx_errors_per_second: Option<f64>,
    tx_errors_per_second: Option<f64>,
    rx_drops_per_second: Option<f64>,
    tx_drops_per_second: Option<f64>,
}

impl<'a> Line<'a> {
    /// The figures of `watched` that were read after `oldest`.
    pub fn new(
        time: &'a str,
        connection: &'a str,
        watched: &'a Watched,
        oldest: Option<Instant>,
    ) -> Self {
        let domain = &watched.domain;
        let active = domain.state.is_active();
        let figures = watched.tracked.figures();
        let fresh = |at: Instant| active && oldest.is_none_or(|oldest| at >= oldest);
        let cpu = figures.cpu.filter(|cpu| fresh(cpu.at));
        let memory = figures.memory.filter(|memory| fresh(memory.at));
        let disks = figures.disks_at.is_some_and(fresh);
        let nics = figures.nics_at.is_some_and(fresh);
        let known = |known: bool, value: Option<f64>| value.filter(|_| known).map(rounded);
        let hung = watched.hung_since.filter(|_| active);
        Self {
            time,
            connection,
            domain: &domain.name,
            uuid: domain.id.uuid.to_string(),
            state: domain.state.virsh_word(),
            responding: active.then_some(hung.is_none() && watched.connected),
            not_responding_seconds: hung.map(|since| rounded(since.elapsed().as_secs_f64())),
            cpu_percent: cpu.and_then(|cpu| cpu.guest_percent).map(rounded),
            host_cpu_percent: cpu
                .and_then(|cpu| cpu.host_percent(watched.host_cpus?))
                .map(rounded),
            memory_kib: memory.and_then(|memory| memory.used_kib),
            memory_source: memory
                .filter(|memory| memory.used_kib.is_some())
                .map(|memory| match memory.source {
                    MemorySource::Guest => "guest",
                    MemorySource::Balloon => "balloon",
                }),
            current_memory_kib: memory.and_then(|memory| memory.current_kib),
            max_memory_kib: memory
                .and_then(|memory| memory.maximum_kib)
                .or(domain.max_memory_kib),
            disk_read_bytes_per_second: known(disks, figures.disk_read_bps()),
            disk_write_bytes_per_second: known(disks, figures.disk_write_bps()),
            net_rx_bytes_per_second: known(nics, figures.net_rx_bps()),
            net_tx_bytes_per_second: known(nics, figures.net_tx_bps()),
            vcpus: figures
                .vcpus
                .iter()
                .filter(|_| cpu.is_some() && hung.is_none())
                .map(vcpu)
                .collect(),
            disks: figures.disks.iter().filter(|_| disks).map(disk).collect(),
            nics: figures.nics.iter().filter(|_| nics).map(nic).collect(),
        }
    }
}

/// Three decimals are more than a counter tells.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn vcpu(figures: &VcpuFigures) -> Vcpu {
    Vcpu {
        number: figures.number,
        percent: figures.percent.map(rounded),
        wait_percent: figures.wait_percent.map(rounded),
        steal_percent: figures.steal_percent.map(rounded),
    }
}

fn disk(figures: &DiskFigures) -> Disk<'_> {
    let ms = |ns: Option<f64>| ns.map(|ns| rounded(ns / 1e6));
    Disk {
        target: &figures.name,
        read_bytes_per_second: figures.read_bps.map(rounded),
        write_bytes_per_second: figures.write_bps.map(rounded),
        read_requests_per_second: figures.read_iops.map(rounded),
        write_requests_per_second: figures.write_iops.map(rounded),
        read_latency_ms: ms(figures.read_latency_ns),
        write_latency_ms: ms(figures.write_latency_ns),
    }
}

fn nic(figures: &NicFigures) -> Nic<'_> {
    Nic {
        target: &figures.name,
        rx_bytes_per_second: figures.rx_bps.map(rounded),
        tx_bytes_per_second: figures.tx_bps.map(rounded),
        rx_packets_per_second: figures.rx_pps.map(rounded),
        tx_packets_per_second: figures.tx_pps.map(rounded),
        rx_errors_per_second: figures.rx_eps.map(rounded),
        tx_errors_per_second: figures.tx_eps.map(rounded),
        rx_drops_per_second: figures.rx_dps.map(rounded),
        tx_drops_per_second: figures.tx_dps.map(rounded),
    }
}

/// Prints the lines as a table under the time of the interval.
pub(super) fn table(
    time: &str,
    lines: &[Line<'_>],
    several: bool,
    out: &mut Output,
) -> Result<(), Problem> {
    let dash = || "–".to_owned();
    let rate_or_dash = |value: Option<f64>| value.map_or_else(dash, rate);
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let name = visible(line.domain);
            let state = match line.not_responding_seconds {
                Some(seconds) => format!("{} (not responding {seconds:.0} s)", line.state),
                None => line.state.to_owned(),
            };
            [
                if several {
                    format!("{name} ({})", visible(line.connection))
                } else {
                    name.into_owned()
                },
                state,
                line.cpu_percent.map_or_else(dash, percent),
                line.memory_kib
                    .map_or_else(dash, |kib| bytes(kib.saturating_mul(1024))),
                rate_or_dash(line.disk_read_bytes_per_second),
                rate_or_dash(line.disk_write_bytes_per_second),
                rate_or_dash(line.net_rx_bytes_per_second),
                rate_or_dash(line.net_tx_bytes_per_second),
            ]
        })
        .collect();
    writeln!(out, "{time}")?;
    let headings = [
        ("NAME", Align::Left),
        ("STATE", Align::Left),
        ("CPU", Align::Right),
        ("MEMORY", Align::Right),
        ("READ/s", Align::Right),
        ("WRITE/s", Align::Right),
        ("RX/s", Align::Right),
        ("TX/s", Align::Right),
    ];
    output::table(out, headings, &rows)?;
    Ok(())
}
