//! A VGA in text mode, read out of the guest's memory: characters and colours as they are, instead of a picture of them.
//!
//! The memory holds eight screens and more; which part is shown is in a register of the card that nobody can read from
//! outside. So the part is found by the picture: a blank of the text is one colour there, a letter is not.

use std::collections::HashMap;

use super::Picture;

/// Where the memory of a VGA in text mode is, and how many bytes.
pub const TEXT_MEMORY: (u64, usize) = (0xB_8000, 32 * 1024);

/// The colours of a VGA, `0x00RRGGBB`.
pub const PALETTE: [u32; 16] = [
    0x00_0000, 0x00_00aa, 0x00_aa00, 0x00_aaaa, 0xaa_0000, 0xaa_00aa, 0xaa_5500, 0xaa_aaaa,
    0x55_5555, 0x55_55ff, 0x55_ff55, 0x55_ffff, 0xff_5555, 0xff_55ff, 0xff_ff55, 0xff_ffff,
];

/// How many cells of a hundred must agree with the picture.
const AGREE: usize = 97;

/// What a byte of code page 437 looks like, for those that ASCII does not have.
const LOW: &str = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
const HIGH: &str = "⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

/// A character with its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextCell {
    /// What it looks like.
    pub symbol: char,
    /// Its colour, of the 16.
    pub front: u8,
    /// The colour behind it, of the 16.
    pub back: u8,
}

/// The characters of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextScreen {
    /// Columns.
    pub columns: u16,
    /// Lines.
    pub lines: u16,
    /// Line by line.
    pub cells: Vec<TextCell>,
    /// Column and line of the cursor, where it can be seen in the picture.
    pub cursor: Option<(u16, u16)>,
}

impl TextScreen {
    /// Lines down to the cursor, or to the last with something on it where that is not seen.
    #[must_use]
    pub fn last_written(&self) -> u16 {
        if let Some((_, line)) = self.cursor {
            return line.saturating_add(1);
        }
        let blank = |cell: &TextCell| cell.symbol == ' ' && cell.back == 0;
        let mut lines = self.cells.chunks(usize::from(self.columns).max(1));
        let last = lines.rposition(|line| !line.iter().all(blank));
        u16::try_from(last.map_or(0, |line| line + 1)).unwrap_or(u16::MAX)
    }

    /// A cell; `None` outside.
    #[must_use]
    pub fn cell(&self, column: u16, line: u16) -> Option<&TextCell> {
        if column >= self.columns {
            return None;
        }
        let at = usize::from(line) * usize::from(self.columns) + usize::from(column);
        self.cells.get(at)
    }

    /// The text, without the blanks at the end of lines and without the empty lines at the end.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self
            .cells
            .chunks(usize::from(self.columns).max(1))
            .map(|cells| cells.iter().map(|cell| cell.symbol).collect::<String>())
            .map(|line| line.trim_end().to_owned())
            .collect();
        let last = lines.iter().rposition(|line| !line.is_empty());
        lines[..last.map_or(0, |last| last + 1)].join("\n")
    }

    /// Finds the screen that `picture` shows in `memory`; `None` when it is no text, or not of this memory.
    #[must_use]
    pub fn read(memory: &[u8], picture: &Picture) -> Option<Self> {
        let (columns, lines, wide, high) = grid(picture)?;
        let seen = Seen::of(picture, columns, lines, wide, high);
        let size = columns * lines * 2;
        let step = columns * 2;
        let mut best: Option<(usize, usize)> = None;
        for from in (0..=memory.len().checked_sub(size)?).step_by(step) {
            let part = memory.get(from..from + size)?;
            let score = seen.agreement(part);
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, from));
            }
        }
        let (score, from) = best?;
        if score * 100 < columns * lines * AGREE {
            return None;
        }
        let part = memory.get(from..from + size)?;
        if !seen.letters_hold(part) {
            return None;
        }
        let cells: Vec<_> = part
            .chunks_exact(2)
            .map(|bytes| TextCell {
                symbol: symbol(bytes[0]),
                front: bytes[1] & 0x0f,
                // The highest bit blinks, or is the brightness: the picture knows, and few use it.
                back: (bytes[1] >> 4) & 0x07,
            })
            .collect();
        let cursor = seen.cursor(part).and_then(|at| {
            let place = |number: usize| u16::try_from(number).ok();
            Some((place(at % columns)?, place(at / columns)?))
        });
        Some(Self {
            columns: u16::try_from(columns).ok()?,
            lines: u16::try_from(lines).ok()?,
            cells,
            cursor,
        })
    }
}

fn symbol(byte: u8) -> char {
    let found = match byte {
        0x20..=0x7e => return char::from(byte),
        0..=0x1f => LOW.chars().nth(usize::from(byte)),
        _ => HIGH.chars().nth(usize::from(byte - 0x7f)),
    };
    found.unwrap_or(' ')
}

/// Whether a picture may be that of a text mode: only then is the memory worth reading.
#[must_use]
pub fn is_text_size(picture: &Picture) -> bool {
    grid(picture).is_some()
}

