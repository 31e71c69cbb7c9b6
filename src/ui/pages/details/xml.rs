//! The domain's XML, to read.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::lines::{note, window};
use super::{Painter, instead};
use crate::action::Action;
use crate::app::{Details, Guest, Role, State, columns, line_numbers};
use crate::protocol::XmlKind;
use crate::text;

/// Draws the text with line numbers and colours.
pub fn render(
    state: &State,
    guest: &Guest,
    details: &Details,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let (which, other) = match (details.xml_kind, guest.domain.state.is_active()) {
        (XmlKind::Live, true) => ("Running now", "at the next boot"),
        (XmlKind::Live, false) => ("As defined", "at the next boot"),
        (XmlKind::Inactive, true) => ("At the next boot", "running now"),
        (XmlKind::Inactive, false) => ("At the next boot", "as defined"),
    };
    let key = state.keymap.hint(details.contexts(), Action::OtherXml);
    let what = key.map_or_else(
        || which.to_owned(),
        |key| format!("{which}   {key} {other}"),
    );
    let got = details.xml().got();
    let body = note(
        state,
        details,
        &what,
        got.map(|xml| &xml.lines),
        area,
        painter,
    );
    let Some(xml) = got else {
        instead(state, details, details.xml(), "the XML", body, painter);
        return;
    };
    let wide = u16::try_from(line_numbers(&xml.lines)).unwrap_or(u16::MAX);
    let from = body.x.saturating_add(wide);
    let room = usize::from(body.width.saturating_sub(wide));
    let across = across(details, xml.lines.widest(), room);
    for (y, (number, line)) in (body.y..body.bottom()).zip(window(details, &xml.lines, body)) {
        let label = (number + 1).to_string();
        painter.right(body.x, y, wide - 1, &label, painter.theme.dim);
        // Nothing right of the screen is looked at: a line may be as long as a whole document.
        let line = columns(line, 0, across + room);
        let mut column = 0_usize;
        xml.at(number).pieces(line, |words, role| {
            let start = column.saturating_sub(across);
            let hidden = across.saturating_sub(column);
            column += text::width(words);
            let rest = columns(words, hidden, room);
            let x = from.saturating_add(u16::try_from(start).unwrap_or(u16::MAX));
            let style = style(role, painter);
            painter.text(x, y, body.right().saturating_sub(x), rest, style);
        });
        if column >= across + room && across + room < xml.lines.widest() {
            painter.text(body.right().saturating_sub(1), y, 1, "…", painter.theme.dim);
        }
    }
}

/// Columns that are scrolled away, no more than make sense.
pub fn across(details: &Details, widest: usize, room: usize) -> usize {
    details.across().min(widest.saturating_sub(room))
}

/// The colour of a piece of XML.
pub fn style(role: Role, painter: &Painter<'_>) -> Style {
    let theme = painter.theme;
    match role {
        Role::Text => theme.text,
        Role::Tag => theme.accent,
        Role::Attribute => theme.change,
        Role::Value => theme.good,
        Role::Comment => theme.dim,
    }
}
