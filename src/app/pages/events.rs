//! What happened on all hosts, the newest first.

use std::time::SystemTime;

use super::{Details, Page, Place};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Effect, EventLog, Layer, Line, List, State, Target, TextField, TextUse};
use crate::journal::{Told, Wanted};
use crate::model::DomainId;
use crate::query::EventQuery;

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
    /// How often events of before had come in.
    turned: u64,
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

    /// Shows the events that the terms of `text` hold for.
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
        if let Some(steps) = steps(action, state.page_lines()) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Open => self.open(state),
            Action::Filter => {
                let field = TextField::new(TextUse::Events, Line::new(&self.filter));
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
        let domain = selected.and_then(|number| {
            let event = &state.happened.get(number)?.event;
            state.domain_of(event)
        });
        if let Some(id) = domain {
            let details = Details::new(id, state.now.instant);
            state.pages.push(Page::Details(Box::new(details)));
        }
    }

    /// Takes in what came since. Only the new ones are looked at, so that a storm costs little.
    pub(super) fn settle(&mut self, log: &EventLog, now: SystemTime, height: usize) {
        self.all = log.kept().len();
        if self.turned != log.turned() {
            self.turned = log.turned();
            self.next = 0;
            self.list.replace(Vec::new());
        }
        if self.next != log.next() {
            let wanted = Wanted::new(EventQuery::parse(&self.filter), now);
            let fresh = log
                .since(self.next)
                .filter(|event| wanted.holds(&event.event));
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

impl State {
    /// The domain that an event is about, where its host is open and it is still there.
    pub(super) fn domain_of(&self, event: &Told) -> Option<DomainId> {
        let uuid = event.uuid?;
        let hosts = self
            .connections
            .iter()
            .filter(|c| c.uri() == event.connection);
        hosts
            .map(|connection| DomainId {
                connection: connection.id,
                uuid,
            })
            .find(|id| self.guests.contains_key(id))
    }
}
