//! Sections of lines: events and the log, and what the XML has in common with them.

use ratatui::layout::Rect;

use super::super::events::when;
use super::{Painter, centred, instead, xml};
use crate::action::Action;
use crate::app::{Details, Lines, State, columns, grade_tone};
use crate::text;

/// Draws the events, newest first.
pub fn events(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let all: Vec<_> = state.events_of(details.id).collect();
    if all.is_empty() {
        let lines = [
            "Nothing is known to have happened to it.".to_owned(),
            "Starts, stops, viewers, I/O errors and the like appear here.".to_owned(),
        ];
        centred(&lines, area, painter);
        return;
    }
    let end = all.len().saturating_sub(usize::from(area.height));
    let events = all.iter().rev().skip(details.top().min(end));
    for (y, event) in (area.y..area.bottom()).zip(events) {
        let time = when(state, event.time);
        let used = painter.text(area.x, y, area.width, &time, painter.theme.dim) + 2;
        painter.text(
            area.x.saturating_add(used),
            y,
            area.width.saturating_sub(used),
            &event.text,
            painter.tone(grade_tone(event.grade)),
        );
    }
}

/// Draws the end of the hypervisor's log.
pub fn log(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let got = details.log.got();
    let key = state.keymap.hint(details.contexts(), Action::Refresh);
    let again = key.map_or_else(String::new, |key| format!("   {key} reads it again"));
    let what = got.map_or_else(String::new, |log| format!("{}{again}", log.path));
    let body = note(
        state,
        details,
        &what,
        got.map(|log| &log.lines),
        area,
        painter,
    );
    let Some(log) = got else {
        instead(state, details, &details.log, "the log", body, painter);
        return;
    };
    if log.lines.all().is_empty() {
        centred(&["The log is empty.".to_owned()], body, painter);
        return;
    }
    let room = usize::from(body.width);
    let across = xml::across(details, log.lines.widest(), room);
    for (y, (_, line)) in (body.y..body.bottom()).zip(window(details, &log.lines, body)) {
        // More than there is room for, wide characters too: then the painter marks the line as cut.
        let shown = columns(line, across, room + 2);
        painter.text(body.x, y, body.width, shown, painter.theme.text);
    }
}

/// The lines that `area` shows, with their numbers from 0.
pub fn window<'a>(
    details: &Details,
    lines: &'a Lines,
    area: Rect,
) -> impl Iterator<Item = (usize, &'a String)> {
    let end = lines.all().len().saturating_sub(usize::from(area.height));
    lines.all().iter().enumerate().skip(details.top().min(end))
}

/// Draws a line above a text: what it is, where in it the screen is, how to scroll sideways. Gives the rest.
pub fn note(
    state: &State,
    details: &Details,
    what: &str,
    lines: Option<&Lines>,
    area: Rect,
    painter: &mut Painter<'_>,
) -> Rect {
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let dim = painter.theme.dim;
    let mut place = String::new();
    if let Some(lines) = lines.filter(|lines| !lines.all().is_empty()) {
        let all = lines.all().len();
        let end = all.saturating_sub(usize::from(body.height));
        let top = details.top().min(end);
        let last = (top + usize::from(body.height)).min(all);
        let keys = [Action::ScrollLeft, Action::ScrollRight]
            .map(|action| state.keymap.hint(details.contexts(), action));
        if let [Some(left), Some(right)] = keys
            && lines.widest() + line_numbers_of(details, lines) > usize::from(area.width)
        {
            place = format!("{left} {right} sideways   ");
        }
        place.push_str(&format!("{}–{last} of {all}", top + 1));
    }
    let wide = u16::try_from(text::width(&place)).unwrap_or(u16::MAX);
    // What it is matters more than where in it.
    let wide = if wide.saturating_mul(2) > area.width {
        0
    } else {
        wide
    };
    let room = area.width.saturating_sub(wide + 2 * u16::from(wide > 0));
    painter.text(area.x, area.y, room, what, dim);
    painter.right(area.right().saturating_sub(wide), area.y, wide, &place, dim);
    body
}

fn line_numbers_of(details: &Details, lines: &Lines) -> usize {
    match details.tab {
        crate::app::Tab::Xml => crate::app::line_numbers(lines),
        _ => 0,
    }
}
