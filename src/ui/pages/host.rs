//! A host: sections of checks, facts, pinning, tuning and capabilities, with the load of each CPU above.

use ratatui::layout::Rect;

use super::{Painter, centred, tabs};
use crate::app::{CpuMark, HOST_TOLD, Host, HostTab, MapRow, State, Target, Tone};
use crate::hostfacts::{HostReport, Verdict};
use crate::text;

/// Columns of the labels.
const LABEL: u16 = 24;
/// Columns of the names in the map.
const NAME: u16 = 26;
/// Draws the page.
pub fn render(state: &State, page: &Host, area: Rect, painter: &mut Painter<'_>) {
    let labels: Vec<_> = HostTab::ALL
        .into_iter()
        .map(|tab| {
            let tone = match tab {
                HostTab::Checks if page.count(Verdict::Fail) > 0 => Tone::Bad,
                HostTab::Checks if page.count(Verdict::Warn) > 0 => Tone::Warn,
                _ => Tone::Normal,
            };
            (tab.label(), tone)
        })
        .collect();
    let at = HostTab::ALL
        .into_iter()
        .position(|tab| tab == page.tab)
        .unwrap_or(0);
    let bar = Rect { height: 1, ..area };
    let x = tabs::render(&labels, at, bar, painter);
    let label = state
        .connection(page.connection)
        .map_or("", |c| c.label.as_str());
    let room = area.right().saturating_sub(x + 2);
    painter.right(x + 1, area.y, room, label, painter.theme.bar);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let Some(report) = page.report() else {
        let words = match page.failure() {
            Some(failure) => vec![
                format!("{}: {}", failure.what, failure.reason),
                "r reads it again.".to_owned(),
            ],
            None => vec!["The host is being read…".to_owned()],
        };
        return centred(&words, body, painter);
    };
    match page.tab {
        HostTab::Checks => checks(page, body, painter),
        HostTab::Facts => {
            let used = page.heat_lines(body.height);
            heat(
                page,
                report,
                Rect {
                    height: used,
                    ..body
                },
                painter,
            );
            lines(page, below(body, used), painter);
        }
        HostTab::Map => map(page, report, body, painter),
        HostTab::Tuning => tuning(page, body, painter),
        HostTab::Capabilities => lines(page, body, painter),
    }
}

fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    }
}

fn tone_of(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Warn => Tone::Warn,
        Verdict::Fail => Tone::Bad,
        Verdict::Unknown => Tone::Dim,
    }
}

fn select(page: &Host, index: usize, line: Rect, painter: &mut Painter<'_>) {
    if page.list().selected() == Some(index) {
        painter.restyle(line, painter.theme.selected);
        let mark = painter.theme.selected.patch(painter.theme.accent);
        painter.text(line.x, line.y, 1, "▌", mark);
    }
    painter.hit(line, Target::Choice(index));
}

/// The rows of the list that `area` has room for, with their lines.
fn rows(page: &Host, area: Rect) -> impl Iterator<Item = (usize, Rect)> {
    let visible = page.list().visible(usize::from(area.height)).to_vec();
    (area.y..area.bottom()).zip(visible).map(move |(y, index)| {
        (
            index,
            Rect {
                y,
                height: 1,
                ..area
            },
        )
    })
}

fn checks(page: &Host, area: Rect, painter: &mut Painter<'_>) {
    let all = page.checks();
    let told = HOST_TOLD.min(area.height / 2);
    let upper = Rect {
        height: area.height - told,
        ..area
    };
    let wide = (area.width / 2).clamp(30, 56);
    for (index, line) in rows(page, upper) {
        let Some(check) = all.get(index) else {
            continue;
        };
        let tone = painter.tone(tone_of(check.result));
        painter.text(line.x + 1, line.y, 8, check.result.word(), tone);
        painter.text(line.x + 9, line.y, wide, check.name, painter.theme.text);
        let x = line.x + 10 + wide;
        let room = line.right().saturating_sub(x);
        painter.text(x, line.y, room, &check.evidence, painter.theme.dim);
        select(page, index, line, painter);
    }
    let lower = below(area, upper.height);
    let selected = page.list().position().and_then(|at| all.get(at));
    let Some(check) = selected.filter(|_| lower.height > 1) else {
        return;
    };
    let rule = "─".repeat(usize::from(lower.width));
    painter.text(lower.x, lower.y, lower.width, &rule, painter.theme.border);
    let mut said = Vec::new();
    let room = usize::from(lower.width.saturating_sub(2));
    said.extend(
        text::wrap(&check.evidence, room)
            .into_iter()
            .map(|words| (words, Tone::Normal)),
    );
    said.extend(
        text::wrap(&check.consequence, room)
            .into_iter()
            .map(|words| (words, Tone::Warn)),
    );
    if let Some(remedy) = &check.remedy {
        said.push((format!("$ {remedy}"), Tone::Info));
    }
    for (y, (words, tone)) in (lower.y + 1..lower.bottom()).zip(said) {
        let style = painter.tone(tone);
        painter.text(lower.x + 1, y, lower.width.saturating_sub(2), &words, style);
    }
}

