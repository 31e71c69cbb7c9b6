//! What a schema cannot say of a domain: names and addresses given twice, in it or on its host, more than the host has,
//! files that are not there, displays open to all. Everything found is a warning: libvirt may take the document. Pure.

mod inside;
mod neighbour;
mod outside;

use roxmltree::Node;

pub use neighbour::Neighbour;
pub use outside::{Host, Missing, Wanted, wanted};

use crate::schema::{Finding, Severity};
use crate::xml::Tree;

/// Warnings after which no more are told.
const MOST: usize = 100;

/// Everything that is worth a warning, in the order of the text; nothing for documents that are no domain. Without a host,
/// what the document says by itself.
#[must_use]
pub fn check(tree: &Tree<'_>, host: Option<&Host>) -> Vec<Finding> {
    let domain = tree.root();
    if !domain.has_tag_name("domain") {
        return Vec::new();
    }
    let mut found = Found {
        tree,
        findings: Vec::new(),
    };
    inside::check(domain, &mut found);
    if let Some(host) = host {
        outside::check(domain, host, &mut found);
    }
    found.findings.sort_by_key(|finding| finding.bytes.start);
    found.findings
}

/// Where findings are gathered.
struct Found<'x, 't> {
    tree: &'x Tree<'t>,
    findings: Vec<Finding>,
}

impl Found<'_, '_> {
    /// On an attribute of an element; on the element where it has none of the name.
    fn on(&mut self, node: Node<'_, '_>, attribute: &str, message: String) {
        if self.findings.len() >= MOST {
            return;
        }
        let range = match node.attribute_node(attribute) {
            Some(attribute) => attribute.range(),
            None => {
                let start = node.range().start;
                start..start + 1 + node.tag_name().name().len()
            }
        };
        let (line, column) = self.tree.place(range.start);
        self.findings.push(Finding {
            line,
            column,
            bytes: range,
            severity: Severity::Warning,
            message,
            hint: None,
        });
    }

    fn line(&self, node: Node<'_, '_>) -> usize {
        self.tree.place(node.range().start).0
    }
}

/// The devices of a domain.
fn devices<'a, 't>(domain: Node<'a, 't>) -> impl Iterator<Item = Node<'a, 't>> {
    domain
        .children()
        .filter(|node| node.has_tag_name("devices"))
        .flat_map(|devices| devices.children())
        .filter(Node::is_element)
}

fn child<'a, 't>(node: Node<'a, 't>, name: &str) -> Option<Node<'a, 't>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The file or block device of a disk, and the attribute that names it.
fn path_of<'a, 't>(disk: Node<'a, 't>) -> Option<(Node<'a, 't>, &'static str, &'a str)> {
    let source = child(disk, "source")?;
    ["file", "dev"].into_iter().find_map(|attribute| {
        let path = source
            .attribute(attribute)
            .filter(|path| !path.is_empty())?;
        Some((source, attribute, path))
    })
}

/// How a disk may be shared: with anyone who says so too, with readers alone, with nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `<shareable/>`
    Shareable,
    /// `<readonly/>`, or a CD-ROM.
    ReadOnly,
    /// Neither.
    Alone,
}

impl Sharing {
    fn of(disk: Node<'_, '_>) -> Self {
        if child(disk, "shareable").is_some() {
            Self::Shareable
        } else if child(disk, "readonly").is_some() || disk.attribute("device") == Some("cdrom") {
            Self::ReadOnly
        } else {
            Self::Alone
        }
    }

    /// Whether two disks may be one file.
    fn goes_with(self, other: Self) -> bool {
        self == other && self != Self::Alone
    }
}

/// Ports that a display asks for by number: the attribute and the port.
fn fixed_ports(graphics: Node<'_, '_>) -> Vec<(&'static str, u16)> {
    if graphics.attribute("autoport") == Some("yes") {
        return Vec::new();
    }
    ["port", "tlsPort", "websocket"]
        .into_iter()
        .filter_map(|name| {
            let port: u16 = graphics.attribute(name)?.trim().parse().ok()?;
            (port > 0).then_some((name, port))
        })
        .collect()
}

/// The MAC address of a network card, in lower case.
fn mac_of(interface: Node<'_, '_>) -> Option<String> {
    let mac = child(interface, "mac")?.attribute("address")?;
    Some(mac.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
