//! Events of all hosts: time, host, domain, and what happened.

use chrono::{DateTime, Local};
use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{Events, State, Target, grade_tone};
use crate::model::EventObject;
use crate::text;

/// Blanks between two columns.
const GAP: u16 = 2;

/// Draws the headings and the events that the page shows.
pub fn render(state: &State, page: &Events, area: Rect, painter: &mut Painter<'_>) {
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let all = page.list().rows();
    if all.is_empty() {
        centred(&nothing(page), body, painter);
        return;
    }
    let shown: Vec<_> = page
        .list()
        .visible(usize::from(body.height))
        .iter()
        .filter_map(|number| state.happened.get(*number))
        .collect();
    let rows: Vec<_> = shown
        .iter()
        .map(|happened| {
            let event = &happened.event;
            let time = when(state, event.time);
            let name = match event.object {
                EventObject::Domain => event.name.clone(),
                object => format!("{} {}", object.word(), event.name),
            };
            [time, event.host.clone(), name]
        })
        .collect();
    // Of before there may be hosts that are not open now.
    let hosts = shown.iter().map(|happened| &happened.event.host);
    let several =
        state.connections.len() > 1 || hosts.clone().any(|host| Some(host) != hosts.clone().next());
    let widths: [u16; 3] = std::array::from_fn(|column| match column {
        1 if !several => 0,
        _ => width(HEADINGS[column], rows.iter().map(|row| &row[column])),
    });
    let heads = HEADINGS.map(str::to_owned);
    let mut x = area.x.saturating_add(1);
    for (head, width) in heads.iter().zip(widths).filter(|(_, width)| *width > 0) {
        painter.text(x, area.y, width, head, painter.theme.dim);
        x = x.saturating_add(width + GAP);
    }
    let room = area.right().saturating_sub(x);
    painter.text(x, area.y, room, "Event", painter.theme.dim);
    for ((y, happened), row) in (body.y..body.bottom()).zip(&shown).zip(&rows) {
        let mut x = area.x.saturating_add(1);
        let styles = [painter.theme.dim, painter.theme.dim, painter.theme.text];
        let cells = row.iter().zip(widths).zip(styles);
        for ((words, width), style) in cells.filter(|((_, width), _)| *width > 0) {
            painter.text(x, y, width, words, style);
            x = x.saturating_add(width + GAP);
        }
        let event = &happened.event;
        let tone = painter.tone(grade_tone(event.grade));
        painter.text(x, y, room, &event.text, tone);
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        if page.list().selected() == Some(happened.number) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(area.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Event(happened.number));
    }
}

/// Headings of the columns before the event.
const HEADINGS: [&str; 3] = ["Time", "Host", "Name"];

/// A column as wide as what stands in it, up to where a long name would hide the event.
fn width<'a>(heading: &str, cells: impl Iterator<Item = &'a String>) -> u16 {
    let wide = cells.map(|words| text::width(&text::visible(words))).max();
    let wide = wide.unwrap_or(0).max(heading.len()).min(28);
    u16::try_from(wide).unwrap_or(u16::MAX)
}

fn nothing(page: &Events) -> Vec<String> {
    if page.filter().is_empty() {
        return vec![
            "Nothing has happened since virtty is connected.".to_owned(),
            "Starts, stops, viewers, I/O errors and the like appear here.".to_owned(),
        ];
    }
    vec![
        format!("No event matches '{}'.", page.filter()),
        "Esc clears the filter.".to_owned(),
    ]
}

/// The time of an event, with its day where that is another.
pub fn when(state: &State, time: std::time::SystemTime) -> String {
    let today = DateTime::<Local>::from(state.now.wall).date_naive();
    let time: DateTime<Local> = time.into();
    let format = if time.date_naive() == today {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    time.format(format).to_string()
}
