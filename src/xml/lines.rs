//! What differs between two texts, line by line.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How long the smallest difference is looked for; then a larger one does.
const PATIENCE: Duration = Duration::from_millis(200);

/// Lines that go, and what comes in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Lines of the first text, from 0.
    pub old: Range<usize>,
    /// Lines that take their place, each with its end.
    pub new: Vec<String>,
}

/// What makes one text of another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextDiff {
    /// In the order of the text.
    pub hunks: Vec<Hunk>,
}

/// Lines with their ends; the last may have none.
pub fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Lines of both texts that are equal, or that stand in place of each other.
struct Run {
    equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

fn runs(a: &[&str], b: &[&str]) -> Vec<Run> {
    let until = Instant::now() + PATIENCE;
    let mut runs = Vec::new();
    let (mut i, mut j) = (0, 0);
    let differs = |i: usize, j: usize, to: usize, other: usize, runs: &mut Vec<Run>| {
        if i < to || j < other {
            runs.push(Run {
                equal: false,
                old: i..to,
                new: j..other,
            });
        }
    };
    for operation in capture_diff_slices_deadline(Algorithm::Myers, a, b, Some(until)) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = operation
        {
            differs(i, j, old_index, new_index, &mut runs);
            (i, j) = (old_index + len, new_index + len);
            runs.push(Run {
                equal: true,
                old: old_index..i,
                new: new_index..j,
            });
        }
    }
    differs(i, j, a.len(), b.len(), &mut runs);
    runs
}

impl TextDiff {
    /// What makes `b` of `a`.
    #[must_use]
    pub fn between(a: &str, b: &str) -> Self {
        let (old, new) = (split(a), split(b));
        let hunks = runs(&old, &new)
            .into_iter()
            .filter(|run| !run.equal)
            .map(|run| Hunk {
                old: run.old,
                new: new[run.new].iter().map(|line| (*line).to_owned()).collect(),
            });
        Self {
            hunks: hunks.collect(),
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hunks.is_empty()
    }

    /// Makes the second text of the first, byte for byte; `None` for a text that is shorter than the first was.
    #[must_use]
    pub fn apply(&self, a: &str) -> Option<String> {
        let lines = split(a);
        let mut out = String::with_capacity(a.len());
        let mut at = 0;
        for hunk in &self.hunks {
            lines
                .get(at..hunk.old.start)?
                .iter()
                .for_each(|line| out.push_str(line));
            hunk.new.iter().for_each(|line| out.push_str(line));
            at = hunk.old.end;
        }
        lines.get(at..)?.iter().for_each(|line| out.push_str(line));
        Some(out)
    }
}

/// A line of a comparison side by side; numbers of lines from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// In both.
    Same(usize, usize, String),
    /// One in place of the other.
    Changed(usize, String, usize, String),
    /// Only in the first.
    Removed(usize, String),
    /// Only in the second.
    Added(usize, String),
}

/// All lines of two texts, side by side, without their ends.
#[must_use]
pub fn rows(a: &str, b: &str) -> Vec<Row> {
    let (old, new) = (split(a), split(b));
    let line = |lines: &[&str], at: usize| lines[at].trim_end_matches(['\n', '\r']).to_owned();
    let mut rows = Vec::new();
    for run in runs(&old, &new) {
        let (from, to) = (run.old, run.new);
        if run.equal {
            rows.extend(
                from.zip(to)
                    .map(|(i, j)| Row::Same(i + 1, j + 1, line(&old, i))),
            );
            continue;
        }
        let both = from.len().min(to.len());
        for (i, j) in from.clone().zip(to.clone()) {
            rows.push(Row::Changed(i + 1, line(&old, i), j + 1, line(&new, j)));
        }
        rows.extend(from.skip(both).map(|i| Row::Removed(i + 1, line(&old, i))));
        rows.extend(to.skip(both).map(|j| Row::Added(j + 1, line(&new, j))));
    }
    rows
}

/// A unified diff, as `diff -u` writes it, with so many lines around each change; empty when nothing differs.
#[must_use]
pub fn unified(a: &str, b: &str, names: (&str, &str), around: usize) -> String {
    let (old, new) = (split(a), split(b));
    let runs = runs(&old, &new);
    let mut out = String::new();
    let mut at = 0;
    while let Some(first) = (at..runs.len()).find(|run| !runs[*run].equal) {
        // All changes with few equal lines between them.
        let mut last = first;
        while last + 2 < runs.len() && runs[last + 1].old.len() <= 2 * around {
            last += 2;
        }
        if out.is_empty() {
            let _ = writeln!(out, "--- {}\n+++ {}", names.0, names.1);
        }
        let (begin, end) = (&runs[first], &runs[last]);
        let before = around.min(begin.old.start.min(begin.new.start));
        let after = around.min(old.len() - end.old.end);
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            span(&(begin.old.start - before..end.old.end + after)),
            span(&(begin.new.start - before..end.new.end + after))
        );
        let mut put = |sign: char, lines: &[&str]| {
            for line in lines {
                let _ = writeln!(out, "{sign}{}", line.trim_end_matches('\n'));
            }
        };
        put(' ', &old[begin.old.start - before..begin.old.start]);
        for run in &runs[first..=last] {
            if run.equal {
                put(' ', &old[run.old.clone()]);
            } else {
                put('-', &old[run.old.clone()]);
                put('+', &new[run.new.clone()]);
            }
        }
        put(' ', &old[end.old.end..end.old.end + after]);
        at = last + 1;
    }
    out
}

fn span(range: &Range<usize>) -> String {
    if range.is_empty() {
        format!("{},0", range.start)
    } else {
        format!("{},{}", range.start + 1, range.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_difference_makes_the_second_of_the_first(
            a in "([abc<]{0,2}\r?\n){0,12}[ab]{0,2}", b in "([abc<]{0,2}\r?\n){0,12}[ab]{0,2}"
        ) {
            prop_assert_eq!(TextDiff::between(&a, &b).apply(&a), Some(b.clone()));
            prop_assert_eq!(TextDiff::between(&a, &b).is_empty(), a == b);
            let rows = rows(&a, &b);
            let olds = rows.iter().filter(|row| !matches!(row, Row::Added(..))).count();
            prop_assert_eq!(olds, split(&a).len());
            prop_assert_eq!(unified(&a, &b, ("a", "b"), 3).is_empty(), a == b);
        }
    }

    #[test]
    fn a_unified_diff_is_as_diff_writes_it() {
        let text = unified("1\n2\n3\n", "1\nx\n3\n", ("a", "b"), 1);
        assert_eq!(text, "--- a\n+++ b\n@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n");
    }
}
