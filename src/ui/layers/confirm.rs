//! A question with two buttons.

use ratatui::layout::Rect;

use super::Painter;
use crate::action::Action;
use crate::app::{Confirm, Target};
use crate::ui::painter::wrap;

/// Draws the question.
pub fn render(confirm: &Confirm, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let width = area.width.min(76);
    let inside = width.saturating_sub(4);
    let mut lines = Vec::new();
    let mut add = |words: &str, style| {
        lines.extend(wrap(words, inside).into_iter().map(|line| (line, style)));
        lines.push((String::new(), style));
    };
    add(&confirm.title, theme.header);
    for words in &confirm.body {
        add(words, theme.text);
    }
    if let Some(warning) = &confirm.warning {
        add(&format!("! {warning}"), theme.warn);
    }
    if let Some(command) = &confirm.command {
        add(command, theme.accent);
    }
    if let Some(count) = confirm.count {
        let words = format!("Type {count} to go on: {}_", confirm.typed);
        let style = if confirm.counted() {
            theme.good
        } else {
            theme.warn
        };
        lines.push((words, style));
        lines.push((String::new(), style));
    }
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(3);
    let inner = painter.dialog(area, width, height, confirm.accept);
    let last = inner.bottom().saturating_sub(1);
    for (y, (words, style)) in (inner.y..last).zip(lines) {
        painter.text(inner.x, y, inner.width, &words, style);
    }
    let mut x = inner.x;
    for (label, key, chosen, action) in [
        ("Cancel", "Esc", !confirm.yes, Action::Cancel),
        (confirm.accept, "y", confirm.yes, Action::Yes),
    ] {
        let words = if chosen {
            format!("[ {label} ]")
        } else {
            format!("  {label}  ")
        };
        let style = if chosen { theme.selected } else { theme.text };
        let from = x;
        let room = |x: u16| inner.right().saturating_sub(x);
        x += painter.text(x, last, room(x), &words, style) + 1;
        x += painter.text(x, last, room(x), key, theme.key);
        painter.hit(
            Rect {
                x: from,
                y: last,
                width: x.saturating_sub(from),
                height: 1,
            },
            Target::Action(action),
        );
        x += 3;
    }
}
