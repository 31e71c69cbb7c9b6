//! The text with its cursor, selection and undo: the only place that names the widget which keeps them.

use std::fmt;
use std::ops::Range;

use tui_textarea::{CursorMove, TextArea};

/// Lines that a text to be edited may have: the widget counts them in 16 bits.
pub const MOST_LINES: usize = 65_000;
/// Characters that a line of it may have.
pub const LARGEST_LINE: usize = 65_000;

/// Changes of the widget that can be undone.
const CHANGES: usize = 10_000;

/// A place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from 0.
    pub line: usize,
    /// Characters of the line before it.
    pub column: usize,
}

/// A text being edited.
#[derive(Clone)]
pub struct Buffer {
    // On the heap: it is many times larger than anything else in a page.
    area: Box<TextArea<'static>>,
    /// The lines of the widget as one text.
    text: String,
    /// Byte of the first character of each line.
    starts: Vec<usize>,
    /// How many changes of the widget make up each step, the last one last.
    done: Vec<usize>,
    undone: Vec<usize>,
    /// Where the next character typed goes on with the last step.
    typing: Option<usize>,
    revision: u64,
    /// Each line ends with a carriage return as well.
    crlf: bool,
}

impl fmt::Debug for Buffer {
    /// Without the text, which may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("bytes", &self.text.len())
            .field("cursor", &self.cursor())
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.cursor() == other.cursor()
            && self.selection() == other.selection()
    }
}

