//! The storage of a host: its pools, and the volumes of one.

use ratatui::layout::Rect;

use super::{Painter, centred, rows, tabs};
use crate::app::{
    Placed, STORAGE_TOLD, State, Storage, StorageTab, Target, Tone, VolumeColumn, VolumeRow,
    Volumes, full_tone,
};
use crate::model::{Leftover, Pool, StorageVolume};
use crate::protocol::SecretUse;
use crate::text;

/// Draws the present section.
pub fn render(state: &State, page: &Storage, area: Rect, painter: &mut Painter<'_>) {
    let count = |number: Option<usize>| number.map_or_else(String::new, |n| format!(" {n}"));
    let labels = StorageTab::ALL.map(|tab| {
        let number = match tab {
            StorageTab::Pools => page.pools().map(<[Pool]>::len),
            StorageTab::Secrets => page.secrets().map(<[SecretUse]>::len),
            StorageTab::Leftovers => page.leftovers().map(<[Leftover]>::len),
        };
        format!("{}{}", tab.label(), count(number))
    });
    let labels: Vec<(&str, Tone)> = labels
        .iter()
        .map(|label| (label.as_str(), Tone::Normal))
        .collect();
    let end = tabs::render(&labels, page.tab as usize, line(area, 0), painter);
    if state.connections.len() > 1 {
        let bar = painter.theme.bar;
        let width = area.right().saturating_sub(end + 2);
        painter.right(end + 1, area.y, width, host(state, page), bar);
    }
    match page.tab {
        StorageTab::Pools => pools(state, page, area, painter),
        StorageTab::Secrets => super::secrets::secrets(state, page, area, painter),
        StorageTab::Leftovers => super::secrets::leftovers(state, page, area, painter),
    }
}

fn pools(state: &State, page: &Storage, area: Rect, painter: &mut Painter<'_>) {
    let columns = state.pool_columns();
    for placed in &columns {
        let heading = rows::Heading {
            words: placed.column.header(),
            right: placed.column.right(),
            sorted: None,
        };
        rows::heading(placed, &heading, line(area, 1), painter);
    }
    let height = Storage::lines_in(area.height);
    let body = below(area, 2, height);
    let Some(pools) = page.pools() else {
        return centred(&nothing(state, page), body, painter);
    };
    if pools.is_empty() {
        return centred(&no_pools(state, page), body, painter);
    }
    let top = page.list().top();
    let shown = page.list().visible(usize::from(body.height));
    for ((y, uuid), index) in (body.y..body.bottom()).zip(shown).zip(top..) {
        let Some(pool) = page.pool(*uuid) else {
            continue;
        };
        let row = rows::Row {
            domain: crate::model::DomainId {
                connection: page.connection,
                uuid: *uuid,
            },
            selected: page.list().selected() == Some(*uuid),
        };
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        let cell = |placed: &Placed<_>| cell_of(placed, pool);
        row.draw(state, &columns, cell, place, painter);
        painter.hit(place, Target::Choice(index));
    }
    if let Some(pool) = page.selected() {
        told(
            pool_words(pool, page),
            below(area, 2 + height, STORAGE_TOLD),
            painter,
        );
    }
}

fn cell_of(placed: &Placed<crate::app::PoolColumn>, pool: &Pool) -> (crate::app::Cell, bool) {
    let width = usize::from(placed.width);
    (placed.column.cell(pool, width), placed.column.right())
}

/// Why there are no rows yet.
pub(super) fn nothing(state: &State, page: &Storage) -> Vec<String> {
    match page.failure() {
        Some(failure) => vec![failure.what.clone() + " failed.", failure.reason.clone()],
        None => vec![format!("Reading the storage of {} …", host(state, page))],
    }
}

fn no_pools(state: &State, page: &Storage) -> Vec<String> {
    vec![
        format!("{} has no storage pool.", host(state, page)),
        "n makes one.".to_owned(),
    ]
}

fn host<'a>(state: &'a State, page: &Storage) -> &'a str {
    state
        .connection(page.connection)
        .map_or("", |connection| connection.label.as_str())
}

