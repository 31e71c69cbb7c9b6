//! A host: is it right for virtual machines, what it is, who runs where, and what can be changed.

mod lines;
mod map;

pub use lines::HostLine;
pub use map::{CpuMark, MapRow};

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Page, Place, tab_beside};
use crate::action::{Action, Context};
use crate::app::{
    CommandLine, Confirm, Connection, Effect, Intent, Layer, Level, Line, List, Purpose, State,
    Target, TextField, TextUse,
};
use crate::hostfacts::{Check, HostReport, Knob, Verdict};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Failure, HostLoad, JobId, Verb};
use crate::virsh;

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
    /// What can be changed on the host.
    Tuning,
    /// What its guests may have.
    Capabilities,
}

impl HostTab {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Checks,
        Self::Facts,
        Self::Map,
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
    /// What was changed on the host, with the value before, oldest first.
    undo: Vec<(Knob, String)>,
    tuning: Option<(JobId, Knob, String)>,
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
            undo: Vec::new(),
            tuning: None,
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

    fn target(&self) -> DomainId {
        // Of the host itself, which is no domain.
        DomainId {
            connection: self.connection,
            uuid: Uuid([0; 16]),
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
        let stale = self.read_at.is_none_or(|at| {
            state.now.instant.saturating_duration_since(at) >= REREAD && self.failure.is_none()
        });
        if stale && self.asked.is_none() {
            self.read_at = Some(state.now.instant);
            self.asked = Some(state.ask(self.target(), Purpose::Read, Verb::ReadHost, effects));
        }
        let due = self.load_at.is_none_or(|at| {
            state.now.instant.saturating_duration_since(at) >= state.options.interval
        });
        if self.load_asked.is_none() && due && self.report.is_some() {
            self.load_at = Some(state.now.instant);
            let job = state.ask(self.target(), Purpose::Read, Verb::ReadHostLoad, effects);
            self.load_asked = Some(job);
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if self.asked == Some(job) {
            self.asked = None;
            match result {
                Ok(Answer::Host(report)) => {
                    self.report = Some((**report).clone());
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
        if self
            .tuning
            .as_ref()
            .is_some_and(|(asked, ..)| *asked == job)
        {
            let Some((_, knob, before)) = self.tuning.take() else {
                return;
            };
            if result.is_ok() {
                self.undo.push((knob, before));
            }
            // What holds now is read anew, whatever became of it.
            self.stale();
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
        let page = isize::try_from(state.page_lines()).unwrap_or(isize::MAX);
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(page),
            Action::PageUp => self.step(-page),
            Action::First => self.step(isize::MIN),
            Action::Last => self.step(isize::MAX),
            Action::NextTab | Action::PreviousTab => self.turn(action == Action::NextTab),
            Action::CursorLeft => self.column = self.column.saturating_sub(1),
            Action::CursorRight => self.column += 1,
            Action::ChooseCpu => self.choose(),
            Action::SuggestCpus => self.suggest(state),
            Action::TuneHost => self.open(state),
            Action::CopyRemedy => self.copy(state, effects),
            Action::UndoTuning => self.undo(state),
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
            Action::TuneHost => matches!(self.tab, HostTab::Map | HostTab::Tuning),
            Action::SuggestCpus => self.tab == HostTab::Map,
            Action::Filter => self.tab == HostTab::Capabilities,
            Action::CopyRemedy => match self.tab {
                HostTab::Checks => self.selected_check().is_some_and(|c| c.remedy.is_some()),
                HostTab::Map | HostTab::Tuning => true,
                HostTab::Facts | HostTab::Capabilities => false,
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

    fn open(&mut self, state: &mut State) {
        match self.tab {
            HostTab::Map => self.pin(state),
            HostTab::Tuning => self.tune(state),
            _ => {}
        }
    }

    /// Opens the line of the command that pins the selected row to what is chosen.
    fn pin(&mut self, state: &mut State) {
        let Some(row) = self.selected_row() else {
            return;
        };
        let chosen = if self.chosen.is_empty() {
            row.allowed.clone()
        } else {
            self.chosen.clone()
        };
        let (Some(uuid), false) = (row.uuid, chosen.is_empty()) else {
            return;
        };
        let cpus = crate::hostfacts::set_words(&chosen);
        let domain = virsh::domain_word(&row.name, uuid).into_owned();
        let mut words = vec![row.command().to_owned(), domain];
        words.extend(row.number().map(|number| number.to_string()));
        words.push(cpus.clone());
        if row.running {
            words.push("--live".to_owned());
        }
        words.push("--config".to_owned());
        let text = virsh::join(words.iter().map(String::as_str));
        state
            .layers
            .push(Layer::Command(CommandLine::with(state, &text)));
        state.say(Level::Note, row.what_if(&chosen, self.report.as_ref()));
    }

    /// Asks for another value of the selected knob.
    fn tune(&mut self, state: &mut State) {
        let Some((knob, value)) = self.selected_knob() else {
            return;
        };
        if let Some(why) = self.no_tuning(state) {
            return state.say(Level::Note, why);
        }
        let choices = knob.choices(&value);
        let next = choices
            .iter()
            .position(|choice| *choice == value)
            .map_or(0, |at| at + 1);
        match choices.get(next % choices.len().max(1)) {
            Some(next) => self.confirm(state, knob, &value, next.clone()),
            None => {
                let field = TextField::new(TextUse::Tune, Line::new(&value));
                state.layers.push(Layer::Text(field));
            }
        }
    }

    /// Asks whether the selected knob may be set to what was typed.
    pub(in crate::app) fn typed(&mut self, state: &mut State, text: &str) -> Option<String> {
        let (knob, value) = self.selected_knob()?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some("A number is needed.".to_owned());
        }
        self.confirm(state, knob, &value, text.to_owned());
        None
    }

    fn confirm(&mut self, state: &mut State, knob: Knob, before: &str, value: String) {
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        let command = knob.command(&value, connection.uri());
        let mut body = vec![
            format!("From {before} to {value}, until the host restarts."),
            knob.doc().to_owned(),
        ];
        if let Some((file, line)) = knob.permanent(&value) {
            body.push(format!("To keep it: put '{line}' into {file}."));
        }
        let layer = Confirm {
            title: format!("Set {} of {}?", knob.name(), connection.label),
            body,
            warning: None,
            command: Some(command),
            accept: "Set",
            yes: false,
            count: None,
            typed: String::new(),
            intent: Intent::Tune(self.connection, knob, before.to_owned(), value),
        };
        state.layers.push(Layer::Confirm(layer));
    }

    /// Sends what was confirmed.
    pub(in crate::app) fn begin(
        &mut self,
        state: &mut State,
        knob: Knob,
        before: String,
        value: String,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(why) = self.no_tuning(state) {
            return state.say(Level::Note, why);
        }
        let Some(connection) = state.connection(self.connection) else {
            return;
        };
        let entry = crate::record::Entry {
            time: state.now.wall,
            connection: connection.uri().to_owned(),
            domain: String::new(),
            uuid: String::new(),
            line: knob.command(&value, connection.uri()),
            took: Duration::ZERO,
            failure: None,
        };
        let verb = Verb::TuneHost(knob.clone(), value);
        let job = state.ask(self.target(), Purpose::Act(Action::TuneHost), verb, effects);
        state.jobs.describe(job, entry);
        self.tuning = Some((job, knob, before));
    }

    fn no_tuning(&self, state: &State) -> Option<String> {
        let connection = state.connection(self.connection)?;
        let label = crate::text::visible(&connection.label);
        if connection.readonly() {
            return Some(format!(
                "Nothing of {label} can be set: it is open read-only. Open it without --readonly."
            ));
        }
        (!connection.is_live())
            .then(|| format!("Nothing of {label} can be set: it is not connected."))
    }

    /// Asks whether the last change may be taken back.
    fn undo(&mut self, state: &mut State) {
        let Some((knob, before)) = self.undo.pop() else {
            return state.say(Level::Note, "Nothing was changed here.".to_owned());
        };
        let now = self.value_of(&knob).unwrap_or_default();
        self.confirm(state, knob, &now, before);
    }

    fn copy(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let text = match self.tab {
            HostTab::Checks => self.selected_check().and_then(|check| check.remedy.clone()),
            HostTab::Tuning => self.selected_knob().and_then(|(knob, value)| {
                let (file, line) = knob.permanent(&value)?;
                Some(format!("echo '{line}' > {file}"))
            }),
            HostTab::Map => self.selected_row().map(|row| row.taskset(&self.chosen)),
            _ => None,
        };
        match text {
            Some(text) => effects.push(Effect::Copy(text)),
            None => state.say(Level::Note, "There is no command to copy.".to_owned()),
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
            HostTab::Facts => self.heat_lines(height),
            HostTab::Tuning | HostTab::Capabilities => 0,
        };
        usize::from(height.saturating_sub(used)).max(1)
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

/// Lines below the checks that tell of the selected one.
pub const TOLD: u16 = 6;

/// Runs what is left to the page of a host below a dialog.
fn with_page<T>(state: &mut State, run: impl FnOnce(&mut Host, &mut State) -> T) -> Option<T> {
    match state.pages.pop() {
        Some(Page::Host(mut host)) => {
            let result = run(&mut host, state);
            state.pages.push(Page::Host(host));
            Some(result)
        }
        page => {
            state.pages.extend(page);
            None
        }
    }
}

/// Sets what was confirmed.
pub(in crate::app) fn begin(
    state: &mut State,
    connection: ConnectionId,
    knob: Knob,
    before: String,
    value: String,
    effects: &mut Vec<Effect>,
) {
    with_page(state, |host, state| {
        if host.connection == connection {
            host.begin(state, knob, before, value, effects);
        }
    });
}

/// Takes a number that was typed for the selected knob; what is wrong with it.
pub(in crate::app) fn typed(state: &mut State, text: &str) -> Option<String> {
    with_page(state, |host, state| host.typed(state, text)).flatten()
}

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
