//! Who runs on which CPU of the host.

use std::collections::BTreeSet;

use super::{Host, HostTab};
use crate::app::{Level, State};
use crate::hostfacts::{Check, Guest, HostReport, Knob, Pin, set_words};
use crate::model::Uuid;

/// Something that runs on CPUs of the host: a virtual CPU, the emulator, an I/O thread.
#[derive(Debug, Clone, PartialEq)]
pub struct MapRow {
    /// The domain.
    pub uuid: Option<Uuid>,
    /// Its name; untrusted.
    pub name: String,
    /// It runs.
    pub running: bool,
    /// What of it.
    pub pin: Pin,
    /// Where it may run; all CPUs where nothing is pinned.
    pub allowed: BTreeSet<u32>,
    /// Whether that is by a pin.
    pub pinned: bool,
    /// Where it was last; `None` where that is not visible from here, or it does not run.
    pub on: Option<u32>,
    /// How busy it keeps a CPU, in percent.
    pub load: Option<f64>,
}

/// What the map shows of one row on one CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuMark {
    /// It runs there now.
    Here,
    /// It runs there now, and another is pinned there.
    HereOverlap,
    /// It is pinned there, alone.
    Pinned,
    /// It is pinned there, and so is another.
    Overlap,
    /// It may run there.
    Free,
    /// It may not.
    Never,
    /// It is chosen to be pinned there.
    Chosen,
}

impl MapRow {
    fn new(guest: &Guest, pin: Pin, all: &BTreeSet<u32>) -> Self {
        let pinned = guest.pinned(pin);
        let on = match pin {
            Pin::Vcpu(number) => guest.placed.iter().find(|(vcpu, _)| *vcpu == number),
            _ => None,
        };
        Self {
            uuid: guest.uuid,
            name: guest.name.clone(),
            running: guest.running,
            pin,
            allowed: pinned.unwrap_or(all).clone(),
            // What may run everywhere is not pinned, however libvirt has written that down.
            pinned: pinned.is_some_and(|set| !all.is_subset(set)),
            on: on.map(|(_, cpu)| *cpu),
            load: None,
        }
    }

    /// What it is, behind the name of its domain.
    #[must_use]
    pub fn part(&self) -> String {
        match self.pin {
            Pin::Vcpu(number) => format!("vCPU {number}"),
            Pin::Emulator => "emulator".to_owned(),
            Pin::IoThread(number) => format!("iothread {number}"),
        }
    }
}

/// All rows: each virtual CPU of each domain, its emulator, its I/O threads; running ones first.
#[must_use]
pub(super) fn rows(report: &HostReport) -> Vec<MapRow> {
    let all: BTreeSet<u32> = report.facts.topology.iter().map(|cpu| cpu.id).collect();
    let mut guests: Vec<&Guest> = report.guests.iter().collect();
    guests.sort_by(|one, two| (!one.running, &one.name).cmp(&(!two.running, &two.name)));
    let mut rows = Vec::new();
    for guest in guests {
        // One that is off and pins nothing has nothing to show.
        if !guest.running && guest.pins.is_empty() {
            continue;
        }
        let vcpus = (0..guest.vcpus.min(512)).map(Pin::Vcpu);
        let threads = guest.iothreads.iter().copied().map(Pin::IoThread);
        let pins = vcpus.chain([Pin::Emulator]).chain(threads);
        rows.extend(pins.map(|pin| MapRow::new(guest, pin, &all)));
    }
    rows
}

impl Host {
    /// All rows of the map, with where each runs now.
    #[must_use]
    pub fn map_rows(&self) -> Vec<MapRow> {
        let mut rows = self.report().map(rows).unwrap_or_default();
        for row in rows.iter_mut().filter(|row| row.running) {
            let Some(uuid) = row.uuid else { continue };
            if let Some(thread) = self.thread(uuid, row.pin) {
                row.on = Some(thread.on);
            }
            row.load = self.part_load(uuid, row.pin);
        }
        rows
    }

    /// What the map shows of `row` on a CPU; `rows` are all.
    #[must_use]
    pub fn mark(&self, row: &MapRow, rows: &[MapRow], cpu: u32, selected: bool) -> CpuMark {
        if selected && self.chosen.contains(&cpu) {
            return CpuMark::Chosen;
        }
        let shared = |least: usize| {
            let there = rows.iter().filter(|other| {
                other.pinned && matches!(other.pin, Pin::Vcpu(_)) && other.allowed.contains(&cpu)
            });
            there.count() > least
        };
        let own = row.pinned && matches!(row.pin, Pin::Vcpu(_)) && row.allowed.contains(&cpu);
        if row.on == Some(cpu) {
            return match shared(usize::from(own)) {
                true => CpuMark::HereOverlap,
                false => CpuMark::Here,
            };
        }
        if !row.allowed.contains(&cpu) {
            return CpuMark::Never;
        }
        if !row.pinned {
            return CpuMark::Free;
        }
        if shared(1) {
            CpuMark::Overlap
        } else {
            CpuMark::Pinned
        }
    }

