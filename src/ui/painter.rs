//! The brush: writes into the buffer, never outside of it, never anything that is not visible.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::Theme;
use crate::app::{Target, Tone};
use crate::text;

/// Draws into one frame.
pub struct Painter<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// The colours.
    pub theme: &'a Theme,
    hits: &'a mut Vec<(Rect, Target)>,
    cursor: &'a mut Option<Position>,
}

impl<'a> Painter<'a> {
    /// A brush for this frame.
    pub fn new(
        buffer: &'a mut Buffer,
        theme: &'a Theme,
        hits: &'a mut Vec<(Rect, Target)>,
        cursor: &'a mut Option<Position>,
    ) -> Self {
        Self {
            buffer,
            theme,
            hits,
            cursor,
        }
    }

    /// Writes `words` from `x` on in at most `width` columns; gives the columns used.
    pub fn text(&mut self, x: u16, y: u16, width: u16, words: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if width == 0 || !area.contains(Position::new(x, y)) {
            return 0;
        }
        let room = usize::from(width.min(area.right() - x));
        let shown = text::visible(words);
        if text::width(&shown) > room {
            self.put(x, y, &text::fit(&shown, room), style)
        } else {
            self.put(x, y, &shown, style)
        }
    }

    /// Fills cells from `x` on; gives the columns used. The words fit. Not ratatui's way of doing this: a cell would
    /// hold a whole sequence of characters, and what a terminal draws wider than expected would stay.
    fn put(&mut self, x: u16, y: u16, words: &str, style: Style) -> u16 {
        let mut at = x;
        for (unit, wide) in text::units(words) {
            let wide = u16::try_from(wide).unwrap_or(0);
            for column in at..at + wide {
                if let Some(cell) = self.buffer.cell_mut((column, y)) {
                    // The second half of a wide character stands empty.
                    let symbol = if column == at { unit } else { " " };
                    cell.set_symbol(symbol).set_style(style);
                }
            }
            at += wide;
        }
        at - x
    }

    /// Writes one character with its marks into one cell. A wide one takes the next cell as well, which the caller empties.
    pub fn cell(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(&text::visible(symbol)).set_style(style);
        }
    }

    /// Writes `words` so that they end with the last of `width` columns.
    pub fn right(&mut self, x: u16, y: u16, width: u16, words: &str, style: Style) -> u16 {
        let wide = u16::try_from(text::width(&text::visible(words))).unwrap_or(u16::MAX);
        let blank = width.saturating_sub(wide);
        self.text(x.saturating_add(blank), y, width - blank, words, style)
    }

    /// Empties an area and gives it a style.
    pub fn fill(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Adds a style to an area, keeping what stands there.
    pub fn restyle(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// Remembers what a click on `area` means.
    pub fn hit(&mut self, area: Rect, target: Target) {
        self.hits.push((area, target));
    }

    /// Puts the terminal's cursor here.
    pub fn cursor(&mut self, x: u16, y: u16) {
        if self.buffer.area.contains(Position::new(x, y)) {
            *self.cursor = Some(Position::new(x, y));
        }
    }

    /// An empty box with a border and a title, centred in `area`; gives its inside.
    pub fn dialog(&mut self, area: Rect, width: u16, height: u16, title: &str) -> Rect {
        let width = width.min(area.width);
        let height = height.min(area.height);
        let outer = Rect {
            x: area.x + (area.width - width) / 2,
            y: area.y + (area.height - height) / 2,
            width,
            height,
        };
        self.fill(outer, self.theme.text);
        if width < 3 || height < 3 {
            return outer;
        }
        let border = self.theme.border;
        let line = "─".repeat(usize::from(width - 2));
        self.text(outer.x, outer.y, width, &format!("╭{line}╮"), border);
        for y in outer.y + 1..outer.bottom() - 1 {
            self.text(outer.x, y, 1, "│", border);
            self.text(outer.right() - 1, y, 1, "│", border);
        }
        let last = outer.bottom() - 1;
        self.text(outer.x, last, width, &format!("╰{line}╯"), border);
        if width > 6 && !title.is_empty() {
            let style = self.theme.title;
            let room = width - 6;
            self.text(outer.x + 2, outer.y, 1, " ", style);
            let used = self.text(outer.x + 3, outer.y, room, title, style);
            self.text(outer.x + 3 + used, outer.y, 1, " ", style);
        }
        Rect {
            x: outer.x + 2,
            y: outer.y + 1,
            width: width.saturating_sub(4),
            height: height - 2,
        }
    }

    /// The style of a meaning.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Normal => self.theme.text,
            Tone::Dim => self.theme.dim,
            Tone::Strong => self.theme.header,
            Tone::Good => self.theme.good,
            Tone::Warn => self.theme.warn,
            Tone::Bad => self.theme.bad,
            Tone::Info => self.theme.change,
            Tone::Graph => self.theme.series[0],
        }
    }
}

/// `words` in lines of at most `width` columns, broken at blanks where there are any.
#[must_use]
pub fn wrap(words: &str, width: u16) -> Vec<String> {
    text::wrap(words, usize::from(width))
}
