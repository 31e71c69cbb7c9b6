//! The chooser of columns.

use ratatui::layout::Rect;

use super::{Painter, scrolled};
use crate::app::{Column, ColumnChooser, State, Target};

/// Draws all columns, those shown ticked.
pub fn render(state: &State, chooser: &ColumnChooser, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let count = u16::try_from(chooser.order.len()).unwrap_or(u16::MAX);
    let inner = painter.dialog(area, 40, count.saturating_add(2), "Columns");
    let placed = state.placed_columns();
    let top = scrolled(chooser.chosen, chooser.order.len(), inner.height);
    let lines = chooser.order.iter().enumerate().skip(top);
    for (y, (index, column)) in (inner.y..inner.bottom()).zip(lines) {
        let shown = state.table.columns.contains(column);
        let fits = placed.iter().any(|placed| placed.column == *column);
        let line = Rect {
            y,
            height: 1,
            ..inner
        };
        let words = format!("[{}] {}", if shown { 'x' } else { ' ' }, column.header());
        let style = if shown { theme.text } else { theme.dim };
        painter.text(inner.x, y, inner.width, &words, style);
        if shown && !fits {
            let why = match column {
                Column::Host if state.connections.len() < 2 => "one host only",
                _ => "no room",
            };
            painter.right(inner.x, y, inner.width, why, theme.dim);
        }
        if index == chooser.chosen {
            painter.restyle(line, theme.selected);
        }
        painter.hit(line, Target::Choice(index));
    }
}
