//! Filled graphs in cells: the area under a series, rising from the bottom or hanging from the top.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Symbols;
use crate::stats::Cell;

/// Which way a graph grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grows {
    /// From the bottom line up.
    Up,
    /// From the top line down: the second of a mirrored pair.
    Down,
}

/// A series drawn as an area up to its maximum; what lies above the average is drawn dim, so that a thinned stretch
/// shows both. A gap stays empty, and zero is a thin line: the two are never alike.
#[derive(Debug, Clone, Copy)]
pub struct Plot<'a> {
    /// The series, [`Symbols::dots_across`] cells for each column of the area.
    pub cells: &'a [Option<Cell>],
    /// The figure at the far edge.
    pub top: f64,
    /// Way of growth.
    pub grows: Grows,
    /// Up to the average.
    pub strong: Style,
    /// From there to the maximum.
    pub weak: Style,
}

/// Height in dots of the average and of the maximum.
#[derive(Debug, Clone, Copy)]
struct Heights {
    avg: usize,
    max: usize,
}

impl Plot<'_> {
    /// Draws into `area`.
    pub fn draw(&self, area: Rect, symbols: Symbols, buffer: &mut Buffer) {
        let across = symbols.dots_across();
        let down = dots_down(symbols);
        let whole = usize::from(area.height) * down;
        for column in 0..usize::from(area.width) {
            let heights = |part: usize| {
                let cell = self.cells.get(column * across + part).copied().flatten()?;
                let dots = |figure: f64| {
                    let part = if self.top > 0.0 {
                        figure / self.top
                    } else {
                        0.0
                    };
                    // Something is always seen where something was known.
                    ((part * whole as f64).round() as usize).clamp(1, whole.max(1))
                };
                Some(Heights {
                    avg: dots(cell.avg),
                    max: dots(cell.max),
                })
            };
            let left = heights(0);
            let right = if across == 2 { heights(1) } else { left };
            for line in 0..usize::from(area.height) {
                // Dots below this line of cells, counted from where the graph grows.
                let line_from_base = match self.grows {
                    Grows::Up => usize::from(area.height) - 1 - line,
                    Grows::Down => line,
                };
                let below = line_from_base * down;
                let filled = |side: Option<Heights>| {
                    side.map_or(0, |side| side.max.saturating_sub(below).min(down))
                };
                let (l, r) = (filled(left), filled(right));
                if l == 0 && r == 0 {
                    continue;
                }
                let is_strong = |side: Option<Heights>| side.is_some_and(|side| side.avg > below);
                let style = if is_strong(left) || is_strong(right) {
                    self.strong
                } else {
                    self.weak
                };
                let x = area.x + column as u16;
                let y = area.y + line as u16;
                if let Some(cell) = buffer.cell_mut((x, y)) {
                    cell.set_char(glyph(symbols, self.grows, l, r))
                        .set_style(style);
                }
            }
        }
    }
}

/// Heights that one cell tells apart.
fn dots_down(symbols: Symbols) -> usize {
    match symbols {
        Symbols::Braille => 4,
        Symbols::Blocks => 8,
        Symbols::Ascii => 3,
    }
}

