//! Headings and rows of a table.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Cell, Connection, Placed, State};
use crate::model::DomainId;

/// The heading of a column.
pub struct Heading<'a> {
    /// Its word.
    pub words: &'a str,
    /// Figures stand on the right.
    pub right: bool,
    /// The table is sorted by it: with the largest first, or the other way round.
    pub sorted: Option<bool>,
}

/// Draws one heading on the line `area`, whose first column is for the mark of the selection; gives its place.
pub fn heading<C>(
    placed: &Placed<C>,
    heading: &Heading<'_>,
    area: Rect,
    painter: &mut Painter<'_>,
) -> Rect {
    let x = area.x.saturating_add(1 + placed.x);
    let mut words = heading.words.to_owned();
    let style = match heading.sorted {
        Some(descending) => {
            words.push(if descending { '▼' } else { '▲' });
            painter.theme.title
        }
        None => painter.theme.dim,
    };
    if heading.right {
        // The arrow may stand in the gap before a narrow column of figures.
        let wide = u16::from(heading.sorted.is_some() && placed.x > 0);
        painter.right(x - wide, area.y, placed.width + wide, &words, style);
    } else {
        painter.text(x, area.y, placed.width, &words, style);
    }
    Rect {
        x,
        width: placed.width,
        ..area
    }
}

/// A row of a table.
pub struct Row {
    /// The domain that it is about: its cells are grey while its host is gone.
    pub domain: DomainId,
    /// Keys act on it.
    pub selected: bool,
}

impl Row {
    /// Draws it on the line `area`: a cell for each column, and whether that stands on the right.
    pub fn draw<C>(
        &self,
        state: &State,
        columns: &[Placed<C>],
        cell: impl Fn(&Placed<C>) -> (Cell, bool),
        area: Rect,
        painter: &mut Painter<'_>,
    ) {
        let live = state
            .connection(self.domain.connection)
            .is_some_and(Connection::is_live);
        for placed in columns {
            let (Cell { text, tone }, right) = cell(placed);
            let style = if live {
                painter.tone(tone)
            } else {
                painter.theme.stale
            };
            let x = area.x.saturating_add(1 + placed.x);
            if right {
                painter.right(x, area.y, placed.width, &text, style);
            } else {
                painter.text(x, area.y, placed.width, &text, style);
            }
        }
        if self.selected {
            painter.restyle(area, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(area.x, area.y, 1, "▌", mark);
        }
    }
}
