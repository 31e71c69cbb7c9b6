//! The table of domains.

use ratatui::layout::Rect;

use super::{Painter, centred, rows};
use crate::app::{Cell, Column, GroupId, Placed, State, TableRow, Target, Tone};
use crate::model::{ConnectionState, DomainId};
use crate::stats;
use crate::text;
use crate::ui::widgets::sparkline;

/// Draws headings and rows.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let columns = state.placed_columns();
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    headings(state, &columns, Rect { height: 1, ..area }, painter);
    if state.table.view().is_empty() {
        centred(&nothing(state), body, painter);
        return;
    }
    let lines = state.table.lines(usize::from(body.height));
    for (y, line) in (body.y..body.bottom()).zip(lines) {
        let at = Rect {
            y,
            height: 1,
            ..area
        };
        match *line {
            TableRow::Domain(id, _) => {
                let selected = state.table.selected_row() == Some(*line);
                row(state, &columns, (id, selected), at, painter);
                if state.is_marked(*line) {
                    let style = if selected {
                        painter.theme.selected.patch(painter.theme.accent)
                    } else {
                        painter.theme.accent
                    };
                    painter.text(at.x, at.y, 1, "✓", style);
                }
            }
            TableRow::Group(id) => group(state, id, at, painter),
        }
    }
}

/// The heading of a group with what its domains come to.
fn group(state: &State, id: GroupId, area: Rect, painter: &mut Painter<'_>) {
    let Some(group) = state.table.group(id) else {
        return;
    };
    let theme = painter.theme;
    painter.fill(area, theme.bar);
    let totals = group.totals(&state.scene());
    let mark = if group.folded { "▸" } else { "▾" };
    let label = format!("{mark} {}", text::visible(&group.label));
    let mut words = format!("{}/{} running", totals.running, totals.domains);
    let least = |all: bool| if all { "" } else { "≥" };
    if let Some(cores) = totals.cores {
        let least = least(totals.cores_of_all);
        words.push_str(&format!("  CPU {least}{cores:.1} cores"));
    }
    if let Some(kib) = totals.memory_kib {
        let least = match totals.memory_given {
            true => "~",
            false => least(totals.memory_of_all),
        };
        let size = text::bytes(kib.saturating_mul(1024));
        words.push_str(&format!("  Memory {least}{size}"));
    }
    let end = area.right().saturating_sub(1);
    let mut x = area.x.saturating_add(1);
    let strong = theme.bar.patch(theme.header);
    // The name may be as long as it likes, the figures stay.
    let wide = u16::try_from(text::width(&words)).unwrap_or(0);
    let room = end.saturating_sub(x).saturating_sub(wide + 2).max(12);
    x = x.saturating_add(painter.text(x, area.y, room, &label, strong) + 2);
    let dim = theme.bar.patch(theme.dim);
    painter.text(x, area.y, end.saturating_sub(x), &words, dim);
    if state.table.selected_row() == Some(TableRow::Group(id)) {
        painter.restyle(area, theme.selected);
        let mark = theme.selected.patch(theme.accent);
        painter.text(area.x, area.y, 1, "▌", mark);
    }
    painter.hit(area, Target::Group(id));
}

fn headings(state: &State, columns: &[Placed], area: Rect, painter: &mut Painter<'_>) {
    let table = &state.table;
    for placed in columns {
        let column = placed.column;
        let descending = column.descending() != table.reversed;
        let heading = rows::Heading {
            words: column.header(),
            right: column.right(),
            sorted: (column == table.sort).then_some(descending),
        };
        let hit = rows::heading(placed, &heading, area, painter);
        painter.hit(hit, Target::Column(placed.column));
    }
}

fn row(
    state: &State,
    columns: &[Placed],
    (id, selected): (DomainId, bool),
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let scene = state.scene();
    let symbols = painter.theme.symbols;
    let cell = |placed: &Placed| {
        let width = usize::from(placed.width);
        let cell = match placed.column {
            Column::History => {
                let mut cells = guest.recent_cpu(width * symbols.dots_across());
                begin_with_a_character(&mut cells, symbols.dots_across());
                Cell::new(sparkline(&cells, 100.0, symbols), Tone::Graph)
            }
            column => column.cell(guest, &scene, width),
        };
        (cell, placed.column.right())
    };
    let row = rows::Row {
        domain: id,
        selected,
    };
    row.draw(state, columns, cell, area, painter);
    painter.hit(area, Target::Domain(id));
}

/// A line that still grows begins with a whole character: half of one would be sent to the terminal twice for each row.
fn begin_with_a_character(cells: &mut [Option<stats::Cell>], across: usize) {
    let empty = cells.iter().take_while(|cell| cell.is_none()).count();
    let begun = empty.next_multiple_of(across.max(1)).min(cells.len());
    // The last character is what is new: it shows all there is.
    if begun < cells.len() {
        cells[empty..begun].fill(None);
    }
}

/// Why there are no rows.
fn nothing(state: &State) -> Vec<String> {
    if !state.guests.is_empty() {
        return vec![
            format!("No domain matches '{}'.", state.table.filter()),
            "Esc clears the filter.".to_owned(),
        ];
    }
    let unfinished: Vec<_> = state.connections.iter().filter(|c| !c.listed).collect();
    if let Some(connection) = unfinished.first() {
        let age = state
            .now
            .instant
            .saturating_duration_since(connection.since)
            .as_secs();
        let words = match (&connection.state, age) {
            (ConnectionState::Connecting, 0) => format!("Connecting to {} …", connection.uri()),
            (ConnectionState::Connecting, age) => {
                format!("Connecting to {} … {age} s", connection.uri())
            }
            _ => format!("Reading the domains of {} …", connection.uri()),
        };
        return match connection.state {
            ConnectionState::Connecting if age > 0 => {
                vec![words, "Esc stops waiting.".to_owned()]
            }
            _ => vec![words],
        };
    }
    let places: Vec<_> = state.connections.iter().map(|c| c.uri()).collect();
    vec![
        format!("There are no domains on {}.", places.join(", ")),
        "They appear here as soon as libvirt defines or starts one.".to_owned(),
    ]
}
