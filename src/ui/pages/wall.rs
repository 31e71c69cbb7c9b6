//! The screens of all running domains, each below its name.

use ratatui::layout::Rect;

use super::{Painter, centred, display};
use crate::app::{State, Target, Wall};
use crate::text;

/// Draws the page.
pub fn render(state: &State, wall: &Wall, area: Rect, painter: &mut Painter<'_>) {
    if wall.domains().is_empty() {
        return centred(&["No domain runs.".to_owned()], area, painter);
    }
    let grid = wall.grid(state);
    let theme = painter.theme;
    for (id, number) in wall.visible(grid).zip(0_u16..) {
        let (column, row) = (number % grid.across, number / grid.across);
        let place = Rect {
            x: area.x.saturating_add(column * (grid.width + 1)),
            y: area.y.saturating_add(row * (grid.height + 1)),
            width: grid.width,
            height: grid.height + 1,
        }
        .intersection(area);
        if place.is_empty() {
            continue;
        }
        painter.hit(place, Target::Domain(id));
        let heading = Rect { height: 1, ..place };
        let chosen = wall.selected() == Some(id);
        let style = if chosen { theme.selected } else { theme.bar };
        painter.fill(heading, style);
        let Some(guest) = state.guest(id) else {
            continue;
        };
        let mut words = format!(" {}", text::visible(&guest.domain.name));
        if state.connections.len() > 1
            && let Some(connection) = state.connection(id.connection)
        {
            words = format!("{words} · {}", text::visible(&connection.label));
        }
        if let Some(age) = guest.silent_for(state.now.instant) {
            words = format!("{words} · not responding ({} s)", age.as_secs());
        } else if guest.domain.state == crate::model::DomainState::Paused {
            words.push_str(" · Paused");
        }
        painter.text(heading.x, heading.y, heading.width, &words, style);
        let below = Rect {
            y: place.y + 1,
            height: place.height - 1,
            ..place
        };
        match wall.shots.get(&id) {
            Some(Ok(picture)) => {
                let wide = picture.width().min(below.width);
                let high = picture.height().div_ceil(2).min(below.height);
                let middle = Rect {
                    x: below.x + (below.width - wide) / 2,
                    y: below.y + (below.height - high) / 2,
                    width: wide,
                    height: high,
                };
                display::pixels(picture, middle, painter);
            }
            Some(Err(why)) => {
                let lines = text::wrap(&text::visible(why), usize::from(below.width).max(1));
                for (y, line) in (below.y..below.bottom()).zip(&lines) {
                    painter.text(below.x, y, below.width, line, theme.dim);
                }
            }
            None => {
                painter.text(below.x, below.y, below.width, "…", theme.dim);
            }
        }
    }
}