/// The character with `left` and `right` dots filled, from the side the graph grows from.
fn glyph(symbols: Symbols, grows: Grows, left: usize, right: usize) -> char {
    // Bits of a braille pattern from the bottom up.
    const LEFT: [u32; 4] = [0x40, 0x04, 0x02, 0x01];
    const RIGHT: [u32; 4] = [0x80, 0x20, 0x10, 0x08];
    match (symbols, grows) {
        (Symbols::Braille, _) => {
            let bits = |of: [u32; 4], count: usize| -> u32 {
                match grows {
                    Grows::Up => of.iter().take(count).sum(),
                    Grows::Down => of.iter().rev().take(count).sum(),
                }
            };
            char::from_u32(0x2800 + bits(LEFT, left) + bits(RIGHT, right)).unwrap_or(' ')
        }
        (Symbols::Blocks, Grows::Up) => [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][left.min(8)],
        // Unicode's first blocks hang from the top in an eighth, a half and a whole only.
        (Symbols::Blocks, Grows::Down) => match left {
            0 => ' ',
            1 | 2 => '▔',
            3..=5 => '▀',
            _ => '█',
        },
        (Symbols::Ascii, Grows::Up) => [' ', '.', ':', '#'][left.min(3)],
        (Symbols::Ascii, Grows::Down) => [' ', '\'', ':', '#'][left.min(3)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(figures: &[Option<f64>], symbols: Symbols, grows: Grows, height: u16) -> String {
        let cells: Vec<_> = figures
            .iter()
            .map(|figure| {
                figure.map(|figure| Cell {
                    min: figure,
                    avg: figure,
                    max: figure,
                })
            })
            .collect();
        let width = (cells.len() / symbols.dots_across()) as u16;
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let plot = Plot {
            cells: &cells,
            top: 100.0,
            grows,
            strong: Style::new(),
            weak: Style::new(),
        };
        plot.draw(area, symbols, &mut buffer);
        (0..height)
            .map(|y| {
                (0..width)
                    .map(|x| buffer[(x, y)].symbol())
                    .collect::<String>()
                    + "|\n"
            })
            .collect()
    }

    fn ramp() -> Vec<Option<f64>> {
        let mut ramp: Vec<_> = (0..=15)
            .map(|step| Some(f64::from(step) * 100.0 / 15.0))
            .collect();
        ramp[6] = None;
        ramp[7] = None;
        ramp
    }

    #[test]
    fn braille_rises_with_gaps_and_a_floor() {
        insta::assert_snapshot!(drawn(&ramp(), Symbols::Braille, Grows::Up, 2), @r"
            ⢀⣠⣴⣾|
        ⣀⣠⣴ ⣿⣿⣿⣿|
        ");
    }

    #[test]
    fn braille_hangs_when_mirrored() {
        insta::assert_snapshot!(drawn(&ramp(), Symbols::Braille, Grows::Down, 2), @r"
        ⠉⠙⠻ ⣿⣿⣿⣿|
            ⠈⠙⠻⢿|
        ");
    }

    #[test]
    fn blocks_and_ascii_show_the_same_shape() {
        insta::assert_snapshot!(drawn(&ramp(), Symbols::Blocks, Grows::Up, 2), @"
                ▁▂▃▄▅▆▇█|
        ▁▁▂▃▄▅  ████████|
        ");
        insta::assert_snapshot!(drawn(&ramp(), Symbols::Ascii, Grows::Up, 2), @"
                 ...::##|
        ....::  ########|
        ");
        insta::assert_snapshot!(drawn(&ramp(), Symbols::Blocks, Grows::Down, 1), @"▔▔▔▔▔▀  ▀▀▀█████|");
    }

    #[test]
    fn above_the_average_is_dim() {
        let cell = Some(Cell {
            min: 0.0,
            avg: 20.0,
            max: 100.0,
        });
        let area = Rect::new(0, 0, 1, 2);
        let mut buffer = Buffer::empty(area);
        let weak = Style::new().add_modifier(ratatui::style::Modifier::DIM);
        let plot = Plot {
            cells: &[cell, cell],
            top: 100.0,
            grows: Grows::Up,
            strong: Style::new(),
            weak,
        };
        plot.draw(area, Symbols::Braille, &mut buffer);
        assert!(buffer[(0, 0)].modifier.contains(weak.add_modifier));
        assert!(!buffer[(0, 1)].modifier.contains(weak.add_modifier));
    }

    #[test]
    fn nothing_panics_on_odd_input() {
        for symbols in [Symbols::Braille, Symbols::Blocks, Symbols::Ascii] {
            let area = Rect::new(0, 0, 5, 3);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 2));
            let wild = Some(Cell {
                min: 0.0,
                avg: f64::INFINITY,
                max: f64::INFINITY,
            });
            for top in [0.0, -1.0, f64::NAN, 1e300] {
                Plot {
                    cells: &[wild, None, wild],
                    top,
                    grows: Grows::Down,
                    strong: Style::new(),
                    weak: Style::new(),
                }
                .draw(area, symbols, &mut buffer);
            }
        }
    }
}
