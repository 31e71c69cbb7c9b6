//! A series in one line of text.

use super::Symbols;
use crate::stats::Cell;

/// A series as one line: [`Symbols::dots_across`] cells for each character, `top` at full height, gaps empty.
#[must_use]
pub fn sparkline(cells: &[Option<Cell>], top: f64, symbols: Symbols) -> String {
    // Bits of a braille pattern from the bottom up, left and right.
    const LEFT: [u32; 5] = [0, 0x40, 0x44, 0x46, 0x47];
    const RIGHT: [u32; 5] = [0, 0x80, 0xa0, 0xb0, 0xb8];
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 6] = [' ', '_', '.', '-', '=', '#'];
    let height = |cell: &Option<Cell>, levels: usize| {
        cell.map_or(0, |cell| {
            let part = if top > 0.0 { cell.avg / top } else { 0.0 };
            ((part * levels as f64).round() as usize).clamp(1, levels)
        })
    };
    match symbols {
        Symbols::Braille => cells
            .chunks(2)
            .map(|pair| {
                let left = height(&pair[0], 4);
                let right = pair.get(1).map_or(0, |cell| height(cell, 4));
                match LEFT[left] + RIGHT[right] {
                    0 => ' ',
                    bits => char::from_u32(0x2800 + bits).unwrap_or(' '),
                }
            })
            .collect(),
        Symbols::Blocks => cells.iter().map(|cell| BLOCKS[height(cell, 8)]).collect(),
        Symbols::Ascii => cells.iter().map(|cell| ASCII[height(cell, 5)]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparkline_shows_zero_gap_and_full() {
        let cell = |figure: f64| {
            Some(Cell {
                min: figure,
                avg: figure,
                max: figure,
            })
        };
        let cells = [
            cell(0.0),
            cell(25.0),
            None,
            None,
            cell(50.0),
            cell(100.0),
            cell(75.0),
            None,
        ];
        assert_eq!(sparkline(&cells, 100.0, Symbols::Braille), "⣀ ⣼⡆");
        assert_eq!(sparkline(&cells, 100.0, Symbols::Blocks), "▁▂  ▄█▆ ");
        assert_eq!(sparkline(&cells, 100.0, Symbols::Ascii), "__  -#= ");
        assert_eq!(
            sparkline(&cells[..3], 0.0, Symbols::Braille)
                .chars()
                .count(),
            2
        );
    }
}
