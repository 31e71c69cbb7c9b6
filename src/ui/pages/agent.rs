//! The agent in a guest: a heading that says how it stands, and one list of all that it told.

use ratatui::layout::Rect;

use super::Painter;
use crate::agent::GuestNic;
use crate::app::{AgentPage, AgentWhat, Standing, State, Target, Tone, full_tone};
use crate::model::GuestFileSystem;
use crate::text;
use crate::ui::widgets::bar;

/// Columns of the names of facts.
const LABEL: u16 = 18;
/// Columns of a bar.
const BAR: u16 = 12;

/// Draws the page.
pub fn render(state: &State, page: &AgentPage, area: Rect, painter: &mut Painter<'_>) {
    heading(state, page, Rect { height: 1, ..area }, painter);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let lines = page.lines(state);
    let places = Places::of(&lines, body.width);
    let rows = page.list().visible(usize::from(body.height));
    for ((y, id), index) in (body.y..body.bottom()).zip(rows).zip(page.list().top()..) {
        let Some(line) = lines.iter().find(|line| line.id == *id) else {
            continue;
        };
        let at = Rect {
            x: body.x.saturating_add(2),
            y,
            width: body.width.saturating_sub(3),
            height: 1,
        };
        draw(&line.what, at, &places, painter);
        if page.list().selected() == Some(*id) {
            let row = Rect {
                y,
                height: 1,
                ..body
            };
            painter.restyle(row, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(row.x, y, 1, "▌", mark);
        }
        painter.hit(
            Rect {
                y,
                height: 1,
                ..body
            },
            Target::Choice(index),
        );
    }
}

fn heading(state: &State, page: &AgentPage, area: Rect, painter: &mut Painter<'_>) {
    let name = state.guest(page.id).map_or("", |guest| &guest.domain.name);
    let title = format!("Guest agent of {name}");
    let room = area.width.saturating_sub(2);
    let now = state.now.instant;
    let waits = page
        .asking_since(state)
        .map(|since| now.saturating_duration_since(since).as_secs())
        .filter(|seconds| *seconds > 0);
    let (words, tone) = match page.standing(state) {
        Standing::Ready => match (state.frozen_since(page.id), page.failure(), page.report()) {
            (Some(since), ..) => {
                let age = text::duration_short(now.saturating_duration_since(since));
                (format!("FROZEN for {age}"), Tone::Bad)
            }
            (None, Some(_), _) => ("does not answer".to_owned(), Tone::Bad),
            (None, None, Some(report)) => {
                let ms = report.took.as_millis();
                (format!("answers in {ms} ms"), Tone::Good)
            }
            (None, None, None) => (String::new(), Tone::Dim),
        },
        Standing::Off => ("off".to_owned(), Tone::Dim),
        Standing::NoHost => ("its host is not connected".to_owned(), Tone::Warn),
        Standing::ReadOnly => ("read-only".to_owned(), Tone::Warn),
        Standing::Unknown => (String::new(), Tone::Dim),
        Standing::NoChannel => ("no channel".to_owned(), Tone::Warn),
        Standing::NotConnected => ("not connected".to_owned(), Tone::Warn),
        Standing::Silent => ("the hypervisor does not answer".to_owned(), Tone::Bad),
    };
    let words = match waits {
        Some(seconds) if words.is_empty() => format!("asked {seconds} s ago"),
        Some(seconds) => format!("{words}, asked again {seconds} s ago"),
        None => words,
    };
    let used = painter.text(area.x + 1, area.y, room, &title, painter.theme.dim);
    let left = room.saturating_sub(used + 2);
    let style = painter.tone(tone);
    painter.right(area.x + 1 + used + 2, area.y, left, &words, style);
}

/// Where the columns of file systems, users and interfaces stand.
struct Places {
    name: u16,
    kind: u16,
    mac: u16,
}

impl Places {
    fn of(lines: &[crate::app::AgentLine], width: u16) -> Self {
        let wide =
            |text: &str| u16::try_from(text::width(&text::visible(text))).unwrap_or(u16::MAX);
        let mut places = Self {
            name: 8,
            kind: 4,
            mac: 0,
        };
        for line in lines {
            match &line.what {
                AgentWhat::FileSystem(system) => {
                    places.name = places.name.max(wide(&system.mountpoint));
                    places.kind = places.kind.max(wide(&system.kind));
                }
                AgentWhat::User(name, _) => places.name = places.name.max(wide(name)),
                AgentWhat::Nic(nic) => {
                    places.name = places.name.max(wide(&nic.name));
                    places.mac = places.mac.max(wide(&nic.mac));
                }
                _ => {}
            }
        }
        places.name = places.name.min((width / 3).max(8));
        places.kind = places.kind.min(10);
        places.mac = places.mac.min(17);
        places
    }
}

fn draw(what: &AgentWhat, at: Rect, places: &Places, painter: &mut Painter<'_>) {
    let (x, y, width) = (at.x, at.y, at.width);
    match what {
        AgentWhat::Blank => {}
        AgentWhat::Heading(name, note) => {
            let style = if *name == "FROZEN" {
                painter.theme.alarm
            } else {
                painter.theme.title
            };
            let used = painter.text(x.saturating_sub(1), y, width, name, style);
            let room = width.saturating_sub(used + 1);
            painter.text(x + used + 1, y, room, note, painter.theme.dim);
        }
        AgentWhat::Text(tone, words) => {
            painter.text(x, y, width, words, painter.tone(*tone));
        }
        AgentWhat::Fact(label, tone, value) => {
            let wide = u16::try_from(text::width(label)).unwrap_or(0);
            painter.text(x, y, width, label, painter.theme.dim);
            let from = LABEL.max(wide + 2);
            let room = width.saturating_sub(from);
            painter.text(x + from, y, room, value, painter.tone(*tone));
        }
        AgentWhat::FileSystem(system) => file_system(system, at, places, painter),
        AgentWhat::User(name, about) => {
            painter.text(x, y, places.name.min(width), name, painter.theme.text);
            let from = places.name + 2;
            let room = width.saturating_sub(from);
            painter.text(x + from, y, room, about, painter.theme.dim);
        }
        AgentWhat::Key(_, key) => {
            painter.text(x, y, width, key, painter.theme.text);
        }
        AgentWhat::Nic(nic) => interface(nic, at, places, painter),
    }
}

fn file_system(system: &GuestFileSystem, at: Rect, places: &Places, painter: &mut Painter<'_>) {
    let (y, end) = (at.y, at.right());
    let mut x = at.x;
    let mut put = |words: &str, columns: u16, style, painter: &mut Painter<'_>| {
        let room = columns.min(end.saturating_sub(x));
        painter.text(x, y, room, words, style);
        x = x.saturating_add(columns + 2);
    };
    put(&system.mountpoint, places.name, painter.theme.text, painter);
    put(&system.kind, places.kind, painter.theme.dim, painter);
    let part = match (system.used_bytes, system.total_bytes) {
        (Some(used), Some(total)) if total > 0 => Some(used as f64 / total as f64),
        _ => None,
    };
    if let (Some(part), Some(used), Some(total)) = (part, system.used_bytes, system.total_bytes) {
        let percent = part * 100.0;
        let style = painter.tone(full_tone(percent));
        let (full, empty) = bar(Some(part), usize::from(BAR), painter.theme.symbols);
        put(&format!("{full}{empty}"), BAR, style, painter);
        put(&format!("{:>4}", text::percent(percent)), 4, style, painter);
        let words = format!("{} of {}", text::bytes(used), text::bytes(total));
        put(&words, 14, painter.theme.text, painter);
    } else {
        put("–", BAR + 4 + 14 + 4, painter.theme.dim, painter);
    }
    let disks = if system.disks.is_empty() {
        system.name.clone()
    } else {
        system.disks.join(" ")
    };
    put(&disks, 24, painter.theme.dim, painter);
}

fn interface(nic: &GuestNic, at: Rect, places: &Places, painter: &mut Painter<'_>) {
    let (y, end) = (at.y, at.right());
    painter.text(
        at.x,
        y,
        places.name.min(at.width),
        &nic.name,
        painter.theme.text,
    );
    let mac = at.x.saturating_add(places.name + 2);
    let room = places.mac.min(end.saturating_sub(mac));
    painter.text(mac, y, room, &nic.mac, painter.theme.dim);
    let from = mac.saturating_add(places.mac + 2);
    let addresses = nic.addresses.join("  ");
    painter.text(
        from,
        y,
        end.saturating_sub(from),
        &addresses,
        painter.theme.text,
    );
}