    pub(super) fn selected_row(&self) -> Option<MapRow> {
        let at = self
            .list()
            .position()
            .filter(|_| self.tab == HostTab::Map)?;
        self.map_rows().into_iter().nth(at)
    }

    pub(super) fn selected_check(&self) -> Option<&Check> {
        let at = self
            .list()
            .position()
            .filter(|_| self.tab == HostTab::Checks)?;
        self.checks().get(at).copied()
    }

    pub(super) fn selected_knob(&self) -> Option<(Knob, String)> {
        let at = self
            .list()
            .position()
            .filter(|_| self.tab == HostTab::Tuning)?;
        self.knobs().into_iter().nth(at)
    }

    /// What can be set, with its present value.
    #[must_use]
    pub fn knobs(&self) -> Vec<(Knob, String)> {
        self.report()
            .map(|report| Knob::all(&report.facts))
            .unwrap_or_default()
    }

    /// Chooses the CPU under the cursor, or no more.
    pub(super) fn choose(&mut self) {
        let Some(row) = self.selected_row() else {
            return;
        };
        let Some(cpu) = self
            .report()
            .and_then(|report| report.facts.topology.get(self.column))
            .map(|cpu| cpu.id)
        else {
            return;
        };
        if self.chosen.is_empty() && row.pinned {
            self.chosen = row.allowed;
        }
        if !self.chosen.remove(&cpu) {
            self.chosen.insert(cpu);
        }
    }

    /// Chooses a set that suits: free of other pins, one thread of a core, in the cell with most of them; CPU 0 and its
    /// siblings are left to the host where there is room.
    pub(super) fn suggest(&mut self, state: &mut State) {
        let (Some(row), Some(report)) = (self.selected_row(), self.report()) else {
            return;
        };
        let rows = rows(report);
        let taken: BTreeSet<u32> = rows
            .iter()
            .filter(|other| other.pinned && (&other.name, other.pin) != (&row.name, row.pin))
            .flat_map(|other| other.allowed.iter().copied())
            .collect();
        let topology = &report.facts.topology;
        let cores_taken: BTreeSet<u32> = topology
            .iter()
            .filter(|cpu| taken.contains(&cpu.id))
            .flat_map(|cpu| cpu.siblings.iter().copied())
            .collect();
        let free = |cpu: &&crate::hostfacts::HostCpu| {
            !taken.contains(&cpu.id)
                && !cores_taken.contains(&cpu.id)
                && !cpu.siblings.contains(&0)
                && cpu.id != 0
        };
        // The domain stays in the cell where it already is.
        let own_cell = rows
            .iter()
            .filter(|other| other.name == row.name && other.pinned)
            .filter_map(|other| other.allowed.first().copied())
            .find_map(|id| topology.iter().find(|cpu| cpu.id == id))
            .map(|cpu| cpu.cell);
        let mut cells: Vec<u32> = topology.iter().map(|cpu| cpu.cell).collect();
        cells.dedup();
        let best = cells.iter().copied().max_by_key(|cell| {
            let room = topology
                .iter()
                .filter(|cpu| cpu.cell == *cell)
                .filter(free)
                .count();
            (Some(*cell) == own_cell, room)
        });
        let found = topology
            .iter()
            .filter(|cpu| Some(cpu.cell) == best)
            .find(free);
        let Some(cpu) = found else {
            state.say(
                Level::Note,
                "No core is free of pins but the host's own: unpin another first.".to_owned(),
            );
            return;
        };
        let chosen = match row.pin {
            Pin::Vcpu(_) => BTreeSet::from([cpu.id]),
            // Helpers share the host's core.
            _ => topology
                .iter()
                .filter(|cpu| cpu.id == 0 || cpu.siblings.contains(&0))
                .map(|cpu| cpu.id)
                .collect(),
        };
        let words = format!(
            "{} {} would run on CPUs {}; Enter shows what that means.",
            crate::text::visible(&row.name),
            row.part(),
            set_words(&chosen)
        );
        self.chosen = chosen;
        state.say(Level::Note, words);
    }
}
