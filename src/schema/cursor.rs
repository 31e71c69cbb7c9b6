//! Where in a text, which may be broken, the cursor stands, and what the schema says of that place.

use std::collections::HashMap;
use std::ops::Range;

use super::pattern::{Id, NOT_ALLOWED, Patterns};
use crate::xml::scan::{Element, Kind, Word, elements_of, words};

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// The name of an element: bytes of what is there of it. A `<` stands before it when `opened`.
    Name {
        /// What is there of the name.
        typed: Range<usize>,
        /// Whether the `<` is there.
        opened: bool,
    },
    /// The name of an end tag.
    End {
        /// What is there of the name.
        typed: Range<usize>,
    },
    /// The name of an attribute of an element.
    Attribute {
        /// Number of the element.
        element: usize,
        /// What is there of the name.
        typed: Range<usize>,
        /// Whether the name has a value already.
        has_value: bool,
    },
    /// The value of one.
    Value {
        /// Number of the element.
        element: usize,
        /// Name of the attribute, with its prefix.
        attribute: String,
        /// What is there between the quotes, up to the cursor.
        typed: Range<usize>,
    },
    /// Text in an element: the trimmed text up to the cursor.
    Text {
        /// What is there.
        typed: Range<usize>,
    },
    /// In a comment and the like: nothing.
    Nothing,
}

/// A text read for its cursor.
pub struct Reading<'t> {
    pub text: &'t str,
    pub words: Vec<Word>,
    pub elements: Vec<Element>,
    /// Attributes of each element: name, value, where the name stands.
    pub attributes: Vec<Vec<(String, String, usize)>>,
    prefixes: HashMap<String, String>,
}

impl<'t> Reading<'t> {
    pub fn new(text: &'t str) -> Self {
        let words = words(text);
        let elements = elements_of(text, &words);
        let mut attributes = vec![Vec::new(); elements.len()];
        let mut prefixes = HashMap::new();
        let mut number = 0;
        let mut name: Option<(String, usize)> = None;
        for word in &words {
            // The last element whose tag has begun by here.
            while number + 1 < elements.len()
                && elements[number + 1].start.start <= word.range.start
            {
                number += 1;
            }
            let piece = &text[word.range.clone()];
            let in_tag = elements
                .get(number)
                .is_some_and(|element| element.start.contains(&word.range.start));
            match word.kind {
                Kind::Attribute if in_tag => name = Some((piece.to_owned(), word.range.start)),
                Kind::Value if in_tag => {
                    if let Some((name, at)) = name.take() {
                        let value = unquoted(piece);
                        if let Some(prefix) = name.strip_prefix("xmlns:") {
                            prefixes.insert(prefix.to_owned(), value.clone());
                        }
                        attributes[number].push((name, value, at));
                    }
                }
                _ => {}
            }
        }
        Self {
            text,
            words,
            elements,
            attributes,
            prefixes,
        }
    }

