//! The details of one domain: a line with its name and state, a line of sections, and the section.

mod lines;
mod performance;
mod sheet;
mod xml;

pub use xml::style as xml_style;

use ratatui::layout::Rect;

use super::{Painter, centred, tabs};
use crate::app::{Column, Connection, Details, Guest, Loaded, State, Tab, Tone};
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
    sections(state, details, line(1), painter);
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
        Tab::Overview | Tab::Disks | Tab::Nics | Tab::Displays | Tab::Guest => {
            sheet::render(state, details, body, painter);
        }
        Tab::Performance => performance::render(state, guest, details, body, painter),
        Tab::Events => lines::events(state, details, body, painter),
        Tab::Xml => xml::render(state, guest, details, body, painter),
        Tab::Log => lines::log(state, details, body, painter),
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

/// The sections, with the keys that show them where there is room for both, and where in the present one.
fn sections(state: &State, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let keyed = Tab::ALL.map(|tab| {
        let key = state.keymap.hint(details.contexts(), tab.action());
        key.map_or_else(
            || tab.label().to_owned(),
            |key| format!("{key} {}", tab.label()),
        )
    });
    let all: usize = keyed.iter().map(|label| text::width(label) + 2).sum();
    let labels: Vec<_> = Tab::ALL
        .iter()
        .zip(&keyed)
        .map(|(tab, keyed)| {
            let fits = all <= usize::from(area.width);
            let label = if fits { keyed } else { tab.label() };
            (label, Tone::Normal)
        })
        .collect();
    let x = tabs::render(&labels, details.tab as usize, area, painter);
    // The other sections say it beside what they show.
    let says_so = matches!(details.tab, Tab::Performance | Tab::Xml | Tab::Log);
    if let Some((first, last, all)) = details.place(state).filter(|_| !says_so) {
        let place = format!("{first}–{last}/{all}");
        let wide = u16::try_from(text::width(&place)).unwrap_or(u16::MAX);
        let end = area.right().saturating_sub(1);
        if x.saturating_add(wide) <= end {
            let style = painter.theme.bar.patch(painter.theme.dim);
            painter.text(end - wide, area.y, wide, &place, style);
        }
    }
}

/// What stands there while a section has nothing to show: that it is read, or why it cannot be.
fn instead<T>(
    state: &State,
    details: &Details,
    loaded: &Loaded<T>,
    what: &str,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let lines: Vec<_> = details
        .waiting(state, loaded, what)
        .iter()
        .flat_map(|line| wrap(line, area.width))
        .collect();
    centred(&lines, area, painter);
}
