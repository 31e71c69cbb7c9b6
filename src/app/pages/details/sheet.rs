//! Facts in lines: headings, pairs of a word and a value, tables. Scrolled as a whole.
//!
//! Laid out here and not where it is drawn, since the keys must know how many lines there are.

use crate::app::Tone;
use crate::text;

/// Columns of the words on the left.
const LABEL: u16 = 18;
/// Blanks between two columns of a table.
const GAP: u16 = 2;
/// The widest that a column gets, but the last: a text of the host's must not push the others out.
const WIDEST: u16 = 28;
/// The narrowest that a column becomes where there is little room.
const NARROWEST: u16 = 8;
/// Longer values are cut: the XML has them in full.
const LONGEST: usize = 2000;

/// Words in one place of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Columns from the left edge.
    pub x: u16,
    /// Columns it may take.
    pub width: u16,
    /// The words; untrusted.
    pub words: String,
    /// Their meaning.
    pub tone: Tone,
}

/// One line of a sheet.
pub type SheetLine = Vec<Piece>;

/// A cell of a table: its words and their meaning.
pub(super) type Word = (String, Tone);

/// A value, or a dash where it is not known.
pub(super) fn word(value: Option<impl Into<String>>) -> Word {
    match value {
        Some(value) => (value.into(), Tone::Normal),
        None => ("–".to_owned(), Tone::Dim),
    }
}

/// The heading of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    words: &'static str,
    right: bool,
}

/// A column of words.
pub(super) const fn left(words: &'static str) -> Head {
    Head {
        words,
        right: false,
    }
}

/// A column of figures.
pub(super) const fn right(words: &'static str) -> Head {
    Head { words, right: true }
}

/// The lines, top down.
#[derive(Default)]
pub(super) struct Sheet {
    lines: Vec<Line>,
}

enum Line {
    Blank,
    Heading(String),
    Pair(&'static str, Word),
    Text(Word),
    Table(Vec<Head>, Vec<Vec<Word>>),
    Facts(Vec<[Word; 2]>),
}

impl Sheet {
    /// A heading, set off from what stands above.
    pub(super) fn heading(&mut self, words: impl Into<String>) {
        if !self.lines.is_empty() {
            self.lines.push(Line::Blank);
        }
        self.lines.push(Line::Heading(words.into()));
    }

    /// A word and its value; an unknown one is a dash.
    pub(super) fn pair(&mut self, label: &'static str, value: Option<impl Into<String>>) {
        self.lines.push(Line::Pair(label, word(value)));
    }

    /// A word and its value, with a meaning.
    pub(super) fn toned(&mut self, label: &'static str, value: impl Into<String>, tone: Tone) {
        self.lines.push(Line::Pair(label, (value.into(), tone)));
    }

    /// A sentence.
    pub(super) fn text(&mut self, words: impl Into<String>, tone: Tone) {
        self.lines.push(Line::Text((words.into(), tone)));
    }

    /// A table, each column as wide as its widest cell. What the last column has no room for stands below its row.
    pub(super) fn table<const N: usize>(&mut self, heads: [Head; N], rows: Vec<[Word; N]>) {
        let rows = rows.into_iter().map(Vec::from).collect();
        self.lines.push(Line::Table(heads.to_vec(), rows));
    }

    /// Names and their values, long values in several lines.
    pub(super) fn facts(&mut self, facts: Vec<[Word; 2]>) {
        self.lines.push(Line::Facts(facts));
    }

    /// The lines as they stand in `width` columns.
    pub(super) fn lines(&self, width: u16) -> Vec<SheetLine> {
        let mut out = Vec::new();
        for line in &self.lines {
            match line {
                Line::Blank => out.push(Vec::new()),
                Line::Heading(words) => out.push(vec![piece(0, width, words, Tone::Strong)]),
                Line::Text((words, tone)) => out.extend(
                    wrapped(words, width)
                        .into_iter()
                        .map(|words| vec![piece(0, width, &words, *tone)]),
                ),
                Line::Pair(label, value) => {
                    named(label, Tone::Dim, value, LABEL, width, &mut out);
                }
                Line::Facts(facts) => {
                    let widest = facts.iter().map(|[name, _]| columns(&name.0)).max();
                    let indent = widest.unwrap_or(0).min(WIDEST) + GAP;
                    for [(name, tone), value] in facts {
                        named(name, *tone, value, indent, width, &mut out);
                    }
                }
                Line::Table(heads, rows) => table(heads, rows, width, &mut out),
            }
        }
        out
    }

