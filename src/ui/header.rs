//! The hosts at the top: two lines for one, a line each for several.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Painter;
use crate::app::{Connection, State, Tone};
use crate::model::ConnectionState;
use crate::text;

/// Longer URIs give way to the connection's short name.
const LONG_URI: usize = 48;

/// A piece of a line, and how long it stays when the line is too short: 0 longest.
struct Piece {
    words: String,
    tone: Tone,
    rank: u8,
}

fn piece(words: impl Into<String>, tone: Tone, rank: u8) -> Piece {
    Piece {
        words: words.into(),
        tone,
        rank,
    }
}

/// Draws the hosts.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    let flashing = state.alerts.flashing(state.now.instant).is_some();
    let bar = if flashing {
        painter.theme.alarm
    } else {
        painter.theme.bar
    };
    painter.fill(area, bar);
    if area.height == 0 {
        return;
    }
    if let [connection] = state.connections.as_slice() {
        let first = Rect { height: 1, ..area };
        if area.height == 1 {
            let mut pieces = name(state, connection);
            pieces.extend(figures(state, connection));
            line(first, pieces, Vec::new(), painter);
            return;
        }
        line(
            first,
            name(state, connection),
            versions(connection),
            painter,
        );
        let second = Rect {
            y: area.y + 1,
            height: 1,
            ..area
        };
        line(
            second,
            figures(state, connection),
            age(state, connection),
            painter,
        );
        return;
    }
    let lines = usize::from(area.height);
    let hidden = state.connections.len().saturating_sub(lines);
    let shown = if hidden > 0 { lines - 1 } else { lines };
    let mut y = area.y;
    for connection in state.connections.iter().take(shown) {
        let mut left = name(state, connection);
        left.extend(figures(state, connection));
        let mut right = versions(connection);
        right.extend(age(state, connection));
        line(
            Rect {
                y,
                height: 1,
                ..area
            },
            left,
            right,
            painter,
        );
        y += 1;
    }
    if hidden > 0 {
        let rest = &state.connections[shown..];
        let away = rest
            .iter()
            .filter(|c| c.state != ConnectionState::Active)
            .count();
        let words = match away {
            0 => format!("and {} hosts more, all active", rest.len()),
            away => format!("and {} hosts more, {away} of them not active", rest.len()),
        };
        let tone = if away > 0 { Tone::Warn } else { Tone::Dim };
        line(
            Rect {
                y,
                height: 1,
                ..area
            },
            vec![piece(words, tone, 0)],
            Vec::new(),
            painter,
        );
    }
}

/// Name, state, and what is special about the connection.
fn name(state: &State, connection: &Connection) -> Vec<Piece> {
    let (mark, words, tone) = condition(state, connection);
    let several = state.connections.len() > 1;
    let mut pieces = vec![piece(format!("{mark} "), tone, 0)];
    // A URI that names a socket may be longer than the line; what the connection has to say matters more.
    let label = if several || connection.name.is_some() || connection.uri().len() > LONG_URI {
        connection.label.as_str()
    } else {
        connection.uri()
    };
    if let Some(last) = pieces.last_mut() {
        last.words.push_str(label);
    }
    pieces.push(piece(words, tone, 0));
    if connection.readonly() {
        pieces.push(piece("read-only", Tone::Warn, 1));
    }
    if let Some(words) = state.status_of_frozen(connection.id) {
        pieces.push(piece(words, Tone::Bad, 0));
    }
    if let Some(why) = &connection.resting {
        pieces.push(piece(why.clone(), Tone::Warn, 1));
    }
    if let Some(why) = &connection.truncated {
        pieces.push(piece(why.clone(), Tone::Warn, 1));
    }
    pieces
}

/// The connection's state: mark, words, meaning.
fn condition(state: &State, connection: &Connection) -> (&'static str, String, Tone) {
    let now = state.now.instant;
    let age = now.saturating_duration_since(connection.since).as_secs();
    match &connection.state {
        ConnectionState::Disconnected => ("○", "Disconnected".to_owned(), Tone::Dim),
        ConnectionState::Connecting => ("◌", format!("Connecting ({age} s)"), Tone::Info),
        ConnectionState::Active => ("●", "Active".to_owned(), Tone::Good),
        ConnectionState::NotResponding => ("!", format!("Not responding ({age} s)"), Tone::Bad),
        ConnectionState::Lost { .. } => {
            let left = connection
                .retry_at
                .map(|at| ceil_seconds(at.saturating_duration_since(now)))
                .filter(|seconds| *seconds > 0);
            let words = match left {
                Some(seconds) => format!("Lost (retrying in {seconds} s)"),
                None => "Lost (retrying)".to_owned(),
            };
            ("✗", words, Tone::Bad)
        }
    }
}

