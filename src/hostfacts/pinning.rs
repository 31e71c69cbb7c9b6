//! Sets of host CPUs that suit a domain, and what choosing them means.

use std::collections::BTreeSet;

use super::capabilities::Cpu;
use super::domains::{Guest, Pin};
use super::facts::Facts;
use super::files::set_words;

/// CPUs of the host for each part of a domain.
pub type Pins = Vec<(Pin, BTreeSet<u32>)>;

/// Most virtual CPUs of one domain that are placed.
const MOST_VCPUS: u32 = 4096;

/// A way to choose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinWay {
    /// All of it within one NUMA cell, on any CPU of that.
    OneCell,
    /// A core of its own for each virtual CPU, no two on the threads of one.
    OwnCores,
    /// Everywhere but on the first core, which stays the host's.
    LeaveHost,
    /// Everywhere.
    Free,
}

impl PinWay {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OneCell, Self::OwnCores, Self::LeaveHost, Self::Free];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OneCell => "cell",
            Self::OwnCores => "cores",
            Self::LeaveHost => "leave-host",
            Self::Free => "free",
        }
    }

    /// What it does, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OneCell => "fit one NUMA cell",
            Self::OwnCores => "a core for each vCPU",
            Self::LeaveHost => "leave a core to the host",
            Self::Free => "no pins",
        }
    }
}

/// The CPUs that stay the host's: the first core with all its threads.
#[must_use]
pub fn of_host(topology: &[Cpu]) -> BTreeSet<u32> {
    let first = topology.iter().min_by_key(|cpu| cpu.id);
    first
        .map(|cpu| cpu.siblings.iter().copied().chain([cpu.id]).collect())
        .unwrap_or_default()
}

/// The NUMA cells that CPUs are of.
#[must_use]
pub fn cells_of(topology: &[Cpu], cpus: &BTreeSet<u32>) -> BTreeSet<u32> {
    let own = topology.iter().filter(|cpu| cpus.contains(&cpu.id));
    own.map(|cpu| cpu.cell).collect()
}

/// CPUs for all parts of `guest`, where `taken` are those that others are pinned to.
///
/// # Errors
/// That there is no room.
pub fn suggest(
    way: PinWay,
    guest: &Guest,
    taken: &BTreeSet<u32>,
    facts: &Facts,
) -> Result<Pins, String> {
    let topology = &facts.topology;
    let all: BTreeSet<u32> = topology.iter().map(|cpu| cpu.id).collect();
    if all.is_empty() {
        return Err("the places of the host's CPUs are not known".to_owned());
    }
    let host = of_host(topology);
    let without_host: BTreeSet<u32> = all.difference(&host).copied().collect();
    // A host with one core has none to leave.
    let open = if without_host.is_empty() {
        &all
    } else {
        &without_host
    };
    let parts = |cpus: &BTreeSet<u32>, helpers: &BTreeSet<u32>| {
        let vcpus =
            (0..guest.vcpus.min(MOST_VCPUS)).map(|number| (Pin::Vcpu(number), cpus.clone()));
        let mut pins: Pins = vcpus.collect();
        pins.push((Pin::Emulator, helpers.clone()));
        pins.extend(
            guest
                .iothreads
                .iter()
                .map(|id| (Pin::IoThread(*id), helpers.clone())),
        );
        pins
    };
    match way {
        PinWay::Free => Ok(parts(&all, &all)),
        PinWay::LeaveHost => Ok(parts(open, open)),
        PinWay::OneCell => {
            let cell = best_cell(guest, taken, facts)?;
            let all = of_cell(topology, cell);
            // Others' CPUs and the host's own core are left out where the cell has others enough.
            let own: BTreeSet<u32> = all.difference(&host).copied().collect();
            let free: BTreeSet<u32> = own.difference(taken).copied().collect();
            let enough = |set: &BTreeSet<u32>| set.len() >= guest.vcpus as usize;
            let cpus = [free, own].into_iter().find(enough).unwrap_or(all);
            Ok(parts(&cpus, &cpus))
        }
        PinWay::OwnCores => own_cores(guest, taken, facts, &host),
    }
}

fn of_cell(topology: &[Cpu], cell: u32) -> BTreeSet<u32> {
    let own = topology.iter().filter(|cpu| cpu.cell == cell);
    own.map(|cpu| cpu.id).collect()
}

