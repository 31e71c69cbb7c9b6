//! The agent in a guest: what it says, and what is done by it.

mod acting;
mod lines;

pub(in crate::app) use acting::{await_output, open, open_keys, put_down, raw_line, take};
pub use lines::{AgentLine, AgentWhat, Standing};

use std::time::{Duration, Instant};

use super::{Page, Place};
use crate::action::{Action, Context};
use crate::agent::GuestOutput;
use crate::app::{Effect, Layer, List, Purpose, Reader, ReaderLine, State, Target, Tone};
use crate::model::DomainId;
use crate::protocol::{AgentReport, Answer, Failure, JobId, Verb};
use crate::text;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Agent,
    Context::Domain,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How often the agent is asked while one looks.
const REREAD: Duration = Duration::from_secs(10);
/// The same after it did not answer: each question costs it, and libvirt, a wait.
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// Lines of output that are shown.
const MOST_LINES: usize = 20_000;

/// What stands in a line.
pub type AgentRow = u64;

/// What the page knows and where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentPage {
    /// The domain.
    pub id: DomainId,
    report: Option<AgentReport>,
    failure: Option<Failure>,
    asked: Option<JobId>,
    read_at: Option<Instant>,
    /// Whose keys are shown, and which, or why not.
    keys: Option<(String, Result<Vec<String>, String>)>,
    /// Whose keys are asked for.
    keys_asked: Option<(Option<JobId>, String)>,
    /// A command that runs in the guest or was passed on, and what it is called.
    ran: Option<(JobId, String)>,
    /// What it left, to be shown.
    output: Option<Reader>,
    list: List<AgentRow>,
}

impl AgentPage {
    /// The page of a domain, before anything is read.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self {
            id,
            report: None,
            failure: None,
            asked: None,
            read_at: None,
            keys: None,
            keys_asked: None,
            ran: None,
            output: None,
            list: List::default(),
        }
    }

    /// What was told last.
    #[must_use]
    pub fn report(&self) -> Option<&AgentReport> {
        self.report.as_ref()
    }

    /// Why nothing was told.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The rows and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<AgentRow> {
        &self.list
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, "")
    }

    /// Since when the agent is waited for.
    #[must_use]
    pub fn waits_since(&self, state: &State) -> Option<Instant> {
        let asked = self.asked.or(self.ran.as_ref().map(|(job, _)| *job));
        asked
            .and_then(|job| state.jobs.since(job))
            .or_else(|| state.frozen_since(self.id))
    }

    /// What runs in the guest.
    #[must_use]
    pub fn running(&self) -> Option<&str> {
        self.ran.as_ref().map(|(_, title)| title.as_str())
    }

    /// Since when it is being asked.
    #[must_use]
    pub fn asking_since(&self, state: &State) -> Option<Instant> {
        self.asked.and_then(|job| state.jobs.since(job))
    }

    /// Lines of the list, below the heading of the page.
    fn height(state: &State) -> usize {
        state.page_lines_below(1)
    }

    pub(super) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let now = state.now.instant;
        if state.layers.is_empty()
            && let Some(output) = self.output.take()
        {
            state.layers.push(Layer::Reader(output));
        }
        if self.standing(state) != Standing::Ready {
            self.asked = None;
            self.read_at = None;
            return;
        }
        if let Some((asked @ None, user)) = &mut self.keys_asked {
            let verb = Verb::ReadSshKeys(self.id.uuid, user.clone());
            *asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
        let pause = match self.failure {
            Some(_) => AFTER_FAILURE,
            None => REREAD,
        };
        let due = self
            .read_at
            .is_none_or(|at| now.saturating_duration_since(at) >= pause);
        // One call at a time: what is done to the guest comes before what is merely shown.
        let acts = state.jobs.action_on(self.id).is_some_and(|(action, _)| {
            action.row().contexts.contains(&Context::Agent) && action != Action::RunInGuest
        });
        if self.asked.is_none() && due && !acts {
            self.read_at = Some(now);
            let verb = Verb::ReadAgent(self.id.uuid);
            self.asked = Some(state.ask(self.id, Purpose::Read, verb, effects));
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if let Some((Some(asked), _)) = &self.keys_asked
            && *asked == job
            && let Some((_, user)) = self.keys_asked.take()
        {
            let keys = match result {
                Ok(Answer::SshKeys(_, keys)) => Ok(keys.clone()),
                Ok(_) => Ok(Vec::new()),
                Err(failure) => Err(failure.reason.clone()),
            };
            self.keys = Some((user, keys));
        }
        if self.ran.as_ref().is_some_and(|(ran, _)| *ran == job)
            && let Some((_, title)) = self.ran.take()
        {
            self.output = match result {
                Ok(Answer::GuestOutput(output)) => Some(shown(&title, output)),
                Ok(Answer::Said(said)) => Some(told(&title, said)),
                // That it failed is told as for every action.
                _ => None,
            };
        }
        if self.asked != Some(job) {
            return;
        }
        self.asked = None;
        match result {
            Ok(Answer::Agent(report)) => {
                self.report = Some((**report).clone());
                self.failure = None;
            }
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
    }

    /// Something was done: all is read anew.
    pub(in crate::app) fn stale(&mut self) {
        self.read_at = None;
        self.failure = None;
        if let Some((user, _)) = &self.keys
            && self.keys_asked.is_none()
        {
            self.keys_asked = Some((None, user.clone()));
        }
    }

    /// Shows the keys of a user.
    pub(in crate::app) fn show_keys(&mut self, user: &str) {
        self.keys = None;
        self.keys_asked = Some((None, user.to_owned()));
    }

    /// Waits for what a command leaves.
    pub(in crate::app) fn await_output(&mut self, job: JobId, title: String) {
        self.ran = Some((job, title));
    }

    pub(super) fn settle(&mut self, state: &State) {
        let lines = self.lines(state);
        let rows = lines.iter().map(|line| line.id).collect();
        self.list.replace(rows);
        self.list.settle(Self::height(state));
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
        }
    }
}

