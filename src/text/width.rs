//! How wide text is in a terminal.
//!
//! Terminals disagree on sequences that a reader takes for one character: a flag, a hand with a skin tone, a conjunct of
//! Devanagari. What they agree on is the width of each character alone, so that is what is added up here, and what the
//! cells of the screen are filled with.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

/// Columns that a character takes.
fn columns(c: char) -> usize {
    match c {
        // Marks by their nature, but drawn in a column of their own.
        '\u{ff9e}' | '\u{ff9f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// The pieces of `text` that stand in cells of their own, each a character with the marks that combine with it, and the
/// columns that each takes.
pub fn units(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| columns(*c) > 0)
            .map_or(rest.len(), |(at, _)| at);
        let (unit, behind) = rest.split_at(end);
        rest = behind;
        Some((unit, columns(first)))
    })
}

/// Columns that `text` takes in a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(columns).sum()
}

/// `text` in exactly `columns` columns: padded on the right, or cut between characters with an ellipsis.
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
    for (unit, wide) in units(text) {
        if used + wide + 1 > columns {
            break;
        }
        out.push_str(unit);
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

/// The end of `text` in at most `columns` columns, `…` before it where it is cut: for paths.
#[must_use]
pub fn tail(text: &str, columns: usize) -> Cow<'_, str> {
    let mut total = width(text);
    if total <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut end = text;
    for (unit, wide) in units(text) {
        if total <= room {
            break;
        }
        total -= wide;
        end = end.strip_prefix(unit).unwrap_or_default();
    }
    Cow::Owned(format!("…{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path_is_kept() {
        assert_eq!(tail("/run/vnc.sock", 13), "/run/vnc.sock");
        assert_eq!(tail("/run/vnc.sock", 9), "…vnc.sock");
        assert_eq!(tail("/run/仮想.sock", 7), "….sock");
        assert_eq!(tail("/run", 1), "…");
        assert_eq!(tail("/run", 0), "");
    }

    #[test]
    fn fit_is_exact_for_wide_text() {
        for columns in 0..12 {
            assert_eq!(width(&fit("仮想マシンab", columns)), columns);
            assert_eq!(width(&fit_left("12", columns)), columns);
        }
    }

    #[test]
    fn marks_stay_with_their_letter() {
        let all: Vec<_> = units("e\u{301}仮ｶﾞ").collect();
        assert_eq!(all, [("e\u{301}", 1), ("仮", 2), ("ｶ", 1), ("ﾞ", 1)]);
    }

    #[test]
    fn sequences_are_as_wide_as_their_characters() {
        assert_eq!(width("🇩🇪"), 2);
        assert_eq!(width("👍\u{1f3fd}"), 4);
        assert_eq!(units("🇩🇪").count(), 2);
    }
}
