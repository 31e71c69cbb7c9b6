//! What the emulator need not see: command strings, and characters that hide.
//!
//! The emulator keeps a command string (OSC) until it ends, and every mark that combines with a cell. A guest can send
//! both without an end, so both are cut here, byte by byte and before anything is kept.

use unicode_width::UnicodeWidthChar as _;

use crate::text::is_hidden;

/// Marks that may follow a character.
const MARKS: usize = 4;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

/// Where in the stream the last byte stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Text.
    #[default]
    Text,
    /// Behind an ESC, which is not passed on yet.
    Escape,
    /// In a control sequence (CSI), whose bytes are no text.
    Sequence,
    /// In a command string (OSC), which is dropped.
    Command,
}

/// Lets through what the emulator may see.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    state: State,
    /// The beginning of a character whose end has not come.
    partial: Vec<u8>,
    /// Marks since the last character.
    marks: usize,
}

impl Sieve {
    /// Adds to `out` what of `bytes` goes on.
    pub fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            // Most of what guests send is plain text, which passes as it is.
            if self.state == State::Text && self.partial.is_empty() {
                let end = rest.iter().position(|byte| *byte == ESC || *byte >= 0x80);
                let (plain, behind) = rest.split_at(end.unwrap_or(rest.len()));
                if !plain.is_empty() {
                    if plain.iter().any(|byte| *byte >= 0x20) {
                        self.marks = 0;
                    }
                    out.extend_from_slice(plain);
                    rest = behind;
                    continue;
                }
            }
            rest = &rest[1..];
            if self.state == State::Text && (byte >= 0x80 || !self.partial.is_empty()) {
                self.character(byte, out);
            } else {
                self.byte(byte, out);
            }
        }
    }

    /// Bytes were lost here: ends whatever had begun.
    pub fn cut(&mut self, out: &mut Vec<u8>) {
        *self = Self::default();
        out.push(CAN);
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match (self.state, byte) {
            // An ESC ends a command string; as any other it may begin the next.
            (_, ESC) => self.state = State::Escape,
            (State::Command, BEL | CAN | SUB) => self.state = State::Text,
            (State::Command, _) => {}
            // What had begun before is ended by the terminator of strings, which otherwise does nothing.
            (State::Escape, b']') => {
                out.extend([ESC, b'\\']);
                self.state = State::Command;
            }
            (State::Escape, CAN | SUB) => {
                out.extend([ESC, byte]);
                self.state = State::Text;
            }
            // Controls act at once, and what the ESC begins goes on behind them.
            (State::Escape, ..0x20 | 0x7f) => out.push(byte),
            (State::Escape, b'[') => {
                out.extend([ESC, b'[']);
                self.state = State::Sequence;
            }
            (State::Escape, _) => {
                out.extend([ESC, byte]);
                self.state = State::Text;
            }
            (State::Sequence, byte) => {
                out.push(byte);
                if matches!(byte, 0x40..=0x7e | CAN | SUB) {
                    self.state = State::Text;
                }
            }
            (State::Text, byte) => {
                if byte >= 0x20 {
                    self.marks = 0;
                }
                out.push(byte);
            }
        }
    }

    /// A byte of a character of several, or one that should have been.
    fn character(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                let found = text.chars().next();
                self.partial.clear();
                if let Some(c) = found {
                    self.put(c, out);
                }
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                // The last byte may begin something of its own.
                let broken = self.partial.len() > 1;
                self.partial.clear();
                self.put(char::REPLACEMENT_CHARACTER, out);
                if broken {
                    self.pass(&[byte], out);
                }
            }
        }
    }

    fn put(&mut self, c: char, out: &mut Vec<u8>) {
        let width = c.width().unwrap_or(0);
        let c = match (is_hidden(c), width) {
            // It would take no column: nothing shows that it was here.
            (true, 0) => return,
            (true, _) => char::REPLACEMENT_CHARACTER,
            (false, 0) => {
                self.marks += 1;
                if self.marks > MARKS {
                    return;
                }
                c
            }
            (false, _) => {
                self.marks = 0;
                c
            }
        };
        out.extend(c.encode_utf8(&mut [0; 4]).bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(bytes: &[u8]) -> Vec<u8> {
        let whole = {
            let mut out = Vec::new();
            Sieve::default().pass(bytes, &mut out);
            out
        };
        // Where it is cut makes no difference.
        let mut sieve = Sieve::default();
        let mut out = Vec::new();
        for byte in bytes {
            sieve.pass(&[*byte], &mut out);
        }
        assert_eq!(out, whole);
        whole
    }

    #[test]
    fn command_strings_are_dropped_however_they_end() {
        for end in ["\x07", "\x1b\\", "\x18", "\x1a"] {
            let text = format!("a\x1b]52;c;aGk={end}b");
            let out = passed(text.as_bytes());
            let out = String::from_utf8(out).unwrap();
            assert!(out.starts_with('a') && out.ends_with('b'), "{out:?}");
            assert!(!out.contains("52"), "{out:?}");
        }
        assert_eq!(passed(b"\x1b\n]0;title\x07x"), b"\n\x1b\\x");
    }

    #[test]
    fn an_endless_command_string_passes_nothing() {
        let mut bytes = b"\x1b]0;".to_vec();
        bytes.extend([b'A'; 100_000]);
        assert_eq!(passed(&bytes), b"\x1b\\");
    }

    #[test]
    fn other_sequences_and_text_pass_as_they_are() {
        for text in [
            "\x1b[31mred\x1b[m",
            "\x1bcreset",
            "\x1b(0lqk\x1b(B",
            "é 仮 e\u{301}",
        ] {
            assert_eq!(passed(text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn marks_are_few_and_hidden_characters_none() {
        let marks = format!("e{}", "\u{301}".repeat(1000));
        assert_eq!(passed(marks.as_bytes()).len(), 1 + MARKS * 2);
        // Moving about gives no room for more.
        let moved = format!("e{}", "\x1b[2G\u{301}".repeat(100));
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == 0xcc).count();
        assert_eq!(count(&passed(moved.as_bytes())), MARKS);
        assert_eq!(passed("a\u{202e}b\u{200b}c".as_bytes()), b"abc");
        assert_eq!(passed("\u{e0b0}".as_bytes()), "\u{fffd}".as_bytes());
        assert_eq!(passed(b"a\x9b31mb"), "a\u{fffd}31mb".as_bytes());
        assert_eq!(passed(b"\xc3\x1b[m"), "\u{fffd}\x1b[m".as_bytes());
    }
}
