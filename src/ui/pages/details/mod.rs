//! The details of one domain: a line with its name and state, a line of sections, and the section.

mod devices;
mod guest;
mod lines;
mod overview;
mod performance;
mod sheet;
mod xml;

use ratatui::layout::Rect;

use super::{Painter, centred, tabs};
use crate::app::{Column, Connection, Details, Guest, Loaded, State, Tab, Tone};
use crate::protocol::Failure;
use crate::text;
use crate::ui::painter::wrap;

/// Draws the page.
pub fn render(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let Some(guest) = state.guest(details.id) else {
        return;
    };
    let line = |y: u16| {
        Rect {
            y: area.y.saturating_add(y),
            height: 1,
            ..area
        }
        .intersection(area)
    };
    heading(state, guest, line(0), painter);
    let labels = Tab::ALL.map(|tab| (tab.label(), Tone::Normal));
    tabs::render(&labels, details.tab as usize, line(1), painter);
    let body = Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(2),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
    .intersection(area);
    if body.is_empty() {
        return;
    }
    match details.tab {
        Tab::Overview => overview::render(state, guest, details, body, painter),
        Tab::Performance => performance::render(state, guest, details, body, painter),
        Tab::Disks => devices::disks(guest, details, body, painter),
        Tab::Nics => devices::nics(guest, details, body, painter),
        Tab::Displays => devices::displays(state, guest, details, body, painter),
        Tab::Guest => guest::render(guest, details, body, painter),
        Tab::Events => lines::events(guest, details, body, painter),
        Tab::Xml => xml::render(guest, details, body, painter),
        Tab::Log => lines::log(details, body, painter),
    }
    let live = state
        .connection(details.id.connection)
        .is_some_and(Connection::is_live);
    if !live {
        painter.restyle(body, painter.theme.stale);
    }
}

/// Name and title on the left, state on the right.
fn heading(state: &State, guest: &Guest, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let scene = state.scene();
    let room = usize::from(area.width.saturating_sub(2));
    let cell = Column::State.cell(guest, &scene, room / 2);
    let wide = u16::try_from(text::width(&cell.text)).unwrap_or(u16::MAX);
    let end = area.right().saturating_sub(1);
    let at = end.saturating_sub(wide);
    let style = painter.tone(cell.tone);
    painter.text(at, area.y, wide, &cell.text, style);
    let mut x = area.x.saturating_add(1);
    let left = |x: u16| at.saturating_sub(x).saturating_sub(1);
    x += painter.text(x, area.y, left(x), &guest.domain.name, painter.theme.title) + 2;
    if state.connections.len() > 1
        && let Some(connection) = state.connection(guest.domain.id.connection)
    {
        let on = format!("on {}", connection.label);
        x += painter.text(x, area.y, left(x), &on, painter.theme.dim) + 2;
    }
    if let Some(title) = guest.title() {
        painter.text(x, area.y, left(x), title, painter.theme.dim);
    }
}

/// What stands there while a section has nothing to show: that it is read, or why it cannot be.
fn instead<T>(what: &str, loaded: &Loaded<T>, area: Rect, painter: &mut Painter<'_>) {
    match loaded.failure() {
        Some(failure) => {
            let width = area.width.saturating_sub(4);
            let lines: Vec<_> = failed(failure)
                .iter()
                .flat_map(|words| wrap(words, width))
                .collect();
            centred(&lines, area, painter);
        }
        None => centred(&[format!("Reading {what} …")], area, painter),
    }
}

/// `words` without its first `columns` columns.
fn skip_columns(words: &str, columns: usize) -> &str {
    let (mut used, mut at) = (0, 0);
    for (unit, wide) in text::units(words) {
        if used >= columns {
            return &words[at..];
        }
        used += wide;
        at += unit.len();
    }
    ""
}

/// A failure and its way out, in lines.
fn failed(failure: &Failure) -> Vec<String> {
    let mut lines = vec![failure.to_string()];
    if let Some(remedy) = &failure.remedy {
        lines.push(remedy.advice.clone());
        if let Some(command) = &remedy.command {
            let words: Vec<_> = command.iter().map(|word| text::shell_quote(word)).collect();
            lines.push(words.join(" "));
        }
    }
    lines.push("r reads it again.".to_owned());
    lines
}
