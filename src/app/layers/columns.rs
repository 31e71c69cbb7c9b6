//! The chooser of columns.

use crate::action::Action;
use crate::app::{Column, State};

/// Which columns, in which order; shown in the table with every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChooser {
    /// All columns: those shown first in their order, then the others.
    pub order: Vec<Column>,
    /// The line that keys act on.
    pub chosen: usize,
}

impl ColumnChooser {
    /// Begins with what the table shows.
    #[must_use]
    pub fn new(shown: &[Column]) -> Self {
        let mut order = shown.to_vec();
        order.extend(Column::ALL.into_iter().filter(|c| !shown.contains(c)));
        Self { order, chosen: 0 }
    }

    /// Points at a line.
    pub(super) fn point(&mut self, index: usize) {
        self.chosen = index.min(self.order.len().saturating_sub(1));
    }

    pub(super) fn act(mut self, state: &mut State, action: Action) -> Option<Self> {
        let last = self.order.len().saturating_sub(1);
        match action {
            Action::Down => self.chosen = (self.chosen + 1).min(last),
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::First | Action::PageUp => self.chosen = 0,
            Action::Last | Action::PageDown => self.chosen = last,
            Action::ToggleColumn => self.toggle(state),
            Action::ColumnLeft if self.chosen > 0 => self.swap(state, self.chosen - 1),
            Action::ColumnRight if self.chosen < last => self.swap(state, self.chosen + 1),
            Action::ResetColumns => {
                state.table.columns = Column::DEFAULT.to_vec();
                self.order = Column::ALL.to_vec();
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }

    /// Shows or hides the column. The name stays: without it a row could not be told from another.
    fn toggle(&self, state: &mut State) {
        let Some(column) = self.order.get(self.chosen).copied() else {
            return;
        };
        let shown = state.table.columns.contains(&column);
        if shown && column != Column::Name {
            state.table.columns.retain(|other| *other != column);
        } else if !shown {
            self.apply(state, Some(column));
        }
    }

    fn swap(&mut self, state: &mut State, with: usize) {
        self.order.swap(self.chosen, with);
        self.chosen = with;
        self.apply(state, None);
    }

    /// Orders the table's columns like the list, with one more.
    fn apply(&self, state: &mut State, more: Option<Column>) {
        let shown: Vec<Column> = self
            .order
            .iter()
            .copied()
            .filter(|column| state.table.columns.contains(column) || Some(*column) == more)
            .collect();
        state.table.columns = shown;
    }
}
