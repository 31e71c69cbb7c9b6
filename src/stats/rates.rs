//! The formulas: two reads of the same counters → what happened between them.
//!
//! Sources: libvirt's `virConnectGetAllDomainStats` (names and units of the counters), and virt-manager's and
//! virt-top's definition of guest CPU as Δ`cpu.time` / (Δt · vCPUs).

use std::time::{Duration, Instant};

use super::figures::{
    CpuFigures, DiskFigures, Figures, MemoryFigures, MemorySource, NicFigures, VcpuFigures,
};
use crate::model::{BalloonSample, BlockSample, DomainSample, NetSample, VcpuSample};

/// Figures of the time between two samples of one domain. Groups that `current` does not carry are empty; groups
/// that `previous` does not carry give figures without rates.
#[must_use]
pub fn rates(previous: &DomainSample, current: &DomainSample) -> Figures {
    let span = Span::between(previous.at, current.at);
    let vcpus = current
        .vcpu_count
        .or(previous.vcpu_count)
        .or_else(|| counted(current.vcpus.len()));
    Figures {
        cpu: current
            .cpu_time_ns
            .map(|now| cpu(span, previous.cpu_time_ns, now, vcpus, current.at)),
        vcpus: each_vcpu(span, &previous.vcpus, &current.vcpus),
        memory: current
            .balloon
            .as_ref()
            .map(|balloon| memory(balloon, current.at)),
        disks_at: current.blocks.as_ref().map(|_| current.at),
        disks: current.blocks.as_ref().map_or_else(Vec::new, |now| {
            disks(span, previous.blocks.as_deref().unwrap_or(&[]), now)
        }),
        nics_at: current.nets.as_ref().map(|_| current.at),
        nics: current.nets.as_ref().map_or_else(Vec::new, |now| {
            nics(span, previous.nets.as_deref().unwrap_or(&[]), now)
        }),
    }
}

/// The number of vCPUs as the list of them counts; `None` for an empty list.
pub(super) fn counted(vcpus: usize) -> Option<u32> {
    u32::try_from(vcpus).ok().filter(|count| *count > 0)
}

/// Time between two reads: positive, or there is no rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(Option<f64>);

impl Span {
    /// No former read, or one too old to speak of the present.
    pub(super) const UNKNOWN: Self = Self(None);

    /// From `from` to `to`; unknown when `to` is not later.
    pub(super) fn between(from: Instant, to: Instant) -> Self {
        Self(
            to.checked_duration_since(from)
                .filter(|span| *span > Duration::ZERO)
                .map(|span| span.as_secs_f64()),
        )
    }

    /// Δ a second; `None` when either read is missing or the counter went back.
    fn rate(self, before: Option<u64>, now: Option<u64>) -> Option<f64> {
        Some(difference(before, now)? as f64 / self.0?)
    }

    /// Δ of a time in ns as a part of the time passed, 0..=100.
    fn percent(self, before: Option<u64>, now: Option<u64>) -> Option<f64> {
        Some((self.rate(before, now)? / 1e7).clamp(0.0, 100.0))
    }

    /// Mean time of a request; `None` when there was none.
    fn latency(self, times: [Option<u64>; 2], requests: [Option<u64>; 2]) -> Option<f64> {
        self.0?;
        let requests = difference(requests[0], requests[1]).filter(|count| *count > 0)?;
        Some(difference(times[0], times[1])? as f64 / requests as f64)
    }
}

/// How much a counter grew; `None` when it went back (the guest was restarted, the device replaced).
fn difference(before: Option<u64>, now: Option<u64>) -> Option<u64> {
    now?.checked_sub(before?)
}

pub(super) fn cpu(
    span: Span,
    before: Option<u64>,
    now: u64,
    vcpus: Option<u32>,
    at: Instant,
) -> CpuFigures {
    let cores = span.rate(before, Some(now)).map(|ns| ns / 1e9);
    let vcpus = vcpus.filter(|count| *count > 0);
    CpuFigures {
        at,
        cores,
        guest_percent: cores
            .zip(vcpus)
            .map(|(cores, vcpus)| (cores * 100.0 / f64::from(vcpus)).clamp(0.0, 100.0)),
    }
}

