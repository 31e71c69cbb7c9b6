//! The keys of vi: normal, insert and visual mode, counts, operators with motions and text objects, repeating.

mod motions;
mod objects;

use std::ops::Range;

use super::buffer::difference;
use super::motion::{Motion, indent};
use super::typing::Editor;
use crate::keymap::{Code, Key};
use motions::Reach;

/// What keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViMode {
    /// Keys are commands.
    #[default]
    Normal,
    /// Keys are typed.
    Insert,
    /// Keys act on what is selected.
    Visual,
    /// The same with whole lines.
    VisualLine,
}

impl ViMode {
    /// Its word, as vi shows it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Insert => "INSERT",
            Self::Visual => "VISUAL",
            Self::VisualLine => "V-LINE",
        }
    }
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViDone {
    /// It was taken.
    Taken,
    /// It is none of vi's: it goes the ordinary way.
    Passed,
    /// The editor around it is to do something.
    Asks(ViAsk),
}

/// What vi's keys ask of the editor around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViAsk {
    /// `:`
    Command,
    /// `/`
    Find,
    /// `n`
    FindNext,
    /// `N`
    FindPrevious,
    /// `]d`
    NextFinding,
    /// `[d`
    PreviousFinding,
    /// `K`
    Help,
    /// `ZZ`
    Save,
    /// `ZQ`
    Leave,
    /// `gO`
    Outline,
}

/// The state of vi's keys.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vi {
    mode: ViMode,
    /// Keys of the command that is being typed.
    pending: Vec<Key>,
    /// Where the visual selection began, in bytes.
    anchor: usize,
    /// What was deleted or yanked last, and whether whole lines.
    register: Register,
    /// The keys of the last change, and those since the last command.
    last: Vec<Key>,
    recorded: Vec<Key>,
    revision: u64,
    /// Steps that could be taken back before the command.
    steps: usize,
    repeating: bool,
    /// `f`, `t` and the like with their character.
    sought: Option<(char, char)>,
}

/// Text that may hold a password.
#[derive(Clone, PartialEq, Default)]
struct Register(String, bool);

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Register({} bytes)", self.0.len())
    }
}

/// A command as far as it is typed.
enum Parsed {
    /// More keys must follow.
    Unfinished,
    /// It is none.
    Nothing,
    /// Count, operator with its own count, and the rest.
    Whole(Option<usize>, Option<char>, Vec<char>),
}

impl Vi {
    /// What keys do.
    #[must_use]
    pub fn mode(&self) -> ViMode {
        self.mode
    }

    /// The keys of the command that is being typed.
    #[must_use]
    pub fn pending(&self) -> String {
        self.pending.iter().map(ToString::to_string).collect()
    }

    /// Takes a key.
    pub fn press(&mut self, key: Key, editor: &mut Editor, height: usize) -> ViDone {
        if !self.repeating && self.mode == ViMode::Normal && self.pending.is_empty() {
            self.recorded.clear();
            self.revision = editor.buffer().revision();
            self.steps = editor.buffer().steps();
        }
        if !self.repeating {
            self.recorded.push(key);
        }
        let done = match self.mode {
            ViMode::Insert => self.insert(key, editor),
            _ => self.command(key, editor, height),
        };
        let idle = self.mode == ViMode::Normal && self.pending.is_empty();
        if idle && !self.repeating && editor.buffer().revision() != self.revision {
            let undone = matches!(
                self.recorded.last().map(|key| key.code),
                Some(Code::Char('u' | '.'))
            ) || self.recorded.last().is_some_and(|key| key.ctrl);
            if !undone {
                self.last = self.recorded.clone();
            }
            self.revision = editor.buffer().revision();
        }
        done
    }

    fn insert(&mut self, key: Key, editor: &mut Editor) -> ViDone {
        let leaves = key.code == Code::Esc || (key.ctrl && key.code == Code::Char('['));
        if !leaves {
            return ViDone::Passed;
        }
        self.mode = ViMode::Normal;
        // A command and what is typed after it are undone as one.
        editor.join_steps(self.steps);
        if editor.buffer().cursor().column > 0 {
            editor.go(Motion::Left, false);
        }
        ViDone::Taken
    }

