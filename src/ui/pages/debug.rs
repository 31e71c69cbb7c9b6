//! What the program itself is doing: connections in a line of sections, facts and round trips of one.

use ratatui::layout::Rect;

use super::{Painter, tabs};
use crate::app::{CallColumn, CallRow, Debug, DebugLine, State, Target, Tone};

/// Columns of the words on the left.
const LABEL: u16 = 12;
/// Blanks between two columns.
const GAP: u16 = 2;

/// Draws the connection that the page shows.
pub fn render(state: &State, page: &Debug, area: Rect, painter: &mut Painter<'_>) {
    let labels: Vec<_> = state
        .connections
        .iter()
        .map(|c| (c.label.as_str(), Tone::Normal))
        .collect();
    let present = page.connection(state).map(|c| c.id);
    let at = state.connections.iter().position(|c| Some(c.id) == present);
    tabs::render(
        &labels,
        at.unwrap_or(0),
        Rect { height: 1, ..area },
        painter,
    );
    let body = Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    let lines = page.lines(state);
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(page.top())) {
        let at = Rect {
            y,
            height: 1,
            ..body
        };
        match line {
            DebugLine::Blank => {}
            DebugLine::Fact(label, words, tone) => {
                painter.text(at.x, y, LABEL, label, painter.theme.dim);
                let room = at.width.saturating_sub(LABEL);
                painter.text(at.x + LABEL, y, room, words, painter.tone(*tone));
            }
            DebugLine::Headings => headings(page, at, painter),
            DebugLine::Call(row) => call(row, None, at, painter),
            DebugLine::Sum(row) => call(row, Some(Tone::Strong), at, painter),
        }
    }
}

fn headings(page: &Debug, area: Rect, painter: &mut Painter<'_>) {
    for (column, at) in places(area) {
        let sorted = column == page.sort();
        let style = if sorted {
            painter.theme.title
        } else {
            painter.theme.dim
        };
        let mut words = column.header().to_owned();
        if sorted {
            words.push(if column.right() { '▼' } else { '▲' });
        }
        if column.right() {
            // The arrow may stand in the gap before.
            painter.right(at.x - 1, at.y, at.width + 1, &words, style);
        } else {
            painter.text(at.x, at.y, at.width, &words, style);
        }
        painter.hit(at, Target::CallColumn(column));
    }
}

fn call(row: &CallRow, tone: Option<Tone>, area: Rect, painter: &mut Painter<'_>) {
    for (column, at) in places(area) {
        let cell = column.cell(row);
        let style = painter.tone(tone.unwrap_or(cell.tone));
        if column.right() {
            painter.right(at.x, at.y, at.width, &cell.text, style);
        } else {
            painter.text(at.x, at.y, at.width, &cell.text, style);
        }
    }
}

/// The columns that fit, with their places.
fn places(area: Rect) -> impl Iterator<Item = (CallColumn, Rect)> {
    let least: u16 = CallColumn::ALL
        .into_iter()
        .map(|column| column.width().0 + GAP)
        .sum();
    // Only one of them grows.
    let spare = (area.width + GAP).saturating_sub(least);
    let mut x = area.x;
    CallColumn::ALL.into_iter().map_while(move |column| {
        let (least, most) = column.width();
        let wide = least.saturating_add(spare).min(most);
        let width = wide.min(area.right().saturating_sub(x));
        let at = Rect { x, width, ..area };
        x = x.saturating_add(wide + GAP);
        (width > 0).then_some((column, at))
    })
}
