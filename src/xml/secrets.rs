//! Passwords in documents: where they stand, and how they are kept off the screen, out of records and histories.

use std::ops::Range;

use super::scan::{Kind, Word, words};

/// What is shown in place of a secret, whatever its length.
pub const MASK: &str = "••••••";

/// Attributes that hold one, of whatever element: graphics, sources of pools.
const ATTRIBUTES: &[&str] = &["passwd", "password"];
/// Elements whose text is one.
const ELEMENTS: &[&str] = &["cookie", "password"];
/// Options of QEMU whose values are; up to the next comma.
const OPTIONS: &[&str] = &["password=", "passwd=", "password-secret=", "data="];

/// Bytes of all secrets in a text, which may be broken; quotes are not among them.
#[must_use]
pub fn ranges(text: &str) -> Vec<Range<usize>> {
    ranges_of(text, &words(text))
}

/// The same, of words that are known already.
#[must_use]
pub fn ranges_of(text: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut element, mut attribute) = ("", "");
    let mut inside = false;
    for word in words {
        let piece = &text[word.range.clone()];
        match word.kind {
            Kind::Mark if piece == "</" => inside = false,
            Kind::Mark if piece == ">" => inside = is_secret_element(element),
            Kind::Mark if piece == "/>" => inside = false,
            Kind::Element => element = piece,
            Kind::Attribute => attribute = piece,
            Kind::Value => {
                let end =
                    word.range.end - usize::from(piece.len() > 1 && piece.ends_with(['"', '\'']));
                let value = word.range.start + 1..end;
                if is_secret_attribute(attribute) {
                    found.push(value);
                } else if is_argument(element) {
                    let inner = &text[value.clone()];
                    found.extend(
                        options(inner)
                            .map(|range| value.start + range.start..value.start + range.end),
                    );
                }
            }
            Kind::Text | Kind::Cdata | Kind::Reference if inside && !piece.trim().is_empty() => {
                found.push(word.range.clone());
            }
            _ => {}
        }
    }
    found.retain(|range| !range.is_empty());
    found
}

/// A text with every secret masked.
#[must_use]
pub fn mask(text: &str) -> String {
    masked(text, ranges(text))
}

fn masked(text: &str, ranges: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(&text[at..range.start]);
        out.push_str(MASK);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// The value of an attribute as it may be shown.
#[must_use]
pub fn shown_attribute(element: &str, name: &str, value: &str) -> String {
    if is_secret_attribute(name) && !value.is_empty() {
        MASK.to_owned()
    } else if is_argument(element) {
        masked(value, options(value))
    } else {
        value.to_owned()
    }
}

/// The text of an element as it may be shown.
#[must_use]
pub fn shown_text(element: &str, text: &str) -> String {
    if is_secret_element(element) && !text.is_empty() {
        MASK.to_owned()
    } else {
        text.to_owned()
    }
}

fn is_secret_attribute(name: &str) -> bool {
    ATTRIBUTES.contains(&name)
}

fn is_secret_element(name: &str) -> bool {
    ELEMENTS.contains(&name)
}

/// Arguments and environment of QEMU's command line.
fn is_argument(element: &str) -> bool {
    let local = element.rsplit(':').next().unwrap_or(element);
    element.contains(':') && matches!(local, "arg" | "env")
}

/// Values of options that are secrets.
fn options(value: &str) -> impl Iterator<Item = Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in value.split(',') {
        if let Some(option) = OPTIONS.iter().find(|option| part.starts_with(**option)) {
            let range = start + option.len()..start + part.len();
            if !range.is_empty() {
                found.push(range);
            }
        }
        start += part.len() + 1;
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (text, shown) in [
            ("<graphics passwd='geheim'/>", "<graphics passwd='••••••'/>"),
            (
                "<graphics passwd=\"a&quot;b\" type='vnc'>",
                "<graphics passwd=\"••••••\" type='vnc'>",
            ),
            (
                "<cookies><cookie name='c'>top</cookie></cookies>",
                "<cookies><cookie name='c'>••••••</cookie></cookies>",
            ),
            (
                "<qemu:arg value='secret,id=s,data=abc'/>",
                "<qemu:arg value='secret,id=s,data=••••••'/>",
            ),
            ("<graphics passwd='unclosed", "<graphics passwd='••••••"),
            ("<graphics passwd=''/>", "<graphics passwd=''/>"),
            ("<title>passwd='x'</title>", "<title>passwd='x'</title>"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }
}
