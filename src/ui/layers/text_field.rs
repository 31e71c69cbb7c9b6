//! A line to type.

use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::Painter;
use crate::app::{Line, State, TextField, TextUse};
use crate::text;
use crate::ui::painter::wrap;

/// Draws the filter in the footer, other fields as a dialog.
pub fn render(
    state: &State,
    field: &TextField,
    area: Rect,
    footer: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let (title, question) = match &field.use_ {
        TextUse::Filter => {
            filter(state, &field.line, footer, painter);
            return;
        }
        TextUse::EditUri(_) => ("Edit the URI", "The connection's URI:".to_owned()),
        TextUse::Connect => (
            "Connect to",
            "URI of one more host, as in qemu+ssh://root@host/system:".to_owned(),
        ),
        TextUse::Answer(question) => {
            let place = state
                .connection(question.connection)
                .map_or("", |connection| connection.uri());
            ("Login", format!("{place} asks: {}", question.text))
        }
    };
    let width = area.width.min(76);
    let inside = width.saturating_sub(4);
    let mut lines = wrap(&question, inside);
    lines.push(String::new());
    let above = lines.len();
    let error = field
        .error
        .as_deref()
        .map_or_else(Vec::new, |e| wrap(e, inside));
    let height = u16::try_from(above + 1 + error.len() + usize::from(!error.is_empty()))
        .unwrap_or(u16::MAX)
        .saturating_add(4);
    let inner = painter.dialog(area, width, height, title);
    let mut y = inner.y;
    for words in &lines {
        if y < inner.bottom() {
            painter.text(inner.x, y, inner.width, words, theme.text);
        }
        y = y.saturating_add(1);
    }
    // However small the box, the line that is typed into is shown.
    let y = y.min(inner.bottom().saturating_sub(1));
    let at = Rect {
        y,
        height: 1,
        ..inner
    };
    line(&field.line, at, painter);
    for (index, words) in error.iter().enumerate() {
        let y = y
            .saturating_add(2)
            .saturating_add(u16::try_from(index).unwrap_or(u16::MAX));
        if y < inner.bottom() {
            painter.text(inner.x, y, inner.width, words, theme.bad);
        }
    }
    let last = inner.bottom().saturating_sub(1);
    if last > y {
        painter.text(
            inner.x,
            last,
            inner.width,
            "Enter accepts, Esc cancels",
            theme.dim,
        );
    }
}

fn filter(state: &State, typed: &Line, area: Rect, painter: &mut Painter<'_>) {
    if area.height == 0 {
        return;
    }
    painter.fill(area, painter.theme.bar);
    let key = painter.theme.bar.patch(painter.theme.key);
    painter.text(area.x.saturating_add(1), area.y, 1, "/", key);
    let found = state.place().map_or_else(String::new, |place| {
        format!("{} of {}", place.found, place.all)
    });
    let wide = u16::try_from(text::width(&found)).unwrap_or(u16::MAX);
    let dim = painter.theme.bar.patch(painter.theme.dim);
    let rest = area.width.saturating_sub(3 + wide + 2);
    if rest > 8 {
        painter.right(area.x, area.y, area.width.saturating_sub(1), &found, dim);
    }
    let at = Rect {
        x: area.x.saturating_add(2),
        width: if rest > 8 {
            rest
        } else {
            area.width.saturating_sub(2)
        },
        ..area
    };
    line(typed, at, painter);
}

/// Draws the line itself and puts the cursor into it.
fn line(typed: &Line, area: Rect, painter: &mut Painter<'_>) {
    let area = area.intersection(painter.buffer.area);
    if area.is_empty() {
        return;
    }
    let style = painter.buffer[(area.x, area.y)].style();
    let mut widget = typed.area().clone();
    widget.set_style(style.patch(painter.theme.text));
    widget.set_cursor_line_style(style);
    widget.set_cursor_style(painter.theme.selected);
    (&widget).render(area, painter.buffer);
}
