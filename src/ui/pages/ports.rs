//! The ports of all domains.

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{PortColumn, PortId, Ports, Section, State, Target};
use crate::ui::painter::wrap;

/// Draws the parts, and the one that is shown.
pub fn render(state: &State, ports: &Ports, area: Rect, painter: &mut Painter<'_>) {
    let line = Rect { height: 1, ..area };
    sections(ports, line, painter);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if body.is_empty() {
        return;
    }
    match ports.section {
        Section::All => all(state, ports, body, painter),
        Section::Trouble => trouble(ports, body, painter),
    }
}

fn sections(ports: &Ports, area: Rect, painter: &mut Painter<'_>) {
    painter.fill(area, painter.theme.bar);
    let grave = ports
        .trouble
        .iter()
        .filter(|trouble| !trouble.advice.is_empty())
        .count();
    let trouble = match grave {
        0 => " Conflicts and warnings ".to_owned(),
        count => format!(" Conflicts and warnings ({count}) "),
    };
    let mut x = area.x;
    let parts = [
        (" Ports ".to_owned(), Section::All),
        (trouble, Section::Trouble),
    ];
    for (index, (words, section)) in parts.into_iter().enumerate() {
        let mut style = painter.theme.bar;
        if section == Section::Trouble && grave > 0 {
            style = style.patch(painter.theme.warn);
        }
        if section == ports.section {
            style = style.patch(painter.theme.selected);
        }
        let used = painter.text(x, area.y, area.right().saturating_sub(x), &words, style);
        let hit = Rect {
            x,
            width: used,
            ..area
        };
        painter.hit(hit, Target::Tab(index));
        x = x.saturating_add(used);
    }
    if !ports.filter.is_empty() {
        let words = format!("/{}  {} match", ports.filter, ports.list.rows().len());
        let room = area.right().saturating_sub(x + 2);
        let style = painter.theme.bar.patch(painter.theme.accent);
        painter.right(x + 1, area.y, room, &words, style);
    }
}

fn all(state: &State, ports: &Ports, area: Rect, painter: &mut Painter<'_>) {
    let columns = state.placed_port_columns();
    for placed in &columns {
        let sorted = placed.column == ports.sort;
        let style = if sorted {
            painter.theme.title
        } else {
            painter.theme.dim
        };
        let mut words = placed.column.header().to_owned();
        if sorted {
            words.push(if ports.reversed { '▼' } else { '▲' });
        }
        let x = area.x + 1 + placed.x;
        if placed.column.right() {
            painter.right(x, area.y, placed.width, &words, style);
        } else {
            painter.text(x, area.y, placed.width, &words, style);
        }
        let hit = Rect {
            x,
            y: area.y,
            width: placed.width,
            height: 1,
        };
        painter.hit(hit, Target::PortColumn(placed.column));
    }
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if ports.list.rows().is_empty() {
        centred(&nothing(ports), body, painter);
        return;
    }
    for (y, port) in (body.y..body.bottom()).zip(ports.list.visible(usize::from(body.height))) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let placed = columns
            .iter()
            .map(|placed| (placed.column, placed.x, placed.width));
        row(state, *port, placed, line, painter);
        if ports.list.selected() == Some(*port) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(line.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Port(*port));
    }
}

fn row(
    state: &State,
    port: PortId,
    columns: impl Iterator<Item = (PortColumn, u16, u16)>,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let Some((guest, endpoint)) = state.endpoint(port) else {
        return;
    };
    let live = state
        .connection(port.domain.connection)
        .is_some_and(crate::app::Connection::is_live);
    for (column, x, width) in columns {
        let cell = column.cell(state, guest, endpoint);
        let style = if live {
            painter.tone(cell.tone)
        } else {
            painter.theme.stale
        };
        let x = area.x + 1 + x;
        if column.right() {
            painter.right(x, area.y, width, &cell.text, style);
        } else {
            painter.text(x, area.y, width, &cell.text, style);
        }
    }
}

fn nothing(ports: &Ports) -> Vec<String> {
    if ports.filter.is_empty() {
        vec![
            "No running domain has a display or a serial line.".to_owned(),
            "They appear here when a domain starts.".to_owned(),
        ]
    } else {
        vec![
            format!("Nothing matches '{}'.", ports.filter),
            "Esc clears the filter.".to_owned(),
        ]
    }
}

fn trouble(ports: &Ports, area: Rect, painter: &mut Painter<'_>) {
    if ports.trouble.is_empty() {
        let lines = ["No port is open to everybody, and none is fixed twice.".to_owned()];
        centred(&lines, area, painter);
        return;
    }
    let width = area.width.saturating_sub(3);
    let mut y = area.y;
    for trouble in ports.trouble.iter().skip(ports.top) {
        let style = painter.tone(trouble.tone);
        let words = wrap(&trouble.words, width)
            .into_iter()
            .map(|line| (0, line, style));
        let advice = painter.theme.dim;
        let advice = wrap(trouble.advice, width.saturating_sub(2))
            .into_iter()
            .filter(|line| !line.is_empty())
            .map(|line| (2, line, advice));
        for (indent, line, style) in words.chain(advice) {
            if y >= area.bottom() {
                return;
            }
            let x = area.x + 1 + indent;
            painter.text(x, y, area.right().saturating_sub(x), &line, style);
            y += 1;
        }
    }
}
