//! What typing does to the text, beyond putting characters into it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::anatomy::Anatomy;
use super::buffer::{Buffer, Place};
use super::motion::{Motion, class, indent};
use crate::xml::scan::Kind;

/// Blanks of one step of indentation, as libvirt writes.
pub(super) const STEP: usize = 2;

/// A text with what is known of it, what is folded, and where one looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Editor {
    buffer: Buffer,
    anatomy: Anatomy,
    /// First lines of elements that are folded.
    folds: BTreeSet<usize>,
    /// The column that moving up and down keeps.
    pub(super) wanted: Option<usize>,
    /// First line on the screen.
    top: usize,
    /// What was cut or copied last; never on the screen.
    clip: Clip,
    /// Nothing may be changed.
    locked: bool,
    /// What was completed and may be typed all the same: those keys change nothing.
    awaited: String,
}

/// Copied text: it may hold a password.
#[derive(Clone, PartialEq, Eq, Default)]
struct Clip(String);

impl std::fmt::Debug for Clip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clip({} bytes)", self.0.len())
    }
}

impl Editor {
    /// A text to edit.
    ///
    /// # Errors
    /// A sentence, when it is too large.
    pub fn new(text: &str) -> Result<Self, String> {
        let buffer = Buffer::new(text)?;
        Ok(Self {
            anatomy: Anatomy::of(buffer.text()),
            buffer,
            folds: BTreeSet::new(),
            wanted: None,
            top: 0,
            clip: Clip::default(),
            locked: false,
            awaited: String::new(),
        })
    }

    /// Lets nothing be changed, or everything.
    pub fn lock(&mut self, locked: bool) {
        self.locked = locked;
    }

