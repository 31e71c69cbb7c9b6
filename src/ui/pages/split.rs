//! Consoles and displays, one or all that are open, and what stands beside them.

use ratatui::layout::Rect;

use super::{Painter, console, details, display, domains};
use crate::app::{Beside, Details, Page, Pane, State, Tile};

/// Draws the page of a console or a display.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    beside(state, area, painter);
    for tile in state.tiles() {
        let place = within(area, tile);
        let heading = Rect {
            y: place.y.saturating_sub(1),
            height: 1,
            ..place
        }
        .intersection(area);
        let focused = state.pane() == Some(tile.pane);
        match tile.pane {
            Pane::Console(id) => {
                if let Some(one) = state.consoles.get(id) {
                    console::tile(state, one, focused, place, heading, painter);
                }
            }
            Pane::Display(id) => {
                if let Some(one) = state.displays.get(id) {
                    display::tile(state, one, focused, (area, place), heading, painter);
                }
            }
        }
    }
}

/// Where a tile stands on the screen.
fn within(area: Rect, tile: Tile) -> Rect {
    Rect {
        x: area.x.saturating_add(tile.x),
        y: area.y.saturating_add(tile.y),
        width: tile.width,
        height: tile.height,
    }
    .intersection(area)
}

fn beside(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let width = state.beside_columns();
    let left = Rect { width, ..area }.intersection(area);
    if left.is_empty() {
        return;
    }
    match state.split.beside {
        Beside::Nothing => return,
        Beside::Table => domains::render(state, left, painter),
        Beside::Details => {
            let Some(id) = state.page().domain() else {
                return;
            };
            let left_open = state.pages.iter().rev().find_map(|open| match open {
                Page::Details(details) if details.id == id => Some(&**details),
                _ => None,
            });
            match left_open {
                Some(open) => details::render(state, open, left, painter),
                None => {
                    let fresh = Details::new(id, state.now.instant);
                    details::render(state, &fresh, left, painter);
                }
            }
        }
    }
    // What it drew of rows that are wider ends here.
    let rest = Rect {
        x: left.right(),
        width: area.width - left.width,
        ..area
    };
    painter.fill(rest, painter.theme.text);
    for y in area.y..area.bottom() {
        painter.text(left.right(), y, 1, "│", painter.theme.border);
    }
}
