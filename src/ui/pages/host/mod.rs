//! A host: sections of checks, facts, pinning, domains, tuning and capabilities, with the load of each CPU above.

mod domains;
mod map;
mod tuning;

use ratatui::layout::Rect;

use super::{Painter, centred, tabs};
use crate::app::{HOST_TOLD, Host, HostTab, State, Target, Tone};
use crate::hostfacts::{HostReport, Verdict};
use crate::text;

/// Columns of the labels.
const LABEL: u16 = 24;
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
    let compared = page.compare_lines(area.height);
    if let Some(comparison) = state.measured.newest(page.connection)
        && compared > 0
    {
        tuning::comparison(
            comparison,
            state.now.instant,
            below(body, body.height - compared),
            painter,
        );
    }
    let body = Rect {
        height: body.height - compared,
        ..body
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
        HostTab::Map => map::render(page, report, body, painter),
        HostTab::Domains => domains::render(page, body, painter),
        HostTab::Tuning => tuning::render(page, report, body, painter),
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
        said.extend(
            text::wrap(&format!("$ {remedy}"), room)
                .into_iter()
                .map(|words| (words, Tone::Info)),
        );
    }
    told_below(lower, &said, painter);
}

/// A rule, and lines below it.
fn told_below(area: Rect, lines: &[(String, Tone)], painter: &mut Painter<'_>) {
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.border);
    for (y, (words, tone)) in (area.y + 1..area.bottom()).zip(lines) {
        let style = painter.tone(*tone);
        painter.text(area.x + 1, y, area.width.saturating_sub(2), words, style);
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
    let told = page.told_lines(area.height);
    let lower = below(area, area.height - told);
    let area = Rect {
        height: area.height - told,
        ..area
    };
    if let Some(line) = page.list().position().and_then(|at| all.get(at))
        && told > 0
    {
        let room = usize::from(lower.width.saturating_sub(2));
        let words = text::wrap(&format!("{}: {}", line.label, line.value), room);
        let said: Vec<_> = words.into_iter().map(|words| (words, line.tone)).collect();
        told_below(lower, &said, painter);
    }
    // Names of CPU models are long.
    let label = (area.width / 3).clamp(LABEL, LABEL + 10);
    for (index, line) in rows(page, area) {
        let Some(found) = all.get(index) else {
            continue;
        };
        painter.text(line.x + 1, line.y, label, &found.label, painter.theme.dim);
        let x = line.x + 2 + label;
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
