//! QEMU's monitor: a line that is typed into, and what came of the lines before. For experts: libvirt does not support it.

use std::time::Instant;

use super::{Page, agent};
use crate::action::{Action, Context};
use crate::agent::{MonitorKind, hides, masked_command, said, wire};
use crate::app::{
    Confirm, Effect, Intent, Layer, Level, Line, Purpose, State, TextField, TextUse, actions,
};
use crate::keymap::Key;
use crate::model::DomainId;
use crate::protocol::{Answer, Failure, JobId, Private, RawCommand, Verb};
use crate::text;

pub(super) const CONTEXTS: &[Context] = &[Context::Monitor, Context::Always];

/// Lines that are kept: with more, the oldest go.
const MOST: usize = 50_000;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorRole {
    /// It was typed.
    Typed,
    /// QEMU said it.
    Said,
    /// It did not work.
    Wrong,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitorLine {
    /// What it is.
    pub role: MonitorRole,
    /// The text, made visible.
    pub text: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitorPage {
    /// The domain.
    pub id: DomainId,
    /// The language that is talked.
    pub kind: MonitorKind,
    /// What is being typed.
    pub line: Line,
    lines: Vec<MonitorLine>,
    /// Lines that are scrolled away at the end.
    scrolled: usize,
    /// The request that is waited for, and its language.
    asked: Option<(JobId, MonitorKind)>,
    /// Which line of the history stands in the line, by its age, and what was typed before.
    recalled: Option<usize>,
    draft: String,
    /// What is looked for, and the line that it was found in last.
    find: String,
    found: Option<usize>,
}

impl MonitorPage {
    /// The page of a domain.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self {
            id,
            kind: MonitorKind::default(),
            line: Line::new(""),
            lines: Vec::new(),
            scrolled: 0,
            asked: None,
            recalled: None,
            draft: String::new(),
            find: String::new(),
            found: None,
        }
    }

    /// All lines, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[MonitorLine] {
        &self.lines
    }

    /// Lines that are scrolled away at the end.
    #[must_use]
    pub fn scrolled(&self) -> usize {
        self.scrolled
    }

    /// What is looked for; empty for nothing.
    #[must_use]
    pub fn find(&self) -> &str {
        &self.find
    }

    /// Since when an answer is waited for.
    #[must_use]
    pub fn waits_since(&self, state: &State) -> Option<Instant> {
        state.jobs.since(self.asked?.0)
    }

    fn push(&mut self, role: MonitorRole, texts: impl IntoIterator<Item = String>) {
        let lines = texts.into_iter().map(|text| MonitorLine { role, text });
        self.lines.extend(lines);
        let over = self.lines.len().saturating_sub(MOST);
        self.lines.drain(..over);
        self.found = self.found.and_then(|at| at.checked_sub(over));
        self.scrolled = 0;
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        let Some((_, kind)) = self.asked.take_if(|(asked, _)| *asked == job) else {
            return;
        };
        match result {
            Ok(Answer::Said(text)) => {
                let lines = said(text, kind, true);
                // QEMU's own refusals are answers to libvirt.
                let refused = kind == MonitorKind::Qmp
                    && serde_json::from_str::<serde_json::Value>(text)
                        .is_ok_and(|value| value.get("error").is_some());
                let role = match refused {
                    true => MonitorRole::Wrong,
                    false => MonitorRole::Said,
                };
                self.push(role, lines);
            }
            Ok(_) => {}
            Err(failure) => {
                let remedy = failure.remedy.as_ref().map(|remedy| remedy.advice.clone());
                let lines = std::iter::once(failure.reason.clone()).chain(remedy);
                let lines: Vec<_> = lines
                    .map(|line| text::visible(&line).into_owned())
                    .collect();
                self.push(MonitorRole::Wrong, lines);
            }
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let page = state.page_lines_below(2).saturating_sub(1).max(1);
        match action {
            Action::Accept => self.accept(state, effects),
            Action::OtherMonitor => self.kind = self.kind.other(),
            Action::RecallOlder => self.recall(state, true),
            Action::RecallNewer => self.recall(state, false),
            Action::PageUp => self.scroll(page, true),
            Action::PageDown => self.scroll(page, false),
            // The wheel.
            Action::Up => self.scroll(1, true),
            Action::Down => self.scroll(1, false),
            Action::FindText => {
                let field = TextField::new(TextUse::FindInMonitor, Line::new(&self.find));
                state.layers.push(Layer::Text(field));
            }
            Action::FindNext => self.look(state, true),
            Action::FindPrevious => self.look(state, false),
            _ => return false,
        }
        true
    }

    fn scroll(&mut self, by: usize, up: bool) {
        let last = self.lines.len().saturating_sub(1);
        self.scrolled = match up {
            true => (self.scrolled + by).min(last),
            false => self.scrolled.saturating_sub(by),
        };
    }

    /// Goes to the next line with what is looked for, towards the beginning or the end.
    fn look(&mut self, state: &mut State, back: bool) {
        let wanted = self.find.to_lowercase();
        if wanted.is_empty() {
            return state.say(Level::Note, "Nothing is looked for yet.".to_owned());
        }
        let holds = |at: &usize| self.lines[*at].text.to_lowercase().contains(&wanted);
        let count = self.lines.len();
        let next = match (self.found, back) {
            (None, _) => (0..count).rev().find(holds),
            (Some(at), true) => (0..at.min(count)).rev().find(holds),
            (Some(at), false) => (at + 1..count).find(holds),
        };
        match next {
            Some(at) => {
                self.found = Some(at);
                // A few lines of what follows stay on the screen.
                self.scrolled = (count - 1 - at).saturating_sub(3);
            }
            None => {
                let words = format!("'{}' is not found further on.", text::visible(&self.find));
                state.say(Level::Note, words);
            }
        }
    }

    fn recall(&mut self, state: &State, older: bool) {
        if self.recalled.is_none() {
            self.line.text().clone_into(&mut self.draft);
        }
        let next = state
            .monitor_history
            .next(self.recalled, older, &self.draft);
        if older && next.is_none() {
            return;
        }
        self.recalled = next;
        let text = next
            .and_then(|age| state.monitor_history.line(age))
            .unwrap_or(&self.draft);
        self.line = Line::new(text);
    }

    fn accept(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let text = self.line.text().trim().to_owned();
        if text.is_empty() {
            return;
        }
        if let Some(why) = refusal(state, self.id) {
            return state.say(Level::Note, why);
        }
        if self.asked.is_some() {
            let words = "QEMU has not answered the last command yet.";
            return state.say(Level::Note, words.to_owned());
        }
        if !state.monitored.contains(&self.id) {
            return warn(state, self.id, text, self.kind);
        }
        self.send(state, &text, self.kind, effects);
    }

    fn send(
        &mut self,
        state: &mut State,
        typed: &str,
        kind: MonitorKind,
        effects: &mut Vec<Effect>,
    ) {
        let (command, kind) = wire(typed, kind);
        let masked = masked_command(&command);
        let flags: &[&str] = match kind {
            MonitorKind::Hmp => &["--hmp"],
            MonitorKind::Qmp => &[],
        };
        let line = agent::raw_line(state, self.id, "qemu-monitor-command", &masked, flags);
        let raw = RawCommand::Monitor(Private::new(command), kind);
        let verb = Verb::Raw(self.id.uuid, raw);
        let job = state.ask(self.id, Purpose::Read, verb, effects);
        agent::put_down(state, job, self.id, line);
        self.asked = Some((job, kind));
        self.push(
            MonitorRole::Typed,
            [text::visible(&masked_command(typed)).into_owned()],
        );
        // What is secret is kept nowhere.
        if !hides(typed) && state.monitor_history.add(typed) {
            effects.push(Effect::RememberMonitor(typed.to_owned()));
        }
        self.line = Line::new("");
        self.recalled = None;
    }
}

