//! Commands of normal mode without an operator.

use super::operators::{indent_bytes, lines_of, swapped};
use super::{Vi, ViAsk, ViDone, ViMode, motions};
use crate::editor::buffer::difference;
use crate::editor::motion::{Motion, indent};
use crate::editor::typing::Editor;

impl Vi {
    /// Commands without an operator.
    pub(super) fn simple(
        &mut self,
        count: Option<usize>,
        rest: &[char],
        editor: &mut Editor,
        height: usize,
    ) -> ViDone {
        let here = editor.buffer().at();
        let line = editor.buffer().cursor().line;
        let times = count.unwrap_or(1);
        match rest {
            ['i'] => self.mode = ViMode::Insert,
            ['a'] => {
                if here < editor.buffer().line_range(line).end {
                    editor.go(Motion::Right, false);
                }
                self.mode = ViMode::Insert;
            }
            ['I'] => {
                self.first_of_line(editor, line);
                self.mode = ViMode::Insert;
            }
            ['A'] => {
                editor.go(Motion::LineEnd, false);
                self.mode = ViMode::Insert;
            }
            ['o'] => {
                editor.go(Motion::LineEnd, false);
                editor.new_line();
                self.mode = ViMode::Insert;
            }
            ['O'] => {
                let blanks = " ".repeat(indent(&editor.buffer().lines()[line]));
                let at = editor.buffer().start_of(line);
                editor.replace(at..at, &format!("{blanks}\n"));
                editor.move_to_byte(at + blanks.len(), false);
                self.mode = ViMode::Insert;
            }
            ['x'] | ['X'] | ['s'] => {
                let range = editor.buffer().line_range(line);
                let (mut from, mut to) = (here, here);
                for _ in 0..times {
                    if rest == ['X'] {
                        from = motions::previous(editor.text(), from).max(range.start);
                    } else {
                        to = motions::next(editor.text(), to).min(range.end);
                    }
                }
                self.keep(editor, from..to, false);
                editor.replace(from..to, "");
                if rest == ['s'] {
                    self.mode = ViMode::Insert;
                } else {
                    self.rest_on_character(editor);
                }
            }
            ['D'] | ['C'] => {
                let end = editor.buffer().line_range(line).end;
                let operator = if rest == ['D'] { 'd' } else { 'c' };
                self.do_operator(operator, here..end, false, editor);
            }
            ['S'] => {
                let range = lines_of(editor, here, times);
                self.do_operator('c', range, true, editor);
            }
            ['Y'] => self.keep(editor, lines_of(editor, here, times), true),
            ['r', c] => {
                let end = (0..times).fold(here, |at, _| motions::next(editor.text(), at));
                if end <= editor.buffer().line_range(line).end {
                    let text: String = std::iter::repeat_n(*c, times).collect();
                    editor.replace(here..end, &text);
                    editor.go(Motion::Left, false);
                }
            }
            ['~'] => {
                let end =
                    motions::next(editor.text(), here).min(editor.buffer().line_range(line).end);
                let text: String = editor.text()[here..end].chars().map(swapped).collect();
                editor.replace(here..end, &text);
            }
            ['J'] => {
                let end = editor.buffer().line_range(line).end;
                if line + 1 < editor.buffer().lines().len() {
                    let next = editor.buffer().start_of(line + 1) + indent_bytes(editor, line + 1);
                    editor.replace(end..next, " ");
                }
            }
            ['p' | 'P'] => self.put(rest == ['p'], times, editor),
            ['u'] => {
                let before = editor.text().to_owned();
                for _ in 0..times {
                    editor.undo();
                }
                // Where the change was, not behind it.
                let (range, _) = difference(&before, editor.text());
                editor.move_to_byte(range.start, false);
                self.rest_on_character(editor);
            }
            ['.'] => self.repeat(count, editor, height),
            ['v' | 'V'] => {
                self.mode = if rest == ['v'] {
                    ViMode::Visual
                } else {
                    ViMode::VisualLine
                };
                self.anchor = here;
                self.stretch(editor);
            }
            ['z', 'a' | 'o' | 'c'] => editor.toggle_fold(),
            ['z', 'M' | 'R'] => editor.toggle_all_folds(),
            ['z', 'z'] => {
                let top = line.saturating_sub(height / 2);
                let rows =
                    isize::try_from(top).unwrap_or(0) - isize::try_from(editor.top()).unwrap_or(0);
                editor.scroll(rows, height);
            }
            [':'] => return ViDone::Asks(ViAsk::Command),
            ['/' | '?'] => return ViDone::Asks(ViAsk::Find),
            ['n'] => return ViDone::Asks(ViAsk::FindNext),
            ['N'] => return ViDone::Asks(ViAsk::FindPrevious),
            [']', 'd'] => return ViDone::Asks(ViAsk::NextFinding),
            ['[', 'd'] => return ViDone::Asks(ViAsk::PreviousFinding),
            ['K'] => return ViDone::Asks(ViAsk::Help),
            ['Z', 'Z'] => return ViDone::Asks(ViAsk::Save),
            ['Z', 'Q'] => return ViDone::Asks(ViAsk::Leave),
            ['g', 'O'] => return ViDone::Asks(ViAsk::Outline),
            _ => {
                if let Some((to, _)) = self.motion(count, rest, editor, height) {
                    self.move_by(rest, count, to, editor);
                    if self.mode == ViMode::Normal {
                        self.rest_on_character_after(rest, editor);
                    }
                }
            }
        }
        ViDone::Taken
    }

    /// Up and down keep their column, which the editor does.
    pub(super) fn move_by(
        &self,
        rest: &[char],
        count: Option<usize>,
        to: usize,
        editor: &mut Editor,
    ) {
        match rest {
            ['j'] => editor.go(Motion::Down(count.unwrap_or(1)), false),
            ['k'] => editor.go(Motion::Up(count.unwrap_or(1)), false),
            _ => editor.move_to_byte(to, false),
        }
    }

    pub(super) fn rest_on_character_after(&self, rest: &[char], editor: &mut Editor) {
        let here = editor.buffer().cursor();
        let length = editor.buffer().lines()[here.line].chars().count();
        // The column that is kept must not be forgotten.
        if here.column >= length && length > 0 && !matches!(rest, ['j' | 'k']) {
            editor.go(Motion::Left, false);
        }
    }

    pub(super) fn first_of_line(&self, editor: &mut Editor, line: usize) {
        let at = editor.buffer().start_of(line) + indent_bytes(editor, line);
        editor.move_to_byte(at, false);
    }

    /// In normal mode the cursor stands on a character, not behind the last one.
    pub(super) fn rest_on_character(&self, editor: &mut Editor) {
        let here = editor.buffer().cursor();
        let length = editor.buffer().lines()[here.line].chars().count();
        if here.column >= length && length > 0 {
            editor.go(Motion::Left, false);
        }
    }
}
