//! Ways to do something, to choose from.

use ratatui::layout::Rect;

use super::{Painter, scrolled};
use crate::app::{Choices, Target};
use crate::ui::painter::wrap;

/// Draws them; what the chosen one means stands below.
pub fn render(choices: &Choices, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let width = area.width.min(74).saturating_sub(2).max(area.width.min(30));
    let inside = width.saturating_sub(4);
    // As high as the longest needs, so that nothing jumps while one looks through them.
    let meanings = choices.entries.iter();
    let longest = meanings.map(|entry| wrap(&entry.meaning, inside).len());
    let below = u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX);
    let below = below.saturating_add(1);
    let entries = u16::try_from(choices.entries.len()).unwrap_or(u16::MAX);
    let height = entries.saturating_add(below).saturating_add(2);
    let inner = painter.dialog(area, width, height, &choices.title);
    let rows = inner.height.saturating_sub(below).max(1);
    let top = scrolled(choices.chosen, choices.entries.len(), rows);
    let shown = choices.entries.iter().enumerate().skip(top);
    let mut y = inner.y;
    for (index, entry) in shown.take(usize::from(rows)) {
        if y >= inner.bottom() {
            return;
        }
        let line = Rect {
            y,
            height: 1,
            ..inner
        };
        painter.text(line.x, y, line.width, &entry.label, theme.text);
        if index == choices.chosen {
            painter.restyle(line, theme.selected);
        }
        painter.hit(line, Target::Choice(index));
        y += 1;
    }
    let meaning = choices.entries.get(choices.chosen);
    let words = meaning.map_or_else(Vec::new, |entry| wrap(&entry.meaning, inside));
    for (y, words) in (y + 1..inner.bottom()).zip(&words) {
        painter.text(inner.x, y, inner.width, words, theme.dim);
    }
}
