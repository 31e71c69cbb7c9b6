//! Snapshots of several domains: what came of each.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{State, Sweep, SweepResult, Target, Tone};

/// Columns of the name.
const NAME: u16 = 24;

/// Draws the list.
pub fn render(state: &State, page: &Sweep, area: Rect, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    let (taken, waiting, not) = page.counts();
    let mut title = format!(
        "Snapshot '{}': {taken} of {} taken",
        page.name,
        page.rows.len()
    );
    if waiting > 0 {
        title.push_str(&format!(", {waiting} under way"));
    }
    if not > 0 {
        title.push_str(&format!(", {not} not"));
    }
    painter.text(
        area.x + 1,
        area.y,
        area.width.saturating_sub(1),
        &title,
        dim,
    );
    let lines = usize::from(area.height.saturating_sub(1));
    let rows = page.list().visible(lines);
    let top = page.list().top();
    for ((y, id), index) in (area.y + 1..area.bottom()).zip(rows).zip(top..) {
        let Some((_, result)) = page.rows.get(index) else {
            continue;
        };
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let name = state
            .guest(*id)
            .map_or_else(|| id.uuid.to_string(), |guest| guest.domain.name.clone());
        let wide = NAME.min(area.width / 3);
        painter.text(line.x + 1, y, wide, &name, painter.theme.text);
        let (words, tone) = match result {
            SweepResult::Waiting(_) => ("under way …".to_owned(), Tone::Dim),
            SweepResult::Taken(after) => {
                (format!("taken, after {} s", after.as_secs()), Tone::Good)
            }
            SweepResult::LeftOut(why) => (format!("left out: {why}"), Tone::Warn),
            SweepResult::Failed(why) => (format!("failed: {why}"), Tone::Bad),
        };
        let x = line.x + wide + 3;
        painter.text(
            x,
            y,
            line.right().saturating_sub(x),
            &words,
            painter.tone(tone),
        );
        if page.list().selected() == Some(*id) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(line.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
}
