//! What is in the way of deleting a domain.

/// All that libvirt would refuse to undefine a domain for, and all that could go with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndefinePlan {
    /// It runs: it goes on without a definition.
    pub active: bool,
    /// It has a definition.
    pub persistent: bool,
    /// It has a saved state.
    pub managed_save: bool,
    /// How many snapshots it has.
    pub snapshots: u32,
    /// How many checkpoints it has.
    pub checkpoints: u32,
    /// The file of its firmware's variables, empty where libvirt has yet to name it; `None` without one.
    pub nvram: Option<String>,
    /// Its disks that are files or devices, in document order.
    pub volumes: Vec<DoomedVolume>,
}

/// A disk that could go with the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoomedVolume {
    /// Target of the disk.
    pub target: String,
    /// Path on the host; untrusted.
    pub path: String,
    /// Size that the guest sees.
    pub capacity_bytes: Option<u64>,
    /// A medium or a disk that is only read.
    pub readonly: bool,
    /// Why it cannot go, or should not; untrusted names are in it.
    pub refusal: Option<String>,
}
