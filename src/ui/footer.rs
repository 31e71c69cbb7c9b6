//! The last line: a message while it is fresh, else what the keys do here.

use ratatui::layout::Rect;

use super::Painter;
use crate::action::ACTIONS;
use crate::app::{Layer, Level, Page, State, Target};
use crate::text;

/// Draws the last line.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    painter.fill(area, painter.theme.bar);
    if area.height == 0 {
        return;
    }
    let place = position(state);
    let style = painter.theme.bar.patch(painter.theme.dim);
    let end = area.right().saturating_sub(1);
    let wide = u16::try_from(text::width(&place)).unwrap_or(u16::MAX);
    // On a narrow terminal the keys matter more than the count.
    let wide = if wide.saturating_mul(4) > area.width {
        0
    } else {
        wide
    };
    painter.right(end.saturating_sub(wide), area.y, wide, &place, style);
    let room = Rect {
        x: area.x.saturating_add(1),
        width: area.width.saturating_sub(wide + 3),
        ..area
    };
    match state.messages.current() {
        Some(message) => {
            let theme = painter.theme;
            let (mark, tone) = match message.level {
                Level::Done => ("✓", theme.good),
                Level::Note => ("·", theme.accent),
                Level::Failed => ("✗", theme.bad),
            };
            let style = theme.bar.patch(tone);
            let words = match &message.advice {
                Some(advice) => format!("{mark} {} — {advice}", message.text),
                None => format!("{mark} {}", message.text),
            };
            painter.text(room.x, room.y, room.width, &words, style);
        }
        None => hints(state, room, painter),
    }
}

/// Where in the list, and what is left out.
fn position(state: &State) -> String {
    if !matches!(state.page(), Page::Domains) || state.guests.is_empty() {
        return String::new();
    }
    let view = state.table.view().len();
    let all = state.guests.len();
    let at = state.table.position().map_or(0, |at| at + 1);
    if state.table.filter().is_empty() {
        format!("{at}/{all}")
    } else {
        format!(
            "/{} {at}/{view} of {all}",
            text::visible(state.table.filter())
        )
    }
}

/// The hinted actions of the top layer or the page, as many as fit, in the order of the table of actions.
fn hints(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let contexts = match state.layers.last() {
        Some(layer) => layer.contexts(),
        None => state.page_contexts(),
    };
    let theme = painter.theme;
    let (key_style, word_style) = (theme.bar.patch(theme.key), theme.bar);
    let filtering = matches!(state.layers.last(), Some(Layer::Text(_)));
    let mut x = area.x;
    for row in ACTIONS.iter().filter(|row| row.traits.hinted) {
        let Some(key) = state.keymap.hint(contexts, row.action) else {
            continue;
        };
        if !state.offers(row.action)
            || (filtering && !row.contexts.contains(&crate::action::Context::Text))
        {
            continue;
        }
        let key = key.to_string();
        let wide =
            u16::try_from(text::width(&key) + 1 + text::width(row.label)).unwrap_or(u16::MAX);
        if x.saturating_add(wide) > area.right() {
            break;
        }
        let from = x;
        x += painter.text(x, area.y, area.right() - x, &key, key_style) + 1;
        x += painter.text(
            x,
            area.y,
            area.right().saturating_sub(x),
            row.label,
            word_style,
        );
        let hit = Rect {
            x: from,
            width: x - from,
            ..area
        };
        painter.hit(hit, Target::Action(row.action));
        x += 2;
    }
}
