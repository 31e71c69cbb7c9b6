//! Networks of a host as values: reading libvirt's XML of networks, filters and interfaces, and what `ip` tells of links;
//! plans that change bridges. Pure, texts in and values out, but for [`guard`], which carries a plan out and takes it back.

mod bridge;
mod carriers;
mod document;
mod filter;
pub mod guard;
mod interface;
mod keeper;
mod links;
mod write;

pub use bridge::{BridgePlan, BridgeWish, bad_name as bad_link_name, plan as bridge_plan};
pub use carriers::carriers;
pub use document::network;
pub use filter::{binding, filter};
pub use interface::{interface, net_device};
pub use keeper::{FileChange, INTERFACES, NextStart, Sources, sources as interfaces_sources};
pub use links::{drops_forwarded, links, neighbours, routes};
pub use write::{NewNetwork, dhcp_host_xml, dhcp_range_xml, dns_host_xml, network_xml};

use roxmltree::{Document, Node, ParsingOptions};

/// Largest document that is read, in bytes: libvirt cannot carry more in one message either.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Hands the root of a document to `read` when it is called `root`.
///
/// # Errors
/// That the text is too long, not well-formed, or something else, in words.
fn with_root<T>(xml: &str, root: &str, read: impl FnOnce(Node<'_, '_>) -> T) -> Result<T, String> {
    if xml.len() > MAX_BYTES {
        return Err(format!("the document has {} bytes", xml.len()));
    }
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(xml, options)
        .map_err(|error| format!("the document is not well-formed XML: {error}"))?;
    let node = document.root_element();
    if node.tag_name().name() != root {
        let name = node.tag_name().name();
        return Err(format!("the document is no <{root}> but a <{name}>"));
    }
    Ok(read(node))
}

fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &'a str) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// An attribute that is not empty.
fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    let value = node.attribute(name).filter(|value| !value.is_empty());
    value.map(str::to_owned)
}

/// libvirt's yes and no, on and off.
fn switch(word: &str) -> Option<bool> {
    match word {
        "yes" | "on" => Some(true),
        "no" | "off" => Some(false),
        _ => None,
    }
}
