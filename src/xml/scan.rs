//! The words of an XML text that may be broken: what an editor colours, folds, masks and completes by. Nothing is refused;
//! whatever cannot be anything else is text.

use std::ops::Range;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `<`, `</`, `>`, `/>`, `=`
    Mark,
    /// Name of an element, in a start or an end tag.
    Element,
    /// Name of an attribute.
    Attribute,
    /// Value of an attribute with its quotes; the last one may be missing.
    Value,
    /// Blanks inside of a tag.
    Blank,
    /// What stands between tags.
    Text,
    /// `&amp;` and the like, between tags.
    Reference,
    /// `<!-- -->`
    Comment,
    /// `<![CDATA[ ]]>`
    Cdata,
    /// `<? ?>`
    Instruction,
    /// `<!DOCTYPE >`
    Doctype,
}

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// All words: they cover the text without gaps.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut reader = Reader {
        text,
        at: 0,
        words: Vec::new(),
    };
    while reader.at < text.len() {
        reader.next();
    }
    reader.words
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    words: Vec<Word>,
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.')
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Takes so many bytes as one word.
    fn take(&mut self, length: usize, kind: Kind) {
        if length > 0 {
            let range = self.at..self.at + length;
            self.words.push(Word { kind, range });
            self.at += length;
        }
    }

    /// Takes to the end of `end`, or all.
    fn take_to(&mut self, skip: usize, end: &str, kind: Kind) {
        let rest = self.rest();
        let length = rest
            .get(skip..)
            .and_then(|inner| inner.find(end))
            .map_or(rest.len(), |at| skip + at + end.len());
        self.take(length, kind);
    }

    fn take_while(&mut self, kind: Kind, holds: impl Fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|c| !holds(c)).unwrap_or(rest.len());
        self.take(length, kind);
    }

    fn next(&mut self) {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            return self.take_to(4, "-->", Kind::Comment);
        }
        if rest.starts_with("<![CDATA[") {
            return self.take_to(9, "]]>", Kind::Cdata);
        }
        if rest.starts_with("<?") {
            return self.take_to(2, "?>", Kind::Instruction);
        }
        if rest.starts_with("<!") {
            return self.doctype();
        }
        if rest.starts_with("</") {
            self.take(2, Kind::Mark);
            return self.tag();
        }
        if let Some(inner) = rest.strip_prefix('<') {
            if inner.chars().next().is_none_or(is_name) {
                self.take(1, Kind::Mark);
                return self.tag();
            }
            return self.take(1, Kind::Text);
        }
        if let Some(inner) = rest.strip_prefix('&')
            && let Some(end) = inner.find(|c: char| !is_name(c) && c != '#')
            && inner[end..].starts_with(';')
        {
            return self.take(end + 2, Kind::Reference);
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let length = rest[first..]
            .find(['<', '&'])
            .map_or(rest.len(), |at| at + first);
        self.take(length, Kind::Text);
    }

    fn doctype(&mut self) {
        let mut depth = 0_usize;
        let mut length = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            match c {
                '<' => depth += 1,
                '>' => {
                    depth -= 1;
                    if depth == 0 {
                        length = at + 1;
                        break;
                    }
                }
                _ => {}
            }
        }
        self.take(length, Kind::Doctype);
    }

    /// The rest of a tag, from its name.
    fn tag(&mut self) {
        self.take_while(Kind::Element, is_name);
        loop {
            self.take_while(Kind::Blank, char::is_whitespace);
            let rest = self.rest();
            match rest.chars().next() {
                None | Some('<') => return,
                Some('>') => return self.take(1, Kind::Mark),
                Some('/') if rest.starts_with("/>") => return self.take(2, Kind::Mark),
                Some('=') => self.take(1, Kind::Mark),
                Some(quote @ ('"' | '\'')) => {
                    let length = rest[1..].find([quote, '<']).map_or(rest.len(), |at| at + 1);
                    let closed = rest[length..].starts_with(quote);
                    self.take(length + usize::from(closed), Kind::Value);
                }
                Some(c) if is_name(c) => self.take_while(Kind::Attribute, is_name),
                Some(c) => self.take(c.len_utf8(), Kind::Blank),
            }
        }
    }
}

