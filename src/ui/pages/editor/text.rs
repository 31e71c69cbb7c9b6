//! The lines of the text with their numbers, colours and marks.

use std::ops::Range;

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::Painter;
use crate::app::{EditorPage, EditorView, Target};
use crate::editor::Editor;
use crate::schema::{Finding, Severity};
use crate::text;
use crate::xml::scan::Kind;
use crate::xml::secrets::MASK;

/// What is marked in the whole text.
struct Marks<'a> {
    findings: Vec<&'a Finding>,
    selection: Option<Range<usize>>,
    tags: Option<[Range<usize>; 2]>,
    found: Vec<Range<usize>>,
    changed: Vec<usize>,
}

/// A run of characters with one style, and the byte where it begins.
struct Run {
    words: String,
    style: Style,
    at: usize,
}

/// Draws the lines that are seen, and puts the cursor.
pub fn render(
    page: &EditorPage,
    editor: &Editor,
    area: Rect,
    painter: &mut Painter<'_>,
) -> Option<Position> {
    let mut shown = None;
    if area.is_empty() {
        return shown;
    }
    let buffer = editor.buffer();
    let lines = editor.seen(usize::from(area.height));
    let digits = buffer.lines().len().to_string().len().max(3);
    let number = u16::try_from(digits).unwrap_or(5);
    let x = area.x.saturating_add(number + 4).min(area.right());
    let width = area.right().saturating_sub(x);
    let from = buffer.start_of(lines.first().copied().unwrap_or(0));
    let to = buffer.line_range(lines.last().copied().unwrap_or(0)).end;
    let edited = page.view() == EditorView::NextBoot;
    let marks = Marks {
        findings: if edited { page.findings() } else { Vec::new() },
        selection: buffer.selection(),
        tags: editor.anatomy().tags_at(buffer.at()),
        found: page.pattern().map_or_else(Vec::new, |pattern| {
            pattern.places(buffer.text(), from..to).collect()
        }),
        changed: if edited {
            page.changed_lines()
        } else {
            Vec::new()
        },
    };
    let cursor = buffer.cursor();
    let left = left_of(page, editor, width);
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        if line == cursor.line {
            painter.restyle(row, current(painter));
        }
        margin(page, editor, line, number, &marks, row, painter);
        let runs = runs(page, editor, line, &marks, painter);
        let hidden = editor.folded(line);
        let mut column = 0_usize;
        for run in runs {
            let wide = text::width(&run.words);
            let end = column + wide;
            if end > left && column < left + usize::from(width) {
                let (shown, at) = if column < left {
                    (behind(&run.words, left - column), left)
                } else {
                    (run.words.as_str(), column)
                };
                let place = x.saturating_add(u16::try_from(at - left).unwrap_or(u16::MAX));
                let used = painter.text(
                    place,
                    y,
                    area.right().saturating_sub(place),
                    shown,
                    run.style,
                );
                painter.hit(
                    Rect {
                        x: place,
                        y,
                        width: used,
                        height: 1,
                    },
                    Target::Text(run.at),
                );
            }
            column = end;
        }
        if let Some(hidden) = hidden {
            let place =
                x.saturating_add(u16::try_from(column.saturating_sub(left)).unwrap_or(u16::MAX));
            let words = format!(" … {} lines", hidden.len());
            painter.text(
                place,
                y,
                area.right().saturating_sub(place),
                &words,
                painter.theme.dim,
            );
        }
        if line == cursor.line {
            let column = column_of(page, editor, cursor.line, cursor.column);
            if column >= left {
                let at = u16::try_from(column - left).unwrap_or(u16::MAX);
                if at < width.max(1) {
                    painter.cursor(x.saturating_add(at), y);
                    shown = Some(Position::new(x.saturating_add(at), y));
                }
            }
        }
    }
    shown
}

/// The background of the line with the cursor: the quiet one of the bars, where that is no reversal.
fn current(painter: &Painter<'_>) -> Style {
    if painter.theme.bar.add_modifier.contains(Modifier::REVERSED) {
        Style::new()
    } else {
        painter.theme.bar
    }
}

/// Number, marks of change, of folds and of findings.
fn margin(
    page: &EditorPage,
    editor: &Editor,
    line: usize,
    number: u16,
    marks: &Marks<'_>,
    row: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let is_current = editor.buffer().cursor().line == line;
    if marks.changed.binary_search(&line).is_ok() {
        painter.text(row.x, row.y, 1, "▌", theme.change);
    }
    let style = if is_current { theme.header } else { theme.dim };
    painter.right(
        row.x.saturating_add(1),
        row.y,
        number,
        &(line + 1).to_string(),
        style,
    );
    let worst = marks
        .findings
        .iter()
        .filter(|finding| finding.line == line + 1)
        .map(|finding| finding.severity)
        .min();
    let x = row.x.saturating_add(number + 1);
    match worst {
        Some(Severity::Error) => {
            painter.text(x, row.y, 1, "✗", theme.bad);
        }
        Some(Severity::Warning) => {
            painter.text(x, row.y, 1, "!", theme.warn);
        }
        None => {
            if editor.folded(line).is_some() {
                painter.text(x, row.y, 1, "▸", theme.accent);
            } else if page.view() == EditorView::NextBoot && editor.foldable(line).is_some() {
                painter.text(x, row.y, 1, "▾", theme.dim);
            }
        }
    }
}

