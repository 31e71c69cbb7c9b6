//! A form: labels and values in two columns, errors below their fields, the preview beside them.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Painter, text_field};
use crate::action::{Action, Context};
use crate::app::{Field, FieldKind, Form, State, Target};
use crate::text;
use crate::ui::painter::wrap;

/// Widest form without a preview.
const NARROW: u16 = 78;
/// Widest form with one.
const WIDE: u16 = 150;
/// Columns inside that a preview needs beside the fields.
const BESIDE: u16 = 60;

/// One line of the column of fields.
enum Row {
    Field(usize),
    /// Where it begins, and what it says.
    Error(u16, String),
    /// The same of something that is only worth knowing.
    Caution(u16, String),
}

/// Draws the form.
pub fn render(state: &State, form: &Form, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let beside = !form.preview.is_empty() && area.width.saturating_sub(4) >= BESIDE;
    let width = area.width.min(if beside { WIDE } else { NARROW });
    let inside = width.saturating_sub(4);
    let (column, rest) = if beside {
        let column = (inside.saturating_mul(11) / 20).min(70);
        (column, inside.saturating_sub(column + 3))
    } else {
        (inside, 0)
    };
    let labels = label_width(form, column);
    let rows = rows(form, labels, column);

    let lead = lines(&form.lead, inside, painter);
    let room = column.saturating_sub(labels + 4);
    let below = below(form, (inside, room), area.height / 6, painter);
    let fields = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let preview = lines(&form.preview, rest, painter);
    let middle = if beside {
        fields.max(u16::try_from(preview.len()).unwrap_or(u16::MAX))
    } else {
        fields
    };
    let above = u16::try_from(lead.len()).unwrap_or(0) + u16::from(!lead.is_empty());
    let under = u16::try_from(below.len()).unwrap_or(0) + 1;
    let height = middle
        .saturating_add(above)
        .saturating_add(under)
        .saturating_add(3);
    let inner = painter.dialog(area, width, height, &form.title);

    // The present field is seen, however small the terminal: what stands above gives way first.
    let wanted = fields.min(3);
    let above = above.min(inner.height.saturating_sub(under + 1 + wanted));
    let under = under.min(inner.height.saturating_sub(above + 1 + wanted.min(1)));
    put(
        &lead,
        Rect {
            height: above,
            ..inner
        },
        painter,
    );
    let middle = Rect {
        y: inner.y.saturating_add(above),
        height: inner.height.saturating_sub(above + under),
        ..inner
    };
    let middle = Rect {
        // One line stays empty.
        height: middle.height.saturating_sub(u16::from(middle.height > 1)),
        ..middle
    };
    let left = Rect {
        width: column,
        ..middle
    };
    draw_fields(form, &rows, labels, left, painter);
    if beside {
        let x = middle.x + column + 1;
        for y in middle.y..middle.bottom() {
            painter.text(x, y, 1, "│", theme.border);
        }
        let right = Rect {
            x: x + 2,
            width: rest,
            ..middle
        };
        put(&preview, right, painter);
    }
    let bottom = Rect {
        y: inner.bottom().saturating_sub(under),
        height: under,
        ..inner
    };
    put(&below, bottom, painter);
    buttons(state, form, bottom, painter);
}

/// Columns that the labels take.
fn label_width(form: &Form, column: u16) -> u16 {
    let named = form
        .fields
        .iter()
        .filter(|field| field.is_open() && !matches!(field.kind, FieldKind::Check(_)));
    let widest = named
        .map(|field| text::width(&text::visible(&field.label)))
        .max();
    u16::try_from(widest.unwrap_or(0))
        .unwrap_or(u16::MAX)
        .min(column / 2)
}

/// The lines of the column of fields.
fn rows(form: &Form, labels: u16, column: u16) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, field) in form.fields.iter().enumerate() {
        if field.hidden {
            continue;
        }
        rows.push(Row::Field(index));
        let indent = match field.kind {
            FieldKind::Check(_) => 4,
            _ => labels + 4,
        };
        if let Some(error) = &field.error {
            let lines = wrap(error, column.saturating_sub(indent)).into_iter();
            rows.extend(lines.map(|line| Row::Error(indent, line)));
        } else if let Some(caution) = &field.caution {
            let lines = wrap(caution, column.saturating_sub(indent)).into_iter();
            rows.extend(lines.map(|line| Row::Caution(indent, line)));
        }
    }
    rows
}

