//! What a host is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::capabilities::{Cpu, Topology};
use super::files::{Files, cpu_set};
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

/// A NUMA cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Its number.
    pub id: u32,
    /// Its CPUs.
    pub cpus: Vec<u32>,
    /// Memory in KiB.
    pub memory_kib: Option<u64>,
    /// Free memory in KiB.
    pub free_kib: Option<u64>,
    /// Distance to each cell.
    pub distances: Vec<(u32, u32)>,
}

/// A pool of pages of one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HugePages {
    /// NUMA cell.
    pub cell: Option<u32>,
    /// Size of a page in KiB.
    pub size_kib: u64,
    /// How many there are.
    pub total: u64,
    /// How many of them are free.
    pub free: Option<u64>,
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
    /// Secure Encrypted Virtualization in the CPU.
    pub sev: Option<bool>,
    /// The governor of each CPU, if all have the same; else those there are.
    pub governor: Option<String>,
}

/// What became of a kernel module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleState {
    /// Loaded, or a part of the kernel.
    Present,
    /// Not there.
    Absent,
}

/// A kernel module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// `None` where it cannot be seen.
    pub state: Option<ModuleState>,
}

/// A daemon of libvirt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Daemon {
    /// Its name.
    pub name: &'static str,
    /// It runs.
    pub running: bool,
    /// systemd starts it, or its socket.
    pub enabled: bool,
}

/// The control groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cgroups {
    /// 1 or 2.
    pub version: u8,
    /// Controllers in the names of version 1.
    pub controllers: Vec<String>,
}

/// Memory in KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Memory {
    /// All.
    pub total_kib: Option<u64>,
    /// Unused.
    pub free_kib: Option<u64>,
    /// Free and what can be freed.
    pub available_kib: Option<u64>,
    /// Swap.
    pub swap_total_kib: Option<u64>,
    /// Unused swap.
    pub swap_free_kib: Option<u64>,
    /// `vm.swappiness`.
    pub swappiness: Option<u64>,
}

/// Kernel same-page merging.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ksm {
    /// 0 stopped, 1 runs, 2 stopped and unmerged.
    pub run: Option<u64>,
    /// Pages looked at before each sleep.
    pub pages_to_scan: Option<u64>,
    /// Sleep in ms.
    pub sleep_ms: Option<u64>,
    /// Merged pages.
    pub pages_shared: Option<u64>,
    /// Pages that are saved by merging.
    pub pages_sharing: Option<u64>,
    /// Pages that were looked at in vain.
    pub pages_unshared: Option<u64>,
    /// Rounds through all memory.
    pub full_scans: Option<u64>,
    /// Pages of different cells are merged.
    pub merge_across_nodes: Option<bool>,
}

/// Transparent huge pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ThpSetting {
    /// `always`, `madvise`, `never`.
    pub enabled: Option<String>,
    /// How hard the kernel tries.
    pub defrag: Option<String>,
}

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its name, such as sda.
    pub name: String,
    /// The scheduler in use.
    pub scheduler: Option<String>,
    /// Those there are.
    pub schedulers: Vec<String>,
    /// It turns.
    pub rotational: Option<bool>,
    /// `nr_requests`.
    pub queue_depth: Option<u64>,
    /// Model, as libvirt's node devices tell.
    pub model: Option<String>,
    /// Size in bytes, as they tell.
    pub size_bytes: Option<u64>,
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

/// Modules that matter to virtual machines.
const MODULES: [&str; 8] = [
    "kvm",
    "kvm_intel",
    "kvm_amd",
    "vhost_net",
    "tun",
    "bridge",
    "br_netfilter",
    "vfio_pci",
];

/// Daemons: the one, and the modular ones.
const DAEMONS: [&str; 9] = [
    "libvirtd",
    "virtqemud",
    "virtnetworkd",
    "virtstoraged",
    "virtnodedevd",
    "virtsecretd",
    "virtlogd",
    "virtlockd",
    "virtproxyd",
];

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
            distribution: distribution(files),
            cpu: processor::read(told, &topology, files),
            // libvirt tells of those alone that can be shared out.
            caches: match processor::caches(files) {
                caches if caches.is_empty() => topology.caches.clone(),
                caches => caches,
            },
            iommu: topology.iommu,
            modules: modules(files),
            kvm_device: files.exists("/dev/kvm"),
            daemons: daemons(files),
            cgroups: cgroups(files),
            memory: memory(told, files),
            ksm: ksm(told, files),
            thp: thp(files),
            huge_pages: huge_pages(told, &topology, files),
            block: block(told, files),
            steal_permille: steal(files),
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
        facts.cells = cells(told, &topology, files);
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

