//! Commands on whole lines: indentation, comments, moving.

use std::ops::Range;

use super::buffer::Place;
use super::typing::{Editor, STEP};

impl Editor {
    /// The lines of the selection, or that of the cursor; a selection that ends before a line does not hold it.
    #[must_use]
    pub fn selected_lines(&self) -> Range<usize> {
        let buffer = self.buffer();
        match buffer.selection() {
            Some(range) => {
                let from = buffer.place(range.start).line;
                let to = buffer.place(range.end);
                let last = if to.column == 0 && to.line > from {
                    to.line
                } else {
                    to.line + 1
                };
                from..last
            }
            None => {
                let line = buffer.cursor().line;
                line..self
                    .next_seen(line)
                    .filter(|_| self.folded(line).is_some())
                    .unwrap_or(line + 1)
            }
        }
    }

    /// Indents the lines of the selection by a step, or takes one away; without a selection, blanks are typed up to the next
    /// step.
    pub fn shift(&mut self, out: bool) {
        if !out && self.buffer().selection().is_none() {
            let column = self.buffer().cursor().column;
            let blanks = " ".repeat(STEP - column % STEP);
            self.paste(&blanks);
            return;
        }
        self.shift_lines(self.selected_lines(), out);
    }

    /// Indents lines by a step, or takes one away.
    pub fn shift_lines(&mut self, lines: Range<usize>, out: bool) {
        self.each_line(lines, |line| {
            if out {
                let blanks = line.chars().take_while(|c| *c == ' ').count().min(STEP);
                let tab = usize::from(line.starts_with('\t'));
                line[blanks.max(tab)..].to_owned()
            } else if line.is_empty() {
                String::new()
            } else {
                format!("{}{line}", " ".repeat(STEP))
            }
        });
    }

    /// Puts lines in place of others, one for one, and keeps them selected where they were.
    fn each_line(&mut self, lines: Range<usize>, make: impl Fn(&str) -> String) {
        let buffer = self.buffer();
        let was_selected = buffer.selection().is_some();
        let here = buffer.cursor();
        let range = buffer.start_of(lines.start)..buffer.line_range(lines.end - 1).end;
        let before = buffer.lines()[here.line].chars().count();
        let made: Vec<String> = buffer.lines()[lines.clone()]
            .iter()
            .map(|line| make(line))
            .collect();
        if !self.replace(range, &made.join("\n")) {
            return;
        }
        if was_selected {
            let buffer = self.buffer();
            let range = buffer.start_of(lines.start)..buffer.line_range(lines.end - 1).end;
            self.select(range);
        } else {
            let after = self.buffer().lines()[here.line].chars().count();
            let column = (here.column + after).saturating_sub(before);
            self.move_to(Place { column, ..here }, false);
        }
    }

    /// Makes a comment of the selection, of the element that begins on the line, or of the line; a comment becomes text again.
    pub fn toggle_comment(&mut self) {
        let buffer = self.buffer();
        let at = buffer.at();
        let text = self.text();
        let around = self
            .anatomy()
            .words_in(at.saturating_sub(1)..at + 1)
            .iter()
            .find(|word| word.kind == crate::xml::scan::Kind::Comment)
            .or_else(|| {
                // On a line that begins with one.
                let line = buffer.line_range(buffer.cursor().line);
                let first = line.start + text[line.clone()].len() - text[line].trim_start().len();
                self.anatomy()
                    .word_at(first)
                    .filter(|word| word.kind == crate::xml::scan::Kind::Comment)
            });
        if let Some(word) = around {
            let range = word.range.clone();
            let inner = &text[range.clone()];
            let inner = inner.strip_prefix("<!--").unwrap_or(inner);
            let inner = inner.strip_suffix("-->").unwrap_or(inner);
            let inner = inner.strip_prefix(' ').unwrap_or(inner);
            let inner = inner
                .strip_suffix(' ')
                .unwrap_or(inner)
                .replace("- -", "--");
            self.replace(range, &inner);
            return;
        }
        let range = match buffer.selection() {
            Some(range) => range,
            None => self.block_at_line(),
        };
        let inner = &text[range.clone()];
        let blanks = inner.len() - inner.trim_start().len();
        let range = range.start + blanks..range.start + blanks + inner.trim().len();
        if range.is_empty() {
            return;
        }
        // Two dashes may not stand in a comment, so also none inside of one.
        let inner = text[range.clone()].replace("--", "- -");
        self.replace(range, &format!("<!-- {inner} -->"));
    }

    /// The bytes of the element that begins on the line of the cursor, or of the line.
    fn block_at_line(&self) -> Range<usize> {
        let line = self.buffer().cursor().line;
        let range = self.buffer().line_range(line);
        let elements = self.anatomy().elements();
        let first = elements.partition_point(|element| element.start.start < range.start);
        match elements
            .get(first)
            .filter(|element| element.start.start < range.end)
        {
            Some(_) => self.anatomy().whole(first).unwrap_or(range),
            None => range,
        }
    }

    /// Moves the lines of the selection, or the element of the line of the cursor, by one line or over the element beside it.
    pub fn move_block(&mut self, down: bool) {
        let block = self.block_lines();
        let lines = self.buffer().lines();
        let other = if down {
            if block.end >= lines.len() {
                return;
            }
            block.end..self.lines_of_element(block.end).end
        } else {
            let Some(above) = block.start.checked_sub(1) else {
                return;
            };
            self.lines_of_element_ending(above)
        };
        let (first, second) = if down {
            (block.clone(), other)
        } else {
            (other, block.clone())
        };
        let piece = |range: &Range<usize>| lines[range.clone()].join("\n");
        let swapped = format!("{}\n{}", piece(&second), piece(&first));
        let buffer = self.buffer();
        let range = buffer.start_of(first.start)..buffer.line_range(second.end - 1).end;
        let here = buffer.cursor();
        let selected = buffer.selection().is_some();
        if !self.replace(range, &swapped) {
            return;
        }
        let start = if down {
            first.start + second.len()
        } else {
            first.start
        };
        if selected {
            let buffer = self.buffer();
            let range = buffer.start_of(start)..buffer.line_range(start + block.len() - 1).end;
            self.select(range);
        } else {
            let line = start + (here.line - block.start);
            self.move_to(Place { line, ..here }, false);
        }
    }

    fn block_lines(&self) -> Range<usize> {
        if self.buffer().selection().is_some() {
            return self.selected_lines();
        }
        self.lines_of_element(self.buffer().cursor().line)
    }

    /// The lines of the element that begins on a line; the line alone where none does.
    fn lines_of_element(&self, line: usize) -> Range<usize> {
        match self.foldable(line) {
            Some(hidden) => line..hidden.end,
            None => line..line + 1,
        }
    }

    /// The lines of the element that ends on a line.
    fn lines_of_element_ending(&self, line: usize) -> Range<usize> {
        let range = self.buffer().line_range(line);
        let start = self.anatomy().elements().iter().find_map(|element| {
            let end = element.end.as_ref()?;
            let ends = range.contains(&end.start) && element.start.start < range.start;
            ends.then_some(element.start.start)
        });
        match start {
            Some(start) => self.buffer().place(start).line..line + 1,
            None => line..line + 1,
        }
    }
}
