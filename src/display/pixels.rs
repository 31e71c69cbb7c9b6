//! Pictures as bytes for terminals that draw pixels: kitty's graphics, iTerm2's images, sixel.
//!
//! Everything here is made of numbers and base64; nothing of a guest's text is in it.

use std::fmt::Write as _;

use super::Picture;

/// How pixels go to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum PixelWay {
    /// kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm2,
    /// DEC's sixel.
    Sixel,
    /// Two pixels a cell, which every terminal can.
    #[default]
    Blocks,
}

impl PixelWay {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Kitty, Self::Iterm2, Self::Sixel, Self::Blocks];

    /// Its word in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kitty => "kitty",
            Self::Iterm2 => "iterm2",
            Self::Sixel => "sixel",
            Self::Blocks => "blocks",
        }
    }

    /// The bytes that draw a picture at the cursor over so many cells; `None` for blocks, which are cells. A terminal keeps one
    /// picture of each `number`.
    #[must_use]
    pub fn encode(
        self,
        picture: &Picture,
        (columns, lines): (u16, u16),
        number: u32,
    ) -> Option<Vec<u8>> {
        match self {
            Self::Kitty => Some(kitty(picture, (columns, lines), number)),
            Self::Iterm2 => iterm2(picture, columns, lines),
            Self::Sixel => Some(sixel(picture)),
            Self::Blocks => None,
        }
    }

    /// The bytes that take away what was drawn by a number, where writing cells over it does not.
    #[must_use]
    pub fn erase(self, number: u32) -> Vec<u8> {
        match self {
            Self::Kitty => format!("\x1b_Ga=d,d=I,i={},q=2\x1b\\", image(number)).into_bytes(),
            Self::Iterm2 | Self::Sixel | Self::Blocks => Vec::new(),
        }
    }
}

/// Bytes of base64 in one command of kitty's, at most.
const KITTY_PIECE: usize = 4096;

/// Images of others in the same terminal most likely have small numbers.
const FIRST_IMAGE: u32 = 7620;

fn image(number: u32) -> u32 {
    FIRST_IMAGE.saturating_add(number)
}

/// One image for each display, always of the same number, so that the terminal keeps no more. PNG: a picture of pixels as
/// they are would be ten times as large.
fn kitty(picture: &Picture, (columns, lines): (u16, u16), number: u32) -> Vec<u8> {
    let image = image(number);
    let encoded = base64(&picture.png().unwrap_or_default());
    let mut out = String::with_capacity(encoded.len() + encoded.len() / KITTY_PIECE * 16 + 64);
    let mut pieces = encoded.as_bytes().chunks(KITTY_PIECE).peekable();
    let mut first = true;
    while let Some(piece) = pieces.next() {
        let more = u8::from(pieces.peek().is_some());
        if first {
            // C=1 leaves the cursor, q=2 keeps the terminal from answering.
            let _ = write!(
                out,
                "\x1b_Ga=T,f=100,i={image},p=1,C=1,q=2,c={columns},r={lines},m={more};"
            );
        } else {
            let _ = write!(out, "\x1b_Gm={more};");
        }
        first = false;
        out.push_str(std::str::from_utf8(piece).unwrap_or_default());
        out.push_str("\x1b\\");
    }
    out.into_bytes()
}

fn iterm2(picture: &Picture, columns: u16, lines: u16) -> Option<Vec<u8>> {
    let png = picture.png().ok()?;
    let mut out = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={lines};preserveAspectRatio=0;doNotMoveCursor=1:",
        png.len()
    );
    out.push_str(&base64(&png));
    out.push('\x07');
    Some(out.into_bytes())
}

/// Levels of red, green and blue: 6 by 7 by 6 colours, green finer as the eye is.
const LEVELS: [u32; 3] = [6, 7, 6];

fn sixel(picture: &Picture) -> Vec<u8> {
    let width = usize::from(picture.width());
    let mut out = format!("\x1bP0;1;0q\"1;1;{};{}", picture.width(), picture.height());
    let mut told = [false; 252];
    let mut band: Vec<u8> = Vec::new();
    for top in (0..picture.height()).step_by(6) {
        // The colour of each pixel of the six lines.
        let lines: Vec<Vec<u8>> = (top..picture.height().min(top + 6))
            .map(|y| {
                picture
                    .line(y)
                    .iter()
                    .map(|pixel| quantised(*pixel))
                    .collect()
            })
            .collect();
        let mut used = [false; 252];
        for colour in lines.iter().flatten() {
            used[usize::from(*colour)] = true;
        }
        let colours = used.iter().enumerate().filter(|(_, used)| **used);
        for (number, (colour, _)) in colours.enumerate() {
            if number > 0 {
                out.push('$');
            }
            if !told[colour] {
                told[colour] = true;
                let [red, green, blue] = shade(colour);
                let _ = write!(out, "#{colour};2;{red};{green};{blue}");
            } else {
                let _ = write!(out, "#{colour}");
            }
            band.clear();
            band.resize(width, 0);
            for (row, line) in lines.iter().enumerate() {
                for (bits, at) in band.iter_mut().zip(line) {
                    *bits |= u8::from(usize::from(*at) == colour) << row;
                }
            }
            runs(&band, &mut out);
        }
        out.push('-');
    }
    out.push_str("\x1b\\");
    out.into_bytes()
}

