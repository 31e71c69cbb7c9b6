//! Motions of vi.

use super::super::motion::{Motion, class, indent};
use super::super::typing::Editor;
use super::Vi;

/// What an operator takes of a motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Up to the place.
    Exclusive,
    /// The character at the place as well.
    Inclusive,
    /// Whole lines.
    Lines,
}

/// The byte behind the character at a byte.
pub fn next(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(at, |c| at + c.len_utf8())
}

/// The byte of the character before.
pub fn previous(text: &str, at: usize) -> usize {
    text[..at]
        .chars()
        .next_back()
        .map_or(0, |c| at - c.len_utf8())
}

fn at(text: &str, byte: usize) -> Option<char> {
    text[byte..].chars().next()
}

impl Vi {
    /// Where a motion leads; `None` for what is none, or leads nowhere.
    pub(super) fn motion(
        &mut self,
        count: Option<usize>,
        rest: &[char],
        editor: &Editor,
        height: usize,
    ) -> Option<(usize, Reach)> {
        let buffer = editor.buffer();
        let text = editor.text();
        let here = buffer.at();
        let line = buffer.cursor().line;
        let times = count.unwrap_or(1);
        let last = buffer.lines().len() - 1;
        let whole = |line: usize| {
            let line = line.min(last);
            let blanks = indent(&buffer.lines()[line]);
            buffer.start_of(line) + blanks.min(buffer.lines()[line].len())
        };
        use Reach::{Exclusive, Inclusive, Lines};
        Some(match rest {
            ['h'] => {
                let start = buffer.start_of(line);
                let to = (0..times).fold(
                    here,
                    |to, _| if to > start { previous(text, to) } else { to },
                );
                (to, Exclusive)
            }
            ['l' | ' '] => {
                let end = buffer.line_range(line).end;
                let to = (0..times).fold(here, |to, _| if to < end { next(text, to) } else { to });
                (to, Exclusive)
            }
            ['j'] => (buffer.byte(editor.target(Motion::Down(times))), Lines),
            ['k'] => (buffer.byte(editor.target(Motion::Up(times))), Lines),
            ['+'] => (whole(line + times), Lines),
            ['-'] => (whole(line.saturating_sub(times)), Lines),
            ['w' | 'W'] => {
                let to = (0..times).fold(here, |to, _| word_forward(text, to, rest == ['W']));
                (to, Exclusive)
            }
            ['b' | 'B'] => {
                let to = (0..times).fold(here, |to, _| word_back(text, to, rest == ['B']));
                (to, Exclusive)
            }
            ['e' | 'E'] => {
                let to = (0..times).fold(here, |to, _| word_end(text, to, rest == ['E']));
                (to, Inclusive)
            }
            ['0'] => (buffer.start_of(line), Exclusive),
            ['^' | '_'] => (whole(line), Exclusive),
            ['$'] => {
                let end = buffer.line_range((line + times - 1).min(last)).end;
                (end, Exclusive)
            }
            ['g', 'g'] => (whole(count.unwrap_or(1).saturating_sub(1)), Lines),
            ['G'] => (
                whole(count.map_or(last, |line| line.saturating_sub(1))),
                Lines,
            ),
            ['%'] => (buffer.byte(editor.target(Motion::OtherTag)), Inclusive),
            ['H'] => (whole(editor.top()), Lines),
            ['L'] => (
                whole(editor.seen(height).last().copied().unwrap_or(line)),
                Lines,
            ),
            ['M'] => {
                let seen = editor.seen(height);
                (
                    whole(seen.get(seen.len() / 2).copied().unwrap_or(line)),
                    Lines,
                )
            }
            ['{'] => (element_edge(editor, here, false), Exclusive),
            ['}'] => (element_edge(editor, here, true), Exclusive),
            [kind @ ('f' | 'F' | 't' | 'T'), c] => {
                self.sought = Some((*kind, *c));
                self.seek(*kind, *c, times, editor)?
            }
            [';'] => {
                let (kind, c) = self.sought?;
                self.seek(kind, c, times, editor)?
            }
            [','] => {
                let (kind, c) = self.sought?;
                let other = if kind.is_lowercase() {
                    kind.to_ascii_uppercase()
                } else {
                    kind.to_ascii_lowercase()
                };
                self.seek(other, c, times, editor)?
            }
            _ => return None,
        })
    }

    /// A character in the line.
    fn seek(&self, kind: char, c: char, times: usize, editor: &Editor) -> Option<(usize, Reach)> {
        let text = editor.text();
        let here = editor.buffer().at();
        let range = editor.buffer().line_range(editor.buffer().cursor().line);
        if kind.is_lowercase() {
            let from = next(text, here).min(range.end);
            let mut found = text[from..range.end]
                .match_indices(c)
                .map(|(at, _)| from + at);
            let to = found.nth(times - 1)?;
            let to = if kind == 't' { previous(text, to) } else { to };
            return Some((to, Reach::Inclusive));
        }
        let mut found = text[range.start..here]
            .rmatch_indices(c)
            .map(|(at, _)| range.start + at);
        let to = found.nth(times - 1)?;
        let to = if kind == 'T' { next(text, to) } else { to };
        Some((to, Reach::Exclusive))
    }
}

/// Classes of words; with `large`, everything but blanks is one.
fn kind(c: char, large: bool) -> u8 {
    if large { class(c).min(1) } else { class(c) }
}

fn word_forward(text: &str, from: usize, large: bool) -> usize {
    let mut to = from;
    let Some(first) = at(text, to) else { return to };
    let of = kind(first, large);
    while let Some(c) = at(text, to).filter(|c| of != 0 && kind(*c, large) == of) {
        to += c.len_utf8();
    }
    while let Some(c) = at(text, to).filter(|c| class(*c) == 0) {
        to += c.len_utf8();
    }
    to
}

fn word_back(text: &str, from: usize, large: bool) -> usize {
    let mut to = from;
    let before = |to: usize| text[..to].chars().next_back();
    while let Some(c) = before(to).filter(|c| class(*c) == 0) {
        to -= c.len_utf8();
    }
    let Some(last) = before(to) else { return to };
    let of = kind(last, large);
    while let Some(c) = before(to).filter(|c| kind(*c, large) == of) {
        to -= c.len_utf8();
    }
    to
}

fn word_end(text: &str, from: usize, large: bool) -> usize {
    let mut to = next(text, from);
    while let Some(c) = at(text, to).filter(|c| class(*c) == 0) {
        to += c.len_utf8();
    }
    let Some(first) = at(text, to) else {
        return from;
    };
    let of = kind(first, large);
    loop {
        let behind = next(text, to);
        match at(text, behind).filter(|c| kind(*c, large) == of) {
            Some(_) if behind > to => to = behind,
            _ => return to,
        }
    }
}

/// The start of the element before or behind the place.
fn element_edge(editor: &Editor, here: usize, on: bool) -> usize {
    let elements = editor.anatomy().elements();
    if on {
        let behind = elements.partition_point(|element| element.start.start <= here);
        return elements
            .get(behind)
            .map_or(editor.text().len(), |element| element.start.start);
    }
    let before = elements.partition_point(|element| element.start.start < here);
    before
        .checked_sub(1)
        .map_or(0, |number| elements[number].start.start)
}
