//! What the program itself is doing.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Debug, State};

/// Draws the round trips of each connection.
pub fn render(state: &State, _debug: &Debug, area: Rect, painter: &mut Painter<'_>) {
    let lines = state.connections.iter().flat_map(|connection| {
        connection
            .calls
            .rows
            .iter()
            .map(|(kind, call, count, time)| {
                format!(
                    "{}  {kind}  {call}  {count}  {} ms",
                    connection.label,
                    time.as_millis()
                )
            })
    });
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        painter.text(
            area.x + 1,
            y,
            area.width.saturating_sub(2),
            &line,
            painter.theme.text,
        );
    }
}
