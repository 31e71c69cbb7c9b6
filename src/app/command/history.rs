//! The lines that were typed before.

use std::collections::VecDeque;

use crate::text::visible;

/// How many lines are kept.
const KEPT: usize = 500;

/// Command lines, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    lines: VecDeque<String>,
}

impl History {
    /// The history of earlier runs, oldest first. Lines that could act on a terminal are left out.
    #[must_use]
    pub fn of(lines: impl IntoIterator<Item = String>) -> Self {
        let mut history = Self::default();
        for line in lines {
            if visible(&line) == line {
                history.add(&line);
            }
        }
        history
    }

    /// Adds a line; `true` when it is worth keeping: it is not empty, does not begin with a blank, and is not the newest
    /// already.
    pub fn add(&mut self, line: &str) -> bool {
        if line.is_empty() || line.starts_with(' ') || self.lines.back().is_some_and(|l| l == line)
        {
            return false;
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
        true
    }

    /// The line `age` before the newest, which is 0.
    #[must_use]
    pub fn line(&self, age: usize) -> Option<&str> {
        let at = self.lines.len().checked_sub(age + 1)?;
        self.lines.get(at).map(String::as_str)
    }

    /// The age of the next older line (or newer, for `older` false) than that of age `from` that begins with `beginning`.
    #[must_use]
    pub fn next(&self, from: Option<usize>, older: bool, beginning: &str) -> Option<usize> {
        let matches = |age: &usize| {
            self.line(*age)
                .is_some_and(|line| line.starts_with(beginning))
        };
        if older {
            (from.map_or(0, |age| age + 1)..self.lines.len()).find(matches)
        } else {
            (0..from?).rev().find(matches)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_newest_first_and_by_their_beginning() {
        let lines = [
            "start a", "reboot b", "start c", "start c", " secret", "", "x\u{1b}y",
        ];
        let history = History::of(lines.map(str::to_owned));
        assert_eq!(history.line(0), Some("start c"));
        assert_eq!(history.line(1), Some("reboot b"));
        assert_eq!(history.line(3), None);
        assert_eq!(history.next(None, true, ""), Some(0));
        assert_eq!(history.next(Some(0), true, "start"), Some(2));
        assert_eq!(history.next(Some(2), true, "start"), None);
        assert_eq!(history.next(Some(2), false, "start"), Some(0));
        assert_eq!(history.next(Some(0), false, ""), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let history = History::of((0..2000).map(|n| format!("start {n}")));
        assert_eq!(history.line(KEPT - 1), Some("start 1500"));
        assert_eq!(history.line(KEPT), None);
    }
}
