//! Where the cursor goes.

use super::buffer::Place;
use super::typing::Editor;

/// A movement of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// A character back, over the beginning of the line.
    Left,
    /// A character on.
    Right,
    /// Lines up; folded ones count as one.
    Up(usize),
    /// Lines down.
    Down(usize),
    /// To the beginning of the word, or of the one before.
    WordLeft,
    /// To the beginning of the next word.
    WordRight,
    /// To the first character of the line that is no blank; from there to the beginning.
    LineStart,
    /// Behind the last character of the line.
    LineEnd,
    /// To the beginning of the text.
    First,
    /// To its end.
    Last,
    /// To the other tag of the element.
    OtherTag,
}

impl Editor {
    /// Moves the cursor; the selection follows when `selecting`.
    pub fn go(&mut self, motion: Motion, selecting: bool) {
        // Without Shift, a selection is left at the end that one moves to.
        if let (Some(range), false) = (self.buffer().selection(), selecting) {
            match motion {
                Motion::Left => return self.move_to_byte(range.start, false),
                Motion::Right => return self.move_to_byte(range.end, false),
                _ => {}
            }
        }
        let vertical = matches!(motion, Motion::Up(_) | Motion::Down(_));
        let place = self.target(motion);
        let wanted = self.wanted.unwrap_or(self.buffer().cursor().column);
        self.move_to(place, selecting);
        self.wanted = vertical.then_some(wanted);
    }

    /// Where a movement leads.
    pub(super) fn target(&self, motion: Motion) -> Place {
        let buffer = self.buffer();
        let here = buffer.cursor();
        let lines = buffer.lines();
        let last = lines.len() - 1;
        let length = |line: usize| lines[line].chars().count();
        let at = |line: usize, column: usize| Place { line, column };
        match motion {
            Motion::Left if here.column > 0 => at(here.line, here.column - 1),
            Motion::Left if here.line > 0 => {
                let line = self.seen_before(here.line - 1);
                at(line, length(line))
            }
            Motion::Right if here.column < length(here.line) => at(here.line, here.column + 1),
            Motion::Right if here.line < last => match self.next_seen(here.line) {
                Some(line) => at(line, 0),
                None => here,
            },
            Motion::Left | Motion::Right => here,
            Motion::Up(count) => {
                let mut line = here.line;
                for _ in 0..count {
                    match line.checked_sub(1) {
                        Some(above) => line = self.seen_before(above),
                        None => break,
                    }
                }
                at(line, self.wanted.unwrap_or(here.column).min(length(line)))
            }
            Motion::Down(count) => {
                let mut line = here.line;
                for _ in 0..count {
                    match self.next_seen(line) {
                        Some(next) => line = next,
                        None => break,
                    }
                }
                at(line, self.wanted.unwrap_or(here.column).min(length(line)))
            }
            Motion::WordLeft => {
                let chars: Vec<char> = lines[here.line].chars().collect();
                match word_before(&chars, here.column) {
                    Some(column) => at(here.line, column),
                    None if here.line > 0 => at(here.line - 1, length(here.line - 1)),
                    None => at(0, 0),
                }
            }
            Motion::WordRight => {
                let chars: Vec<char> = lines[here.line].chars().collect();
                match word_behind(&chars, here.column) {
                    Some(column) => at(here.line, column),
                    None if here.line < last => {
                        let next = &lines[here.line + 1];
                        at(here.line + 1, indent(next))
                    }
                    None => at(last, length(last)),
                }
            }
            Motion::LineStart => {
                let first = indent(&lines[here.line]);
                at(here.line, if here.column == first { 0 } else { first })
            }
            Motion::LineEnd => at(here.line, length(here.line)),
            Motion::First => at(0, 0),
            Motion::Last => at(last, length(last)),
            Motion::OtherTag => {
                let byte = buffer.at();
                match self.anatomy().tags_at(byte) {
                    Some([start, end]) => {
                        let other = if byte >= end.start.saturating_sub(2) {
                            start
                        } else {
                            end
                        };
                        buffer.place(other.start)
                    }
                    // From inside of an element to its start tag.
                    None => match self.anatomy().around(byte).last() {
                        Some(number) => buffer.place(self.anatomy().elements()[*number].name.start),
                        None => here,
                    },
                }
            }
        }
    }
}

/// Characters before the first one that is no blank.
pub fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count()
}

/// What belongs together: names, marks, blanks.
pub fn class(c: char) -> u8 {
    if c.is_whitespace() {
        0
    } else if c.is_alphanumeric() || matches!(c, '_') {
        1
    } else {
        2
    }
}

fn word_before(line: &[char], column: usize) -> Option<usize> {
    let mut at = column.min(line.len());
    while at > 0 && class(line[at - 1]) == 0 {
        at -= 1;
    }
    let of = class(*line.get(at.checked_sub(1)?)?);
    while at > 0 && class(line[at - 1]) == of {
        at -= 1;
    }
    Some(at)
}

fn word_behind(line: &[char], column: usize) -> Option<usize> {
    let mut at = column;
    let of = class(*line.get(at)?);
    while at < line.len() && class(line[at]) == of {
        at += 1;
    }
    while at < line.len() && class(line[at]) == 0 {
        at += 1;
    }
    (at < line.len()).then_some(at)
}
