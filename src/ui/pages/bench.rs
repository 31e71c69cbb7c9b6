//! The disks of a domain: the chains as a tree, and below it what there is to know of the selected disk.

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{BENCH_BANNER, Bench, BenchRow, State, Target, Tone};
use crate::model::{DiskFacts, DiskLayer, GuestFileSystem};
use crate::stats::DiskFigures;
use crate::text;

/// Columns of the words on the left of the facts.
const LABEL: u16 = 9;
/// Widths of the columns of figures: format, size, on disk.
const FIGURES: [u16; 3] = [7, 6, 8];
/// Blanks between two columns.
const GAP: u16 = 2;

/// Draws the page.
pub fn render(state: &State, page: &Bench, area: Rect, painter: &mut Painter<'_>) {
    let mut body = area;
    if let Some(why) = page.stopped(state) {
        let lines = u16::try_from(BENCH_BANNER).unwrap_or(0).min(area.height);
        let width = area.width.saturating_sub(2);
        for (y, words) in (area.y..area.y + lines).zip(text::wrap(&why, width.into())) {
            painter.text(area.x + 1, y, width, &words, painter.theme.bad);
        }
        body.y += lines;
        body.height -= lines;
    }
    let Some(disks) = page.disks() else {
        let lines = match page.failure() {
            Some(failure) => vec![
                "The disks cannot be read.".to_owned(),
                failure.reason.clone(),
            ],
            None => vec!["Reading the disks …".to_owned()],
        };
        return centred(&lines, body, painter);
    };
    if disks.disks.is_empty() {
        let lines = vec![
            "The domain has no disks.".to_owned(),
            "+ plugs one in.".to_owned(),
        ];
        return centred(&lines, body, painter);
    }
    let height = u16::try_from(page.tree_lines(state)).unwrap_or(u16::MAX);
    let tree = Rect {
        height: height.saturating_add(1).min(body.height),
        ..body
    };
    draw_tree(state, page, tree, painter);
    let below = Rect {
        y: tree.bottom(),
        height: body.bottom().saturating_sub(tree.bottom()),
        ..body
    };
    if let (Some(disk), false) = (page.selected_disk(), below.is_empty()) {
        facts(state, page, disk, below, painter);
    }
}

/// Where each column of the tree stands: name, format, size, on disk, pool and users.
struct Columns {
    name: Rect,
    figures: [Rect; 3],
    rest: Rect,
}

fn columns(area: Rect) -> Columns {
    let figures: u16 = FIGURES.iter().map(|width| width + GAP).sum();
    let free = area.width.saturating_sub(figures + 2);
    // Paths are long and their ends tell them apart.
    let name = free * 3 / 5;
    let mut x = area.x.saturating_add(1 + name + GAP);
    let places = FIGURES.map(|width| {
        let at = Rect { x, width, ..area };
        x = x.saturating_add(width + GAP);
        at
    });
    Columns {
        name: Rect {
            x: area.x.saturating_add(1),
            width: name,
            ..area
        },
        figures: places,
        rest: Rect {
            x,
            width: area.right().saturating_sub(x),
            ..area
        },
    }
}