/// What stands below the fields but for the buttons: what is wrong, the help of the present field, the command.
/// A long command is cut to `most` lines, so that the fields keep their room. `room` is what a value has in its line.
fn below(
    form: &Form,
    (width, room): (u16, u16),
    most: u16,
    painter: &Painter<'_>,
) -> Vec<(Style, String)> {
    let theme = painter.theme;
    let mut lines = Vec::new();
    let mut add = |words: &str, style: Style| {
        lines.extend(wrap(words, width).into_iter().map(|line| (style, line)));
    };
    if let Some(error) = &form.error {
        add(error, theme.bad);
    }
    // What is chosen in full, where its line cannot hold it.
    if let Some(FieldKind::Choice { options, chosen }) = form.fields.get(form.at).map(|f| &f.kind)
        && let Some(option) = options.get(*chosen)
        && text::width(&text::visible(&option.label)) > usize::from(room)
    {
        add(&option.label, theme.text);
    }
    if let Some(field) = form.fields.get(form.at) {
        let help = [field.help.as_str(), &field.bounds()].join(" ");
        if !help.trim().is_empty() {
            add(help.trim(), theme.dim);
        }
    }
    if let Some(command) = &form.command {
        let mut all = wrap(command, width);
        let most = usize::from(most.max(2));
        if all.len() > most {
            all.truncate(most);
            if let Some(last) = all.last_mut() {
                *last = text::fit(&format!("{last} …"), usize::from(width));
            }
        }
        lines.extend(all.into_iter().map(|line| (theme.accent, line)));
    }
    if !lines.is_empty() {
        lines.push((theme.text, String::new()));
    }
    lines
}

fn lines(
    words: &[(crate::app::Tone, String)],
    width: u16,
    painter: &Painter<'_>,
) -> Vec<(Style, String)> {
    words
        .iter()
        .flat_map(|(tone, words)| {
            let style = painter.tone(*tone);
            indented(words, width)
                .into_iter()
                .map(move |line| (style, line))
        })
        .collect()
}

/// Wraps words that may be indented; what follows of a long line is indented once more.
fn indented(words: &str, width: u16) -> Vec<String> {
    let rest = words.trim_start_matches(' ');
    let indent = u16::try_from(words.len() - rest.len()).unwrap_or(0);
    if indent == 0 {
        return wrap(words, width);
    }
    let indent = indent.min(width / 3);
    let room = width.saturating_sub(indent + 2);
    wrap(rest, room)
        .into_iter()
        .enumerate()
        .map(|(number, line)| {
            let more = if number == 0 { 0 } else { 2 };
            format!("{}{line}", " ".repeat(usize::from(indent) + more))
        })
        .collect()
}

fn put(lines: &[(Style, String)], area: Rect, painter: &mut Painter<'_>) {
    for (y, (style, words)) in (area.y..area.bottom()).zip(lines) {
        painter.text(area.x, y, area.width, words, *style);
    }
}

fn draw_fields(form: &Form, rows: &[Row], labels: u16, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let is_present = |row: &Row| matches!(row, Row::Field(index) if *index == form.at);
    let present = rows.iter().position(is_present).unwrap_or(0);
    // Its error is seen with it.
    let errors = rows[present.min(rows.len())..]
        .iter()
        .skip(1)
        .take_while(|row| !matches!(row, Row::Field(_)))
        .count();
    let top = super::scrolled(present + errors, rows.len(), area.height).min(present);
    for (y, row) in (area.y..area.bottom()).zip(&rows[top..]) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        match row {
            Row::Error(indent, why) | Row::Caution(indent, why) => {
                let bad = matches!(row, Row::Error(..));
                let style = if bad { theme.bad } else { theme.warn };
                let x = area.x + indent;
                painter.text(x, y, area.right().saturating_sub(x), why, style);
            }
            Row::Field(index) => {
                let field = &form.fields[*index];
                draw_field(field, *index == form.at, labels, line, painter);
                if field.is_open() {
                    painter.hit(line, Target::Choice(*index));
                }
            }
        }
    }
    let right = area.right().saturating_sub(1);
    if top > 0 {
        painter.text(right, area.y, 1, "▴", theme.dim);
    }
    if top + usize::from(area.height) < rows.len() && area.height > 0 {
        painter.text(right, area.bottom() - 1, 1, "▾", theme.dim);
    }
}