/// Columns, lines, and the pixels of a cell, of the text modes there are.
fn grid(picture: &Picture) -> Option<(usize, usize, usize, usize)> {
    let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
    let (columns, wide) = match width {
        720 => (80, 9),
        640 => (80, 8),
        360 => (40, 9),
        320 => (40, 8),
        1056 => (132, 8),
        1188 => (132, 9),
        _ => return None,
    };
    let (lines, high) = match height {
        // 480 lines are graphics far more often, which is found out by the letters.
        400 => (25, 16),
        480 => (30, 16),
        350 => (25, 14),
        448 => (28, 16),
        344 => (43, 8),
        800 => (50, 16),
        _ => return None,
    };
    Some((columns, lines, wide, high))
}

/// What the picture shows in each cell.
struct Seen {
    cells: Vec<SeenCell>,
}

struct SeenCell {
    /// The one colour, where there is one.
    plain: Option<u32>,
    /// Says that two cells look the same but for the colours.
    shape: u64,
    /// Lines of the cell that are one colour from end to end, and other than what is above: a cursor.
    bar: bool,
}

impl Seen {
    fn of(picture: &Picture, columns: usize, lines: usize, wide: usize, high: usize) -> Self {
        let mut cells = Vec::with_capacity(columns * lines);
        for line in 0..lines {
            for column in 0..columns {
                cells.push(SeenCell::of(
                    picture,
                    column * wide,
                    line * high,
                    wide,
                    high,
                ));
            }
        }
        Self { cells }
    }

    /// How many cells can be what the memory says.
    fn agreement(&self, part: &[u8]) -> usize {
        let fits = |(cell, bytes): &(&SeenCell, &[u8])| match cell.plain {
            Some(colour) => {
                let (front, back) = colours(bytes[1]);
                is_blank(bytes[0]) && (near(colour, back) || bytes[0] == 0xdb && near(colour, front))
                    // Concealed: the letter has the colour of what is behind it.
                    || front == back && near(colour, back)
            }
            None => !is_blank(bytes[0]) || cell.bar,
        };
        self.cells
            .iter()
            .zip(part.chunks_exact(2))
            .filter(fits)
            .count()
    }

    /// Whether one character looks the same wherever it stands; the fonts of guests differ, but each is one font.
    fn letters_hold(&self, part: &[u8]) -> bool {
        let mut shapes: HashMap<u8, HashMap<u64, usize>> = HashMap::new();
        let mut counted = 0;
        for (cell, bytes) in self.cells.iter().zip(part.chunks_exact(2)) {
            if cell.plain.is_none() && !is_blank(bytes[0]) {
                *shapes
                    .entry(bytes[0])
                    .or_default()
                    .entry(cell.shape)
                    .or_default() += 1;
                counted += 1;
            }
        }
        let same: usize = shapes.values().filter_map(|of| of.values().max()).sum();
        // A few are under the cursor, or were changed while they were read.
        same * 100 >= counted * 90
    }

    /// The cell with a bar at its foot that its character does not have elsewhere.
    fn cursor(&self, part: &[u8]) -> Option<usize> {
        let has_bar = |(_, (cell, bytes)): &(usize, (&SeenCell, &[u8]))| {
            // Underscores and boxes have bars of their own.
            cell.bar && (is_blank(bytes[0]) || bytes[0].is_ascii_alphanumeric())
        };
        let mut found = self
            .cells
            .iter()
            .zip(part.chunks_exact(2))
            .enumerate()
            .filter(has_bar);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }
}

impl SeenCell {
    fn of(picture: &Picture, x: usize, y: usize, wide: usize, high: usize) -> Self {
        let line = |number: usize| {
            let line = picture.line(u16::try_from(y + number).unwrap_or(u16::MAX));
            line.get(x..x + wide).unwrap_or_default()
        };
        let first = line(0).first().copied().unwrap_or(0);
        let mut shape: u64 = 0xcbf2_9ce4_8422_2325;
        let mut plain = true;
        for number in 0..high {
            for pixel in line(number) {
                let differs = *pixel != first;
                plain &= !differs;
                shape = (shape ^ u64::from(differs)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        let whole = |number: usize| {
            let pixels = line(number);
            // The ninth column of a letter is empty.
            pixels.iter().take(8).all(|pixel| *pixel != first)
        };
        let bar = (high - 3..high).filter(|number| whole(*number)).count() >= 2;
        Self {
            plain: plain.then_some(first),
            shape,
            bar,
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 0x20 | 0xdb | 0xff)
}

fn colours(attribute: u8) -> (u32, u32) {
    let of = |number: u8| PALETTE[usize::from(number & 0x0f)];
    (of(attribute), of((attribute >> 4) & 0x07))
}

/// Whether two colours are one: cards and guests differ a little in their palettes, or have one of their own.
fn near(one: u32, other: u32) -> bool {
    one.to_be_bytes()
        .into_iter()
        .zip(other.to_be_bytes())
        .all(|(a, b)| a.abs_diff(b) <= 0x30)
}