fn pool_words(pool: &Pool, page: &Storage) -> Vec<(String, Tone)> {
    let mut what = vec![format!("{} ({})", pool.name, pool.kind)];
    what.extend(pool.path.clone());
    what.extend(pool.source.clone());
    let size = match (
        pool.capacity_bytes,
        pool.allocation_bytes,
        pool.available_bytes,
    ) {
        (Some(capacity), Some(allocation), Some(available)) => {
            let full = pool.percent();
            let words = format!(
                "{} in all, {} given away, {} left{}",
                text::bytes(capacity),
                text::bytes(allocation),
                text::bytes(available),
                full.map_or_else(String::new, |full| format!(
                    ": {} full",
                    text::percent(full)
                ))
            );
            (words, full.map_or(Tone::Normal, full_tone))
        }
        _ => (
            "Its size is known while it is active.".to_owned(),
            Tone::Dim,
        ),
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(pool.autostart.map(|on| {
        let words = if on {
            "starts with its host"
        } else {
            "does not start with its host"
        };
        words.to_owned()
    }));
    if pool.persistent == Some(false) {
        words.push("gone when it is stopped".to_owned());
    }
    words.push(pool.uuid.to_string());
    let last = match page.failure() {
        Some(failure) => (format!("Not read anew: {}", failure.reason), Tone::Bad),
        None => (words.join(" · "), Tone::Dim),
    };
    vec![(what.join(" · "), Tone::Normal), size, last]
}

/// Draws the volumes of a pool.
pub fn volumes(state: &State, page: &Volumes, area: Rect, painter: &mut Painter<'_>) {
    title(state, page, line(area, 0), painter);
    let columns = state.volume_columns();
    let (sort, reversed) = page.sorting();
    for placed in &columns {
        let heading = rows::Heading {
            words: placed.column.header(),
            right: placed.column.right(),
            // Names go up, sizes and times down.
            sorted: (placed.column == sort)
                .then_some(reversed == matches!(sort, VolumeColumn::Name | VolumeColumn::Format)),
        };
        rows::heading(placed, &heading, line(area, 1), painter);
    }
    let height = Volumes::lines_in(area.height);
    let body = below(area, 2, height);
    if page.list().rows().is_empty() {
        let words = match (page.failure(), page.is_known()) {
            (Some(failure), _) => vec![failure.what.clone() + " failed.", failure.reason.clone()],
            (None, false) => vec!["Reading the volumes …".to_owned()],
            (None, true) if page.place().filter.is_empty() => {
                vec![format!("{} has no volume.", page.pool.name)]
            }
            (None, true) => vec!["No volume matches.".to_owned()],
        };
        return centred(&words, body, painter);
    }
    let top = page.list().top();
    let shown = page.list().visible(usize::from(body.height));
    for ((y, number), index) in (body.y..body.bottom()).zip(shown).zip(top..) {
        let row = rows::Row {
            domain: crate::model::DomainId {
                connection: page.connection,
                uuid: page.pool.uuid,
            },
            selected: page.list().selected() == Some(*number),
        };
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        let cell = |placed: &Placed<VolumeColumn>| {
            let width = usize::from(placed.width);
            let cell = placed.column.cell(page, *number, state, width);
            (cell, placed.column.right())
        };
        row.draw(state, &columns, cell, place, painter);
        if page.is_marked(*number) {
            painter.text(
                area.right().saturating_sub(1),
                y,
                1,
                "✓",
                painter.theme.accent,
            );
        }
        painter.hit(place, Target::Choice(index));
    }
    if let Some((row, volume)) = page.list().selected().zip(page.selected()) {
        let words = volume_words(state, page, row, volume);
        told(words, below(area, 2 + height, STORAGE_TOLD), painter);
    }
}

/// Whose volumes they are, how many, and how full it is.
fn title(state: &State, page: &Volumes, area: Rect, painter: &mut Painter<'_>) {
    painter.fill(area, painter.theme.bar);
    let bar = painter.theme.bar;
    let (all, unread) = page.counts();
    let mut words = format!("{} · {}", page.pool.name, page.pool.kind);
    if page.is_known() {
        words.push_str(&match all {
            1 => " · 1 volume".to_owned(),
            all => format!(" · {all} volumes"),
        });
    }
    if unread > 0 {
        words.push_str(&format!(", reading {unread}"));
    }
    if state.connections.len() > 1
        && let Some(connection) = state.connection(page.connection)
    {
        words.push_str(&format!(" · {}", connection.label));
    }
    let used = painter.text(
        area.x + 1,
        area.y,
        area.width.saturating_sub(2),
        &words,
        bar,
    );
    if let (Some(full), Some(left)) = (page.pool.percent(), page.pool.available_bytes) {
        let words = format!("{} full, {} left", text::percent(full), text::bytes(left));
        let style = bar.patch(painter.tone(full_tone(full)));
        let width = area.width.saturating_sub(used + 4);
        painter.right(
            area.right().saturating_sub(width + 1),
            area.y,
            width,
            &words,
            style,
        );
    }
}

fn volume_words(
    state: &State,
    page: &Volumes,
    row: VolumeRow,
    volume: &StorageVolume,
) -> Vec<(String, Tone)> {
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
    let mut words = vec![format!(
        "{} for the guest, {} on disk",
        size(volume.capacity_bytes),
        size(volume.allocation_bytes)
    )];
    if volume.is_sparse() {
        let whole = size(volume.physical_bytes.or(volume.capacity_bytes));
        words.push(format!("sparse: the file says {whole}"));
    }
    words.extend(volume.format.clone());
    words.extend(
        volume
            .compat
            .as_ref()
            .map(|compat| format!("compat {compat}")),
    );
    words.extend(
        volume
            .encryption
            .as_ref()
            .map(|format| format!("encrypted ({format})")),
    );
    let users = page.users(row, state);
    let mut last = match users.as_slice() {
        [] => "Used by no domain that is known here".to_owned(),
        users => format!("Used by {}", users.join(", ")),
    };
    if let Some(base) = &volume.backing {
        let format = volume
            .backing_format
            .as_deref()
            .unwrap_or("format not said");
        last.push_str(&format!(" · based on {base} ({format})"));
    }
    vec![
        (volume.path.clone(), Tone::Normal),
        (words.join(" · "), Tone::Dim),
        (last, Tone::Normal),
    ]
}

/// What is told of the selected row, below a rule.
pub(super) fn told(lines: Vec<(String, Tone)>, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.border);
    for (y, (words, tone)) in (area.y + 1..area.bottom()).zip(lines) {
        let style = painter.tone(tone);
        painter.text(area.x + 1, y, area.width.saturating_sub(2), &words, style);
    }
}

/// A line of an area.
pub(super) fn line(area: Rect, at: u16) -> Rect {
    below(area, at, 1)
}

/// `height` lines of an area from a line on.
pub(super) fn below(area: Rect, from: u16, height: u16) -> Rect {
    Rect {
        y: area.y.saturating_add(from),
        height,
        ..area
    }
    .intersection(area)
}