/// The first column that is shown, so that the cursor is.
fn left_of(page: &EditorPage, editor: &Editor, width: u16) -> usize {
    let cursor = editor.buffer().cursor();
    let column = column_of(page, editor, cursor.line, cursor.column);
    let width = usize::from(width);
    if column < width.saturating_sub(1) {
        return 0;
    }
    let step = (width / 2).max(1);
    (column + 1 - width).div_ceil(step) * step
}

/// The bytes of a line that are masked.
fn masked(page: &EditorPage, editor: &Editor, line: Range<usize>) -> Vec<Range<usize>> {
    if page.is_revealed() {
        return Vec::new();
    }
    let secrets = editor.anatomy().secrets();
    let from = secrets.partition_point(|secret| secret.end <= line.start);
    secrets[from..]
        .iter()
        .take_while(|secret| secret.start < line.end)
        .map(|secret| secret.start.max(line.start)..secret.end.min(line.end))
        .collect()
}

/// The column on the screen of a character of a line.
fn column_of(page: &EditorPage, editor: &Editor, line: usize, column: usize) -> usize {
    let range = editor.buffer().line_range(line);
    let hidden = masked(page, editor, range.clone());
    let mut at = 0;
    let words = &editor.text()[range.clone()];
    for (count, (byte, c)) in words.char_indices().enumerate() {
        if count == column {
            break;
        }
        let byte = range.start + byte;
        match hidden.iter().find(|secret| secret.contains(&byte)) {
            // The mask has one width whatever is behind it.
            Some(secret) if byte == secret.start => at += text::width(MASK),
            Some(_) => {}
            None => at += shown_width(c),
        }
    }
    at
}

fn shown_width(c: char) -> usize {
    let mut buffer = [0; 4];
    if c == '\t' {
        return TAB.len();
    }
    let one: &str = c.encode_utf8(&mut buffer);
    if text::is_hidden(c) {
        text::width(&text::visible(one))
    } else {
        text::width(one)
    }
}

/// What a tab is shown as.
const TAB: &str = "    ";

/// A line in runs of one style.
fn runs(
    page: &EditorPage,
    editor: &Editor,
    line: usize,
    marks: &Marks<'_>,
    painter: &Painter<'_>,
) -> Vec<Run> {
    let theme = painter.theme;
    let range = editor.buffer().line_range(line);
    let text = editor.text();
    let hidden = masked(page, editor, range.clone());
    let here: Vec<&Finding> = marks
        .findings
        .iter()
        .filter(|finding| {
            finding.bytes.start < range.end.max(range.start + 1) && finding.bytes.end > range.start
        })
        .copied()
        .collect();
    let plain_lines = page.view() == EditorView::Waiting;
    let mut runs: Vec<Run> = Vec::new();
    for word in editor.anatomy().words_in(range.clone()) {
        let base = match word.kind {
            _ if plain_lines => theme.text,
            Kind::Mark | Kind::Comment | Kind::Instruction | Kind::Doctype => theme.dim,
            Kind::Element => theme.accent,
            Kind::Attribute => theme.change,
            Kind::Value => theme.good,
            Kind::Cdata | Kind::Reference => theme.warn,
            Kind::Text | Kind::Blank => theme.text,
        };
        let piece = word.range.start.max(range.start)..word.range.end.min(range.end);
        for (at, c) in text[piece.clone()].char_indices() {
            let at = piece.start + at;
            let secret = hidden.iter().find(|secret| secret.contains(&at));
            if secret.is_some_and(|secret| secret.start != at) {
                continue;
            }
            let mut style = base;
            if marks
                .tags
                .as_ref()
                .is_some_and(|tags| tags.iter().any(|tag| tag.contains(&at)))
            {
                style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
            }
            if let Some(worst) = here
                .iter()
                .filter(|finding| finding.bytes.contains(&at))
                .map(|finding| finding.severity)
                .min()
            {
                let colour = match worst {
                    Severity::Error => theme.bad,
                    Severity::Warning => theme.warn,
                };
                style = style.patch(colour).add_modifier(Modifier::UNDERLINED);
            }
            if marks.found.iter().any(|found| found.contains(&at)) {
                style = style.patch(theme.matched);
            }
            if marks
                .selection
                .as_ref()
                .is_some_and(|selected| selected.contains(&at))
            {
                style = style.patch(theme.selected);
            }
            let mut buffer = [0; 4];
            let one: &str = match (secret, c) {
                (Some(_), _) => MASK,
                (None, '\t') => TAB,
                (None, c) => c.encode_utf8(&mut buffer),
            };
            let shown = if text::is_hidden(c) && secret.is_none() && c != '\t' {
                text::visible(one).into_owned()
            } else {
                one.to_owned()
            };
            match runs.last_mut().filter(|run| run.style == style) {
                Some(run) => run.words.push_str(&shown),
                None => runs.push(Run {
                    words: shown,
                    style,
                    at,
                }),
            }
        }
    }
    runs
}

/// What stands behind so many columns.
fn behind(words: &str, columns: usize) -> &str {
    let mut used = 0;
    for (unit, wide) in text::units(words) {
        if used >= columns {
            let at = unit.as_ptr() as usize - words.as_ptr() as usize;
            return &words[at..];
        }
        used += wide;
    }
    ""
}
