//! Folds the typed parameters of one statistics record into a sample, name by name.
//!
//! The names are those of `virConnectGetAllDomainStats`; one that is not known is passed over.

use std::time::Instant;

use super::Value;
use crate::model::{
    BalloonSample, BlockSample, DomainSample, DomainState, NetSample, StateReason, Uuid, VcpuSample,
};

/// One domain's answer in a bulk call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The counters.
    pub sample: DomainSample,
    /// The guest's monitor answered. Without it only what the host knows by itself is in the sample: another call
    /// holds the guest's job, and NOWAIT stepped over it.
    pub monitor: bool,
}

/// Collects one record.
#[derive(Debug, Default)]
pub struct Counters {
    state: Option<i32>,
    reason: i32,
    cpu_time_ns: Option<u64>,
    vcpu_count: Option<u32>,
    vcpus: Vec<VcpuSample>,
    balloon: Option<BalloonSample>,
    blocks: Option<Vec<BlockSample>>,
    nets: Option<Vec<NetSample>>,
    monitor: bool,
}

impl Counters {
    /// Takes one parameter in. `value` is only called for a name that is wanted, since a text is copied by it.
    pub fn take(&mut self, name: &[u8], value: impl FnOnce() -> Option<Value>) {
        let (group, field) = cut(name);
        match group {
            b"state" => self.state(field, value),
            b"cpu" if field == b"time" => self.cpu_time_ns = number(value),
            b"vcpu" => self.vcpu(field, value),
            b"balloon" => self.balloon(field, value),
            b"block" => self.block(field, value),
            b"net" => self.net(field, value),
            _ => {}
        }
    }

    fn state(&mut self, field: &[u8], value: impl FnOnce() -> Option<Value>) {
        let number = || number(value).and_then(|number| i32::try_from(number).ok());
        match field {
            b"state" => self.state = number(),
            b"reason" => self.reason = number().unwrap_or(0),
            _ => {}
        }
    }

    fn vcpu(&mut self, field: &[u8], value: impl FnOnce() -> Option<Value>) {
        if field == b"current" {
            self.vcpu_count = number(value).and_then(|count| u32::try_from(count).ok());
            return;
        }
        let Some((index, field)) = indexed(field) else {
            return;
        };
        let wanted = matches!(field, b"time" | b"wait" | b"delay");
        let (Some(value), Ok(index)) = (wanted.then(|| number(value)).flatten(), index.try_into())
        else {
            return;
        };
        let at = match self.vcpus.iter().position(|vcpu| vcpu.number == index) {
            Some(at) => at,
            None => {
                self.vcpus.push(VcpuSample {
                    number: index,
                    time_ns: 0,
                    wait_ns: None,
                    delay_ns: None,
                });
                self.vcpus.len() - 1
            }
        };
        let vcpu = &mut self.vcpus[at];
        match field {
            b"time" => vcpu.time_ns = value,
            b"wait" => vcpu.wait_ns = Some(value),
            _ => vcpu.delay_ns = Some(value),
        }
    }

    fn balloon(&mut self, field: &[u8], value: impl FnOnce() -> Option<Value>) {
        let balloon = self.balloon.get_or_insert_default();
        let place = match field {
            b"current" => &mut balloon.current_kib,
            b"maximum" => &mut balloon.maximum_kib,
            b"usable" => &mut balloon.usable_kib,
            b"unused" => &mut balloon.unused_kib,
            b"available" => &mut balloon.available_kib,
            b"swap_in" => &mut balloon.swap_in_kib,
            b"swap_out" => &mut balloon.swap_out_kib,
            b"last-update" => &mut balloon.last_update,
            b"rss" => {
                // Read of the host's /proc, but only with the guest's job in hand.
                self.monitor = true;
                &mut balloon.rss_kib
            }
            _ => return,
        };
        *place = number(value);
    }

