//! Where domains run: a set of pins for each, suggested, saved before, or none.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Level, State, Submitted, Tone, Wrong, actions, bulk,
};
use crate::config::Pinning;
use crate::hostfacts::{
    Guest, HostReport, Pin, PinWay, Pins, cells_of, cpu_set, set_words, suggest_pins, taken_cpus,
    what_if,
};
use crate::model::DomainId;
use crate::protocol::{Affect, Arrange, DomainVerb, Tuned};
use crate::text;

/// What stands before the name of a saved set among the ways.
const SAVED: &str = "saved:";

/// Most domains whose pins are shown before they are set.
const SHOWN: usize = 3;

/// The form: for these domains, by what is known of their host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinForm {
    ids: Vec<DomainId>,
    report: Arc<HostReport>,
}

impl PinForm {
    fn guests(&self) -> Vec<&Guest> {
        let of = |id: &DomainId| {
            let guests = self.report.guests.iter();
            guests.into_iter().find(|guest| guest.uuid == Some(id.uuid))
        };
        self.ids.iter().filter_map(of).collect()
    }
}

/// Opens the form.
pub fn open(state: &mut State, ids: Vec<DomainId>, report: Arc<HostReport>) {
    let known = |id: &DomainId| {
        report
            .guests
            .iter()
            .any(|guest| guest.uuid == Some(id.uuid))
    };
    let ids: Vec<_> = ids.into_iter().filter(known).collect();
    if ids.is_empty() {
        return state.say(
            Level::Note,
            "No domain of this host is selected.".to_owned(),
        );
    }
    let wanted = PinForm { ids, report };
    let guests = wanted.guests();
    let title = match guests.as_slice() {
        [one] => format!("Pin {}", text::visible(&one.name)),
        many => format!("Pin {} domains", many.len()),
    };
    let mut ways: Vec<FieldOption> = PinWay::ALL
        .iter()
        .map(|way| FieldOption::new(way.word(), way.label()))
        .collect();
    ways.extend(state.pinnings.iter().map(|saved| {
        let label = format!("as saved: {}", text::visible(&saved.name));
        FieldOption::new(&format!("{SAVED}{}", saved.name), &label)
    }));
    let several_cells = wanted.report.facts.cells.len() > 1;
    let running = guests.iter().any(|guest| guest.running);
    let whens = [
        ("both", "now and from each start on"),
        ("live", "now, until it stops"),
        ("config", "from the next start on"),
    ];
    let whens: Vec<_> = whens
        .map(|(word, label)| FieldOption::new(word, label))
        .to_vec();
    let when = if running { "both" } else { "config" };
    let fields = vec![
        Field::choice("way", "Where", ways, PinWay::OneCell.word()),
        Field::choice("when", "When", whens, when),
        Field::check("memory", "Memory from the same cell", several_cells)
            .help("From the next start on: what is in memory stays where it is."),
        Field::text("save", "Save the set as", "")
            .optional()
            .help("A name; the set is then among the ways, for this domain and others."),
    ];
    let mut form = Form::new(FormUse::Pins(wanted), title, "Pin", fields);
    form.is_kept = false;
    form.show("memory", several_cells);
    form.open(state);
}

/// A saved set for a domain.
fn saved(pinning: &Pinning, guest: &Guest) -> Option<Pins> {
    let part = |sets: &[String], at: usize| -> Option<BTreeSet<u32>> {
        let set = cpu_set(sets.get(at % sets.len().max(1))?);
        (!set.is_empty()).then_some(set)
    };
    let vcpus = (0..guest.vcpus).zip(0..);
    let mut pins: Pins = vcpus
        .map(|(number, at)| Some((Pin::Vcpu(number), part(&pinning.vcpus, at)?)))
        .collect::<Option<_>>()?;
    let emulator = pinning.emulator.as_deref().map(cpu_set);
    pins.extend(
        emulator
            .filter(|set| !set.is_empty())
            .map(|set| (Pin::Emulator, set)),
    );
    for (id, at) in guest.iothreads.iter().zip(0..) {
        pins.extend(part(&pinning.iothreads, at).map(|set| (Pin::IoThread(*id), set)));
    }
    Some(pins)
}