    fn command(&mut self, key: Key, editor: &mut Editor, height: usize) -> ViDone {
        if key.code == Code::Esc {
            let busy = !self.pending.is_empty() || self.mode != ViMode::Normal;
            self.pending.clear();
            self.mode = ViMode::Normal;
            editor.unselect();
            let _ = busy;
            return ViDone::Taken;
        }
        let half = (height / 2).max(1);
        if key.ctrl {
            match key.code {
                Code::Char('r') => {
                    editor.redo();
                }
                Code::Char('d') => editor.go(Motion::Down(half), self.selects()),
                Code::Char('u') => editor.go(Motion::Up(half), self.selects()),
                Code::Char('f') => editor.go(Motion::Down(height), self.selects()),
                Code::Char('b') => editor.go(Motion::Up(height), self.selects()),
                _ => return ViDone::Passed,
            }
            self.stretch(editor);
            return ViDone::Taken;
        }
        let Some(c) = key.typed() else {
            let motion = match key.code {
                Code::Left => 'h',
                Code::Right => 'l',
                Code::Up => 'k',
                Code::Down => 'j',
                Code::Home => '0',
                Code::End => '$',
                Code::Enter => '+',
                Code::Backspace => 'h',
                Code::Delete => 'x',
                _ => return ViDone::Passed,
            };
            return self.command(Key::char(motion), editor, height);
        };
        self.pending.push(Key::char(c));
        let typed: Vec<char> = self.pending.iter().filter_map(|key| key.typed()).collect();
        match parse(&typed, self.selects()) {
            Parsed::Unfinished => ViDone::Taken,
            Parsed::Nothing => {
                self.pending.clear();
                ViDone::Taken
            }
            Parsed::Whole(count, operator, rest) => {
                self.pending.clear();
                self.run(count, operator, &rest, editor, height)
            }
        }
    }

    fn selects(&self) -> bool {
        matches!(self.mode, ViMode::Visual | ViMode::VisualLine)
    }

    fn run(
        &mut self,
        count: Option<usize>,
        operator: Option<char>,
        rest: &[char],
        editor: &mut Editor,
        height: usize,
    ) -> ViDone {
        if self.selects() {
            return self.on_selection(count, rest, editor, height);
        }
        if let Some(operator) = operator {
            self.operate(count, operator, rest, editor, height);
            return ViDone::Taken;
        }
        self.simple(count, rest, editor, height)
    }