fn distribution(files: &Files) -> Option<String> {
    let text = files.text("/etc/os-release").ok()?;
    let id = text.lines().find_map(|line| line.strip_prefix("ID="))?;
    Some(id.trim_matches('"').to_owned())
}

fn modules(files: &Files) -> Vec<Module> {
    let listed = files.text("/proc/modules");
    let folder = files.exists("/sys/module");
    MODULES
        .into_iter()
        .map(|name| {
            let loaded = listed.as_ref().is_ok_and(|text| {
                text.lines()
                    .any(|line| line.split(' ').next() == Some(name))
            });
            let inside = files.exists(&format!("/sys/module/{name}")) == Some(true);
            let state = if loaded || inside || builtin_by_trace(name, files) {
                Some(ModuleState::Present)
            } else if listed.is_ok() || folder == Some(true) {
                Some(ModuleState::Absent)
            } else {
                None
            };
            Module { name, state }
        })
        .collect()
}

/// A part of the kernel without parameters has no folder of its own; its device tells.
fn builtin_by_trace(name: &str, files: &Files) -> bool {
    let trace = match name {
        "tun" => "/dev/net/tun",
        "vhost_net" => "/dev/vhost-net",
        "kvm" => "/dev/kvm",
        "br_netfilter" => "/proc/sys/net/bridge/bridge-nf-call-iptables",
        _ => return false,
    };
    files.exists(trace) == Some(true)
}

fn daemons(files: &Files) -> Vec<Daemon> {
    let running: Vec<String> = files
        .names("/proc")
        .unwrap_or_default()
        .into_iter()
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| files.text(&format!("/proc/{pid}/comm")).ok())
        .collect();
    DAEMONS
        .into_iter()
        .filter_map(|name| {
            let units = [format!("{name}.service"), format!("{name}.socket")];
            let enabled = units.iter().any(|unit| {
                ["multi-user.target.wants", "sockets.target.wants"]
                    .iter()
                    .any(|folder| {
                        files.exists(&format!("/etc/systemd/system/{folder}/{unit}")) == Some(true)
                    })
            });
            let daemon = Daemon {
                name,
                running: running.iter().any(|comm| comm == name),
                enabled,
            };
            (daemon.running || daemon.enabled).then_some(daemon)
        })
        .collect()
}

fn cgroups(files: &Files) -> Option<Cgroups> {
    let mounts = files
        .text("/proc/self/mounts")
        .or_else(|_| files.text("/proc/mounts"))
        .ok()?;
    let mut one = Vec::new();
    let mut two = None;
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (_, place, kind, options) = (words.next(), words.next()?, words.next()?, words.next()?);
        match kind {
            "cgroup" => one.extend(options.split(',').map(str::to_owned)),
            "cgroup2" => two = Some(place.to_owned()),
            _ => {}
        }
    }
    const KNOWN: [&str; 9] = [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "net_cls", "pids",
    ];
    one.retain(|name| KNOWN.contains(&name.as_str()));
    if !one.is_empty() {
        return Some(Cgroups {
            version: 1,
            controllers: one,
        });
    }
    let place = two?;
    let text = files
        .text(&format!("{place}/cgroup.controllers"))
        .unwrap_or_default();
    let mut controllers: Vec<String> = text
        .split_whitespace()
        .map(|name| if name == "io" { "blkio" } else { name }.to_owned())
        .collect();
    // Always there in version 2: times in cpu.stat, devices by BPF, freezing by cgroup.freeze.
    controllers.extend(["cpuacct", "devices", "freezer"].map(str::to_owned));
    Some(Cgroups {
        version: 2,
        controllers,
    })
}

/// A line such as `MemTotal:  12 kB`.
fn kib_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| {
        line.trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(':'))
    })?;
    line.split(':')
        .nth(1)?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn memory(told: &Told, files: &Files) -> Memory {
    let text = files.text("/proc/meminfo").unwrap_or_default();
    let told_of = |name: &str| {
        told.memory
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| *value)
    };
    Memory {
        total_kib: told_of("total")
            .or_else(|| kib_of(&text, "MemTotal"))
            .or_else(|| told.node.as_ref().map(|node| node.memory_kib)),
        free_kib: told_of("free").or_else(|| kib_of(&text, "MemFree")),
        available_kib: kib_of(&text, "MemAvailable").or_else(|| {
            Some(
                told_of("free")? + told_of("buffers").unwrap_or(0) + told_of("cached").unwrap_or(0),
            )
        }),
        swap_total_kib: kib_of(&text, "SwapTotal"),
        swap_free_kib: kib_of(&text, "SwapFree"),
        swappiness: files.number("/proc/sys/vm/swappiness"),
    }
}

