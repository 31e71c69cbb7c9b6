//! A part of a whole as a line of a bar.

use super::Symbols;

/// The full and the empty part of a usage bar, together `columns` wide; `fraction` is 0..=1, `None` draws it empty.
#[must_use]
pub fn bar(fraction: Option<f64>, columns: usize, symbols: Symbols) -> (String, String) {
    let (full, half, empty) = match symbols {
        Symbols::Braille => ('━', Some('╸'), '─'),
        Symbols::Blocks => ('█', Some('▌'), '░'),
        Symbols::Ascii => ('#', None, '-'),
    };
    let fraction = fraction.filter(|part| part.is_finite()).unwrap_or(0.0);
    let halves = (fraction.clamp(0.0, 1.0) * columns as f64 * 2.0).round() as usize;
    let mut left: String = std::iter::repeat_n(full, halves / 2).collect();
    let mut used = halves / 2;
    if let (Some(half), 1) = (half, halves % 2) {
        left.push(half);
        used += 1;
    }
    (left, std::iter::repeat_n(empty, columns - used).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_fills_by_halves_and_keeps_its_width() {
        let joined = |part, symbols| {
            let (full, empty) = bar(part, 8, symbols);
            format!("{full}{empty}")
        };
        assert_eq!(joined(None, Symbols::Braille), "────────");
        assert_eq!(joined(Some(0.45), Symbols::Braille), "━━━╸────");
        assert_eq!(joined(Some(7.0), Symbols::Braille), "━━━━━━━━");
        assert_eq!(joined(Some(0.5), Symbols::Ascii), "####----");
        assert_eq!(joined(Some(f64::NAN), Symbols::Blocks), "░░░░░░░░");
        for step in 0..100 {
            for symbols in [Symbols::Braille, Symbols::Blocks, Symbols::Ascii] {
                let text = joined(Some(f64::from(step) / 99.0), symbols);
                assert_eq!(text.chars().count(), 8);
            }
        }
    }
}