/// The cell that holds the domain best: the one its memory is bound to, else one with CPUs and free memory enough, least
/// taken by others.
fn best_cell(guest: &Guest, taken: &BTreeSet<u32>, facts: &Facts) -> Result<u32, String> {
    if let (Some(cell), 1) = (guest.memory_nodes.first(), guest.memory_nodes.len()) {
        return Ok(*cell);
    }
    let mut cells: BTreeSet<u32> = facts.topology.iter().map(|cpu| cpu.cell).collect();
    cells.retain(|cell| of_cell(&facts.topology, *cell).len() >= guest.vcpus as usize);
    let free = |cell: u32| {
        let known = facts.cells.iter().find(|known| known.id == cell);
        known.and_then(|known| known.free_kib)
    };
    let host = of_host(&facts.topology);
    let fits = |cell: &u32| guest.running || free(*cell).is_none_or(|kib| kib >= guest.memory_kib);
    let own = |cell: &u32| {
        let placed = guest.placed.iter().map(|(_, cpu)| *cpu).collect();
        cells_of(&facts.topology, &placed).contains(cell)
    };
    cells
        .iter()
        .copied()
        .max_by_key(|cell| {
            let cpus = of_cell(&facts.topology, *cell);
            (
                fits(cell),
                cpus.difference(taken)
                    .filter(|id| !host.contains(id))
                    .count()
                    >= guest.vcpus as usize,
                own(cell),
                free(*cell),
                std::cmp::Reverse(*cell),
            )
        })
        .ok_or_else(|| format!("no NUMA cell has {} CPUs", guest.vcpus))
}

/// One thread of a free core for each virtual CPU, of one cell where that has enough.
fn own_cores(
    guest: &Guest,
    taken: &BTreeSet<u32>,
    facts: &Facts,
    host: &BTreeSet<u32>,
) -> Result<Pins, String> {
    let topology = &facts.topology;
    let mut cores: Vec<&Cpu> = Vec::new();
    for cpu in topology {
        let threads: BTreeSet<u32> = cpu.siblings.iter().copied().chain([cpu.id]).collect();
        let known = cores.iter().any(|core| threads.contains(&core.id));
        if !known && threads.is_disjoint(taken) && threads.is_disjoint(host) {
            cores.push(cpu);
        }
    }
    let wanted = guest.vcpus as usize;
    if cores.len() < wanted {
        return Err(format!(
            "{wanted} cores are wanted, {} are free of other pins and not the host's",
            cores.len()
        ));
    }
    let cells: BTreeSet<u32> = cores.iter().map(|core| core.cell).collect();
    let in_cell = |cell: u32| cores.iter().filter(|core| core.cell == cell).count();
    let preferred = best_cell(guest, taken, facts)
        .ok()
        .filter(|cell| in_cell(*cell) >= wanted);
    let one = preferred.or_else(|| cells.iter().copied().find(|cell| in_cell(*cell) >= wanted));
    cores.sort_by_key(|core| (Some(core.cell) != one, core.cell, core.id));
    let mut pins: Pins = (0..guest.vcpus)
        .zip(&cores)
        .map(|(number, core)| (Pin::Vcpu(number), BTreeSet::from([core.id])))
        .collect();
    // Helpers share the host's core.
    pins.push((Pin::Emulator, host.clone()));
    pins.extend(
        guest
            .iothreads
            .iter()
            .map(|id| (Pin::IoThread(*id), host.clone())),
    );
    Ok(pins)
}

/// CPUs that vCPUs of other domains are pinned to.
#[must_use]
pub fn taken(guests: &[Guest], but: &[&Guest], cpus: usize) -> BTreeSet<u32> {
    let others = guests
        .iter()
        .filter(|guest| !but.iter().any(|own| own.uuid == guest.uuid));
    let pins = others.flat_map(|guest| &guest.pins).filter(|(pin, set)| {
        // Who may run everywhere takes nothing.
        matches!(pin, Pin::Vcpu(_)) && set.len() < cpus
    });
    pins.flat_map(|(_, set)| set.iter().copied()).collect()
}