    /// The lines of two sheets side by side, or below one another where there is no room.
    pub(super) fn beside(self, other: Self, width: u16) -> Vec<SheetLine> {
        /// Columns that one of them needs to be read.
        const NEEDED: u16 = 57;
        if width < 2 * NEEDED + GAP {
            let mut lines = self.lines(width);
            lines.push(Vec::new());
            lines.extend(other.lines(width));
            return lines;
        }
        let half = (width - GAP) / 2;
        let mut lines = self.lines(half);
        for (index, mut line) in other.lines(half).into_iter().enumerate() {
            for piece in &mut line {
                piece.x += half + GAP;
            }
            match lines.get_mut(index) {
                Some(beside) => beside.extend(line),
                None => lines.push(line),
            }
        }
        lines
    }
}

fn piece(x: u16, width: u16, words: &str, tone: Tone) -> Piece {
    Piece {
        x,
        width,
        words: words.to_owned(),
        tone,
    }
}

/// The columns that `words` take, at most [`u16::MAX`] / 2.
fn columns(words: &str) -> u16 {
    u16::try_from(text::width(&text::visible(words))).unwrap_or(u16::MAX / 2)
}

/// The lines of a value: its own, those that are too long broken.
fn wrapped(words: &str, width: u16) -> Vec<String> {
    let cut = words.char_indices().nth(LONGEST).map(|(at, _)| at);
    let shown = cut.map_or(words, |at| &words[..at]);
    let mut lines: Vec<_> = shown
        .lines()
        .flat_map(|line| text::wrap(line, usize::from(width)))
        .collect();
    if let (Some(_), Some(last)) = (cut, lines.last_mut()) {
        last.push('…');
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A name and beside it the lines of its value; below it where the screen is too narrow for both.
fn named(
    name: &str,
    tone: Tone,
    (value, meaning): &Word,
    indent: u16,
    width: u16,
    out: &mut Vec<SheetLine>,
) {
    let narrow = width < indent + 12;
    let (indent, room) = if narrow {
        (2, width.saturating_sub(2))
    } else {
        (indent, width - indent)
    };
    let mut first = vec![piece(
        0,
        if narrow { width } else { indent - 1 },
        name,
        tone,
    )];
    if narrow {
        if !name.is_empty() {
            out.push(std::mem::take(&mut first));
        }
        first.clear();
    }
    for words in wrapped(value, room) {
        let mut line = std::mem::take(&mut first);
        line.push(piece(indent, room, &words, *meaning));
        out.push(line);
    }
}

fn table(heads: &[Head], rows: &[Vec<Word>], width: u16, out: &mut Vec<SheetLine>) {
    let Some(last) = heads.len().checked_sub(1) else {
        return;
    };
    let mut widths: Vec<u16> = heads
        .iter()
        .enumerate()
        .map(|(place, head)| {
            let widest = rows
                .iter()
                .filter_map(|row| row.get(place))
                .map(|cell| columns(&cell.0))
                .max()
                .unwrap_or(0);
            let most = if place == last { u16::MAX / 2 } else { WIDEST };
            widest.min(most).max(columns(head.words))
        })
        .collect();
    let sum = |widths: &[u16]| {
        let gaps = GAP.saturating_mul(u16::try_from(widths.len()).unwrap_or(u16::MAX));
        let all = widths
            .iter()
            .fold(0, |sum: u16, wide| sum.saturating_add(*wide));
        all.saturating_add(gaps).saturating_sub(GAP)
    };
    // A long text breaks badly: it gets lines of its own, and so do the others of its column.
    let below = sum(&widths) > width && !heads[last].right;
    let beside = if below { last } else { last + 1 };
    while sum(&widths[..beside]) > width
        && let Some(widest) = widths[..beside]
            .iter_mut()
            .filter(|wide| **wide > NARROWEST)
            .max_by_key(|wide| **wide)
    {
        *widest -= 1;
    }
    let indent = widths[0].min(width / 4) + GAP;
    let cells = |words: &mut dyn Iterator<Item = (&str, Tone)>| {
        let mut x = 0;
        let mut line = Vec::new();
        for (place, (words, tone)) in words.enumerate() {
            if below && place == last {
                break;
            }
            let wide = widths[place];
            let blank = if heads[place].right {
                wide.saturating_sub(columns(words))
            } else {
                0
            };
            let from = x + blank;
            let room = (wide - blank).min(width.saturating_sub(from));
            line.push(piece(from, room, words, tone));
            x = x.saturating_add(wide + GAP);
        }
        line
    };
    out.push(cells(&mut heads.iter().map(|head| (head.words, Tone::Dim))));
    for row in rows {
        out.push(cells(
            &mut row.iter().map(|(words, tone)| (words.as_str(), *tone)),
        ));
        if below && let Some((words, tone)) = row.get(last) {
            let room = width.saturating_sub(indent);
            out.extend(
                wrapped(words, room)
                    .into_iter()
                    .map(|words| vec![piece(indent, room, &words, *tone)]),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet as text, as it would stand on the screen.
    fn drawn(lines: &[SheetLine], width: u16) -> String {
        let mut out = String::new();
        for line in lines {
            let mut cells: Vec<char> = vec![' '; usize::from(width)];
            for piece in line {
                assert!(
                    piece.x + piece.width <= width || piece.width == 0,
                    "{piece:?}"
                );
                let shown = text::fit(&text::visible(&piece.words), usize::from(piece.width));
                for (at, c) in shown.chars().enumerate() {
                    cells[usize::from(piece.x) + at] = c;
                }
            }
            let line: String = cells.into_iter().collect();
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn sheet() -> Sheet {
        let mut sheet = Sheet::default();
        sheet.toned("State", "Running", Tone::Good);
        sheet.pair("Description", Some("two\nlines, the second one longer"));
        sheet.pair("Title", None::<String>);
        sheet.heading("Disks");
        let row = |name: &str, size: &str, path: &str| {
            [
                (name.to_owned(), Tone::Strong),
                (size.to_owned(), Tone::Normal),
                (path.to_owned(), Tone::Normal),
            ]
        };
        sheet.table(
            [left("Disk"), right("Size"), left("Source")],
            vec![
                row("vda", "64M", "/images/a.qcow2"),
                row("vdb", "8.0G", "pool/a-much-longer-name.qcow2"),
            ],
        );
        sheet
    }

    #[test]
    fn tables_align_and_what_has_no_room_stands_below() {
        insta::assert_snapshot!(drawn(&sheet().lines(60), 60), @r"
        State             Running
        Description       two
                          lines, the second one longer
        Title             –

        Disks
        Disk  Size  Source
        vda    64M  /images/a.qcow2
        vdb   8.0G  pool/a-much-longer-name.qcow2
        ");
        insta::assert_snapshot!(drawn(&sheet().lines(32), 32), @r"
        State             Running
        Description       two
                          lines, the
                          second one
                          longer
        Title             –

        Disks
        Disk  Size
        vda    64M
              /images/a.qcow2
        vdb   8.0G
              pool/a-much-longer-name.qc
              ow2
        ");
    }

    #[test]
    fn sheets_stand_side_by_side_where_there_is_room() {
        let wide = sheet().beside(sheet(), 130);
        assert_eq!(wide.len(), sheet().lines(64).len());
        let narrow = sheet().beside(sheet(), 80);
        assert_eq!(narrow.len(), 2 * sheet().lines(80).len() + 1);
    }

    #[test]
    fn nothing_leaves_its_width() {
        let mut hostile = sheet();
        hostile.facts(vec![[
            ("n".repeat(5000), Tone::Normal),
            ("v".repeat(5000), Tone::Normal),
        ]]);
        hostile.pair("Title", Some("\u{202e}\u{1b}[31m仮想".repeat(500)));
        for width in (0..24).chain([40, 79, 119, 130]) {
            drawn(&hostile.lines(width), width);
        }
    }
}
