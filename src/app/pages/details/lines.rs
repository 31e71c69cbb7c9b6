//! Texts that are read line by line: the XML and the log.

use super::xml::{Place, Xml};
use crate::text;

/// A text with what scrolling must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    lines: Vec<String>,
    widest: usize,
}

impl Lines {
    /// Takes lines in, made fit for the screen.
    pub(super) fn new<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let lines: Vec<String> = lines
            .map(|line| text::visible(&line.replace('\t', "    ")).into_owned())
            .collect();
        let widest = lines.iter().map(|line| text::width(line)).max();
        Self {
            lines,
            widest: widest.unwrap_or(0),
        }
    }

    /// The lines, fit for the screen.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.lines
    }

    /// Columns of the longest line.
    #[must_use]
    pub fn widest(&self) -> usize {
        self.widest
    }
}

/// A log as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its file; untrusted.
    pub path: String,
    /// Its last lines, oldest first.
    pub lines: Lines,
}

/// XML, with the place in the document where each line begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlText {
    /// The lines.
    pub lines: Lines,
    begins: Vec<Place>,
}

impl XmlText {
    /// Reads a text through.
    pub(super) fn new(document: &str) -> Self {
        let lines = Lines::new(document.lines());
        let mut xml = Xml::default();
        let begins = lines
            .all()
            .iter()
            .map(|line| {
                let place = xml.place();
                xml.pieces(line, |_, _| {});
                place
            })
            .collect();
        Self { lines, begins }
    }

    /// The reader of a line, put where that line begins.
    #[must_use]
    pub fn at(&self, line: usize) -> Xml {
        self.begins
            .get(line)
            .map_or_else(Xml::default, |place| Xml::from(*place))
    }
}

/// At most `count` columns of `line`, from column `from` on.
#[must_use]
pub fn columns(line: &str, from: usize, count: usize) -> &str {
    let (mut used, mut at) = (0, 0);
    let (mut start, mut end) = (line.len(), line.len());
    for (unit, wide) in text::units(line) {
        if used >= from && start == line.len() {
            start = at;
        }
        if used + wide > from + count {
            end = at;
            break;
        }
        used += wide;
        at += unit.len();
    }
    &line[start.min(end)..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_out_of_wide_text() {
        let line = "ab仮想cd";
        assert_eq!(columns(line, 0, 3), "ab");
        assert_eq!(columns(line, 2, 4), "仮想");
        assert_eq!(columns(line, 6, 9), "cd");
        assert_eq!(columns(line, 60, 9), "");
        assert_eq!(columns("", 0, 9), "");
        for from in 0..12 {
            for count in 0..12 {
                assert!(text::width(columns(line, from, count)) <= count + 1);
            }
        }
    }

    #[test]
    fn texts_are_made_visible_and_measured() {
        let lines = Lines::new("a\tb\nred \u{1b}[31m".lines());
        assert_eq!(lines.all(), ["a    b", "red \\x1b[31m"]);
        assert_eq!(lines.widest(), 12);
    }
}
