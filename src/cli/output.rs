//! Standard output: aligned tables and JSON, both without anything a terminal could act on.

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::text::{fit, fit_left, is_hidden, width};

/// Buffered standard output.
pub type Output = BufWriter<StdoutLock<'static>>;

/// Standard output, locked for this command.
pub fn stdout() -> Output {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// On which side a column is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Figures.
    Right,
}

/// Prints `rows` under `headings`, each column as wide as its widest cell. Cells must be visible text.
pub fn table<const N: usize>(
    out: &mut impl Write,
    headings: [(&str, Align); N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let mut widths = headings.map(|(heading, _)| width(heading));
    for row in rows {
        for (wide, cell) in widths.iter_mut().zip(row) {
            *wide = (*wide).max(width(cell));
        }
    }
    let mut line = |cells: [&str; N]| {
        let mut text = String::new();
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                text.push_str("  ");
            }
            match headings[index].1 {
                Align::Left => text.push_str(&fit(cell, widths[index])),
                Align::Right => text.push_str(&fit_left(cell, widths[index])),
            }
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(headings.map(|(heading, _)| heading))?;
    for row in rows {
        line(row.each_ref().map(String::as_str))?;
    }
    Ok(())
}

/// Prints a value as indented JSON and ends the line.
pub fn json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let formatter = Visible(PrettyFormatter::new());
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    value.serialize(&mut serializer)?;
    writeln!(out)
}

/// Prints a value as JSON in one line.
pub fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let formatter = Visible(CompactFormatter);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    value.serialize(&mut serializer)?;
    writeln!(out)
}

/// A formatter that writes characters a terminal could act on as `\uXXXX`: the value stays exact, the text harmless.
struct Visible<F>(F);

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_exact_and_harmless() {
        let name = "a\u{9b}31m \u{202e}gnp \"q\" \\ \u{1b}] 仮想 🚀 \u{e0041}";
        let mut out = Vec::new();
        json_line(&mut out, &[name]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.trim_end().chars().any(is_hidden), "{text:?}");
        let back: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, [name]);
    }

    #[test]
    fn pretty_json_has_one_field_a_line() {
        let mut out = Vec::new();
        json(&mut out, &serde_json::json!([{"a": 1, "b": null}])).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "[\n  {\n    \"a\": 1,\n    \"b\": null\n  }\n]\n");
    }

    #[test]
    fn columns_are_aligned_by_width() {
        let mut out = Vec::new();
        let rows = [
            ["1".to_owned(), "仮想".to_owned(), "x".to_owned()],
            ["10".to_owned(), "ab".to_owned(), "y".to_owned()],
        ];
        let headings = [
            ("ID", Align::Right),
            ("NAME", Align::Left),
            ("S", Align::Left),
        ];
        table(&mut out, headings, &rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "ID  NAME  S\n 1  仮想  x\n10  ab    y\n");
    }
}