pub(super) fn each_vcpu(span: Span, before: &[VcpuSample], now: &[VcpuSample]) -> Vec<VcpuFigures> {
    let mut figures: Vec<_> = now
        .iter()
        .map(|vcpu| {
            let before = before.iter().find(|other| other.number == vcpu.number);
            VcpuFigures {
                number: vcpu.number,
                percent: span.percent(before.map(|b| b.time_ns), Some(vcpu.time_ns)),
                wait_percent: span.percent(before.and_then(|b| b.wait_ns), vcpu.wait_ns),
                steal_percent: span.percent(before.and_then(|b| b.delay_ns), vcpu.delay_ns),
            }
        })
        .collect();
    figures.sort_by_key(|vcpu| vcpu.number);
    figures
}

pub(super) fn memory(balloon: &BalloonSample, at: Instant) -> MemoryFigures {
    // A balloon driver that never reported leaves last-update at 0 and its figures meaningless.
    let reported = balloon.last_update != Some(0);
    let in_guest = balloon
        .available_kib
        .or(balloon.current_kib)
        .zip(balloon.usable_kib)
        .filter(|_| reported)
        .and_then(|(available, usable)| available.checked_sub(usable));
    MemoryFigures {
        at,
        used_kib: in_guest.or(balloon.current_kib),
        source: match in_guest {
            Some(_) => MemorySource::Guest,
            None => MemorySource::Balloon,
        },
        usable_kib: balloon.usable_kib.filter(|_| in_guest.is_some()),
        current_kib: balloon.current_kib,
        maximum_kib: balloon.maximum_kib.or(balloon.current_kib),
        rss_kib: balloon.rss_kib,
    }
}

pub(super) fn disks(span: Span, before: &[BlockSample], now: &[BlockSample]) -> Vec<DiskFigures> {
    now.iter()
        .map(|disk| {
            let none = BlockSample::default();
            let was = before
                .iter()
                .find(|other| other.name == disk.name)
                .unwrap_or(&none);
            DiskFigures {
                name: disk.name.clone(),
                read_bps: span.rate(was.read_bytes, disk.read_bytes),
                write_bps: span.rate(was.write_bytes, disk.write_bytes),
                read_iops: span.rate(was.read_requests, disk.read_requests),
                write_iops: span.rate(was.write_requests, disk.write_requests),
                read_latency_ns: span.latency(
                    [was.read_time_ns, disk.read_time_ns],
                    [was.read_requests, disk.read_requests],
                ),
                write_latency_ns: span.latency(
                    [was.write_time_ns, disk.write_time_ns],
                    [was.write_requests, disk.write_requests],
                ),
                capacity_bytes: disk.capacity_bytes,
                allocation_bytes: disk.allocation_bytes,
                physical_bytes: disk.physical_bytes,
            }
        })
        .collect()
}

pub(super) fn nics(span: Span, before: &[NetSample], now: &[NetSample]) -> Vec<NicFigures> {
    now.iter()
        .map(|nic| {
            let none = NetSample::default();
            let was = before
                .iter()
                .find(|other| other.name == nic.name)
                .unwrap_or(&none);
            NicFigures {
                name: nic.name.clone(),
                rx_bps: span.rate(was.rx_bytes, nic.rx_bytes),
                tx_bps: span.rate(was.tx_bytes, nic.tx_bytes),
                rx_pps: span.rate(was.rx_packets, nic.rx_packets),
                tx_pps: span.rate(was.tx_packets, nic.tx_packets),
                rx_eps: span.rate(was.rx_errors, nic.rx_errors),
                tx_eps: span.rate(was.tx_errors, nic.tx_errors),
                rx_dps: span.rate(was.rx_drops, nic.rx_drops),
                tx_dps: span.rate(was.tx_drops, nic.tx_drops),
                errors: total(nic.rx_errors, nic.tx_errors),
                drops: total(nic.rx_drops, nic.tx_drops),
            }
        })
        .collect()
}

/// Both directions together; `None` when neither is known.
fn total(received: Option<u64>, sent: Option<u64>) -> Option<u64> {
    match (received, sent) {
        (None, None) => None,
        (received, sent) => Some(received.unwrap_or(0).saturating_add(sent.unwrap_or(0))),
    }
}

#[cfg(test)]
#[path = "rates_tests.rs"]
mod tests;
