//! Which consoles are on the screen, and where.

use super::Beside;
use crate::app::{Areas, Page, State};
use crate::protocol::ConsoleId;

/// A console on the screen: where its cells stand, within the page. Its heading is the line above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleTile {
    /// Which.
    pub console: ConsoleId,
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// Columns that a table or details need beside a console.
const LEAST_BESIDE: u16 = 40;

impl State {
    /// Columns of the page that are not the consoles'.
    #[must_use]
    pub fn beside_columns(&self) -> u16 {
        let Page::Console(page) = self.page() else {
            return 0;
        };
        let third = (self.size.width / 5 * 2).max(LEAST_BESIDE);
        if page.beside == Beside::Nothing || self.size.width < LEAST_BESIDE * 2 {
            0
        } else {
            third
        }
    }

    /// The consoles of the present page, with their places on it.
    #[must_use]
    pub fn console_tiles(&self) -> Vec<ConsoleTile> {
        let Page::Console(page) = self.page() else {
            return Vec::new();
        };
        let ids: Vec<_> = if page.tiled {
            self.consoles.all.iter().map(|console| console.id).collect()
        } else {
            vec![page.focus]
        };
        let left = match self.beside_columns() {
            0 => 0,
            // A column stands between.
            columns => columns + 1,
        };
        let (width, height) = (self.size.width.saturating_sub(left), Areas::of(self).body);
        let count = u16::try_from(ids.len()).unwrap_or(u16::MAX).max(1);
        let across = (1..=count)
            .find(|across| across * across >= count)
            .unwrap_or(1);
        // Few columns are worth less than few lines.
        let across = across.min((width / 40).max(1));
        let down = count.div_ceil(across);
        ids.into_iter()
            .zip(0_u16..)
            .filter_map(|(console, number)| {
                let (column, row) = (number % across, number / across);
                // The last row is shared by those that are in it.
                let in_row = if row + 1 == down {
                    count - row * across
                } else {
                    across
                };
                let (from, to) = (width * column / in_row, width * (column + 1) / in_row);
                let (top, bottom) = (height * row / down, height * (row + 1) / down);
                let gap = u16::from(column + 1 < in_row);
                let tile = ConsoleTile {
                    console,
                    x: left + from,
                    y: top + 1,
                    width: (to - from).saturating_sub(gap),
                    height: (bottom - top).saturating_sub(1),
                };
                (tile.width > 0 && tile.height > 0).then_some(tile)
            })
            .collect()
    }

    /// The consoles that can be seen.
    #[must_use]
    pub fn consoles_on_screen(&self) -> Vec<ConsoleId> {
        self.console_tiles()
            .iter()
            .map(|tile| tile.console)
            .collect()
    }
}
