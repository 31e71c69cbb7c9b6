//! The domain's XML, to read.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Painter, instead, skip_columns};
use crate::app::{Details, Guest};
use crate::protocol::XmlKind;
use crate::text;

/// Draws the text with line numbers and colours.
pub fn render(guest: &Guest, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let which = match (details.xml_kind, guest.domain.state.is_active()) {
        (XmlKind::Live, true) => "Running now",
        (XmlKind::Live, false) => "As defined",
        (XmlKind::Inactive, _) => "At the next boot",
    };
    painter.text(area.x, area.y, area.width, which, painter.theme.dim);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let Some(lines) = details.xml.got() else {
        instead("the XML", &details.xml, body, painter);
        return;
    };
    let end = lines.len().saturating_sub(usize::from(body.height));
    let top = details.top().min(end);
    let wide = u16::try_from(lines.len().to_string().len()).unwrap_or(5);
    let mut colours = Colours { place: Place::Text };
    // What a comment or a tag began above goes on here.
    for line in lines.iter().take(top) {
        colours.pieces(line, |_, _| {});
    }
    for (y, (number, line)) in (body.y..body.bottom()).zip(lines.iter().enumerate().skip(top)) {
        let label = (number + 1).to_string();
        painter.right(body.x, y, wide, &label, painter.theme.dim);
        let mut column = 0_usize;
        let from = body.x.saturating_add(wide + 1);
        colours.pieces(line, |words, role| {
            let style = role.style(painter);
            let shown = text::visible(words);
            let width = text::width(&shown);
            let start = column.saturating_sub(details.across());
            let cut = details.across().saturating_sub(column);
            column += width;
            let rest = skip_columns(&shown, cut);
            let x = from.saturating_add(u16::try_from(start).unwrap_or(u16::MAX));
            painter.text(x, y, body.right().saturating_sub(x), rest, style);
        });
    }
}

/// What a piece of XML is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Text,
    Tag,
    Attribute,
    Value,
    Comment,
}

impl Role {
    fn style(self, painter: &Painter<'_>) -> Style {
        let theme = painter.theme;
        match self {
            Self::Text => theme.text,
            Self::Tag => theme.accent,
            Self::Attribute => theme.change,
            Self::Value => theme.good,
            Self::Comment => theme.dim,
        }
    }
}

/// Where in the document a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Tag,
    Value(char),
    Comment,
}

/// Tells pieces of XML apart, line by line.
struct Colours {
    place: Place,
}

impl Colours {
    /// Hands the pieces of a line over, in order.
    fn pieces(&mut self, line: &str, mut piece: impl FnMut(&str, Role)) {
        let mut rest = line;
        while !rest.is_empty() {
            let (length, role) = self.next(rest);
            let length = length.clamp(1, rest.len());
            let length = (length..=rest.len())
                .find(|at| rest.is_char_boundary(*at))
                .unwrap_or(rest.len());
            piece(&rest[..length], role);
            rest = &rest[length..];
        }
    }

    /// Length and role of the next piece; moves on.
    fn next(&mut self, rest: &str) -> (usize, Role) {
        match self.place {
            Place::Comment => match rest.find("-->") {
                Some(at) => {
                    self.place = Place::Text;
                    (at + 3, Role::Comment)
                }
                None => (rest.len(), Role::Comment),
            },
            Place::Text if rest.starts_with("<!--") => {
                self.place = Place::Comment;
                (4, Role::Comment)
            }
            Place::Text if rest.starts_with('<') => {
                self.place = Place::Tag;
                let end = rest[1..].find(|c: char| c.is_whitespace() || c == '>' || c == '<');
                (end.map_or(rest.len(), |end| end + 1), Role::Tag)
            }
            Place::Text => (rest.find('<').unwrap_or(rest.len()), Role::Text),
            Place::Value(quote) => match rest.find(quote) {
                Some(at) => {
                    self.place = Place::Tag;
                    (at + 1, Role::Value)
                }
                None => (rest.len(), Role::Value),
            },
            Place::Tag => match rest.chars().next() {
                Some('>') => {
                    self.place = Place::Text;
                    (1, Role::Tag)
                }
                Some('/' | '?') => (1, Role::Tag),
                Some(quote @ ('\'' | '"')) => {
                    self.place = Place::Value(quote);
                    (1, Role::Value)
                }
                Some('=') => (1, Role::Text),
                _ => {
                    let end = rest.find(['=', '>', '/', '\'', '"', '?']);
                    (end.unwrap_or(rest.len()), Role::Attribute)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(lines: &[&str]) -> Vec<(String, Role)> {
        let mut colours = Colours { place: Place::Text };
        let mut found = Vec::new();
        for line in lines {
            colours.pieces(line, |words, role| found.push((words.to_owned(), role)));
        }
        found
    }

    #[test]
    fn pieces_make_up_the_line_and_have_their_roles() {
        let line = "  <disk type='file' device=\"disk\"/> text<!-- a <b> -->";
        let found = roles(&[line]);
        let whole: String = found.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(whole, line);
        let has =
            |words: &str, role| assert!(found.contains(&(words.to_owned(), role)), "{found:?}");
        has("<disk", Role::Tag);
        has("file'", Role::Value);
        has(" text", Role::Text);
        assert_eq!(found.last().unwrap().1, Role::Comment);
    }

    #[test]
    fn a_comment_goes_on_over_lines_and_nonsense_ends() {
        let found = roles(&["<!-- one", "two <a> -->", "<a"]);
        assert_eq!(found[2].1, Role::Comment);
        assert_eq!(found.last().unwrap(), &("<a".to_owned(), Role::Tag));
        for line in ["<", "<<>>", "é<é é='é", "='\"", "<?xml"] {
            let whole: String = roles(&[line])
                .iter()
                .map(|(words, _)| words.as_str())
                .collect();
            assert_eq!(whole, line);
        }
    }
}
