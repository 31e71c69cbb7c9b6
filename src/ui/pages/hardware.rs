//! The hardware of a domain: the list on the left, what there is to know of the selected item on the right.

use ratatui::layout::Rect;

use super::details::xml_style;
use super::{Painter, centred};
use crate::app::{HardwareLine, HardwarePage, State, Target, XmlColours};
use crate::hardware::{Hardware, Item, Pending};
use crate::text;

/// Columns of the labels.
const LABEL: u16 = 20;

/// Draws the page.
pub fn render(state: &State, page: &HardwarePage, area: Rect, painter: &mut Painter<'_>) {
    let Some(hardware) = page.hardware() else {
        let lines = match page.failure() {
            Some(failure) => vec![
                "The hardware cannot be read.".to_owned(),
                failure.reason.clone(),
            ],
            None => vec!["Reading the hardware …".to_owned()],
        };
        return centred(&lines, area, painter);
    };
    heading(state, page, hardware, Rect { height: 1, ..area }, painter);
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let wide = HardwarePage::list_width(area.width);
    list(
        page,
        Rect {
            width: wide,
            ..body
        },
        painter,
    );
    let rule = painter.theme.border;
    for y in body.y..body.bottom() {
        painter.text(body.x + wide, y, 1, "│", rule);
    }
    let right = Rect {
        x: body.x.saturating_add(wide + 2),
        width: HardwarePage::line_width(area.width),
        ..body
    };
    lines(state, page, right, painter);
}

fn heading(
    state: &State,
    page: &HardwarePage,
    hardware: &Hardware,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let name = state.guest(page.id).map_or("", |guest| &guest.domain.name);
    let title = format!("Hardware of {name}");
    let room = area.width.saturating_sub(2);
    let used = painter.text(area.x + 1, area.y, room, &title, painter.theme.dim);
    let (words, style) = if let Some(failure) = page.failure() {
        (
            format!("not read anew: {}", failure.reason),
            painter.theme.bad,
        )
    } else {
        match (hardware.runs, hardware.stored, hardware.waiting()) {
            (true, true, 0) => (
                "as it runs and at the next boot".to_owned(),
                painter.theme.dim,
            ),
            (true, true, 1) => (
                "1 change waits for the next boot".to_owned(),
                painter.theme.warn,
            ),
            (true, true, count) => (
                format!("{count} changes wait for the next boot"),
                painter.theme.warn,
            ),
            (true, false, _) => ("transient: as it runs".to_owned(), painter.theme.dim),
            _ => ("off: as it starts next".to_owned(), painter.theme.dim),
        }
    };
    let left = room.saturating_sub(used + 2);
    painter.right(area.x + 1 + used + 2, area.y, left, &words, style);
}

fn list(page: &HardwarePage, area: Rect, painter: &mut Painter<'_>) {
    let rows = page.list().visible(usize::from(area.height));
    let top = page.list().top();
    for ((y, id), index) in (area.y..area.bottom()).zip(rows).zip(top..) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let Some(item) = page.item(*id) else { continue };
        row(item, line, painter);
        if page.list().selected() == Some(*id) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(line.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
}

fn row(item: &Item, area: Rect, painter: &mut Painter<'_>) {
    let word = item.pending.word();
    let wide = u16::try_from(text::width(word)).unwrap_or(0);
    let room = area
        .width
        .saturating_sub(2 + if wide > 0 { wide + 1 } else { 0 });
    let style = match item.pending {
        Pending::Comes => painter.theme.dim,
        _ => painter.theme.text,
    };
    // The end of a name tells it from its like.
    let visible = text::visible(&item.title);
    let title = if text::width(&visible) > usize::from(room) {
        let (first, rest) = visible.split_once(' ').unwrap_or(("", &visible));
        let left = usize::from(room).saturating_sub(text::width(first) + 1);
        format!("{first} {}", text::tail(rest, left))
    } else {
        visible.into_owned()
    };
    painter.text(area.x + 1, area.y, room, &title, style);
    painter.right(
        area.x + 1,
        area.y,
        area.width.saturating_sub(2),
        word,
        painter.theme.warn,
    );
}

fn lines(state: &State, page: &HardwarePage, area: Rect, painter: &mut Painter<'_>) {
    let all = page.lines(state, area.width);
    let mut colours = XmlColours::default();
    for (number, line) in all.iter().enumerate() {
        let shown = number.checked_sub(page.scrolled());
        let y = shown
            .and_then(|line| u16::try_from(line).ok())
            .map(|line| area.y.saturating_add(line));
        let y = y.filter(|y| *y < area.bottom());
        match line {
            HardwareLine::Xml(words) => {
                let mut x = area.x;
                colours.pieces(words, |piece, role| {
                    if let Some(y) = y {
                        let room = area.right().saturating_sub(x);
                        let style = xml_style(role, painter);
                        x += painter.text(x, y, room, piece, style);
                    }
                });
            }
            _ => {
                colours = XmlColours::default();
                if let Some(y) = y {
                    plain(
                        line,
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
    }
    if all.len() > page.scrolled() + usize::from(area.height) && area.height > 0 {
        painter.right(
            area.x,
            area.bottom() - 1,
            area.width,
            " PgDn ▾",
            painter.theme.dim,
        );
    }
}

fn plain(line: &HardwareLine, area: Rect, painter: &mut Painter<'_>) {
    let (x, y, width) = (area.x, area.y, area.width);
    match line {
        HardwareLine::Blank | HardwareLine::Xml(_) => {}
        HardwareLine::Heading(words) => {
            painter.text(x, y, width, words, painter.theme.title);
        }
        HardwareLine::Note(words) => {
            painter.text(x, y, width, words, painter.theme.dim);
        }
        HardwareLine::Warning(words) => {
            painter.text(x, y, width, words, painter.theme.warn);
        }
        HardwareLine::Fact { label, now, next } => {
            painter.text(x, y, width.min(LABEL - 1), label, painter.theme.dim);
            // Where there is no room beside the labels, values stand below them.
            let indent = if width < LABEL + 16 { 2 } else { LABEL };
            let at = if label.is_empty() { indent } else { LABEL };
            let room = width.saturating_sub(at);
            let used = painter.text(x + at, y, room, now, painter.theme.text);
            if let Some(next) = next {
                let blank = u16::from(used > 0);
                let from = used + blank;
                let words = format!("→ {next}");
                painter.text(
                    x + at + from,
                    y,
                    room.saturating_sub(from),
                    &words,
                    painter.theme.warn,
                );
            }
        }
    }
}
