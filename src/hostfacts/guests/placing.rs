//! What the domains ask of CPUs and memory.

use std::collections::{BTreeMap, BTreeSet};

use super::{COMMANDS, Wrong, listed, none_of, quoted, when};
use crate::hostfacts::checks::{Found, UNSEEN};
use crate::hostfacts::facts::Facts;
use crate::hostfacts::{Guest, Pin, set_words};

/// More virtual CPUs for each CPU than this, and guests wait for each other.
const OVERCOMMIT: u32 = 4;

/// What domains that are off ask of pools: for each size and each set of cells the pages, and the domains.
type Asked = BTreeMap<(u64, Vec<u32>), (u64, Vec<String>)>;

pub(super) fn huge_pages(facts: &Facts, guests: &[Guest]) -> Found {
    if guests.iter().all(|guest| guest.huge_pages.is_empty()) {
        return Found::ok("no domain asks for huge pages");
    }
    if facts.huge_pages.is_empty() {
        return Found::unknown(format!("pools of huge pages: {UNSEEN}"));
    }
    let default = facts.huge_pages.iter().map(|pool| pool.size_kib).min();
    let mut asked = Asked::new();
    // What runs has its pages already.
    for guest in guests.iter().filter(|guest| !guest.running) {
        for size in &guest.huge_pages {
            let size = match *size {
                0 => default.unwrap_or(2048),
                size => size,
            };
            let cells: Vec<u32> = guest.memory_nodes.iter().copied().collect();
            let entry = asked.entry((size, cells)).or_default();
            let pages = guest.most_memory_kib.div_ceil(size.max(1));
            entry.0 = entry.0.saturating_add(pages);
            entry.1.push(guest.name.clone());
        }
    }
    let mut short = Vec::new();
    let mut remedies = Vec::new();
    for ((size, cells), (pages, names)) in asked {
        // Memory that is bound to cells comes from the pools of those.
        let of_cells =
            |cell: Option<u32>| cells.is_empty() || cell.is_none_or(|cell| cells.contains(&cell));
        let pools: Vec<_> = facts
            .huge_pages
            .iter()
            .filter(|pool| pool.size_kib == size && of_cells(pool.cell))
            .collect();
        let sum = |values: &mut dyn Iterator<Item = u64>| values.fold(0, u64::saturating_add);
        let free = sum(&mut pools.iter().filter_map(|pool| pool.free));
        if pages <= free {
            continue;
        }
        let per_node: Vec<_> = pools
            .iter()
            .filter_map(|pool| Some(format!("node {}: {}", pool.cell?, pool.free?)))
            .collect();
        let where_ = match cells.is_empty() {
            true => String::new(),
            false => format!(" of node {}", set(&cells.iter().copied().collect())),
        };
        short.push(format!(
            "{size} KiB{where_}: {pages} asked for by {}, {free} free ({})",
            listed(&names),
            per_node.join(", ")
        ));
        let total = sum(&mut pools.iter().map(|pool| pool.total)).saturating_add(pages - free);
        remedies.push(match cells.as_slice() {
            [only] => format!(
                "echo {total} > /sys/devices/system/node/node{only}/hugepages/hugepages-{size}kB/nr_hugepages"
            ),
            _ => format!("echo {total} > /sys/kernel/mm/hugepages/hugepages-{size}kB/nr_hugepages"),
        });
    }
    if short.is_empty() {
        return Found::ok("enough pages are free");
    }
    Found::warn(
        short.join("; "),
        "Those domains do not start: libvirt cannot allocate their memory.",
    )
    .by(remedies.join(" && "))
}

