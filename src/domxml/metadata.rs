//! Tags and notes of the user, in a namespace of our own in the metadata.
//!
//! ```xml
//! <metadata>
//!   <virtty:domain xmlns:virtty="https://virtty.dev/xmlns/domain/1">
//!     <tag>prod</tag>
//!     <tag>web</tag>
//!     <notes>Ask Ann before a reboot.</notes>
//!   </virtty:domain>
//! </metadata>
//! ```

use roxmltree::Node;

use super::document::child;
use crate::model::METADATA_NAMESPACE;

/// Most tags of one domain, and most bytes of a tag and of the notes that are kept: ten thousand domains have them.
const MOST_TAGS: usize = 32;
const LONGEST_TAG: usize = 64;
const LONGEST_NOTES: usize = 4096;

/// Our element for `virDomainSetMetadata`, without its prefix, which libvirt adds; `None` when there is nothing to keep.
#[must_use]
pub fn own_metadata(tags: &[String], notes: &str) -> Option<String> {
    let tags: Vec<&str> = tags
        .iter()
        .map(|tag| tag.trim())
        .filter(|tag| !tag.is_empty())
        .collect();
    let notes = notes.trim();
    if tags.is_empty() && notes.is_empty() {
        return None;
    }
    let mut element = String::from("<domain>");
    for tag in tags {
        element.push_str(&format!("<tag>{}</tag>", escaped(tag)));
    }
    if !notes.is_empty() {
        element.push_str(&format!("<notes>{}</notes>", escaped(notes)));
    }
    element.push_str("</domain>");
    Some(element)
}

/// Text of an element. What XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// The tags, each once, in order.
pub(super) fn tags(domain: Node<'_, '_>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in own(domain, "tag") {
        let tag = cut(tag.trim(), LONGEST_TAG);
        if !tag.is_empty() && tags.len() < MOST_TAGS && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags.shrink_to_fit();
    tags
}

/// The notes.
pub(super) fn notes(domain: Node<'_, '_>) -> Option<String> {
    let notes = own(domain, "notes").next()?;
    let notes = cut(notes.trim(), LONGEST_NOTES);
    (!notes.is_empty()).then(|| notes.to_owned())
}

/// Texts of the elements `name` inside of the elements of our namespace. Who writes them through `virsh metadata` may
/// leave the prefix of the inner ones out.
fn own<'a>(domain: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = &'a str> {
    child(domain, "metadata")
        .into_iter()
        .flat_map(|metadata| metadata.children())
        .filter(|node| node.tag_name().namespace() == Some(METADATA_NAMESPACE))
        .flat_map(|root| root.children())
        .filter(move |node| {
            let tag = node.tag_name();
            tag.name() == name && matches!(tag.namespace(), None | Some(METADATA_NAMESPACE))
        })
        .filter_map(|node| node.text())
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::own_metadata;
    use crate::domxml::definition;

    #[test]
    fn what_is_written_is_read_again() {
        let tags = ["prod".to_owned(), "a<b&c".to_owned()];
        let element = own_metadata(&tags, "one\ntwo ]]>").unwrap();
        // As libvirt stores it.
        let element = element
            .replace(
                "<domain>",
                "<virtty:domain xmlns:virtty='https://virtty.dev/xmlns/domain/1'>",
            )
            .replace("</domain>", "</virtty:domain>");
        let xml = format!("<domain type='kvm'><metadata>{element}</metadata></domain>");
        let definition = definition(&xml, false).unwrap();
        assert_eq!(definition.tags, tags);
        assert_eq!(definition.notes.as_deref(), Some("one\ntwo ]]>"));
        assert_eq!(own_metadata(&[" ".to_owned()], ""), None);
    }

    #[test]
    fn tags_and_notes_are_read_of_our_namespace_alone() {
        let xml = "<domain type='kvm'><metadata>\
            <v:domain xmlns:v='https://virtty.dev/xmlns/domain/1'><tag> prod </tag><v:tag>web</v:tag><tag>prod</tag>\
            <notes>two\nlines</notes></v:domain>\
            <o:domain xmlns:o='http://other'><tag>no</tag></o:domain></metadata></domain>";
        let definition = definition(xml, false).unwrap();
        assert_eq!(definition.tags, ["prod", "web"]);
        assert_eq!(definition.notes.as_deref(), Some("two\nlines"));
    }
}
