//! A host: is it right for virtual machines, what it is, who runs where, and what can be changed.

mod acts;
mod lines;
mod map;

pub(in crate::app) use acts::typed;
pub use lines::HostLine;
pub use map::{CpuMark, MapRow};

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Page, Place, tab_beside};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{
    Connection, Effect, Layer, Line, List, Purpose, State, Target, TextField, TextUse, host_changes,
};
use crate::hostfacts::{Check, Guest, HostReport, Pin, Thread, Verdict};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Failure, HostLoad, JobId, Verb};
use crate::stats::MemorySource;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Host,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How old the report may get while one looks at it: where threads run changes all the time.
const REREAD: Duration = Duration::from_secs(10);

/// A section of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HostTab {
    /// The check list.
    #[default]
    Checks,
    /// What the host is.
    Facts,
    /// Host CPUs against what runs on them.
    Map,
    /// What its domains have and may use.
    Domains,
    /// What can be changed on the host.
    Tuning,
    /// What its guests may have.
    Capabilities,
}

impl HostTab {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Checks,
        Self::Facts,
        Self::Map,
        Self::Domains,
        Self::Tuning,
        Self::Capabilities,
    ];

    /// Its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Checks => "Checks",
            Self::Facts => "Facts",
            Self::Map => "Pinning",
            Self::Domains => "Domains",
            Self::Tuning => "Tuning",
            Self::Capabilities => "Capabilities",
        }
    }
}

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Which host.
    pub connection: ConnectionId,
    /// The section.
    pub tab: HostTab,
    report: Option<HostReport>,
    failure: Option<Failure>,
    /// The report has just come.
    fresh: bool,
    /// How busy virtual CPUs keep a CPU by the sampler's account, in percent: for hosts whose threads are not visible.
    sampled_vcpus: Vec<(Uuid, u32, f64)>,
    asked: Option<JobId>,
    /// When the report was asked for last; `None` when it is due.
    read_at: Option<Instant>,
    load_asked: Option<JobId>,
    load_at: Option<Instant>,
    before: Option<HostLoad>,
    latest: Option<HostLoad>,
    list: List<usize>,
    filter: String,
    /// The CPU that the cursor stands on in the map, by its place.
    pub column: usize,
    /// CPUs chosen for the selected row, before they are applied.
    pub chosen: BTreeSet<u32>,
    /// Whether there is a change whose effect is measured.
    pub compares: bool,
}

