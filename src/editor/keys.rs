//! What the keys of a common editor do.

use super::motion::Motion;
use super::typing::Editor;
use crate::keymap::{Code, Key};

impl Editor {
    /// Takes a key that is no command; `false` for one that means nothing in a text. `height` is that of the screen.
    pub fn press(&mut self, key: Key, height: usize) -> bool {
        let page = height.saturating_sub(1).max(1);
        let motion = match (key.code, key.ctrl) {
            (Code::Left, false) => Motion::Left,
            (Code::Right, false) => Motion::Right,
            (Code::Left, true) => Motion::WordLeft,
            (Code::Right, true) => Motion::WordRight,
            (Code::Up, false) if !key.alt => Motion::Up(1),
            (Code::Down, false) if !key.alt => Motion::Down(1),
            (Code::Up, true) => {
                self.scroll(-1, height);
                return true;
            }
            (Code::Down, true) => {
                self.scroll(1, height);
                return true;
            }
            (Code::PageUp, _) => Motion::Up(page),
            (Code::PageDown, _) => Motion::Down(page),
            (Code::Home, false) => Motion::LineStart,
            (Code::End, false) => Motion::LineEnd,
            (Code::Home, true) => Motion::First,
            (Code::End, true) => Motion::Last,
            _ => return self.edit(key),
        };
        self.go(motion, key.shift);
        true
    }

    /// Changes the text; `false` for keys that change nothing.
    fn edit(&mut self, key: Key) -> bool {
        match key.code {
            Code::Char(c) if !key.ctrl && !key.alt && !c.is_control() => self.type_char(c),
            Code::Enter => self.new_line(),
            Code::Tab => self.shift(false),
            Code::BackTab => self.shift(true),
            Code::Backspace => self.backspace(key.ctrl || key.alt),
            Code::Char('w') if key.ctrl => self.backspace(true),
            Code::Char('h') if key.ctrl => self.backspace(false),
            Code::Delete => self.delete(key.ctrl),
            _ => return false,
        }
        true
    }

    /// Whether a key would change the text.
    #[must_use]
    pub fn is_change(key: Key) -> bool {
        match key.code {
            Code::Char(_) => {
                key.typed().is_some() || (key.ctrl && matches!(key.code, Code::Char('w' | 'h')))
            }
            Code::Enter | Code::Tab | Code::BackTab | Code::Backspace | Code::Delete => true,
            _ => false,
        }
    }
}
