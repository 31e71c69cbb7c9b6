//! Drawing: the screen as a function of the state. Nothing here changes the state.
//!
//! [`render`] shares the lines out ([`crate::app::Areas`]), draws header, page and footer, then the layers above. What
//! each draws it draws with a [`Painter`], which cuts at the edges, makes untrusted text visible, and remembers what
//! stands where, so that a click can be told as an [`crate::app::Target`] and not as a row number.

mod ascii;
mod footer;
mod header;
mod layers;
mod pages;
mod painter;
mod palette;
pub mod theme;
pub mod widgets;

pub use painter::Painter;
pub use theme::Theme;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

use crate::app::{Areas, State, Target};

/// What drawing remembers from one frame for the next event.
#[derive(Debug, Clone, Default)]
pub struct ViewState {
    hits: Vec<(Rect, Target)>,
}

impl ViewState {
    /// What stands at a place of the screen: the topmost that was drawn there.
    #[must_use]
    pub fn hit(&self, column: u16, line: u16) -> Option<Target> {
        let at = Position::new(column, line);
        self.hits
            .iter()
            .rev()
            .find(|(area, _)| area.contains(at))
            .map(|(_, target)| *target)
    }
}

/// Draws the whole screen.
pub fn render(state: &State, view: &mut ViewState, theme: &Theme, frame: &mut Frame<'_>) {
    view.hits.clear();
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let mut cursor = None;
    let mut painter = Painter::new(frame.buffer_mut(), theme, &mut view.hits, &mut cursor);
    painter.fill(area, theme.text);
    let areas = Areas::of(state);
    let part = |y: u16, height: u16| {
        Rect {
            y: area.y.saturating_add(y),
            height,
            ..area
        }
        .intersection(area)
    };
    header::render(state, part(0, areas.header), &mut painter);
    pages::render(state, part(areas.header, areas.body), &mut painter);
    let bottom = part(areas.header + areas.body, areas.footer);
    footer::render(state, bottom, &mut painter);
    layers::render(state, area, bottom, &mut painter);
    if theme.symbols == widgets::Symbols::Ascii {
        ascii::replace(frame.buffer_mut());
    }
    plain_blanks(frame.buffer_mut());
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// A blank shows its background and few attributes: cells that look alike shall be alike, or they would be sent to the
/// terminal for nothing.
fn plain_blanks(buffer: &mut Buffer) {
    const SEEN: Modifier = Modifier::UNDERLINED
        .union(Modifier::REVERSED)
        .union(Modifier::CROSSED_OUT);
    for cell in &mut buffer.content {
        if cell.symbol() == " " && !cell.modifier.intersects(SEEN) {
            cell.fg = Color::Reset;
            cell.modifier = Modifier::empty();
        }
    }
}