    pub fn name(&self, element: usize) -> &'t str {
        &self.text[self.elements[element].name.clone()]
    }

    /// Namespace and local name; `None` for a prefix that nobody declared.
    fn expanded<'n>(&'n self, name: &'n str) -> Option<(&'n str, &'n str)> {
        match name.split_once(':') {
            Some((prefix, local)) => Some((self.prefixes.get(prefix)?, local)),
            None => Some(("", name)),
        }
    }

    /// The same of an element, for keeps.
    pub fn expanded_name(&self, element: usize) -> Option<(String, String)> {
        self.expanded_text(self.name(element))
    }

    /// The same of a name as it is written.
    pub fn expanded_text(&self, name: &str) -> Option<(String, String)> {
        let (ns, local) = self.expanded(name)?;
        Some((ns.to_owned(), local.to_owned()))
    }

    /// The prefix of a namespace, with its colon; nothing for none, `None` for one that nobody declared.
    pub fn prefix(&self, ns: &str) -> Option<String> {
        if ns.is_empty() {
            return Some(String::new());
        }
        let (prefix, _) = self.prefixes.iter().find(|(_, uri)| uri.as_str() == ns)?;
        Some(format!("{prefix}:"))
    }

    /// The elements around a place, the root first: those whose start tag is before it and whose end is not.
    pub fn around(&self, at: usize) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (number, element) in self.elements.iter().enumerate() {
            if element.start.end > at {
                break;
            }
            let open = !element.is_empty
                && self.text[element.start.clone()].ends_with('>')
                && element.end.as_ref().is_none_or(|end| at <= end.start);
            // One without an end reaches as far as what it stands in.
            if open && element.parent == found.last().copied() {
                found.push(number);
            }
        }
        found
    }

    /// The element whose start tag the place is in, behind its name.
    fn tag_at(&self, at: usize) -> Option<usize> {
        self.elements.iter().position(|element| {
            let closed = self.text[element.start.clone()].ends_with('>');
            let end = if closed {
                element.start.end - 1
            } else {
                element.start.end
            };
            element.start.start < at && at <= end
        })
    }

    /// What is being typed at a place.
    pub fn spot(&self, at: usize) -> Spot {
        let text = self.text;
        let before = &text[..at];
        let word = self
            .words
            .iter()
            .find(|word| word.range.start < at && at <= word.range.end);
        if let Some(word) = word {
            let piece = &text[word.range.clone()];
            let inside = at < word.range.end;
            match word.kind {
                Kind::Comment | Kind::Cdata | Kind::Instruction | Kind::Doctype
                    if inside || !piece.ends_with('>') =>
                {
                    return Spot::Nothing;
                }
                Kind::Element | Kind::Mark if piece != ">" && piece != "/>" && piece != "=" => {
                    let start = if word.kind == Kind::Element {
                        word.range.start
                    } else {
                        at
                    };
                    if text[..start].ends_with("</") {
                        return Spot::End { typed: start..at };
                    }
                    if text[..start].ends_with('<') {
                        return Spot::Name {
                            typed: start..at,
                            opened: true,
                        };
                    }
                }
                _ => {}
            }
        }
        if before.ends_with("</") {
            return Spot::End { typed: at..at };
        }
        if before.ends_with('<') {
            return Spot::Name {
                typed: at..at,
                opened: true,
            };
        }
        if let Some(element) = self.tag_at(at) {
            return self.spot_in_tag(element, at, word);
        }
        if self.around(at).is_empty() {
            return Spot::Nothing;
        }
        let start = before.rfind('>').map_or(0, |mark| mark + 1);
        let blanks = text[start..at].len() - text[start..at].trim_start().len();
        Spot::Text {
            typed: start + blanks..at,
        }
    }

    fn spot_in_tag(&self, element: usize, at: usize, word: Option<&Word>) -> Spot {
        let text = self.text;
        let Some(word) = word else {
            return Spot::Nothing;
        };
        let piece = &text[word.range.clone()];
        match word.kind {
            Kind::Value => {
                let quote = piece.chars().next().unwrap_or('\'');
                let closed = piece.len() > 1 && piece.ends_with(quote);
                if closed && at == word.range.end {
                    // Behind the closing quote nothing can stand but a blank.
                    return Spot::Nothing;
                }
                let name = self
                    .words
                    .iter()
                    .rfind(|other| {
                        other.kind == Kind::Attribute && other.range.end <= word.range.start
                    })
                    .map(|other| text[other.range.clone()].to_owned());
                match name {
                    Some(attribute) => Spot::Value {
                        element,
                        attribute,
                        typed: word.range.start + 1..at,
                    },
                    None => Spot::Nothing,
                }
            }
            Kind::Attribute => Spot::Attribute {
                element,
                typed: word.range.start..at,
                has_value: text[word.range.end..].trim_start().starts_with('='),
            },
            Kind::Blank => {
                let follows = text[..at].ends_with(char::is_whitespace)
                    && !text[..at].trim_end().ends_with('=');
                if follows {
                    Spot::Attribute {
                        element,
                        typed: at..at,
                        has_value: false,
                    }
                } else {
                    Spot::Nothing
                }
            }
            _ => Spot::Nothing,
        }
    }

    /// The pattern in an element, behind those of its children that end before a place. `None` when the way to it leads
    /// through something that is not allowed.
    pub fn inside(&self, patterns: &mut Patterns<'_>, around: &[usize], at: usize) -> Option<Id> {
        let mut now = patterns.start();
        for (level, element) in around.iter().enumerate() {
            let opened = self.open(patterns, now, *element, None)?;
            now = patterns.close_anyway(opened);
            let next = around.get(level + 1);
            let until = next.map_or(at, |next| self.elements[*next].start.start);
            for child in self.children(*element) {
                if self.elements[child].start.start >= until || Some(&child) == next {
                    break;
                }
                now = self.passed(patterns, now, child).unwrap_or(now);
            }
        }
        Some(now)
    }

    /// Children of an element behind a place.
    pub fn following(&self, parent: usize, at: usize) -> impl Iterator<Item = usize> {
        self.children(parent)
            .filter(move |child| self.elements[*child].start.start >= at)
    }

    fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        self.elements
            .iter()
            .enumerate()
            .skip(parent + 1)
            .filter(move |(_, element)| element.parent == Some(parent))
            .map(|(number, _)| number)
    }

    /// The pattern behind an element; `None` when it is not allowed.
    pub fn passed(&self, patterns: &mut Patterns<'_>, before: Id, element: usize) -> Option<Id> {
        let opened = self.open(patterns, before, element, None)?;
        let closed = patterns.close_anyway(opened);
        Some(patterns.rest(closed))
    }

    /// The pattern in a start tag, with all its attributes but the one whose name stands at `without`.
    pub fn open(
        &self,
        patterns: &mut Patterns<'_>,
        before: Id,
        element: usize,
        without: Option<usize>,
    ) -> Option<Id> {
        let (ns, local) = self.expanded(self.name(element))?;
        let mut now = patterns.open(before, ns, local);
        if now == NOT_ALLOWED {
            return None;
        }
        for (name, value, at) in &self.attributes[element] {
            if name.starts_with("xmlns") || Some(*at) == without {
                continue;
            }
            let Some((ns, local)) = self.expanded(name) else {
                continue;
            };
            let next = patterns.attribute(now, ns, local, value);
            if next != NOT_ALLOWED {
                now = next;
            }
        }
        Some(now)
    }
}

/// The value between quotes, its entities read.
fn unquoted(piece: &str) -> String {
    let inner = piece.trim_start_matches(['"', '\'']);
    let inner = inner.trim_end_matches(['"', '\'']);
    inner
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
