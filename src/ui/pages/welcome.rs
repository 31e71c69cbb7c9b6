//! What was tried, why it failed, and the way out.

use ratatui::layout::Rect;

use super::Painter;
use crate::action::{ACTIONS, Action, Context};
use crate::app::{Connection, State, Target};
use crate::text;
use crate::ui::painter::wrap;

/// Draws the failures and the ways out.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let area = Rect {
        x: area.x + area.width.min(3),
        width: area.width.saturating_sub(6),
        y: area.y + u16::from(area.height > 12),
        height: area.height - u16::from(area.height > 12),
    };
    let mut brush = Brush {
        y: area.y,
        area,
        painter,
    };
    let title = brush.painter.theme.title;
    brush.line(0, "No connection is open", title);
    brush.skip();
    if state.connections.is_empty() {
        let style = brush.painter.theme.text;
        brush.line(0, "There is no connection to open.", style);
        brush.skip();
    }
    for connection in &state.connections {
        failure(state, connection, &mut brush);
    }
    for row in ACTIONS {
        if !row.contexts.contains(&Context::Welcome) || !possible(state, row.action) {
            continue;
        }
        if let Some(key) = state.keymap.hint(&[Context::Welcome], row.action) {
            brush.key(&key.to_string(), row.doc, row.action);
        }
    }
}

fn possible(state: &State, action: Action) -> bool {
    match action {
        Action::RunRemedy => state
            .pointed_connection()
            .and_then(|id| state.connection(id))
            .and_then(|c| c.failure.as_ref()?.remedy.as_ref()?.command.as_ref())
            .is_some(),
        Action::EditUri => !state.connections.is_empty(),
        _ => true,
    }
}

fn failure(state: &State, connection: &Connection, brush: &mut Brush<'_, '_>) {
    let theme = brush.painter.theme;
    let pointed = state.connections.len() > 1 && state.pointed_connection() == Some(connection.id);
    let mark = if pointed { "▌" } else { "" };
    let uri_style = if pointed {
        theme.selected
    } else {
        theme.header
    };
    brush.painter.text(
        brush.area.x.saturating_sub(1),
        brush.y,
        1,
        mark,
        theme.accent,
    );
    brush.line(0, connection.uri(), uri_style);
    let Some(failure) = &connection.failure else {
        brush.line(2, "Connecting …", theme.dim);
        brush.skip();
        return;
    };
    let alone = state.connections.len() == 1;
    if !pointed && !alone {
        // One failure at a time in full, so that the keys stay on the screen.
        brush.line(2, &failure.reason, theme.dim);
        brush.skip();
        return;
    }
    brush.line(2, &failure.what, theme.bad);
    brush.line(2, &failure.reason, theme.text);
    if let Some(remedy) = &failure.remedy {
        brush.line(2, &remedy.advice, theme.warn);
        if let Some(command) = &remedy.command {
            let words: Vec<_> = command.iter().map(|word| text::shell_quote(word)).collect();
            brush.line(4, &words.join(" "), theme.accent);
        }
    }
    brush.skip();
}

/// Lines from the top down, until the page is full.
struct Brush<'a, 'b> {
    area: Rect,
    y: u16,
    painter: &'a mut Painter<'b>,
}

impl Brush<'_, '_> {
    fn line(&mut self, indent: u16, words: &str, style: ratatui::style::Style) {
        let width = self.area.width.saturating_sub(indent);
        for line in wrap(words, width) {
            if self.y >= self.area.bottom() {
                return;
            }
            self.painter
                .text(self.area.x + indent, self.y, width, &line, style);
            self.y += 1;
        }
    }

    fn skip(&mut self) {
        self.y = self.y.saturating_add(1);
    }

    fn key(&mut self, key: &str, words: &str, action: Action) {
        if self.y >= self.area.bottom() {
            return;
        }
        let from = self.y;
        let style = self.painter.theme.key;
        self.painter
            .text(self.area.x, from, 5.min(self.area.width), key, style);
        self.line(6, words, self.painter.theme.text);
        let hit = Rect {
            y: from,
            height: self.y.saturating_sub(from),
            ..self.area
        };
        self.painter.hit(hit, Target::Action(action));
    }
}
