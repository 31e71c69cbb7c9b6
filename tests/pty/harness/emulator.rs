//! What stands on the screen, by the emulator of another project.

use std::sync::{Arc, Mutex};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term, TermMode};
use alacritty_terminal::vte::ansi::{Color, Processor};

/// Bytes kept; a test that prints more looks at the last of them.
const KEPT: usize = 16 * 1024 * 1024;

/// Takes bytes, remembers them, shows what they draw.
pub struct Emulator {
    term: Term<Listener>,
    parser: Processor,
    listener: Listener,
    raw: Vec<u8>,
    /// Bytes that are no longer in `raw`.
    forgotten: usize,
}

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    copies: Vec<String>,
    replies: Vec<u8>,
    titles: Vec<String>,
}

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        let mut told = self.0.lock().unwrap();
        match event {
            Event::ClipboardStore(_, text) => told.copies.push(text),
            Event::PtyWrite(text) => told.replies.extend(text.bytes()),
            Event::Title(title) => told.titles.push(title),
            _ => {}
        }
    }
}

struct Size {
    columns: usize,
    lines: usize,
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.lines
    }

    fn screen_lines(&self) -> usize {
        self.lines
    }

    fn columns(&self) -> usize {
        self.columns
    }
}

/// The emulator itself needs room for a wide character.
fn room(columns: u16, lines: u16) -> Size {
    Size {
        columns: usize::from(columns.max(2)),
        lines: usize::from(lines.max(1)),
    }
}

impl Emulator {
    pub fn new(columns: u16, lines: u16) -> Self {
        let listener = Listener::default();
        let term = Term::new(Config::default(), &room(columns, lines), listener.clone());
        Self {
            term,
            parser: Processor::new(),
            listener,
            raw: Vec::new(),
            forgotten: 0,
        }
    }

    pub fn take(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
        self.raw.extend_from_slice(bytes);
        if self.raw.len() > KEPT {
            let drop = self.raw.len() - KEPT / 2;
            self.raw.drain(..drop);
            self.forgotten += drop;
        }
    }

    /// What the emulator answers to questions of the program.
    pub fn replies(&self) -> Vec<u8> {
        std::mem::take(&mut self.listener.0.lock().unwrap().replies)
    }

    pub fn resize(&mut self, columns: u16, lines: u16) {
        self.term.resize(room(columns, lines));
    }

    /// Number of bytes taken so far.
    pub fn count(&self) -> usize {
        self.forgotten + self.raw.len()
    }

    /// Bytes taken since there were `count` of them.
    pub fn since(&self, count: usize) -> Vec<u8> {
        self.raw[count.saturating_sub(self.forgotten)..].to_vec()
    }

    /// A copy of all that can be seen.
    pub fn screen(&self) -> Screen {
        let grid = self.term.grid();
        let mut rows = Vec::new();
        for line in 0..grid.screen_lines() {
            let row = &grid[Line(i32::try_from(line).unwrap())];
            let cells = (0..grid.columns()).map(|column| {
                let cell = &row[Column(column)];
                let hidden = Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
                let mut text = String::new();
                if !cell.flags.intersects(hidden) {
                    text.push(cell.c);
                    text.extend(cell.zerowidth().into_iter().flatten());
                }
                Cell {
                    text,
                    fg: cell.fg,
                    bg: cell.bg,
                    flags: cell.flags,
                }
            });
            rows.push(cells.collect());
        }
        let told = self.listener.0.lock().unwrap();
        Screen {
            rows,
            modes: *self.term.mode(),
            cursor: grid.cursor.point,
            attributes: {
                let template = &grid.cursor.template;
                (template.fg, template.bg, template.flags)
            },
            copies: told.copies.clone(),
            titles: told.titles.clone(),
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The character with what combines with it; empty in the second half of a wide one.
    pub text: String,
    pub fg: Color,
    pub bg: Color,
    pub flags: Flags,
}

/// What can be seen at one moment.
#[derive(Debug, Clone)]
pub struct Screen {
    pub rows: Vec<Vec<Cell>>,
    pub modes: TermMode,
    pub cursor: Point,
    /// How the next character would look.
    pub attributes: (Color, Color, Flags),
    /// What was put into the clipboard, oldest first.
    pub copies: Vec<String>,
    /// Titles that the window was given.
    pub titles: Vec<String>,
}

impl Screen {
    /// The text of one line, without the blanks at its end.
    pub fn line(&self, line: usize) -> String {
        let text: String = self.rows[line].iter().map(|cell| &*cell.text).collect();
        text.trim_end().to_owned()
    }

    /// All lines.
    pub fn text(&self) -> String {
        let lines: Vec<_> = (0..self.rows.len()).map(|line| self.line(line)).collect();
        lines.join("\n")
    }

    pub fn has(&self, text: &str) -> bool {
        (0..self.rows.len()).any(|line| self.line(line).contains(text))
    }

    /// The line that holds `text`; panics without one.
    #[track_caller]
    pub fn line_with(&self, text: &str) -> String {
        (0..self.rows.len())
            .map(|line| self.line(line))
            .find(|line| line.contains(text))
            .unwrap_or_else(|| panic!("no line with {text:?} on\n{}", self.text()))
    }

    /// The number of the line that holds `text`; panics without one.
    #[track_caller]
    pub fn number_of(&self, text: &str) -> usize {
        (0..self.rows.len())
            .find(|line| self.line(*line).contains(text))
            .unwrap_or_else(|| panic!("no line with {text:?} on\n{}", self.text()))
    }

    /// Whether it is the screen of a full-screen program.
    pub fn is_alternate(&self) -> bool {
        self.modes.contains(TermMode::ALT_SCREEN)
    }
}
