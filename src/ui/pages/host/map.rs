//! Who runs on which CPU of the host.

use ratatui::layout::Rect;

use super::{centred, rows, select, shade};
use crate::app::{CpuMark, Host, MapRow, Tone};
use crate::hostfacts::{HostCpu, HostReport, set_words};
use crate::ui::pages::Painter;

/// Columns of the names, and of how busy each is behind them.
const NAME: u16 = 26;

/// Columns of a load: blank, three digits, percent sign.
const LOAD: u16 = 5;

/// A CPU of the host on the screen.
struct Column<'a> {
    /// Its place among all.
    index: usize,
    cpu: &'a HostCpu,
    x: u16,
    /// What stands left of it in each line, where something ends there: `║` a NUMA cell, `│` a cache.
    wall: Option<&'static str>,
    /// It is a thread of the core of the one before.
    bond: bool,
}

/// The columns that there is room for, so that the cursor is among them.
fn columns<'a>(page: &Host, report: &'a HostReport, from: u16, to: u16) -> Vec<Column<'a>> {
    let cpus = &report.facts.topology;
    let wall = |before: &HostCpu, cpu: &HostCpu| match () {
        () if before.cell != cpu.cell => Some("║"),
        () if last_cache(report, before.id) != last_cache(report, cpu.id) => Some("│"),
        () => None,
    };
    let room = usize::from(to.saturating_sub(from));
    // Side by side where they would not fit else; a wall always has its own column.
    let loose = cpus.len() * 3 <= room + 1;
    let fill = |skipped: usize| {
        let mut x = from;
        let mut shown: Vec<Column<'a>> = Vec::new();
        for (index, cpu) in cpus.iter().enumerate().skip(skipped) {
            let before = shown.last().map(|column| column.cpu);
            let wall = before.and_then(|before| wall(before, cpu));
            if before.is_some() && (loose || wall.is_some()) {
                x += 1;
            }
            if x + 2 > to {
                break;
            }
            let bond = before.is_some_and(|before| cpu.siblings.contains(&before.id));
            shown.push(Column {
                index,
                cpu,
                x,
                wall,
                bond: bond && loose,
            });
            x += 2;
        }
        shown
    };
    let mut skipped = 0;
    loop {
        let shown = fill(skipped);
        let last = shown.last().map_or(0, |column| column.index);
        if page.column <= last || shown.is_empty() {
            return shown;
        }
        skipped += page.column - last;
    }
}

/// Draws the map: CPUs of the host across, what runs on them down.
pub fn render(page: &Host, report: &HostReport, area: Rect, painter: &mut Painter<'_>) {
    let cpus = &report.facts.topology;
    let all = page.map_rows();
    if cpus.is_empty() || all.is_empty() {
        let words = vec!["No domain runs or is pinned on this host.".to_owned()];
        return centred(&words, area, painter);
    }
    let name = NAME.min(area.width / 3);
    let first = area.x + 1 + name + LOAD + 1;
    let columns = columns(page, report, first, area.right());
    head(page, &columns, area, painter);
    painter.text(area.x + 1, area.y + 1, name, "CPU", painter.theme.dim);
    painter.text(area.x + 1, area.y + 2, name, "Load", painter.theme.dim);
    let legend = 2.min(area.height.saturating_sub(4));
    let body = Rect {
        y: area.y + 3,
        height: area.height.saturating_sub(3 + legend),
        ..area
    };
    for (index, line) in rows(page, body) {
        let Some(row) = all.get(index) else { continue };
        let label = format!("{} {}", row.name, row.part());
        let selected = page.list().selected() == Some(index);
        let style = if row.running {
            painter.theme.text
        } else {
            painter.theme.dim
        };
        painter.text(line.x + 1, line.y, name, &label, style);
        let (words, tone) = match (row.load, row.running) {
            (Some(load), _) => (format!("{load:.0}%"), shade(row.load).1),
            (None, true) => ("–".to_owned(), Tone::Dim),
            (None, false) => ("off".to_owned(), Tone::Dim),
        };
        painter.right(line.x + 1 + name, line.y, LOAD, &words, painter.tone(tone));
        select(page, index, line, painter);
        for column in &columns {
            let mark = page.mark(row, &all, column.cpu.id, selected);
            cell(mark, column, line.y, selected, page.column, painter);
        }
    }
    if legend == 2 {
        let selected = page.list().position().and_then(|at| all.get(at));
        let words = selected.map_or_else(String::new, |row| told(page, report, row));
        let y = area.bottom() - 1;
        let room = area.width.saturating_sub(2);
        painter.text(area.x + 1, y - 1, room, &words, painter.theme.text);
        let legend =
            "██ runs  ▒▒ pinned  !! shared  ·· may run  ++ chosen  ═ core  │ cache  ║ cell";
        painter.text(area.x + 1, y, room, legend, painter.theme.dim);
    }
}