    /// An operator with its motion or text object.
    fn operate(
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

    fn do_operator(
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

    fn take_out(&self, editor: &mut Editor, range: Range<usize>, lines: bool) {
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

    fn keep(&mut self, editor: &Editor, range: Range<usize>, lines: bool) {
        let mut text = editor.text()[range].to_owned();
        if lines && !text.ends_with('\n') {
            text.push('\n');
        }
        self.register = Register(text, lines);
    }

    fn first_of_line(&self, editor: &mut Editor, line: usize) {
        let at = editor.buffer().start_of(line) + indent_bytes(editor, line);
        editor.move_to_byte(at, false);
    }

    /// In normal mode the cursor stands on a character, not behind the last one.
    fn rest_on_character(&self, editor: &mut Editor) {
        let here = editor.buffer().cursor();
        let length = editor.buffer().lines()[here.line].chars().count();
        if here.column >= length && length > 0 {
            editor.go(Motion::Left, false);
        }
    }

    /// Commands without an operator.
    fn simple(
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
            ['.'] => self.repeat(editor, height),
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
    fn move_by(&self, rest: &[char], count: Option<usize>, to: usize, editor: &mut Editor) {
        match rest {
            ['j'] => editor.go(Motion::Down(count.unwrap_or(1)), false),
            ['k'] => editor.go(Motion::Up(count.unwrap_or(1)), false),
            _ => editor.move_to_byte(to, false),
        }
    }

    fn rest_on_character_after(&self, rest: &[char], editor: &mut Editor) {
        let here = editor.buffer().cursor();
        let length = editor.buffer().lines()[here.line].chars().count();
        // The column that is kept must not be forgotten.
        if here.column >= length && length > 0 && !matches!(rest, ['j' | 'k']) {
            editor.go(Motion::Left, false);
        }
    }

    fn put(&mut self, behind: bool, times: usize, editor: &mut Editor) {
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

    fn repeat(&mut self, editor: &mut Editor, height: usize) {
        let keys = self.last.clone();
        self.repeating = true;
        for key in keys {
            if self.press(key, editor, height) == ViDone::Passed {
                editor.press(key, height);
            }
        }
        self.repeating = false;
        self.pending.clear();
    }

    /// Commands on what is selected.
    fn on_selection(
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

    fn end_visual(&mut self, editor: &mut Editor) {
        let here = self.cursor(editor);
        self.mode = ViMode::Normal;
        editor.move_to_byte(here, false);
    }

    /// The character under vi's cursor, which the selection's end stands behind.
    fn cursor(&self, editor: &Editor) -> usize {
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
    fn selected(&self, editor: &Editor) -> Range<usize> {
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
    fn stretch(&mut self, editor: &mut Editor) {
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

fn swapped(c: char) -> char {
    if c.is_lowercase() {
        c.to_uppercase().next().unwrap_or(c)
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

fn indent_bytes(editor: &Editor, line: usize) -> usize {
    let words = &editor.buffer().lines()[line];
    words.len() - words.trim_start().len()
}

/// The bytes of lines with their ends.
fn whole_lines(editor: &Editor, lines: Range<usize>) -> Range<usize> {
    editor.buffer().start_of(lines.start)..editor.buffer().start_of(lines.end)
}

/// The bytes of so many lines from the one of a byte.
fn lines_of(editor: &Editor, at: usize, count: usize) -> Range<usize> {
    let line = editor.buffer().place(at).line;
    let last = (line + count).min(editor.buffer().lines().len());
    whole_lines(editor, line..last)
}

/// Reads counts and an operator off the keys that were typed.
fn parse(typed: &[char], selecting: bool) -> Parsed {
    let (count, rest) = number(typed);
    let Some(first) = rest.first().copied() else {
        return Parsed::Unfinished;
    };
    // Comments are an operator of two letters.
    if !selecting && rest.starts_with(&['g', 'c']) {
        return with_operator(count, '#', &rest[2..]);
    }
    if !selecting && matches!(first, 'd' | 'c' | 'y' | '>' | '<') {
        return with_operator(count, first, &rest[1..]);
    }
    if selecting && matches!(first, 'i' | 'a') && rest.len() == 1 {
        return Parsed::Unfinished;
    }
    match first {
        'g' | 'z' | 'Z' | ']' | '[' | 'r' | 'f' | 'F' | 't' | 'T' if rest.len() < 2 => {
            Parsed::Unfinished
        }
        _ => Parsed::Whole(count, None, rest.to_vec()),
    }
}

fn with_operator(count: Option<usize>, operator: char, rest: &[char]) -> Parsed {
    let (inner, rest) = number(rest);
    let count = match (count, inner) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(1).saturating_mul(b.unwrap_or(1))),
    };
    match rest {
        [] | ['g' | 'i' | 'a' | 'f' | 'F' | 't' | 'T'] => Parsed::Unfinished,
        rest if rest.len() > 2 => Parsed::Nothing,
        rest => Parsed::Whole(count, Some(operator), rest.to_vec()),
    }
}

/// The number that begins some keys; `0` alone is a motion.
fn number(typed: &[char]) -> (Option<usize>, &[char]) {
    if typed.first().is_none_or(|c| !('1'..='9').contains(c)) {
        return (None, typed);
    }
    let digits = typed.iter().take_while(|c| c.is_ascii_digit()).count();
    let text: String = typed[..digits].iter().collect();
    // However large a count is typed, no more is done than a text can have.
    let count = text.parse::<usize>().unwrap_or(usize::MAX).min(100_000);
    (Some(count), &typed[digits..])
}

#[cfg(test)]
mod tests;