/// The load of each CPU as a shade, by cell.
fn heat(page: &Host, report: &HostReport, area: Rect, painter: &mut Painter<'_>) {
    let cpus = &report.facts.topology;
    let x = area.x + 1 + LABEL;
    let across = area.width.saturating_sub(LABEL + 2).max(1);
    let mut y = area.y;
    let mut cells: Vec<u32> = cpus.iter().map(|cpu| cpu.cell).collect();
    cells.sort_unstable();
    cells.dedup();
    let most = area.bottom();
    for cell in cells {
        if y >= most {
            break;
        }
        let label = format!("Load of cell {cell}");
        painter.text(area.x + 1, y, LABEL, &label, painter.theme.dim);
        let of_cell: Vec<_> = cpus.iter().filter(|cpu| cpu.cell == cell).collect();
        let wide: u16 = if of_cell.len() * 8 <= usize::from(across) {
            8
        } else {
            2
        };
        let mut column = x;
        for cpu in of_cell {
            if column + wide > area.right() {
                column = x;
                y += 1;
                if y >= most {
                    break;
                }
            }
            let load = page.load(cpu.id);
            let (shade, tone) = shade(load);
            let style = painter.tone(tone);
            if wide == 8 {
                let words = load.map_or_else(|| "–".to_owned(), |load| format!("{load:.0}%"));
                painter.text(column, y, 3, &shade.repeat(2), style);
                painter.text(column + 3, y, 4, &words, style);
            } else {
                painter.text(column, y, 2, &shade.repeat(2), style);
            }
            column += wide;
        }
        y += 1;
    }
}

fn shade(load: Option<f64>) -> (&'static str, Tone) {
    match load {
        None => ("·", Tone::Dim),
        Some(load) if load < 5.0 => ("░", Tone::Dim),
        Some(load) if load < 35.0 => ("▒", Tone::Good),
        Some(load) if load < 75.0 => ("▓", Tone::Warn),
        Some(_) => ("█", Tone::Bad),
    }
}

fn lines(page: &Host, area: Rect, painter: &mut Painter<'_>) {
    let all = page.lines();
    if all.is_empty() {
        let words = if page.filter().is_empty() {
            vec!["The driver of this host does not tell.".to_owned()]
        } else {
            vec![
                format!("Nothing matches '{}'.", page.filter()),
                "Esc clears the filter.".to_owned(),
            ]
        };
        return centred(&words, area, painter);
    }
    for (index, line) in rows(page, area) {
        let Some(found) = all.get(index) else {
            continue;
        };
        painter.text(line.x + 1, line.y, LABEL, &found.label, painter.theme.dim);
        let x = line.x + 2 + LABEL;
        let style = painter.tone(found.tone);
        painter.text(
            x,
            line.y,
            line.right().saturating_sub(x),
            &found.value,
            style,
        );
        select(page, index, line, painter);
    }
}

fn tuning(page: &Host, area: Rect, painter: &mut Painter<'_>) {
    let knobs = page.knobs();
    if knobs.is_empty() {
        let words = vec![
            "Nothing of this host can be set from here.".to_owned(),
            "Its own files are not visible, and its driver has no memory parameters.".to_owned(),
        ];
        return centred(&words, area, painter);
    }
    for (index, line) in rows(page, area) {
        let Some((knob, value)) = knobs.get(index) else {
            continue;
        };
        let name_width = LABEL + 10;
        painter.text(
            line.x + 1,
            line.y,
            name_width,
            &knob.name(),
            painter.theme.text,
        );
        let x = line.x + 2 + name_width;
        painter.text(x, line.y, 14, value, painter.tone(Tone::Info));
        let x = x + 15;
        painter.text(
            x,
            line.y,
            line.right().saturating_sub(x),
            knob.doc(),
            painter.theme.dim,
        );
        select(page, index, line, painter);
    }
}

