//! What an edited document changes, and when.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Painter;
use crate::app::{EditorPage, EffectChoice, Review, ReviewSide as Side, ReviewView};
use crate::text;
use crate::xml::{Row, When};

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
    match review.view {
        ReviewView::Elements => rows(review, body, painter),
        ReviewView::Lines => lines(review, body, painter),
        ReviewView::Sides => sides(review, body, painter),
    }
    if bottom > area.y {
        foot(review, line(bottom), painter);
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
fn foot(review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    painter.fill(area, theme.bar);
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    if !review.validate {
        let words = "libvirt does not validate it: what it does not know is dropped without a word";
        painter.text(x, area.y, room, words, theme.bar.patch(theme.warn));
        return;
    }
    if let Some(row) = review
        .rows
        .get(review.at)
        .filter(|_| review.view == ReviewView::Elements)
    {
        painter.text(x, area.y, room, &row.virsh, theme.bar.patch(theme.dim));
    } else {
        painter.text(x, area.y, room, &review.line, theme.bar.patch(theme.dim));
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

/// Both texts beside each other, each line with its number and what became of it.
fn sides(review: &Review, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let half = area.width.saturating_sub(1) / 2;
    let digits = review.sides.iter().map(|side| match side {
        Side::Row(Row::Same(old, new, _) | Row::Changed(old, _, new, _)) => *old.max(new),
        Side::Row(Row::Removed(at, _) | Row::Added(at, _)) => *at,
        Side::Same(_) => 0,
    });
    let digits = digits.max().unwrap_or(0).to_string().len();
    let middle = area.x.saturating_add(half);
    let one =
        |x: u16, y: u16, cell: Option<(usize, char, &str, Style)>, painter: &mut Painter<'_>| {
            let Some((number, sign, text, style)) = cell else {
                return;
            };
            let head = format!("{number:>digits$} {sign} ");
            let used = painter.text(
                x,
                y,
                half,
                &head,
                if sign == ' ' { theme.dim } else { style },
            );
            let text = text::visible(text);
            let shown = behind(&text, review.left);
            painter.text(
                x.saturating_add(used),
                y,
                half.saturating_sub(used),
                shown,
                style,
            );
        };
    for (y, side) in (area.y..area.bottom()).zip(review.sides.iter().skip(review.top)) {
        let (old, new) = match side {
            Side::Same(count) => {
                let plural = if *count == 1 { "" } else { "s" };
                let words = format!("{:digits$}   {count} line{plural} alike", "");
                painter.text(area.x, y, area.width, &words, theme.accent);
                continue;
            }
            Side::Row(Row::Same(old, new, text)) => (
                Some((*old, ' ', text.as_str(), theme.dim)),
                Some((*new, ' ', text.as_str(), theme.dim)),
            ),
            Side::Row(Row::Changed(old, before, new, after)) => (
                Some((*old, '-', before.as_str(), theme.bad)),
                Some((*new, '+', after.as_str(), theme.good)),
            ),
            Side::Row(Row::Removed(at, text)) => (Some((*at, '-', text.as_str(), theme.bad)), None),
            Side::Row(Row::Added(at, text)) => (None, Some((*at, '+', text.as_str(), theme.good))),
        };
        one(area.x, y, old, painter);
        painter.text(middle, y, 1, "│", theme.dim);
        one(middle.saturating_add(1), y, new, painter);
    }
}

/// What is left of a line when so many columns are skipped.
fn behind(text: &str, columns: usize) -> &str {
    let mut skipped = 0;
    let mut at = 0;
    for (unit, width) in text::units(text) {
        if skipped >= columns {
            break;
        }
        skipped += width;
        at += unit.len();
    }
    &text[at..]
}
