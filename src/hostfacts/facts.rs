//! What a host is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::blocks::{self, Block};
use super::capabilities::{Cpu, Topology};
use super::files::Files;
use super::memory::{self, Cell, HugePages, Ksm, Memory, ThpSetting};
use super::system::{self, Cgroups, Daemon, Module};
use super::{Told, keeping, processor};

/// A cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cache {
    /// 1, 2, 3.
    pub level: u32,
    /// `data`, `instruction`, `both`.
    pub kind: String,
    /// Size in KiB.
    pub size_kib: Option<u64>,
    /// CPUs that share it.
    pub cpus: Vec<u32>,
}

impl Cache {
    /// Its name, such as L1d.
    #[must_use]
    pub fn name(&self) -> String {
        let kind = match self.kind.to_ascii_lowercase().as_str() {
            "data" => "d",
            "instruction" => "i",
            _ => "",
        };
        format!("L{}{kind}", self.level)
    }
}

/// The processors as one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Processor {
    /// Marketing name, or libvirt's likeness.
    pub model: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Logical CPUs.
    pub cpus: Option<u32>,
    /// NUMA cells.
    pub cells: Option<u32>,
    /// Sockets of a cell.
    pub sockets: Option<u32>,
    /// Cores of a socket.
    pub cores: Option<u32>,
    /// Threads of a core.
    pub threads: Option<u32>,
    /// `vmx`, `svm`, or `none` where the CPU's flags are known and have neither.
    pub virtualization: Option<&'static str>,
    /// Guests may run guests.
    pub nested: Option<bool>,
    /// Two-stage page tables (EPT, NPT).
    pub nested_paging: Option<bool>,
    /// Tagged TLB (VPID; AMD's ASIDs always are).
    pub vpid: Option<bool>,
    /// Interrupts without an exit (APICv, AVIC).
    pub virtual_interrupts: Option<bool>,
    /// Interrupts that one CPU posts to a guest on another (`posted_intr` among Intel's VMX flags; a part of AVIC).
    pub posted_interrupts: Option<bool>,
    /// Secure Encrypted Virtualization in the CPU.
    pub sev: Option<bool>,
    /// The governor of each CPU, if all have the same; else those there are.
    pub governor: Option<String>,
}

/// All facts of a host; `None` and empty lists are what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// Whether the host's own files were read.
    pub files_visible: bool,
    /// Why they were not, where they should have been.
    pub files_lost: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Distribution, as /etc/os-release identifies it.
    pub distribution: Option<String>,
    /// The processors.
    pub cpu: Processor,
    /// Each logical CPU.
    pub topology: Vec<Cpu>,
    /// Caches.
    pub caches: Vec<Cache>,
    /// Whether an IOMMU is in use.
    pub iommu: Option<bool>,
    /// Modules.
    pub modules: Vec<Module>,
    /// Whether /dev/kvm is there.
    pub kvm_device: Option<bool>,
    /// Daemons of libvirt that are known here.
    pub daemons: Vec<Daemon>,
    /// Control groups.
    pub cgroups: Option<Cgroups>,
    /// Memory.
    pub memory: Memory,
    /// Kernel same-page merging.
    pub ksm: Ksm,
    /// Transparent huge pages.
    pub thp: ThpSetting,
    /// Pools of pages other than the smallest.
    pub huge_pages: Vec<HugePages>,
    /// NUMA cells.
    pub cells: Vec<Cell>,
    /// Block devices.
    pub block: Vec<Block>,
    /// Share of the host's CPU time since its start that its own hypervisor took, in tenths of a
    /// percent.
    pub steal_permille: Option<u64>,
    /// Clock source.
    pub clock_source: Option<String>,
    /// Load of 1, 5 and 15 minutes.
    pub load: Option<String>,
    /// Files of virtty's that keep values beyond a restart: path and text.
    pub kept: Vec<(String, String)>,
}

impl Facts {
    /// Reads them.
    #[must_use]
    pub fn read(told: &Told, files: &Files) -> Self {
        let topology = told
            .capabilities
            .as_deref()
            .map(Topology::read)
            .unwrap_or_default();
        let mut facts = Self {
            files_visible: files.are_seen(),
            files_lost: match files {
                Files::Lost(why) => Some(why.clone()),
                _ => None,
            },
            kept: keeping::kept(files),
            kernel: files.text("/proc/sys/kernel/osrelease").ok(),
            distribution: system::distribution(files),
            cpu: processor::read(told, &topology, files),
            // libvirt tells of those alone that can be shared out.
            caches: match processor::caches(files) {
                caches if caches.is_empty() => topology.caches.clone(),
                caches => caches,
            },
            iommu: topology.iommu,
            modules: system::modules(files),
            kvm_device: files.exists("/dev/kvm"),
            daemons: system::daemons(files),
            cgroups: system::cgroups(files),
            memory: memory::memory(told, files),
            ksm: memory::ksm(told, files),
            thp: memory::thp(files),
            huge_pages: memory::huge_pages(told, &topology, files),
            block: blocks::block(told, files),
            steal_permille: system::steal(files),
            clock_source: files
                .text("/sys/devices/system/clocksource/clocksource0/current_clocksource")
                .ok(),
            load: files.text("/proc/loadavg").ok().map(|text| {
                text.split_whitespace()
                    .take(3)
                    .collect::<Vec<_>>()
                    .join(" ")
            }),
            ..Self::default()
        };
        if let Ok(groups) = files.names("/sys/kernel/iommu_groups") {
            facts.iommu = Some(!groups.is_empty());
        }
        facts.cells = memory::cells(told, &topology, files);
        facts.topology = if topology.cpus.is_empty() {
            processor::topology(files, &facts.cells)
        } else {
            topology.cpus
        };
        // Threads of a core stand side by side, and cores of a cell.
        facts.topology.sort_by_key(|cpu| {
            (
                cpu.cell,
                cpu.socket,
                cpu.siblings.first().copied().unwrap_or(cpu.id),
                cpu.id,
            )
        });
        facts.cpu.count(&facts.topology, facts.cells.len());
        facts
    }
}

impl Processor {
    /// Where libvirt told no counts, they are those of the places of the CPUs.
    fn count(&mut self, topology: &[Cpu], cells: usize) {
        if self.cpus.is_some() || topology.is_empty() {
            return;
        }
        let many = |count: usize| u32::try_from(count).ok().filter(|count| *count > 0);
        let sockets: BTreeSet<_> = topology.iter().map(|cpu| (cpu.cell, cpu.socket)).collect();
        let cores: BTreeSet<_> = topology
            .iter()
            .filter_map(|cpu| cpu.siblings.first())
            .collect();
        self.cpus = many(topology.len());
        self.cells = many(cells);
        self.sockets = many(sockets.len() / cells.max(1));
        self.cores = many(cores.len() / sockets.len().max(1));
        self.threads = many(topology.len() / cores.len().max(1));
    }
}
