//! The host under the guests: what its own files and libvirt say of it, and whether it is right for virtual machines.
//!
//! Pure but for the folder that [`Files`] is given as `/`: a recorded tree tells the same as a machine. What cannot be
//! read is `None`, and the checks that need it answer [`Verdict::Unknown`]; nothing fails for a value that vanished.

mod blocks;
mod capabilities;
mod chains;
mod checks;
mod domains;
mod facts;
mod files;
mod guests;
mod keeping;
mod knobs;
mod ksm;
mod listed;
mod memory;
mod mounts;
mod pinning;
mod processor;
mod schedulers;
mod system;
#[cfg(test)]
mod tests;
mod threads;
mod validate;
mod words;

pub use blocks::Block;
pub use capabilities::{Cpu as HostCpu, MachineType, Topology};
pub use chains::complete as complete_chains;
pub use checks::check;
pub use domains::{Guest, GuestDisk, Limits, Pin};
pub use facts::{Cache, Facts, Processor};
pub use files::{Blind, Files, cpu_set, cpu_times, set_words};
pub use keeping::{HostWish, Keeping, KeptFile, is_own_file};
pub use knobs::Knob;
pub use listed::{Listed, READER};
pub use memory::{Cell, HugePages, Ksm, Memory, ThpSetting};
pub use pinning::{PinWay, Pins, cells_of, suggest as suggest_pins, taken as taken_cpus, what_if};
pub use system::{Cgroups, Daemon, Module, ModuleState};
pub use threads::{Thread, taskset, threads};
pub use words::{OWN_FILES, words as fact_words};

use serde::Serialize;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warn,
    /// It does not work.
    Fail,
    /// It cannot be seen from here.
    Unknown,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the check list. Texts may hold names of guests and are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name.
    pub id: &'static str,
    /// What is checked.
    pub name: &'static str,
    /// What was found.
    pub result: Verdict,
    /// File and value, or the guests it is about.
    pub evidence: String,
    /// What it means, one sentence; empty for one that is ok.
    pub consequence: String,
    /// The command that mends it, where there is one.
    pub remedy: Option<String>,
}

/// What libvirt says of a host, as plain texts and numbers; `None` where the driver does not tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// `virNodeGetInfo`.
    pub node: Option<crate::model::NodeInfo>,
    /// `virConnectGetCapabilities`.
    pub capabilities: Option<String>,
    /// `virNodeGetMemoryStats` in KiB.
    pub memory: Vec<(String, u64)>,
    /// `virNodeGetMemoryParameters`.
    pub memory_parameters: Vec<(String, u64)>,
    /// `virNodeGetFreePages`: cell, size of a page in KiB, free ones.
    pub free_pages: Vec<(u32, u32, u64)>,
    /// `virNodeGetFreeMemory` in KiB.
    pub free_kib: Option<u64>,
    /// `virNodeGetCellsFreeMemory`: cell, free memory in KiB.
    pub cells_free: Vec<(u32, u64)>,
    /// XML of the node devices that hold blocks (`virConnectListAllNodeDevices`).
    pub block_devices: Vec<String>,
    /// `virConnectGetDomainCapabilities` of the default machine.
    pub domain_capabilities: Option<String>,
    /// The definitions: live ones of domains that run.
    pub guests: Vec<Guest>,
    /// Whether the definitions were read.
    pub guests_known: bool,
}

/// All that is known of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostReport {
    /// What it is.
    pub facts: Facts,
    /// Whether it is right.
    pub checks: Vec<Check>,
    /// Whether the definitions of its guests were read.
    #[serde(skip)]
    pub guests_known: bool,
    /// Its guests, for the tuning map.
    #[serde(skip)]
    pub guests: Vec<Guest>,
    /// The threads of its guests, where they are visible.
    #[serde(skip)]
    pub threads: Vec<Thread>,
    /// `virConnectGetDomainCapabilities`.
    #[serde(skip)]
    pub domain_capabilities: Option<String>,
    /// Machine types that guests may have.
    #[serde(skip)]
    pub machines: Vec<MachineType>,
}

impl HostReport {
    /// Puts together what libvirt told and what `files` say.
    #[must_use]
    pub fn new(mut told: Told, files: &Files) -> Self {
        chains::complete(&mut told.guests, files);
        let facts = Facts::read(&told, files);
        let checks = check(&facts, &told, files);
        Self {
            facts,
            checks,
            guests_known: told.guests_known,
            threads: threads(files),
            guests: told.guests,
            domain_capabilities: told.domain_capabilities,
            machines: told
                .capabilities
                .as_deref()
                .map(capabilities::machines)
                .unwrap_or_default(),
        }
    }

    /// Takes over whether the balloons of guests have a driver, from who watches them anyway; the check is made again.
    pub fn know_balloons(&mut self, driver: impl Fn(crate::model::Uuid) -> Option<bool>) {
        for guest in &mut self.guests {
            let known = guest.uuid.and_then(&driver);
            guest.balloon_driver = known.or(guest.balloon_driver);
        }
        let known = self.guests_known;
        let check = guests::balloon(&self.guests, known);
        if let Some(old) = self.checks.iter_mut().find(|old| old.id == check.id) {
            *old = check;
        }
    }
}
