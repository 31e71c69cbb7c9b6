//! What a program wrote, taken apart: characters to be seen, and sequences that a terminal acts on.

use std::collections::BTreeSet;

use alacritty_terminal::vte::{Params, Parser, Perform};

/// All that `bytes` hold.
#[derive(Debug, Default)]
pub struct Sequences {
    /// Characters to be seen.
    pub printed: String,
    /// Control characters, C1 included.
    pub controls: BTreeSet<u8>,
    /// `CSI`, with private mark, final character, and the number where it is what matters: `?25l`, `m`, `H`.
    pub csi: BTreeSet<String>,
    /// Operating system commands, by their number.
    pub osc: Vec<String>,
    /// Everything else: escapes without a bracket, device control strings.
    pub other: Vec<String>,
}

impl Sequences {
    /// Takes bytes apart; they must be UTF-8.
    #[track_caller]
    pub fn of(bytes: &[u8]) -> Self {
        assert!(std::str::from_utf8(bytes).is_ok(), "not UTF-8");
        let mut sequences = Self::default();
        let mut parser: Parser = Parser::new();
        parser.advance(&mut sequences, bytes);
        sequences
    }

    /// There is nothing but what virtty itself draws with, and nothing hidden among the characters.
    #[track_caller]
    pub fn assert_harmless(&self) {
        const DRAWING: [&str; 15] = [
            "H", "G", "C", "J", "m", "?25l", "?25h", "?1049h", "?1049l", "?2004h", "?2004l",
            "?1000h", "?1000l", "?1006h", "?1006l",
        ];
        let foreign: Vec<_> = self
            .csi
            .iter()
            .filter(|sequence| !DRAWING.contains(&sequence.as_str()))
            .collect();
        assert_eq!(foreign, Vec::<&String>::new());
        // Back to the first column.
        assert!(
            self.controls.iter().all(|control| *control == b'\r'),
            "{:?}",
            self.controls
        );
        assert_eq!(self.osc, Vec::<String>::new());
        assert_eq!(self.other, Vec::<String>::new());
        let hidden: BTreeSet<_> = self
            .printed
            .chars()
            .filter(|&c| virtty::text::is_hidden(c))
            .collect();
        assert_eq!(hidden, BTreeSet::new());
    }
}

impl Perform for Sequences {
    fn print(&mut self, c: char) {
        self.printed.push(c);
    }

    fn execute(&mut self, byte: u8) {
        self.controls.insert(byte);
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _: bool, action: char) {
        let mark = String::from_utf8_lossy(marks);
        let number = match params.iter().next() {
            Some([number, ..]) if !marks.is_empty() => number.to_string(),
            _ => String::new(),
        };
        self.csi.insert(format!("{mark}{number}{action}"));
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let number = params.first().copied().unwrap_or_default();
        self.osc.push(String::from_utf8_lossy(number).into_owned());
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        // The backslash that ends a string.
        if byte != b'\\' {
            self.other.push(format!("ESC {}", char::from(byte)));
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.other.push(format!("DCS {action}"));
    }
}
