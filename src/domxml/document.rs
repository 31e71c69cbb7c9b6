//! The document: limits before parsing, what may be wrong with it, and how the other files read it.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

/// Largest document that is read, in bytes. libvirt cannot carry more in one message either.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting that is read, as in libxml2.
const MAX_DEPTH: usize = 256;
/// Most attributes of one element. The parser compares each with all others of its element.
const MAX_ATTRIBUTES: usize = 1024;
/// Most namespace declarations of a document. The parser looks each name up among all in scope.
const MAX_NAMESPACES: usize = 256;

/// Why a text cannot be read as the definition of a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Longer than [`MAX_BYTES`].
    #[error("the document has {0} bytes, more than the {MAX_BYTES} that are read")]
    TooLong(usize),
    /// Nested, attributed or namespaced beyond anything libvirt writes.
    #[error("the document has more than {limit} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
    /// Not well-formed, or with a document type declaration.
    #[error("the document is not well-formed XML: {0}")]
    Syntax(String),
    /// The root is not `<domain>`.
    #[error("the document is not the XML of a domain: its root is <{0}>")]
    NotADomain(String),
    /// A value that cannot be true.
    #[error("{place}: {value:?} is {why}")]
    BadValue {
        /// Where it stands, such as `graphics[1]/@port`.
        place: String,
        /// The value; untrusted text.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Parses `xml` and hands its `<domain>` to `read`.
///
/// # Errors
/// When the text is too long, too deep, not well-formed, has a DTD or another root.
pub(super) fn with_domain<T>(
    xml: &str,
    read: impl FnOnce(Node<'_, '_>) -> Result<T, XmlError>,
) -> Result<T, XmlError> {
    if xml.len() > MAX_BYTES {
        return Err(XmlError::TooLong(xml.len()));
    }
    let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
    check_shape(xml.as_bytes())?;
    let xml = with_controls_visible(xml);
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&xml, options)
        .map_err(|error| XmlError::Syntax(error.to_string()))?;
    let root = document.root_element();
    if is(root, "domain") {
        read(root)
    } else {
        Err(XmlError::NotADomain(root.tag_name().name().to_owned()))
    }
}

/// libvirt lets the control characters 0x1A to 0x1F through into titles and writes them raw, which no XML parser
/// accepts. One bad title must not hide the ports of a guest: each becomes its control picture (`␛`).
pub(super) fn with_controls_visible(xml: &str) -> Cow<'_, str> {
    if !has_controls(xml) {
        return Cow::Borrowed(xml);
    }
    let picture = |c: char| char::from_u32(0x2400 + u32::from(c)).unwrap_or(c);
    Cow::Owned(
        xml.chars()
            .map(|c| if is_control(c) { picture(c) } else { c })
            .collect(),
    )
}

/// Whether the text holds control characters that no XML may hold.
pub(super) fn has_controls(xml: &str) -> bool {
    xml.contains(is_control)
}

fn is_control(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\r')
}

/// Refuses in one pass what would cost the parser more than linear time. It may misjudge text that is not
/// well-formed; the parser judges that afterwards.
fn check_shape(xml: &[u8]) -> Result<(), XmlError> {
    let (mut depth, mut namespaces, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(open) = find(xml, at, b"<") {
        at = if xml[open..].starts_with(b"<!--") {
            after(xml, open + 4, b"-->")
        } else if xml[open..].starts_with(b"<![CDATA[") {
            after(xml, open + 9, b"]]>")
        } else if xml[open..].starts_with(b"<?") {
            after(xml, open + 2, b"?>")
        } else if xml[open..].starts_with(b"</") {
            depth = depth.saturating_sub(1);
            after(xml, open + 2, b">")
        } else {
            let tag = read_tag(xml, open + 1);
            if tag.attributes > MAX_ATTRIBUTES {
                return Err(too_much("attributes in one element", MAX_ATTRIBUTES));
            }
            namespaces += tag.namespaces;
            if namespaces > MAX_NAMESPACES {
                return Err(too_much("namespace declarations", MAX_NAMESPACES));
            }
            depth += usize::from(!tag.is_empty);
            if depth > MAX_DEPTH {
                return Err(too_much("levels of nesting", MAX_DEPTH));
            }
            tag.end
        };
    }
    Ok(())
}

fn too_much(what: &'static str, limit: usize) -> XmlError {
    XmlError::TooMuch { what, limit }
}

/// What [`check_shape`] needs to know of a start tag.
struct Tag {
    attributes: usize,
    namespaces: usize,
    is_empty: bool,
    /// Behind its `>`.
    end: usize,
}

fn read_tag(xml: &[u8], start: usize) -> Tag {
    let mut tag = Tag {
        attributes: 0,
        namespaces: 0,
        is_empty: false,
        end: xml.len(),
    };
    let mut at = start;
    while let Some(&byte) = xml.get(at) {
        match byte {
            b'"' | b'\'' => {
                tag.attributes += 1;
                at = after(xml, at + 1, &[byte]);
                continue;
            }
            b'x' if xml[at..].starts_with(b"xmlns") => tag.namespaces += 1,
            b'>' => {
                tag.is_empty = xml[at - 1] == b'/';
                tag.end = at + 1;
                break;
            }
            _ => {}
        }
        at += 1;
    }
    tag
}

fn find(xml: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    xml.get(from..)?
        .windows(what.len())
        .position(|window| window == what)
        .map(|found| from + found)
}

fn after(xml: &[u8], from: usize, what: &[u8]) -> usize {
    find(xml, from, what).map_or(xml.len(), |found| found + what.len())
}

/// Whether `node` is the element `name` of libvirt's own vocabulary, which has no namespace.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_none()
}

/// The children `name` of `node`, in document order.
pub(super) fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first child `name`.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// The devices `name` of a domain: children of `<devices>`, never of metadata or of a namespace.
pub(super) fn devices<'a, 'input>(
    domain: Node<'a, 'input>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    children(domain, "devices").flat_map(move |devices| children(devices, name))
}

/// An attribute of libvirt's own vocabulary, which has no namespace; perhaps empty. (The parser's own look-up by name
/// takes the first of any namespace.)
pub(super) fn written<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
        .map(|attribute| attribute.value())
}

/// Like [`written`]; `None` when it is absent or empty.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    written(node, name).filter(|value| !value.is_empty())
}

/// An attribute as an owned text.
pub(super) fn owned(node: Node<'_, '_>, name: &str) -> Option<String> {
    attribute(node, name).map(str::to_owned)
}

/// All text of the first child `name`, CDATA included; `None` when there is none.
pub(super) fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let child = child(node, name)?;
    let text: String = child
        .children()
        .filter(Node::is_text)
        .filter_map(|part| part.text())
        .collect();
    (!text.is_empty()).then_some(text)
}
