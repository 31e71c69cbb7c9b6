//! The last line: a message while it is fresh, else what the keys do here.

use ratatui::layout::Rect;

use super::Painter;
use crate::action::{ACTIONS, Action, Context, Row};
use crate::app::{Column, Level, Page, State, Target};
use crate::text;

/// Draws the last line.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    painter.fill(area, painter.theme.bar);
    if area.height == 0 {
        return;
    }
    let style = painter.theme.bar.patch(painter.theme.dim);
    let end = area.right().saturating_sub(1);
    let width = |place: &str| u16::try_from(text::width(place)).unwrap_or(u16::MAX);
    // On a narrow terminal the keys matter more than the filter, and in the end than the count.
    let place = [true, false]
        .map(|whole| position(state, whole))
        .into_iter()
        .find(|place| width(place).saturating_mul(4) <= area.width)
        .unwrap_or_default();
    let wide = width(&place);
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

/// Where in the list, and what is left out; `whole` tells the filter too.
fn position(state: &State, whole: bool) -> String {
    let marked = match (state.marked.len(), state.page()) {
        (0, _) => String::new(),
        (count, Page::Domains) => format!("{count} marked  "),
        _ => String::new(),
    };
    let Some(place) = state.place().filter(|place| place.all > 0) else {
        return String::new();
    };
    let at = place.at.map_or(0, |at| at + 1);
    let (found, all) = (place.found, place.all);
    if place.filter.is_empty() {
        match hidden_host(state) {
            Some(host) => format!("{marked}{} {at}/{all}", text::visible(host)),
            None => format!("{marked}{at}/{all}"),
        }
    } else if !whole {
        format!("{marked}{at}/{found} of {all}")
    } else {
        format!(
            "{marked}/{} {at}/{found} of {all}",
            text::visible(place.filter)
        )
    }
}

/// The host of the selected domain, where there are several and the table has no room for their column.
fn hidden_host(state: &State) -> Option<&str> {
    if state.connections.len() < 2 || !matches!(state.page(), Page::Domains) {
        return None;
    }
    let columns = state.placed_columns();
    if columns.iter().any(|placed| placed.column == Column::Host) {
        return None;
    }
    let selected = state.table.selected()?;
    Some(&state.connection(selected.connection)?.label)
}

/// The hinted actions of the top layer or the page, in the order of the table of actions. Help and Quit keep their
/// place at the end however many others there are.
fn hints(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let contexts = match state.layers.last() {
        Some(layer) => layer.contexts(),
        None => state.page_contexts(),
    };
    // What holds everywhere needs no place here.
    let contexts: Vec<_> = contexts
        .iter()
        .copied()
        .filter(|context| *context != Context::Always)
        .collect();
    let all: Vec<Hint> = ACTIONS
        .iter()
        .filter(|row| {
            row.traits.hinted && state.offers(row.action) && !leads_nowhere(state, row.action)
        })
        .filter_map(|row| {
            let key = state.keymap.hint(&contexts, row.action)?.to_string();
            let width = text::width(&key) + 1 + text::width(row.label);
            Some(Hint { row, key, width })
        })
        .collect();
    let (last, first): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|hint| matches!(hint.row.action, Action::Help | Action::Quit));
    let reserved: usize = last.iter().map(|hint| hint.width + GAP).sum();
    let mut room = usize::from(area.width).saturating_sub(reserved);
    let mut x = area.x;
    for hint in first {
        if hint.width > room {
            break;
        }
        room = room.saturating_sub(hint.width + GAP);
        x = hint.draw(x, area, painter);
    }
    for hint in last {
        x = hint.draw(x, area, painter);
    }
}

/// Blanks between two hints.
const GAP: usize = 2;

/// A key with its word.
struct Hint {
    row: &'static Row,
    key: String,
    width: usize,
}

impl Hint {
    /// Draws it at `x`; gives the place of the next.
    fn draw(&self, x: u16, area: Rect, painter: &mut Painter<'_>) -> u16 {
        let end = area.right();
        let (key, word) = (
            painter.theme.bar.patch(painter.theme.key),
            painter.theme.bar,
        );
        let used = painter.text(x, area.y, end.saturating_sub(x), &self.key, key) + 1;
        let from = x.saturating_add(used);
        painter.text(from, area.y, end.saturating_sub(from), self.row.label, word);
        let width = u16::try_from(self.width).unwrap_or(u16::MAX);
        let hit = Rect { x, width, ..area };
        painter.hit(hit, Target::Action(self.row.action));
        x.saturating_add(width).saturating_add(2)
    }
}

/// Whether an action opens the page that is already there.
fn leads_nowhere(state: &State, action: Action) -> bool {
    match state.page() {
        Page::Ports(_) => action == Action::ShowPorts,
        Page::Events(_) => action == Action::ShowAllEvents,
        Page::Host(_) => action == Action::ShowHost,
        Page::Jobs(_) => action == Action::ShowJobs,
        _ => false,
    }
}