fn map(page: &Host, report: &HostReport, area: Rect, painter: &mut Painter<'_>) {
    let cpus = &report.facts.topology;
    let all = page.map_rows();
    if cpus.is_empty() || all.is_empty() {
        let words = vec!["No domain runs or is pinned on this host.".to_owned()];
        return centred(&words, area, painter);
    }
    let name = NAME.min(area.width / 3);
    let first = area.x + 1 + name;
    let across = area.right().saturating_sub(first + 1);
    let wide = if cpus.len() * 3 <= usize::from(across) {
        3
    } else {
        2
    };
    let shown = usize::from(across / wide).max(1);
    // The cursor is always seen.
    let skipped = page.column.saturating_sub(shown - 1);
    let columns: Vec<_> = cpus.iter().enumerate().skip(skipped).take(shown).collect();
    let mut last_cell = None;
    for (place, (index, cpu)) in columns.iter().enumerate() {
        let x = first + u16::try_from(place).unwrap_or(0) * wide;
        if last_cell != Some(cpu.cell) {
            let label = format!("cell {}", cpu.cell);
            painter.text(
                x,
                area.y,
                area.right().saturating_sub(x),
                &label,
                painter.theme.dim,
            );
            last_cell = Some(cpu.cell);
        }
        let style = if *index == page.column {
            painter.theme.title
        } else {
            painter.theme.dim
        };
        let number = if wide == 3 {
            format!("{:>2}", cpu.id)
        } else {
            format!("{:>2}", cpu.id % 100)
        };
        painter.text(x, area.y + 1, 2, &number, style);
        let (shade, tone) = shade(page.load(cpu.id));
        let load = painter.tone(tone);
        // Threads of one core and CPUs of one cell stand side by side; their core is written where there is room.
        painter.text(x, area.y + 2, 2, &shade.repeat(2), load);
    }
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
        painter.text(line.x + 1, line.y, name.saturating_sub(1), &label, style);
        select(page, index, line, painter);
        for (place, (at, cpu)) in columns.iter().enumerate() {
            let x = first + u16::try_from(place).unwrap_or(0) * wide;
            let (symbol, tone) = match page.mark(row, &all, cpu.id, selected) {
                CpuMark::Here => ("██", Tone::Info),
                CpuMark::Pinned => ("▒▒", Tone::Good),
                CpuMark::Overlap => ("▒▒", Tone::Warn),
                CpuMark::Free => ("··", Tone::Dim),
                CpuMark::Never => ("  ", Tone::Dim),
                CpuMark::Chosen => ("++", Tone::Strong),
            };
            let mut style = painter.tone(tone);
            if selected {
                style = painter.theme.selected.patch(style);
            }
            if selected && *at == page.column {
                painter.text(
                    x,
                    line.y,
                    2,
                    if symbol == "  " { "[]" } else { symbol },
                    style.patch(painter.theme.accent),
                );
            } else {
                painter.text(x, line.y, 2, symbol, style);
            }
        }
    }
    if legend == 2 {
        let y = area.bottom() - 1;
        let selected: Option<&MapRow> = page.list().position().and_then(|at| all.get(at));
        let words = selected.map_or_else(String::new, |row| {
            let cpus = if page.chosen.is_empty() {
                &row.allowed
            } else {
                &page.chosen
            };
            format!(
                "{} {} on CPUs {}",
                row.name,
                row.part(),
                crate::hostfacts::set_words(cpus)
            )
        });
        painter.text(
            area.x + 1,
            y - 1,
            area.width.saturating_sub(2),
            &words,
            painter.theme.text,
        );
        let legend = "██ runs there  ▒▒ pinned (yellow: with others)  ·· may run  ++ chosen";
        painter.text(
            area.x + 1,
            y,
            area.width.saturating_sub(2),
            legend,
            painter.theme.dim,
        );
    }
}
