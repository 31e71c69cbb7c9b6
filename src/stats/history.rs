//! What is kept of one domain's past.

use std::time::{Duration, Instant};

use super::figures::{DiskFigures, Figures, NicFigures, VcpuFigures};
use super::timeline::{Reading, Timeline};

/// How long a device's past is kept after nobody looked at it, or it was unplugged.
const DEVICE_LINGERS: Duration = Duration::from_secs(600);

/// Series kept for every domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalSeries {
    /// Guest CPU, 0..=100.
    Cpu,
    /// Used memory in KiB.
    Memory,
    /// Bytes a second read from all disks.
    DiskRead,
    /// Bytes a second written to all disks.
    DiskWrite,
    /// Bytes a second received on all NICs.
    NetRx,
    /// Bytes a second sent on all NICs.
    NetTx,
}

/// Series of one vCPU, each 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VcpuSeries {
    /// Busy.
    Busy,
    /// Waiting.
    Wait,
    /// Ready but not run.
    Steal,
}

/// Series of one disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskSeries {
    /// Bytes a second read.
    Read,
    /// Bytes a second written.
    Write,
    /// Reads a second.
    ReadIops,
    /// Writes a second.
    WriteIops,
    /// Mean time of a read in ns.
    ReadLatency,
    /// Mean time of a write in ns.
    WriteLatency,
}

/// Series of one NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NicSeries {
    /// Bytes a second received.
    Rx,
    /// Bytes a second sent.
    Tx,
    /// Packets a second received.
    RxPackets,
    /// Packets a second sent.
    TxPackets,
    /// Errors a second, both directions.
    Errors,
    /// Drops a second, both directions.
    Drops,
}

const TOTALS: usize = 6;
const OF_VCPU: usize = 3;
const OF_DISK: usize = 6;
const OF_NIC: usize = 6;

/// The past of one domain: totals always, devices while somebody looks at them. A domain that never ran keeps
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct History {
    totals: Option<Box<Timeline>>,
    devices: Option<Box<Devices>>,
}

#[derive(Debug, Clone, Default)]
struct Devices {
    vcpus: Vec<(u32, Timeline)>,
    disks: Vec<(String, Timeline)>,
    nics: Vec<(String, Timeline)>,
}

impl History {
    /// Nothing is kept.
    pub const NONE: Self = Self {
        totals: None,
        devices: None,
    };

    /// Takes figures in that were read at `at`: only the groups that this read carried. `devices` says whether
    /// somebody looks at the devices.
    pub fn record(&mut self, at: Instant, read: &Figures, longest: Duration, devices: bool) {
        let line = |series| Timeline::new(series, at).with_longest(longest);
        let totals = self.totals.get_or_insert_with(|| Box::new(line(TOTALS)));
        totals.record(at, &total_readings(read));
        if devices {
            self.devices
                .get_or_insert_with(Box::default)
                .record(at, read, line);
        } else if self
            .devices
            .as_ref()
            .is_some_and(|devices| devices.is_forgotten(at))
        {
            self.devices = None;
        }
    }

    /// The domain stopped, or the connection was lost: nothing is known up to `at`.
    pub fn gap(&mut self, at: Instant) {
        if let Some(totals) = &mut self.totals {
            totals.gap(at);
        }
        for line in self
            .devices
            .iter_mut()
            .flat_map(|devices| devices.lines_mut())
        {
            line.gap(at);
        }
    }

    /// The totals' timeline; its series are [`TotalSeries`].
    #[must_use]
    pub fn totals(&self) -> Option<&Timeline> {
        self.totals.as_deref()
    }

    /// The timeline of a vCPU; its series are [`VcpuSeries`].
    #[must_use]
    pub fn vcpu(&self, number: u32) -> Option<&Timeline> {
        let devices = self.devices.as_deref()?;
        find(&devices.vcpus, &number)
    }

    /// The timeline of a disk; its series are [`DiskSeries`].
    #[must_use]
    pub fn disk(&self, name: &str) -> Option<&Timeline> {
        let devices = self.devices.as_deref()?;
        devices
            .disks
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, line)| line)
    }

    /// The timeline of a NIC; its series are [`NicSeries`].
    #[must_use]
    pub fn nic(&self, name: &str) -> Option<&Timeline> {
        let devices = self.devices.as_deref()?;
        devices
            .nics
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, line)| line)
    }

    /// vCPUs with a timeline.
    pub fn vcpus(&self) -> impl Iterator<Item = u32> {
        let devices = self.devices.as_deref();
        devices
            .into_iter()
            .flat_map(|devices| devices.vcpus.iter().map(|(number, _)| *number))
    }

    /// Disks with a timeline.
    pub fn disks(&self) -> impl Iterator<Item = &str> {
        let devices = self.devices.as_deref();
        devices
            .into_iter()
            .flat_map(|devices| devices.disks.iter().map(|(name, _)| name.as_str()))
    }

    /// NICs with a timeline.
    pub fn nics(&self) -> impl Iterator<Item = &str> {
        let devices = self.devices.as_deref();
        devices
            .into_iter()
            .flat_map(|devices| devices.nics.iter().map(|(name, _)| name.as_str()))
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let of = |line: &Timeline| size_of::<Timeline>() + line.heap_bytes();
        self.totals.as_deref().map_or(0, of)
            + self.devices.as_deref().map_or(0, |devices| {
                size_of::<Devices>() + devices.lines().map(of).sum::<usize>()
            })
    }
}

