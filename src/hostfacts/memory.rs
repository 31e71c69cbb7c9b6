//! The memory of a host: what there is, what merges it, pages of other sizes, and NUMA cells.

use serde::Serialize;

use super::Told;
use super::capabilities::Topology;
use super::files::{Files, chosen, cpu_set};

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
    /// Pages that change too fast to be looked at.
    pub pages_volatile: Option<u64>,
    /// What merging saves less what its bookkeeping takes, in bytes, by the kernel's own account (`general_profit`, Linux 6.1
    /// and later); negative where it costs more than it saves.
    pub profit_bytes: Option<i64>,
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

/// A line such as `MemTotal:  12 kB`.
pub(super) fn kib_of(text: &str, name: &str) -> Option<u64> {
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

pub(super) fn memory(told: &Told, files: &Files) -> Memory {
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
        free_kib: told_of("free")
            .or_else(|| kib_of(&text, "MemFree"))
            .or(told.free_kib),
        available_kib: kib_of(&text, "MemAvailable").or_else(|| {
            let more = |name| told_of(name).unwrap_or(0);
            Some(
                told_of("free")?
                    .saturating_add(more("buffers"))
                    .saturating_add(more("cached")),
            )
        }),
        swap_total_kib: kib_of(&text, "SwapTotal"),
        swap_free_kib: kib_of(&text, "SwapFree"),
        swappiness: files.number("/proc/sys/vm/swappiness"),
    }
}

pub(super) fn ksm(told: &Told, files: &Files) -> Ksm {
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
        pages_volatile: of("shm_pages_volatile", "pages_volatile"),
        profit_bytes: files
            .text("/sys/kernel/mm/ksm/general_profit")
            .ok()
            .and_then(|text| text.parse().ok()),
        full_scans: of("shm_full_scans", "full_scans"),
        merge_across_nodes: of("shm_merge_across_nodes", "merge_across_nodes").map(|on| on != 0),
    }
}

pub(super) fn thp(files: &Files) -> ThpSetting {
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

pub(super) fn huge_pages(told: &Told, topology: &Topology, files: &Files) -> Vec<HugePages> {
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

pub(super) fn nodes(files: &Files) -> Vec<u32> {
    let names = files.names("/sys/devices/system/node").unwrap_or_default();
    names
        .iter()
        .filter_map(|name| name.strip_prefix("node")?.parse().ok())
        .collect()
}

pub(super) fn cells(told: &Told, topology: &Topology, files: &Files) -> Vec<Cell> {
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
        let told_free = told.cells_free.iter().find(|(id, _)| *id == cell.id);
        if let (None, Some((_, free))) = (cell.free_kib, told_free) {
            cell.free_kib = Some(*free);
        }
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
