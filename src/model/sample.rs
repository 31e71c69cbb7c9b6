//! Raw counters of one domain at one moment. Rates are made of two of them in `stats`.

use std::time::Instant;

use super::{DomainState, StateReason, Uuid};

/// What one read of a domain's statistics gave. Counters are cumulative, so a lost sample is harmless.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainSample {
    /// Which domain.
    pub uuid: Uuid,
    /// Monotonic time of the read (the answer's arrival).
    pub at: Instant,
    /// `state.state`, where asked for.
    pub state: Option<(DomainState, StateReason)>,
    /// `cpu.time` in ns. Always `None` for a domain that is not running: libvirt 9.0 gives a value there that means nothing.
    pub cpu_time_ns: Option<u64>,
    /// vCPUs online (`vcpu.current`).
    pub vcpu_count: Option<u32>,
    /// Per vCPU counters; empty when the group was not read.
    pub vcpus: Vec<VcpuSample>,
    /// Balloon figures; `None` when the group was not read.
    pub balloon: Option<BalloonSample>,
    /// Per disk counters; `None` when the group was not read.
    pub blocks: Option<Vec<BlockSample>>,
    /// Per NIC counters; `None` when the group was not read.
    pub nets: Option<Vec<NetSample>>,
}

/// `vcpu.<n>.*`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VcpuSample {
    /// vCPU number.
    pub number: u32,
    /// `time` in ns.
    pub time_ns: u64,
    /// `wait` in ns: runnable but not running on the host (steal, seen from inside).
    pub wait_ns: Option<u64>,
    /// `delay` in ns.
    pub delay_ns: Option<u64>,
}

/// `balloon.*`, in KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BalloonSample {
    /// `current`.
    pub current_kib: Option<u64>,
    /// `maximum`.
    pub maximum_kib: Option<u64>,
    /// `usable`: what the guest could still use without swapping.
    pub usable_kib: Option<u64>,
    /// `unused`.
    pub unused_kib: Option<u64>,
    /// `available`: memory the guest's kernel sees.
    pub available_kib: Option<u64>,
    /// `rss` of the hypervisor process.
    pub rss_kib: Option<u64>,
    /// `swap_in`, cumulative KiB.
    pub swap_in_kib: Option<u64>,
    /// `swap_out`, cumulative KiB.
    pub swap_out_kib: Option<u64>,
    /// `last-update`: seconds since the epoch of the guest's report.
    pub last_update: Option<u64>,
}

/// `block.<n>.*`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockSample {
    /// Target name, `vda`.
    pub name: String,
    /// `rd.bytes`.
    pub read_bytes: Option<u64>,
    /// `rd.reqs`.
    pub read_requests: Option<u64>,
    /// `rd.times` in ns.
    pub read_time_ns: Option<u64>,
    /// `wr.bytes`.
    pub write_bytes: Option<u64>,
    /// `wr.reqs`.
    pub write_requests: Option<u64>,
    /// `wr.times` in ns.
    pub write_time_ns: Option<u64>,
    /// `capacity` in bytes: the guest's view of the size.
    pub capacity_bytes: Option<u64>,
    /// `allocation` in bytes: highest written offset.
    pub allocation_bytes: Option<u64>,
    /// `physical` in bytes: size on the host.
    pub physical_bytes: Option<u64>,
}

/// `net.<n>.*`; receive and transmit from the guest's point of view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetSample {
    /// Name of the tap on the host.
    pub name: String,
    /// `rx.bytes`.
    pub rx_bytes: Option<u64>,
    /// `rx.pkts`.
    pub rx_packets: Option<u64>,
    /// `rx.errs`.
    pub rx_errors: Option<u64>,
    /// `rx.drop`.
    pub rx_drops: Option<u64>,
    /// `tx.bytes`.
    pub tx_bytes: Option<u64>,
    /// `tx.pkts`.
    pub tx_packets: Option<u64>,
    /// `tx.errs`.
    pub tx_errors: Option<u64>,
    /// `tx.drop`.
    pub tx_drops: Option<u64>,
}
