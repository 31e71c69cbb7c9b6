//! The table of domains.

use ratatui::layout::Rect;

use super::{Painter, centred, rows};
use crate::app::{Cell, Column, Placed, State, Target, Tone};
use crate::model::{ConnectionState, DomainId};
use crate::stats;
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
    let rows = state.table.visible(usize::from(body.height));
    for (y, id) in (body.y..body.bottom()).zip(rows) {
        row(
            state,
            &columns,
            *id,
            Rect {
                y,
                height: 1,
                ..area
            },
            painter,
        );
    }
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

fn row(state: &State, columns: &[Placed], id: DomainId, area: Rect, painter: &mut Painter<'_>) {
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
        selected: state.table.selected() == Some(id),
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
