//! A document that is well-formed, with a fingerprint of every element that says whether two are equal as XML.

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use roxmltree::{Document, Node};

use super::places::Lines;

/// Deepest nesting of elements: what libxml2 takes, and with it libvirt.
pub const DEEPEST: usize = 256;
/// Largest document in bytes: what libvirt's protocol carries.
const LARGEST: usize = 4 * 1024 * 1024;

/// Why a text is no document to work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct Malformed {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The parser's words; they may quote the text, untrusted.
    pub why: String,
}

/// A document and the fingerprints of its elements.
pub struct Tree<'t> {
    document: Document<'t>,
    /// By the number of the node.
    fingerprints: Vec<u64>,
    lines: OnceCell<Lines>,
}

impl<'t> Tree<'t> {
    /// Reads a document. One with a DTD is refused: libvirt writes none.
    ///
    /// # Errors
    /// With the place.
    pub fn parse(text: &'t str) -> Result<Self, Malformed> {
        let refuse = |why: &str| Malformed {
            line: 1,
            column: 1,
            why: why.to_owned(),
        };
        if text.len() > LARGEST {
            return Err(refuse(&format!(
                "the document has {} bytes; libvirt takes {LARGEST} at most",
                text.len()
            )));
        }
        if text.trim().is_empty() {
            return Err(refuse("the document is empty"));
        }
        let document = Document::parse(text).map_err(|error| {
            let place = error.pos();
            let words = error.to_string();
            // The place stands in front.
            let why = words
                .split_once(" at ")
                .map_or(words.as_str(), |(why, _)| why);
            Malformed {
                line: place.row as usize,
                column: place.col as usize,
                why: why.to_owned(),
            }
        })?;
        let fingerprints = fingerprints(&document).map_err(|at| {
            let place = document.text_pos_at(at);
            Malformed {
                line: place.row as usize,
                column: place.col as usize,
                why: format!("elements are nested deeper than {DEEPEST}"),
            }
        })?;
        Ok(Self {
            document,
            fingerprints,
            lines: OnceCell::new(),
        })
    }

    /// The root element.
    #[must_use]
    pub fn root(&self) -> Node<'_, 't> {
        self.document.root_element()
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.document.input_text()
    }

    /// Line and column, both from 1, of a byte; the column counts characters.
    #[must_use]
    pub fn place(&self, at: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| Lines::of(self.text()));
        lines.place(self.text(), at)
    }

    /// The same for two elements that are equal as XML: names, attributes, texts, and children in any order where the
    /// order says nothing.
    pub(super) fn fingerprint(&self, node: Node<'_, '_>) -> u64 {
        self.fingerprints
            .get(node.id().get_usize())
            .copied()
            .unwrap_or(0)
    }
}

/// Fingerprints of all nodes, children before their parents; the offset of an element that is nested too deep.
fn fingerprints(document: &Document<'_>) -> Result<Vec<u64>, usize> {
    let nodes: Vec<Node<'_, '_>> = document.descendants().collect();
    let mut depths = vec![0_usize; nodes.len() + 1];
    for node in &nodes {
        let above = node
            .parent()
            .map_or(0, |parent| depths[parent.id().get_usize()]);
        let depth = above + usize::from(node.is_element());
        if depth > DEEPEST {
            return Err(node.range().start);
        }
        depths[node.id().get_usize()] = depth;
    }
    let mut found = vec![0_u64; nodes.len() + 1];
    for node in nodes.iter().rev().filter(|node| node.is_element()) {
        let mut hasher = DefaultHasher::new();
        let name = node.tag_name();
        (name.namespace(), name.name()).hash(&mut hasher);
        let mut attributes: Vec<_> = node
            .attributes()
            .filter(|attribute| !is_numbering(*node, attribute.name()))
            .map(|attribute| (attribute.namespace(), attribute.name(), attribute.value()))
            .collect();
        attributes.sort_unstable();
        attributes.hash(&mut hasher);
        own_text(*node).hash(&mut hasher);
        let mut inner: Vec<(&str, u64)> = elements(*node)
            .map(|child| (child.tag_name().name(), found[child.id().get_usize()]))
            .collect();
        match order(*node) {
            Order::Free => inner.sort_unstable(),
            Order::AmongLike => inner.sort_by_key(|(name, _)| *name),
            Order::Strict => {}
        }
        inner.hash(&mut hasher);
        found[node.id().get_usize()] = hasher.finish();
    }
    Ok(found)
}