fn draw_tree(state: &State, page: &Bench, area: Rect, painter: &mut Painter<'_>) {
    let head = Rect { height: 1, ..area };
    let at = columns(head);
    let dim = painter.theme.dim;
    let name = state.guest(page.id).map_or("", |guest| &guest.domain.name);
    let title = format!("Disks of {name}");
    painter.text(at.name.x, head.y, at.name.width, &title, dim);
    for (place, words) in at.figures.iter().zip(["Format", "Size", "On disk"]) {
        if words == "Format" {
            painter.text(place.x, head.y, place.width, words, dim);
        } else {
            painter.right(place.x, head.y, place.width, words, dim);
        }
    }
    let long = "Pool · who else uses it";
    let words = if usize::from(at.rest.width) < text::width(long) {
        "Pool · others"
    } else {
        long
    };
    painter.text(at.rest.x, head.y, at.rest.width, words, dim);
    let rows = page
        .list()
        .visible(usize::from(area.height.saturating_sub(1)));
    let top = page.list().top();
    for ((y, row), index) in (area.y + 1..area.bottom()).zip(rows).zip(top..) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let Some(disk) = page.disk(*row) else {
            continue;
        };
        match page.layer(*row) {
            None => draw_disk(state, page, disk, line, painter),
            Some(layer) => draw_layer(page, disk, *row, layer, line, painter),
        }
        if page.list().selected() == Some(*row) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(line.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
}

fn draw_disk(state: &State, page: &Bench, disk: &DiskFacts, area: Rect, painter: &mut Painter<'_>) {
    let mut words = vec![disk.device.clone()];
    words.extend(disk.bus.clone());
    if disk.readonly {
        words.push("read-only".to_owned());
    }
    if disk.layers.is_empty() {
        words.push("empty".to_owned());
    }
    if disk.next_start == Some(false) {
        words.push("until power-off".to_owned());
    }
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    let used = painter.text(x, area.y, room, &disk.target, painter.theme.title) + 2;
    let text = words.join(" ");
    let style = painter.theme.dim;
    let more = painter.text(x + used, area.y, room.saturating_sub(used), &text, style) + 2;
    let at = x.saturating_add(used + more);
    let room = area.right().saturating_sub(at + 1);
    if let Some(error) = disk.error {
        painter.text(at, area.y, room, error.label(), painter.theme.bad);
    } else if let Some(job) = job_words(state, page, disk) {
        painter.text(at, area.y, room, &job, painter.theme.accent);
    } else if !disk.limits.is_empty() {
        painter.text(at, area.y, room, "limited", painter.theme.warn);
    }
}

fn draw_layer(
    page: &Bench,
    disk: &DiskFacts,
    row: BenchRow,
    layer: &DiskLayer,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let at = columns(area);
    let depth = row.layer.unwrap_or(0);
    let last = depth + 1 == disk.layers.len();
    let branch = match (depth, last) {
        (0, _) => "● ",
        (_, true) => "└ ",
        (_, false) => "├ ",
    };
    let indent = 2;
    painter.text(at.name.x + indent, area.y, 2, branch, painter.theme.dim);
    let room = at.name.width.saturating_sub(indent + 2);
    let visible = text::visible(&layer.source);
    let path = text::tail(&visible, room.into());
    painter.text(
        at.name.x + indent + 2,
        area.y,
        room,
        &path,
        painter.theme.text,
    );
    let format = layer.format.as_deref().unwrap_or("–");
    painter.text(
        at.figures[0].x,
        area.y,
        at.figures[0].width,
        format,
        painter.theme.text,
    );
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
    for (place, bytes) in [
        (at.figures[1], layer.capacity_bytes),
        (at.figures[2], layer.allocation_bytes),
    ] {
        painter.right(
            place.x,
            area.y,
            place.width,
            &size(bytes),
            painter.theme.text,
        );
    }
    let mut x = at.rest.x;
    let pool = layer.pool.as_deref().unwrap_or("no pool");
    let style = match page.pool(layer).and_then(|pool| pool.percent()) {
        Some(full) if full >= 98.0 => painter.theme.bad,
        Some(full) if full >= 85.0 => painter.theme.warn,
        _ => painter.theme.dim,
    };
    x += painter.text(x, area.y, at.rest.right().saturating_sub(x), pool, style) + 1;
    let room = at.rest.right().saturating_sub(x);
    match page.users(&layer.source) {
        None => {
            painter.text(x, area.y, room, "· …", painter.theme.dim);
        }
        Some(users) if users.is_empty() => {}
        Some(users) => {
            let words = format!("· {}", users.join(", "));
            painter.text(x, area.y, room, &words, painter.theme.warn);
        }
    }
}

/// What runs on a disk, how far.
fn job_words(state: &State, page: &Bench, disk: &DiskFacts) -> Option<String> {
    if let Some(one) = state.job_on_disk(page.id, &disk.target) {
        let part = one.part().map_or_else(String::new, |part| {
            format!(" {}", text::percent(part * 100.0))
        });
        let state = if one.job.ready {
            " ready: f pivots"
        } else {
            ""
        };
        return Some(format!("{}{part}{state}", one.job.kind.label()));
    }
    let job = disk.job?;
    #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
    let part = match job.end {
        0 => String::new(),
        end => format!(" {}", text::percent(job.done as f64 * 100.0 / end as f64)),
    };
    Some(format!("{}{part}", job.kind.label()))
}

/// What there is to know of a disk, a line each: label, words, tone.
fn facts(state: &State, page: &Bench, disk: &DiskFacts, area: Rect, painter: &mut Painter<'_>) {
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.dim);
    let title = format!(" {} ", disk.target);
    painter.text(
        area.x + 2,
        area.y,
        area.width.saturating_sub(4),
        &title,
        painter.theme.title,
    );
    let mut lines: Vec<(&str, String, Tone)> = vec![("Device", device(disk), Tone::Normal)];
    lines.push(("Now", throughput(state, page, disk), Tone::Normal));
    lines.push(errors(disk, page));
    if let Some(one) = state.job_on_disk(page.id, &disk.target) {
        let mut words = vec![job_words(state, page, disk).unwrap_or_default()];
        words.extend(
            one.job
                .speed_bps
                .map(|speed| format!("{}/s", text::bytes(speed))),
        );
        words.extend(
            one.job
                .limit_bps
                .map(|limit| format!("limit {}/s", text::bytes(limit))),
        );
        words.extend(
            disk.mirror
                .as_ref()
                .map(|mirror| format!("to {}", mirror.source)),
        );
        lines.push(("Job", words.join("  "), Tone::Info));
    }
    let limits: Vec<String> = disk
        .limits
        .iter()
        .map(|(name, value)| {
            let words = name
                .replace("_bytes_sec", "")
                .replace("_iops_sec", " requests");
            format!("{} {}", words.replace('_', " "), limit(name, *value))
        })
        .collect();
    let limits = if limits.is_empty() {
        "none".to_owned()
    } else {
        limits.join(", ")
    };
    lines.push(("Limits", limits, Tone::Normal));
    lines.extend(guest(state, page, disk));
    if !disk.complete {
        let words = "where it ends is not known: no active pool has the last layer";
        lines.push(("Chain", words.to_owned(), Tone::Dim));
    }
    let row = page.list().selected();
    let layer = row.and_then(|row| page.layer(row)).or(disk.layers.first());
    if let Some(pool) = layer.and_then(|layer| page.pool(layer)) {
        let full = pool.percent();
        let words = format!(
            "{}: {} full, {} of {} left",
            pool.name,
            full.map_or_else(|| "–".to_owned(), text::percent),
            text::bytes(pool.available_bytes),
            text::bytes(pool.capacity_bytes)
        );
        let tone = match full {
            Some(full) if full >= 98.0 => Tone::Bad,
            Some(full) if full >= 85.0 => Tone::Warn,
            _ => Tone::Normal,
        };
        lines.push(("Pool", words, tone));
    }
    if let Some(layer) = row.and_then(|row| page.layer(row)) {
        lines.push(("File", layer.source.clone(), Tone::Normal));
    }
    for (y, (label, words, tone)) in (area.y + 1..area.bottom()).zip(&lines) {
        painter.text(area.x + 1, y, LABEL, label, painter.theme.dim);
        let room = area.width.saturating_sub(LABEL + 2);
        painter.text(area.x + 1 + LABEL, y, room, words, painter.tone(*tone));
    }
}

