//! Storage pools, their volumes, secrets.

use std::time::SystemTime;

use super::Uuid;

/// `virStoragePoolState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolState {
    /// Not in use.
    Inactive,
    /// Being built.
    Building,
    /// In use.
    Running,
    /// In use, and something of it is broken.
    Degraded,
    /// In use, and cannot be reached.
    Inaccessible,
    /// A state newer than this program.
    Unknown,
}

impl PoolState {
    /// From libvirt's integer.
    #[must_use]
    pub fn from_raw(raw: u32) -> Self {
        match raw {
            0 => Self::Inactive,
            1 => Self::Building,
            2 => Self::Running,
            3 => Self::Degraded,
            4 => Self::Inaccessible,
            _ => Self::Unknown,
        }
    }

    /// Its label on the screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Inactive => "Inactive",
            Self::Building => "Building",
            Self::Running => "Active",
            Self::Degraded => "Degraded",
            Self::Inaccessible => "Inaccessible",
            Self::Unknown => "Unknown",
        }
    }

    /// virsh's word in `pool-info`.
    #[must_use]
    pub fn virsh_word(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Building => "building",
            Self::Running => "running",
            Self::Degraded => "degraded",
            Self::Inaccessible => "inaccessible",
            Self::Unknown => "unknown",
        }
    }

    /// Whether its volumes can be listed.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Degraded | Self::Inaccessible)
    }
}

/// A storage pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its name; untrusted.
    pub name: String,
    /// `@type`: dir, fs, netfs, logical, ...
    pub kind: String,
    /// What it is now.
    pub state: PoolState,
    /// Whether its definition outlives its being stopped.
    pub persistent: Option<bool>,
    /// Whether it starts with its host.
    pub autostart: Option<bool>,
    /// Its size in bytes; of an active one.
    pub capacity_bytes: Option<u64>,
    /// Given away of it, in bytes.
    pub allocation_bytes: Option<u64>,
    /// Left of it, in bytes.
    pub available_bytes: Option<u64>,
    /// How many volumes it has; of an active one.
    pub volumes: Option<u32>,
    /// Folder of its volumes (`target/path`); untrusted.
    pub path: Option<String>,
    /// What it is made of (host, device, directory, name), as one text; untrusted.
    pub source: Option<String>,
}

impl Pool {
    /// How full it is, 0..=100: what is not left. `None` for one without a size.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        let capacity = self.capacity_bytes.filter(|capacity| *capacity > 0)?;
        let used = capacity.saturating_sub(self.available_bytes?);
        #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
        Some(used as f64 * 100.0 / capacity as f64)
    }

    /// Whether its volumes are files, which have formats and layers.
    #[must_use]
    pub fn has_files(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "dir" | "fs" | "netfs" | "gluster" | "vstorage"
        )
    }

    /// Whether other hosts can have the same volumes.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "netfs"
                | "iscsi"
                | "iscsi-direct"
                | "rbd"
                | "sheepdog"
                | "gluster"
                | "vstorage"
                | "scsi"
                | "mpath"
        )
    }
}

/// A storage volume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StorageVolume {
    /// Its name in its pool; untrusted.
    pub name: String,
    /// Where it is on the host; untrusted.
    pub path: String,
    /// `@type`: file, block, dir, network, netdir, ploop.
    pub kind: String,
    /// Such as `qcow2`.
    pub format: Option<String>,
    /// The size that a guest sees, in bytes.
    pub capacity_bytes: Option<u64>,
    /// What it takes of its pool, in bytes.
    pub allocation_bytes: Option<u64>,
    /// Size of the file in bytes, holes included.
    pub physical_bytes: Option<u64>,
    /// The file it is based on; untrusted.
    pub backing: Option<String>,
    /// Format of that.
    pub backing_format: Option<String>,
    /// When it was written last.
    pub changed: Option<SystemTime>,
    /// `encryption/@format`: luks, qcow.
    pub encryption: Option<String>,
    /// The secret of its encryption.
    pub secret: Option<Uuid>,
    /// `target/compat`: `0.10` or `1.1`.
    pub compat: Option<String>,
    /// `target/clusterSize` in bytes.
    pub cluster_bytes: Option<u64>,
    /// `features/lazy_refcounts`.
    pub lazy_refcounts: bool,
}

impl StorageVolume {
    /// Whether it takes less than it promises: what is missing comes when it is written.
    #[must_use]
    pub fn is_sparse(&self) -> bool {
        let full = self.physical_bytes.or(self.capacity_bytes);
        matches!((self.allocation_bytes, full), (Some(taken), Some(full)) if taken < full)
    }
}

/// A secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its UUID.
    pub uuid: Uuid,
    /// `usage/@type`: volume, ceph, iscsi, tls, vtpm; `None` for one that says nothing.
    pub usage: Option<String>,
    /// What it is for: a path or a name; untrusted.
    pub usage_id: Option<String>,
    /// Its description; untrusted.
    pub description: Option<String>,
    /// It is never written to the host's disk.
    pub ephemeral: bool,
    /// Its value is told to nobody but the hypervisor.
    pub private: bool,
}

/// A file that nothing needs any more, as far as can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// Where it is on the host; untrusted.
    pub path: String,
    /// Its pool and its name there; `None` for a file outside of pools.
    pub volume: Option<(String, String)>,
    /// The snapshot inside of the file that is meant, where it is not the file itself; untrusted.
    pub inside: Option<String>,
    /// What it takes, in bytes.
    pub allocation_bytes: Option<u64>,
    /// When it was written last.
    pub changed: Option<SystemTime>,
    /// What was looked at to say so, a sentence; untrusted names are in it.
    pub proof: String,
}

/// Kinds of leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeftoverKind {
    /// A disk image that no domain and no chain refers to.
    Volume,
    /// The same, and it is based on another: such as a deleted snapshot leaves.
    Overlay,
    /// A snapshot inside of a qcow2 file of which no domain knows.
    Snapshot,
    /// Variables of UEFI of a domain that is no more.
    Nvram,
    /// The saved state of a domain that is no more.
    SavedState,
}

impl LeftoverKind {
    /// Its label on the screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Volume => "Volume",
            Self::Overlay => "Overlay",
            Self::Snapshot => "Snapshot",
            Self::Nvram => "NVRAM",
            Self::SavedState => "Saved state",
        }
    }
}
