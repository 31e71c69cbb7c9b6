//! The emulator.

use std::cell::RefCell;
use std::rc::Rc;

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::{Column, Line, Point, Side};
use alacritty_terminal::selection::{Selection, SelectionType};
use alacritty_terminal::term::cell::{Cell as Raw, Flags};
use alacritty_terminal::term::{Config, Term, TermMode, viewport_to_point};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Processor};

use super::sieve::Sieve;
use super::{Cell, Colour, Look, Modes, Motion, Screen, Wide};
use crate::text;

/// Lines that are kept when they leave the screen.
pub const SCROLLBACK_LINES: usize = 10_000;

/// Bytes that the emulator takes at once: between two of these, cells are looked after.
const PIECE: usize = 4096;

/// Marks that a cell may hold; more than that nobody writes.
const MARKS: usize = 8;

/// Bytes of replies that wait for the guest: one that asks without reading gets no more.
const REPLIES: usize = 4096;

/// The emulator of one console.
pub struct Terminal {
    term: Term<Listener>,
    parser: Processor,
    sieve: Sieve,
    listener: Listener,
    passed: Vec<u8>,
    sought: String,
    dropped: u64,
}

/// Takes what the emulator tells. Only replies to the guest have a use; titles, clipboards and the rest have none.
#[derive(Clone, Default)]
struct Listener(Rc<RefCell<Told>>);