fn device(disk: &DiskFacts) -> String {
    let mut words = vec![disk.bus.as_deref().unwrap_or("–").to_owned() + " " + &disk.device];
    for name in ["cache", "io", "discard", "detect_zeroes", "iothread"] {
        let value = disk.driver(name).unwrap_or("default");
        if value != "default" || matches!(name, "cache" | "io" | "discard") {
            words.push(format!("{} {value}", name.replace('_', " ")));
        }
    }
    let serial = disk.serial.as_deref().unwrap_or("–");
    words.push(format!("serial {serial}"));
    if disk.shareable {
        words.push("shared".to_owned());
    }
    words.join(", ")
}

fn errors(disk: &DiskFacts, page: &Bench) -> (&'static str, String, Tone) {
    let policy = |name: &str| disk.driver(name).unwrap_or("default");
    let on = match (policy("error_policy"), disk.driver("rerror_policy")) {
        (write, Some(read)) => format!("on an error {write}, when reading {read}"),
        (write, None) => format!("on an error {write}"),
    };
    let asked = page.disks().is_some_and(|disks| disks.asked_guest);
    match disk.error {
        Some(error) => ("Errors", format!("{}; {on}", error.label()), Tone::Bad),
        None if asked => ("Errors", format!("none; {on}"), Tone::Normal),
        None => (
            "Errors",
            format!("not known, the guest does not answer; {on}"),
            Tone::Warn,
        ),
    }
}

