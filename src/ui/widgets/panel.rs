//! One graph with its heading, scale and time axis.
//!
//! ```text
//! CPU                  42%   min 3.0%  avg 21%  max 87%
//!   100% ┤        ⣀
//!        │⢀⣀⣤⣶  ⣿⣿
//!      0 ┤⣿⣿⣿  ⣿⣿
//!         -10m      -5m           now
//! ```
//! Two series are mirrored: the first rises from the middle, the second hangs from it, on one scale.

use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::scale::{Unit, time_axis};
use super::{Grows, Plot, Symbols};
use crate::stats::{Cell, Summary, Timeline};
use crate::text;
use crate::ui::theme::Theme;

/// Columns of the scale: a label and its tick.
const SCALE: u16 = 8;

/// The stretch of time that all graphs of a page show.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Where the grid of columns begins, so that a graph moves by whole columns and never shimmers.
    pub anchor: Instant,
    /// The right edge.
    pub end: Instant,
    /// From the left edge to the right one.
    pub span: Duration,
    /// What the right edge is called.
    pub end_label: &'a str,
}

impl Window<'_> {
    /// Left and right edge for `columns` of data.
    fn edges(&self, columns: usize) -> (Instant, Instant) {
        let column = self.span.as_nanos().max(1) / columns.max(1) as u128;
        let column = column.max(1);
        let passed = self.end.saturating_duration_since(self.anchor).as_nanos();
        let whole = passed.div_ceil(column) * column;
        let end = self.anchor + nanoseconds(whole);
        let from = end.checked_sub(nanoseconds(column * columns as u128));
        (from.unwrap_or(self.anchor), end)
    }
}

fn nanoseconds(count: u128) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(u64::MAX))
}

/// One series of a graph.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Its name; empty for the only one of a graph.
    pub label: &'a str,
    /// Where it is kept; `None` before anything was read.
    pub line: Option<&'a Timeline>,
    /// Its number there.
    pub index: usize,
    /// Its colour.
    pub style: Style,
}

/// A graph with all that belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Panel<'a> {
    /// Its title, fit for the screen.
    pub title: &'a str,
    /// Unit of its figures.
    pub unit: Unit,
    /// The figure at the top, where it is fixed.
    pub top: Option<f64>,
    /// One series, or two to be mirrored.
    pub series: &'a [Series<'a>],
    /// Whether ages are written below.
    pub time_axis: bool,
}

/// A series with its figures for one window.
struct Prepared<'a> {
    series: &'a Series<'a>,
    cells: Vec<Option<Cell>>,
    summary: Option<Summary>,
}

