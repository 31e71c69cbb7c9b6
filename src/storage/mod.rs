//! Documents of storage: pools, volumes and secrets read from libvirt's XML and written as it; pure.

mod disc;
mod drive;
mod leftovers;
mod pool;
mod secret;
mod volume;
mod write;

pub use disc::{DESCRIPTORS_AT, MOST_DESCRIPTORS, SECTOR, disc};
pub use drive::drive;
pub use leftovers::{Named, forgotten, leftovers};
pub use pool::{PoolFacts, pool};
pub use secret::secret;
pub use volume::volume;
pub use write::{NewSecret, copy_xml, pool_xml, secret_xml, volume_xml};

use roxmltree::Node;

/// The child of this name.
fn part<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The text of the child of this name, where there is any.
fn words(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = part(node, name)?.text()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// A size in bytes (`unit='bytes'`, as libvirt writes it).
fn bytes(node: Node<'_, '_>, name: &str) -> Option<u64> {
    part(node, name)?.text()?.trim().parse().ok()
}
