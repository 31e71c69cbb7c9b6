//! The place of a document that a message of libvirt speaks of.

use std::ops::Range;

use super::tree::Tree;

/// Finds what a message is about: the line that it names, else the attribute or text that it quotes, else the element. `None`
/// when nothing of the kind is in the document.
#[must_use]
pub fn blame(tree: &Tree<'_>, message: &str) -> Option<Range<usize>> {
    if let Some(line) = line_of(message) {
        let lines: Vec<&str> = tree.text().split_inclusive('\n').collect();
        let text = lines.get(line.checked_sub(1)?)?;
        let start: usize = lines[..line - 1].iter().map(|line| line.len()).sum();
        let blanks = text.len() - text.trim_start().len();
        return Some(start + blanks..start + text.trim_end().len().max(blanks));
    }
    let quoted = quoted(message);
    let words: Vec<&str> = message
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
        .filter(|word| word.len() > 1)
        .collect();
    let says = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    // How much of it the message says, and where.
    let mut best: Option<(u32, Range<usize>)> = None;
    let mut offer = |score: u32, range: Range<usize>| {
        if best.as_ref().is_none_or(|(most, _)| score >= *most) {
            best = Some((score, range));
        }
    };
    for node in tree.root().descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        let range = node.range();
        let tag = range.start..range.start + 1 + name.len();
        let named = u32::from(says(name));
        let bracketed = message.contains(&format!("<{name}>"))
            || message.contains(&format!("/{name}["))
            || quoted.contains(&name);
        if bracketed {
            offer(3, tag.clone());
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            if quoted.contains(&value) && !value.is_empty() {
                let about = u32::from(says(attribute.name()));
                offer(4 + named + about, attribute.range());
            }
        }
        let text = node.text().map(str::trim).unwrap_or_default();
        if !text.is_empty() && quoted.contains(&text) {
            offer(5 + named + u32::from(bracketed), tag);
        }
    }
    best.map(|(_, range)| range)
}

/// `N` of `(domain_definition):N: …`.
fn line_of(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("_definition):")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..digits].parse().ok()
}

/// What stands in quotes.
fn quoted(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = message;
    while let Some(start) = rest.find(['\'', '"']) {
        let quote = rest[start..].chars().next().unwrap_or('\'');
        let inner = &rest[start + 1..];
        let Some(end) = inner.find(quote) else {
            break;
        };
        found.push(&inner[..end]);
        rest = &inner[end + 1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libvirt_speaks_of_is_found() {
        let text = "<domain type='kvm'>\n <memory>-1</memory>\n <os><type machine='pc-99'>hvm</type></os>\n <devices>\n  <disk><target dev='vda'/></disk>\n  <disk><target dev='vda'/></disk>\n </devices>\n</domain>";
        let tree = Tree::parse(text).unwrap();
        let told = |message: &str| blame(&tree, message).map(|range| &text[range]);
        assert_eq!(
            told("XML error: Invalid value '-1' for element or attribute './memory[1]'"),
            Some("<memory")
        );
        assert_eq!(
            told("Emulator '/usr/bin/q' does not support machine type 'pc-99'"),
            Some("machine='pc-99'")
        );
        // The second one is the one too many.
        let second = blame(&tree, "XML error: target 'vda' duplicated for disk sources").unwrap();
        assert_eq!(tree.place(second.start).0, 6);
        assert_eq!(
            told("(domain_definition):4: Opening and ending tag mismatch"),
            Some("<devices>")
        );
        assert_eq!(told("missing name information"), None);
        assert_eq!(told("(domain_definition):99: x"), None);
    }
}
