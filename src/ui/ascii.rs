//! The screen in ASCII alone, for terminals that are not in UTF-8.

use ratatui::buffer::Buffer;

/// What virtty draws beyond ASCII, and what stands for it.
const PAIRS: &[(&str, &str)] = &[
    ("●", "*"),
    ("○", "o"),
    ("◌", "s"),
    ("◐", "~"),
    ("☾", "z"),
    ("‖", "="),
    ("✗", "x"),
    ("✓", "+"),
    ("·", "-"),
    ("•", "*"),
    ("▌", ">"),
    ("▲", "^"),
    ("▼", "v"),
    ("▾", "v"),
    ("▸", ">"),
    ("≥", ">"),
    ("–", "-"),
    ("—", "-"),
    ("…", "~"),
    ("─", "-"),
    ("│", "|"),
    ("╭", "+"),
    ("╮", "+"),
    ("╰", "+"),
    ("╯", "+"),
    ("›", ">"),
    ("µ", "u"),
];

/// Replaces every character beyond ASCII; what has no likeness becomes a question mark.
pub fn replace(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let likeness = PAIRS
            .iter()
            .find(|(symbol, _)| *symbol == cell.symbol())
            .map_or("?", |(_, likeness)| likeness);
        cell.set_symbol(likeness);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn nothing_beyond_ascii_is_left() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, "● a–b … 仮 é", Style::new());
        replace(&mut buffer);
        let line: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(line.trim_end(), "* a-b ~ ?  ?");
    }
}
