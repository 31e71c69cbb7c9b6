//! Untrusted text made fit for a terminal.
//!
//! Everything that libvirt or a guest wrote passes through [`visible`] before it reaches a cell, a log line, a
//! window title or standard output.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// Whether a character could act on a terminal or deceive its reader instead of being seen:
/// C0, DEL, C1, line and paragraph separators, bidirectional controls, joiners, zero-width and other default-ignorable
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
            | 0x200B..=0x200F
            | 0x2028..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xE000..=0xF8FF
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFFB
            | 0xFFFE..=0xFFFF
            | 0xE0000..=0xE0FFF
            | 0xF0000..=0x10_FFFF
    )
}

/// `text` with every hidden character written as a visible escape (`\t`, `\x1b`, `\u{202e}`). So are the joiners and
/// selectors in emoji sequences: terminals disagree on how wide such a sequence is, and what is wider than expected
/// stays on the screen as garbage. So is a combining mark at the beginning, which would change what stands before it.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let begins_with_mark = text.chars().next().is_some_and(|c| c.width() == Some(0));
    if !begins_with_mark && !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        if is_hidden(c) || (at == 0 && begins_with_mark) {
            escape(c, &mut out);
        } else {
            out.push(c);
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
    fn a_mark_without_a_letter_is_escaped() {
        assert_eq!(visible("\u{301}a"), "\\u{301}a");
        assert_eq!(visible("a\u{301}"), "a\u{301}");
    }

    #[test]
    fn what_joins_emoji_is_escaped() {
        assert_eq!(visible("👩\u{200d}👧"), "👩\\u{200d}👧");
        assert_eq!(visible("a\u{200d}b"), "a\\u{200d}b");
        assert_eq!(visible("⚙\u{fe0f}"), "⚙\\u{fe0f}");
        assert_eq!(visible("👍\u{1f3fd}"), "👍\u{1f3fd}");
    }
}
