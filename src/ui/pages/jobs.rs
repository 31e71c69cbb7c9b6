//! What takes long, on all hosts: what, of which domain, how far, how fast, how long yet.

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::action::Action;
use crate::app::{JobRow, JobsPage, State, Target, Tone, Transferred};
use crate::model::DomainId;
use crate::protocol::{JobId, LongKind};
use crate::text;
use crate::ui::widgets;

/// Columns: what, of, progress, speed, remaining, age.
const WIDTHS: [u16; 6] = [18, 18, 20, 8, 7, 6];
const HEADINGS: [&str; 6] = ["Job", "Domain", "Progress", "Speed", "Left", "Since"];
/// Blanks between two columns.
const GAP: u16 = 2;

/// Draws the page.
pub fn render(state: &State, page: &JobsPage, area: Rect, painter: &mut Painter<'_>) {
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if page.list().rows().is_empty() {
        let lines = [
            "Nothing takes long just now.".to_owned(),
            "Saves, dumps, snapshots, backups, migrations and block jobs appear here,".to_owned(),
            "whoever began them, with progress, speed and a key to give them up.".to_owned(),
            "What failed stays here until it is tried again or dismissed.".to_owned(),
        ];
        return centred(&lines, body, painter);
    }
    let places = places(area);
    for (place, words) in places.iter().zip(HEADINGS) {
        draw(*place, area.y, words, painter.theme.dim, words, painter);
    }
    let rows = page.list().visible(usize::from(body.height));
    let top = page.list().top();
    for ((y, row), index) in (body.y..body.bottom()).zip(rows).zip(top..) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        match row {
            JobRow::Running(number) => running(state, *number, &places, y, painter),
            JobRow::Failed(number) => failed(state, *number, &places, area, y, painter),
            JobRow::Asked(id) => {
                if let Some((action, job)) = state.asked_job(*id) {
                    let age = state.now.instant.saturating_duration_since(job.since);
                    cell(&places, 0, y, action.row().label, Tone::Normal, painter);
                    cell(
                        &places,
                        1,
                        y,
                        &asked_name(state, *id, job.target),
                        Tone::Normal,
                        painter,
                    );
                    let words = if job.running {
                        "asked"
                    } else {
                        "waits for its turn"
                    };
                    match state.jobs.progress(*id) {
                        Some(progress) => {
                            let counts = action == Action::DeleteVolume;
                            transfer(progress, counts, &places, y, painter);
                        }
                        None => cell(&places, 2, y, words, Tone::Dim, painter),
                    }
                    cell(
                        &places,
                        5,
                        y,
                        &text::duration_short(age),
                        Tone::Normal,
                        painter,
                    );
                }
            }
        }
        if page.list().selected() == Some(*row) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(area.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
}

fn running(state: &State, number: u64, places: &[Rect], y: u16, painter: &mut Painter<'_>) {
    let Some(one) = state.running_job(number) else {
        return;
    };
    let what = match &one.job.kind {
        LongKind::Block(kind, disk) => format!("{} {disk}", kind.label()),
        kind @ LongKind::Domain(_) => kind.label().to_owned(),
    };
    cell(places, 0, y, &what, Tone::Normal, painter);
    cell(
        places,
        1,
        y,
        &name(state, one.target),
        Tone::Normal,
        painter,
    );
    if one.job.ready {
        cell(places, 2, y, "ready: f pivots", Tone::Good, painter);
    } else if let (Some(part), Some(place)) = (one.part(), places.get(2)) {
        far(part, *place, y, painter);
    } else {
        cell(places, 2, y, "–", Tone::Dim, painter);
    }
    let dash = || "–".to_owned();
    let speed = one.job.speed_bps;
    let speed = speed.map_or_else(dash, |speed| format!("{}/s", text::bytes(speed)));
    cell(places, 3, y, &speed, Tone::Normal, painter);
    let left = one.remaining().filter(|_| !one.job.ready);
    let left = left.map_or_else(dash, |(left, reckoned)| {
        let mark = if reckoned { "~" } else { "" };
        format!("{mark}{}", text::duration_short(left))
    });
    cell(places, 4, y, &left, Tone::Normal, painter);
    let (age, at_least) = one.age(state.now.instant);
    let mark = if at_least { "≥" } else { "" };
    let age = format!("{mark}{}", text::duration_short(age));
    cell(places, 5, y, &age, Tone::Normal, painter);
}

/// What failed: the reason takes the place of progress and speed.
fn failed(
    state: &State,
    number: u64,
    places: &[Rect],
    area: Rect,
    y: u16,
    painter: &mut Painter<'_>,
) {
    let (Some(one), [_, _, reason, .., age]) = (state.outcomes.get(number), places) else {
        return;
    };
    cell(places, 0, y, one.action.row().label, Tone::Bad, painter);
    cell(places, 1, y, &one.name, Tone::Normal, painter);
    let room = age.x.min(area.right()).saturating_sub(reason.x + GAP);
    let style = painter.tone(Tone::Bad);
    painter.text(reason.x, y, room, &one.failure.reason, style);
    let since = state.now.instant.saturating_duration_since(one.at);
    cell(
        places,
        5,
        y,
        &text::duration_short(since),
        Tone::Dim,
        painter,
    );
}

/// How far a job is, as a bar.
fn far(part: f64, place: Rect, y: u16, painter: &mut Painter<'_>) {
    let words = format!("{:>4}", text::percent(part * 100.0));
    let bar = usize::from(place.width.saturating_sub(5));
    let (full, rest) = widgets::bar(Some(part), bar, painter.theme.symbols);
    let used = painter.text(place.x, y, place.width, &full, painter.theme.accent);
    let left = place.width.saturating_sub(used);
    painter.text(place.x + used, y, left, &rest, painter.theme.dim);
    painter.right(place.x, y, place.width, &words, painter.theme.text);
}

/// How far something that this program sends, fetches or deletes is; what is counted has no speed in bytes.
fn transfer(
    progress: &Transferred,
    counts: bool,
    places: &[Rect],
    y: u16,
    painter: &mut Painter<'_>,
) {
    match (progress.part(), places.get(2)) {
        (Some(part), Some(place)) => far(part, *place, y, painter),
        _ => cell(
            places,
            2,
            y,
            &text::bytes(progress.done),
            Tone::Normal,
            painter,
        ),
    }
    let dash = || "–".to_owned();
    let speed = progress.speed_bps;
    let speed = speed.map_or_else(dash, |speed| match counts {
        true => format!("{speed}/s"),
        false => format!("{}/s", text::bytes(speed)),
    });
    cell(places, 3, y, &speed, Tone::Normal, painter);
    let left = progress.remaining();
    let left = left.map_or_else(dash, |left| format!("~{}", text::duration_short(left)));
    cell(places, 4, y, &left, Tone::Normal, painter);
}

/// What a request is about, with its host where there are several.
fn asked_name(state: &State, id: JobId, target: DomainId) -> String {
    let name = state.asked_name(id, target);
    match state.connection(target.connection) {
        Some(connection) if state.connections.len() > 1 => {
            format!("{name} on {}", connection.label)
        }
        _ => name,
    }
}

/// The domain, with its host where there are several.
fn name(state: &State, id: DomainId) -> String {
    let name = state
        .guest(id)
        .map_or_else(|| id.uuid.to_string(), |guest| guest.domain.name.clone());
    match state.connection(id.connection) {
        Some(connection) if state.connections.len() > 1 => {
            format!("{name} on {}", connection.label)
        }
        _ => name,
    }
}

fn cell(
    places: &[Rect],
    column: usize,
    y: u16,
    words: &str,
    tone: Tone,
    painter: &mut Painter<'_>,
) {
    let style = painter.tone(tone);
    if let (Some(place), Some(heading)) = (places.get(column), HEADINGS.get(column)) {
        draw(*place, y, words, style, heading, painter);
    }
}

fn draw(
    place: Rect,
    y: u16,
    words: &str,
    style: ratatui::style::Style,
    heading: &str,
    painter: &mut Painter<'_>,
) {
    if place.width == 0 {
        return;
    }
    if matches!(heading, "Speed" | "Left" | "Since") {
        painter.right(place.x, y, place.width, words, style);
    } else {
        painter.text(place.x, y, place.width, words, style);
    }
}

/// Places of the columns; what is spare goes to the domain, what is lacking is taken from it and from the job.
fn places(area: Rect) -> Vec<Rect> {
    let gaps = GAP * 5 + 2;
    let wanted: u16 = WIDTHS.iter().sum();
    let mut widths = WIDTHS;
    let room = area.width.saturating_sub(gaps);
    if room >= wanted {
        let spare = room - wanted;
        widths[1] += spare.min(18);
        widths[2] += spare.saturating_sub(18).min(40);
    } else {
        let lacking = wanted - room;
        let first = lacking.min(widths[1] - 12);
        widths[1] -= first;
        let second = (lacking - first).min(widths[2] - 15);
        widths[2] -= second;
        widths[0] = widths[0].saturating_sub(lacking - first - second);
    }
    let mut x = area.x.saturating_add(1);
    widths
        .iter()
        .map(|width| {
            let width = (*width).min(area.right().saturating_sub(x));
            let at = Rect { x, width, ..area };
            x = x.saturating_add(width + GAP).min(area.right());
            at
        })
        .collect()
}