/// What it would mean to pin `guest` so, in sentences, the gravest first.
#[must_use]
pub fn what_if(guest: &Guest, pins: &Pins, guests: &[Guest], facts: &Facts) -> Vec<String> {
    let topology = &facts.topology;
    let vcpus = || pins.iter().filter(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
    let helpers = pins.iter().filter(|(pin, _)| !matches!(pin, Pin::Vcpu(_)));
    let cpus = |(_, set): &(Pin, BTreeSet<u32>)| set.clone();
    let used: BTreeSet<u32> = match vcpus().next() {
        Some(_) => vcpus().flat_map(cpus).collect(),
        None => helpers.flat_map(cpus).collect(),
    };
    let mut words = Vec::new();
    if used.len() >= topology.len() {
        return vec!["The host evens out the load over all its CPUs.".to_owned()];
    }
    let several = used.len() < vcpus().count();
    if several {
        words.push(format!(
            "{} vCPUs share {} CPUs: they take turns even while others idle.",
            vcpus().count(),
            used.len()
        ));
    }
    let cores: Vec<BTreeSet<u32>> = vcpus()
        .filter(|(_, set)| set.len() == 1)
        .filter_map(|(_, set)| {
            let cpu = topology.iter().find(|cpu| set.contains(&cpu.id))?;
            Some(cpu.siblings.iter().copied().chain([cpu.id]).collect())
        })
        .collect();
    if (1..cores.len()).any(|at| cores[..at].contains(&cores[at])) {
        words.push("Two vCPUs are threads of one core: each slows the other down.".to_owned());
    }
    let cells = cells_of(topology, &used);
    if cells.len() > 1 {
        words.push(format!(
            "They are of NUMA cells {}: memory of the other answers slower.",
            set_words(&cells)
        ));
    } else if !guest.memory_nodes.is_empty() && !cells.is_subset(&guest.memory_nodes) {
        words.push(format!(
            "Its memory is bound to NUMA cell {}, its CPUs would be of cell {}.",
            set_words(&guest.memory_nodes),
            set_words(&cells)
        ));
    }
    let own = guest
        .pins
        .iter()
        .filter(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
    if vcpus().next().is_none() && own.clone().any(|(_, set)| !set.is_disjoint(&used)) {
        words.push(
            "Its own vCPUs are pinned there, too: they wait while QEMU works for them.".to_owned(),
        );
    }
    let mut met: Vec<&str> = guests
        .iter()
        .filter(|other| other.uuid != guest.uuid)
        .filter(|other| !taken(std::slice::from_ref(other), &[], topology.len()).is_disjoint(&used))
        .map(|other| other.name.as_str())
        .collect();
    met.sort_unstable();
    if !met.is_empty() {
        let more = met.len().saturating_sub(3);
        met.truncate(3);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        words.push(format!("Pinned there, too: {}{more}.", met.join(", ")));
    }
    words.push(
        "A pin goes along in a live migration: the target must have these CPUs. With pins the host cannot even out an overcommit."
            .to_owned(),
    );
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cells of two cores with two threads each: 0,4 1,5 | 2,6 3,7.
    fn facts() -> Facts {
        let cpu = |id: u32| Cpu {
            id,
            cell: (id % 4) / 2,
            socket: Some((id % 4) / 2),
            core: Some(id % 4),
            siblings: vec![id % 4, id % 4 + 4],
        };
        Facts {
            topology: (0..8).map(cpu).collect(),
            ..Facts::default()
        }
    }

    fn guest(number: u8, vcpus: u32) -> Guest {
        let xml = format!(
            "<domain><name>g{number}</name><uuid>0000000{number}-0000-0000-0000-000000000000</uuid><memory>1024</memory>\
             <vcpu>{vcpus}</vcpu><iothreads>1</iothreads></domain>"
        );
        Guest::read(&xml, true, false).unwrap()
    }

    fn words(pins: &Pins) -> String {
        let words = pins.iter().map(|(_, set)| set_words(set));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_way_keeps_its_word() {
        let (facts, one) = (facts(), guest(1, 2));
        let none = BTreeSet::new();
        let of =
            |way, taken: &BTreeSet<u32>| suggest(way, &one, taken, &facts).map(|pins| words(&pins));
        assert_eq!(of(PinWay::Free, &none).unwrap(), "0-7 0-7 0-7 0-7");
        assert_eq!(
            of(PinWay::LeaveHost, &none).unwrap(),
            "1-3,5-7 1-3,5-7 1-3,5-7 1-3,5-7"
        );
        // Cell 0 without the host's core has 1,5; two are enough.
        assert_eq!(of(PinWay::OneCell, &none).unwrap(), "1,5 1,5 1,5 1,5");
        assert_eq!(
            of(PinWay::OneCell, &BTreeSet::from([1, 5])).unwrap(),
            "2-3,6-7 2-3,6-7 2-3,6-7 2-3,6-7"
        );
        // Two whole cores in one cell; helpers on the host's.
        assert_eq!(of(PinWay::OwnCores, &none).unwrap(), "2 3 0,4 0,4");
        let why = of(PinWay::OwnCores, &BTreeSet::from([2, 7])).unwrap_err();
        assert!(why.contains("1 are free"), "{why}");
        assert!(suggest(PinWay::OneCell, &guest(1, 5), &none, &facts).is_err());
        assert!(suggest(PinWay::Free, &one, &none, &Facts::default()).is_err());
    }

    #[test]
    fn what_a_pin_costs_is_said() {
        let facts = facts();
        let mut other = guest(2, 1);
        other.pins = vec![(Pin::Vcpu(0), BTreeSet::from([2]))];
        let one = guest(1, 2);
        let pins = |sets: [&[u32]; 2]| -> Pins {
            let parts = sets.iter().zip(0..);
            parts
                .map(|(set, number)| (Pin::Vcpu(number), set.iter().copied().collect()))
                .collect()
        };
        let all = [one.clone(), other];
        let said = |sets| what_if(&one, &pins(sets), &all, &facts).join(" ");
        assert!(said([&[1], &[5]]).contains("threads of one core"));
        assert!(said([&[1], &[1]]).contains("share 1 CPUs"));
        let across = said([&[1], &[2]]);
        assert!(
            across.contains("NUMA cells 0-1") && across.contains("Pinned there, too: g2."),
            "{across}"
        );
        assert!(across.contains("live migration"));
        let free = said([&[0, 1, 2, 3, 4, 5, 6, 7], &[0]]);
        assert!(
            free.contains("evens out") && !free.contains("migration"),
            "{free}"
        );
    }
}
