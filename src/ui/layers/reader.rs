//! A text to read.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::Reader;
use crate::text;
use crate::ui::painter::wrap;

/// Draws the text; long lines are wrapped beside their keys.
pub fn render(reader: &Reader, area: Rect, painter: &mut Painter<'_>) {
    let width = area.width.min(90);
    let inside = width.saturating_sub(4);
    let left = reader
        .lines
        .iter()
        .map(|line| text::width(&line.left))
        .max()
        .unwrap_or(0);
    let left = u16::try_from(left).unwrap_or(u16::MAX).min(inside / 3);
    let gap = if left == 0 { 0 } else { left + 2 };
    let most = usize::from(area.height);
    let mut rows = Vec::new();
    for line in reader.lines.iter().skip(reader.top) {
        // A heading starts at the edge.
        let indent = if line.left.is_empty() && line.tone == crate::app::Tone::Strong {
            0
        } else {
            gap
        };
        for (index, words) in wrap(&line.text, inside.saturating_sub(indent))
            .into_iter()
            .enumerate()
        {
            let key = if index == 0 { line.left.as_str() } else { "" };
            rows.push((key, indent, words, line.tone));
        }
        if rows.len() > most {
            break;
        }
    }
    let height = if reader.top == 0 {
        u16::try_from(rows.len())
            .unwrap_or(u16::MAX)
            .saturating_add(2)
    } else {
        area.height
    };
    let inner = painter.dialog(area, width, height.min(area.height), &reader.title);
    for (y, (key, indent, words, tone)) in (inner.y..inner.bottom()).zip(rows) {
        painter.text(inner.x, y, left, key, painter.theme.key);
        let x = inner.x.saturating_add(indent);
        let style = painter.tone(tone);
        painter.text(x, y, inner.right().saturating_sub(x), &words, style);
    }
}
