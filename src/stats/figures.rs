//! What is shown of a domain, made of counters.

use std::time::Instant;

/// Everything known of a running domain at present. A group that was never read is `None` or empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// CPU of the whole domain.
    pub cpu: Option<CpuFigures>,
    /// Each vCPU, in the order of its number.
    pub vcpus: Vec<VcpuFigures>,
    /// Memory.
    pub memory: Option<MemoryFigures>,
    /// When the disks were last read.
    pub disks_at: Option<Instant>,
    /// Each disk, in libvirt's order.
    pub disks: Vec<DiskFigures>,
    /// When the NICs were last read.
    pub nics_at: Option<Instant>,
    /// Each NIC, in libvirt's order.
    pub nics: Vec<NicFigures>,
}

/// CPU use of the whole domain between two reads of `cpu.time`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CpuFigures {
    /// When it was read.
    pub at: Instant,
    /// Host CPUs kept busy: Δ`cpu.time` / Δt. 1.0 is one whole host CPU; the emulator's own threads count too.
    pub cores: Option<f64>,
    /// Part of what the vCPUs could do: `cores` / vCPUs, 0..=100.
    pub guest_percent: Option<f64>,
}

impl CpuFigures {
    /// Part of the host's CPUs, 0..=100; `None` when the host's count is not known.
    #[must_use]
    pub fn host_percent(&self, host_cpus: u32) -> Option<f64> {
        (host_cpus > 0).then_some(())?;
        Some((self.cores? * 100.0 / f64::from(host_cpus)).clamp(0.0, 100.0))
    }
}

/// One vCPU between two reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VcpuFigures {
    /// Its number.
    pub number: u32,
    /// Busy, 0..=100: Δ`vcpu.N.time` / Δt.
    pub percent: Option<f64>,
    /// Waiting, 0..=100: Δ`vcpu.N.wait` / Δt (`wait_sum` of the thread in `/proc/PID/task/TID/sched`).
    pub wait_percent: Option<f64>,
    /// Ready but not run by the host, 0..=100: Δ`vcpu.N.delay` / Δt (`run_delay` in `/proc/PID/task/TID/schedstat`).
    /// A guest sees it as steal time.
    pub steal_percent: Option<f64>,
}

/// Who said how much memory is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemorySource {
    /// The guest's balloon driver: what its kernel sees less what it could still give (`available` - `usable`).
    Guest,
    /// The balloon's size: what the host gave, of which the guest may use any part.
    Balloon,
}

/// Memory of a domain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemoryFigures {
    /// When it was read.
    pub at: Instant,
    /// Used, in KiB.
    pub used_kib: Option<u64>,
    /// Who said so.
    pub source: MemorySource,
    /// What the guest says that it could still use without swapping, in KiB (`balloon.usable`); what its kernel keeps for itself
    /// is neither in this nor used.
    pub usable_kib: Option<u64>,
    /// Present size of the balloon in KiB (`balloon.current`).
    pub current_kib: Option<u64>,
    /// Largest size in KiB (`balloon.maximum`).
    pub maximum_kib: Option<u64>,
    /// Resident memory of the hypervisor process in KiB (`balloon.rss`).
    pub rss_kib: Option<u64>,
}

impl MemoryFigures {
    /// Used part of the largest size, 0..=100.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        let maximum = self.maximum_kib.filter(|maximum| *maximum > 0)?;
        Some((self.used_kib? as f64 * 100.0 / maximum as f64).clamp(0.0, 100.0))
    }
}

/// One disk between two reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DiskFigures {
    /// Target, such as `vda`.
    pub name: String,
    /// Bytes a second read.
    pub read_bps: Option<f64>,
    /// Bytes a second written.
    pub write_bps: Option<f64>,
    /// Reads a second.
    pub read_iops: Option<f64>,
    /// Writes a second.
    pub write_iops: Option<f64>,
    /// Mean time of a read in ns: Δ`rd.times` / Δ`rd.reqs`; `None` when there was none.
    pub read_latency_ns: Option<f64>,
    /// Mean time of a write in ns: Δ`wr.times` / Δ`wr.reqs`; `None` when there was none.
    pub write_latency_ns: Option<f64>,
    /// Size the guest sees, in bytes.
    pub capacity_bytes: Option<u64>,
    /// Highest written offset, in bytes.
    pub allocation_bytes: Option<u64>,
    /// Size on the host, in bytes.
    pub physical_bytes: Option<u64>,
}

/// One NIC between two reads, from the guest's point of view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NicFigures {
    /// Tap on the host, such as `vnet0`.
    pub name: String,
    /// Bytes a second received.
    pub rx_bps: Option<f64>,
    /// Bytes a second sent.
    pub tx_bps: Option<f64>,
    /// Packets a second received.
    pub rx_pps: Option<f64>,
    /// Packets a second sent.
    pub tx_pps: Option<f64>,
    /// Receive errors a second.
    pub rx_eps: Option<f64>,
    /// Transmit errors a second.
    pub tx_eps: Option<f64>,
    /// Received packets dropped a second.
    pub rx_dps: Option<f64>,
    /// Sent packets dropped a second.
    pub tx_dps: Option<f64>,
    /// Receive and transmit errors since the NIC was plugged in.
    pub errors: Option<u64>,
    /// Receive and transmit drops since the NIC was plugged in.
    pub drops: Option<u64>,
}

impl Figures {
    /// Nothing is known.
    pub const NONE: Self = Self {
        cpu: None,
        vcpus: Vec::new(),
        memory: None,
        disks_at: None,
        disks: Vec::new(),
        nics_at: None,
        nics: Vec::new(),
    };

    /// CPU in use, 0..=100 of the guest's vCPUs.
    #[must_use]
    pub fn cpu_percent(&self) -> Option<f64> {
        self.cpu.as_ref()?.guest_percent
    }

    /// Bytes a second read by all disks whose rate is known.
    #[must_use]
    pub fn disk_read_bps(&self) -> Option<f64> {
        sum(self.disks.iter().map(|disk| disk.read_bps))
    }

    /// Bytes a second written by all disks whose rate is known.
    #[must_use]
    pub fn disk_write_bps(&self) -> Option<f64> {
        sum(self.disks.iter().map(|disk| disk.write_bps))
    }

    /// Bytes a second received by all NICs whose rate is known.
    #[must_use]
    pub fn net_rx_bps(&self) -> Option<f64> {
        sum(self.nics.iter().map(|nic| nic.rx_bps))
    }

    /// Bytes a second sent by all NICs whose rate is known.
    #[must_use]
    pub fn net_tx_bps(&self) -> Option<f64> {
        sum(self.nics.iter().map(|nic| nic.tx_bps))
    }

    /// Bytes a second read and written by all disks.
    #[must_use]
    pub fn disk_bps(&self) -> Option<f64> {
        sum([self.disk_read_bps(), self.disk_write_bps()].into_iter())
    }

    /// Bytes a second received and sent by all NICs.
    #[must_use]
    pub fn net_bps(&self) -> Option<f64> {
        sum([self.net_rx_bps(), self.net_tx_bps()].into_iter())
    }
}

/// Sum of what is known; `None` when nothing is.
fn sum(rates: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    rates.flatten().reduce(|left, right| left + right)
}
