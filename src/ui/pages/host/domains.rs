//! What the domains of a host have and may use.

use ratatui::layout::Rect;

use super::{centred, rows, select};
use crate::app::{Host, Tone, cap_percent};
use crate::hostfacts::Guest;
use crate::text::bytes;
use crate::ui::pages::Painter;

/// Headings and their widths, behind the name; the last takes what is left.
const COLUMNS: [(&str, u16); 8] = [
    ("vCPU", 5),
    ("MEMORY", 13),
    ("LIMIT", 7),
    ("PAGES", 7),
    ("SHARES", 7),
    ("CAP", 5),
    ("I/O", 5),
    ("THROTTLED", 10),
];

fn cells(guest: &Guest) -> [String; 8] {
    let dash = || "–".to_owned();
    let kib = |kib: u64| bytes(kib.saturating_mul(1024));
    let number = |value: Option<u64>| value.map_or_else(dash, |value| value.to_string());
    let limits = &guest.limits;
    let memory = match guest.memory_kib == guest.most_memory_kib {
        true => kib(guest.memory_kib),
        false => format!(
            "{} of {}",
            kib(guest.memory_kib),
            kib(guest.most_memory_kib)
        ),
    };
    let pages = match guest.huge_pages.first() {
        None => dash(),
        Some(0) => "huge".to_owned(),
        Some(size) => kib(*size),
    };
    [
        guest.vcpus.to_string(),
        memory,
        limits.hard_kib.map_or_else(dash, kib),
        pages,
        number(limits.shares),
        cap_percent(limits).map_or_else(dash, |percent| format!("{percent}%")),
        number(limits.weight),
        match limits.throttled.is_empty() {
            true => dash(),
            false => limits.throttled.join(" "),
        },
    ]
}

/// Draws them.
pub fn render(page: &Host, area: Rect, painter: &mut Painter<'_>) {
    let guests = page.guests();
    if guests.is_empty() {
        return centred(&["This host has no domains.".to_owned()], area, painter);
    }
    let used: u16 = COLUMNS.iter().map(|(_, width)| width).sum();
    let name = area.width.saturating_sub(used + 2).clamp(12, 40);
    let columns = |first: u16| {
        COLUMNS.iter().scan(first, |x, (heading, width)| {
            let at = *x;
            *x += width;
            Some((at, *width, *heading))
        })
    };
    let first = area.x + 1 + name;
    painter.text(area.x + 1, area.y, name, "DOMAIN", painter.theme.dim);
    for (x, width, heading) in columns(first) {
        let room = width.min(area.right().saturating_sub(x));
        painter.text(x, area.y, room, heading, painter.theme.dim);
    }
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    for (index, line) in rows(page, body) {
        let Some(guest) = guests.get(index) else {
            continue;
        };
        let style = if guest.running {
            painter.theme.text
        } else {
            painter.theme.dim
        };
        painter.text(
            line.x + 1,
            line.y,
            name.saturating_sub(1),
            &guest.name,
            style,
        );
        let last = COLUMNS.len() - 1;
        for (at, ((x, width, _), cell)) in columns(first).zip(cells(guest)).enumerate() {
            let left = line.right().saturating_sub(x);
            let room = if at == last {
                left
            } else {
                left.min(width.saturating_sub(1))
            };
            let set = cell != "–" && at > 1;
            let style = if set && guest.running {
                painter.tone(Tone::Info)
            } else {
                style
            };
            painter.text(x, line.y, room, &cell, style);
        }
        select(page, index, line, painter);
    }
}
