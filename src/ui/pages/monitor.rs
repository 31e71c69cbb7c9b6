//! QEMU's monitor: what was said from the top down, and the line that is typed into at the end.

use ratatui::layout::Rect;

use super::super::layers::typed_line;
use super::Painter;
use crate::action::{Action, Context};
use crate::agent::MonitorKind;
use crate::app::{MonitorLine, MonitorPage, MonitorRole, State};
use crate::text;

/// Draws the page.
pub fn render(state: &State, page: &MonitorPage, area: Rect, painter: &mut Painter<'_>) {
    heading(state, page, Rect { height: 1, ..area }, painter);
    if area.height < 3 {
        return;
    }
    let last = area.bottom() - 1;
    prompt(
        state,
        page,
        Rect {
            y: last,
            height: 1,
            ..area
        },
        painter,
    );
    let body = Rect {
        x: area.x.saturating_add(1),
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height - 2,
    };
    transcript(state, page, body, painter);
}

fn heading(state: &State, page: &MonitorPage, area: Rect, painter: &mut Painter<'_>) {
    let name = state.guest(page.id).map_or("", |guest| &guest.domain.name);
    let title = format!("QEMU monitor of {name} ({})", page.kind.word());
    let room = area.width.saturating_sub(2);
    let used = painter.text(area.x + 1, area.y, room, &title, painter.theme.dim);
    let left = room.saturating_sub(used + 2);
    let words = "for experts: not supported by libvirt";
    let at = area.x + 1 + used + 2;
    painter.right(at, area.y, left, words, painter.theme.warn);
}

fn prompt(state: &State, page: &MonitorPage, area: Rect, painter: &mut Painter<'_>) {
    let (x, y) = (area.x + 1, area.y);
    let room = area.width.saturating_sub(2);
    if let Some(since) = page.waits_since(state) {
        let age = state.now.instant.saturating_duration_since(since).as_secs();
        let words = format!("QEMU was asked {age} s ago …");
        painter.text(x, y, room, &words, painter.theme.dim);
        return;
    }
    let sign = match page.kind {
        MonitorKind::Hmp => "(qemu) ",
        MonitorKind::Qmp => "QMP> ",
    };
    let used = painter.text(x, y, room, sign, painter.theme.key);
    let at = Rect {
        x: x + used,
        width: room.saturating_sub(used),
        ..area
    };
    typed_line(&page.line, at, painter);
    if page.scrolled() > 0 {
        let words = format!(" {} lines below ", page.scrolled());
        painter.right(x, y, room, &words, painter.theme.warn);
    }
}

/// The last lines that are not scrolled away, those that are wider than the screen on several.
fn transcript(state: &State, page: &MonitorPage, area: Rect, painter: &mut Painter<'_>) {
    let lines = page.lines();
    if lines.is_empty() {
        let key = state.keymap.hint(&[Context::Monitor], Action::OtherMonitor);
        let key = key.map_or_else(String::new, |key| key.to_string());
        let hints = [
            "Type a command of QEMU's monitor, as in: info balloon".to_owned(),
            format!("{key} turns to QMP, where query-balloon or whole JSON is typed."),
        ];
        for (y, words) in (area.y..area.bottom()).zip(hints) {
            painter.text(area.x, y, area.width, &words, painter.theme.dim);
        }
        return;
    }
    let columns = usize::from(area.width.max(1));
    let end = lines.len().saturating_sub(page.scrolled());
    let mut rows: Vec<(&MonitorLine, String)> = Vec::new();
    for line in lines[..end].iter().rev() {
        let mut parts = cut(&line.text, columns);
        while let Some(part) = parts.pop() {
            rows.push((line, part));
        }
        if rows.len() >= usize::from(area.height) {
            break;
        }
    }
    rows.truncate(usize::from(area.height));
    let wanted = page.find().to_lowercase();
    for (y, (line, part)) in (area.y..area.bottom()).zip(rows.iter().rev()) {
        let style = match line.role {
            MonitorRole::Typed => painter.theme.key,
            MonitorRole::Said => painter.theme.text,
            MonitorRole::Wrong => painter.theme.bad,
        };
        painter.text(area.x, y, area.width, part, style);
        if !wanted.is_empty() {
            mark(
                part,
                &wanted,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                painter,
            );
        }
    }
}

/// Marks what is looked for.
fn mark(part: &str, wanted: &str, at: Rect, painter: &mut Painter<'_>) {
    // Where small letters have other lengths than large ones, places would be wrong.
    if !part.is_ascii() {
        return;
    }
    let low = part.to_ascii_lowercase();
    for (from, found) in low.match_indices(wanted) {
        let x = at.x.saturating_add(u16::try_from(from).unwrap_or(u16::MAX));
        let width = u16::try_from(found.len()).unwrap_or(0);
        let place = Rect { x, width, ..at };
        painter.restyle(place.intersection(at), painter.theme.selected);
    }
}

/// A line in pieces of at most so many columns, blanks kept.
fn cut(line: &str, columns: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for (unit, wide) in text::units(line) {
        if used + wide > columns && used > 0 {
            parts.push(String::new());
            used = 0;
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(unit);
        }
        used += wide;
    }
    parts
}
