//! Edits of a text that leave everything else as it stands: a changed attribute changes its line and no other.

use std::ops::Range;

use roxmltree::Node;

/// Replaces bytes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub range: Range<usize>,
    /// What comes in its place.
    pub text: String,
}

/// Applies edits, which may not overlap. Those at one place come in their order.
#[must_use]
pub fn apply_edits(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        if edit.range.start < at {
            // Inside of something that is replaced already.
            continue;
        }
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Sets an attribute of an element, or removes it for `None`; the name as it is to be written.
#[must_use]
pub fn set_attribute(text: &str, node: Node<'_, '_>, name: &str, value: Option<&str>) -> Edit {
    let local = name.rsplit(':').next().unwrap_or(name);
    let written = |range: Range<usize>| text.get(range).unwrap_or_default();
    let existing = node
        .attributes()
        .find(|attribute| attribute.name() == local && written(attribute.range_qname()) == name);
    match (existing, value) {
        (Some(attribute), Some(value)) => {
            let range = attribute.range_value();
            let quote = text[..range.start].chars().next_back().unwrap_or('\'');
            Edit {
                range,
                text: escaped(value, Some(quote)),
            }
        }
        (Some(attribute), None) => {
            let range = attribute.range();
            let before = text[..range.start].trim_end().len();
            Edit {
                range: before..range.end,
                text: String::new(),
            }
        }
        (None, Some(value)) => {
            let last = node.attributes().next_back();
            let (at, quote) = match last {
                Some(last) => {
                    let end = last.range().end;
                    (end, text[..end].chars().next_back().unwrap_or('\''))
                }
                None => (node.range().start + 1 + name_length(text, node), '\''),
            };
            Edit {
                range: at..at,
                text: format!(" {name}={quote}{}{quote}", escaped(value, Some(quote))),
            }
        }
        (None, None) => {
            let at = node.range().start;
            Edit {
                range: at..at,
                text: String::new(),
            }
        }
    }
}

/// Sets the text of an element that holds no elements.
#[must_use]
pub fn set_text(text: &str, node: Node<'_, '_>, value: &str) -> Edit {
    let range = node.range();
    match inner(text, node) {
        Some(inner) => Edit {
            range: inner,
            text: escaped(value, None),
        },
        None => {
            let name = &text[range.start + 1..range.start + 1 + name_length(text, node)];
            let slash = range.end - 2;
            let from = text[..slash].trim_end().len();
            Edit {
                range: from..range.end,
                text: format!(">{}</{name}>", escaped(value, None)),
            }
        }
    }
}

/// Puts an element behind the last one in another, indented as those are.
#[must_use]
pub fn insert_child(text: &str, node: Node<'_, '_>, element: &str) -> Edit {
    let range = node.range();
    let line = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
    let blanks = |at: usize| {
        let indent = &text[line(at)..at];
        indent
            .chars()
            .all(char::is_whitespace)
            .then(|| indent.to_owned())
    };
    let children = || node.children().filter(Node::is_element);
    let last = children().next_back();
    let own = blanks(range.start);
    let indent = children()
        .next()
        .and_then(|first| blanks(first.range().start))
        .or_else(|| own.as_ref().map(|own| format!("{own}  ")));
    // A text on one line stays on one.
    let lines = |indent: &str| {
        let lines: Vec<String> = element
            .lines()
            .map(|line| format!("\n{indent}{line}"))
            .collect();
        lines.concat()
    };
    let is_flat = indent.is_none() || !text[..range.start].contains('\n');
    let words = match (&indent, is_flat) {
        (Some(indent), false) => lines(indent),
        _ => element.lines().map(str::trim_start).collect(),
    };
    if let Some(last) = last {
        let at = last.range().end;
        return Edit {
            range: at..at,
            text: words,
        };
    }
    let closing = match (&own, is_flat) {
        (Some(own), false) => format!("\n{own}"),
        _ => String::new(),
    };
    match inner(text, node) {
        Some(inner) => Edit {
            range: inner,
            text: format!("{words}{closing}"),
        },
        None => {
            let name = &text[range.start + 1..range.start + 1 + name_length(text, node)];
            let slash = range.end - 2;
            let from = text[..slash].trim_end().len();
            Edit {
                range: from..range.end,
                text: format!(">{words}{closing}</{name}>"),
            }
        }
    }
}

/// What stands between the tags of an element; `None` when its start tag is all there is.
pub fn inner(text: &str, node: Node<'_, '_>) -> Option<Range<usize>> {
    let range = node.range();
    let start = start_tag_end(text, range.start);
    if start >= range.end {
        return None;
    }
    let close = text[start..range.end].rfind("</")?;
    Some(start..start + close)
}

/// Behind the `>` of a start tag.
pub fn start_tag_end(text: &str, start: usize) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return at + 1,
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of the name in a start tag, with its prefix.
pub fn name_length(text: &str, node: Node<'_, '_>) -> usize {
    let rest = &text[node.range().start + 1..];
    rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
        .unwrap_or(rest.len())
}

/// A value as it is written; `quote` is the one around an attribute.
fn escaped(value: &str, quote: Option<char>) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quote == Some('"') => out.push_str("&quot;"),
            '\'' if quote == Some('\'') => out.push_str("&apos;"),
            // A parser would make blanks of them.
            '\n' if quote.is_some() => out.push_str("&#10;"),
            '\t' if quote.is_some() => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Tree;

    fn edited(text: &str, edit: impl Fn(Node<'_, '_>) -> Edit) -> String {
        let tree = Tree::parse(text).unwrap();
        apply_edits(text, &[edit(tree.root())])
    }

    #[test]
    fn an_attribute_is_set_where_it_stands() {
        let text = "<a  x = \"1\"\n  y='2' />";
        let set = |name: &'static str, value: Option<&'static str>| {
            edited(text, |node| set_attribute(text, node, name, value))
        };
        assert_eq!(set("x", Some("\"<")), "<a  x = \"&quot;&lt;\"\n  y='2' />");
        assert_eq!(set("y", None), "<a  x = \"1\" />");
        assert_eq!(
            set("z", Some("it's")),
            "<a  x = \"1\"\n  y='2' z='it&apos;s' />"
        );
        assert_eq!(set("w", None), text);
        assert_eq!(
            edited("<a/>", |node| set_attribute("<a/>", node, "x", Some("1"))),
            "<a x='1'/>"
        );
    }

    #[test]
    fn a_text_is_set_where_it_stands() {
        for (text, result) in [
            ("<a x='>'>1</a >", "<a x='>'>b&lt;</a >"),
            ("<a />", "<a>b&lt;</a>"),
            ("<a></a>", "<a>b&lt;</a>"),
        ] {
            assert_eq!(edited(text, |node| set_text(text, node, "b<")), result);
        }
    }
}
