//! Statistics of drivers without bulk statistics beyond the state: a few calls for each domain.

use std::sync::Arc;
use std::time::Instant;

use crate::libvirt::ffi::{Domain, Reading};
use crate::libvirt::roster::Roster;
use crate::model::{
    BalloonSample, Definition, DiskInfo, DomainSample, DomainState, StateReason, Uuid,
};

/// What `virDomainMemoryStats` is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// The hypervisor's figures.
    Told,
    /// The test driver's, which it makes up.
    Invented,
}

/// The domains with a hypervisor behind them, as lists and events have them.
pub fn active(roster: &Roster) -> Vec<Reading> {
    let at = Instant::now();
    let entries = roster.lock();
    entries
        .values()
        .filter(|entry| entry.domain.state.is_active())
        .map(|entry| Reading {
            monitor: false,
            sample: empty(
                entry.domain.id.uuid,
                at,
                Some((entry.domain.state, entry.domain.reason)),
            ),
        })
        .collect()
}

/// What the driver tells of each of these; a domain that is gone is left out, what is not told is `None`.
pub fn read(roster: &Roster, members: &[Uuid], memory: Memory) -> Vec<Reading> {
    members
        .iter()
        .filter_map(|uuid| {
            let (domain, definition) = {
                let entries = roster.lock();
                let entry = entries.get(uuid)?;
                (entry.handle.clone(), entry.domain.definition.clone())
            };
            let sample = read_one(*uuid, &domain, definition, memory)?;
            Some(Reading {
                sample,
                monitor: true,
            })
        })
        .collect()
}

fn read_one(
    uuid: Uuid,
    domain: &Domain,
    definition: Option<Arc<Definition>>,
    memory: Memory,
) -> Option<DomainSample> {
    let info = domain.info().ok()?;
    if !info.state.is_active() {
        return None;
    }
    let mut sample = empty(uuid, Instant::now(), None);
    sample.cpu_time_ns = Some(info.cpu_time_ns);
    sample.vcpu_count = Some(info.vcpus);
    let told = match memory {
        Memory::Told => domain.balloon_sample().ok(),
        Memory::Invented => None,
    };
    sample.balloon = Some(BalloonSample {
        current_kib: Some(info.memory_kib),
        maximum_kib: Some(info.max_memory_kib),
        ..told.unwrap_or_default()
    });
    let Some(definition) = definition else {
        return Some(sample);
    };
    let disks: Vec<_> = definition
        .disks
        .iter()
        .filter(|disk| has_medium(disk))
        .filter_map(|disk| domain.block_sample(&disk.target).ok())
        .collect();
    sample.blocks = (!disks.is_empty()).then_some(disks);
    let nics: Vec<_> = definition
        .nics
        .iter()
        .filter_map(|nic| domain.net_sample(nic.target.as_deref()?).ok())
        .collect();
    sample.nets = (!nics.is_empty()).then_some(nics);
    Some(sample)
}

fn has_medium(disk: &DiskInfo) -> bool {
    disk.source.is_some()
}

fn empty(uuid: Uuid, at: Instant, state: Option<(DomainState, StateReason)>) -> DomainSample {
    DomainSample {
        uuid,
        at,
        state,
        cpu_time_ns: None,
        vcpu_count: None,
        vcpus: Vec::new(),
        balloon: None,
        blocks: None,
        nets: None,
    }
}