/// What a command in the guest left, to be read.
fn shown(title: &str, output: &GuestOutput) -> Reader {
    let end = match (output.code, output.signal, output.left_running) {
        (_, _, Some(process)) => (
            Tone::Warn,
            format!(
                "It still runs in the guest as process {process}; nobody waits for it any longer."
            ),
        ),
        (_, Some(signal), _) => (Tone::Bad, format!("It was ended by signal {signal}.")),
        (Some(0), ..) => (Tone::Good, "Exit code 0".to_owned()),
        (Some(code), ..) => (Tone::Bad, format!("Exit code {code}")),
        (None, ..) => (
            Tone::Warn,
            "It has ended; its exit code is not known.".to_owned(),
        ),
    };
    let mut lines = vec![end];
    if output.cut {
        let words = "There was more output than is kept; write it into a file in the guest.";
        lines.push((Tone::Warn, words.to_owned()));
    }
    for (heading, text, tone) in [
        ("", &output.out, Tone::Normal),
        ("Standard error:", &output.err, Tone::Warn),
    ] {
        if text.is_empty() {
            continue;
        }
        lines.push((Tone::Normal, String::new()));
        if !heading.is_empty() {
            lines.push((Tone::Dim, heading.to_owned()));
        }
        let said = text.lines().take(MOST_LINES);
        lines.extend(said.map(|line| (tone, cleaned(line))));
    }
    reader(title, &lines)
}

/// What the agent said to a command that was passed on.
fn told(title: &str, said: &str) -> Reader {
    let lines = crate::agent::said(said, crate::agent::MonitorKind::Qmp, true);
    let lines: Vec<_> = lines.into_iter().map(|line| (Tone::Normal, line)).collect();
    reader(title, &lines)
}

fn reader(title: &str, lines: &[(Tone, String)]) -> Reader {
    let mut reader = Reader::toned(&text::visible(title), lines);
    // Blanks at the beginning of a line mean something in output.
    reader.lines = lines
        .iter()
        .map(|(tone, line)| ReaderLine::new("", line, *tone))
        .collect();
    reader
}

/// A line of output without what acts on a terminal.
fn cleaned(line: &str) -> String {
    let line = line.trim_end_matches('\r').replace('\t', "        ");
    text::visible(&line).into_owned()
}