/// The lines above: cells, numbers, loads.
fn head(page: &Host, columns: &[Column<'_>], area: Rect, painter: &mut Painter<'_>) {
    let mut last_cell = None;
    for column in columns {
        let (cpu, x) = (column.cpu, column.x);
        if last_cell != Some(cpu.cell) {
            let label = format!("cell {}", cpu.cell);
            let next = columns
                .iter()
                .find(|other| other.x > x && other.cpu.cell != cpu.cell);
            let end = next.map_or(area.right(), |other| other.x - 1);
            painter.text(x, area.y, end.saturating_sub(x), &label, painter.theme.dim);
            last_cell = Some(cpu.cell);
        }
        let style = if column.index == page.column {
            painter.theme.title
        } else {
            painter.theme.dim
        };
        painter.text(x, area.y + 1, 2, &format!("{:>2}", cpu.id % 100), style);
        let (shade, tone) = shade(page.load(cpu.id));
        painter.text(x, area.y + 2, 2, &shade.repeat(2), painter.tone(tone));
        for y in [area.y + 1, area.y + 2] {
            let mark = match (column.wall, column.bond) {
                (Some(wall), _) => wall,
                (None, true) if y == area.y + 1 => "═",
                _ => continue,
            };
            painter.text(x - 1, y, 1, mark, painter.theme.dim);
        }
    }
}

/// One row on one CPU.
fn cell(
    mark: CpuMark,
    column: &Column<'_>,
    y: u16,
    selected: bool,
    cursor: usize,
    painter: &mut Painter<'_>,
) {
    let (symbol, tone) = match mark {
        CpuMark::Here => ("██", Tone::Info),
        CpuMark::HereOverlap => ("█!", Tone::Warn),
        CpuMark::Pinned => ("▒▒", Tone::Good),
        CpuMark::Overlap => ("!!", Tone::Warn),
        CpuMark::Free => ("··", Tone::Dim),
        CpuMark::Never => ("  ", Tone::Dim),
        CpuMark::Chosen => ("++", Tone::Strong),
    };
    let mut style = painter.tone(tone);
    if selected {
        style = painter.theme.selected.patch(style);
    }
    if let Some(wall) = column.wall {
        let dim = match selected {
            true => painter.theme.selected.patch(painter.theme.dim),
            false => painter.theme.dim,
        };
        painter.text(column.x - 1, y, 1, wall, dim);
    }
    if selected && column.index == cursor {
        let symbol = if symbol == "  " { "[]" } else { symbol };
        painter.text(column.x, y, 2, symbol, style.patch(painter.theme.accent));
    } else {
        painter.text(column.x, y, 2, symbol, style);
    }
}

/// What there is to say of the selected row, and of the CPU under the cursor.
fn told(page: &Host, report: &HostReport, row: &MapRow) -> String {
    let cpus = if page.chosen.is_empty() {
        &row.allowed
    } else {
        &page.chosen
    };
    let place = match (row.on, row.running) {
        (Some(cpu), _) => format!(", now on {cpu}"),
        (None, true) => ", now not visible from here".to_owned(),
        (None, false) => String::new(),
    };
    let under = report.facts.topology.get(page.column).map(|cpu| {
        let core = cpu
            .core
            .map_or_else(String::new, |core| format!(" core {core}"));
        format!("; CPU {}: cell {}{core}", cpu.id, cpu.cell)
    });
    format!(
        "{} {} on CPUs {}{place}{}",
        row.name,
        row.part(),
        set_words(cpus),
        under.unwrap_or_default()
    )
}

/// The CPUs that share the last cache with this one.
fn last_cache(report: &HostReport, cpu: u32) -> Option<&[u32]> {
    let own = report
        .facts
        .caches
        .iter()
        .filter(|cache| cache.cpus.contains(&cpu));
    own.max_by_key(|cache| cache.level)
        .map(|cache| cache.cpus.as_slice())
}
