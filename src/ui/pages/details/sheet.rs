//! Sections of facts: overview, disks, NICs, displays, guest.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Details, State};

/// Draws the lines from the one scrolled to, or the last ones where there are not so many.
pub fn render(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let lines = details.sheet(state, area.width);
    let end = lines.len().saturating_sub(usize::from(area.height));
    let shown = lines.iter().skip(details.top().min(end));
    for (y, line) in (area.y..area.bottom()).zip(shown) {
        for piece in line {
            let style = painter.tone(piece.tone);
            let room = piece.width.min(area.width.saturating_sub(piece.x));
            painter.text(area.x.saturating_add(piece.x), y, room, &piece.words, style);
        }
    }
}
