//! The table of domains: which columns, in which order, which rows, which of them is selected.
//!
//! The view (filtered, sorted) is kept and made anew only when something it depends on changed; a frame builds no
//! more than the rows it shows.

mod cell;
mod columns;
mod filter;
mod place;
mod view;

use std::collections::HashMap;

pub use cell::{Cell, Tone};
pub use columns::Column;
pub use place::{Placed, place};

use super::Guest;
use crate::model::DomainId;

/// State of the table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Columns wanted, from left to right. Narrow terminals show fewer of them.
    pub columns: Vec<Column>,
    /// Sorted by.
    pub sort: Column,
    /// Against the column's natural order.
    pub reversed: bool,
    /// What must match.
    filter: String,
    /// The domain that keys act on.
    selected: Option<DomainId>,
    /// First row on the screen.
    top: usize,
    /// Domains that match, in order.
    view: Vec<DomainId>,
    /// All domains by name: the order that ties are broken by.
    by_name: Vec<DomainId>,
    names_stale: bool,
    stale: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            columns: Column::DEFAULT.to_vec(),
            sort: Column::Name,
            reversed: false,
            filter: String::new(),
            selected: None,
            top: 0,
            view: Vec::new(),
            by_name: Vec::new(),
            names_stale: true,
            stale: true,
        }
    }
}

impl Table {
    /// Domains that match, in order.
    #[must_use]
    pub fn view(&self) -> &[DomainId] {
        &self.view
    }

    /// The domain that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<DomainId> {
        self.selected
    }

    /// Its place in the view.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let selected = self.selected?;
        self.view.iter().position(|id| *id == selected)
    }

    /// The rows that `height` lines show.
    #[must_use]
    pub fn visible(&self, height: usize) -> &[DomainId] {
        let from = self.top.min(self.view.len());
        let to = self.view.len().min(from + height);
        &self.view[from..to]
    }

    /// Index of the first row on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// What must match; empty when everything does.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Changes what must match.
    pub fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            filter.clone_into(&mut self.filter);
            self.stale = true;
        }
    }

    /// Sorts by `column`; a second time turns the order round.
    pub fn sort_by(&mut self, column: Column) {
        if self.sort == column {
            self.reversed = !self.reversed;
        } else {
            self.sort = column;
            self.reversed = false;
        }
        self.stale = true;
    }

    /// Domains came, went or were renamed.
    pub fn domains_changed(&mut self) {
        self.names_stale = true;
        self.stale = true;
    }

    /// What is sorted by or filtered on may have changed: `column_like` says which columns moved.
    pub fn figures_changed(&mut self, moved: impl Fn(Column) -> bool) {
        if moved(self.sort) {
            self.stale = true;
        }
    }

    /// Selects a domain.
    pub fn select(&mut self, id: DomainId) {
        self.selected = Some(id);
    }

    /// Selects the row `by` rows further, or as far as there are rows.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.view.len().checked_sub(1) else {
            return;
        };
        let at = self
            .position()
            .map_or(0, |at| at.saturating_add_signed(by).min(last));
        self.selected = self.view.get(at).copied();
    }

    /// Scrolls by `by` rows; the selection stays on the screen.
    pub fn scroll(&mut self, by: isize, height: usize) {
        let end = self.view.len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(by).min(end);
        if let Some(at) = self.position() {
            let to = at.clamp(
                self.top,
                (self.top + height).saturating_sub(1).max(self.top),
            );
            self.selected = self.view.get(to).copied().or(self.selected);
        }
    }

    /// Brings view, selection and scroll in line with the domains and the height of the screen.
    pub fn settle(&mut self, scene: &Scene<'_>, height: usize) {
        if self.stale {
            let before = std::mem::take(&mut self.view);
            self.rebuild(scene);
            self.stale = false;
            self.keep_selection(&before);
        }
        let Some(at) = self.position() else {
            self.top = 0;
            return;
        };
        let height = height.max(1);
        let end = self.view.len().saturating_sub(height);
        self.top = self.top.clamp((at + 1).saturating_sub(height), at).min(end);
    }

    /// After the view changed: the selected domain stays selected; when it is gone, its neighbour is.
    fn keep_selection(&mut self, before: &[DomainId]) {
        if self.position().is_some() {
            return;
        }
        let left = self
            .selected
            .and_then(|gone| before.iter().position(|id| *id == gone));
        let neighbour = left.and_then(|at| {
            let now: std::collections::HashSet<_> = self.view.iter().copied().collect();
            let after = before[at..].iter();
            let up = before[..at].iter().rev();
            after.chain(up).find(|id| now.contains(id)).copied()
        });
        self.selected = neighbour.or_else(|| self.view.first().copied());
    }
}

/// What the table reads to sort, filter and show.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// All domains.
    pub guests: &'a HashMap<DomainId, Guest>,
    /// The hosts, for names and ages.
    pub connections: &'a [super::Connection],
    /// Requests under way.
    pub jobs: &'a super::Jobs,
    /// The time.
    pub now: std::time::Instant,
}

impl<'a> Scene<'a> {
    /// The connection of a domain.
    #[must_use]
    pub fn connection(&self, id: DomainId) -> Option<&'a super::Connection> {
        self.connections
            .iter()
            .find(|connection| connection.id == id.connection)
    }
}
