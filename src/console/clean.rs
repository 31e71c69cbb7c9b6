//! The text of a console's output, for a log that people read: no escape sequences, no characters that hide.

use alacritty_terminal::vte::{Parser, Perform};

use super::sieve::Sieve;
use crate::text::is_hidden;

/// Takes the bytes of a guest and gives their text.
pub struct Cleaner {
    sieve: Sieve,
    parser: Parser,
}

impl Default for Cleaner {
    fn default() -> Self {
        Self {
            sieve: Sieve::default(),
            parser: Parser::new(),
        }
    }
}

impl Cleaner {
    /// The text of the next bytes. CR alone is left out: what it wrote over stands before it.
    pub fn clean(&mut self, bytes: &[u8]) -> String {
        let mut passed = Vec::with_capacity(bytes.len());
        self.sieve.pass(bytes, &mut passed);
        let mut text = Text(String::with_capacity(passed.len()));
        self.parser.advance(&mut text, &passed);
        text.0
    }
}

struct Text(String);

impl Perform for Text {
    fn print(&mut self, c: char) {
        if !is_hidden(c) {
            self.0.push(c);
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\t' => self.0.push(char::from(byte)),
            // What was typed and taken back is not what was said.
            0x08 if self.0.chars().next_back().is_some_and(|c| c != '\n') => {
                self.0.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_left() {
        let mut cleaner = Cleaner::default();
        let mut text = cleaner.clean(b"\x1b[1;32mok\x1b[m\r\n\x1b]0;title\x07a");
        text += &cleaner.clean("b\u{202e}\x1b]52;c;eA==\x1b\\c\x08d\x1bPq#\x1b\\\n".as_bytes());
        assert_eq!(text, "ok\nabd\n");
    }
}