    /// Whether nothing may be changed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.buffer.text()
    }

    /// Text, cursor and selection.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// What the words of the text are.
    #[must_use]
    pub fn anatomy(&self) -> &Anatomy {
        &self.anatomy
    }

    /// Replaces bytes as one step.
    pub fn replace(&mut self, range: Range<usize>, with: &str) -> bool {
        self.change(range, with, false)
    }

    fn change(&mut self, range: Range<usize>, with: &str, typed: bool) -> bool {
        if self.locked {
            return false;
        }
        let first = self.buffer.place(range.start).line;
        let last = self.buffer.place(range.end).line;
        let before = self.buffer.lines().len();
        let done = if typed {
            self.buffer.type_in(range, with)
        } else {
            self.buffer.replace(range, with)
        };
        if done {
            let after = self.buffer.lines().len();
            self.shift_folds(first, last, before, after);
            self.changed();
        }
        done
    }

    /// Replaces the whole text as one step, the cursor on its line.
    pub fn set_text(&mut self, text: &str) -> bool {
        if self.locked {
            return false;
        }
        let done = self.buffer.set_text(text);
        if done {
            self.folds.clear();
            self.changed();
        }
        done
    }

    /// Makes all steps behind the first `kept` one that is undone at once.
    pub fn join_steps(&mut self, kept: usize) {
        self.buffer.join_steps(kept);
    }

    /// Takes the last step back.
    pub fn undo(&mut self) -> bool {
        self.again(Buffer::undo)
    }

    /// Does the step again that was taken back last.
    pub fn redo(&mut self) -> bool {
        self.again(Buffer::redo)
    }

    fn again(&mut self, step: impl FnOnce(&mut Buffer) -> bool) -> bool {
        if self.locked {
            return false;
        }
        let lines = self.buffer.lines().len();
        let done = step(&mut self.buffer);
        if done {
            if self.buffer.lines().len() != lines {
                self.folds.clear();
            }
            self.changed();
        }
        done
    }

    fn changed(&mut self) {
        self.wanted = None;
        self.awaited.clear();
        self.anatomy = Anatomy::of(self.buffer.text());
        self.unfold_at_cursor();
    }

    /// Puts the cursor somewhere.
    pub fn move_to(&mut self, place: Place, selecting: bool) {
        self.wanted = None;
        self.awaited.clear();
        self.buffer.go(place, selecting);
        self.unfold_at_cursor();
    }

    /// Puts the cursor on a byte.
    pub fn move_to_byte(&mut self, at: usize, selecting: bool) {
        self.move_to(self.buffer.place(at), selecting);
    }

    /// Selects bytes.
    pub fn select(&mut self, range: Range<usize>) {
        self.wanted = None;
        self.buffer.select(range);
        self.unfold_at_cursor();
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        self.select(0..self.text().len());
    }

    /// Gives the selection up; `false` when there was none.
    pub fn unselect(&mut self) -> bool {
        let had = self.buffer.is_selecting();
        self.buffer.unselect();
        had
    }

    // What is folded.

    /// The lines that folding the element which begins on a line would hide.
    #[must_use]
    pub fn foldable(&self, line: usize) -> Option<Range<usize>> {
        let range = self.buffer.line_range(line);
        let elements = self.anatomy.elements();
        let from = elements.partition_point(|element| element.start.start < range.start);
        elements[from..]
            .iter()
            .take_while(|element| element.start.start < range.end)
            .filter_map(|element| {
                let last = self.buffer.place(element.end.as_ref()?.start).line;
                (last > line).then_some(line + 1..last + 1)
            })
            .next()
    }

    /// The lines hidden behind a line; `None` when nothing is.
    #[must_use]
    pub fn folded(&self, line: usize) -> Option<Range<usize>> {
        if !self.folds.contains(&line) {
            return None;
        }
        self.foldable(line)
    }

    /// The line on which what hides a line begins; the line itself when it is seen.
    pub(super) fn seen_before(&self, line: usize) -> usize {
        self.folds
            .iter()
            .find(|first| {
                **first < line
                    && self
                        .folded(**first)
                        .is_some_and(|hidden| hidden.contains(&line))
            })
            .copied()
            .unwrap_or(line)
    }

    /// The next line that is seen.
    #[must_use]
    pub fn next_seen(&self, line: usize) -> Option<usize> {
        let next = self.folded(line).map_or(line + 1, |hidden| hidden.end);
        (next < self.buffer.lines().len()).then_some(next)
    }

    /// Folds the element that begins on the line of the cursor, or the nearest around it; unfolds what is folded there.
    pub fn toggle_fold(&mut self) {
        let line = self.buffer.cursor().line;
        if self.folds.remove(&line) {
            return;
        }
        let first = if self.foldable(line).is_some() {
            Some(line)
        } else {
            let around = self.anatomy.around(self.buffer.at());
            around.iter().rev().find_map(|number| {
                let start = self.anatomy.elements()[*number].start.start;
                let line = self.buffer.place(start).line;
                self.foldable(line).is_some().then_some(line)
            })
        };
        if let Some(first) = first {
            self.folds.insert(first);
            let column = indent(&self.buffer.lines()[first]);
            self.buffer.go(
                Place {
                    line: first,
                    column,
                },
                false,
            );
        }
    }

    /// Folds every device and every child of the root that has several lines; unfolds all when something is folded.
    pub fn toggle_all_folds(&mut self) {
        if !self.folds.is_empty() {
            self.folds.clear();
            return;
        }
        let text = self.text();
        let devices = self.anatomy.outline(text);
        let lines: Vec<usize> = devices
            .iter()
            .filter(|device| !text[device.at..].starts_with("<devices"))
            .map(|device| self.buffer.place(device.at).line)
            .filter(|line| self.foldable(*line).is_some())
            .collect();
        self.folds.extend(lines);
        let line = self.seen_before(self.buffer.cursor().line);
        self.buffer.go(Place { line, column: 0 }, false);
    }

    fn unfold_at_cursor(&mut self) {
        if self.folds.is_empty() {
            return;
        }
        let line = self.buffer.cursor().line;
        loop {
            let first = self.seen_before(line);
            if first == line || !self.folds.remove(&first) {
                return;
            }
        }
    }

    fn shift_folds(&mut self, first: usize, last: usize, before: usize, after: usize) {
        if before == after || self.folds.is_empty() {
            return;
        }
        let moved = |line: usize| (line + after).saturating_sub(before);
        self.folds = self
            .folds
            .iter()
            .filter(|line| **line <= first || **line > last)
            .map(|line| if *line <= first { *line } else { moved(*line) })
            .collect();
    }

    // Where one looks.

    /// The first line on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The lines that `height` rows show.
    #[must_use]
    pub fn seen(&self, height: usize) -> Vec<usize> {
        let mut lines = Vec::with_capacity(height);
        let mut next = Some(self.top.min(self.buffer.lines().len() - 1));
        while let Some(line) = next.filter(|_| lines.len() < height) {
            lines.push(line);
            next = self.next_seen(line);
        }
        lines
    }

    /// Brings the cursor onto a screen of so many rows.
    pub fn settle(&mut self, height: usize) {
        let line = self.seen_before(self.buffer.cursor().line);
        let last = self.buffer.lines().len() - 1;
        self.top = self.seen_before(self.top.min(last));
        let margin = if height > 8 { 2 } else { 0 };
        let above = self.above(line, margin);
        if above < self.top {
            self.top = above;
            return;
        }
        let below = self.above(line, height.saturating_sub(1 + margin));
        if below > self.top {
            // At the end there is nothing to keep a margin for.
            let most = self.above(self.seen_before(last), height.saturating_sub(1));
            self.top = below.min(most.max(self.above(line, height.saturating_sub(1))));
        }
    }

    /// Moves the text on the screen, the cursor with it where it would leave.
    pub fn scroll(&mut self, rows: isize, height: usize) {
        let last = self.seen_before(self.buffer.lines().len() - 1);
        let most = self.above(last, height.saturating_sub(1));
        let mut top = self.top;
        for _ in 0..rows.unsigned_abs() {
            top = match (rows < 0, top.checked_sub(1)) {
                (true, Some(above)) => self.seen_before(above),
                (true, None) => top,
                (false, _) => self.next_seen(top).unwrap_or(top),
            };
        }
        self.top = top.min(most);
        let seen = self.seen(height);
        let margin = if height > 8 { 2 } else { 0 };
        let here = self.buffer.cursor();
        let mut line = here.line;
        if self.top > 0 {
            line = line.max(seen.get(margin).copied().unwrap_or(self.top));
        }
        if seen.last() != Some(&last) {
            let end = seen.len().saturating_sub(1 + margin);
            line = line.min(seen.get(end).copied().unwrap_or(self.top));
        }
        if line != here.line {
            self.move_to(Place { line, ..here }, self.buffer.is_selecting());
        }
    }

    /// The line so many rows above another.
    fn above(&self, line: usize, rows: usize) -> usize {
        let mut at = line;
        for _ in 0..rows {
            match at.checked_sub(1) {
                Some(above) => at = self.seen_before(above),
                None => break,
            }
        }
        at
    }

    // Typing.

    /// The selection, or an empty range at the cursor.
    pub(super) fn target_range(&self) -> Range<usize> {
        let at = self.buffer.at();
        self.buffer.selection().unwrap_or(at..at)
    }

    /// Types a character: `>` behind a start tag brings its end tag, `/` behind `<` that of the open element.
    pub fn type_char(&mut self, c: char) {
        if let Some(rest) = self.awaited.strip_prefix(c) {
            self.awaited = rest.to_owned();
            return;
        }
        let range = self.target_range();
        let mut buffer = [0; 4];
        let word: &str = c.encode_utf8(&mut buffer);
        let at = range.start;
        let next = self.text()[range.end..].chars().next();
        // What was put there for one is typed over.
        if range.is_empty()
            && matches!(c, '"' | '\'' | '>')
            && next == Some(c)
            && self.closes(at, c)
        {
            self.go(Motion::Right, false);
            return;
        }
        if !self.change(range, word, true) {
            return;
        }
        let at = self.buffer.at();
        let behind = match c {
            '>' => self.end_tag_for(at),
            '/' => self.rest_of_end_tag(at),
            '"' | '\'' if self.opens_value(at) => Some((word.to_owned(), 0)),
            _ => None,
        };
        if let Some((more, over)) = behind {
            let place = at + over.min(more.len());
            self.change(at..at, &more, true);
            let place = self.buffer.place(place);
            self.buffer.go(place, false);
            if c == '/' {
                self.awaited = more;
            }
        }
        if c == '>' {
            self.outdent_end_tag();
        }
    }

    /// Whether a character typed before its like only ends what is open there.
    fn closes(&self, at: usize, c: char) -> bool {
        let Some(word) = self.anatomy.word_at(at) else {
            return false;
        };
        match c {
            '>' => word.kind == Kind::Mark,
            _ => word.kind == Kind::Value && word.range.start < at && word.range.end == at + 1,
        }
    }

    /// The end tag of a start tag that ends at a byte, when its element has none.
    fn end_tag_for(&self, at: usize) -> Option<(String, usize)> {
        let element = self
            .anatomy
            .elements()
            .iter()
            .find(|element| element.start.end == at && !element.is_empty)?;
        let name = &self.text()[element.name.clone()];
        if name.is_empty() || self.is_closed_properly(element.start.start) {
            return None;
        }
        Some((format!("</{name}>"), 0))
    }

    /// Whether the element that begins at a byte has an end tag which no element around it misses.
    fn is_closed_properly(&self, start: usize) -> bool {
        let elements = self.anatomy.elements();
        let Some(number) = elements
            .iter()
            .position(|element| element.start.start == start)
        else {
            return false;
        };
        if elements[number].end.is_none() && !elements[number].is_empty {
            return false;
        }
        // Of several of one name, the outer one is left without.
        let name = &self.text()[elements[number].name.clone()];
        let mut parent = elements[number].parent;
        while let Some(outer) = parent {
            let element = &elements[outer];
            if element.end.is_none() && &self.text()[element.name.clone()] == name {
                return false;
            }
            parent = element.parent;
        }
        true
    }

    /// The name and the end of an end tag that was begun by `</` before a byte.
    fn rest_of_end_tag(&self, at: usize) -> Option<(String, usize)> {
        let before = self.text().get(..at)?.strip_suffix("</")?;
        let rest = &self.text()[at..];
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '>') {
            return None;
        }
        let anatomy = Anatomy::of(before);
        let open = anatomy
            .elements()
            .iter()
            .rev()
            .find(|element| element.end.is_none() && !element.is_empty)?;
        let name = &before[open.name.clone()];
        let more = format!("{name}>");
        let length = more.len();
        Some((more, length))
    }

    /// Whether the quote before a byte begins the value of an attribute.
    fn opens_value(&self, at: usize) -> bool {
        let text = self.text();
        let quote = at - 1;
        let in_tag = self
            .anatomy
            .word_at(quote)
            .is_some_and(|word| word.kind == Kind::Value && word.range.start == quote);
        let next = text[at..].chars().next();
        let free = next.is_none_or(|c| c.is_whitespace() || matches!(c, '>' | '/' | '?'));
        in_tag && free && text[..quote].trim_end().ends_with('=')
    }

    /// An end tag that is alone on its line stands as deep as its start tag.
    fn outdent_end_tag(&mut self) {
        let line = self.buffer.cursor().line;
        let range = self.buffer.line_range(line);
        let words = self.text()[range.clone()].trim_start();
        if !words.starts_with("</") {
            return;
        }
        let blanks = range.len() - words.len();
        let tag = range.start + blanks;
        let start = self.anatomy.elements().iter().find_map(|element| {
            let end = element.end.as_ref()?;
            (end.start == tag).then_some(element.start.start)
        });
        let Some(start) = start else { return };
        let first = self.buffer.place(start).line;
        let wanted = indent(&self.buffer.lines()[first]);
        if first != line && wanted != blanks {
            let column = self.buffer.cursor().column + wanted;
            let indented = " ".repeat(wanted);
            self.change(range.start..tag, &indented, true);
            let column = column.saturating_sub(blanks);
            self.buffer.go(Place { line, column }, false);
        }
    }

    /// Begins a new line, as deep as where it stands.
    pub fn new_line(&mut self) {
        let range = self.target_range();
        let text = self.text();
        let line = self.buffer.place(range.start).line;
        let start = self.buffer.start_of(line);
        let before = &text[start..range.start];
        let mut deep: usize = before.chars().take_while(|c| c.is_whitespace()).count();
        let rest = &text[range.end..];
        let opens = self.anatomy.elements().iter().any(|element| {
            element.start.end == start + before.trim_end().len()
                && !element.is_empty
                && element.start.start >= start
        });
        let line_rest = rest.split('\n').next().unwrap_or_default();
        let closes = line_rest.trim_start().starts_with("</");
        let blanks = line_rest.len() - line_rest.trim_start().len();
        let range = range.start..range.end + blanks;
        if opens && closes {
            let inner = " ".repeat(deep + STEP);
            let outer = " ".repeat(deep);
            let at = range.start + 1 + inner.len();
            self.change(range, &format!("\n{inner}\n{outer}"), false);
            self.move_to_byte(at, false);
            return;
        }
        if opens {
            deep += STEP;
        } else if closes && !before.trim().is_empty() {
            deep = deep.saturating_sub(STEP);
        }
        let indented = " ".repeat(deep);
        self.change(range, &format!("\n{indented}"), false);
    }

    /// Deletes the selection, or what stands before the cursor; blanks before a line's first word by steps.
    pub fn backspace(&mut self, word: bool) {
        if let Some(range) = self.buffer.selection() {
            self.change(range, "", false);
            return;
        }
        let at = self.buffer.at();
        let here = self.buffer.cursor();
        let from = if word {
            self.target(Motion::WordLeft)
        } else {
            let before: Vec<char> = self.buffer.lines()[here.line]
                .chars()
                .take(here.column)
                .collect();
            let blank = !before.is_empty() && before.iter().all(|c| *c == ' ');
            if blank {
                let column = (here.column - 1) / STEP * STEP;
                Place { column, ..here }
            } else {
                self.target(Motion::Left)
            }
        };
        let start = self.buffer.byte(from);
        // The pair that typing made goes together.
        let pair = ["\"\"", "''"]
            .iter()
            .any(|pair| self.text().get(start..start + 2) == Some(pair));
        let end = at + usize::from(pair && at == start + 1);
        self.change(start..end, "", true);
    }

    /// Deletes the selection, or what stands behind the cursor.
    pub fn delete(&mut self, word: bool) {
        if let Some(range) = self.buffer.selection() {
            self.change(range, "", false);
            return;
        }
        let to = self.target(if word {
            Motion::WordRight
        } else {
            Motion::Right
        });
        let range = self.buffer.at()..self.buffer.byte(to);
        self.change(range, "", false);
    }

    /// Puts text in place of the selection, as it is.
    pub fn paste(&mut self, text: &str) -> bool {
        let range = self.target_range();
        self.change(range, text, false)
    }

    /// Puts what was cut or copied in place of the selection.
    pub fn paste_clip(&mut self) -> bool {
        let clip = self.clip.0.clone();
        if clip.is_empty() {
            return false;
        }
        // Whole lines go above the present one.
        if clip.ends_with('\n') && self.buffer.selection().is_none() {
            let here = self.buffer.cursor();
            let at = self.buffer.start_of(here.line);
            let lines = clip.matches('\n').count();
            let done = self.change(at..at, &clip, false);
            self.move_to(
                Place {
                    line: here.line + lines,
                    ..here
                },
                false,
            );
            return done;
        }
        self.paste(&clip)
    }

    /// Keeps the selection, or the line of the cursor, to be put elsewhere; takes it away when `cut`. Gives what was kept.
    pub fn copy(&mut self, cut: bool) -> &str {
        let range = match self.buffer.selection() {
            Some(range) => range,
            None => {
                let line = self.buffer.cursor().line;
                let end = (self.buffer.line_range(line).end + 1).min(self.text().len());
                self.buffer.start_of(line)..end
            }
        };
        self.clip = Clip(self.text()[range.clone()].to_owned());
        if cut {
            self.change(range, "", false);
        }
        &self.clip.0
    }

    /// The word that the cursor is in.
    #[must_use]
    pub fn word_at_cursor(&self) -> &str {
        let here = self.buffer.cursor();
        let line = &self.buffer.lines()[here.line];
        let chars: Vec<(usize, char)> = line.char_indices().collect();
        let is_word = |at: usize| chars.get(at).is_some_and(|(_, c)| class(*c) == 1);
        let (mut from, mut to) = (here.column, here.column);
        while from > 0 && is_word(from - 1) {
            from -= 1;
        }
        while is_word(to) {
            to += 1;
        }
        let byte = |at: usize| chars.get(at).map_or(line.len(), |(at, _)| *at);
        &line[byte(from)..byte(to)]
    }
}
