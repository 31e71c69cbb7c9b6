//! What happened to the domains of all hosts, the newest first.

use super::{Details, Page, Place};
use crate::action::{Action, Context};
use crate::app::{
    Effect, EventLog, Happened, Layer, Line, List, State, Target, TextField, TextUse, event_words,
};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Events,
    Context::List,
    Context::Global,
    Context::Always,
];

/// What must match, and which event keys act on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Events {
    /// Numbers of the events that match, the newest first.
    list: List<u64>,
    filter: String,
    /// Events from this number on were not looked at yet.
    next: u64,
    /// Events there are.
    all: usize,
}

impl Events {
    /// Numbers of the events that match, the newest first.
    #[must_use]
    pub fn list(&self) -> &List<u64> {
        &self.list
    }

    /// What must match.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place {
            at: self.list.position(),
            found: self.list.rows().len(),
            all: self.all,
            filter: &self.filter,
        }
    }

    /// Shows the events in which each word of `text` stands: in the host, the domain or what happened.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.list.replace(Vec::new());
        self.next = 0;
    }

    /// Takes a click on a row.
    pub(super) fn click(&mut self, state: &mut State, target: Target, double: bool) {
        if let Target::Event(number) = target {
            self.list.select(number);
            if double {
                self.open(state);
            }
        }
    }

    pub(super) fn act(&mut self, state: &mut State, action: Action, _: &mut Vec<Effect>) -> bool {
        let page = isize::try_from(state.page_lines()).unwrap_or(isize::MAX);
        match action {
            Action::Down => self.list.step(1),
            Action::Up => self.list.step(-1),
            Action::PageDown => self.list.step(page),
            Action::PageUp => self.list.step(-page),
            Action::First => self.list.step(isize::MIN),
            Action::Last => self.list.step(isize::MAX),
            Action::Open => self.open(state),
            Action::Filter => {
                let field = TextField::new(TextUse::Words, Line::new(&self.filter));
                state.layers.push(Layer::Text(field));
            }
            Action::Back if !self.filter.is_empty() => self.set_filter(""),
            _ => return false,
        }
        true
    }

    /// Opens the details of the domain, where it is still there.
    fn open(&self, state: &mut State) {
        let selected = self.list.selected();
        let domain = selected.and_then(|number| Some(state.happened.get(number)?.domain()));
        if let Some(id) = domain.filter(|id| state.guests.contains_key(id)) {
            let details = Details::new(id, state.now.instant);
            state.pages.push(Page::Details(Box::new(details)));
        }
    }

    /// Takes in what came since. Only the new ones are looked at, so that a storm costs little.
    pub(super) fn settle(&mut self, log: &EventLog, height: usize) {
        self.all = log.kept().len();
        if self.next != log.next() {
            let words: Vec<_> = self
                .filter
                .split_whitespace()
                .map(str::to_lowercase)
                .collect();
            let fresh = log.since(self.next).filter(|event| matches(event, &words));
            let mut rows: Vec<_> = fresh.map(|event| event.number).collect();
            rows.reverse();
            let oldest = log.oldest();
            let before = self.list.rows().iter().copied();
            rows.extend(before.filter(|number| *number >= oldest));
            // Who stands on the newest goes on seeing the newest.
            let follows = self.list.position() == Some(0);
            self.list.replace(rows);
            if follows {
                self.list.step(isize::MIN);
            }
            self.next = log.next();
        }
        self.list.settle(height);
    }
}

/// Whether each word stands somewhere in the event.
fn matches(happened: &Happened, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let event = &happened.event;
    let told = event_words(&event.kind);
    let line = format!("{}\n{}\n{told}", happened.host, event.name).to_lowercase();
    words.iter().all(|word| line.contains(word))
}
