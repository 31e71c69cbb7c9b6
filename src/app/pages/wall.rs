//! The screens of all running domains, small, side by side.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::action::{Action, Context};
use crate::app::{Areas, Effect, List, Page, State};
use crate::display::Picture;
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::WallWish;

pub(super) const CONTEXTS: &[Context] = &[
    Context::Wall,
    Context::List,
    Context::Domain,
    Context::Global,
    Context::Always,
];

/// Columns that a screen has at least.
const LEAST: u16 = 38;

/// Where the screens stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallGrid {
    /// Screens side by side.
    pub across: u16,
    /// Rows of screens that there is room for.
    pub down: u16,
    /// Columns of a screen.
    pub width: u16,
    /// Lines of a screen, without its heading.
    pub height: u16,
}

/// What the page remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wall {
    list: List<DomainId>,
    /// What was seen last of each, or why it was not.
    pub shots: HashMap<DomainId, Result<Arc<Picture>, String>>,
}

impl WallGrid {
    /// The grid of a page of this size: as many as can still be told apart, and no more across than there are.
    #[must_use]
    pub fn of(width: u16, height: u16, count: usize) -> Self {
        let most = u16::try_from(count).unwrap_or(u16::MAX).max(1);
        let across = (width / LEAST).clamp(1, most);
        let wide = (width / across).saturating_sub(1).max(1);
        // Screens are wider than high; a cell is twice as high as wide.
        let high = (wide * 5 / 16).clamp(1, height.saturating_sub(1).max(1));
        Self {
            across,
            down: (height / (high + 1)).max(1),
            width: wide,
            height: high,
        }
    }
}

impl Wall {
    /// The domains, in order.
    #[must_use]
    pub fn domains(&self) -> &[DomainId] {
        self.list.rows()
    }

    /// The one that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<DomainId> {
        self.list.selected()
    }

    /// The grid of the present screen.
    #[must_use]
    pub fn grid(&self, state: &State) -> WallGrid {
        let height = Areas::of(state).body;
        WallGrid::of(state.size.width, height, self.list.rows().len())
    }

    /// The first row of screens that is shown.
    #[must_use]
    pub fn first_row(&self, grid: WallGrid) -> usize {
        let at = self.list.position().unwrap_or(0) / usize::from(grid.across);
        (at + 1).saturating_sub(usize::from(grid.down))
    }

    /// The domains that can be seen.
    pub fn visible(&self, grid: WallGrid) -> impl Iterator<Item = DomainId> + '_ {
        let across = usize::from(grid.across);
        let rows = self.list.rows();
        rows.iter()
            .copied()
            .skip(self.first_row(grid) * across)
            .take(usize::from(grid.down) * across)
    }

    /// The running domains may be others.
    pub(super) fn settle(&mut self, state: &State) {
        let mut running: Vec<_> = state
            .guests
            .values()
            .filter(|guest| guest.domain.state.is_active())
            .map(|guest| (guest.domain.name.clone(), guest.domain.id))
            .collect();
        running.sort();
        let rows: Vec<_> = running.into_iter().map(|(_, id)| id).collect();
        self.shots.retain(|id, _| rows.contains(id));
        self.list.replace(rows);
    }

    /// Does what it knows.
    pub(super) fn act(&mut self, state: &mut State, action: Action) -> bool {
        let grid = self.grid(state);
        let across = isize::try_from(grid.across).unwrap_or(1);
        let page = across * isize::try_from(grid.down).unwrap_or(1);
        let step = match action {
            Action::CursorLeft => -1,
            Action::CursorRight => 1,
            Action::Up => -across,
            Action::Down => across,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::First => isize::MIN / 2,
            Action::Last => isize::MAX / 2,
            _ => return false,
        };
        self.list.step(step);
        true
    }

    /// A screen was clicked.
    pub(in crate::app) fn select(&mut self, id: DomainId) {
        if self.list.rows().contains(&id) {
            self.list.select(id);
        }
    }
}

/// Opens the page, on the domain that was selected.
pub(in crate::app) fn open(state: &mut State) {
    let selected = state.target();
    let mut wall = Wall::default();
    wall.settle(state);
    if let Some(id) = selected {
        wall.select(id);
    }
    state.pages.push(Page::Wall(Box::new(wall)));
}

/// Takes a picture in.
pub(in crate::app) fn take(
    state: &mut State,
    connection: ConnectionId,
    uuid: Uuid,
    made: Result<Arc<Picture>, String>,
) {
    for page in &mut state.pages {
        if let Page::Wall(wall) = page {
            wall.shots
                .insert(DomainId { connection, uuid }, made.clone());
        }
    }
}

/// After every event: the hosts learn which screens are seen. One that does not answer is not asked.
pub(in crate::app) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let mut wishes: BTreeMap<ConnectionId, WallWish> = BTreeMap::new();
    if let (Page::Wall(wall), true) = (state.page(), state.layers.is_empty()) {
        let grid = wall.grid(state);
        for id in wall.visible(grid) {
            let silent = state
                .guest(id)
                .is_none_or(|guest| guest.silent_since.is_some());
            let wish = wishes.entry(id.connection).or_insert_with(|| WallWish {
                domains: Vec::new(),
                width: grid.width,
                height: grid.height * 2,
            });
            if !silent {
                wish.domains.push(id.uuid);
            }
        }
    }
    let told = std::mem::take(&mut state.wall_told);
    for (connection, wish) in &wishes {
        if told.get(connection) != Some(wish) {
            effects.push(Effect::Wall(*connection, wish.clone()));
        }
    }
    for (connection, wish) in told {
        if !wishes.contains_key(&connection) && !wish.domains.is_empty() {
            effects.push(Effect::Wall(connection, WallWish::default()));
        }
    }
    state.wall_told = wishes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_fill_the_page_and_stay_legible() {
        let grid = WallGrid::of(80, 21, 13);
        assert_eq!(
            (grid.across, grid.down, grid.width, grid.height),
            (2, 1, 39, 12)
        );
        let grid = WallGrid::of(200, 46, 13);
        assert_eq!(
            (grid.across, grid.down, grid.width, grid.height),
            (5, 3, 39, 12)
        );
        assert_eq!(WallGrid::of(200, 46, 1).across, 1);
        let grid = WallGrid::of(1, 1, 1000);
        assert!(grid.across == 1 && grid.down == 1 && grid.height == 1);
    }
}
