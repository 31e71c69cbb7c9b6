//! Where in a definition a device stands: by what names it, so that it is found in either world and in a later one.

use roxmltree::Node;

use super::{Kind, titles};
use crate::xml::Tree;

/// A device of a domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its kind.
    pub kind: Kind,
    /// What names it among its like; untrusted.
    pub key: String,
    /// The number among those with the same key.
    pub nth: usize,
}

/// All devices, in the order of the text.
pub fn devices<'a, 't>(tree: &'a Tree<'t>) -> impl Iterator<Item = Node<'a, 't>> {
    let root = tree.root();
    let lists = root.children().filter(|node| node.has_tag_name("devices"));
    lists
        .flat_map(|list| list.children())
        .filter(Node::is_element)
}

/// The network interfaces that are wanted.
pub fn nics(tree: &Tree<'_>, wanted: impl Fn(Node<'_, '_>) -> bool) -> Vec<Place> {
    let found =
        devices(tree).filter(|device| Kind::of(*device) == Some(Kind::Nic) && wanted(*device));
    let place = |device| Place {
        kind: Kind::Nic,
        key: titles::key(Kind::Nic, device),
        nth: 0,
    };
    found.map(place).collect()
}

impl Place {
    /// The device in a definition.
    #[must_use]
    pub fn find<'a, 't>(&self, tree: &'a Tree<'t>) -> Option<Node<'a, 't>> {
        let alike = devices(tree).filter(|device| {
            Kind::of(*device) == Some(self.kind) && titles::key(self.kind, *device) == self.key
        });
        alike.into_iter().nth(self.nth)
    }

    /// The way to it for XPath, such as `./devices/interface[2]`.
    #[must_use]
    pub fn xpath(&self, tree: &Tree<'_>) -> Option<String> {
        let device = self.find(tree)?;
        let name = device.tag_name().name();
        let same = devices(tree).filter(|other| other.tag_name() == device.tag_name());
        let number = same.into_iter().position(|other| other == device)? + 1;
        Some(format!("./devices/{name}[{number}]"))
    }
}
