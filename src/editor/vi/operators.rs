//! Operators with their motions and text objects, and what they take out put back.

use std::ops::Range;

use super::motions::{self, Reach};
use super::{Register, Vi, ViMode, objects};
use crate::editor::motion::{Motion, indent};
use crate::editor::typing::Editor;

impl Vi {
    /// An operator with its motion or text object.
    pub(super) fn operate(
        &mut self,
        count: Option<usize>,
        operator: char,
        rest: &[char],
        editor: &mut Editor,
        height: usize,
    ) {
        let here = editor.buffer().at();
        let doubled = rest == [operator] || (operator == '#' && rest == ['c']);
        let (range, lines) = if doubled {
            (lines_of(editor, here, count.unwrap_or(1)), true)
        } else if let [kind @ ('i' | 'a'), object] = rest {
            match objects::find(editor, here, *object, *kind == 'a', count.unwrap_or(1)) {
                Some(range) => (range, false),
                None => return,
            }
        } else {
            // cw takes the word alone, not the blanks behind it.
            let rest: &[char] = if operator == 'c' && rest == ['w'] {
                &['e']
            } else {
                rest
            };
            let Some((to, reach)) = self.motion(count, rest, editor, height) else {
                return;
            };
            match reach {
                Reach::Lines => {
                    let (first, last) = (here.min(to), here.max(to));
                    let first = editor.buffer().place(first).line;
                    let last = editor.buffer().place(last).line;
                    (whole_lines(editor, first..last + 1), true)
                }
                Reach::Inclusive => {
                    let end = motions::next(editor.text(), here.max(to));
                    (here.min(to)..end, false)
                }
                Reach::Exclusive => (here.min(to)..here.max(to), false),
            }
        };
        self.do_operator(operator, range, lines, editor);
    }

    pub(super) fn do_operator(
        &mut self,
        operator: char,
        range: Range<usize>,
        lines: bool,
        editor: &mut Editor,
    ) {
        let first = editor.buffer().place(range.start).line;
        let mut last = editor.buffer().place(range.end).line;
        if lines && editor.buffer().place(range.end).column == 0 && last > first {
            last -= 1;
        }
        match operator {
            'y' => {
                self.keep(editor, range.clone(), lines);
                editor.unselect();
                if !lines {
                    editor.move_to_byte(range.start, false);
                }
            }
            'd' => {
                self.keep(editor, range.clone(), lines);
                self.take_out(editor, range, lines);
            }
            'c' => {
                self.keep(editor, range.clone(), lines);
                if lines {
                    let blanks = indent(&editor.buffer().lines()[first]);
                    let start = editor.buffer().start_of(first) + blanks;
                    let end = editor.buffer().line_range(last).end;
                    editor.replace(start.min(end)..end, "");
                } else {
                    editor.replace(range, "");
                }
                self.mode = ViMode::Insert;
            }
            '>' | '<' => {
                editor.unselect();
                editor.shift_lines(first..last + 1, operator == '<');
                self.first_of_line(editor, first);
            }
            '#' => {
                editor.select(whole_lines(editor, first..last + 1));
                editor.toggle_comment();
                editor.unselect();
                self.first_of_line(editor, first);
            }
            '~' => {
                let swapped: String = editor.text()[range.clone()].chars().map(swapped).collect();
                editor.replace(range.clone(), &swapped);
                editor.move_to_byte(range.start, false);
            }
            _ => {}
        }
    }

    pub(super) fn take_out(&self, editor: &mut Editor, range: Range<usize>, lines: bool) {
        if !lines {
            editor.replace(range.clone(), "");
            self.rest_on_character(editor);
            return;
        }
        let line = editor.buffer().place(range.start).line;
        let mut range = range;
        // The last line goes with the end of the one before.
        if range.end == editor.text().len()
            && !editor.text()[range.clone()].ends_with('\n')
            && range.start > 0
        {
            range.start -= 1;
        }
        editor.replace(range, "");
        let last = editor.buffer().lines().len() - 1;
        self.first_of_line(editor, line.min(last));
    }

    pub(super) fn keep(&mut self, editor: &Editor, range: Range<usize>, lines: bool) {
        let mut text = editor.text()[range].to_owned();
        if lines && !text.ends_with('\n') {
            text.push('\n');
        }
        self.register = Register(text, lines);
    }

    pub(super) fn put(&mut self, behind: bool, times: usize, editor: &mut Editor) {
        let Register(text, lines) = self.register.clone();
        if text.is_empty() {
            return;
        }
        let line = editor.buffer().cursor().line;
        let many = text.repeat(times.min(1000));
        if lines {
            let last = editor.buffer().lines().len() - 1;
            let (at, put, first) = if !behind {
                (editor.buffer().start_of(line), many, line)
            } else if line == last {
                let end = editor.text().len();
                (end, format!("\n{}", many.trim_end_matches('\n')), line + 1)
            } else {
                (editor.buffer().start_of(line + 1), many, line + 1)
            };
            editor.replace(at..at, &put);
            self.first_of_line(editor, first);
            return;
        }
        let here = editor.buffer().at();
        let end = editor.buffer().line_range(line).end;
        let at = if behind {
            motions::next(editor.text(), here).min(end)
        } else {
            here
        };
        editor.replace(at..at, &many);
        editor.go(Motion::Left, false);
    }
}

pub(super) fn swapped(c: char) -> char {
    if c.is_lowercase() {
        c.to_uppercase().next().unwrap_or(c)
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

pub(super) fn indent_bytes(editor: &Editor, line: usize) -> usize {
    let words = &editor.buffer().lines()[line];
    words.len() - words.trim_start().len()
}

/// The bytes of lines with their ends.
pub(super) fn whole_lines(editor: &Editor, lines: Range<usize>) -> Range<usize> {
    editor.buffer().start_of(lines.start)..editor.buffer().start_of(lines.end)
}

/// The bytes of so many lines from the one of a byte.
pub(super) fn lines_of(editor: &Editor, at: usize, count: usize) -> Range<usize> {
    let line = editor.buffer().place(at).line;
    let last = (line + count).min(editor.buffer().lines().len());
    whole_lines(editor, line..last)
}
