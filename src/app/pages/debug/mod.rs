//! What the program itself is doing: the state and the round trips of each connection.

mod lines;

pub use lines::{CallColumn, CallRow, DebugLine};

use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Connection, Effect, State, Target};
use crate::model::ConnectionId;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Debug,
    Context::List,
    Context::Global,
    Context::Always,
];

/// Which connection, in which order, and how far it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Debug {
    connection: Option<ConnectionId>,
    sort: CallColumn,
    /// First line on the screen.
    top: usize,
}

impl Debug {
    /// The connection on the screen: the first, until another is chosen.
    #[must_use]
    pub fn connection<'a>(&self, state: &'a State) -> Option<&'a Connection> {
        self.connection
            .and_then(|id| state.connection(id))
            .or_else(|| state.connections.first())
    }

    /// The column that calls are sorted by.
    #[must_use]
    pub fn sort(&self) -> CallColumn {
        self.sort
    }

    /// First line on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// Shows the connection in this place.
    pub(in crate::app) fn show(&mut self, state: &State, index: usize) {
        if let Some(connection) = state.connections.get(index) {
            self.connection = Some(connection.id);
        }
    }

    /// Takes a click on the heading of a column.
    pub(in crate::app) fn click(&mut self, target: Target) {
        if let Target::CallColumn(column) = target {
            self.sort = column;
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines()) {
            self.scroll(steps);
            return true;
        }
        match action {
            Action::SortNext => self.sort = self.sort.beside(1),
            Action::SortPrevious => self.sort = self.sort.beside(-1),
            Action::NextTab => self.go_through(state, 1),
            Action::PreviousTab => self.go_through(state, -1),
            _ => return false,
        }
        true
    }

    fn scroll(&mut self, by: isize) {
        self.top = self.top.saturating_add_signed(by);
    }

    /// Shows the connection `by` places further, round and round.
    fn go_through(&mut self, state: &State, by: isize) {
        let count = state.connections.len();
        let present = self.connection(state).map(|c| c.id);
        let at = state.connections.iter().position(|c| Some(c.id) == present);
        if let Some(at) = at {
            let next = at.wrapping_add(count).wrapping_add_signed(by) % count;
            self.show(state, next);
        }
    }

    /// Does not scroll beyond the end.
    pub(in crate::app) fn settle(&mut self, state: &State) {
        let end = self.lines(state).len().saturating_sub(state.page_lines());
        self.top = self.top.min(end);
    }
}
