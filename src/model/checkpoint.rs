//! Checkpoints of a domain: since when QEMU notes what its guest writes, so that a backup can leave out the rest.

/// A checkpoint as libvirt remembers it (libvirt's formatcheckpoint).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Its name, which is unique within its domain; untrusted.
    pub name: String,
    /// Name of the one before.
    pub parent: Option<String>,
    /// When, in seconds since 1970.
    pub created: Option<i64>,
    /// Any text.
    pub description: Option<String>,
    /// Targets of the disks that are noted.
    pub disks: Vec<String>,
}