#[derive(Default)]
struct Told {
    replies: Vec<u8>,
    bells: u64,
}

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        let mut told = self.0.borrow_mut();
        match event {
            // Made by the emulator of numbers alone: where the cursor is, what kind of terminal this is.
            Event::PtyWrite(reply) if told.replies.len() + reply.len() <= REPLIES => {
                told.replies.extend(reply.bytes());
            }
            Event::Bell => told.bells += 1,
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

/// A wide character needs two columns.
fn room(columns: u16, lines: u16) -> Size {
    Size {
        columns: usize::from(columns.clamp(2, 1000)),
        lines: usize::from(lines.clamp(1, 1000)),
    }
}

impl Terminal {
    /// An empty one.
    #[must_use]
    pub fn new(columns: u16, lines: u16) -> Self {
        let listener = Listener::default();
        let config = Config {
            scrolling_history: SCROLLBACK_LINES,
            ..Config::default()
        };
        Self {
            term: Term::new(config, &room(columns, lines), listener.clone()),
            parser: Processor::new(),
            sieve: Sieve::default(),
            listener,
            passed: Vec::new(),
            sought: String::new(),
            dropped: 0,
        }
    }

    /// Takes bytes of the guest.
    pub fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            self.passed.clear();
            self.sieve.pass(piece, &mut self.passed);
            self.parser.advance(&mut self.term, &self.passed);
            // A guest may ask for its frames to be shown whole; frames are gathered here anyway, and one that never
            // ends must not stop the screen.
            if self.parser.sync_bytes_count() > 0 {
                self.parser.stop_sync(&mut self.term);
            }
            if !self.passed.is_ascii() {
                self.shear();
            }
        }
        self.keep_inside();
    }

    /// Keeps the place of who looks back within what there is: a guest may clear its history, and a resize moves lines.
    /// The emulator itself does not look after it and would reach beyond its lines.
    fn keep_inside(&mut self) {
        let (top, bottom) = (self.term.topmost_line(), self.term.bottommost_line());
        let last = self.term.last_column();
        let point = &mut self.term.vi_mode_cursor.point;
        point.line = point.line.max(top).min(bottom);
        point.column = point.column.min(last);
    }

    /// Bytes of the guest were left out here because it sends faster than anybody could look.
    pub fn skip(&mut self, bytes: u64) {
        self.dropped += bytes;
        self.passed.clear();
        self.sieve.cut(&mut self.passed);
        self.parser.advance(&mut self.term, &self.passed);
        self.keep_inside();
    }

    /// Cells hold few marks, however they came there.
    fn shear(&mut self) {
        let grid = self.term.grid_mut();
        for line in 0..grid.screen_lines() {
            let Ok(line) = i32::try_from(line) else {
                return;
            };
            for column in 0..grid.columns() {
                let cell = &mut grid[Line(line)][Column(column)];
                if cell.zerowidth().is_some_and(|marks| marks.len() > MARKS) {
                    cell.extra = None;
                }
            }
        }
    }

    /// Another size.
    pub fn resize(&mut self, columns: u16, lines: u16) {
        let size = room(columns, lines);
        if (size.columns, size.lines) != (self.term.columns(), self.term.screen_lines()) {
            self.term.resize(size);
            self.keep_inside();
        }
    }

    /// What the guest asked for and gets: the place of its cursor, the kind of terminal. Empties the list.
    pub fn replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.listener.0.borrow_mut().replies)
    }

    /// How often the bell rang.
    #[must_use]
    pub fn bells(&self) -> u64 {
        self.listener.0.borrow().bells
    }

    /// Whether the person moves through the lines.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.term.mode().contains(TermMode::VI)
    }

    /// Moves through the lines; `false` when a text was sought and is not there.
    pub fn look(&mut self, motion: Motion) -> bool {
        let page = i32::try_from(self.term.screen_lines()).unwrap_or(i32::MAX);
        if matches!(motion, Motion::End) {
            if self.is_looking() {
                self.term.toggle_vi_mode();
            }
            self.term.selection = None;
            self.term.scroll_display(Scroll::Bottom);
            return true;
        }
        if !self.is_looking() {
            self.term.toggle_vi_mode();
        }
        match motion {
            Motion::Begin | Motion::End => {}
            Motion::Up => self.step(1),
            Motion::Down => self.step(-1),
            Motion::Left => self.sideways(true),
            Motion::Right => self.sideways(false),
            Motion::LineStart => self.go_to_column(Column(0)),
            Motion::LineEnd => self.line_end(),
            Motion::WordLeft => self.word(true),
            Motion::WordRight => self.word(false),
            Motion::PageUp => self.step(page),
            Motion::PageDown => self.step(-page),
            Motion::Scroll(lines) => self.step(lines.clamp(-page, page)),
            Motion::First => self.go(self.term.topmost_line()),
            Motion::Last => self.go(self.term.bottommost_line()),
            Motion::Mark => self.mark(),
            Motion::Find(text) => {
                self.sought = text.to_lowercase();
                return self.find(true);
            }
            Motion::FindAgain(back) => return self.find(back),
        }
        true
    }

    /// Moves cursor and view by `lines` towards the beginning.
    fn step(&mut self, lines: i32) {
        let line = self.term.vi_mode_cursor.point.line - lines;
        self.go(line
            .max(self.term.topmost_line())
            .min(self.term.bottommost_line()));
    }

    /// Lines between what is shown and the end; never more than there are.
    fn offset(&self) -> usize {
        self.term
            .grid()
            .display_offset()
            .min(self.term.history_size())
    }

    fn go(&mut self, line: Line) {
        let column = self.term.vi_mode_cursor.point.column;
        self.term.vi_goto_point(Point::new(line, column));
    }

    fn go_to_column(&mut self, column: Column) {
        let line = self.term.vi_mode_cursor.point.line;
        self.term.vi_goto_point(Point::new(line, column));
    }

    /// Moves to the last character of the line.
    fn line_end(&mut self) {
        let line = self.term.vi_mode_cursor.point.line;
        let row = &self.term.grid()[line];
        let written = (0..=self.term.last_column().0).rev().map(Column);
        let mut written = written.skip_while(|column| row[*column].c == ' ');
        self.go_to_column(written.next().unwrap_or(Column(0)));
    }

    /// The cell before or behind one, over the ends of lines; `None` at the ends of all. The emulator's own motions are not
    /// used: they leave the lines at a wide character in the first cell and at a wrapped last line.
    fn beside(&self, point: Point, back: bool) -> Option<Point> {
        let last = self.term.last_column();
        let at_end = point.column == if back { Column(0) } else { last };
        if !at_end {
            let column = if back {
                point.column - 1
            } else {
                point.column + 1
            };
            return Some(Point::new(point.line, column));
        }
        let line = if back { point.line - 1 } else { point.line + 1 };
        let inside = line >= self.term.topmost_line() && line <= self.term.bottommost_line();
        inside.then(|| Point::new(line, if back { last } else { Column(0) }))
    }

    /// Moves by one character of the line.
    fn sideways(&mut self, back: bool) {
        let mut point = self.term.vi_mode_cursor.point;
        while let Some(next) = self
            .beside(point, back)
            .filter(|next| next.line == point.line)
        {
            point = next;
            if !self.is_second_half(point) {
                break;
            }
        }
        if !self.is_second_half(point) {
            self.term.vi_goto_point(point);
        }
    }

    /// Moves to the beginning of a word.
    fn word(&mut self, back: bool) {
        let mut point = self.term.vi_mode_cursor.point;
        let blank = |point: Point| self.term.grid()[point].c == ' ' && !self.is_second_half(point);
        let begins = |point: Point| {
            !blank(point)
                && !self.is_second_half(point)
                && (point.column == Column(0) || blank(Point::new(point.line, point.column - 1)))
        };
        while let Some(next) = self.beside(point, back) {
            point = next;
            if begins(point) {
                break;
            }
        }
        self.term.vi_goto_point(point);
    }

    /// Whether a cell belongs to the wide character before it.
    fn is_second_half(&self, point: Point) -> bool {
        let spacer = Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
        self.term.grid()[point].flags.intersects(spacer)
    }

    fn mark(&mut self) {
        self.term.selection = match self.term.selection {
            Some(_) => None,
            None => {
                let point = self.term.vi_mode_cursor.point;
                let mut selection = Selection::new(SelectionType::Lines, point, Side::Left);
                selection.update(point, Side::Right);
                selection.include_all();
                Some(selection)
            }
        };
    }

    fn find(&mut self, back: bool) -> bool {
        if self.sought.is_empty() {
            return false;
        }
        let (top, bottom) = (self.term.topmost_line(), self.term.bottommost_line());
        let start = self.term.vi_mode_cursor.point.line;
        let step = if back { -1 } else { 1 };
        let mut line = start + step;
        while line >= top && line <= bottom {
            let text = line_text(&self.term.grid()[line]);
            if let Some(at) = text.to_lowercase().find(&self.sought) {
                let column = text::width(&text.to_lowercase()[..at]);
                let column = Column(column.min(self.term.columns().saturating_sub(1)));
                self.term.vi_goto_point(Point::new(line, column));
                return true;
            }
            line += step;
        }
        false
    }

    /// What is marked, or all that can be seen.
    #[must_use]
    pub fn copy(&self) -> String {
        let grid = self.term.grid();
        let selection = self.term.selection.as_ref();
        let (first, last) = match selection.and_then(|selection| selection.to_range(&self.term)) {
            Some(range) => (range.start.line, range.end.line),
            None => {
                let offset = self.offset();
                let line = |line| viewport_to_point(offset, Point::new(line, Column(0))).line;
                (line(0), line(grid.screen_lines().saturating_sub(1)))
            }
        };
        let first = first.max(self.term.topmost_line());
        let last = last.min(self.term.bottommost_line());
        let mut text = String::new();
        for line in (first.0..=last.0).map(Line) {
            text.push_str(&line_text(&grid[line]));
            // A line that went on below for want of room is one line.
            let wrapped = grid[line][self.term.last_column()]
                .flags
                .contains(Flags::WRAPLINE);
            if !wrapped {
                text.push('\n');
            }
        }
        let shown: Vec<_> = text
            .lines()
            .map(|line| text::visible(line.trim_end()))
            .collect();
        shown.join("\n").trim_end().to_owned()
    }

    /// What can be seen now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        // The emulator's own view of itself is not used: it subtracts from column 0 where a guest has cut a wide character
        // in two there.
        let grid = self.term.grid();
        let offset = self.offset();
        let marked = self.term.selection.as_ref();
        let marked = marked.and_then(|selection| selection.to_range(&self.term));
        let mode = *self.term.mode();
        let (columns, lines) = (self.term.columns(), self.term.screen_lines());
        let mut cells = Vec::with_capacity(columns * lines);
        for line in 0..lines {
            let line = viewport_to_point(offset, Point::new(line, Column(0))).line;
            let row = &grid[line];
            for column in (0..columns).map(Column) {
                let point = Point::new(line, column);
                let selected = marked.is_some_and(|range| range.contains(point));
                cells.push(cell(&row[column], selected));
            }
        }
        for line in cells.chunks_mut(columns.max(1)) {
            mend(line);
        }
        let point = if self.is_looking() {
            self.term.vi_mode_cursor.point
        } else {
            grid.cursor.point
        };
        let at = i64::from(point.line.0) + i64::try_from(offset).unwrap_or(0);
        let shown = self.is_looking() || mode.contains(TermMode::SHOW_CURSOR);
        let cursor = u16::try_from(at)
            .ok()
            .filter(|line| usize::from(*line) < lines && shown)
            .map(|line| {
                let half = usize::from(point.column.0 > 0 && self.is_second_half(point));
                let column = (point.column.0 - half).min(columns.saturating_sub(1));
                (u16::try_from(column).unwrap_or(0), line)
            });
        let has = |asked| mode.contains(asked);
        Screen {
            columns: u16::try_from(columns).unwrap_or(u16::MAX),
            lines: u16::try_from(lines).unwrap_or(u16::MAX),
            cells,
            cursor,
            modes: Modes {
                application_cursor: has(TermMode::APP_CURSOR),
                bracketed_paste: has(TermMode::BRACKETED_PASTE),
                new_line: has(TermMode::LINE_FEED_NEW_LINE),
                alternate_screen: has(TermMode::ALT_SCREEN),
                mouse: mode.intersects(TermMode::MOUSE_MODE),
                mouse_drag: has(TermMode::MOUSE_DRAG),
                mouse_motion: has(TermMode::MOUSE_MOTION),
                sgr_mouse: has(TermMode::SGR_MOUSE),
            },
            history: self.term.history_size(),
            scrolled: offset,
            looking: has(TermMode::VI),
            dropped: self.dropped,
        }
    }
}