/// The pins of each domain, and the cells of its memory.
type Planned<'a> = Vec<(&'a Guest, Pins, Option<BTreeSet<u32>>)>;

fn planned<'a>(state: &State, form: &Form, wanted: &'a PinForm) -> Result<Planned<'a>, String> {
    let facts = &wanted.report.facts;
    let guests = wanted.guests();
    let mut taken = taken_cpus(&wanted.report.guests, &guests, facts.topology.len());
    let mut all = Vec::new();
    for guest in guests {
        let word = form.text("way");
        let kept = word.strip_prefix(SAVED).map(|name| {
            let known = state.pinnings.iter().find(|known| known.name == name);
            known.ok_or_else(|| format!("there is no saved set '{name}'"))
        });
        let (pins, memory) = match kept.transpose()? {
            Some(pinning) => {
                let pins = saved(pinning, guest)
                    .ok_or_else(|| format!("the saved set '{}' names no CPUs", pinning.name))?;
                let host: BTreeSet<u32> = facts.topology.iter().map(|cpu| cpu.id).collect();
                if let Some(absent) = pins
                    .iter()
                    .flat_map(|(_, set)| set)
                    .find(|id| !host.contains(id))
                {
                    return Err(format!("this host has no CPU {absent}"));
                }
                (pins, pinning.memory.as_deref().map(cpu_set))
            }
            None => {
                let way = PinWay::ALL.into_iter().find(|way| way.word() == word);
                let way = way.unwrap_or(PinWay::OneCell);
                let pins = suggest_pins(way, guest, &taken, facts)
                    .map_err(|why| format!("{}: {why}", text::visible(&guest.name)))?;
                let used = vcpu_cpus(&pins);
                let cells = cells_of(&facts.topology, &used);
                let bound = way != PinWay::Free && cells.len() < facts.cells.len();
                (pins, bound.then_some(cells))
            }
        };
        let used = vcpu_cpus(&pins);
        if used.len() < facts.topology.len() {
            taken.extend(used);
        }
        let memory = memory.filter(|_| form.checked("memory"));
        all.push((guest, pins, memory));
    }
    Ok(all)
}