/// An element of a text that may be broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name, in the start tag.
    pub name: Range<usize>,
    /// The whole start tag.
    pub start: Range<usize>,
    /// The whole end tag; `None` when it is missing, or the start tag is all there is (`<a/>`).
    pub end: Option<Range<usize>>,
    /// Whether the start tag is all there is.
    pub is_empty: bool,
    /// Number of the element it stands in.
    pub parent: Option<usize>,
    /// How many it stands in.
    pub depth: usize,
}

/// All elements, in the order of their start tags. An end tag ends the nearest open element of its name; one that fits
/// none is passed over.
#[must_use]
pub fn elements(text: &str) -> Vec<Element> {
    elements_of(text, &words(text))
}

/// The same, of words that are known already.
#[must_use]
pub fn elements_of(text: &str, words: &[Word]) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let begin = at;
        at += 1;
        if words[begin].kind != Kind::Mark {
            continue;
        }
        let mark = &text[words[begin].range.clone()];
        if mark != "<" && mark != "</" {
            continue;
        }
        let mut name = words[begin].range.end..words[begin].range.end;
        if let Some(word) = words.get(at).filter(|word| word.kind == Kind::Element) {
            name = word.range.clone();
            at += 1;
        }
        let mut is_empty = false;
        let mut last = name.end;
        while let Some(word) = words.get(at) {
            let piece = &text[word.range.clone()];
            let in_tag = match word.kind {
                Kind::Attribute | Kind::Value | Kind::Blank => true,
                Kind::Mark => !piece.starts_with('<'),
                _ => false,
            };
            if !in_tag {
                break;
            }
            last = word.range.end;
            at += 1;
            if word.kind == Kind::Mark && piece != "=" {
                is_empty = piece == "/>";
                break;
            }
        }
        let whole = words[begin].range.start..last;
        if mark == "<" {
            let parent = open.last().copied();
            let depth = open.len();
            if !is_empty {
                open.push(found.len());
            }
            found.push(Element {
                name,
                start: whole,
                end: None,
                is_empty,
                parent,
                depth,
            });
        } else if let Some(level) = open
            .iter()
            .rposition(|number| text[found[*number].name.clone()] == text[name.clone()])
        {
            found[open[level]].end = Some(whole);
            open.truncate(level);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        words(text)
            .into_iter()
            .map(|word| (word.kind, &text[word.range]))
            .collect()
    }

    #[test]
    fn a_tag_is_read_by_its_words() {
        use Kind::{Attribute, Blank, Element, Mark, Reference, Text, Value};
        assert_eq!(
            kinds("<a b='1' c=\"x\n\">t&lt;</a>"),
            [
                (Mark, "<"),
                (Element, "a"),
                (Blank, " "),
                (Attribute, "b"),
                (Mark, "="),
                (Value, "'1'"),
                (Blank, " "),
                (Attribute, "c"),
                (Mark, "="),
                (Value, "\"x\n\""),
                (Mark, ">"),
                (Text, "t"),
                (Reference, "&lt;"),
                (Mark, "</"),
                (Element, "a"),
                (Mark, ">"),
            ]
        );
        assert_eq!(kinds("<a b='1\n<c/>")[5], (Value, "'1\n"));
        assert_eq!(kinds("1 < 2")[1], (Text, "<"));
    }

    #[test]
    fn elements_are_found_in_broken_texts() {
        let text = "<a><b x='1'><c></b><d/></e></a>";
        let found = elements(text);
        let names: Vec<_> = found
            .iter()
            .map(|element| {
                (
                    &text[element.name.clone()],
                    element.depth,
                    element.end.is_some(),
                )
            })
            .collect();
        assert_eq!(
            names,
            [
                ("a", 0, true),
                ("b", 1, true),
                ("c", 2, false),
                ("d", 1, false)
            ]
        );
        assert!(found[3].is_empty);
    }

    proptest! {
        #[test]
        fn words_cover_every_text(text in "[<>/a='\"!&; \\-\\[\\]?D\n\u{e9}]{0,60}") {
            let mut at = 0;
            for word in words(&text) {
                prop_assert_eq!(word.range.start, at);
                prop_assert!(word.range.end > at);
                at = word.range.end;
            }
            prop_assert_eq!(at, text.len());
            prop_assert!(elements(&text).len() <= text.len());
        }
    }
}