/// The text of a line, without the blanks at its end.
fn line_text(row: &alacritty_terminal::grid::Row<Raw>) -> String {
    let mut out = String::new();
    for cell in row {
        if !cell
            .flags
            .intersects(Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER)
        {
            out.push(symbol(cell.c));
            out.extend(cell.zerowidth().into_iter().flatten().take(MARKS));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What is drawn for a character of the emulator: a tab is kept in its first cell, and seen as a blank.
fn symbol(c: char) -> char {
    match c {
        '\t' | '\0' => ' ',
        c if text::is_hidden(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Halves of wide characters whose other half was written over become characters of one column.
fn mend(line: &mut [Cell]) {
    for at in 0..line.len() {
        let after = line
            .get(at + 1)
            .is_some_and(|cell| cell.wide == Wide::Second);
        let before = at > 0 && line[at - 1].wide == Wide::First;
        let symbol = match line[at].wide {
            Wide::First if !after => char::REPLACEMENT_CHARACTER,
            Wide::Second if !before => ' ',
            _ => continue,
        };
        line[at] = Cell {
            symbol,
            marks: None,
            wide: Wide::No,
            ..line[at].clone()
        };
    }
}

fn cell(raw: &Raw, selected: bool) -> Cell {
    let flags = raw.flags;
    let wide = if flags.contains(Flags::WIDE_CHAR) {
        Wide::First
    } else if flags.contains(Flags::WIDE_CHAR_SPACER) {
        Wide::Second
    } else {
        Wide::No
    };
    let mut symbol = symbol(raw.c);
    let columns = match wide {
        Wide::First => 2,
        Wide::No | Wide::Second => 1,
    };
    let mut one = [0; 4];
    // The emulator and the screen must agree on widths, or columns behind this one would move.
    if wide == Wide::Second || flags.contains(Flags::HIDDEN) {
        symbol = ' ';
    } else if text::width(symbol.encode_utf8(&mut one)) != columns {
        symbol = char::REPLACEMENT_CHARACTER;
    }
    let marks = raw
        .zerowidth()
        .filter(|_| symbol != ' ')
        .map(|marks| {
            let fit =
                |c: &&char| !text::is_hidden(**c) && text::width(c.encode_utf8(&mut [0; 4])) == 0;
            marks.iter().take(MARKS).filter(fit).collect::<String>()
        })
        .filter(|marks| !marks.is_empty())
        .map(String::into_boxed_str);
    Cell {
        symbol,
        marks,
        front: colour(raw.fg),
        back: colour(raw.bg),
        look: Look {
            bold: flags.contains(Flags::BOLD),
            dim: flags.contains(Flags::DIM),
            italic: flags.contains(Flags::ITALIC),
            underlined: flags.intersects(Flags::ALL_UNDERLINES),
            reversed: flags.contains(Flags::INVERSE),
            crossed_out: flags.contains(Flags::STRIKEOUT),
            selected,
        },
        wide,
    }
}

fn colour(raw: Color) -> Colour {
    match raw {
        Color::Indexed(index) => Colour::Indexed(index),
        Color::Spec(rgb) => Colour::Rgb(rgb.r, rgb.g, rgb.b),
        Color::Named(name) => match name as usize {
            index @ 0..=15 => Colour::Indexed(u8::try_from(index).unwrap_or(7)),
            index
                if (NamedColor::DimBlack as usize..=NamedColor::DimWhite as usize)
                    .contains(&index) =>
            {
                Colour::Indexed(u8::try_from(index - NamedColor::DimBlack as usize).unwrap_or(7))
            }
            _ => Colour::Default,
        },
    }
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
