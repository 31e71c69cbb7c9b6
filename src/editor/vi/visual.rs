//! Commands on what is selected.

use std::ops::Range;

use super::operators::whole_lines;
use super::{Register, Vi, ViAsk, ViDone, ViMode, motions, objects};
use crate::editor::typing::Editor;

impl Vi {
    /// Commands on what is selected.
    pub(super) fn on_selection(
        &mut self,
        count: Option<usize>,
        rest: &[char],
        editor: &mut Editor,
        height: usize,
    ) -> ViDone {
        let lines = self.mode == ViMode::VisualLine;
        let range = self.selected(editor);
        match rest {
            ['v'] if !lines => self.end_visual(editor),
            ['V'] if lines => self.end_visual(editor),
            ['v'] => self.mode = ViMode::Visual,
            ['V'] => self.mode = ViMode::VisualLine,
            ['o'] => {
                let here = self.cursor(editor);
                let anchor = std::mem::replace(&mut self.anchor, here);
                editor.move_to_byte(anchor, false);
            }
            [operator @ ('d' | 'c' | 'y' | '>' | '<' | '~')] => {
                self.mode = ViMode::Normal;
                self.do_operator(*operator, range, lines, editor);
                return ViDone::Taken;
            }
            ['x' | 's'] => {
                self.mode = ViMode::Normal;
                let operator = if rest == ['x'] { 'd' } else { 'c' };
                self.do_operator(operator, range, lines, editor);
                return ViDone::Taken;
            }
            ['g', 'c'] => {
                self.mode = ViMode::Normal;
                self.do_operator('#', range, true, editor);
                return ViDone::Taken;
            }
            ['p'] => {
                let Register(text, _) = self.register.clone();
                self.mode = ViMode::Normal;
                self.keep(editor, range.clone(), lines);
                editor.replace(range, &text);
                return ViDone::Taken;
            }
            [kind @ ('i' | 'a'), object] => {
                let here = self.cursor(editor);
                if let Some(range) =
                    objects::find(editor, here, *object, *kind == 'a', count.unwrap_or(1))
                {
                    self.mode = ViMode::Visual;
                    self.anchor = range.start;
                    let last = motions::previous(editor.text(), range.end).max(range.start);
                    editor.move_to_byte(last, false);
                }
            }
            [':'] => return ViDone::Asks(ViAsk::Command),
            _ => {
                let here = self.cursor(editor);
                editor.move_to_byte(here, false);
                if let Some((to, _)) = self.motion(count, rest, editor, height) {
                    self.move_by(rest, count, to, editor);
                }
            }
        }
        self.stretch(editor);
        ViDone::Taken
    }

    pub(super) fn end_visual(&mut self, editor: &mut Editor) {
        let here = self.cursor(editor);
        self.mode = ViMode::Normal;
        editor.move_to_byte(here, false);
    }

    /// The character under vi's cursor, which the selection's end stands behind.
    pub(super) fn cursor(&self, editor: &Editor) -> usize {
        let at = editor.buffer().at();
        let forward = at > self.anchor;
        match editor.buffer().selection() {
            Some(_) if self.mode == ViMode::Visual && forward => {
                motions::previous(editor.text(), at)
            }
            _ => at,
        }
    }

    /// The bytes that are selected.
    pub(super) fn selected(&self, editor: &Editor) -> Range<usize> {
        let here = self.cursor(editor);
        let (from, to) = (here.min(self.anchor), here.max(self.anchor));
        if self.mode == ViMode::VisualLine {
            let first = editor.buffer().place(from).line;
            let last = editor.buffer().place(to).line;
            return whole_lines(editor, first..last + 1);
        }
        from..motions::next(editor.text(), to)
    }

    /// Selects from where it began to the cursor.
    pub(super) fn stretch(&mut self, editor: &mut Editor) {
        if self.mode != ViMode::Visual {
            return;
        }
        let here = editor.buffer().at();
        let text_end = editor.text().len();
        let (from, to) = if here >= self.anchor {
            (
                self.anchor,
                motions::next(editor.text(), here).min(text_end),
            )
        } else {
            (
                motions::next(editor.text(), self.anchor).min(text_end),
                here,
            )
        };
        editor.move_to_byte(from, false);
        editor.move_to_byte(to, true);
    }
}
