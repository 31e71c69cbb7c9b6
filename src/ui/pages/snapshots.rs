//! The snapshots of a domain: the tree, and what there is to know of the selected one beside it or below.

use chrono::{DateTime, Local};
use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{Snapshots, State, Target, Tone};
use crate::model::{Checkpoint, Snapshot};
use crate::text;

/// Widths of the columns behind the name.
const FIGURES: [(&str, u16); 5] = [
    ("Created", 16),
    ("State", 9),
    ("Kind", 10),
    ("Mem", 3),
    ("Size", 6),
];
/// Blanks between two columns.
const GAP: u16 = 2;
/// Columns of the words on the left of what is told.
const LABEL: u16 = 12;

/// Draws the page.
pub fn render(state: &State, page: &Snapshots, area: Rect, painter: &mut Painter<'_>) {
    if page.read().is_none() {
        let lines = match page.failure() {
            Some(failure) => vec![
                "The snapshots cannot be read.".to_owned(),
                failure.reason.clone(),
            ],
            None => vec!["Reading the snapshots …".to_owned()],
        };
        return centred(&lines, area, painter);
    }
    if page.list().rows().is_empty() {
        let mut lines = vec![
            "The domain has no snapshots.".to_owned(),
            "n takes one; A writes a backup of its disks.".to_owned(),
        ];
        lines.extend(page.no_internal());
        return centred(&lines, area, painter);
    }
    let (tree, told) = if Snapshots::is_beside(state.size.width) {
        let width = area.width * 3 / 5;
        let tree = Rect { width, ..area };
        let told = Rect {
            x: area.x + width + 1,
            width: area.width.saturating_sub(width + 1),
            ..area
        };
        for y in area.y..area.bottom() {
            painter.text(area.x + width, y, 1, "│", painter.theme.dim);
        }
        (tree, told)
    } else {
        let lines = u16::try_from(page.tree_lines(state)).unwrap_or(u16::MAX);
        let height = lines.saturating_add(1).min(area.height);
        let tree = Rect { height, ..area };
        let mut told = Rect {
            y: tree.bottom(),
            height: area.bottom().saturating_sub(tree.bottom()),
            ..area
        };
        if told.height > 0 {
            let rule = "─".repeat(usize::from(area.width));
            painter.text(area.x, told.y, area.width, &rule, painter.theme.dim);
            told.y += 1;
            told.height -= 1;
        }
        (tree, told)
    };
    draw_tree(state, page, tree, painter);
    if told.is_empty() {
        return;
    }
    if let Some(snapshot) = page.selected() {
        let told = draw_picture(state, page, told, painter);
        tell(&of_snapshot(page, snapshot), told, painter);
    } else if let Some(checkpoint) = page.selected_checkpoint() {
        tell(&of_checkpoint(checkpoint), told, painter);
    }
}

/// Draws what the screen showed, below what is told where that stands beside the tree, else on its right; gives what is left.
fn draw_picture(state: &State, page: &Snapshots, told: Rect, painter: &mut Painter<'_>) -> Rect {
    let Some(picture) = page.picture() else {
        return told;
    };
    let lines = picture.height().div_ceil(2);
    if Snapshots::is_beside(state.size.width) {
        let height = (lines + 2).min(told.height);
        let left = Rect {
            height: told.height - height,
            ..told
        };
        let place = Rect {
            x: told.x + 1,
            y: left.bottom() + 2,
            width: told.width.saturating_sub(1),
            height: height.saturating_sub(2),
        };
        let words = "Its screen then";
        painter.text(
            place.x,
            left.bottom() + 1,
            place.width,
            words,
            painter.theme.dim,
        );
        super::display::pixels(picture, place, painter);
        return left;
    }
    let width = picture.width().min(told.width);
    let left = Rect {
        width: told.width - width,
        ..told
    };
    let place = Rect {
        x: left.right(),
        width,
        ..told
    };
    super::display::pixels(picture, place, painter);
    left
}

/// Columns that the name has.
fn name_width(area: Rect) -> u16 {
    let behind: u16 = FIGURES.iter().map(|(_, width)| width + GAP).sum();
    let free = area.width.saturating_sub(1 + behind);
    if area.width > 110 { free / 2 } else { free }
}