/// The number of the nearest of the colours.
fn quantised(pixel: u32) -> u8 {
    let [_, red, green, blue] = pixel.to_be_bytes();
    let level = |value: u8, levels: u32| (u32::from(value) * (levels - 1) + 127) / 255;
    let number = (level(red, LEVELS[0]) * LEVELS[1] + level(green, LEVELS[1])) * LEVELS[2]
        + level(blue, LEVELS[2]);
    u8::try_from(number).unwrap_or(0)
}

/// A colour in hundredths, as sixel has them.
fn shade(colour: usize) -> [u32; 3] {
    let colour = u32::try_from(colour).unwrap_or(0);
    let (red, rest) = (
        colour / (LEVELS[1] * LEVELS[2]),
        colour % (LEVELS[1] * LEVELS[2]),
    );
    let part = |level: u32, levels: u32| level * 100 / (levels - 1);
    [
        part(red, LEVELS[0]),
        part(rest / LEVELS[2], LEVELS[1]),
        part(rest % LEVELS[2], LEVELS[2]),
    ]
}

/// Six pixels a character, the same ones counted; nothing for blanks at the end.
fn runs(band: &[u8], out: &mut String) {
    let end = band
        .iter()
        .rposition(|bits| *bits != 0)
        .map_or(0, |last| last + 1);
    let mut rest = &band[..end];
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|bits| *bits == first).count();
        let character = char::from(0x3f + first);
        if count > 3 {
            let _ = write!(out, "!{count}{character}");
        } else {
            (0..count).for_each(|_| out.push(character));
        }
        rest = &rest[count..];
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let six = usize::try_from(all >> (18 - 6 * place) & 0x3f).unwrap_or(0);
            out.push(if place <= chunk.len() {
                char::from(BASE64[six])
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_is_as_everybody_reads_it() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_small_picture_as_sixel() {
        let picture = Picture::of(
            5,
            2,
            vec![0xff_0000, 0xff_0000, 0xff_0000, 0xff_0000, 0, 0, 0, 0, 0, 0],
        )
        .unwrap();
        let bytes = PixelWay::Sixel.encode(&picture, (1, 1), 0).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\x1bP0;1;0q\"1;1;5;2#0;2;0;0;0!4AB$#210;2;100;0;0!4@-\x1b\\"
        );
    }

    #[test]
    fn kitty_and_iterm2_carry_the_same_file() {
        let picture = Picture::black(640, 400).unwrap();
        let file = base64(&picture.png().unwrap());
        let text =
            |way: PixelWay| String::from_utf8(way.encode(&picture, (80, 25), 2).unwrap()).unwrap();
        let kitty = text(PixelWay::Kitty);
        assert!(
            kitty.starts_with("\x1b_Ga=T,f=100,i=7622,p=1,C=1,q=2,c=80,r=25,m="),
            "{kitty:?}"
        );
        let carried: String = kitty
            .split("\x1b\\")
            .filter_map(|piece| piece.split_once(';').map(|(_, piece)| piece))
            .collect();
        assert_eq!(carried, file);
        let iterm2 = text(PixelWay::Iterm2);
        assert!(
            iterm2.ends_with(&format!("doNotMoveCursor=1:{file}\x07")),
            "{iterm2:?}"
        );
    }

    proptest! {
        /// What goes to the terminal around the cells holds nothing but what it must.
        #[test]
        fn only_printable_characters_and_their_frames_go_out(pixels in proptest::collection::vec(0_u32..0x0100_0000, 12 * 7)) {
            let picture = Picture::of(12, 7, pixels).unwrap();
            for way in [PixelWay::Kitty, PixelWay::Iterm2, PixelWay::Sixel] {
                let bytes = way.encode(&picture, (3, 2), 0).unwrap();
                let inside = &bytes[2..bytes.len() - 2];
                let plain = inside.iter().all(|byte| (0x20..0x7f).contains(byte));
                prop_assert!(plain, "{way:?}");
                // Each pixel a colour of its own: its definition and a run of its own.
                prop_assert!(bytes.len() < 12 * 7 * 32 + 500);
            }
        }
    }
}