impl Host {
    /// The page of a host, before anything is read.
    #[must_use]
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            tab: HostTab::default(),
            report: None,
            failure: None,
            fresh: false,
            sampled_vcpus: Vec::new(),
            asked: None,
            read_at: None,
            load_asked: None,
            load_at: None,
            before: None,
            latest: None,
            list: List::default(),
            filter: String::new(),
            column: 0,
            chosen: BTreeSet::new(),
            compares: false,
        }
    }

    /// What was read last.
    #[must_use]
    pub fn report(&self) -> Option<&HostReport> {
        self.report.as_ref()
    }

    /// Why it could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The rows and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// How many checks came to a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let checks = self
            .report
            .as_ref()
            .map_or(&[][..], |report| &report.checks);
        checks
            .iter()
            .filter(|check| check.result == verdict)
            .count()
    }

    /// How busy a CPU is, 0..=100, between the last two looks; `None` before that.
    #[must_use]
    pub fn load(&self, cpu: u32) -> Option<f64> {
        let of = |load: &HostLoad| load.cpus.iter().find(|times| times.0 == cpu).copied();
        let (_, busy_before, idle_before) = of(self.before.as_ref()?)?;
        let (_, busy, idle) = of(self.latest.as_ref()?)?;
        let busy = busy.checked_sub(busy_before)?;
        let all = busy.checked_add(idle.checked_sub(idle_before)?)?;
        #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
        (all > 0).then(|| busy as f64 * 100.0 / all as f64)
    }

    /// Where a part of a domain runs, by the host's own files at the last look; `None` where those are not visible.
    #[must_use]
    pub fn thread(&self, uuid: Uuid, pin: Pin) -> Option<&Thread> {
        let of = |threads: &'_ [Thread]| {
            threads
                .iter()
                .position(|thread| thread.uuid == uuid && thread.pin == pin)
        };
        let load = self.latest.as_ref().filter(|load| !load.threads.is_empty());
        match (load, &self.report) {
            (Some(load), _) => of(&load.threads).map(|at| &load.threads[at]),
            (None, Some(report)) => of(&report.threads).map(|at| &report.threads[at]),
            (None, None) => None,
        }
    }

    /// How busy a part of a domain keeps a CPU, in percent, between the last two looks.
    fn thread_load(&self, uuid: Uuid, pin: Pin) -> Option<f64> {
        let (before, latest) = (self.before.as_ref()?, self.latest.as_ref()?);
        let of = |load: &HostLoad| {
            let mut threads = load.threads.iter();
            let found = threads.find(|thread| thread.uuid == uuid && thread.pin == pin)?;
            Some((found.id, found.ticks))
        };
        let ((old, from), (id, to)) = (of(before)?, of(latest)?);
        let ran = to.checked_sub(from).filter(|_| old == id)?;
        // The time that went by is that of any CPU: busy and idle, in the same ticks.
        let passed = latest.cpus.iter().filter_map(|(cpu, busy, idle)| {
            let (_, was_busy, was_idle) = before.cpus.iter().find(|times| times.0 == *cpu)?;
            let busy = busy.checked_sub(*was_busy)?;
            busy.checked_add(idle.checked_sub(*was_idle)?)
        });
        let passed = passed.max().filter(|passed| *passed > 0)?;
        #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
        Some(ran as f64 * 100.0 / passed as f64)
    }

    /// Where in its list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, &self.filter)
    }

    /// What must stand in a row.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.list.step(isize::MIN);
    }

    /// Shows a section.
    pub(in crate::app) fn show(&mut self, tab: HostTab) {
        if tab != self.tab {
            self.tab = tab;
            self.list = List::default();
            self.filter.clear();
            self.chosen.clear();
        }
    }

    /// Asks for what it lacks, and for the load at each interval.
    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        if !connection.is_live() {
            self.asked = None;
            self.read_at = None;
            self.load_asked = None;
            return;
        }
        self.compares = state.measured.newest(self.connection).is_some();
        if self.fresh {
            // What was chosen and holds now is no choice any more.
            let row = self.selected_row();
            if row.is_some_and(|row| row.pinned && row.allowed == self.chosen) {
                self.chosen.clear();
            }
        }
        self.know_balloons(state);
        self.sample_vcpus(state);
        let files = host_changes::files(state);
        let stale = self.read_at.is_none_or(|at| {
            state.now.instant.saturating_duration_since(at) >= REREAD && self.failure.is_none()
        });
        if stale && self.asked.is_none() {
            self.read_at = Some(state.now.instant);
            self.asked = Some(state.ask(
                host_changes::of_host(self.connection),
                Purpose::Read,
                Verb::ReadHost(files),
                effects,
            ));
        }
        let due = self.load_at.is_none_or(|at| {
            state.now.instant.saturating_duration_since(at) >= state.options.interval
        });
        if self.load_asked.is_none() && due && self.report.is_some() {
            self.load_at = Some(state.now.instant);
            let job = state.ask(
                host_changes::of_host(self.connection),
                Purpose::Read,
                Verb::ReadHostLoad(files),
                effects,
            );
            self.load_asked = Some(job);
        }
    }

    fn sample_vcpus(&mut self, state: &State) {
        self.sampled_vcpus.clear();
        let connection = self.connection;
        let running: Vec<_> = self.sampled().collect();
        for uuid in running {
            let Some(guest) = state.guest(DomainId { connection, uuid }) else {
                continue;
            };
            let vcpus = guest.tracked.figures().vcpus.iter();
            let loads = vcpus.filter_map(|vcpu| Some((uuid, vcpu.number, vcpu.percent?)));
            self.sampled_vcpus.extend(loads);
        }
    }

    /// How busy a part of a domain keeps a CPU, in percent: by the host's own files, else by libvirt's figures, which tell of
    /// virtual CPUs alone.
    #[must_use]
    pub fn part_load(&self, uuid: Uuid, pin: Pin) -> Option<f64> {
        let sampled = || {
            let Pin::Vcpu(number) = pin else { return None };
            let mut all = self.sampled_vcpus.iter();
            let known = all.find(|(of, vcpu, _)| (*of, *vcpu) == (uuid, number));
            known.map(|(.., percent)| *percent)
        };
        self.thread_load(uuid, pin).or_else(sampled)
    }

    /// The sampler knows which balloons report; the report of a console's host never asks a monitor.
    fn know_balloons(&mut self, state: &State) {
        let connection = self.connection;
        if let Some(report) = self.report.as_mut().filter(|_| self.fresh) {
            self.fresh = false;
            report.know_balloons(|uuid| {
                let figures = state
                    .guest(DomainId { connection, uuid })?
                    .tracked
                    .figures();
                let memory = figures.memory.as_ref()?;
                (memory.source == MemorySource::Guest).then_some(true)
            });
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked == Some(job) {
            self.asked = None;
            match result {
                Ok(Answer::Host(report)) => {
                    self.report = Some((**report).clone());
                    self.fresh = true;
                    self.failure = None;
                }
                Ok(_) => {}
                Err(failure) => self.failure = Some(failure.clone()),
            }
        }
        if self.load_asked == Some(job) {
            self.load_asked = None;
            if let Ok(Answer::HostLoad(load)) = result {
                self.before = self.latest.replace(load.clone());
            }
        }
    }

    /// Something was changed: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        self.failure = None;
    }

    pub(super) fn settle(&mut self, height: usize) {
        let count = self.rows();
        self.list.replace((0..count).collect());
        self.list.settle(height);
        let cpus = self
            .report
            .as_ref()
            .map_or(0, |report| report.facts.topology.len());
        self.column = self.column.min(cpus.saturating_sub(1));
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target {
            self.list.select(index);
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines()) {
            self.step(steps);
            return true;
        }
        match action {
            Action::NextTab | Action::PreviousTab => self.turn(action == Action::NextTab),
            Action::CursorLeft => self.column = self.column.saturating_sub(1),
            Action::CursorRight => self.column += 1,
            Action::ChooseCpu => self.choose(),
            Action::SuggestCpus => self.suggest(state),
            Action::TuneHost => self.open(state),
            Action::PinDomains => self.pin_domains(state),
            Action::KeepTuning => self.keep(state, effects),
            Action::CopyRemedy => self.copy(state, effects),
            Action::UndoTuning => host_changes::undo(state, self.connection),
            Action::Retry => self.stale(),
            Action::Filter if self.tab == HostTab::Capabilities => {
                let field = TextField::new(TextUse::Words, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::NextHost => self.next_host(state),
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            Action::Back if !self.chosen.is_empty() => self.chosen.clear(),
            _ => return false,
        }
        true
    }

    /// Whether an action means something in this section.
    pub(in crate::app) fn offers(&self, action: Action) -> bool {
        match action {
            Action::TuneHost => {
                matches!(self.tab, HostTab::Map | HostTab::Domains | HostTab::Tuning)
            }
            Action::PinDomains => matches!(self.tab, HostTab::Map | HostTab::Domains),
            Action::KeepTuning => self.tab == HostTab::Tuning,
            Action::SuggestCpus => self.tab == HostTab::Map,
            Action::Filter => self.tab == HostTab::Capabilities,
            Action::CopyRemedy => match self.tab {
                HostTab::Checks => self.selected_check().is_some_and(|c| c.remedy.is_some()),
                HostTab::Map | HostTab::Tuning => true,
                HostTab::Facts | HostTab::Domains | HostTab::Capabilities => false,
            },
            _ => true,
        }
    }

    /// The checks, what fails first.
    #[must_use]
    pub fn checks(&self) -> Vec<&Check> {
        let Some(report) = &self.report else {
            return Vec::new();
        };
        let mut checks: Vec<_> = report.checks.iter().collect();
        checks.sort_by_key(|check| match check.result {
            Verdict::Fail => 0,
            Verdict::Warn => 1,
            Verdict::Unknown => 2,
            Verdict::Ok => 3,
        });
        checks
    }

    fn step(&mut self, by: isize) {
        self.list.step(by);
        self.chosen.clear();
    }

    fn turn(&mut self, forward: bool) {
        if let Some(tab) = tab_beside(&HostTab::ALL, self.tab, forward) {
            self.show(tab);
        }
    }

    fn next_host(&mut self, state: &State) {
        if let Some(next) = state.host_after(self.connection) {
            let tab = self.tab;
            *self = Self::new(next);
            self.tab = tab;
        }
    }
}

impl Host {
    /// Lines of the list that a page of `height` lines has room for.
    #[must_use]
    pub(in crate::app) fn lines_in(&self, height: u16) -> usize {
        let height = height.saturating_sub(1);
        let used = match self.tab {
            HostTab::Checks => TOLD.min(height / 2),
            HostTab::Map => 5,
            HostTab::Facts => {
                let heat = self.heat_lines(height);
                heat + self.told_lines(height - heat)
            }
            HostTab::Tuning => TOLD.min((height - self.compare_lines(height)) / 2),
            HostTab::Domains => 1,
            HostTab::Capabilities => self.told_lines(height),
        };
        let used = used + self.compare_lines(height);
        usize::from(height.saturating_sub(used)).max(1)
    }

    /// Lines at the bottom that tell what the last change did.
    #[must_use]
    pub fn compare_lines(&self, height: u16) -> u16 {
        let tells = matches!(self.tab, HostTab::Map | HostTab::Domains | HostTab::Tuning);
        if tells && self.compares && height >= 14 {
            4
        } else {
            0
        }
    }

    /// Lines below a list of words that tell the selected one in full, where there is room.
    #[must_use]
    pub fn told_lines(&self, height: u16) -> u16 {
        if height >= 12 { 4 } else { 0 }
    }

    /// Its domains, those that run first.
    #[must_use]
    pub fn guests(&self) -> Vec<&Guest> {
        let guests = self
            .report
            .as_ref()
            .map_or(&[][..], |report| &report.guests);
        let mut guests: Vec<_> = guests.iter().collect();
        guests.sort_by(|one, two| (!one.running, &one.name).cmp(&(!two.running, &two.name)));
        guests
    }

    /// Domains that are sampled in full while somebody looks.
    pub(in crate::app) fn sampled(&self) -> impl Iterator<Item = Uuid> {
        let running = self.guests().into_iter().filter(|guest| guest.running);
        let uuids: Vec<_> = running
            .filter_map(|guest| guest.uuid)
            .take(SAMPLED)
            .collect();
        uuids.into_iter()
    }

    /// Lines that the load of the CPUs may take at most, above the facts.
    #[must_use]
    pub fn heat_lines(&self, height: u16) -> u16 {
        let cpus = self
            .report
            .as_ref()
            .map_or(0, |report| report.facts.topology.len());
        if cpus == 0 || height < 6 {
            return 0;
        }
        let cells = self
            .report
            .as_ref()
            .map_or(1, |report| report.facts.cells.len().max(1));
        let wanted = cells + cpus / 32 + 1;
        u16::try_from(wanted).unwrap_or(u16::MAX).min(height / 2)
    }
}

/// Domains that are sampled in full while the page is open, at most.
const SAMPLED: usize = 32;

/// Lines below the checks that tell of the selected one.
pub const TOLD: u16 = 6;

/// The host that `H` shows: that of the selected domain, else the first.
pub(in crate::app) fn open(state: &mut State) {
    let of_domain = state.target().map(|id| id.connection);
    let first = || state.connections.first().map(|c: &Connection| c.id);
    if let Some(connection) = of_domain.or_else(first) {
        state
            .pages
            .push(Page::Host(Box::new(Host::new(connection))));
    }
}