    fn block(&mut self, field: &[u8], value: impl FnOnce() -> Option<Value>) {
        let blocks = self.blocks.get_or_insert_default();
        let Some((index, field)) = indexed(field) else {
            return;
        };
        let Some(block) = place(blocks, index) else {
            return;
        };
        let place = match field {
            b"name" => {
                block.name = value().map(Value::into_text).unwrap_or_default();
                return;
            }
            b"rd.bytes" => &mut block.read_bytes,
            b"rd.reqs" => {
                self.monitor = true;
                &mut block.read_requests
            }
            b"rd.times" => &mut block.read_time_ns,
            b"wr.bytes" => &mut block.write_bytes,
            b"wr.reqs" => &mut block.write_requests,
            b"wr.times" => &mut block.write_time_ns,
            b"capacity" => &mut block.capacity_bytes,
            b"allocation" => &mut block.allocation_bytes,
            b"physical" => &mut block.physical_bytes,
            _ => return,
        };
        *place = number(value);
    }

    fn net(&mut self, field: &[u8], value: impl FnOnce() -> Option<Value>) {
        let nets = self.nets.get_or_insert_default();
        let Some((index, field)) = indexed(field) else {
            return;
        };
        let Some(net) = place(nets, index) else {
            return;
        };
        let place = match field {
            b"name" => {
                net.name = value().map(Value::into_text).unwrap_or_default();
                return;
            }
            b"rx.bytes" => &mut net.rx_bytes,
            b"rx.pkts" => &mut net.rx_packets,
            b"rx.errs" => &mut net.rx_errors,
            b"rx.drop" => &mut net.rx_drops,
            b"tx.bytes" => &mut net.tx_bytes,
            b"tx.pkts" => &mut net.tx_packets,
            b"tx.errs" => &mut net.tx_errors,
            b"tx.drop" => &mut net.tx_drops,
            _ => return,
        };
        *place = number(value);
    }

    /// The record as a sample of `at`. CPU counters of a domain that does not run are left out: libvirt 9.0 gives
    /// values for them that mean nothing. So are disks whose counters the monitor did not give.
    pub fn finish(self, uuid: Uuid, at: Instant) -> Reading {
        let state = self
            .state
            .map(|state| (DomainState::from_raw(state), StateReason(self.reason)));
        let runs = state.is_none_or(|(state, _)| state.is_active());
        // A NIC without a device on the host (user-mode networking) has a count but no name and no counters.
        let nets = self.nets.map(|mut nets| {
            nets.retain(|net| !net.name.is_empty());
            nets
        });
        Reading {
            monitor: self.monitor,
            sample: DomainSample {
                uuid,
                at,
                state,
                cpu_time_ns: self.cpu_time_ns.filter(|_| runs),
                vcpu_count: self.vcpu_count,
                vcpus: if runs { self.vcpus } else { Vec::new() },
                balloon: self.balloon,
                blocks: self.blocks.filter(|_| self.monitor),
                nets,
            },
        }
    }
}

/// Devices of one domain; a larger index is no device but nonsense.
const MOST_DEVICES: usize = 4096;

fn place<T: Default>(devices: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if index >= MOST_DEVICES {
        return None;
    }
    if devices.len() <= index {
        devices.resize_with(index + 1, T::default);
    }
    devices.get_mut(index)
}

fn number(value: impl FnOnce() -> Option<Value>) -> Option<u64> {
    value().as_ref().and_then(Value::as_u64)
}

/// `block.0.rd.bytes` → `block`, `0.rd.bytes`.
fn cut(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().position(|byte| *byte == b'.') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (name, &[]),
    }
}

