//! A question above the editor.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::Dialog;
use crate::text;
use crate::ui::painter::wrap;

/// Draws a dialog with its answers.
pub fn render(dialog: &Dialog, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let longest = dialog
        .lines
        .iter()
        .map(|(line, _)| text::width(&text::visible(line)));
    let widest = longest
        .max()
        .unwrap_or(0)
        .max(48)
        .max(text::width(&text::visible(&dialog.title)) + 4);
    let width = u16::try_from(widest + 4)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(2))
        .min(110);
    let inside = width.saturating_sub(4);
    let lines: Vec<(String, _)> = dialog
        .lines
        .iter()
        .skip(dialog.top)
        .flat_map(|(line, tone)| {
            let style = painter.tone(*tone);
            let mut wrapped = wrap(&text::visible(line), inside);
            if wrapped.is_empty() {
                wrapped.push(String::new());
            }
            wrapped.into_iter().map(move |line| (line, style))
        })
        .collect();
    let answers = u16::try_from(dialog.answers.len()).unwrap_or(0) + 1;
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(answers + 3);
    let inner = painter.dialog(area, width, height, &dialog.title);
    let room = inner.height.saturating_sub(answers + 1);
    for (y, (line, style)) in (inner.y..inner.y + room).zip(&lines) {
        painter.text(inner.x, y, inner.width, line, *style);
    }
    if lines.len() > usize::from(room) && room > 0 {
        painter.right(inner.x, inner.y + room, inner.width, "↓ more", theme.dim);
    }
    let mut y = inner.bottom().saturating_sub(answers);
    for (letter, words) in &dialog.answers {
        painter.text(inner.x, y, 1, &letter.to_string(), theme.key);
        painter.text(
            inner.x.saturating_add(3),
            y,
            inner.width.saturating_sub(3),
            words,
            theme.text,
        );
        y = y.saturating_add(1);
    }
    painter.text(inner.x, y, 3, "Esc", theme.key);
    painter.text(
        inner.x.saturating_add(5),
        y,
        inner.width.saturating_sub(5),
        "back to the text",
        theme.text,
    );
}
