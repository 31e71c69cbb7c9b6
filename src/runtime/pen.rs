//! Cells to bytes, as few as can be: over a slow line they are what a person waits for.
//!
//! ratatui's own backend repeats both colours at each change of one, and jumps to absolute positions only. Here a
//! colour is said when it changes and can be seen, which on a blank only the background can; what looks the same on one
//! line is written together; and short ways are gone in short steps.

use std::fmt::Write as _;
use std::io::{self, Write};

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Attributes that show on a blank.
const ON_BLANK: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

/// Codes of the attributes.
const CODES: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    front: Color,
    back: Color,
    modifier: Modifier,
}

/// Neighbours of one look on a line.
struct Run<'a> {
    x: u16,
    look: Look,
    cells: Vec<&'a Cell>,
}

impl Run<'_> {
    /// From and to.
    fn span(&self) -> (u16, u16) {
        let width = u16::try_from(self.cells.len()).unwrap_or(u16::MAX);
        (self.x, self.x.saturating_add(width))
    }
}

/// What is known of the terminal while a frame is written.
#[derive(Default)]
struct Pen {
    look: Look,
    /// Where the next character goes.
    at: Option<(u16, u16)>,
    /// Every character since the last jump was of a width that all terminals agree on.
    certain: bool,
    /// The screen was empty before this frame.
    cleared: bool,
    /// Columns of this line that belong to the frame, from and to.
    written: Vec<(u16, u16)>,
    bytes: String,
}

/// Writes changed cells, in order of lines, and leaves the terminal with plain attributes, as it must be before.
/// `cleared` says that nothing else is on the screen.
///
/// # Errors
/// Those of `out`.
pub fn write<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = (u16, u16, &'a Cell)>,
    cleared: bool,
) -> io::Result<()> {
    let mut pen = Pen {
        cleared,
        ..Pen::default()
    };
    let mut line = (0, Vec::new());
    for (x, y, cell) in cells {
        if y != line.0 {
            pen.line(line.0, std::mem::take(&mut line.1));
            line.0 = y;
        }
        append(&mut line.1, x, cell);
    }
    pen.line(line.0, line.1);
    if pen.look != Look::default() {
        pen.bytes.push_str("\x1b[m");
    }
    out.write_all(pen.bytes.as_bytes())
}

/// Adds a cell to the runs of its line.
fn append<'a>(runs: &mut Vec<Run<'a>>, x: u16, cell: &'a Cell) {
    let mut look = Look {
        front: cell.fg,
        back: cell.bg,
        modifier: cell.modifier,
    };
    if let Some(run) = runs.last_mut() {
        if shows_background_only(cell) {
            look.front = run.look.front;
            look.modifier = run.look.modifier.difference(ON_BLANK);
        }
        let end = usize::from(run.x) + run.cells.len();
        // After a wide character ratatui leaves a column out, which ends the run.
        if run.look == look && end == usize::from(x) {
            run.cells.push(cell);
            return;
        }
    }
    runs.push(Run {
        x,
        look,
        cells: vec![cell],
    });
}

fn shows_background_only(cell: &Cell) -> bool {
    cell.symbol() == " " && !cell.modifier.intersects(ON_BLANK)
}

impl Pen {
    /// Writes the runs of one line: those that look as the last thing written did, then look by look.
    fn line(&mut self, y: u16, mut runs: Vec<Run<'_>>) {
        self.written.clear();
        self.written.extend(runs.iter().map(Run::span));
        while let Some(first) = runs.first() {
            let same = runs.iter().any(|run| run.look == self.look);
            let look = if same { self.look } else { first.look };
            runs.retain(|run| {
                if run.look == look {
                    self.run(y, run);
                }
                run.look != look
            });
        }
    }

    fn run(&mut self, y: u16, run: &Run<'_>) {
        self.go(run.x, y);
        self.look_like(run.look);
        for cell in &run.cells {
            self.bytes.push_str(cell.symbol());
            self.certain &= cell.symbol().len() == 1;
        }
        self.at = Some((run.span().1, y));
    }

    /// Whether nothing stands on these columns of the line, from and to.
    fn is_empty(&self, from: u16, to: u16) -> bool {
        let apart = |(begin, end): &(u16, u16)| *end <= from || to <= *begin;
        self.cleared && self.written.iter().all(apart)
    }