impl Panel<'_> {
    /// Draws into `area`; leaves out what finds no room: first the ages, then the scale.
    pub fn draw(&self, area: Rect, window: &Window<'_>, theme: &Theme, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let symbols = theme.symbols;
        let mirrored = self.series.len() > 1;
        let scale = if area.width >= SCALE + 12 { SCALE } else { 0 };
        let around = 1 + u16::from(mirrored);
        let ages = self.time_axis && area.height >= around + 3;
        let plot = Rect {
            x: area.x + scale,
            y: area.y + 1,
            width: area.width - scale,
            height: area.height.saturating_sub(around + u16::from(ages)),
        };
        let columns = usize::from(plot.width) * symbols.dots_across();
        let (from, to) = window.edges(columns);
        let prepared: Vec<_> = self
            .series
            .iter()
            .take(2)
            .map(|series| Prepared {
                series,
                cells: series.line.map_or_else(
                    || vec![None; columns],
                    |line| line.cells(series.index, from, to, columns),
                ),
                summary: series
                    .line
                    .and_then(|line| line.summary(series.index, from, to)),
            })
            .collect();
        let max = prepared
            .iter()
            .filter_map(|one| one.summary.map(|summary| summary.max))
            .fold(0.0, f64::max);
        let top = self.top.unwrap_or_else(|| self.unit.top(max));

        if let Some(first) = prepared.first() {
            self.heading(line_of(area, 0), self.title, first, theme, buffer);
        }
        self.plots(plot, &prepared, top, theme, buffer);
        if scale > 0 {
            self.scale(plot, top, mirrored, theme, buffer);
        }
        let mut below = 1 + plot.height;
        if let Some(second) = prepared.get(1) {
            self.heading(line_of(area, below), "", second, theme, buffer);
            below += 1;
        }
        if ages {
            let axis = time_axis(window.span, window.end_label, usize::from(plot.width));
            buffer.set_string(plot.x, area.y + below, axis, theme.dim);
        }
    }

    fn plots(
        &self,
        area: Rect,
        prepared: &[Prepared<'_>],
        top: f64,
        theme: &Theme,
        buffer: &mut Buffer,
    ) {
        let upper = area.height.div_ceil(prepared.len().max(1) as u16);
        for (place, one) in prepared.iter().enumerate() {
            let (area, grows) = if place == 0 {
                (
                    Rect {
                        height: upper,
                        ..area
                    },
                    Grows::Up,
                )
            } else {
                let rest = Rect {
                    y: area.y + upper,
                    height: area.height - upper,
                    ..area
                };
                (rest, Grows::Down)
            };
            Plot {
                cells: &one.cells,
                top,
                grows,
                strong: one.series.style,
                weak: one
                    .series
                    .style
                    .patch(theme.dim)
                    .add_modifier(Modifier::DIM),
            }
            .draw(area, theme.symbols, buffer);
        }
    }

    /// Title, present figure, and minimum, average and maximum as far as there is room.
    fn heading(
        &self,
        area: Rect,
        title: &str,
        one: &Prepared<'_>,
        theme: &Theme,
        buffer: &mut Buffer,
    ) {
        if area.is_empty() {
            return;
        }
        let width = usize::from(area.width);
        let series = one.series;
        let last = one.summary.and_then(|summary| summary.last);
        let present = self.unit.show_or_dash(last);
        let name = match series.label {
            "" => String::new(),
            label => format!("{label} "),
        };
        let figure = format!("{name}{present:>7}");
        let summary = one.summary.map_or_else(Vec::new, |summary| {
            let show = |word: &str, figure| format!("{word} {:<7}", self.unit.show(figure));
            vec![
                show("min", summary.min),
                show("avg", summary.avg),
                show("max", summary.max),
            ]
        });
        let figure_width = text::width(&figure);
        let title_room = width.saturating_sub(figure_width + 1);
        let title = text::fit(title, text::width(title).min(title_room));
        let title_width = text::width(&title);
        buffer.set_string(area.x, area.y, &title, theme.title);

        // The figure stands beside the title; the rest at the right edge, the least telling leaving first.
        let figure_at = if title_width == 0 {
            usize::from(SCALE).min(width.saturating_sub(figure_width))
        } else {
            (title_width + 2)
                .max(usize::from(SCALE))
                .min(width.saturating_sub(figure_width))
        };
        buffer.set_stringn(
            area.x + figure_at as u16,
            area.y,
            &figure,
            width - figure_at,
            series.style,
        );
        let used = figure_at + figure_width + 2;
        let fitting = (0..summary.len())
            .map(|skipped| summary[skipped..].join(" "))
            .find(|joined| used + joined.chars().count() <= width);
        if let Some(joined) = fitting {
            let at = width - joined.chars().count();
            buffer.set_string(area.x + at as u16, area.y, joined, theme.dim);
        }
    }

    fn scale(&self, plot: Rect, top: f64, mirrored: bool, theme: &Theme, buffer: &mut Buffer) {
        if plot.height == 0 {
            return;
        }
        let (tick, line) = match theme.symbols {
            Symbols::Ascii => ("+", "|"),
            _ => ("┤", "│"),
        };
        let x = plot.x - SCALE;
        let last = plot.height - 1;
        let middle = if mirrored {
            plot.height.div_ceil(2) - 1
        } else {
            plot.height / 2
        };
        for row in 0..plot.height {
            let figure = match row {
                0 => Some(top),
                row if row == last && mirrored => Some(top),
                row if row == last => Some(0.0),
                row if row == middle && mirrored => Some(0.0),
                row if row == middle && plot.height >= 5 && plot.height % 2 == 1 => Some(top / 2.0),
                _ => None,
            };
            let y = plot.y + row;
            let label = figure.map_or_else(String::new, |figure| self.unit.label(figure));
            buffer.set_string(x, y, format!("{label:>6} "), theme.dim);
            let mark = if figure.is_some() { tick } else { line };
            buffer.set_string(x + SCALE - 1, y, mark, theme.dim);
        }
    }
}

fn line_of(area: Rect, line: u16) -> Rect {
    Rect {
        y: area.y + line,
        height: 1,
        ..area
    }
    .intersection(area)
}

#[cfg(test)]
#[path = "panel_tests.rs"]
mod tests;
