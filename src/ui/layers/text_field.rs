//! A line to type.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::Widget;

use super::Painter;
use crate::app::{Line, State, TextField, TextUse};
use crate::query::{EventQuery, Mistake, Query, Wrong, completions};
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
        TextUse::Filter | TextUse::Words | TextUse::Events => {
            let text = field.line.text();
            let (mistakes, offered) = match field.use_ {
                TextUse::Filter => (Query::parse(text).mistakes, completions(text).join(" ")),
                TextUse::Events => (
                    EventQuery::parse(text).mistakes,
                    EventQuery::completions(text).join(" "),
                ),
                // Words alone have no mistakes and no terms to offer.
                _ => (Vec::new(), String::new()),
            };
            filter(state, &field.line, (&mistakes, &offered), footer, painter);
            return;
        }
        TextUse::EditUri(_) => ("Edit the URI", "The connection's URI:".to_owned()),
        TextUse::Connect => (
            "Connect to",
            "URI of one more host, as in qemu+ssh://root@host/system:".to_owned(),
        ),
        TextUse::SaveView => (
            "Save the view",
            "Filter, columns, order and groups are kept under this name:".to_owned(),
        ),
        TextUse::SaveTemplate => (
            "Save as a template",
            "What stands in the form is kept under this name, passwords not:".to_owned(),
        ),
        TextUse::Mark => (
            "Mark",
            "Words of the filter, or a name with * and ?; behind - and a blank marks are taken off:".to_owned(),
        ),
        TextUse::Tune => ("Set", "The new number:".to_owned()),
        TextUse::SecretValue(_, uuid) => (
            "Set Value",
            format!("The value of the secret {uuid}; it is not shown and not kept here:"),
        ),
        TextUse::FindInConsole(_) => ("Find", "Text to find, from here back:".to_owned()),
        TextUse::FindInMonitor => ("Find", "Text to find, from the end back:".to_owned()),
        TextUse::KeysOf(_) => ("SSH Keys", "The user of the guest whose keys are shown:".to_owned()),
        TextUse::LogConsole(_, raw) => {
            let what = if *raw { "What it sends, as it comes" } else { "Its text" };
            ("Log", format!("{what}, from now on, is added to this file:"))
        }
        TextUse::FindInText => ("Find", "A regular expression to find:".to_owned()),
        TextUse::Replace => ("Replace", "A regular expression to replace:".to_owned()),
        TextUse::ReplaceWith => (
            "Replace",
            "What comes in its place; $1 is what its first group found:".to_owned(),
        ),
        TextUse::ViCommand => (
            "Command",
            "w saves, q leaves, a number goes to a line, %s/old/new/ replaces:".to_owned(),
        ),
        TextUse::GoToLine => ("Go to line", "The number of the line:".to_owned()),
        TextUse::ChooseLine(_) => (
            "Line",
            "serial1, console1 or another alias; channel:NAME for a channel; nothing for the first:".to_owned(),
        ),
        TextUse::PressKeys(_) => (
            "Keys",
            "Names of keys, held together by -, one stroke after the other, as in ctrl-alt-F2 Enter:".to_owned(),
        ),
        TextUse::TypeText(_) => ("Type", "This is typed in the guest, key by key:".to_owned()),
        TextUse::GiveClipboard(_) => (
            "Clipboard",
            "This goes into the guest's clipboard, where its display has one:".to_owned(),
        ),
        TextUse::SaveScreen(_) => ("Save", "The screen is written into this PNG file:".to_owned()),
        TextUse::DisplayPassword(id) => {
            let display = state.displays.get(*id);
            let name = display.map_or_else(String::new, |display| display.domain_name.clone());
            let standing = display.map_or_else(String::new, crate::app::Display::standing);
            let name = text::visible(&name);
            ("Password", format!("The display of {name}: {standing}. Only the first eight characters count:"))
        }
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

fn filter(
    state: &State,
    typed: &Line,
    (mistakes, offered): (&[Mistake], &str),
    area: Rect,
    painter: &mut Painter<'_>,
) {
    if area.height == 0 {
        return;
    }
    let theme = painter.theme;
    painter.fill(area, theme.bar);
    let key = theme.bar.patch(theme.key);
    painter.text(area.x.saturating_add(1), area.y, 1, "/", key);
    // A term at the end that has no value yet is no mistake: it is being typed.
    let end = typed.text().len();
    let is_begun =
        |mistake: &Mistake| matches!(mistake.wrong, Wrong::Missing(_)) && mistake.at.end == end;
    let found = state.place().map_or_else(String::new, |place| {
        format!("{} of {}", place.found, place.all)
    });
    let wide = u16::try_from(text::width(&found)).unwrap_or(u16::MAX);
    let rest = area.width.saturating_sub(3 + wide + 2);
    let counted = rest > 8;
    let dim = theme.bar.patch(theme.dim);
    if counted {
        painter.right(area.x, area.y, area.width.saturating_sub(1), &found, dim);
    }
    let at = Rect {
        x: area.x.saturating_add(2),
        width: if counted {
            rest
        } else {
            area.width.saturating_sub(2)
        },
        ..area
    };
    line(typed, at, painter);
    let used = u16::try_from(text::width(typed.text())).unwrap_or(u16::MAX);
    // A line that is longer than its place is scrolled by the widget, and nobody knows how far.
    if used < at.width {
        for mistake in mistakes.iter().filter(|mistake| !is_begun(mistake)) {
            underline(typed.text(), &mistake.at, at, painter);
        }
    }
    let (words, style) = match mistakes.first() {
        Some(mistake) if is_begun(mistake) && offered.is_empty() => {
            (mistake.wrong.to_string(), dim)
        }
        Some(mistake) if is_begun(mistake) => (offered.to_owned(), dim),
        Some(mistake) => (mistake.wrong.to_string(), theme.bar.patch(theme.bad)),
        None => (offered.to_owned(), dim),
    };
    let x = at.x.saturating_add(used).saturating_add(2);
    let room = at.right().saturating_sub(x);
    let width = u16::try_from(text::width(&words)).unwrap_or(u16::MAX);
    if mistakes.is_empty() || width <= room {
        painter.text(x, area.y, room, &words, style);
    } else if let Some(y) = area.y.checked_sub(1) {
        // The reason is worth a line of its own.
        let above = Rect { y, ..area };
        painter.fill(above, theme.bar);
        painter.text(above.x + 2, y, above.width.saturating_sub(3), &words, style);
    }
}

/// Marks a part of the line that is typed.
fn underline(typed: &str, part: &Range<usize>, at: Rect, painter: &mut Painter<'_>) {
    let wide =
        |text: Option<&str>| u16::try_from(text::width(text.unwrap_or_default())).unwrap_or(0);
    let x = at.x.saturating_add(wide(typed.get(..part.start)));
    let marked = Rect {
        x,
        width: wide(typed.get(part.clone())),
        height: 1,
        ..at
    };
    let style = painter.theme.bad.add_modifier(Modifier::UNDERLINED);
    painter.restyle(marked.intersection(at), style);
}

/// Draws the line itself and puts the cursor into it.
pub(in crate::ui) fn line(typed: &Line, area: Rect, painter: &mut Painter<'_>) {
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
