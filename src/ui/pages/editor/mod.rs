//! The editor: the way to the cursor, the text, what was found in it, and what lies above.

mod dialog;
mod popup;
mod review;
mod text;

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{EditorPage, EditorView, State};
use crate::schema::Severity;
use crate::text as words;

/// Draws the page.
pub fn render(state: &State, page: &EditorPage, area: Rect, painter: &mut Painter<'_>) {
    if let Some(review) = page.review() {
        review::render(page, review, area, painter);
    } else {
        edit(page, area, painter);
    }
    if let Some(shown) = page.dialog() {
        dialog::render(shown, area, painter);
    }
    let _ = state;
}

fn edit(page: &EditorPage, area: Rect, painter: &mut Painter<'_>) {
    let Some(editor) = page.shown() else {
        let lines = match page.failure() {
            Some(why) => vec![why.to_owned(), "Esc goes back.".to_owned()],
            None => vec![format!("Reading {} '{}' …", page.what.word(), page.name)],
        };
        return centred(&lines, area, painter);
    };
    let line = |y: u16| Rect {
        y,
        height: 1,
        ..area
    };
    way(page, line(area.y), painter);
    let mut top = area.y.saturating_add(1);
    if let Some(banner) = page.banner().filter(|_| top < area.bottom()) {
        let theme = painter.theme;
        let tone = if page.locked().is_some() {
            theme.change
        } else {
            theme.warn
        };
        let style = theme.bar.patch(tone);
        painter.fill(line(top), style);
        painter.text(
            area.x.saturating_add(1),
            top,
            area.width.saturating_sub(2),
            &banner,
            style,
        );
        top = top.saturating_add(1);
    }
    let panel = u16::try_from(page.panel_lines())
        .unwrap_or(0)
        .min(area.bottom().saturating_sub(top) / 2);
    let bottom = area.bottom().saturating_sub(panel);
    let body = Rect {
        y: top,
        height: bottom.saturating_sub(top),
        ..area
    };
    let cursor = text::render(page, editor, body, painter);
    if let Some(shown) = page.popup() {
        popup::render(page, shown, cursor, body, painter);
    }
    if panel > 0 {
        findings(
            page,
            Rect {
                y: bottom,
                height: panel,
                ..area
            },
            painter,
        );
    }
}

/// The way to the cursor, and on the right what is shown and how it stands.
fn way(page: &EditorPage, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    painter.fill(area, theme.bar);
    let Some(editor) = page.shown() else { return };
    let mut right: Vec<(String, ratatui::style::Style)> = Vec::new();
    if page.is_running() {
        for view in EditorView::ALL {
            let style = if view == page.view() {
                theme.selected
            } else {
                theme.dim
            };
            right.push((format!(" {} ", view.label()), style));
        }
        right.push((" ".to_owned(), theme.text));
    }
    if let Some((mode, pending)) = page.vi() {
        right.push((format!("{pending} {} ", mode.label()), theme.accent));
    }
    let cursor = editor.buffer().cursor();
    right.push((
        format!("{}:{} ", cursor.line + 1, cursor.column + 1),
        theme.dim,
    ));
    if page.is_changed() {
        right.push(("changed ".to_owned(), theme.change));
    }
    match page.counts() {
        _ if page.view() != EditorView::NextBoot => {}
        Some((0, 0)) if page.unchecked().is_some() => {
            right.push(("not validated ".to_owned(), theme.warn))
        }
        Some((0, 0)) => right.push(("valid ".to_owned(), theme.good)),
        Some((errors, warnings)) => {
            if errors > 0 {
                right.push((told(errors, "error"), theme.bad));
            }
            if warnings > 0 {
                right.push((told(warnings, "warning"), theme.warn));
            }
        }
        None => {}
    }
    let width: usize = right.iter().map(|(text, _)| words::width(text)).sum();
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let mut x = area.right().saturating_sub(width).max(area.x);
    for (text, style) in right {
        let used = painter.text(
            x,
            area.y,
            area.right().saturating_sub(x),
            &text,
            theme.bar.patch(style),
        );
        x = x.saturating_add(used);
    }
    let room = area.width.saturating_sub(width + 2);
    let path = editor
        .anatomy()
        .path(editor.text(), editor.buffer().at())
        .join(" › ");
    // Of a long way the end matters.
    let path = words::visible(&path).into_owned();
    let path = if words::width(&path) > usize::from(room) {
        words::fit_left(&path, usize::from(room))
    } else {
        path
    };
    painter.text(
        area.x.saturating_add(1),
        area.y,
        room,
        &path,
        theme.bar.patch(theme.accent),
    );
}

fn told(count: usize, what: &str) -> String {
    format!("{count} {what}{} ", if count == 1 { "" } else { "s" })
}

/// The list of what was found, from the one at or behind the cursor.
fn findings(page: &EditorPage, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let head = Rect { height: 1, ..area };
    painter.fill(head, theme.bar);
    let words = match page.unchecked() {
        Some(why) => format!("Problems: {why}"),
        None => "Problems".to_owned(),
    };
    painter.text(
        area.x.saturating_add(1),
        area.y,
        area.width.saturating_sub(2),
        &words,
        theme.bar.patch(theme.header),
    );
    let found = page.findings();
    if found.is_empty() {
        painter.text(
            area.x.saturating_add(1),
            area.y.saturating_add(1),
            area.width.saturating_sub(2),
            "None.",
            theme.dim,
        );
        return;
    }
    let here = page
        .shown()
        .map_or(0, |editor| editor.buffer().cursor().line + 1);
    let room = usize::from(area.height.saturating_sub(1));
    let at = found
        .iter()
        .position(|finding| finding.line >= here)
        .unwrap_or(0);
    let from = at.min(found.len().saturating_sub(room));
    for (y, finding) in (area.y.saturating_add(1)..area.bottom()).zip(&found[from..]) {
        let (mark, style) = match finding.severity {
            Severity::Error => ("✗", theme.bad),
            Severity::Warning => ("!", theme.warn),
        };
        painter.text(area.x.saturating_add(1), y, 1, mark, style);
        let place = format!("{}:{}", finding.line, finding.column);
        let used = painter.text(area.x.saturating_add(3), y, 9, &place, theme.dim);
        let x = area.x.saturating_add(3 + used.max(7) + 1);
        let room = area.right().saturating_sub(x + 1);
        let used = painter.text(x, y, room, &finding.message, theme.text);
        if let Some(hint) = &finding.hint {
            let x = x.saturating_add(used + 2);
            painter.text(x, y, area.right().saturating_sub(x + 1), hint, theme.dim);
        }
        painter.hit(
            Rect {
                y,
                height: 1,
                ..area
            },
            crate::app::Target::Text(finding.bytes.start),
        );
    }
}
