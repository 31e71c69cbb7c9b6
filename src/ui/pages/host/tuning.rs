//! What can be set on a host, what keeps it, and what a change did.

use std::time::Instant;

use ratatui::layout::Rect;

use super::{LABEL, below, centred, rows, select, told_below};
use crate::app::{Comparison, HOST_TOLD, Host, MEASURE_HEADINGS, Tone};
use crate::hostfacts::{HostReport, Keeping, Knob};
use crate::text;
use crate::ui::pages::Painter;

/// Columns of a value.
const VALUE: u16 = 14;

/// Columns of a measured figure.
const FIGURE: u16 = 10;

/// Draws the values, and below them what there is to say of the selected one.
pub fn render(page: &Host, report: &HostReport, area: Rect, painter: &mut Painter<'_>) {
    let knobs = page.knobs();
    if knobs.is_empty() {
        let words = vec![
            "Nothing of this host can be set from here.".to_owned(),
            "Its own files are not visible, and its driver has no memory parameters.".to_owned(),
        ];
        return centred(&words, area, painter);
    }
    let told = HOST_TOLD.min(area.height / 2);
    let upper = Rect {
        height: area.height - told,
        ..area
    };
    let facts = &report.facts;
    let name = LABEL + 4;
    for (index, line) in rows(page, upper) {
        let Some((knob, value)) = knobs.get(index) else {
            continue;
        };
        painter.text(line.x + 1, line.y, name, &knob.name(), painter.theme.text);
        let x = line.x + 2 + name;
        painter.text(x, line.y, VALUE, value, painter.tone(Tone::Info));
        let x = x + VALUE + 1;
        let room = line.right().saturating_sub(x);
        let (words, tone) = match knob.kept(facts) {
            Some((_, kept)) if kept == *value => ("kept".to_owned(), Tone::Good),
            Some((_, kept)) => (format!("{kept} after a restart"), Tone::Warn),
            None => ("until the host restarts".to_owned(), Tone::Dim),
        };
        painter.text(x, line.y, room, &words, painter.tone(tone));
        select(page, index, line, painter);
    }
    let lower = below(area, upper.height);
    let selected = page.list().position().and_then(|at| knobs.get(at));
    let Some((knob, value)) = selected.filter(|_| lower.height > 1) else {
        return;
    };
    let room = usize::from(lower.width.saturating_sub(2));
    let mut said: Vec<(String, Tone)> = text::wrap(knob.doc(), room)
        .into_iter()
        .map(|words| (words, Tone::Normal))
        .collect();
    if matches!(knob, Knob::KsmRun | Knob::Shm(_)) {
        let ksm = &facts.ksm;
        let number =
            |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        let saved = ksm
            .pages_sharing
            .map(|pages| text::bytes(pages.saturating_mul(4096)));
        said.push((
            format!(
                "{} pages stand for {} more: {} saved; {} looked at in vain, {} rounds.",
                number(ksm.pages_shared),
                number(ksm.pages_sharing),
                saved.unwrap_or_else(|| "–".to_owned()),
                number(ksm.pages_unshared),
                number(ksm.full_scans)
            ),
            Tone::Normal,
        ));
    }
    if let Some(file) = knob.file() {
        said.push((format!("Now: {file}"), Tone::Dim));
    }
    match knob.keeping(value, facts) {
        Some(Keeping::File(kept)) => {
            let line = kept.text.lines().last().unwrap_or_default();
            let word = if knob.kept(facts).is_some() {
                "Kept by"
            } else {
                "K keeps it by"
            };
            said.push((format!("{word} {}: {line}", kept.path), Tone::Dim));
        }
        Some(Keeping::Command { command, .. }) => said.push((format!("$ {command}"), Tone::Info)),
        None => {}
    }
    told_below(lower, &said, painter);
}

/// Draws what the last change did: a line of headings, one of before, one of after.
pub fn comparison(comparison: &Comparison, now: Instant, area: Rect, painter: &mut Painter<'_>) {
    let age = text::duration_short(now.saturating_duration_since(comparison.at));
    let title = format!(
        "─ Before and after, {age}: {} ",
        text::visible(&comparison.what)
    );
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.border);
    painter.text(area.x, area.y, area.width, &title, painter.theme.dim);
    let rows = [
        ("", None),
        ("before", Some(comparison.before.values())),
        ("after", Some(comparison.after.values())),
    ];
    let before = comparison.before.values();
    for (y, (label, values)) in (area.y + 1..area.bottom()).zip(rows) {
        painter.text(area.x + 1, y, 8, label, painter.theme.dim);
        for (at, heading) in MEASURE_HEADINGS.iter().enumerate() {
            let x = area.x + 9 + u16::try_from(at).unwrap_or(0) * FIGURE;
            let room = (FIGURE - 1).min(area.right().saturating_sub(x));
            let Some(values) = values else {
                painter.right(x, y, room, heading, painter.theme.dim);
                continue;
            };
            let value = values.get(at).copied().flatten();
            let words = value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
            // What is less is better of all but the CPU of the domain itself, which may be more because it got more.
            let tone = match (label, before.get(at).copied().flatten(), value) {
                ("after", Some(before), Some(after)) if at > 0 && after < before * 0.9 => {
                    Tone::Good
                }
                ("after", Some(before), Some(after)) if at > 0 && after > before * 1.1 + 0.1 => {
                    Tone::Warn
                }
                _ => Tone::Normal,
            };
            painter.right(x, y, room, &words, painter.tone(tone));
        }
    }
}
