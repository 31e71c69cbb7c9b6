//! Searching and replacing by regular expressions.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::typing::Editor;

/// Memory that an expression may need, in bytes.
const SIZE: usize = 1 << 20;

/// What is searched for.
#[derive(Clone)]
pub struct Pattern {
    words: String,
    regex: Regex,
}

impl std::fmt::Debug for Pattern {
    /// Without the words: somebody may look for a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({} bytes)", self.words.len())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

/// What came of replacing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// How many places.
    pub count: usize,
}

impl Pattern {
    /// Reads an expression. Without capital letters it finds both; `^` and `$` are of a line.
    ///
    /// # Errors
    /// What is wrong with it, in a line.
    pub fn new(words: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(words)
            .case_insensitive(!words.chars().any(char::is_uppercase))
            .multi_line(true)
            .size_limit(SIZE)
            .build()
            .map_err(|error| {
                let words = error.to_string();
                let last = words.lines().last().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            })?;
        Ok(Self {
            words: words.to_owned(),
            regex,
        })
    }

    /// As it was typed.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The places in some bytes of a text.
    pub fn places<'t>(
        &'t self,
        text: &'t str,
        range: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + 't {
        let piece = text.get(range.clone()).unwrap_or_default();
        self.regex
            .find_iter(piece)
            .filter(|found| !found.is_empty())
            .map(move |found| range.start + found.start()..range.start + found.end())
    }
}

impl Editor {
    /// Selects the next place of a pattern, or the one before, round the end; `None` when there is none, else its number
    /// and how many there are.
    pub fn find(
        &mut self,
        pattern: &Pattern,
        back: bool,
        from_here: bool,
    ) -> Option<(usize, usize)> {
        let text = self.text();
        let all: Vec<Range<usize>> = pattern.places(text, 0..text.len()).collect();
        let selected = self.buffer().selection();
        let at = match (&selected, back) {
            (Some(range), _) => range.start,
            (None, _) => self.buffer().at(),
        };
        let number = if back {
            let before = all.partition_point(|range| range.start < at);
            before.checked_sub(1).unwrap_or(all.len().checked_sub(1)?)
        } else {
            let next = all.partition_point(|range| {
                range.start < at || (range.start == at && !from_here && selected.is_some())
            });
            if next < all.len() { next } else { 0 }
        };
        let range = all.get(number)?.clone();
        self.select(range);
        Some((number + 1, all.len()))
    }

    /// Replaces every place of a pattern, in the selection where one of several lines is, as one step. `$1` in `with` is
    /// what the first group found.
    pub fn replace_all(&mut self, pattern: &Pattern, with: &str) -> Replaced {
        let text = self.text();
        let range = match self.buffer().selection() {
            Some(range) if text[range.clone()].contains('\n') => range,
            _ => 0..text.len(),
        };
        let piece = &text[range.clone()];
        let count = pattern.regex.find_iter(piece).count();
        if count == 0 {
            return Replaced { count };
        }
        let made = pattern.regex.replace_all(piece, with).into_owned();
        let whole = format!("{}{made}{}", &text[..range.start], &text[range.end..]);
        if !self.set_text(&whole) {
            return Replaced { count: 0 };
        }
        Replaced { count }
    }
}
