//! Rows in an order, one of them selected, some of them on the screen.

use std::collections::HashSet;
use std::hash::Hash;

use crate::action::Action;

/// A list that is looked at through a window. Rows are identities: the selection follows its row wherever it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct List<K> {
    rows: Vec<K>,
    selected: Option<K>,
    /// First row on the screen.
    top: usize,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            selected: None,
            top: 0,
        }
    }
}

impl<K: Copy + Eq + Hash> List<K> {
    /// All rows, in order.
    #[must_use]
    pub fn rows(&self) -> &[K] {
        &self.rows
    }

    /// The row that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<K> {
        self.selected
    }

    /// Its place.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let selected = self.selected?;
        self.rows.iter().position(|row| *row == selected)
    }

    /// The rows that `height` lines show.
    #[must_use]
    pub fn visible(&self, height: usize) -> &[K] {
        let from = self.top.min(self.rows.len());
        let to = self.rows.len().min(from + height);
        &self.rows[from..to]
    }

    /// Index of the first row on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// Selects a row.
    pub fn select(&mut self, row: K) {
        self.selected = Some(row);
    }

    /// Selects the row `by` rows further, or as far as there are rows.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.rows.len().checked_sub(1) else {
            return;
        };
        let at = self
            .position()
            .map_or(0, |at| at.saturating_add_signed(by).min(last));
        self.selected = self.rows.get(at).copied();
    }

    /// Scrolls by `by` rows; the selection stays on the screen.
    pub fn scroll(&mut self, by: isize, height: usize) {
        let end = self.rows.len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(by).min(end);
        if let Some(at) = self.position() {
            let to = at.clamp(
                self.top,
                (self.top + height).saturating_sub(1).max(self.top),
            );
            self.selected = self.rows.get(to).copied().or(self.selected);
        }
    }

    /// Takes these rows. The selected one stays selected; when it is gone, its neighbour is.
    pub fn replace(&mut self, rows: Vec<K>) {
        let before = std::mem::replace(&mut self.rows, rows);
        if self.position().is_some() {
            return;
        }
        let left = self
            .selected
            .and_then(|gone| before.iter().position(|row| *row == gone));
        let neighbour = left.and_then(|at| {
            let now: HashSet<_> = self.rows.iter().copied().collect();
            let after = before[at..].iter();
            let up = before[..at].iter().rev();
            after.chain(up).find(|row| now.contains(row)).copied()
        });
        self.selected = neighbour.or_else(|| self.rows.first().copied());
    }

    /// Brings the window to the selection.
    pub fn settle(&mut self, height: usize) {
        let Some(at) = self.position() else {
            self.top = 0;
            return;
        };
        let height = height.max(1);
        let end = self.rows.len().saturating_sub(height);
        self.top = self.top.clamp((at + 1).saturating_sub(height), at).min(end);
    }
}

/// How far a key of moving leads in a list that shows `page` rows at a time; `None` for other keys.
pub fn steps(action: Action, page: usize) -> Option<isize> {
    let page = isize::try_from(page.max(1)).unwrap_or(isize::MAX);
    Some(match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => return None,
    })
}
