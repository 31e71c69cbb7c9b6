//! One part of a domain in both worlds.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::flat::Path;
use super::{Kind, Place, Spot};

/// What tells an item from the others; the same whenever it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemId(u64);

impl ItemId {
    /// Of the `nth` item of a kind that has this key.
    pub(super) fn new(kind: Kind, key: &str, nth: usize) -> Self {
        let mut hasher = DefaultHasher::new();
        (kind, key, nth).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What the next start makes of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// The same, or it does not run.
    Nothing,
    /// It comes.
    Comes,
    /// It goes.
    Goes,
    /// It is another then.
    Changes,
}

impl Pending {
    /// One word for a list.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Comes => "comes",
            Self::Goes => "goes",
            Self::Changes => "changes",
        }
    }
}

/// A value in both worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is, for people; the path of the XML where there is no better word.
    pub label: String,
    /// As it runs; `None` where that does not say it. Untrusted.
    pub now: Option<String>,
    /// As it starts next; `None` where that does not say it. Untrusted.
    pub next: Option<String>,
    /// The two differ, and not only because libvirt filled something in.
    pub waits: bool,
}

/// What one of the two worlds says of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The element that is most of it.
    pub element: &'static str,
    /// All it says.
    pub values: Vec<(Path, String)>,
    /// Its XML, passwords masked; untrusted.
    pub xml: String,
}

/// One part of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: ItemId,
    /// What it is.
    pub kind: Kind,
    /// What names it among its like for libvirt: a target, a MAC address; empty where it is the only one. Untrusted.
    pub key: String,
    /// The number among those with the same key.
    pub nth: usize,
    /// The number among all of its kind: in what starts next, else in what runs.
    pub among: usize,
    /// QEMU can take it in and out while it runs.
    pub pluggable: bool,
    /// Its name for people; untrusted.
    pub title: String,
    /// As it runs.
    pub now: Option<Part>,
    /// As it starts next.
    pub next: Option<Part>,
    /// The values of both.
    pub facts: Vec<Fact>,
    /// What the next start makes of it.
    pub pending: Pending,
}

impl Item {
    /// Where it stands, for what is done to it; `None` for what is no device.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.kind.is_device().then(|| Place {
            kind: self.kind,
            key: self.key.clone(),
            nth: self.nth,
            among: self.among,
        })
    }

    /// Where its XML begins in a definition.
    #[must_use]
    pub fn spot(&self) -> Spot {
        match self.kind {
            Kind::Overview => Spot::Part(&["title", "name"]),
            Kind::Cpus => Spot::Part(&["vcpu", "cpu"]),
            Kind::Memory => Spot::Part(&["memory"]),
            Kind::Boot => Spot::Part(&["os"]),
            kind => Spot::Device(Place {
                kind,
                key: self.key.clone(),
                nth: self.nth,
                among: self.among,
            }),
        }
    }

    /// The XML as it runs, else as it starts next.
    #[must_use]
    pub fn xml(&self) -> &str {
        let part = self.now.as_ref().or(self.next.as_ref());
        part.map_or("", |part| part.xml.as_str())
    }

    /// The value at a path: as it starts next, else as it runs.
    #[must_use]
    pub fn stored(&self, path: &str) -> Option<&str> {
        let part = self.next.as_ref().or(self.now.as_ref())?;
        let found = part.values.iter().find(|(known, _)| known == path);
        found.map(|(_, value)| value.as_str())
    }

    /// How many values stand at a path: as it starts next, else as it runs.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        let part = self.next.as_ref().or(self.now.as_ref());
        let values = part.map_or(&[][..], |part| &part.values);
        values.iter().filter(|(known, _)| known == path).count()
    }

    /// An amount of memory in KiB, by the way to its element: as it starts next, else as it runs.
    #[must_use]
    pub fn stored_kib(&self, way: &str) -> Option<u64> {
        let part = self.next.as_ref().or(self.now.as_ref())?;
        let text = format!("<part>{}</part>", part.xml);
        let tree = crate::xml::Tree::parse(&text).ok()?;
        let mut node = tree.root();
        if self.kind.is_device() {
            node = node.first_element_child()?;
        }
        for step in way.split('/') {
            node = node.children().find(|child| child.has_tag_name(step))?;
        }
        crate::xml::kibibytes(node)
    }

    /// The value at a path: as it runs, else as it starts next.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&str> {
        let part = self.now.as_ref().or(self.next.as_ref())?;
        let found = part.values.iter().find(|(known, _)| known == path);
        found.map(|(_, value)| value.as_str())
    }
}