fn ceil_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Load of the host and its domains.
fn figures(state: &State, connection: &Connection) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let host = connection.node.shown();
    if let Some(cpu) = host.and_then(|host| host.cpu_percent) {
        let tone = match cpu {
            cpu if cpu >= 90.0 => Tone::Bad,
            cpu if cpu >= 70.0 => Tone::Warn,
            _ => Tone::Normal,
        };
        // Of one width, or each step between 9% and 10% would move the whole line.
        let words = format!("CPU {:>3}", text::percent(cpu));
        pieces.push(piece(words, tone, 2));
    }
    if let Some(total) = host.and_then(|host| host.memory_total_kib) {
        let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
        let used = host
            .and_then(|host| host.memory_used_kib)
            .map_or_else(|| "–".to_owned(), size);
        pieces.push(piece(
            format!("Memory {used}/{}", size(total)),
            Tone::Normal,
            3,
        ));
    }
    if let Some(words) = state.status_of_jobs(connection.id) {
        pieces.push(piece(words, Tone::Info, 1));
    }
    if connection.listed {
        let (running, total) = state.running(connection.id);
        pieces.push(piece(format!("{running}/{total} running"), Tone::Normal, 1));
    }
    pieces
}

/// What runs there.
fn versions(connection: &Connection) -> Vec<Piece> {
    let Some(opened) = &connection.opened else {
        return Vec::new();
    };
    let mut pieces = Vec::new();
    if let Some(libvirt) = opened.versions.libvirt {
        pieces.push(piece(
            format!("libvirt {}", text::version(libvirt)),
            Tone::Dim,
            4,
        ));
    }
    if let Some(hypervisor) = opened.versions.hypervisor {
        let words = format!("{} {}", opened.driver, text::version(hypervisor));
        pieces.push(piece(words, Tone::Dim, 5));
    }
    pieces
}

/// How old the figures can be. While they are fresh it is the bound that stands there and not a clock: a figure that
/// ticks would be sent to the terminal each second without telling anything.
fn age(state: &State, connection: &Connection) -> Vec<Piece> {
    if connection.data_at.is_none() {
        return Vec::new();
    }
    match connection.stale(state.now.instant) {
        Some(age) => vec![piece(
            format!("stale, {} old", text::duration_short(age)),
            Tone::Warn,
            1,
        )],
        None => vec![piece(
            format!(
                "data <{} old",
                text::duration_short(connection.stale_after())
            ),
            Tone::Dim,
            6,
        )],
    }
}

/// Writes pieces from the left and from the right, leaving out the least important ones until both fit.
fn line(area: Rect, mut left: Vec<Piece>, mut right: Vec<Piece>, painter: &mut Painter<'_>) {
    let gaps = |count: usize| count.saturating_sub(1) * 2;
    let need = |pieces: &[Piece]| {
        let words: usize = pieces
            .iter()
            .map(|piece| text::width(&text::visible(&piece.words)))
            .sum();
        words + gaps(pieces.len())
    };
    let room = usize::from(area.width.saturating_sub(2));
    loop {
        let between = if left.is_empty() || right.is_empty() {
            0
        } else {
            2
        };
        if need(&left) + need(&right) + between <= room {
            break;
        }
        let worst = left.iter().chain(&right).map(|piece| piece.rank).max();
        let Some(worst) = worst.filter(|rank| *rank > 0) else {
            break;
        };
        if let Some(at) = right.iter().rposition(|piece| piece.rank == worst) {
            right.remove(at);
        } else if let Some(at) = left.iter().rposition(|piece| piece.rank == worst) {
            left.remove(at);
        }
    }
    let style = |painter: &Painter<'_>, tone: Tone| -> Style {
        painter.theme.bar.patch(painter.tone(tone))
    };
    let end = area.right().saturating_sub(1);
    let mut x = area.x.saturating_add(1);
    for piece in &left {
        let style = style(painter, piece.tone);
        x += painter.text(x, area.y, end.saturating_sub(x), &piece.words, style) + 2;
    }
    let wide = u16::try_from(need(&right)).unwrap_or(u16::MAX);
    let mut x = x.max(end.saturating_sub(wide));
    for piece in &right {
        let style = style(painter, piece.tone);
        x += painter.text(x, area.y, end.saturating_sub(x), &piece.words, style) + 2;
    }
}