/// Why nothing can be passed on to the monitor of a domain.
fn refusal(state: &State, id: DomainId) -> Option<String> {
    if let Some(why) = actions::refusal(state, Action::ShowMonitor, id) {
        return Some(why);
    }
    let guest = state.guest(id)?;
    let name = text::visible(&guest.domain.name);
    if !guest.domain.state.is_active() {
        return Some(format!("{name} does not run: it has no monitor."));
    }
    guest.silent_for(state.now.instant).map(|age| {
        format!(
            "{name} has not answered for {} s: its monitor would not either.",
            age.as_secs()
        )
    })
}

/// Says what it means, before the first command.
fn warn(state: &mut State, id: DomainId, typed: String, kind: MonitorKind) {
    let (Some(guest), Some(_)) = (state.guest(id), state.connection(id.connection)) else {
        return;
    };
    let (command, sent) = wire(&typed, kind);
    let flags: &[&str] = match sent {
        MonitorKind::Hmp => &["--hmp"],
        MonitorKind::Qmp => &[],
    };
    let layer = Confirm {
        title: format!("Talk to the monitor of {}?", guest.domain.name),
        body: vec![
            "libvirt does not support this: it does not know what is done behind its back, and a command can break the \
             domain, or libvirt's picture of it."
                .to_owned(),
            "libvirt notes in the log of the domain that it is tainted, until it is shut down.".to_owned(),
        ],
        warning: Some("It is asked once for each domain.".to_owned()),
        command: Some(agent::raw_line(
            state,
            id,
            "qemu-monitor-command",
            &masked_command(&command),
            flags,
        )),
        accept: "Send it",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Monitor(id, Private::new(typed), kind),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// Sends what was warned of.
pub(in crate::app) fn begin(
    state: &mut State,
    id: DomainId,
    typed: &str,
    kind: MonitorKind,
    effects: &mut Vec<Effect>,
) {
    if let Some(why) = refusal(state, id) {
        return state.say(Level::Note, why);
    }
    state.monitored.insert(id);
    // Taken off while it acts.
    match state.pages.pop() {
        Some(Page::Monitor(mut page)) if page.id == id => {
            page.send(state, typed, kind, effects);
            state.pages.push(Page::Monitor(page));
        }
        page => state.pages.extend(page),
    }
}

/// Opens the page of the domain that keys act on.
pub(in crate::app) fn open(state: &mut State) {
    let target = state
        .marked_targets()
        .first()
        .copied()
        .or_else(|| state.target());
    match target {
        Some(id) => match refusal(state, id) {
            Some(why) => state.say(Level::Note, why),
            None => state
                .pages
                .push(Page::Monitor(Box::new(MonitorPage::new(id)))),
        },
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}

/// Passes a command on that was given as a word of virsh, and shows the page.
///
/// # Errors
/// Why it cannot be passed on.
pub(in crate::app) fn take(
    state: &mut State,
    id: DomainId,
    command: &str,
    kind: MonitorKind,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    if let Some(why) = refusal(state, id) {
        return Err(why);
    }
    if !matches!(state.page(), Page::Monitor(page) if page.id == id) {
        state
            .pages
            .push(Page::Monitor(Box::new(MonitorPage::new(id))));
    }
    if let Some(Page::Monitor(page)) = state.pages.last_mut() {
        page.line = Line::new(command);
        page.kind = kind;
    }
    super::act(state, Action::Accept, effects);
    Ok(())
}

/// A key on the page: the command that it stands for, unless it is typed.
pub(in crate::app) fn press(state: &mut State, key: Key) -> Option<Action> {
    if let Some(action) = state.keymap.resolve(CONTEXTS, key) {
        return Some(action);
    }
    if let Some(Page::Monitor(page)) = state.pages.last_mut()
        && page.line.press(key)
    {
        page.recalled = None;
    }
    None
}

/// Pasted text goes into the line.
pub(in crate::app) fn paste(state: &mut State, text: &str) {
    if let Some(Page::Monitor(page)) = state.pages.last_mut()
        && page.line.paste(text)
    {
        page.recalled = None;
    }
}

/// Looks for a text.
pub(in crate::app) fn find(state: &mut State, wanted: &str) {
    match state.pages.pop() {
        Some(Page::Monitor(mut page)) => {
            page.find = wanted.to_owned();
            page.found = None;
            if !wanted.is_empty() {
                page.look(state, true);
            }
            state.pages.push(Page::Monitor(page));
        }
        page => state.pages.extend(page),
    }
}
