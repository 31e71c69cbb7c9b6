//! How far the sections can be scrolled, and scrolling them.

use super::{Details, Grid, Lines, Tab};
use crate::app::{Size, State};

/// How far a section can be scrolled.
struct Extent {
    /// Lines there are, or rows of graphs.
    all: usize,
    /// How many of them the screen shows.
    shown: usize,
    /// Columns of the longest line beyond those that the screen shows.
    beyond: usize,
}

/// Columns that one key scrolls sideways.
const ACROSS: usize = 8;

impl Details {
    pub(super) fn scroll(&mut self, state: &State, by: impl FnOnce(isize) -> isize) {
        let extent = self.extent(state);
        let page = isize::try_from(extent.shown.max(1)).unwrap_or(isize::MAX);
        let end = extent.all.saturating_sub(extent.shown);
        let top = &mut self.tops[self.tab as usize];
        *top = (*top).min(end).saturating_add_signed(by(page)).min(end);
        // Whoever reads the end of the log stays there when it has grown.
        if self.tab == Tab::Log && *top == end {
            *top = usize::MAX;
        }
    }

    pub(super) fn scroll_across(&mut self, state: &State, right: bool) {
        let end = self.extent(state).beyond;
        let across = &mut self.across[self.tab as usize];
        *across = if right {
            (*across + ACROSS).min(end)
        } else {
            (*across).min(end).saturating_sub(ACROSS)
        };
    }

    fn extent(&self, state: &State) -> Extent {
        let room = room(state);
        let height = usize::from(room.height);
        let of_lines = |lines: Option<&Lines>, beside: usize| Extent {
            all: lines.map_or(0, |lines| lines.all().len()),
            // A line above says what it is.
            shown: height.saturating_sub(1),
            beyond: lines.map_or(0, |lines| {
                (lines.widest() + beside).saturating_sub(usize::from(room.width))
            }),
        };
        match self.tab {
            Tab::Xml => {
                let lines = self.xml().got().map(|xml| &xml.lines);
                of_lines(lines, lines.map_or(0, line_numbers))
            }
            Tab::Log => of_lines(self.log.got().map(|log| &log.lines), 0),
            Tab::Performance => {
                let rows = self.graph_rows(state, room.width).len();
                let below = Size {
                    height: room.height.saturating_sub(1),
                    ..room
                };
                Extent {
                    all: rows,
                    shown: Grid::of(below, rows).shown,
                    beyond: 0,
                }
            }
            Tab::Events => Extent {
                all: state.events_of(self.id).count(),
                shown: height,
                beyond: 0,
            },
            _ => Extent {
                all: self.sheet(state, room.width).len(),
                shown: height,
                beyond: 0,
            },
        }
    }

    /// First and last line on the screen, counted from 1, and how many there are; `None` where all of them are seen.
    #[must_use]
    pub fn place(&self, state: &State) -> Option<(usize, usize, usize)> {
        let Extent { all, shown, .. } = self.extent(state);
        let top = self.top().min(all.saturating_sub(shown));
        (shown < all).then(|| (top + 1, top + shown, all))
    }
}

/// The part of the screen that sections are drawn in: the page without its heading, its sections and its margins.
fn room(state: &State) -> Size {
    let lines = state.page_lines_below(2);
    Size {
        width: state.size.width.saturating_sub(2),
        height: u16::try_from(lines).unwrap_or(u16::MAX),
    }
}

/// Columns of the numbers before the lines of a text, with the blank behind them.
#[must_use]
pub fn line_numbers(lines: &Lines) -> usize {
    lines.all().len().to_string().len() + 1
}
