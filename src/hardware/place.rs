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
    /// The number among all of its kind when it was read, for commands that count.
    pub among: usize,
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
        among: 0,
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
}

/// Where in a definition an item begins, for a person who looks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A device.
    Device(Place),
    /// The first of these elements of the domain that is there.
    Part(&'static [&'static str]),
}

impl Spot {
    /// The bytes of its element.
    #[must_use]
    pub fn range(&self, tree: &Tree<'_>) -> Option<std::ops::Range<usize>> {
        let found = match self {
            Self::Device(place) => place.find(tree),
            Self::Part(names) => names.iter().find_map(|name| {
                let mut parts = tree.root().children();
                parts.find(|node| node.has_tag_name(*name))
            }),
        };
        found.map(|node| node.range())
    }
}
