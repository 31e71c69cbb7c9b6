//! How consoles and displays share the screen: one of them has the keys, and all that are open may stand beside each other
//! as tiles, with the table or the details of the domain at the left.

use super::{Areas, ConsolePage, DisplayPage, Effect, Level, Page, Pointer, State, pages};
use crate::model::DomainId;
use crate::protocol::{ConsoleId, DisplayId};

/// A guest's line or screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// A console.
    Console(ConsoleId),
    /// A display.
    Display(DisplayId),
}

/// What the pages of consoles and displays show beside what has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// All that are open are shown side by side.
    pub tiled: bool,
    /// What stands at the left.
    pub beside: Beside,
}

/// What stands beside consoles and displays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// The table of domains.
    Table,
    /// The details of the domain, as they were left.
    Details,
}

impl Split {
    /// Shows that at the left, or nothing where it is there already.
    pub(super) fn toggle(&mut self, beside: Beside) {
        self.beside = if self.beside == beside {
            Beside::Nothing
        } else {
            beside
        };
    }
}

/// A pane on the screen: where what it shows stands, within the page. Its heading is the line above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Which.
    pub pane: Pane,
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

impl Tile {
    /// Whether a cell of the page lies in it.
    fn holds(&self, column: u16, line: u16) -> bool {
        let along =
            |at: u16, from: u16, size: u16| at.checked_sub(from).is_some_and(|at| at < size);
        along(column, self.x, self.width) && along(line, self.y, self.height)
    }
}

/// Columns that a table or details need beside a pane.
const LEAST_BESIDE: u16 = 40;

impl Areas {
    /// Whether a page needs every line there is.
    #[must_use]
    pub(in crate::app) fn is_greedy(page: &Page) -> bool {
        matches!(page, Page::Console(_) | Page::Display(_))
    }
}

impl State {
    /// What has the keys, where that is a guest's line or screen.
    #[must_use]
    pub fn pane(&self) -> Option<Pane> {
        match self.page() {
            Page::Console(page) => Some(Pane::Console(page.focus)),
            Page::Display(page) => Some(Pane::Display(page.display)),
            _ => None,
        }
    }

    /// All that are open: consoles, then displays, each in the order of their opening.
    #[must_use]
    pub fn panes(&self) -> Vec<Pane> {
        let consoles = self.consoles.all.iter();
        let displays = self.displays.all.iter();
        consoles
            .map(|console| Pane::Console(console.id))
            .chain(displays.map(|display| Pane::Display(display.id)))
            .collect()
    }

    /// Columns of the page that are not the panes'.
    #[must_use]
    pub fn beside_columns(&self) -> u16 {
        if self.pane().is_none()
            || self.split.beside == Beside::Nothing
            || self.size.width < LEAST_BESIDE * 2
        {
            return 0;
        }
        (self.size.width / 5 * 2).max(LEAST_BESIDE)
    }

    /// The panes of the present page, with their places on it.
    #[must_use]
    pub fn tiles(&self) -> Vec<Tile> {
        let Some(focus) = self.pane() else {
            return Vec::new();
        };
        let panes = if self.split.tiled {
            self.panes()
        } else {
            vec![focus]
        };
        let left = match self.beside_columns() {
            0 => 0,
            // A column stands between.
            columns => columns + 1,
        };
        let (width, height) = (self.size.width.saturating_sub(left), Areas::of(self).body);
        let count = u16::try_from(panes.len()).unwrap_or(u16::MAX).max(1);
        let across = (1..=count)
            .find(|across| across * across >= count)
            .unwrap_or(1);
        // Few columns are worth less than few lines.
        let across = across.min((width / 40).max(1));
        let down = count.div_ceil(across);
        panes
            .into_iter()
            .zip(0_u16..)
            .filter_map(|(pane, number)| {
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
                let tile = Tile {
                    pane,
                    x: left + from,
                    y: top + 1,
                    width: (to - from).saturating_sub(gap),
                    height: (bottom - top).saturating_sub(1),
                };
                (tile.width > 0 && tile.height > 0).then_some(tile)
            })
            .collect()
    }

