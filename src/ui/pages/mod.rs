//! The pages, one file each, named like their state in `app/pages`.

mod debug;
mod details;
mod domains;
mod events;
mod ports;
mod rows;
mod tabs;
mod welcome;

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Page, State};

/// Draws the present page.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    match state.page() {
        Page::Domains if state.is_welcome() => welcome::render(state, area, painter),
        Page::Domains => domains::render(state, area, painter),
        Page::Details(details) => details::render(state, details, area, painter),
        Page::Ports(ports) => ports::render(state, ports, area, painter),
        Page::Events(events) => events::render(state, events, area, painter),
        Page::Debug(debug) => debug::render(state, debug, area, painter),
    }
}

/// A few words in the middle of an area, for pages with nothing else to show.
fn centred(lines: &[String], area: Rect, painter: &mut Painter<'_>) {
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(height) / 2;
    for (y, (index, words)) in (top..area.bottom()).zip(lines.iter().enumerate()) {
        let wide = crate::text::width(&crate::text::visible(words));
        let blank = area
            .width
            .saturating_sub(u16::try_from(wide).unwrap_or(u16::MAX))
            / 2;
        let style = if index == 0 {
            painter.theme.text
        } else {
            painter.theme.dim
        };
        painter.text(area.x + blank, y, area.width - blank, words, style);
    }
}
