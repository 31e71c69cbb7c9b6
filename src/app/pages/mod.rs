//! The pages: the table of domains lies at the bottom, others are put on it and taken off by Esc.

mod debug;
mod details;
pub(super) mod domains;
mod events;
mod ports;
mod welcome;

pub use debug::{CallColumn, CallRow, Debug, DebugLine};
pub use details::{
    Details, Frozen, Graph, Grid, Lines, Loaded, Log, Piece, Role, SPANS, SheetLine, Tab, XmlText,
    columns, line_numbers,
};
pub use events::Events;
pub use ports::{
    EndpointId, Finding, FindingColumn, FixedId, Found, Gravity, PortColumn, PortLines,
    PortSection, Ports,
};

use std::collections::BTreeSet;

use super::{Areas, Effect, State, Target};
use crate::action::{Action, Context};
use crate::model::{DomainId, Uuid};
use crate::protocol::{Answer, Failure, JobId};

/// What fills the screen between header and footer.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// The table of domains, or the way in while there is no connection.
    Domains,
    /// One domain.
    Details(Box<Details>),
    /// Ports of all domains.
    Ports(Ports),
    /// What happened to the domains of all hosts.
    Events(Events),
    /// What the program itself is doing.
    Debug(Debug),
}

impl Page {
    /// Its name in the header.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Domains => "Domains",
            Self::Details(_) => "Details",
            Self::Ports(_) => "Ports",
            Self::Events(_) => "Events",
            Self::Debug(_) => "Debug",
        }
    }

    /// The domain it shows, where it shows one.
    #[must_use]
    pub fn domain(&self) -> Option<DomainId> {
        match self {
            Self::Details(details) => Some(details.id),
            Self::Domains | Self::Ports(_) | Self::Events(_) | Self::Debug(_) => None,
        }
    }

    /// Takes the answer to a request that a page made.
    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        match self {
            Self::Details(details) => details.answered(job, result),
            Self::Domains | Self::Ports(_) | Self::Events(_) | Self::Debug(_) => {}
        }
    }

    /// Domains whose devices it draws as graphs: sampled in full each interval.
    pub(super) fn graphed(&self) -> BTreeSet<Uuid> {
        self.domain().map(|id| id.uuid).into_iter().collect()
    }
}

/// Where in its list a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Index of the selected row.
    pub at: Option<usize>,
    /// Rows that match.
    pub found: usize,
    /// Rows there are.
    pub all: usize,
    /// What must match; untrusted as all that is typed.
    pub filter: &'a str,
}

impl State {
    /// Where in its list the present page stands; `None` for a page without one.
    #[must_use]
    pub fn place(&self) -> Option<Place<'_>> {
        match self.page() {
            Page::Domains => Some(Place {
                at: self.table.position(),
                found: self.table.view().len(),
                all: self.guests.len(),
                filter: self.table.filter(),
            }),
            Page::Ports(ports) => Some(ports.place()),
            Page::Events(events) => Some(events.place()),
            Page::Details(_) | Page::Debug(_) => None,
        }
    }

    /// Where the keys of the present page are looked up, innermost first.
    #[must_use]
    pub fn page_contexts(&self) -> &'static [Context] {
        match self.page() {
            Page::Domains if self.is_welcome() => welcome::CONTEXTS,
            Page::Domains => domains::CONTEXTS,
            Page::Details(details) => details.contexts(),
            Page::Ports(_) => ports::CONTEXTS,
            Page::Events(_) => events::CONTEXTS,
            Page::Debug(_) => debug::CONTEXTS,
        }
    }
}

/// After every event: the present page asks for what it lacks.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    // Taken off while it asks, as when it acts.
    match state.pages.pop() {
        Some(Page::Details(mut details)) => {
            details.follow(state, effects);
            state.pages.push(Page::Details(details));
        }
        page => state.pages.extend(page),
    }
}

/// A section of the present page was clicked.
pub(super) fn show_tab(state: &mut State, index: usize) {
    let Some(mut page) = state.pages.pop() else {
        return;
    };
    match &mut page {
        Page::Details(details) => {
            if let Some(tab) = Tab::ALL.get(index) {
                details.show(*tab);
            }
        }
        Page::Ports(ports) => {
            if let Some(section) = PortSection::ALL.get(index) {
                ports.show(*section);
            }
        }
        Page::Debug(debug) => debug.show(state, index),
        Page::Domains | Page::Events(_) => {}
    }
    state.pages.push(page);
}

/// Something that only the present page has was clicked.
pub(super) fn click(state: &mut State, target: Target, double: bool) {
    let depth = state.pages.len();
    let Some(mut page) = state.pages.pop() else {
        return;
    };
    match &mut page {
        Page::Ports(ports) => ports.click(state, target, double),
        Page::Events(events) => events.click(state, target, double),
        Page::Debug(debug) => debug.click(target),
        Page::Domains | Page::Details(_) => {}
    }
    // Pages that it opened lie above it.
    state.pages.insert(depth - 1, page);
}

/// After every event, before anything is drawn: lists of the present page fit the domains.
pub(super) fn settle(state: &mut State) {
    let lines = PortLines::of(Areas::of(state));
    match state.pages.pop() {
        Some(Page::Ports(mut ports)) => {
            ports.settle(&state.scene(), &state.table, usize::from(lines.rows));
            state.pages.push(Page::Ports(ports));
        }
        Some(Page::Events(mut events)) => {
            events.settle(&state.happened, state.page_lines_below(1));
            state.pages.push(Page::Events(events));
        }
        Some(Page::Debug(mut debug)) => {
            debug.settle(state);
            state.pages.push(Page::Debug(debug));
        }
        page => state.pages.extend(page),
    }
}

/// Lets the present page act; `false` when it does not know the action.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    // Taken off while it acts, so that it may change the state, and put back unless it left.
    let depth = state.pages.len();
    match state.pages.pop() {
        None if state.is_welcome() => welcome::act(state, action, effects),
        None => domains::act(state, action, effects),
        Some(mut page) => {
            let known = match &mut page {
                Page::Domains => false,
                Page::Details(details) => details.act(state, action, effects),
                Page::Ports(ports) => ports.act(state, action, effects),
                Page::Events(events) => events.act(state, action, effects),
                Page::Debug(debug) => debug.act(state, action, effects),
            };
            // Pages that it opened lie above it.
            state.pages.insert(depth - 1, page);
            known
        }
    }
}