impl Buffer {
    /// A text to edit, the cursor at its beginning. A byte order mark is left out, ends of lines are kept as they are.
    ///
    /// # Errors
    /// A sentence, when it has too many lines or too long ones.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let crlf = text.contains("\r\n");
        let text = text.replace("\r\n", "\n");
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        fits(&lines)?;
        let mut area = TextArea::new(lines);
        area.set_max_histories(CHANGES);
        let mut buffer = Self {
            area: Box::new(area),
            text,
            starts: Vec::new(),
            done: Vec::new(),
            undone: Vec::new(),
            typing: None,
            revision: 0,
            crlf,
        };
        buffer.count_lines();
        Ok(buffer)
    }

    /// The text, its lines ended by `\n` alone.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with the ends of lines that it came with.
    #[must_use]
    pub fn written(&self) -> String {
        if self.crlf {
            self.text.replace('\n', "\r\n")
        } else {
            self.text.clone()
        }
    }

    /// Its lines without their ends; there is always one.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// A number that is another one after each change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The cursor.
    #[must_use]
    pub fn cursor(&self) -> Place {
        let cursor = self.area.cursor();
        Place {
            line: cursor.0,
            column: cursor.1,
        }
    }

    /// The byte at the cursor.
    #[must_use]
    pub fn at(&self) -> usize {
        self.byte(self.cursor())
    }

    /// The byte at a place; the nearest one before where there is no such place.
    #[must_use]
    pub fn byte(&self, place: Place) -> usize {
        let lines = self.area.lines();
        let line = place.line.min(lines.len() - 1);
        let inside = lines[line]
            .char_indices()
            .nth(place.column)
            .map_or(lines[line].len(), |(at, _)| at);
        self.starts[line] + inside
    }

    /// The place of a byte.
    #[must_use]
    pub fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= at).max(1) - 1;
        let before = self.text.get(self.starts[line]..at).unwrap_or_default();
        Place {
            line,
            column: before.chars().count(),
        }
    }

    /// The byte of the first character of a line; the end of the text for a line that is not there.
    #[must_use]
    pub fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The bytes of a line without its end.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let start = self.start_of(line);
        let length = self.area.lines().get(line).map_or(0, String::len);
        start..start + length
    }

    /// The selected bytes; `None` when nothing is.
    #[must_use]
    pub fn selection(&self) -> Option<Range<usize>> {
        let (from, to) = self.area.selection_range()?;
        let byte = |(line, column)| self.byte(Place { line, column });
        let range = byte(from)..byte(to);
        (!range.is_empty()).then_some(range)
    }

    /// Whether a selection has been begun, empty or not.
    #[must_use]
    pub fn is_selecting(&self) -> bool {
        self.area.is_selecting()
    }

    /// Puts the cursor somewhere. The selection grows or shrinks with it when `selecting`, and is given up otherwise.
    pub fn go(&mut self, place: Place, selecting: bool) {
        self.typing = None;
        self.put(place, selecting);
    }

    fn put(&mut self, place: Place, selecting: bool) {
        if !selecting {
            self.area.cancel_selection();
        } else if !self.area.is_selecting() {
            self.area.start_selection();
        }
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area
            .move_cursor(CursorMove::Jump(short(place.line), short(place.column)));
    }

    /// Selects bytes, the cursor at their end.
    pub fn select(&mut self, range: Range<usize>) {
        let (from, to) = (self.place(range.start), self.place(range.end));
        self.go(from, false);
        self.put(to, true);
    }

    /// Gives the selection up.
    pub fn unselect(&mut self) {
        self.area.cancel_selection();
    }

    /// Replaces bytes as one step that can be undone, the cursor behind what comes. `false` when that would make a text too
    /// large to be edited; then nothing is changed.
    pub fn replace(&mut self, range: Range<usize>, with: &str) -> bool {
        self.typing = None;
        self.change(range, with, false)
    }

    /// The same for what is typed: a run of characters is one step.
    pub fn type_in(&mut self, range: Range<usize>, with: &str) -> bool {
        let goes_on = self.typing == Some(range.end) && with != " " && with != "\n";
        let done = self.change(range, with, goes_on);
        self.typing = done.then(|| self.at());
        done
    }

    fn change(&mut self, range: Range<usize>, with: &str, goes_on: bool) -> bool {
        let with = with.replace("\r\n", "\n").replace('\r', "\n");
        let long = |text: &str| text.split('\n').any(|line| line.len() > LARGEST_LINE / 2);
        let lines = self.starts.len() + with.matches('\n').count();
        if lines > MOST_LINES || long(&with) || self.joined(&range) + with.len() > LARGEST_LINE * 4
        {
            return false;
        }
        let (from, to) = (self.place(range.start), self.place(range.end));
        self.put(from, false);
        let mut changes = 0;
        if range.start < range.end {
            self.put(to, true);
            self.area.delete_char();
            changes += 1;
        }
        if !with.is_empty() {
            self.area.insert_str(&with);
            changes += 1;
        }
        self.area.cancel_selection();
        if changes == 0 {
            return true;
        }
        self.text.replace_range(range, &with);
        self.undone.clear();
        match self.done.last_mut() {
            Some(last) if goes_on => *last += changes,
            _ => self.done.push(changes),
        }
        // The widget forgets its oldest changes by itself; a step without some of its changes is none.
        while self.done.iter().sum::<usize>() > CHANGES {
            self.done.remove(0);
        }
        self.changed();
        true
    }

    /// Bytes of the lines that become one when a range goes.
    fn joined(&self, range: &Range<usize>) -> usize {
        let (from, to) = (self.place(range.start).line, self.place(range.end).line);
        let of = |line: usize| self.area.lines().get(line).map_or(0, String::len);
        if from == to {
            of(from)
        } else {
            of(from) + of(to)
        }
    }

    /// Replaces the whole text as one step, touching no more than what differs; the cursor stays on its line where it can.
    pub fn set_text(&mut self, text: &str) -> bool {
        let text = text.replace("\r\n", "\n");
        let cursor = self.cursor();
        let old = self.text.clone();
        let (range, with) = difference(&old, &text);
        let done = self.replace(range, &text[with]);
        if done {
            self.go(cursor, false);
        }
        done
    }

    /// How many steps can be taken back.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.done.len()
    }

    /// Makes all steps behind the first `kept` one.
    pub fn join_steps(&mut self, kept: usize) {
        if kept + 1 < self.done.len() {
            let joined = self.done.split_off(kept).iter().sum();
            self.done.push(joined);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self) -> bool {
        let Some(changes) = self.done.pop() else {
            return false;
        };
        self.area.cancel_selection();
        for _ in 0..changes {
            self.area.undo();
        }
        self.undone.push(changes);
        self.read_back();
        true
    }

    /// Does the step again that was taken back last.
    pub fn redo(&mut self) -> bool {
        let Some(changes) = self.undone.pop() else {
            return false;
        };
        self.area.cancel_selection();
        for _ in 0..changes {
            self.area.redo();
        }
        self.done.push(changes);
        self.read_back();
        true
    }

    fn read_back(&mut self) {
        self.typing = None;
        self.text = self.area.lines().join("\n");
        self.changed();
    }

    fn changed(&mut self) {
        self.revision += 1;
        self.count_lines();
    }

    fn count_lines(&mut self) {
        self.starts.clear();
        self.starts.push(0);
        let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        self.starts.extend(ends);
    }
}

fn fits(lines: &[String]) -> Result<(), String> {
    if lines.len() > MOST_LINES {
        return Err(format!(
            "it has {} lines; {MOST_LINES} can be edited here",
            lines.len()
        ));
    }
    match lines.iter().position(|line| line.len() > LARGEST_LINE) {
        Some(line) => Err(format!("line {} is too long to be edited here", line + 1)),
        None => Ok(()),
    }
}

/// The bytes of two texts that differ, as one range of each.
pub fn difference(old: &str, new: &str) -> (Range<usize>, Range<usize>) {
    let mut start = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let most = old.len().min(new.len()) - start;
    let mut same = old[start..]
        .bytes()
        .rev()
        .zip(new[start..].bytes().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    while !old.is_char_boundary(old.len() - same) || !new.is_char_boundary(new.len() - same) {
        same -= 1;
    }
    (start..old.len() - same, start..new.len() - same)
}