/// `0.rd.bytes` → 0, `rd.bytes`; `None` for what has no number in front.
fn indexed(field: &[u8]) -> Option<(usize, &[u8])> {
    let (index, field) = cut(field);
    let index = std::str::from_utf8(index).ok()?.parse().ok()?;
    Some((index, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(params: &[(&str, Value)]) -> Reading {
        let mut counters = Counters::default();
        for (name, value) in params {
            counters.take(name.as_bytes(), || Some(value.clone()));
        }
        counters.finish(Uuid([1; 16]), Instant::now())
    }

    fn uint(number: u64) -> Value {
        Value::Uint(number)
    }

    #[test]
    fn each_group_finds_its_place() {
        let Reading { sample, monitor } = reading(&[
            ("state.state", Value::Int(1)),
            ("state.reason", Value::Int(5)),
            ("cpu.time", uint(7)),
            ("cpu.user", uint(1)),
            ("vcpu.current", uint(2)),
            ("vcpu.maximum", uint(4)),
            ("vcpu.1.time", uint(11)),
            ("vcpu.1.wait", uint(12)),
            ("vcpu.0.time", uint(10)),
            ("balloon.current", uint(100)),
            ("balloon.rss", uint(80)),
            ("balloon.last-update", uint(3)),
            ("block.count", uint(2)),
            ("block.1.name", Value::Text("vdb".into())),
            ("block.1.rd.reqs", uint(5)),
            ("block.0.name", Value::Text("vda".into())),
            ("block.0.wr.bytes", uint(6)),
            ("net.count", uint(1)),
            ("net.0.name", Value::Text("vnet0".into())),
            ("net.0.rx.bytes", uint(8)),
            ("net.0.tx.drop", uint(9)),
        ]);
        assert!(monitor);
        assert_eq!(sample.state, Some((DomainState::Running, StateReason(5))));
        assert_eq!(sample.cpu_time_ns, Some(7));
        assert_eq!(sample.vcpu_count, Some(2));
        assert_eq!(sample.vcpus.len(), 2);
        assert_eq!(sample.vcpus[0].wait_ns, Some(12));
        let balloon = sample.balloon.unwrap();
        assert_eq!(
            (balloon.current_kib, balloon.rss_kib),
            (Some(100), Some(80))
        );
        assert_eq!(balloon.usable_kib, None);
        let blocks = sample.blocks.unwrap();
        assert_eq!((&*blocks[0].name, blocks[0].write_bytes), ("vda", Some(6)));
        assert_eq!(blocks[0].read_bytes, None);
        assert_eq!(blocks[1].read_requests, Some(5));
        let nets = sample.nets.unwrap();
        assert_eq!((nets[0].rx_bytes, nets[0].tx_drops), (Some(8), Some(9)));
    }

    #[test]
    fn cpu_time_of_a_domain_that_is_off_is_left_out() {
        let off = reading(&[("state.state", Value::Int(5)), ("cpu.time", uint(7))]);
        assert_eq!(off.sample.cpu_time_ns, None);
        let paused = reading(&[("state.state", Value::Int(3)), ("cpu.time", uint(7))]);
        assert_eq!(paused.sample.cpu_time_ns, Some(7));
    }

    #[test]
    fn a_domain_that_was_stepped_over_is_told_apart() {
        let over = reading(&[
            ("state.state", Value::Int(1)),
            ("balloon.current", uint(100)),
            ("block.count", uint(1)),
            ("block.0.name", Value::Text("vda".into())),
        ]);
        assert!(!over.monitor);
        assert_eq!(over.sample.blocks, None);
    }

    #[test]
    fn a_nic_without_a_device_on_the_host_has_no_counters() {
        let user = reading(&[("net.count", uint(1))]);
        assert_eq!(user.sample.nets, Some(Vec::new()));
        let second = reading(&[
            ("net.count", uint(2)),
            ("net.1.name", Value::Text("vnet3".into())),
        ]);
        assert_eq!(second.sample.nets.unwrap().len(), 1);
    }

    #[test]
    fn nonsense_is_passed_over() {
        for name in [
            "",
            ".",
            "block",
            "block.",
            "block.x.rd",
            "block.99999999999.rd.reqs",
            "vcpu.-1.time",
            "net.4097.rx.bytes",
        ] {
            let reading = reading(&[(name, uint(1))]);
            assert!(!reading.monitor, "{name}");
            assert!(reading.sample.vcpus.is_empty(), "{name}");
        }
    }
}