    /// Where a pane stands; `None` for one that cannot be seen.
    #[must_use]
    pub fn tile_of(&self, pane: Pane) -> Option<Tile> {
        self.tiles().into_iter().find(|tile| tile.pane == pane)
    }

    /// Whether a display can be seen.
    #[must_use]
    pub fn shows_displays(&self) -> bool {
        let tiles = self.tiles();
        tiles
            .iter()
            .any(|tile| matches!(tile.pane, Pane::Display(_)))
    }

    /// The pane below a cell of the screen.
    fn tile_at(&self, column: u16, line: u16) -> Option<Tile> {
        let line = line.checked_sub(Areas::of(self).header)?;
        let mut tiles = self.tiles().into_iter();
        tiles.find(|tile| tile.holds(column, line))
    }

    /// Whether the mouse there is a pane's and not the program's.
    #[must_use]
    pub fn points_in_guest(&self, column: u16, line: u16) -> bool {
        if !self.layers.is_empty() {
            return false;
        }
        let held = match self.pane() {
            Some(Pane::Display(id)) => self.displays.get(id).is_some_and(|one| one.buttons != 0),
            _ => false,
        };
        held || self.tile_at(column, line).is_some()
    }

    /// Gives the keys to a pane. There is one page of consoles and displays at a time.
    pub(super) fn focus(&mut self, pane: Pane) {
        let page = match pane {
            Pane::Console(id) => self.consoles.get(id).map(|console| {
                Page::Console(ConsolePage {
                    focus: id,
                    domain: console.domain,
                    leading: false,
                })
            }),
            Pane::Display(id) => self.displays.get(id).map(|display| {
                Page::Display(DisplayPage {
                    display: id,
                    domain: display.domain,
                    leading: false,
                })
            }),
        };
        if let Some(page) = page {
            self.pages.retain(|page| !Areas::is_greedy(page));
            self.pages.push(page);
        }
    }

    /// Shows a pane that was opened: beside the one that has the keys, where one has.
    pub(super) fn show_pane(&mut self, pane: Pane) {
        match self.pane() {
            Some(before) => self.split.tiled |= before != pane,
            None => self.split = Split::default(),
        }
        self.focus(pane);
    }

    /// Gives the keys to the pane after one, or before it, around the ends; `false` where it is the only one.
    pub(super) fn focus_beside(&mut self, pane: Pane, forward: bool) -> bool {
        let all = self.panes();
        let Some(at) = all.iter().position(|open| *open == pane) else {
            return false;
        };
        let by = if forward { 1 } else { all.len() - 1 };
        let next = all[(at + by) % all.len()];
        if next == pane {
            let words = "No other console or display is open.";
            self.say(Level::Note, words.to_owned());
            return false;
        }
        self.focus(next);
        true
    }

    /// After the one with the keys was closed: another of the tiles gets them; `false` where there is none.
    pub(super) fn focus_last(&mut self) -> bool {
        match self.panes().last() {
            Some(next) if self.split.tiled => {
                self.focus(*next);
                true
            }
            _ => false,
        }
    }
}

/// Opens something of the domain that the page shows.
pub(super) fn open(
    state: &mut State,
    open_of: fn(&mut State, DomainId, &mut Vec<Effect>),
    effects: &mut Vec<Effect>,
) {
    match state.target() {
        Some(id) => open_of(state, id, effects),
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}

/// The mouse over a pane: a press gives it the keys, the rest is for its guest.
pub(super) fn pointed(
    state: &mut State,
    pointer: Pointer,
    column: u16,
    line: u16,
    effects: &mut Vec<Effect>,
) {
    let tile = state.tile_at(column, line);
    if let (Some(tile), Pointer::Pressed(_)) = (tile, pointer)
        && state.pane() != Some(tile.pane)
    {
        state.focus(tile.pane);
    }
    let line = line.saturating_sub(Areas::of(state).header);
    match state.pane() {
        Some(Pane::Display(id)) => {
            pages::display::pointed(state, id, pointer, (column, line), effects);
        }
        Some(Pane::Console(id)) => {
            if let Some(tile) = tile.filter(|tile| tile.pane == Pane::Console(id)) {
                let at = (column - tile.x, line - tile.y);
                pages::console::pointed(state, id, pointer, at, effects);
            }
        }
        None => {}
    }
}