fn vcpu_cpus(pins: &Pins) -> BTreeSet<u32> {
    let vcpus = pins.iter().filter(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
    vcpus.flat_map(|(_, set)| set.iter().copied()).collect()
}

fn verb(form: &Form, guest: &Guest, pins: &Pins, memory: Option<&BTreeSet<u32>>) -> DomainVerb {
    let affect = match (guest.running, form.text("when")) {
        (false, _) | (_, "config") => Affect::Config,
        (true, "live") => Affect::Live,
        (true, _) => Affect::Both,
    };
    let mut steps: Vec<DomainVerb> = pins
        .iter()
        .map(|(pin, cpus)| DomainVerb::Pin {
            pin: *pin,
            cpus: cpus.clone(),
            affect,
        })
        .collect();
    if let Some(cells) = memory.filter(|_| affect != Affect::Live) {
        steps.push(DomainVerb::Tune {
            set: Tuned::Numa,
            values: vec![("numa_nodeset".to_owned(), set_words(cells))],
            affect: Affect::Config,
        });
    }
    DomainVerb::Arrange(Box::new(Arrange {
        steps,
        seconds: None,
    }))
}

/// Shows what it would mean, and the commands.
pub fn changed(state: &State, form: &mut Form, wanted: &PinForm) {
    let running = wanted.guests().iter().any(|guest| guest.running);
    form.show("when", running);
    let plan = match planned(state, form, wanted) {
        Ok(plan) => plan,
        Err(why) => {
            form.preview = vec![(Tone::Warn, why.clone())];
            form.command = None;
            form.hold = Some(why);
            return;
        }
    };
    form.hold = None;
    let mut preview = Vec::new();
    for (guest, pins, memory) in plan.iter().take(SHOWN) {
        preview.push((Tone::Strong, text::visible(&guest.name).into_owned()));
        for (pin, cpus) in pins {
            let part = match pin {
                Pin::Vcpu(number) => format!("vCPU {number}"),
                Pin::Emulator => "emulator".to_owned(),
                Pin::IoThread(number) => format!("I/O thread {number}"),
            };
            let before = match guest.pinned(*pin) {
                Some(set) if set == cpus => " as now".to_owned(),
                Some(set) => format!(" (now {})", set_words(set)),
                None => String::new(),
            };
            preview.push((
                Tone::Normal,
                format!("  {part:<13}{}{before}", set_words(cpus)),
            ));
        }
        if let Some(cells) = memory {
            preview.push((
                Tone::Normal,
                format!("  {:<13}cell {}", "memory", set_words(cells)),
            ));
        }
        let facts = &wanted.report.facts;
        for words in what_if(guest, pins, &wanted.report.guests, facts) {
            preview.push((Tone::Dim, format!("  {words}")));
        }
    }
    if plan.len() > SHOWN {
        preview.push((
            Tone::Dim,
            format!("And so for {} more.", plan.len() - SHOWN),
        ));
    }
    let command = plan
        .first()
        .zip(wanted.ids.first())
        .and_then(|((guest, pins, memory), id)| {
            let verb = verb(form, guest, pins, memory.as_ref());
            let uri = state.connection(id.connection)?.uri();
            actions::line(&verb, uri, state.guest(*id)?, *id)
        });
    form.preview = preview;
    form.command = command;
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &PinForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let plan = match planned(state, form, wanted) {
        Ok(plan) => plan,
        Err(why) => return Submitted::Refused(vec![Wrong::at("way", why)]),
    };
    let connection = wanted.ids.first().map(|id| id.connection);
    let verbs: Vec<_> = plan
        .iter()
        .filter_map(|(guest, pins, memory)| {
            let id = DomainId {
                connection: connection?,
                uuid: guest.uuid?,
            };
            Some((id, verb(form, guest, pins, memory.as_ref())))
        })
        .collect();
    let name = form.text("save").trim().to_owned();
    if let (false, Some((guest, pins, memory))) = (name.is_empty(), plan.first()) {
        let of = |wanted: fn(&Pin) -> bool| -> Vec<String> {
            let own = pins.iter().filter(|(pin, _)| wanted(pin));
            own.map(|(_, set)| set_words(set)).collect()
        };
        let pinning = Pinning {
            name,
            vcpus: of(|pin| matches!(pin, Pin::Vcpu(_))),
            emulator: of(|pin| *pin == Pin::Emulator).pop(),
            iothreads: of(|pin| matches!(pin, Pin::IoThread(_))),
            memory: memory
                .as_ref()
                .or(Some(&guest.memory_nodes).filter(|set| !set.is_empty()))
                .map(set_words),
        };
        state.pinnings.retain(|known| known.name != pinning.name);
        state.pinnings.push(pinning.clone());
        effects.push(Effect::SavePinning(pinning));
    }
    if let [(id, verb)] = verbs.as_slice() {
        if let Some(why) = actions::refusal(state, Action::PinVcpu, *id) {
            return Submitted::Refused(vec![Wrong::whole(why)]);
        }
        actions::begin(state, Action::PinVcpu, verb.clone(), *id, effects);
    } else {
        bulk::attempt(state, Action::PinVcpu, verbs, effects);
    }
    Submitted::Done
}

impl State {
    /// Takes over the saved sets of pins of earlier sessions.
    pub fn set_pinnings(&mut self, pinnings: Result<Vec<Pinning>, String>) {
        match pinnings {
            Ok(pinnings) => self.pinnings = pinnings,
            Err(why) => self.say(
                Level::Failed,
                format!("Saved sets of pins are not read: {why}"),
            ),
        }
    }

    /// What became of saving one.
    pub(in crate::app) fn pinning_saved(&mut self, result: Result<String, String>) {
        match result {
            Ok(path) => {
                let path = text::visible(&path).into_owned();
                self.say(Level::Done, format!("The set of pins is saved in {path}."));
            }
            Err(why) => self.say(
                Level::Failed,
                format!("The set of pins is not saved: {why}"),
            ),
        }
    }
}
