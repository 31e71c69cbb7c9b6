//! What the program itself is doing: round trips of each connection.

use std::time::Duration;

use crate::action::{Action, Context};
use crate::app::{Connection, Effect, State};
use crate::model::ConnectionId;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Debug,
    Context::List,
    Context::Global,
    Context::Always,
];

/// What calls are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallOrder {
    /// Most calls first.
    #[default]
    Count,
    /// Longest in all first.
    Time,
}

/// Which connection, and how far it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Debug {
    /// The connection; the first one while it is `None` or gone.
    connection: Option<ConnectionId>,
    /// What calls are sorted by.
    pub order: CallOrder,
    /// First line on the screen.
    pub top: usize,
}

/// Calls of one kind on one kind of connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRow {
    /// Kind of connection: control, monitor, actions, streams.
    pub kind: &'static str,
    /// libvirt's name of the call.
    pub call: &'static str,
    /// How many.
    pub count: u64,
    /// How long they took together.
    pub time: Duration,
}

impl Debug {
    /// The connection that is shown.
    #[must_use]
    pub fn shown<'a>(&self, state: &'a State) -> Option<&'a Connection> {
        self.connection
            .and_then(|id| state.connection(id))
            .or_else(|| state.connections.first())
    }

    /// Its calls in order.
    #[must_use]
    pub fn rows(&self, connection: &Connection) -> Vec<CallRow> {
        let mut rows: Vec<_> = connection
            .calls
            .rows
            .iter()
            .map(|(kind, call, count, time)| CallRow {
                kind,
                call,
                count: *count,
                time: *time,
            })
            .collect();
        match self.order {
            CallOrder::Count => rows.sort_by_key(|row| std::cmp::Reverse(row.count)),
            CallOrder::Time => rows.sort_by_key(|row| std::cmp::Reverse(row.time)),
        }
        rows
    }

    /// Shows the connection of this number.
    pub(in crate::app) fn show(&mut self, state: &State, index: usize) {
        if let Some(connection) = state.connections.get(index) {
            self.connection = Some(connection.id);
            self.top = 0;
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        let page = state.page_lines_below(1);
        let rows = self.shown(state).map_or(0, |shown| shown.calls.rows.len());
        let by = isize::try_from(page).unwrap_or(isize::MAX);
        match action {
            Action::NextTab => self.beside(state, 1),
            Action::PreviousTab => self.beside(state, -1),
            Action::Down => self.scroll(rows, 1),
            Action::Up => self.scroll(rows, -1),
            Action::PageDown => self.scroll(rows, by),
            Action::PageUp => self.scroll(rows, -by),
            Action::First => self.scroll(rows, isize::MIN),
            Action::Last => self.scroll(rows, isize::MAX),
            Action::SortNext | Action::SortPrevious => {
                self.order = match self.order {
                    CallOrder::Count => CallOrder::Time,
                    CallOrder::Time => CallOrder::Count,
                };
            }
            _ => return false,
        }
        true
    }

    fn scroll(&mut self, rows: usize, by: isize) {
        self.top = self
            .top
            .saturating_add_signed(by)
            .min(rows.saturating_sub(1));
    }

    fn beside(&mut self, state: &State, by: isize) {
        let count = state.connections.len();
        let at = self
            .shown(state)
            .and_then(|shown| state.connections.iter().position(|c| c.id == shown.id));
        if let Some(at) = at {
            self.show(state, (at + count).saturating_add_signed(by) % count);
        }
    }
}
