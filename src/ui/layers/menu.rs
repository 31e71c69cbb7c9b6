//! A list to choose from.

use ratatui::layout::Rect;

use super::{Painter, scrolled};
use crate::app::{KeyMenu, Menu, MenuEntry, Target};
use crate::text;
use crate::ui::painter::wrap;

/// Keys to press, drawn as any list.
pub fn of_keys(keys: &KeyMenu) -> Menu {
    let entries = keys.entries.iter().map(|entry| MenuEntry {
        label: entry.label.clone(),
        text: entry.line.clone(),
    });
    Menu {
        title: keys.title.clone(),
        entries: entries.collect(),
        chosen: keys.chosen,
    }
}

/// Draws the choices; the chosen one's text stands below in full.
pub fn render(menu: &Menu, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let width = area
        .width
        .min(100)
        .saturating_sub(2)
        .max(area.width.min(30));
    let inside = width.saturating_sub(4);
    let chosen = menu.entries.get(menu.chosen);
    let full = chosen.map_or_else(Vec::new, |entry| wrap(&entry.text, inside));
    let below = u16::try_from(full.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let entries = u16::try_from(menu.entries.len()).unwrap_or(u16::MAX);
    let height = entries.saturating_add(below).saturating_add(2);
    let inner = painter.dialog(area, width, height, &menu.title);
    let rows = inner.height.saturating_sub(below).max(1);
    let labels = menu
        .entries
        .iter()
        .map(|entry| text::width(&entry.label))
        .max()
        .unwrap_or(0);
    let labels = u16::try_from(labels)
        .unwrap_or(u16::MAX)
        .min(inner.width / 2);
    let top = scrolled(menu.chosen, menu.entries.len(), rows);
    let mut y = inner.y;
    for (index, entry) in menu
        .entries
        .iter()
        .enumerate()
        .skip(top)
        .take(usize::from(rows))
    {
        if y >= inner.bottom() {
            return;
        }
        let line = Rect {
            y,
            height: 1,
            ..inner
        };
        painter.text(line.x, y, labels, &entry.label, theme.dim);
        let x = line.x.saturating_add(labels + 2);
        painter.text(
            x,
            y,
            inner.right().saturating_sub(x),
            &entry.text,
            theme.text,
        );
        if index == menu.chosen {
            painter.restyle(line, theme.selected);
        }
        painter.hit(line, Target::Choice(index));
        y += 1;
    }
    y = y.saturating_add(1);
    for words in &full {
        if y < inner.bottom() {
            painter.text(inner.x, y, inner.width, words, theme.accent);
        }
        y = y.saturating_add(1);
    }
}
