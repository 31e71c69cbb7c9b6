//! The line of sections of a page.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Target, Tone};
use crate::text;

/// Draws the sections' labels, untrusted as they may be, with their meaning, the `present` one marked. A click on one
/// is told by its index. Gives the column behind the last.
pub fn render(
    labels: &[(&str, Tone)],
    present: usize,
    area: Rect,
    painter: &mut Painter<'_>,
) -> u16 {
    if area.is_empty() {
        return area.x;
    }
    painter.fill(area, painter.theme.bar);
    let end = area.right();
    let all: usize = labels
        .iter()
        .map(|(label, _)| text::width(&text::visible(label)) + 2)
        .sum();
    // On a narrow terminal the line begins with the section before the present one.
    let skipped = if all > usize::from(area.width) {
        present.saturating_sub(1)
    } else {
        0
    };
    let mut x = area.x;
    for (index, (label, tone)) in labels.iter().enumerate().skip(skipped) {
        let words = format!(" {label} ");
        let bar = painter.theme.bar.patch(painter.tone(*tone));
        let style = if index == present {
            bar.patch(painter.theme.selected)
        } else {
            bar
        };
        let used = painter.text(x, area.y, end.saturating_sub(x), &words, style);
        let hit = Rect {
            x,
            width: used,
            ..area
        };
        painter.hit(hit, Target::Tab(index));
        x = x.saturating_add(used);
    }
    x
}