fn draw_tree(state: &State, page: &Snapshots, area: Rect, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    let name = state.guest(page.id).map_or("", |guest| &guest.domain.name);
    let wide = name_width(area);
    let title = format!("Snapshots of {name}");
    painter.text(area.x + 1, area.y, wide, &title, dim);
    let mut x = area.x + 1 + wide + GAP;
    for (words, width) in FIGURES {
        let room = width.min(area.right().saturating_sub(x));
        painter.text(x, area.y, room, words, dim);
        x = x.saturating_add(width + GAP);
    }
    let room = area.right().saturating_sub(x);
    if room > 11 {
        painter.text(x, area.y, room, "Description", dim);
    }
    let lines = usize::from(area.height.saturating_sub(1));
    let rows = page.list().visible(lines);
    let top = page.list().top();
    for ((y, row), index) in (area.y + 1..area.bottom()).zip(rows).zip(top..) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        if let Some(snapshot) = page.snapshot(*row) {
            draw(page, snapshot, page.branches(index), line, wide, painter);
        } else if let Some(checkpoint) = page.checkpoint(*row) {
            draw_checkpoint(checkpoint, line, wide, painter);
        }
        if page.list().selected() == Some(*row) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(line.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
}

fn draw(
    page: &Snapshots,
    snapshot: &Snapshot,
    branches: &str,
    area: Rect,
    wide: u16,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let mut x = area.x + 1;
    let end = x + wide;
    // However deep the forks are, half of the column is left for the name.
    let branches = text::tail(branches, usize::from(wide / 2));
    x += painter.text(x, area.y, end - x, &branches, theme.dim);
    let (dot, style) = if snapshot.current {
        ("● ", theme.accent)
    } else {
        ("○ ", theme.dim)
    };
    x += painter.text(x, area.y, end.saturating_sub(x), dot, style);
    // A blank at an end would not be seen.
    let name = shown(&snapshot.name);
    let style = if snapshot.current {
        theme.title
    } else {
        theme.text
    };
    x += painter.text(x, area.y, end.saturating_sub(x), &name, style);
    let mark = " (current)";
    // The dot says it already where there is no room for the word.
    if snapshot.current && usize::from(end.saturating_sub(x)) >= mark.len() {
        painter.text(x, area.y, end.saturating_sub(x), mark, theme.accent);
    }
    let cells = [
        moment(snapshot.created),
        state_word(snapshot).to_owned(),
        snapshot.kind.word().to_owned(),
        if snapshot.memory { "yes" } else { "no" }.to_owned(),
        page.size(&snapshot.name)
            .map_or_else(|| "–".to_owned(), text::bytes),
    ];
    figures(
        &cells,
        snapshot.description.as_deref(),
        Rect { x: end, ..area },
        area.right(),
        painter,
    );
}

/// A checkpoint below the tree: its mark is another one, since nothing can go back to it.
fn draw_checkpoint(checkpoint: &Checkpoint, area: Rect, wide: u16, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let x = area.x + 1;
    let end = x + wide;
    let x = x + painter.text(x, area.y, wide, "◇ ", theme.dim);
    let name = shown(&checkpoint.name);
    painter.text(x, area.y, end.saturating_sub(x), &name, theme.text);
    let dash = || "–".to_owned();
    let cells = [
        moment(checkpoint.created),
        dash(),
        "checkpoint".to_owned(),
        dash(),
        dash(),
    ];
    figures(
        &cells,
        checkpoint.description.as_deref(),
        Rect { x: end, ..area },
        area.right(),
        painter,
    );
}

/// The cells behind the name, and the description where there is room.
fn figures(
    cells: &[String],
    description: Option<&str>,
    area: Rect,
    right: u16,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let mut x = area.x + GAP;
    for ((_, width), words) in FIGURES.iter().zip(cells) {
        let room = (*width).min(right.saturating_sub(x));
        painter.text(x, area.y, room, words, theme.dim);
        x = x.saturating_add(width + GAP);
    }
    let room = right.saturating_sub(x);
    if let (Some(description), true) = (description, room > 11) {
        painter.text(x, area.y, room, description, theme.text);
    }
}

/// A name as it can be told from others: one with blanks at an end stands in quotes.
fn shown(name: &str) -> String {
    if name.trim() == name && !name.is_empty() {
        name.to_owned()
    } else {
        format!("'{name}'")
    }
}

fn moment(seconds: Option<i64>) -> String {
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or_else(
        || "–".to_owned(),
        |time| {
            let time: DateTime<Local> = time.into();
            time.format("%Y-%m-%d %H:%M").to_string()
        },
    )
}

fn state_word(snapshot: &Snapshot) -> &str {
    match snapshot.state.as_str() {
        "" => "–",
        "shutoff" => "shut off",
        "disk-snapshot" => "disk only",
        other => other,
    }
}

/// What there is to know of a checkpoint.
fn of_checkpoint(checkpoint: &Checkpoint) -> Vec<Told> {
    let dash = || "–".to_owned();
    vec![
        ("Name", shown(&checkpoint.name), Tone::Normal),
        (
            "Description",
            checkpoint.description.clone().unwrap_or_else(dash),
            Tone::Normal,
        ),
        ("Taken", moment(checkpoint.created), Tone::Normal),
        (
            "Notes",
            format!(
                "what is written to {} since, for a backup of that alone",
                checkpoint.disks.join(", ")
            ),
            Tone::Normal,
        ),
        (
            "Follows",
            checkpoint.parent.as_deref().map_or_else(dash, shown),
            Tone::Normal,
        ),
    ]
}

/// A line of what is told: its word, the text, how it looks.
type Told = (&'static str, String, Tone);

/// What there is to know of a snapshot, a line each.
fn of_snapshot(page: &Snapshots, snapshot: &Snapshot) -> Vec<Told> {
    let dash = || "–".to_owned();
    let below = page.children(&snapshot.name);
    let mut disks = snapshot.targets().join(", ");
    if disks.is_empty() {
        disks = dash();
    }
    let mut lines = vec![
        ("Name", shown(&snapshot.name), Tone::Normal),
        (
            "Description",
            snapshot.description.clone().unwrap_or_else(dash),
            Tone::Normal,
        ),
        (
            "Taken",
            format!(
                "{}, the domain was {}",
                moment(snapshot.created),
                state_word(snapshot)
            ),
            Tone::Normal,
        ),
        (
            "Holds",
            format!(
                "{} disks {disks}; {}",
                snapshot.kind.word(),
                match (snapshot.memory, &snapshot.memory_file) {
                    (_, Some(file)) => format!("the memory in {file}"),
                    (true, None) => "the memory".to_owned(),
                    (false, None) => "no memory".to_owned(),
                }
            ),
            Tone::Normal,
        ),
        (
            "Tree",
            format!(
                "{}, {}",
                snapshot.parent.as_ref().map_or_else(
                    || "at the root".to_owned(),
                    |p| format!("above {}", shown(p))
                ),
                match below {
                    0 => "nothing hangs on it".to_owned(),
                    1 => "one hangs on it".to_owned(),
                    count => format!("{count} hang on it"),
                }
            ),
            Tone::Normal,
        ),
    ];
    if let Some(why) = page.no_revert(snapshot) {
        lines.push(("Revert", why, Tone::Warn));
    }
    if let Some(why) = page.no_delete(snapshot) {
        lines.push(("Delete", why, Tone::Warn));
    }
    if let Some(why) = page.no_internal() {
        lines.push(("New ones", why, Tone::Dim));
    }
    let files: Vec<String> = snapshot
        .disks
        .iter()
        .filter_map(|disk| {
            let overlay = disk.overlay.as_ref()?;
            let below = snapshot.file(&disk.target)?;
            Some(format!("{}: {overlay} above {below}", disk.target))
        })
        .collect();
    if !files.is_empty() {
        lines.push(("Files", files.join("; "), Tone::Dim));
    }
    lines
}

fn tell(lines: &[Told], area: Rect, painter: &mut Painter<'_>) {
    let mut y = area.y;
    let room = area.width.saturating_sub(LABEL + 2);
    for (label, words, tone) in lines {
        for (at, words) in crate::ui::painter::wrap(words, room).iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            if at == 0 {
                painter.text(area.x + 1, y, LABEL, label, painter.theme.dim);
            }
            painter.text(area.x + 1 + LABEL, y, room, words, painter.tone(*tone));
            y += 1;
        }
    }
}