    fn go(&mut self, x: u16, y: u16) {
        let (line, column) = (y + 1, x + 1);
        let on_line = self.at.filter(|(_, at)| *at == y).map(|(from, _)| from);
        let steps = on_line.and_then(|from| x.checked_sub(from));
        let plain = self.look.back == Color::Reset && !self.look.modifier.intersects(ON_BLANK);
        // Writing to a String cannot fail.
        let _ = match steps.filter(|steps| self.certain || *steps == 0) {
            Some(0) => return,
            Some(steps @ 1..=3) if plain && self.is_empty(x - steps, x) => {
                write!(self.bytes, "{:1$}", "", usize::from(steps))
            }
            Some(1) => write!(self.bytes, "\x1b[C"),
            Some(steps) => write!(self.bytes, "\x1b[{steps}C"),
            None => {
                self.certain = true;
                match (on_line, column) {
                    (Some(_), 1) => write!(self.bytes, "\r"),
                    (Some(_), column) => write!(self.bytes, "\x1b[{column}G"),
                    (None, 1) => write!(self.bytes, "\x1b[{line}H"),
                    (None, column) => write!(self.bytes, "\x1b[{line};{column}H"),
                }
            }
        };
    }

    fn look_like(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        self.bytes.push_str("\x1b[");
        let begun = self.bytes.len();
        if !(self.look.modifier - look.modifier).is_empty() {
            // Attributes go by groups of their own in each terminal; all of them go by this.
            self.code(0);
            self.look = Look::default();
        }
        for (modifier, code) in CODES {
            if (look.modifier - self.look.modifier).contains(modifier) {
                self.code(code);
            }
        }
        if look.front != self.look.front {
            self.colour(look.front, 30);
        }
        if look.back != self.look.back {
            self.colour(look.back, 40);
        }
        if self.bytes.len() > begun {
            self.bytes.pop();
        }
        self.bytes.push('m');
        self.look = look;
    }

    fn code(&mut self, code: u8) {
        let _ = write!(self.bytes, "{code};");
    }