fn ksm(told: &Told, files: &Files) -> Ksm {
    let of = |parameter: &str, file: &str| {
        let told = told
            .memory_parameters
            .iter()
            .find(|(name, _)| name == parameter);
        told.map(|(_, value)| *value)
            .or_else(|| files.number(&format!("/sys/kernel/mm/ksm/{file}")))
    };
    Ksm {
        run: files.number("/sys/kernel/mm/ksm/run"),
        pages_to_scan: of("shm_pages_to_scan", "pages_to_scan"),
        sleep_ms: of("shm_sleep_millisecs", "sleep_millisecs"),
        pages_shared: of("shm_pages_shared", "pages_shared"),
        pages_sharing: of("shm_pages_sharing", "pages_sharing"),
        pages_unshared: of("shm_pages_unshared", "pages_unshared"),
        full_scans: of("shm_full_scans", "full_scans"),
        merge_across_nodes: of("shm_merge_across_nodes", "merge_across_nodes").map(|on| on != 0),
    }
}

/// The word in brackets of a choice such as `always [madvise] never`; a lone word is it.
fn chosen(text: &str) -> Option<String> {
    let word = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix('[')?.strip_suffix(']'));
    word.or_else(|| Some(text).filter(|text| !text.is_empty() && !text.contains(' ')))
        .map(str::to_owned)
}

fn thp(files: &Files) -> ThpSetting {
    let of = |name| {
        let text = files
            .text(&format!("/sys/kernel/mm/transparent_hugepage/{name}"))
            .ok()?;
        chosen(&text)
    };
    ThpSetting {
        enabled: of("enabled"),
        defrag: of("defrag"),
    }
}

fn huge_pages(told: &Told, topology: &Topology, files: &Files) -> Vec<HugePages> {
    let smallest = topology
        .pages
        .iter()
        .map(|pool| pool.size_kib)
        .min()
        .unwrap_or(4)
        .max(64);
    let mut pools: Vec<HugePages> = topology
        .pages
        .iter()
        .filter(|pool| pool.size_kib > smallest)
        .cloned()
        .collect();
    if pools.is_empty() {
        pools = pools_of_files(files);
    }
    for pool in &mut pools {
        let told = told
            .free_pages
            .iter()
            .find(|(cell, size, _)| Some(*cell) == pool.cell && u64::from(*size) == pool.size_kib);
        if let Some((.., free)) = told {
            pool.free = Some(*free);
        }
    }
    // The capabilities are those of the daemon's start; the kernel's own are of now.
    for fresh in pools_of_files(files) {
        let known = pools
            .iter_mut()
            .find(|pool| pool.cell == fresh.cell && pool.size_kib == fresh.size_kib);
        match known {
            Some(known) => *known = fresh,
            None => pools.push(fresh),
        }
    }
    pools
}

fn pools_of_files(files: &Files) -> Vec<HugePages> {
    let nodes = nodes(files);
    let folders: Vec<(Option<u32>, String)> = if nodes.is_empty() {
        vec![(None, "/sys/kernel/mm/hugepages".to_owned())]
    } else {
        let of_node = |id: &u32| format!("/sys/devices/system/node/node{id}/hugepages");
        nodes.iter().map(|id| (Some(*id), of_node(id))).collect()
    };
    let mut pools = Vec::new();
    for (cell, folder) in folders {
        for name in files.names(&folder).unwrap_or_default() {
            let size = name
                .strip_prefix("hugepages-")
                .and_then(|n| n.strip_suffix("kB")?.parse().ok());
            let total = files.number(&format!("{folder}/{name}/nr_hugepages"));
            if let (Some(size_kib), Some(total)) = (size, total) {
                let free = files.number(&format!("{folder}/{name}/free_hugepages"));
                pools.push(HugePages {
                    cell,
                    size_kib,
                    total,
                    free,
                });
            }
        }
    }
    pools
}

