//! Pieces of XML, told apart for colours.

/// What a piece of XML is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Text between tags.
    Text,
    /// Brackets and name of a tag.
    Tag,
    /// Name of an attribute.
    Attribute,
    /// Value of an attribute, with its quotes.
    Value,
    /// A comment.
    Comment,
}

/// Where in the document a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Between tags.
    #[default]
    Text,
    /// In a tag.
    Tag,
    /// In a value, up to this quote.
    Value(char),
    /// In a comment.
    Comment,
}

/// Tells pieces of XML apart, line by line. It need not be well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Xml {
    place: Place,
}

impl From<Place> for Xml {
    fn from(place: Place) -> Self {
        Self { place }
    }
}

impl Xml {
    /// Where in the document it stands.
    #[must_use]
    pub fn place(self) -> Place {
        self.place
    }

    /// Hands the pieces of a line over, in order.
    pub fn pieces(&mut self, line: &str, mut piece: impl FnMut(&str, Role)) {
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
        let mut xml = Xml::default();
        let mut found = Vec::new();
        for line in lines {
            xml.pieces(line, |words, role| found.push((words.to_owned(), role)));
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
