//! The secrets of a host, and the files that nobody needs.

use std::time::SystemTime;

use ratatui::layout::Rect;

use super::storage::{below, line, nothing, told};
use super::{Painter, centred};
use crate::app::{STORAGE_TOLD, State, Storage, Target, Tone};
use crate::model::Leftover;
use crate::protocol::SecretUse;
use crate::text;

/// Blanks between two columns.
const GAP: u16 = 2;

/// A column: its heading, its width, whether it stands on the right.
type Column = (&'static str, u16, bool);

/// Draws the secrets.
pub fn secrets(state: &State, page: &Storage, area: Rect, painter: &mut Painter<'_>) {
    let users = area.width.saturating_sub(10 + 28 + 8 + 4 * GAP);
    let columns: [Column; 4] = [
        ("For", 9, false),
        ("Name", 28, false),
        ("Value", 8, false),
        ("Used by", users, false),
    ];
    headings(&columns, line(area, 1), painter);
    let height = Storage::lines_in(area.height);
    let body = below(area, 2, height);
    let Some(all) = page.secrets() else {
        return centred(&nothing(state, page), body, painter);
    };
    if all.is_empty() {
        let words = ["There is no secret.".to_owned(), "n makes one.".to_owned()];
        return centred(&words, body, painter);
    }
    let list = page.secret_list();
    let shown = list.visible(usize::from(body.height));
    for ((y, uuid), index) in (body.y..body.bottom()).zip(shown).zip(list.top()..) {
        let Some(one) = all.iter().find(|one| one.secret.uuid == *uuid) else {
            continue;
        };
        let secret = &one.secret;
        let name = secret
            .usage_id
            .clone()
            .unwrap_or_else(|| secret.uuid.to_string());
        let cells = [
            (
                secret.usage.clone().unwrap_or_else(|| "–".to_owned()),
                Tone::Normal,
            ),
            (name, Tone::Strong),
            value_words(one),
            (one.users.join(", "), Tone::Info),
        ];
        let place = below(area, y - area.y, 1);
        row(
            &columns,
            &cells,
            place,
            list.selected() == Some(*uuid),
            false,
            painter,
        );
        painter.hit(place, Target::Choice(index));
    }
    if let Some(one) = page.selected_secret() {
        told(
            secret_words(page, one),
            below(area, 2 + height, STORAGE_TOLD),
            painter,
        );
    }
}

fn value_words(one: &SecretUse) -> (String, Tone) {
    match (one.has_value, one.secret.private) {
        (Some(true), _) => ("set".to_owned(), Tone::Good),
        (Some(false), _) => ("none".to_owned(), Tone::Warn),
        (None, true) => ("private".to_owned(), Tone::Dim),
        (None, false) => ("–".to_owned(), Tone::Dim),
    }
}

fn secret_words(page: &Storage, one: &SecretUse) -> Vec<(String, Tone)> {
    let secret = &one.secret;
    let mut what = vec![secret.uuid.to_string()];
    what.extend(secret.description.clone());
    if secret.ephemeral {
        what.push("in memory only".to_owned());
    }
    if secret.private {
        what.push("private".to_owned());
    }
    let users = match one.users.as_slice() {
        [] => "Nobody on this host names it.".to_owned(),
        users => format!("Used by {}", users.join(", ")),
    };
    let value = match page.value() {
        None => (
            "Its value is shown by a key, to nobody else.".to_owned(),
            Tone::Dim,
        ),
        Some(None) => ("It has no value.".to_owned(), Tone::Warn),
        Some(Some(value)) => match std::str::from_utf8(value.bytes()) {
            Ok(text) => (format!("Value: {}", text::visible(text)), Tone::Warn),
            Err(_) => {
                let hex: Vec<String> = value
                    .bytes()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                (format!("Value (hex): {}", hex.join("")), Tone::Warn)
            }
        },
    };
    vec![
        (what.join(" · "), Tone::Normal),
        (users, Tone::Normal),
        value,
    ]
}

/// Draws the files that nobody needs.
pub fn leftovers(state: &State, page: &Storage, area: Rect, painter: &mut Painter<'_>) {
    let path = area.width.saturating_sub(12 + 8 + 12 + 4 * GAP + 1);
    let columns: [Column; 4] = [
        ("What", 11, false),
        ("File", path, false),
        ("On disk", 8, true),
        ("Changed", 12, false),
    ];
    headings(&columns, line(area, 1), painter);
    let height = Storage::lines_in(area.height);
    let body = below(area, 2, height);
    let Some(all) = page.leftovers() else {
        let mut words = nothing(state, page);
        if page.failure().is_none() {
            words = vec!["Looking at all domains, snapshots and volumes …".to_owned()];
        }
        return centred(&words, body, painter);
    };
    if all.is_empty() {
        let words = [
            "Nothing is left over.".to_owned(),
            "Every volume is named by a domain, a snapshot or another volume.".to_owned(),
        ];
        return centred(&words, body, painter);
    }
    let list = page.leftover_list();
    let shown = list.visible(usize::from(body.height));
    for ((y, number), index) in (body.y..body.bottom()).zip(shown).zip(list.top()..) {
        let Some(one) = page.leftover(*number) else {
            continue;
        };
        let named = match &one.inside {
            Some(name) => format!("{} › {name}", one.path),
            None => one.path.clone(),
        };
        let visible = text::visible(&named);
        let size = one.allocation_bytes;
        let cells = [
            (one.kind.label().to_owned(), Tone::Normal),
            (text::tail(&visible, path.into()).into_owned(), Tone::Strong),
            (
                size.map_or_else(|| "–".to_owned(), text::bytes),
                Tone::Normal,
            ),
            (age(state.now.wall, one.changed), Tone::Dim),
        ];
        let place = below(area, y - area.y, 1);
        let selected = list.selected() == Some(*number);
        row(
            &columns,
            &cells,
            place,
            selected,
            page.is_marked(*number),
            painter,
        );
        painter.hit(place, Target::Choice(index));
    }
    let selected = list.selected().and_then(|number| page.leftover(number));
    if let Some(one) = selected {
        let words = leftover_words(page, all, one);
        told(words, below(area, 2 + height, STORAGE_TOLD), painter);
    }
}

fn age(now: SystemTime, at: Option<SystemTime>) -> String {
    let age = at.and_then(|at| now.duration_since(at).ok());
    age.map_or_else(
        || "–".to_owned(),
        |age| format!("{} ago", text::duration_short(age)),
    )
}

fn leftover_words(page: &Storage, all: &[Leftover], one: &Leftover) -> Vec<(String, Tone)> {
    let sum = |wanted: &dyn Fn(usize) -> bool| -> u64 {
        let chosen = all.iter().enumerate().filter(|(at, _)| wanted(*at));
        chosen.filter_map(|(_, one)| one.allocation_bytes).sum()
    };
    let marked = (0..all.len()).filter(|at| page.is_marked(*at)).count();
    let total = if marked > 0 {
        format!(
            "{marked} marked, {} of room; {} in all",
            text::bytes(sum(&|at| page.is_marked(at))),
            text::bytes(sum(&|_| true))
        )
    } else {
        format!(
            "{} files, {} of room in all",
            all.len(),
            text::bytes(sum(&|_| true))
        )
    };
    vec![
        (
            match &one.inside {
                Some(_) => format!(
                    "{}: Delete tells how it is taken out",
                    text::visible(&one.path)
                ),
                None => one.path.clone(),
            },
            Tone::Normal,
        ),
        (one.proof.clone(), Tone::Dim),
        (total, Tone::Normal),
    ]
}

fn headings(columns: &[Column], area: Rect, painter: &mut Painter<'_>) {
    let mut x = area.x.saturating_add(1);
    for (words, width, right) in columns {
        let dim = painter.theme.dim;
        if *right {
            painter.right(x, area.y, *width, words, dim);
        } else {
            painter.text(x, area.y, *width, words, dim);
        }
        x = x.saturating_add(width + GAP);
    }
}

fn row(
    columns: &[Column],
    cells: &[(String, Tone)],
    area: Rect,
    selected: bool,
    marked: bool,
    painter: &mut Painter<'_>,
) {
    let mut x = area.x.saturating_add(1);
    for ((_, width, right), (words, tone)) in columns.iter().zip(cells) {
        let width = (*width).min(area.right().saturating_sub(x));
        let style = painter.tone(*tone);
        if *right {
            painter.right(x, area.y, width, words, style);
        } else {
            painter.text(x, area.y, width, words, style);
        }
        x = x.saturating_add(width + GAP);
    }
    if selected {
        painter.restyle(area, painter.theme.selected);
        let mark = painter.theme.selected.patch(painter.theme.accent);
        painter.text(area.x, area.y, 1, "▌", mark);
    }
    if marked {
        let at = area.right().saturating_sub(1);
        painter.text(at, area.y, 1, "✓", painter.theme.accent);
    }
}