fn nodes(files: &Files) -> Vec<u32> {
    let names = files.names("/sys/devices/system/node").unwrap_or_default();
    names
        .iter()
        .filter_map(|name| name.strip_prefix("node")?.parse().ok())
        .collect()
}

fn cells(told: &Told, topology: &Topology, files: &Files) -> Vec<Cell> {
    let mut cells = topology.cells.clone();
    for id in nodes(files) {
        let folder = format!("/sys/devices/system/node/node{id}");
        let text = files.text(&format!("{folder}/meminfo")).unwrap_or_default();
        // Lines read `Node 0 MemFree: 12 kB`.
        let text = text.replace(&format!("Node {id} "), "");
        let free = kib_of(&text, "MemFree");
        match cells.iter_mut().find(|cell| cell.id == id) {
            Some(cell) => cell.free_kib = free,
            None => cells.push(Cell {
                id,
                cpus: files
                    .text(&format!("{folder}/cpulist"))
                    .map(|text| cpu_set(&text).into_iter().collect())
                    .unwrap_or_default(),
                memory_kib: kib_of(&text, "MemTotal"),
                free_kib: free,
                distances: files
                    .text(&format!("{folder}/distance"))
                    .unwrap_or_default()
                    .split_whitespace()
                    .filter_map(|word| word.parse().ok())
                    .zip(0..)
                    .map(|(distance, to)| (to, distance))
                    .collect(),
            }),
        }
    }
    for cell in &mut cells {
        // What is free in pages of the smallest size is the free memory of the cell.
        let small = told
            .free_pages
            .iter()
            .filter(|(id, ..)| *id == cell.id)
            .min_by_key(|p| p.1);
        if cell.free_kib.is_none()
            && let Some((_, size, free)) = small
        {
            cell.free_kib = Some(free.saturating_mul(u64::from(*size)));
        }
    }
    cells
}

/// Devices that are not there for guests.
const NO_DISKS: [&str; 5] = ["loop", "ram", "zram", "fd", "sr"];

fn block(told: &Told, files: &Files) -> Vec<Block> {
    let mut devices: Vec<Block> = files
        .names("/sys/block")
        .unwrap_or_default()
        .into_iter()
        .filter(|name| !NO_DISKS.iter().any(|no| name.starts_with(no)))
        .map(|name| {
            let queue = format!("/sys/block/{name}/queue");
            let text = files
                .text(&format!("{queue}/scheduler"))
                .unwrap_or_default();
            Block {
                scheduler: chosen(&text),
                schedulers: text
                    .split_whitespace()
                    .map(|word| word.trim_matches(['[', ']']).to_owned())
                    .collect(),
                rotational: files
                    .number(&format!("{queue}/rotational"))
                    .map(|on| on != 0),
                queue_depth: files.number(&format!("{queue}/nr_requests")),
                model: None,
                size_bytes: None,
                name,
            }
        })
        .collect();
    // libvirt tells of those that hold data, and of a remote host's as well.
    for device in told.block_devices.iter().filter_map(|xml| node_device(xml)) {
        match devices.iter_mut().find(|known| known.name == device.name) {
            Some(known) => {
                known.model = device.model;
                known.size_bytes = device.size_bytes;
            }
            None if !files.are_seen() => devices.push(device),
            None => {}
        }
    }
    devices
}

/// A block device as the XML of a node device has it.
fn node_device(xml: &str) -> Option<Block> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let storage = document.root_element().children().find(|node| {
        node.has_tag_name("capability") && node.attribute("type") == Some("storage")
    })?;
    let text_in = |name: &str| {
        let found = storage.descendants().find(|node| node.has_tag_name(name))?;
        Some(found.text()?.trim().to_owned())
    };
    if text_in("drive_type").is_some_and(|kind| kind != "disk") {
        return None;
    }
    Some(Block {
        name: text_in("block")?.strip_prefix("/dev/")?.to_owned(),
        scheduler: None,
        schedulers: Vec::new(),
        rotational: None,
        queue_depth: None,
        model: text_in("model"),
        size_bytes: text_in("size").and_then(|size| size.parse().ok()),
    })
}

fn steal(files: &Files) -> Option<u64> {
    let text = files.text("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let times: Vec<u64> = line
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    // user nice system idle iowait irq softirq steal; what guests take stands in user already.
    let all: u64 = times.iter().take(8).sum();
    let steal = *times.get(7)?;
    steal.checked_mul(1000)?.checked_div(all)
}
