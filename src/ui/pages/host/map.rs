//! Who runs on which CPU of the host.

use ratatui::layout::Rect;

use super::{centred, rows, select, shade};
use crate::app::{CpuMark, Host, MapRow, Tone};
use crate::hostfacts::HostReport;
use crate::ui::pages::Painter;

/// Columns of the names.
const NAME: u16 = 26;

/// Draws the map: CPUs of the host across, what runs on them down.
pub fn render(page: &Host, report: &HostReport, area: Rect, painter: &mut Painter<'_>) {
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
        // Between two threads of a core a bond; a wall where the next CPU has another last cache.
        if wide == 3 && place > 0 {
            let (_, before) = columns[place - 1];
            let mark = match cpu.siblings.contains(&before.id) {
                true => "═",
                false if last_cache(report, before.id) != last_cache(report, cpu.id) => "│",
                false => " ",
            };
            painter.text(x - 1, area.y + 1, 1, mark, painter.theme.dim);
        }
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
        let legend = "██ runs  ▒▒ pinned (yellow: shared)  ·· may run  ++ chosen  ═ core  │ cache";
        painter.text(
            area.x + 1,
            y,
            area.width.saturating_sub(2),
            legend,
            painter.theme.dim,
        );
    }
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
