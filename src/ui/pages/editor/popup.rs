//! What opens beside the cursor.

use chrono::{DateTime, Local};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::Painter;
use crate::app::{EditorPage, Past, Popup};
use crate::schema::{Help, HelpName, OfferKind, Offers};
use crate::text;
use crate::ui::painter::wrap;

/// Lines of a list.
const MOST: u16 = 10;

/// Draws what is open; `cursor` is where the text's cursor stands.
pub fn render(
    page: &EditorPage,
    popup: &Popup,
    cursor: Option<Position>,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    match popup {
        Popup::Offers(list, at) => offers(list, *at, cursor, area, painter),
        Popup::Help(shown, top) => help(shown, *top, area, painter),
        Popup::Past(shown) => past(shown, area, painter),
        Popup::Outline(words, devices, at) => outline(page, words, devices, *at, area, painter),
    }
}

/// A box of this size below the cursor, or above it where there is no room.
fn place(cursor: Option<Position>, width: u16, height: u16, area: Rect) -> Rect {
    let at = cursor.unwrap_or(Position::new(area.x, area.y));
    let width = width.min(area.width);
    let below = area.bottom().saturating_sub(at.y + 1);
    let above = at.y.saturating_sub(area.y);
    let (y, height) = if height <= below || below >= above {
        (at.y + 1, height.min(below))
    } else {
        let height = height.min(above);
        (at.y - height, height)
    };
    let x = at.x.min(area.right().saturating_sub(width)).max(area.x);
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn offers(
    list: &Offers,
    at: usize,
    cursor: Option<Position>,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let widest = list
        .offers
        .iter()
        .map(|offer| text::width(&text::visible(&offer.label)))
        .max();
    let expected = list.expected.join(", or ");
    let label = widest.unwrap_or(0).min(44);
    let words = if expected.is_empty() {
        0
    } else {
        text::width(&expected) + 10
    };
    let width = u16::try_from((label + 16).max(words).clamp(24, 64)).unwrap_or(64);
    let count = u16::try_from(list.offers.len())
        .unwrap_or(u16::MAX)
        .min(MOST);
    let told = u16::from(!expected.is_empty());
    let outer = place(cursor, width, count + told, area);
    painter.fill(outer, theme.bar);
    let room = usize::from(outer.height.saturating_sub(told)).max(1);
    let from = (at + 1).saturating_sub(room);
    let mut y = outer.y;
    for (number, offer) in list.offers.iter().enumerate().skip(from).take(room) {
        if y >= outer.bottom() {
            break;
        }
        let line = Rect {
            y,
            height: 1,
            ..outer
        };
        let kind = match offer.kind {
            OfferKind::Element => "element",
            OfferKind::End => "end",
            OfferKind::Attribute => "attribute",
            OfferKind::Value => "value",
            OfferKind::Host => "on the host",
        };
        let style = if offer.required {
            theme.header
        } else {
            Style::new()
        };
        painter.text(
            outer.x + 1,
            y,
            outer.width.saturating_sub(2),
            &offer.label,
            theme.bar.patch(style),
        );
        let kind = if offer.required {
            format!("{kind} *")
        } else {
            kind.to_owned()
        };
        painter.right(
            outer.x + 1,
            y,
            outer.width.saturating_sub(2),
            &kind,
            theme.bar.patch(theme.dim),
        );
        if number == at {
            painter.restyle(line, theme.selected);
        }
        y += 1;
    }
    if told > 0 && y < outer.bottom() {
        let words = format!("expected: {expected}");
        painter.text(
            outer.x + 1,
            y,
            outer.width.saturating_sub(2),
            &words,
            theme.bar.patch(theme.change),
        );
    }
}

fn help(shown: &Help, top: usize, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let width = area.width.min(84);
    let inside = width.saturating_sub(4);
    let mut lines: Vec<(String, Style)> = Vec::new();
    let mut say = |words: String, style: Style, deep: usize| {
        for (number, line) in wrap(
            &text::visible(&words),
            inside.saturating_sub(u16::try_from(deep).unwrap_or(0)),
        )
        .into_iter()
        .enumerate()
        {
            let blanks = if number == 0 {
                ""
            } else {
                &"                "[..deep.min(16)]
            };
            lines.push((format!("{blanks}{line}"), style));
        }
    };
    if let Some(url) = &shown.url {
        say(format!("{url}   y copies"), theme.change, 0);
    }
    if !shown.text.is_empty() {
        say(format!("text: {}", shown.text.join(", ")), theme.text, 2);
    }
    let named = |name: &HelpName| {
        let star = if name.required { " *" } else { "" };
        if name.values.is_empty() {
            format!("{}{star}", name.name)
        } else {
            format!("{}{star}: {}", name.name, name.values.join(" | "))
        }
    };
    if !shown.attributes.is_empty() {
        say("Attributes (* must be there)".to_owned(), theme.header, 0);
        for name in &shown.attributes {
            say(format!("  {}", named(name)), theme.text, 4);
        }
    }
    if !shown.children.is_empty() {
        say("Elements in it".to_owned(), theme.header, 0);
        let all: Vec<String> = shown.children.iter().map(named).collect();
        say(format!("  {}", all.join("  ")), theme.text, 2);
    }
    let title = shown.path.join(" › ");
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(area.height);
    let inner = painter.dialog(area, width, height, &title);
    let most = lines.len().saturating_sub(usize::from(inner.height));
    for (y, (line, style)) in (inner.y..inner.bottom()).zip(lines.iter().skip(top.min(most))) {
        painter.text(inner.x, y, inner.width, line, *style);
    }
}

/// Former definitions above, what differs below.
fn past(shown: &Past, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let inner = painter.dialog(
        area,
        area.width,
        area.height,
        "Former definitions, newest first",
    );
    let rows = u16::try_from(shown.all.len())
        .unwrap_or(u16::MAX)
        .min((inner.height / 3).max(1));
    let from = (shown.at + 1).saturating_sub(usize::from(rows));
    for (y, (number, one)) in (inner.y..inner.y + rows).zip(shown.all.iter().enumerate().skip(from))
    {
        let time = DateTime::<Local>::from(one.time)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string();
        let by = if one.by_us { "virtty" } else { "elsewhere" };
        let mark = if shown.marked == Some(number) {
            "•"
        } else {
            " "
        };
        painter.text(
            inner.x,
            y,
            inner.width,
            &format!("{mark} {time}  by {by}"),
            theme.text,
        );
        if number == shown.at {
            painter.restyle(
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                theme.selected,
            );
        }
    }
    let top = inner.y + rows;
    let words = match shown.marked.filter(|marked| *marked != shown.at) {
        Some(_) => "Compared with the marked one",
        None => "What it changed",
    };
    painter.fill(
        Rect {
            y: top,
            height: 1.min(inner.bottom().saturating_sub(top)),
            ..inner
        },
        theme.bar,
    );
    painter.text(
        inner.x,
        top,
        inner.width,
        words,
        theme.bar.patch(theme.header),
    );
    let keys = "Enter into the text  Space marks  PgDn more  Esc";
    painter.right(inner.x, top, inner.width, keys, theme.bar.patch(theme.dim));
    for (y, line) in (top + 1..inner.bottom()).zip(shown.diff.iter().skip(shown.top)) {
        let style = match line.chars().next() {
            Some('+') => theme.good,
            Some('-') => theme.bad,
            Some('@') => theme.accent,
            _ => theme.dim,
        };
        painter.text(inner.x, y, inner.width, line, style);
    }
}

fn outline(
    page: &EditorPage,
    words: &str,
    devices: &[crate::editor::Device],
    at: usize,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let fitting = Popup::fitting(words, devices);
    let height = u16::try_from(fitting.len().max(1))
        .unwrap_or(u16::MAX)
        .saturating_add(3);
    let inner = painter.dialog(area, area.width.min(64), height.min(area.height), "Go to");
    let head = if words.is_empty() {
        "type to narrow it down".to_owned()
    } else {
        words.to_owned()
    };
    let style = if words.is_empty() {
        theme.dim
    } else {
        theme.accent
    };
    painter.text(inner.x, inner.y, inner.width, &head, style);
    if fitting.is_empty() {
        painter.text(
            inner.x,
            inner.y + 1,
            inner.width,
            "Nothing fits.",
            theme.dim,
        );
        return;
    }
    let room = usize::from(inner.height.saturating_sub(1)).max(1);
    let at = at.min(fitting.len() - 1);
    let from = (at + 1).saturating_sub(room);
    for (y, (number, device)) in
        (inner.y + 1..inner.bottom()).zip(fitting.iter().enumerate().skip(from))
    {
        let line = Rect {
            y,
            height: 1,
            ..inner
        };
        let deep = u16::try_from(device.depth * 2).unwrap_or(0);
        painter.text(
            inner.x + deep,
            y,
            inner.width.saturating_sub(deep + 6),
            &device.name,
            theme.text,
        );
        let number_of_line = page
            .shown()
            .map_or(0, |editor| editor.buffer().place(device.at).line + 1);
        painter.right(
            inner.x,
            y,
            inner.width,
            &number_of_line.to_string(),
            theme.dim,
        );
        if number == at {
            painter.restyle(line, theme.selected);
        }
    }
}
