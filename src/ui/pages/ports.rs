//! The ports of all domains.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Ports, State};
use crate::ports::column;

/// Draws a line for each domain with displays.
pub fn render(state: &State, _ports: &Ports, area: Rect, painter: &mut Painter<'_>) {
    let rows = state.table.view().iter().filter_map(|id| {
        let guest = state.guest(*id)?;
        Some((guest, column(guest.endpoints())?))
    });
    for (y, (guest, words)) in (area.y..area.bottom()).zip(rows) {
        let line = format!("{words}  {}", guest.domain.name);
        painter.text(
            area.x + 1,
            y,
            area.width.saturating_sub(2),
            &line,
            painter.theme.text,
        );
    }
}