/// The elements in an element, but for what libvirt only measures: how full a pool is.
pub fn elements<'a, 't>(node: Node<'a, 't>) -> impl Iterator<Item = Node<'a, 't>> {
    let is_pool = node.has_tag_name("pool") && node.parent_element().is_none();
    node.children().filter(move |child| {
        let measured = ["capacity", "allocation", "available"];
        child.is_element() && !(is_pool && measured.iter().any(|name| child.has_tag_name(*name)))
    })
}

/// What the order of the elements in an element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing: libvirt writes them in its own.
    Free,
    /// Something among those of one name: the order of booting, rules of a filter.
    AmongLike,
    /// Something: arguments, and all that is not libvirt's own.
    Strict,
}

/// What the order of the elements in it says.
pub fn order(node: Node<'_, '_>) -> Order {
    if node.tag_name().namespace().is_some() {
        return Order::Strict;
    }
    match node.tag_name().name() {
        "os" | "filter" | "idmap" | "dns" | "graphics" => Order::AmongLike,
        _ => Order::Free,
    }
}

/// Whether an attribute is no part of a definition: the id of a running domain, who uses a network, and the numbers of
/// consoles, which libvirt counts anew whenever it reads them.
pub fn is_numbering(node: Node<'_, '_>, attribute: &str) -> bool {
    match (node.parent_element(), attribute) {
        (None, "id") => node.has_tag_name("domain"),
        (None, "connections") => node.has_tag_name("network"),
        (Some(parent), "port") => node.has_tag_name("target") && parent.has_tag_name("console"),
        _ => false,
    }
}

/// The text of an element itself, blanks around it apart. In libvirt's documents blanks mean something only in title and
/// description, and in what is not libvirt's.
pub fn own_text(node: Node<'_, '_>) -> String {
    let mut text = String::new();
    for child in node.children().filter(Node::is_text) {
        text.push_str(child.text().unwrap_or_default());
    }
    if elements(node).next().is_some() || text.trim().is_empty() {
        return text.trim().to_owned();
    }
    let exact = node.tag_name().namespace().is_some()
        || matches!(node.tag_name().name(), "title" | "description");
    if exact { text } else { text.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_as_xml_has_one_fingerprint() {
        let same = |one: &str, other: &str| {
            let (one, other) = (Tree::parse(one).unwrap(), Tree::parse(other).unwrap());
            one.fingerprint(one.root()) == other.fingerprint(other.root())
        };
        assert!(same("<a x='1' y='2'/>", "<a y=\"2\"  x='1'></a>"));
        assert!(same("<a><b/>\n <c/></a>", "<a><c/><!-- --><b/></a>"));
        assert!(same("<a><m> 1 </m></a>", "<a><m>1</m></a>"));
        assert!(same("<a>&lt;</a>", "<a><![CDATA[<]]></a>"));
        assert!(!same("<a><title>b </title></a>", "<a><title>b</title></a>"));
        assert!(same("<os><b/><c/></os>", "<os><c/><b/></os>"));
        assert!(!same("<os><b x='1'/><b/></os>", "<os><b/><b x='1'/></os>"));
        assert!(!same(
            "<a xmlns='u'><b/><c/></a>",
            "<a xmlns='u'><c/><b/></a>"
        ));
        assert!(same(
            "<console><target type='virtio' port='0'/></console>",
            "<console><target type='virtio' port='1'/></console>"
        ));
        assert!(same("<domain id='1'/>", "<domain/>"));
        assert!(same(
            "<pool><available>1</available></pool>",
            "<pool><available>2</available></pool>"
        ));
        assert!(!same("<a xmlns='u'/>", "<a/>"));
        assert!(!same("<a><b/><b/></a>", "<a><b/></a>"));
    }

    #[test]
    fn depth_size_and_dtds_are_bounded() {
        let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        assert!(
            Tree::parse(&deep)
                .is_err_and(|error| error.why.contains("256") && error.column == 256 * 3 + 1)
        );
        assert!(Tree::parse("<!DOCTYPE a><a/>").is_err());
        assert!(Tree::parse(" \n").is_err());
        let error = Tree::parse("<a>\n<b></a>").err().unwrap();
        assert_eq!(error.line, 2);
    }
}
