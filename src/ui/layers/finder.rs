//! Jump anywhere.

use ratatui::layout::Rect;

use super::{Painter, scrolled, text_field};
use crate::app::{Finder, Target};
use crate::text;

/// Draws the line and what matches.
pub fn render(finder: &Finder, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let width = area.width.min(90);
    let rows = u16::try_from(finder.len()).unwrap_or(u16::MAX).clamp(1, 16);
    let inner = painter.dialog(area, width, rows.saturating_add(4), &finder.title);
    if inner.height == 0 {
        return;
    }
    let count = finder.matching.to_string();
    let wide = u16::try_from(count.len()).unwrap_or(0);
    painter.right(inner.x, inner.y, inner.width, &count, theme.dim);
    let line = Rect {
        height: 1,
        width: inner.width.saturating_sub(wide + 1),
        ..inner
    };
    text_field::line(&finder.line, line, painter);
    let rows = inner.height.saturating_sub(2);
    let y = inner.y.saturating_add(2);
    if finder.is_empty() && rows > 0 {
        painter.text(inner.x, y, inner.width, "Nothing matches.", theme.dim);
    }
    let names = finder.found().map(|place| text::width(&place.name)).max();
    let names = u16::try_from(names.unwrap_or(0)).unwrap_or(u16::MAX);
    let names = names.clamp(12, (inner.width / 2).max(12));
    let top = scrolled(finder.chosen, finder.len(), rows.max(1));
    let places = finder.found().enumerate().skip(top);
    for (y, (index, place)) in (y..inner.bottom()).zip(places) {
        let at = Rect {
            y,
            height: 1,
            ..inner
        };
        painter.text(at.x, y, 7, place.kind, theme.dim);
        // A list of one kind says none.
        let x =
            at.x.saturating_add(if place.kind.is_empty() { 0 } else { 8 });
        let room = |x: u16| at.right().saturating_sub(x);
        painter.text(x, y, names.min(room(x)), &place.name, theme.text);
        let x = x.saturating_add(names + 2);
        painter.text(x, y, room(x), &place.about, theme.dim);
        if index == finder.chosen {
            painter.restyle(at, theme.selected);
        }
        painter.hit(at, Target::Choice(index));
    }
}
