//! The details of one domain.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Details, State};

/// Draws what is known of the domain.
pub fn render(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let Some(guest) = state.guest(details.id) else {
        return;
    };
    let title = painter.theme.title;
    painter.text(area.x + 1, area.y, area.width, &guest.domain.name, title);
}
