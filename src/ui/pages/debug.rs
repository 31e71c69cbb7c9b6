//! What the program itself is doing.

use std::time::Duration;

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{CallOrder, Connection, Debug, State, Target};
use crate::text;

/// Draws the connections and the calls of one of them.
pub fn render(state: &State, debug: &Debug, area: Rect, painter: &mut Painter<'_>) {
    let Some(shown) = debug.shown(state) else {
        centred(&["There is no connection.".to_owned()], area, painter);
        return;
    };
    let mut lines = Lines { y: area.y, area };
    tabs(state, shown, lines.next(), painter);
    facts(state, shown, &mut lines, painter);
    calls(shown, debug, &mut lines, painter);
}

/// Lines from the top down.
struct Lines {
    y: u16,
    area: Rect,
}

impl Lines {
    /// The next line; empty when there is none left.
    fn next(&mut self) -> Rect {
        let line = Rect {
            y: self.y,
            height: 1,
            ..self.area
        };
        self.y = self.y.saturating_add(1);
        if self.y > self.area.bottom() {
            return Rect { height: 0, ..line };
        }
        line
    }
}

fn tabs(state: &State, shown: &Connection, area: Rect, painter: &mut Painter<'_>) {
    painter.fill(area, painter.theme.bar);
    if area.is_empty() {
        return;
    }
    let mut x = area.x;
    for (index, connection) in state.connections.iter().enumerate() {
        let words = format!(" {} ", text::visible(&connection.label));
        let style = if connection.id == shown.id {
            painter.theme.bar.patch(painter.theme.selected)
        } else {
            painter.theme.bar
        };
        let used = painter.text(x, area.y, area.right().saturating_sub(x), &words, style);
        let hit = Rect {
            x,
            width: used,
            ..area
        };
        painter.hit(hit, Target::Tab(index));
        x = x.saturating_add(used);
    }
}

fn facts(state: &State, shown: &Connection, lines: &mut Lines, painter: &mut Painter<'_>) {
    let mut fact = |words: &str| {
        let line = lines.next();
        if !line.is_empty() {
            let x = line.x.saturating_add(1);
            let room = line.width.saturating_sub(2);
            painter.text(x, line.y, room, words, painter.theme.text);
        }
    };
    fact(shown.uri());
    let yes = |has: bool| if has { "yes" } else { "no" };
    if let Some(opened) = &shown.opened {
        let features = opened.features;
        fact(&format!(
            "events {}, keepalive {}, bulk statistics {}; opened {} times",
            yes(features.events),
            yes(features.keepalive),
            yes(features.bulk_stats),
            // One more at each opening and each loss.
            shown.epoch.0.div_ceil(2),
        ));
    }
    let (running, all) = state.running(shown.id);
    fact(&format!(
        "{all} domains, {running} running, {} not responding; {} calls parked; interval {} s",
        state.silent,
        shown.calls.parked,
        shown.spec.interval.as_secs_f64()
    ));
}

fn calls(shown: &Connection, debug: &Debug, lines: &mut Lines, painter: &mut Painter<'_>) {
    let rows = debug.rows(shown);
    let kinds = ["control", "monitor", "actions", "streams"];
    let sums: Vec<_> = kinds
        .iter()
        .map(|kind| {
            let of = rows.iter().filter(|row| row.kind == *kind);
            format!("{kind} {}", of.map(|row| row.count).sum::<u64>())
        })
        .collect();
    let (dim, plain) = (painter.theme.dim, painter.theme.text);
    let line = lines.next();
    if !line.is_empty() {
        let words = format!("Round trips: {}", sums.join(", "));
        let room = line.width.saturating_sub(2);
        painter.text(line.x.saturating_add(1), line.y, room, &words, plain);
    }
    let mut put = |cells: [&str; 5], style| {
        let line = lines.next();
        if line.is_empty() {
            return false;
        }
        let right = [false, false, true, true, true];
        let widths = [8, 36, 8, 9, 9];
        let mut x = line.x.saturating_add(1);
        for ((words, width), right) in cells.into_iter().zip(widths).zip(right) {
            let room = width.min(line.right().saturating_sub(x));
            if right {
                painter.right(x, line.y, room, words, style);
            } else {
                painter.text(x, line.y, room, words, style);
            }
            x = x.saturating_add(width + 1);
        }
        true
    };
    let (count, time) = match debug.order {
        CallOrder::Count => ("Calls▼", "Total"),
        CallOrder::Time => ("Calls", "Total▼"),
    };
    put(["On", "Call", count, "Mean", time], dim);
    for row in rows.iter().skip(debug.top) {
        let mean = row
            .time
            .checked_div(u32::try_from(row.count.max(1)).unwrap_or(u32::MAX));
        let went_on = put(
            [
                row.kind,
                row.call,
                &row.count.to_string(),
                &milliseconds(mean.unwrap_or_default()),
                &milliseconds(row.time),
            ],
            plain,
        );
        if !went_on {
            return;
        }
    }
}

fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.2} ms")
    } else {
        format!("{ms:.0} ms")
    }
}