pub(super) fn crossing(facts: &Facts, guests: &[Guest]) -> Found {
    if facts.cells.len() < 2 {
        return match facts.cells.len() {
            0 => Found::unknown("NUMA cells are not known"),
            _ => Found::ok("one NUMA cell"),
        };
    }
    let cells_of = |cpus: &BTreeSet<u32>| -> BTreeSet<u32> {
        facts
            .topology
            .iter()
            .filter(|cpu| cpus.contains(&cpu.id))
            .map(|cpu| cpu.cell)
            .collect()
    };
    let mut found = Vec::new();
    for guest in guests {
        let mut cells = BTreeSet::new();
        for (_, cpus) in guest
            .pins
            .iter()
            .filter(|(pin, _)| matches!(pin, Pin::Vcpu(_)))
        {
            cells.extend(cells_of(cpus));
        }
        let unpinned = !guest
            .pins
            .iter()
            .any(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
        if unpinned && !guest.memory_nodes.is_empty() {
            cells.extend(facts.cells.iter().map(|cell| cell.id));
        }
        if cells.is_empty() {
            continue;
        }
        let memory = &guest.memory_nodes;
        let apart = if memory.is_empty() {
            cells.len() > 1
        } else {
            !cells.is_subset(memory)
        };
        if apart {
            let nodes = if memory.is_empty() { &cells } else { memory };
            found.push((
                format!(
                    "{} (vCPUs on {}, memory on {})",
                    guest.name,
                    set(&cells),
                    set(memory)
                ),
                format!(
                    "virsh numatune {} --nodeset {} --config",
                    quoted(guest),
                    set(nodes)
                ),
            ));
        }
    }
    none_of(
        found,
        "no pinned domain is apart from its memory",
        "Memory of another node answers slower, and its link is shared by all.",
    )
}

fn set(numbers: &BTreeSet<u32>) -> String {
    if numbers.is_empty() {
        return "any".to_owned();
    }
    numbers
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

pub(super) fn same_core(facts: &Facts, guests: &[Guest]) -> Found {
    if facts.topology.is_empty() {
        return Found::unknown("the places of the CPUs are not known");
    }
    // A core is known by the first of its threads.
    let core_of = |id: u32| {
        let place = facts.topology.iter().find(|cpu| cpu.id == id);
        place
            .and_then(|cpu| cpu.siblings.first().copied())
            .unwrap_or(id)
    };
    let mut taken: BTreeMap<u32, Vec<(&Guest, u32)>> = BTreeMap::new();
    for guest in guests
        .iter()
        .filter(|guest| guest.running || guest.autostart)
    {
        for (pin, cpus) in &guest.pins {
            let Pin::Vcpu(number) = pin else { continue };
            // Who has more than one to choose from finds a free one.
            let cores: BTreeSet<u32> = cpus.iter().map(|id| core_of(*id)).collect();
            if let (Some(core), 1) = (cores.first(), cores.len()) {
                taken.entry(*core).or_default().push((guest, *number));
            }
        }
    }
    // Cores that nobody is pinned to alone are what one may move to.
    let open: BTreeSet<u32> = facts
        .topology
        .iter()
        .map(|cpu| cpu.id)
        .filter(|id| !taken.contains_key(&core_of(*id)))
        .collect();
    let open = if open.is_empty() {
        facts.topology.iter().map(|cpu| cpu.id).collect()
    } else {
        open
    };
    let found: Vec<Wrong> = taken
        .iter()
        .filter(|(_, who)| who.len() > 1)
        .map(|(core, who)| {
            let names: Vec<_> = who
                .iter()
                .map(|(guest, number)| format!("{} vCPU {number}", guest.name))
                .collect();
            let (guest, number) = who[who.len() - 1];
            (
                format!("core of CPU {core}: {}", names.join(", ")),
                format!(
                    "virsh vcpupin {} {number} {} {}",
                    quoted(guest),
                    set_words(&open),
                    when(guest)
                ),
            )
        })
        .collect();
    none_of(
        found,
        "no two on one core",
        "They take turns on one core while others may idle.",
    )
}

fn chosen(guests: &[Guest], with_autostart: bool) -> impl Iterator<Item = &Guest> {
    guests
        .iter()
        .filter(move |guest| guest.running || (with_autostart && guest.autostart))
}

/// The commands that make less of what the largest were promised, until `excess` is gone; each keeps at least half.
fn lessen(
    mut promised: Vec<(&Guest, u64)>,
    mut excess: u64,
    command: impl Fn(&Guest, u64) -> String,
) -> String {
    promised.sort_by_key(|(guest, much)| (std::cmp::Reverse(*much), guest.name.clone()));
    let mut commands = Vec::new();
    for (guest, much) in promised.into_iter().take(COMMANDS) {
        let less = excess.min(much / 2);
        if less == 0 {
            break;
        }
        excess -= less;
        commands.push(command(guest, much - less));
    }
    commands.join(" && ")
}

/// With what starts by itself, and only then is too much: one of those starts no more.
fn start_less(guests: &[Guest], much: impl Fn(&Guest) -> u64) -> Option<String> {
    let later = guests
        .iter()
        .filter(|guest| !guest.running && guest.autostart);
    let largest = later.max_by_key(|guest| much(guest))?;
    Some(format!("virsh autostart --disable {}", quoted(largest)))
}

pub(super) fn cpu_overcommit(facts: &Facts, guests: &[Guest], with_autostart: bool) -> Found {
    let Some(cpus) = facts.cpu.cpus.filter(|cpus| *cpus > 0) else {
        return Found::unknown("the number of CPUs is not known");
    };
    let promised = chosen(guests, with_autostart)
        .map(|guest| guest.vcpus)
        .fold(0, u32::saturating_add);
    let evidence = format!("{promised} vCPUs on {cpus} CPUs");
    let most = cpus.saturating_mul(OVERCOMMIT);
    if promised <= most {
        return Found::ok(evidence);
    }
    let all = chosen(guests, with_autostart).map(|guest| (guest, u64::from(guest.vcpus)));
    let fewer = || {
        let excess = u64::from(promised - most);
        lessen(all.collect(), excess, |guest, left| {
            format!("virsh setvcpus {} {left} {}", quoted(guest), when(guest))
        })
    };
    let remedy = match with_autostart {
        true => start_less(guests, |guest| guest.vcpus.into()).unwrap_or_else(fewer),
        false => fewer(),
    };
    let found = Found::warn(
        evidence,
        "More than four vCPUs for each CPU: guests wait for each other when they are busy.",
    );
    // When each has one virtual CPU, only fewer of them help.
    let one = chosen(guests, true).next();
    match (remedy.is_empty(), one) {
        (true, Some(guest)) => found.by(format!("virsh shutdown {}", quoted(guest))),
        _ => found.by(remedy),
    }
}

pub(super) fn memory_overcommit(facts: &Facts, guests: &[Guest], with_autostart: bool) -> Found {
    let Some(total) = facts.memory.total_kib else {
        return Found::unknown("the host's memory is not known");
    };
    let promised = chosen(guests, with_autostart)
        .map(|guest| guest.memory_kib)
        .fold(0, u64::saturating_add);
    let evidence = format!("{} MiB of {} MiB", promised / 1024, total / 1024);
    if promised <= total {
        return Found::ok(evidence);
    }
    let all = chosen(guests, with_autostart).map(|guest| (guest, guest.memory_kib));
    let less = || {
        lessen(all.collect(), promised - total, |guest, left| {
            format!("virsh setmem {} {left}K {}", quoted(guest), when(guest))
        })
    };
    let remedy = match with_autostart {
        true => start_less(guests, |guest| guest.memory_kib).unwrap_or_else(less),
        false => less(),
    };
    Found::warn(
        evidence,
        "When the guests use what they were promised, the host swaps or kills one of them.",
    )
    .by(remedy)
}
