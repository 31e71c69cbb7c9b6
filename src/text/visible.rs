//! Untrusted text made fit for a terminal.
//!
//! Everything that libvirt or a guest wrote passes through [`visible`] before it reaches a cell, a log line, a
//! window title or standard output.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Whether a character could act on a terminal or deceive its reader instead of being seen:
/// C0, DEL, C1, line and paragraph separators, bidirectional controls, zero-width and other default-ignorable
/// characters, private use, noncharacters.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00..=0x1F
            | 0x7F..=0x9F
            | 0xAD
            | 0x034F
            | 0x061C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200C
            | 0x200E..=0x200F
            | 0x2028..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xE000..=0xF8FF
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFFB
            | 0xFFFE..=0xFFFF
            | 0xE0000..=0xE0FFF
            | 0xF0000..=0x10_FFFF
    )
}

/// `text` with every hidden character written as a visible escape (`\t`, `\x1b`, `\u{202e}`).
/// A zero-width joiner stays only inside an emoji sequence, where it draws.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) || c == '\u{200d}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for cluster in text.graphemes(true) {
        let joined = cluster.chars().any(|c| u32::from(c) >= 0x1F000);
        for c in cluster.chars() {
            if is_hidden(c) || (c == '\u{200d}' && !joined) {
                escape(c, &mut out);
            } else {
                out.push(c);
            }
        }
    }
    Cow::Owned(out)
}

fn escape(c: char, out: &mut String) {
    match c {
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c if u32::from(c) <= 0xFF => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Columns that `text` takes in a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// `text` in exactly `columns` columns: padded on the right, or cut by whole graphemes with an ellipsis.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let total = width(text);
    if total <= columns {
        let mut out = String::with_capacity(text.len() + columns - total);
        out.push_str(text);
        out.extend(std::iter::repeat_n(' ', columns - total));
        return out;
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = UnicodeWidthStr::width(cluster);
        if used + wide + 1 > columns {
            break;
        }
        out.push_str(cluster);
        used += wide;
    }
    if used < columns {
        out.push('…');
        used += 1;
    }
    out.extend(std::iter::repeat_n(' ', columns - used));
    out
}

/// Like [`fit`], but padded on the left: for figures.
#[must_use]
pub fn fit_left(text: &str, columns: usize) -> String {
    let total = width(text);
    if total >= columns {
        return fit(text, columns);
    }
    let mut out: String = std::iter::repeat_n(' ', columns - total).collect();
    out.push_str(text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_bidi_are_escaped() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\x1b[31mb");
        assert_eq!(visible("a\u{9b}31m"), "a\\x9b31m");
        assert_eq!(visible("rel-\u{202e}gnp.exe"), "rel-\\u{202e}gnp.exe");
        assert_eq!(visible("zw\u{200b}sp\tx"), "zw\\u{200b}sp\\tx");
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(visible("仮想マシン é 🚀"), Cow::Borrowed(_)));
    }

    #[test]
    fn joiner_stays_in_emoji_only() {
        assert_eq!(visible("👩\u{200d}👧"), "👩\u{200d}👧");
        assert_eq!(visible("a\u{200d}b"), "a\\u{200d}b");
    }

    #[test]
    fn fit_is_exact_for_wide_text() {
        for columns in 0..12 {
            assert_eq!(width(&fit("仮想マシンab", columns)), columns);
            assert_eq!(width(&fit_left("12", columns)), columns);
        }
    }
}
