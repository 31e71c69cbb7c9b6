//! Facts in lines: headings, pairs of a word and a value, tables. Scrolled as a whole.

use ratatui::layout::Rect;

use super::Painter;
use crate::app::Tone;
use crate::text;
use crate::ui::painter::wrap;

/// Columns of the words on the left.
const LABEL: u16 = 18;
/// Blanks between two columns of a table.
const GAP: u16 = 2;

/// The lines, top down.
#[derive(Default)]
pub struct Sheet {
    lines: Vec<Line>,
}

enum Line {
    Blank,
    Heading(String),
    Pair(&'static str, String, Tone),
    Text(String, Tone),
    /// Cells with the width of each column.
    Cells(Vec<(String, Tone)>, Vec<u16>),
}

impl Sheet {
    /// A heading, set off from what stands above.
    pub fn heading(&mut self, words: impl Into<String>) {
        if !self.lines.is_empty() {
            self.lines.push(Line::Blank);
        }
        self.lines.push(Line::Heading(words.into()));
    }

    /// A word and its value; an unknown one is a dash.
    pub fn pair(&mut self, label: &'static str, value: Option<impl Into<String>>) {
        match value {
            Some(value) => self.toned(label, value, Tone::Normal),
            None => self.toned(label, "–", Tone::Dim),
        }
    }

    /// A word and its value, with a meaning.
    pub fn toned(&mut self, label: &'static str, value: impl Into<String>, tone: Tone) {
        self.lines.push(Line::Pair(label, value.into(), tone));
    }

    /// A sentence.
    pub fn text(&mut self, words: impl Into<String>, tone: Tone) {
        self.lines.push(Line::Text(words.into(), tone));
    }

    /// A table, each column as wide as its widest cell.
    pub fn table<const N: usize>(&mut self, headings: [&str; N], rows: Vec<[(String, Tone); N]>) {
        let mut widths: Vec<u16> = headings.iter().map(|words| columns(words)).collect();
        for row in &rows {
            for (width, (words, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(columns(&text::visible(words)));
            }
        }
        let headings = headings.map(|words| (words.to_owned(), Tone::Dim));
        self.lines
            .push(Line::Cells(headings.to_vec(), widths.clone()));
        for row in rows {
            self.lines.push(Line::Cells(row.to_vec(), widths.clone()));
        }
    }

    /// Draws from line `top` on, or the last lines where there are not so many.
    pub fn render(&self, top: usize, area: Rect, painter: &mut Painter<'_>) {
        let rows = self.rows(area.width);
        let height = usize::from(area.height);
        let top = top.min(rows.len().saturating_sub(height));
        for (y, row) in (area.y..area.bottom()).zip(&rows[top..]) {
            row.draw(area, y, painter);
        }
    }

    /// The lines as they stand on a screen of this width.
    fn rows(&self, width: u16) -> Vec<Row> {
        let mut rows = Vec::new();
        for line in &self.lines {
            match line {
                Line::Blank => rows.push(Row::default()),
                Line::Heading(words) => {
                    rows.push(Row(vec![(0, width, words.clone(), Tone::Strong)]))
                }
                Line::Text(words, tone) => rows.extend(
                    wrap(words, width)
                        .into_iter()
                        .map(|words| Row(vec![(0, width, words, *tone)])),
                ),
                Line::Pair(label, value, tone) => {
                    let room = width.saturating_sub(LABEL);
                    for (index, words) in wrap(value, room).into_iter().enumerate() {
                        let mut row = vec![(LABEL, room, words, *tone)];
                        if index == 0 {
                            row.push((0, LABEL - 1, (*label).to_owned(), Tone::Dim));
                        }
                        rows.push(Row(row));
                    }
                }
                Line::Cells(cells, widths) => {
                    let mut x = 0;
                    let mut row = Vec::new();
                    for ((words, tone), wide) in cells.iter().zip(widths) {
                        row.push((
                            x,
                            (*wide).min(width.saturating_sub(x)),
                            words.clone(),
                            *tone,
                        ));
                        x = x.saturating_add(wide + GAP);
                    }
                    rows.push(Row(row));
                }
            }
        }
        rows
    }
}

/// Pieces of one line: place, width, words, meaning.
#[derive(Default)]
struct Row(Vec<(u16, u16, String, Tone)>);

impl Row {
    fn draw(&self, area: Rect, y: u16, painter: &mut Painter<'_>) {
        for (x, width, words, tone) in &self.0 {
            let style = painter.tone(*tone);
            let room = (*width).min(area.width.saturating_sub(*x));
            painter.text(area.x.saturating_add(*x), y, room, words, style);
        }
    }
}

fn columns(words: &str) -> u16 {
    u16::try_from(text::width(words)).unwrap_or(u16::MAX / 2)
}
