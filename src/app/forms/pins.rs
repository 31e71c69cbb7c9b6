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
    taskset, what_if,
};
use crate::model::{ConnectionId, DomainId};
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
    /// The one part that is pinned; all of a domain without.
    part: Option<Pin>,
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
    let wanted = PinForm {
        ids,
        report,
        part: None,
    };
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
    let Some(host) = wanted.ids.first().map(|id| id.connection) else {
        return;
    };
    let fields = vec![
        Field::choice("way", "Where", ways, PinWay::OneCell.word()),
        when(state, host, running),
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

/// From when on it holds. libvirt's test driver knows no difference.
fn when(state: &State, host: ConnectionId, running: bool) -> Field {
    let uri = state
        .connection(host)
        .map_or("", |connection| connection.uri());
    if uri.starts_with("test:") {
        let only = FieldOption::new("current", "as the test driver takes it");
        return Field::choice("when", "When", vec![only], "current");
    }
    let whens = [
        ("both", "now and from each start on"),
        ("live", "now, until it stops"),
        ("config", "from the next start on"),
    ];
    let whens = whens.map(|(word, label)| FieldOption::new(word, label));
    let first = if running { "both" } else { "config" };
    Field::choice("when", "When", whens.to_vec(), first)
}

/// Opens the form of one part of a domain, with CPUs that are proposed.
pub fn open_one(
    state: &mut State,
    id: DomainId,
    pin: Pin,
    cpus: &BTreeSet<u32>,
    report: Arc<HostReport>,
) {
    let wanted = PinForm {
        ids: vec![id],
        report,
        part: Some(pin),
    };
    let Some(guest) = wanted.guests().first().copied() else {
        return;
    };
    let title = format!("Pin {} of {}", part(pin), text::visible(&guest.name));
    let fields = vec![
        Field::text("cpus", "CPUs", &set_words(cpus))
            .help("Numbers of the host's CPUs, such as 0-3,8; all of them take the pin away."),
        when(state, id.connection, guest.running),
    ];
    let mut form = Form::new(FormUse::Pins(wanted), title, "Pin", fields);
    form.is_kept = false;
    form.open(state);
}

/// What a part of a domain is called.
fn part(pin: Pin) -> String {
    match pin {
        Pin::Vcpu(number) => format!("vCPU {number}"),
        Pin::Emulator => "emulator".to_owned(),
        Pin::IoThread(number) => format!("I/O thread {number}"),
    }
}

/// The pin of one part, as it was typed.
fn typed<'a>(form: &Form, wanted: &'a PinForm, pin: Pin) -> Result<Planned<'a>, String> {
    let guest = wanted.guests().first().copied();
    let guest = guest.ok_or("the domain is gone")?;
    let cpus = cpu_set(form.text("cpus"));
    let host: BTreeSet<u32> = wanted
        .report
        .facts
        .topology
        .iter()
        .map(|cpu| cpu.id)
        .collect();
    if cpus.is_empty() {
        return Err("no CPU is named: numbers such as 0-3,8 are needed".to_owned());
    }
    match cpus.difference(&host).next() {
        Some(absent) if !host.is_empty() => Err(format!("this host has no CPU {absent}")),
        _ => Ok(vec![(guest, vec![(pin, cpus)], None)]),
    }
}

/// What a domain's pins would be with these in the place of some: by them is judged what they mean.
fn together(guest: &Guest, pins: &Pins) -> Pins {
    let is_new = |pin: Pin| pins.iter().any(|(new, _)| *new == pin);
    let vcpus = pins.iter().any(|(pin, _)| matches!(pin, Pin::Vcpu(_)));
    let others = guest.pins.iter();
    let others = others.filter(|(pin, _)| vcpus && matches!(pin, Pin::Vcpu(_)) && !is_new(*pin));
    others.chain(pins).cloned().collect()
}

/// The lines of taskset that do the same to a domain that runs: one for each set of CPUs, where its threads are visible.
fn tasksets(guest: &Guest, pins: &Pins, report: &HostReport) -> Vec<String> {
    let mut sets: Vec<(&BTreeSet<u32>, Vec<u32>)> = Vec::new();
    for (pin, cpus) in pins {
        let mut threads = report.threads.iter();
        let known = threads.find(|thread| Some(thread.uuid) == guest.uuid && thread.pin == *pin);
        let Some(id) = known.map(|thread| thread.id) else {
            return match pins.len() {
                1 => vec![taskset(&guest.name, *pin, cpus, None)],
                _ => vec![
                    "taskset -cp CPUS THREAD; the threads are not visible from here".to_owned(),
                ],
            };
        };
        match sets.iter_mut().find(|(set, _)| *set == cpus) {
            Some((_, ids)) => ids.push(id),
            None => sets.push((cpus, vec![id])),
        }
    }
    let line = |(cpus, ids): (&BTreeSet<u32>, Vec<u32>)| {
        let words: Vec<_> = ids.iter().map(u32::to_string).collect();
        let cpus = set_words(cpus);
        match words.as_slice() {
            [one] => format!("taskset -cp {cpus} {one}"),
            many => format!(
                "for t in {}; do taskset -cp {cpus} $t; done",
                many.join(" ")
            ),
        }
    };
    sets.into_iter().map(line).collect()
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
    if let Some(pin) = wanted.part {
        return typed(form, wanted, pin);
    }
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
        (_, "current") => Affect::Current,
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
            let part = part(*pin);
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
        for words in what_if(guest, &together(guest, pins), &wanted.report.guests, facts) {
            preview.push((Tone::Dim, format!("  {words}")));
        }
        let live = guest.running && form.text("when") != "config";
        for line in tasksets(guest, pins, &wanted.report)
            .iter()
            .filter(|_| live)
        {
            preview.push((Tone::Info, format!("  $ {line}")));
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
        Err(why) => {
            let field = if wanted.part.is_some() { "cpus" } else { "way" };
            return Submitted::Refused(vec![Wrong::at(field, why)]);
        }
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
