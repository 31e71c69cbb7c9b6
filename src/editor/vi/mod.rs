//! The keys of vi: normal, insert and visual mode, counts, operators with motions and text objects, repeating.

mod motions;
mod objects;
mod operators;
mod parse;
mod simple;
mod visual;

use super::motion::Motion;
use super::typing::Editor;
use crate::keymap::{Code, Key};
use parse::{Parsed, parse};

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
            if !self.goes_back() {
                self.last = self.recorded.clone();
            }
            self.revision = editor.buffer().revision();
        }
        done
    }

    /// Whether the command takes a change back or makes it again: that is not what is repeated.
    fn goes_back(&self) -> bool {
        let is_count = |key: &&Key| key.typed().is_some_and(|c| c.is_ascii_digit());
        let mut command = self.recorded.iter().skip_while(is_count);
        match (command.next(), command.next()) {
            (Some(key), None) => key.ctrl || matches!(key.code, Code::Char('u' | '.')),
            _ => false,
        }
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
            self.pending.clear();
            self.mode = ViMode::Normal;
            editor.unselect();
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

    /// Makes the last change again; a count takes the place of its own.
    fn repeat(&mut self, count: Option<usize>, editor: &mut Editor, height: usize) {
        let mut keys = self.last.clone();
        if let Some(count) = count {
            let is_count = |key: &Key| key.typed().is_some_and(|c| c.is_ascii_digit());
            let own = keys.iter().take_while(|key| is_count(key)).count();
            keys.splice(..own, count.to_string().chars().map(Key::char));
        }
        self.repeating = true;
        for key in keys {
            if self.press(key, editor, height) == ViDone::Passed {
                editor.press(key, height);
            }
        }
        self.repeating = false;
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests;