    /// `base` is 30 for the text and 40 for the background.
    fn colour(&mut self, colour: Color, base: u8) {
        const BRIGHT: u8 = 60;
        let code = match colour {
            Color::Reset => 9,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => BRIGHT,
            Color::LightRed => BRIGHT + 1,
            Color::LightGreen => BRIGHT + 2,
            Color::LightYellow => BRIGHT + 3,
            Color::LightBlue => BRIGHT + 4,
            Color::LightMagenta => BRIGHT + 5,
            Color::LightCyan => BRIGHT + 6,
            Color::White => BRIGHT + 7,
            Color::Indexed(index) => {
                let _ = write!(self.bytes, "{};5;{index};", base + 8);
                return;
            }
            Color::Rgb(red, green, blue) => {
                let _ = write!(self.bytes, "{};2;{red};{green};{blue};", base + 8);
                return;
            }
        };
        self.code(base + code);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn written(buffer: &Buffer, cleared: bool) -> String {
        between(&Buffer::empty(buffer.area), buffer, cleared)
    }

    fn between(before: &Buffer, after: &Buffer, cleared: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, before.diff(after).into_iter(), cleared).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn buffer() -> Buffer {
        Buffer::empty(Rect::new(0, 0, 30, 3))
    }

    #[test]
    fn gaps_are_stepped_over_and_colours_said_once() {
        let mut buffer = buffer();
        let green = Style::new().fg(Color::Rgb(1, 2, 3));
        buffer.set_string(0, 1, "on", green);
        buffer.set_string(2, 1, " ", Style::new().fg(Color::Red));
        buffer.set_string(3, 1, "off", green);
        buffer.set_string(9, 1, "x", Style::new());
        buffer.set_string(11, 1, "y", green);
        assert_eq!(
            written(&buffer, false),
            "\u{1b}[2;10Hx\u{1b}[2G\u{1b}[38;2;1;2;3mon off\u{1b}[5Cy\u{1b}[m"
                .replace("\u{1b}[2G", "\r")
        );
        let mut buffer = self::buffer();
        buffer.set_string(0, 0, "a", Style::new());
        buffer.set_string(3, 0, "b", Style::new());
        assert_eq!(written(&buffer, false), "\u{1b}[1Ha\u{1b}[2Cb");
        assert_eq!(written(&buffer, true), "\u{1b}[1Ha  b");
    }

    #[test]
    fn after_a_character_of_doubtful_width_it_jumps() {
        let mut buffer = buffer();
        buffer.set_string(0, 0, "●", Style::new());
        buffer.set_string(4, 0, "a", Style::new());
        buffer.set_string(6, 0, "仮想", Style::new());
        assert_eq!(
            written(&buffer, false),
            "\u{1b}[1H●\u{1b}[5Ga\u{1b}[C仮\u{1b}[9G想"
        );
    }

    #[test]
    fn attributes_go_and_come() {
        let mut buffer = buffer();
        let bar = Style::new().bg(Color::Indexed(4));
        buffer.set_string(0, 0, "a", bar.add_modifier(Modifier::BOLD));
        buffer.set_string(1, 0, "b", bar.fg(Color::LightRed));
        buffer.set_string(2, 0, " ", bar.add_modifier(Modifier::REVERSED));
        assert_eq!(
            written(&buffer, false),
            "\u{1b}[1H\u{1b}[1;48;5;4ma\u{1b}[0;91;48;5;4mb\u{1b}[7;39m \u{1b}[m"
        );
    }

    /// The screen of a terminal that got these bytes: symbol, colours and attributes of each cell.
    fn read(bytes: &str, width: usize, height: usize) -> Vec<(char, Look)> {
        use alacritty_terminal::term::cell::Flags;
        use alacritty_terminal::term::test::TermSize;
        use alacritty_terminal::vte::ansi::{Color as Shown, NamedColor, Processor};
        use alacritty_terminal::{Term, event::VoidListener, term::Config};

        let size = TermSize::new(width, height);
        let mut term = Term::new(Config::default(), &size, VoidListener);
        let mut parser: Processor = Processor::new();
        parser.advance(&mut term, bytes.as_bytes());
        let colour = |shown| match shown {
            Shown::Named(NamedColor::Blue) => Color::Blue,
            Shown::Named(_) => Color::Reset,
            Shown::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
            Shown::Indexed(index) => Color::Indexed(index),
        };
        let cells = term.renderable_content().display_iter;
        cells
            .map(|cell| {
                let mut modifier = Modifier::empty();
                modifier.set(Modifier::BOLD, cell.flags.contains(Flags::BOLD));
                modifier.set(Modifier::REVERSED, cell.flags.contains(Flags::INVERSE));
                let look = Look {
                    front: colour(cell.fg),
                    back: colour(cell.bg),
                    modifier,
                };
                (cell.c, look)
            })
            .collect()
    }

    proptest::proptest! {
        /// A terminal that reads the bytes of two frames shows the second.
        #[test]
        fn what_is_read_is_what_was_meant(
            first in proptest::collection::vec((0_u16..10, 0_u16..3, 0_usize..5, 0_usize..4), 0..40),
            second in proptest::collection::vec((0_u16..10, 0_u16..3, 0_usize..5, 0_usize..4), 0..40),
            cleared in proptest::bool::ANY,
        ) {
            let looks = [
                Style::reset(),
                Style::reset().fg(Color::Rgb(9, 8, 7)),
                Style::reset().bg(Color::Blue).add_modifier(Modifier::BOLD),
                Style::reset().add_modifier(Modifier::REVERSED),
            ];
            let mut buffer = buffer();
            let mut bytes = String::new();
            for (words, cleared) in [(first, cleared), (second, false)] {
                let before = std::mem::replace(&mut buffer, self::buffer());
                for (x, y, word, look) in words {
                    // Apart, so that nothing stands on half of a wide character.
                    buffer.set_string(x * 3, y, ["a", "b ", " ", "●", "想x"][word], looks[look]);
                }
                bytes += &between(&before, &buffer, cleared);
            }
            let mut wide = false;
            for (meant, (symbol, look)) in buffer.content.iter().zip(read(&bytes, 30, 3)) {
                // What stands behind a wide character is its other half.
                if std::mem::replace(&mut wide, crate::text::width(meant.symbol()) > 1) {
                    continue;
                }
                proptest::prop_assert_eq!(meant.symbol(), symbol.to_string(), "{:?}", bytes);
                proptest::prop_assert_eq!(meant.bg, look.back, "{:?}", bytes);
                if !shows_background_only(meant) {
                    proptest::prop_assert_eq!(meant.fg, look.front, "{:?}", bytes);
                    proptest::prop_assert_eq!(meant.modifier, look.modifier, "{:?}", bytes);
                }
            }
        }
    }
}
