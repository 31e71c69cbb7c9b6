//! What an edited document changes, and when.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Painter;
use crate::app::{EditorPage, EffectChoice, Review};
use crate::text;
use crate::xml::When;

/// Draws the changes by element or line by line.
pub fn render(page: &EditorPage, review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let line = |y: u16| Rect {
        y,
        height: 1,
        ..area
    };
    painter.fill(line(area.y), theme.bar);
    let title = format!("Save {} '{}'", page.what.word(), page.name);
    let used = painter.text(
        area.x.saturating_add(1),
        area.y,
        area.width.saturating_sub(2),
        &title,
        theme.bar.patch(theme.title),
    );
    let told = told(page, review);
    let x = area.x.saturating_add(used + 3);
    painter.text(
        x,
        area.y,
        area.right().saturating_sub(x + 1),
        &told,
        theme.bar.patch(theme.dim),
    );
    let bottom = area.bottom().saturating_sub(1);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: bottom.saturating_sub(area.y + 1),
        ..area
    };
    if review.textual {
        lines(review, body, painter);
    } else {
        rows(review, body, painter);
    }
    if bottom > area.y {
        foot(page, review, line(bottom), painter);
    }
}

fn told(page: &EditorPage, review: &Review) -> String {
    if page.is_applying() {
        return "on its way to the host …".to_owned();
    }
    if page.base_is_empty() {
        return "a new definition".to_owned();
    }
    let changes: usize = review.rows.iter().map(|row| row.changes.len()).sum();
    let plural = if changes == 1 { "" } else { "s" };
    let rest = if review.running { ", it runs" } else { "" };
    format!("{changes} change{plural}{rest}")
}

/// Whether libvirt validates, and the command of the selected row.
fn foot(page: &EditorPage, review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    painter.fill(area, theme.bar);
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    if !review.validate {
        let words = "libvirt does not validate it: what it does not know is dropped without a word";
        painter.text(x, area.y, room, words, theme.bar.patch(theme.warn));
        return;
    }
    if let Some(row) = review.rows.get(review.at).filter(|_| !review.textual) {
        painter.text(x, area.y, room, &row.virsh, theme.bar.patch(theme.dim));
    } else {
        let words = format!(
            "virsh define {}.xml --validate",
            text::shell_quote(&page.name)
        );
        painter.text(x, area.y, room, &words, theme.bar.patch(theme.dim));
    }
}

/// The word for when a change takes effect.
fn when(when: &When, choice: EffectChoice, running: bool) -> &'static str {
    match (when, choice) {
        (_, EffectChoice::LeaveOut) => "left out",
        (When::NotWhileRunning(_), _) => "not while running",
        _ if !running => "next start",
        (When::Now(_), EffectChoice::Now) => "now",
        (When::Now(_), EffectChoice::NextStart) => "next boot",
        (When::NextStart, _) => "next boot",
    }
}

fn rows(review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let mut y = i64::from(area.y) - i64::try_from(review.top).unwrap_or(i64::MAX);
    let put = |y: i64, indent: u16, words: &str, style: Style, painter: &mut Painter<'_>| {
        if let Ok(y) = u16::try_from(y)
            && y >= area.y
            && y < area.bottom()
        {
            let x = area.x.saturating_add(indent);
            painter.text(x, y, area.right().saturating_sub(x + 1), words, style);
        }
    };
    for (at, row) in review.rows.iter().enumerate() {
        let word = when(&row.when, row.choice, review.running);
        let tone = match word {
            "now" => theme.good,
            "not while running" => theme.bad,
            "left out" => theme.dim,
            _ => theme.change,
        };
        if at == review.at {
            put(y, 0, "▌", theme.accent, painter);
        }
        let can = matches!(row.when, When::Now(_));
        let mark = match (can, row.choice) {
            (true, EffectChoice::Now) => "[x] ",
            (_, EffectChoice::LeaveOut) => "[-] ",
            (true, EffectChoice::NextStart) => "[ ] ",
            (false, _) => "[x] ",
        };
        let style = if at == review.at {
            theme.header
        } else {
            theme.text
        };
        put(y, 2, mark, theme.key, painter);
        put(
            y,
            6,
            &text::fit(&text::visible(&row.about), 36),
            style,
            painter,
        );
        put(y, 44, word, tone, painter);
        if let When::NotWhileRunning(why) = row.when {
            put(y, 63, why, theme.dim, painter);
        } else if can && row.choice == EffectChoice::NextStart {
            put(y, 63, "Space: now as well", theme.dim, painter);
        }
        y += 1;
        for change in &row.changes {
            put(y, 6, change, theme.dim, painter);
            y += 1;
        }
    }
}

fn lines(review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    for (y, words) in (area.y..area.bottom()).zip(review.diff.iter().skip(review.top)) {
        let style = match words.chars().next() {
            Some('+') => theme.good,
            Some('-') => theme.bad,
            Some('@') => theme.accent,
            _ => theme.dim,
        };
        painter.text(
            area.x.saturating_add(1),
            y,
            area.width.saturating_sub(2),
            words,
            style,
        );
    }
}
