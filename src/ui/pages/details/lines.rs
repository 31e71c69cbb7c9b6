//! Lists of lines: events and the log.

use chrono::{DateTime, Local};
use ratatui::layout::Rect;

use super::{Painter, centred, instead, skip_columns};
use crate::app::{Details, Guest, event_words};
use crate::text;

/// Draws the events, newest first.
pub fn events(guest: &Guest, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    if guest.events.is_empty() {
        let lines = [
            "Nothing has happened to it since virtty is connected.".to_owned(),
            "Starts, stops, viewers, I/O errors and the like appear here.".to_owned(),
        ];
        centred(&lines, area, painter);
        return;
    }
    let top = details
        .top()
        .min(guest.events.len().saturating_sub(usize::from(area.height)));
    let events = guest.events.iter().rev().skip(top);
    for (y, event) in (area.y..area.bottom()).zip(events) {
        let time: DateTime<Local> = event.time.into();
        let time = time.format("%H:%M:%S").to_string();
        let used = painter.text(area.x, y, area.width, &time, painter.theme.dim) + 2;
        painter.text(
            area.x.saturating_add(used),
            y,
            area.width.saturating_sub(used),
            &event_words(&event.kind),
            painter.theme.text,
        );
    }
}

/// Draws the end of the hypervisor's log.
pub fn log(details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let Some(log) = details.log.got() else {
        instead("the log", &details.log, area, painter);
        return;
    };
    painter.text(area.x, area.y, area.width, &log.path, painter.theme.dim);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if log.lines.is_empty() {
        centred(&["The log is empty.".to_owned()], body, painter);
        return;
    }
    let end = log.lines.len().saturating_sub(usize::from(body.height));
    let lines = log.lines.iter().skip(details.top().min(end));
    for (y, line) in (body.y..body.bottom()).zip(lines) {
        let shown = text::visible(line);
        let rest = skip_columns(&shown, details.across());
        painter.text(body.x, y, body.width, rest, painter.theme.text);
    }
}