fn draw_field(field: &Field, present: bool, labels: u16, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let label = if present { theme.header } else { theme.dim };
    let (x, y) = (area.x, area.y);
    let room = |x: u16| area.right().saturating_sub(x);
    match &field.kind {
        FieldKind::Heading => {
            let used = painter.text(x, y, area.width, &field.label, theme.accent);
            let x = x + used + 2;
            painter.text(x, y, room(x), &field.note, theme.warn);
        }
        FieldKind::Check(checked) => {
            let mark = if *checked { "[x]" } else { "[ ]" };
            let style = if present { theme.selected } else { theme.text };
            painter.text(x, y, 3, mark, style);
            let label = if present { theme.header } else { theme.text };
            let used = painter.text(x + 4, y, room(x + 4), &field.label, label);
            let x = x + 4 + used + 2;
            painter.text(x, y, room(x), &field.note, theme.dim);
        }
        FieldKind::Choice { options, chosen } => {
            painter.text(x, y, labels, &field.label, label);
            let x = x + labels + 2;
            let value = options.get(*chosen).map_or("", |o| o.label.as_str());
            let many = options.len() > 1;
            let used = if present && many {
                let before = painter.text(x, y, room(x), "‹ ", theme.key);
                let value_at = x + before;
                let used = painter.text(value_at, y, room(value_at), value, theme.header);
                let end = value_at + used;
                before + used + painter.text(end, y, room(end), " ›", theme.key)
            } else {
                // Where the value stands does not depend on where one is.
                2 + painter.text(x + 2, y, room(x + 2), value, theme.text)
            };
            let x = x + used + 2;
            painter.text(x, y, room(x), &field.note, theme.dim);
        }
        FieldKind::Text { .. } | FieldKind::Number { .. } | FieldKind::Size { .. } => {
            painter.text(x, y, labels, &field.label, label);
            let x = x + labels + 2;
            draw_line(
                field,
                present,
                Rect {
                    x,
                    width: room(x),
                    ..area
                },
                painter,
            );
        }
    }
}

/// A value that is typed, its unit and the note behind it.
fn draw_line(field: &Field, present: bool, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let Some(line) = field.line() else {
        return;
    };
    let (unit, short) = match field.kind {
        FieldKind::Number { unit, .. } => (unit, true),
        FieldKind::Size { .. } => ("", true),
        _ => ("", false),
    };
    let behind = match (unit, field.note.as_str()) {
        ("", note) => note.to_owned(),
        (unit, "") => unit.to_owned(),
        (unit, note) => format!("{unit}  {note}"),
    };
    let wide = u16::try_from(text::width(&text::visible(&behind))).unwrap_or(u16::MAX);
    let typed = u16::try_from(text::width(line.text())).unwrap_or(u16::MAX);
    let least = if short { 12 } else { 16 };
    let width = if behind.is_empty() {
        area.width
    } else {
        area.width.saturating_sub(wide.saturating_add(4)).max(least)
    };
    let width = if short { width.min(14) } else { width };
    let place = Rect {
        x: area.x,
        width: width.min(area.width),
        ..area
    };
    if present {
        painter.fill(place, theme.bar);
        let at = Rect {
            x: place.x + 2,
            width: place.width.saturating_sub(2),
            ..place
        };
        text_field::line(line, at, painter);
        if let Some(rest) = field.ghost() {
            let x = at.x.saturating_add(typed).saturating_add(1);
            let style = theme.bar.patch(theme.dim);
            // Its first character stands below the cursor.
            let rest: String = rest.chars().skip(1).collect();
            painter.text(x, at.y, at.right().saturating_sub(x), &rest, style);
        }
    } else {
        let room = place.width.saturating_sub(2);
        if line.is_masked() {
            let dots = "•".repeat(line.text().chars().count().min(12));
            painter.text(place.x + 2, area.y, room, &dots, theme.text);
        } else if line.text().is_empty() {
            painter.text(place.x + 2, area.y, room, "–", theme.dim);
        } else {
            painter.text(place.x + 2, area.y, room, line.text(), theme.text);
        }
    }
    let x = if short {
        place.right() + 1
    } else {
        place.right().saturating_add(2)
    };
    painter.text(
        x,
        area.y,
        area.right().saturating_sub(x),
        &behind,
        theme.dim,
    );
}

fn buttons(state: &State, form: &Form, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    if area.height == 0 {
        return;
    }
    let y = area.bottom() - 1;
    if form.waiting.is_some() {
        let stop = state.keymap.hint(&[Context::Form], Action::StopWork);
        let doing = form.progress.as_deref().unwrap_or("Under way");
        let words = match (stop, &form.progress) {
            (Some(key), Some(_)) => format!("{doing}   Esc leaves it alone, {key} stops it"),
            _ => format!("{doing}; Esc leaves it alone"),
        };
        painter.text(area.x, y, area.width, &words, theme.warn);
        return;
    }
    let mut x = area.x;
    for (label, action) in [(form.accept, Action::Accept), ("Cancel", Action::Cancel)] {
        let from = x;
        let room = |x: u16| area.right().saturating_sub(x);
        if let Some(key) = state.keymap.hint(&[Context::Form], action) {
            x += painter.text(x, y, room(x), &key.to_string(), theme.key) + 1;
        }
        x += painter.text(x, y, room(x), label, theme.text);
        let hit = Rect {
            x: from,
            y,
            width: x.saturating_sub(from),
            height: 1,
        };
        painter.hit(hit, Target::Action(action));
        x += 3;
    }
}
