//! One line of text that a person types.
//!
//! The one place of this room that names a widget: the text area keeps cursor, selection and undo, which would
//! otherwise be written a second time.

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

use crate::keymap::{Code, Key};
use crate::text;

/// A line being edited.
#[derive(Debug, Clone)]
pub struct Line {
    // On the heap: it is many times larger than anything else in a layer.
    area: Box<TextArea<'static>>,
    /// What is typed is a secret.
    masked: bool,
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
            && self.area.cursor() == other.area.cursor()
            && self.masked == other.masked
    }
}

impl Line {
    /// A line that begins as `text`, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![clean(text)]);
        area.move_cursor(CursorMove::End);
        Self {
            area: Box::new(area),
            masked: false,
        }
    }

    /// An empty line whose characters are not shown.
    #[must_use]
    pub fn masked() -> Self {
        let mut line = Self::new("");
        line.area.set_mask_char('•');
        // Nothing that was typed stays behind for an undo.
        line.area.set_max_histories(0);
        line.masked = true;
        line
    }

    /// Whether what is typed is a secret.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// What is typed so far.
    #[must_use]
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// What is typed, up to the cursor and behind it.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        let text = self.text();
        let column = self.area.cursor().1;
        let at = text
            .char_indices()
            .nth(column)
            .map_or(text.len(), |(at, _)| at);
        text.split_at(at)
    }

    /// Puts other text before and behind the cursor.
    pub fn set_parts(&mut self, before: &str, behind: &str) {
        let mut line = Self::new(&format!("{before}{behind}"));
        let column = u16::try_from(clean(before).chars().count()).unwrap_or(u16::MAX);
        line.area.move_cursor(CursorMove::Jump(0, column));
        self.area = line.area;
    }

    /// The widget, for drawing.
    #[must_use]
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Applies a key; `true` when the text changed. Enter and Tab belong to the dialog, not to the line.
    pub fn press(&mut self, key: Key) -> bool {
        let code = match key.code {
            Code::Char(c) if clean(c.encode_utf8(&mut [0; 4])).is_empty() => return false,
            // These would add a line.
            Code::Char('m' | 'j') if key.ctrl => return false,
            // As in every shell; the widget would undo.
            Code::Char('u') if key.ctrl => return self.area.delete_line_by_head(),
            // A secret leaves no copy behind, and none comes from elsewhere.
            Code::Char('c' | 'x' | 'y') if key.ctrl && self.masked => return false,
            Code::Char(c) => AreaKey::Char(c),
            Code::Backspace => AreaKey::Backspace,
            Code::Delete => AreaKey::Delete,
            Code::Left => AreaKey::Left,
            Code::Right => AreaKey::Right,
            Code::Home => AreaKey::Home,
            Code::End => AreaKey::End,
            _ => return false,
        };
        self.area.input(Input {
            key: code,
            ctrl: key.ctrl,
            alt: key.alt,
            shift: key.shift,
        })
    }

    /// Inserts pasted text, its first line only and without anything that cannot be seen.
    pub fn paste(&mut self, text: &str) -> bool {
        let line = text.lines().next().unwrap_or_default();
        self.area.insert_str(clean(line))
    }
}

/// `text` without characters that act on a terminal or hide in it.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| {
            let mut buffer = [0; 4];
            let one: &str = c.encode_utf8(&mut buffer);
            text::visible(one) == one
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::parse_keys;

    fn typed(start: &str, keys: &str) -> String {
        let mut line = Line::new(start);
        for key in parse_keys(keys).unwrap() {
            line.press(key);
        }
        line.text().to_owned()
    }

    #[test]
    fn a_line_is_edited() {
        assert_eq!(typed("qemu:///system", "<Home>x<End>y"), "xqemu:///systemy");
        assert_eq!(typed("ab", "<Backspace>c"), "ac");
        assert_eq!(typed("one two", "<ctrl-w>"), "one ");
        assert_eq!(typed("one two", "<Left><ctrl-u>"), "o");
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(typed("a", "<Enter><ctrl-m><ctrl-j>b"), "ab");
        let mut line = Line::new("");
        line.paste("one\ntwo\u{1b}");
        assert_eq!(line.text(), "one");
    }

    #[test]
    fn hidden_characters_are_left_out() {
        let mut line = Line::new("a\u{202e}b");
        line.paste("c\u{1b}[31md");
        assert_eq!(line.text(), "abc[31md");
    }
}