fn throughput(state: &State, page: &Bench, disk: &DiskFacts) -> String {
    let figures = state.guest(page.id).map(|guest| guest.tracked.figures());
    let found = figures.and_then(|figures| {
        let disks = figures.disks.iter();
        disks.clone().find(|one| one.name == disk.target).cloned()
    });
    let DiskFigures {
        read_bps,
        write_bps,
        read_iops,
        write_iops,
        read_latency_ns,
        write_latency_ns,
        ..
    } = found.unwrap_or_default();
    let side = |bps: Option<f64>, iops: Option<f64>, latency: Option<f64>| {
        let dash = || "–".to_owned();
        format!(
            "{}/s {}/s {}",
            bps.map_or_else(dash, text::rate),
            iops.map_or_else(dash, text::count),
            latency.map_or_else(dash, text::nanoseconds)
        )
    };
    format!(
        "read {}  written {}",
        side(read_bps, read_iops, read_latency_ns),
        side(write_bps, write_iops, write_latency_ns)
    )
}

/// What the guest has on the disk.
fn guest(state: &State, page: &Bench, disk: &DiskFacts) -> Vec<(&'static str, String, Tone)> {
    let active = state
        .guest(page.id)
        .is_some_and(|guest| guest.domain.state.is_active());
    let systems = match page.file_systems(disk) {
        None if active => return vec![("Guest", "…".to_owned(), Tone::Dim)],
        None => return vec![("Guest", "is not running".to_owned(), Tone::Dim)],
        Some(Err(why)) => return vec![("Guest", why.to_owned(), Tone::Dim)],
        Some(Ok(systems)) => systems,
    };
    if systems.is_empty() {
        return vec![(
            "Guest",
            "has no file system on it mounted".to_owned(),
            Tone::Normal,
        )];
    }
    let mut lines: Vec<_> = systems
        .iter()
        .map(|system| {
            let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
            let words = format!(
                "{} ({}): {} of {} used",
                system.mountpoint,
                system.kind,
                size(system.used_bytes),
                size(system.total_bytes)
            );
            ("Guest", words, Tone::Normal)
        })
        .collect();
    lines.extend(beyond(disk, &systems).map(|words| ("Guest", words, Tone::Dim)));
    lines
}

/// How much of the disk the guest's mounted file systems have, when that is not most of it: so a disk looks that was made
/// bigger and not yet grown inside.
fn beyond(disk: &DiskFacts, systems: &[&GuestFileSystem]) -> Option<String> {
    let capacity = disk.layers.first()?.capacity_bytes?;
    let sizes: Option<Vec<u64>> = systems.iter().map(|system| system.total_bytes).collect();
    let total: u64 = sizes?.iter().sum();
    (total.checked_mul(10)? < capacity.checked_mul(8)?).then(|| {
        format!(
            "{} of the {} that it sees are in these file systems",
            text::bytes(total),
            text::bytes(capacity)
        )
    })
}

/// A limit with its unit.
fn limit(name: &str, value: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    if name.contains("bytes") {
        format!("{}/s", text::bytes(value))
    } else if name.ends_with("length") {
        format!("{value} s")
    } else {
        format!("{}/s", text::count(value as f64))
    }
}