impl Devices {
    fn record(&mut self, at: Instant, read: &Figures, line: impl Fn(usize) -> Timeline) {
        if !read.vcpus.is_empty() {
            let read = read
                .vcpus
                .iter()
                .map(|vcpu| (vcpu.number, vcpu_readings(vcpu)));
            record_each(&mut self.vcpus, at, read, &line);
        }
        if read.disks_at.is_some() {
            let read = read
                .disks
                .iter()
                .map(|disk| (disk.name.clone(), disk_readings(disk)));
            record_each(&mut self.disks, at, read, &line);
        }
        if read.nics_at.is_some() {
            let read = read
                .nics
                .iter()
                .map(|nic| (nic.name.clone(), nic_readings(nic)));
            record_each(&mut self.nics, at, read, &line);
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Timeline> {
        let names = self.disks.iter().chain(&self.nics).map(|(_, line)| line);
        self.vcpus.iter().map(|(_, line)| line).chain(names)
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut Timeline> {
        let names = self
            .disks
            .iter_mut()
            .chain(&mut self.nics)
            .map(|(_, line)| line);
        self.vcpus.iter_mut().map(|(_, line)| line).chain(names)
    }

    fn is_forgotten(&self, at: Instant) -> bool {
        self.lines().all(|line| is_old(line, at))
    }
}

/// Records what was read of each device; one that is missing has a gap, and goes when it is missed for long.
fn record_each<K: PartialEq, const N: usize>(
    lines: &mut Vec<(K, Timeline)>,
    at: Instant,
    read: impl Iterator<Item = (K, [Reading; N])>,
    line: impl Fn(usize) -> Timeline,
) {
    let mut seen = Vec::with_capacity(lines.len());
    for (key, readings) in read {
        let place = lines
            .iter()
            .position(|(own, _)| *own == key)
            .unwrap_or_else(|| {
                lines.push((key, line(N)));
                lines.len() - 1
            });
        lines[place].1.record(at, &readings);
        seen.push(place);
    }
    let mut place = 0;
    lines.retain_mut(|(_, line)| {
        place += 1;
        seen.contains(&(place - 1)) || !is_old(line, at)
    });
}

fn is_old(line: &Timeline, at: Instant) -> bool {
    line.last()
        .is_none_or(|last| at.saturating_duration_since(last) > DEVICE_LINGERS)
}

fn find<'a, K: PartialEq>(lines: &'a [(K, Timeline)], key: &K) -> Option<&'a Timeline> {
    lines
        .iter()
        .find(|(own, _)| own == key)
        .map(|(_, line)| line)
}

fn total_readings(read: &Figures) -> [Reading; TOTALS] {
    let if_read = |was_read: bool, figure: Option<f64>| {
        if was_read {
            figure.into()
        } else {
            Reading::Absent
        }
    };
    let disks = read.disks_at.is_some();
    let nics = read.nics_at.is_some();
    [
        if_read(read.cpu.is_some(), read.cpu_percent()),
        if_read(
            read.memory.is_some(),
            read.memory
                .and_then(|memory| memory.used_kib)
                .map(|kib| kib as f64),
        ),
        if_read(disks, read.disk_read_bps()),
        if_read(disks, read.disk_write_bps()),
        if_read(nics, read.net_rx_bps()),
        if_read(nics, read.net_tx_bps()),
    ]
}

fn vcpu_readings(vcpu: &VcpuFigures) -> [Reading; OF_VCPU] {
    [vcpu.percent, vcpu.wait_percent, vcpu.steal_percent].map(Reading::from)
}

fn disk_readings(disk: &DiskFigures) -> [Reading; OF_DISK] {
    [
        disk.read_bps,
        disk.write_bps,
        disk.read_iops,
        disk.write_iops,
        disk.read_latency_ns,
        disk.write_latency_ns,
    ]
    .map(Reading::from)
}

fn nic_readings(nic: &NicFigures) -> [Reading; OF_NIC] {
    let both = |received: Option<f64>, sent: Option<f64>| match (received, sent) {
        (None, None) => None,
        (received, sent) => Some(received.unwrap_or(0.0) + sent.unwrap_or(0.0)),
    };
    [
        nic.rx_bps,
        nic.tx_bps,
        nic.rx_pps,
        nic.tx_pps,
        both(nic.rx_eps, nic.tx_eps),
        both(nic.rx_dps, nic.tx_dps),
    ]
    .map(Reading::from)
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
