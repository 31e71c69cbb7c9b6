//! The ports of all domains: a line of sections, the rows of one, and what is told of the selected row.

mod about;

use ratatui::layout::Rect;

use super::{Painter, centred, rows, tabs};
use crate::app::{
    Areas, Cell, Column, Finding, FindingColumn, Gravity, Placed, PortColumn, PortLines,
    PortSection, Ports, State, Target, Tone,
};

/// Draws the present section.
pub fn render(state: &State, page: &Ports, area: Rect, painter: &mut Painter<'_>) {
    let lines = PortLines::of(Areas::of(state));
    let part = |from: u16, height: u16| {
        Rect {
            y: area.y.saturating_add(from),
            height,
            ..area
        }
        .intersection(area)
    };
    sections(page, part(0, 1), painter);
    let rows = part(2, lines.rows);
    match page.section() {
        PortSection::Listening => listening(state, page, part(1, 1), rows, painter),
        PortSection::Findings => findings(state, page, part(1, 1), rows, painter),
    }
    about::render(state, page, part(2 + lines.rows, lines.about), painter);
}

fn sections(page: &Ports, area: Rect, painter: &mut Painter<'_>) {
    let [endpoints, warnings, fixed] = page.counts();
    let listening = match page.unread() {
        0 => format!("Ports {endpoints}"),
        unread => format!("Ports {endpoints} (reading {unread} domains)"),
    };
    let words = match warnings {
        0 => "No warnings".to_owned(),
        1 => "1 warning".to_owned(),
        count => format!("{count} warnings"),
    };
    let findings = match fixed {
        0 => words,
        1 => format!("{words}, 1 fixed port"),
        count => format!("{words}, {count} fixed ports"),
    };
    let tone = if warnings > 0 {
        Tone::Warn
    } else {
        Tone::Normal
    };
    let labels = [
        (listening.as_str(), Tone::Normal),
        (findings.as_str(), tone),
    ];
    tabs::render(&labels, page.section() as usize, area, painter);
}

fn listening(state: &State, page: &Ports, top: Rect, area: Rect, painter: &mut Painter<'_>) {
    let columns = state.port_columns();
    if !top.is_empty() {
        port_headings(page, &columns, top, painter);
    }
    let list = page.listening();
    if list.rows().is_empty() {
        centred(&no_ports(state, page), area, painter);
        return;
    }
    let rows = list.visible(usize::from(area.height));
    for (y, id) in (area.y..area.bottom()).zip(rows) {
        let Some(guest) = state.guest(id.domain) else {
            continue;
        };
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let cell = |placed: &Placed<PortColumn>| {
            let width = usize::from(placed.width);
            (
                placed.column.cell(*id, guest, state, width),
                placed.column.right(),
            )
        };
        let row = rows::Row {
            domain: id.domain,
            selected: list.selected() == Some(*id),
        };
        row.draw(state, &columns, cell, line, painter);
        painter.hit(line, Target::Endpoint(*id));
    }
}

fn port_headings(
    page: &Ports,
    columns: &[Placed<PortColumn>],
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let (sort, reversed) = page.sorting();
    for placed in columns {
        let heading = rows::Heading {
            words: placed.column.header(),
            right: placed.column.right(),
            sorted: (placed.column == sort).then_some(reversed),
        };
        let hit = rows::heading(placed, &heading, area, painter);
        painter.hit(hit, Target::PortColumn(placed.column));
    }
}

fn findings(state: &State, page: &Ports, top: Rect, area: Rect, painter: &mut Painter<'_>) {
    let columns = state.finding_columns();
    if !top.is_empty() {
        for placed in &columns {
            let heading = rows::Heading {
                words: placed.column.header(),
                right: placed.column == FindingColumn::Port,
                sorted: None,
            };
            rows::heading(placed, &heading, top, painter);
        }
    }
    let list = page.findings();
    if list.rows().is_empty() {
        centred(&no_findings(state, page), area, painter);
        return;
    }
    let rows = list.visible(usize::from(area.height));
    for (y, finding) in (area.y..area.bottom()).zip(rows) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let cell = |placed: &Placed<FindingColumn>| {
            let width = usize::from(placed.width);
            let cell = finding_cell(state, page, *finding, placed.column, width);
            (cell, placed.column == FindingColumn::Port)
        };
        let row = rows::Row {
            domain: finding.domain(),
            selected: list.selected() == Some(*finding),
        };
        row.draw(state, &columns, cell, line, painter);
        painter.hit(line, Target::Finding(*finding));
    }
}

fn finding_cell(
    state: &State,
    page: &Ports,
    finding: Finding,
    column: FindingColumn,
    width: usize,
) -> Cell {
    let domain = finding.domain();
    let (Some(guest), Some(found)) = (state.guest(domain), page.found(finding)) else {
        return Cell::blank();
    };
    let (kind, port) = finding.port(state);
    match column {
        FindingColumn::What => Cell::new(found.gravity.word(), tone_of(found.gravity)),
        FindingColumn::Port => port.map_or_else(Cell::blank, |port| {
            Cell::new(port.to_string(), Tone::Strong)
        }),
        FindingColumn::Type => {
            kind.map_or_else(Cell::blank, |kind| Cell::new(kind.word(), Tone::Normal))
        }
        FindingColumn::Domain => Column::Name.cell(guest, &state.scene(), width),
        FindingColumn::Host => Column::Host.cell(guest, &state.scene(), width),
        FindingColumn::State => {
            let saved = guest.domain.managed_save == Some(true);
            Cell::new(guest.domain.state.label(saved), Tone::Dim)
        }
        FindingColumn::Summary => Cell::new(found.summary(state), Tone::Normal),
    }
}

fn tone_of(gravity: Gravity) -> Tone {
    match gravity {
        Gravity::Open => Tone::Bad,
        Gravity::PerhapsOpen | Gravity::Taken | Gravity::Twice | Gravity::Unreadable => Tone::Warn,
        Gravity::Fixed => Tone::Dim,
    }
}

/// Why there are no ports.
fn no_ports(state: &State, page: &Ports) -> Vec<String> {
    let [endpoints, ..] = page.counts();
    if endpoints > 0 {
        return unmatched("port", page);
    }
    if let Some(waiting) = waiting(state, page) {
        return waiting;
    }
    vec![
        "No running domain has a display or a serial line.".to_owned(),
        "They appear here as soon as one is started; Tab shows ports that are fixed.".to_owned(),
    ]
}

/// Why there are no findings.
fn no_findings(state: &State, page: &Ports) -> Vec<String> {
    let [_, warnings, fixed] = page.counts();
    if warnings + fixed > 0 {
        return unmatched("warning", page);
    }
    if let Some(waiting) = waiting(state, page) {
        return waiting;
    }
    vec![
        "Nothing is wrong.".to_owned(),
        "No port is open to everybody or fixed twice.".to_owned(),
        "No domain that is off has a fixed one.".to_owned(),
    ]
}

fn unmatched(what: &str, page: &Ports) -> Vec<String> {
    vec![
        format!("No {what} matches '{}'.", page.filter()),
        "Esc clears the filter.".to_owned(),
    ]
}

/// What the page waits for, where it knows nothing yet.
fn waiting(state: &State, page: &Ports) -> Option<Vec<String>> {
    if let Some(connection) = state.connections.iter().find(|c| !c.listed) {
        return Some(vec![format!(
            "The domains of {} are not known yet.",
            connection.uri()
        )]);
    }
    (page.unread() > 0).then(|| {
        vec![format!(
            "Reading the XML of {} running domains …",
            page.unread()
        )]
    })
}
