//! A disk of a domain with all its layers, as the workbench shows it.

/// One file, device or network image of a disk's chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskLayer {
    /// libvirt's number of it (`source/@index`), by which `vda[2]` names it; live XML only.
    pub index: Option<u32>,
    /// `@type`: file, block, network, volume, dir, ...
    pub kind: String,
    /// Path, device, `pool/volume` or network source, as one text; untrusted.
    pub source: String,
    /// Such as `qcow2`.
    pub format: Option<String>,
    /// The size the guest sees, in bytes.
    pub capacity_bytes: Option<u64>,
    /// Bytes of it that the host has given room for.
    pub allocation_bytes: Option<u64>,
    /// Size of the file or device in bytes, holes included.
    pub physical_bytes: Option<u64>,
    /// The active storage pool it lies in.
    pub pool: Option<String>,
}

/// A copy of a disk that a block job writes (`<mirror>`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskMirror {
    /// Where it goes; untrusted.
    pub source: String,
    /// `@ready`: the copy is the same as the disk, so that one can pivot.
    pub ready: bool,
}

/// `virDomainBlockJobType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlockJobKind {
    /// A type newer than this program.
    Unknown,
    /// Data of the layers below is brought into the top.
    Pull,
    /// The disk is copied to somewhere else.
    Copy,
    /// A layer is brought into one below it.
    Commit,
    /// The active layer is brought into one below it.
    ActiveCommit,
    /// A backup is written.
    Backup,
}

impl BlockJobKind {
    /// From libvirt's integer.
    #[must_use]
    pub fn from_raw(raw: i32) -> Self {
        match raw {
            1 => Self::Pull,
            2 => Self::Copy,
            3 => Self::Commit,
            4 => Self::ActiveCommit,
            5 => Self::Backup,
            _ => Self::Unknown,
        }
    }

    /// Its label on the screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "Block Job",
            Self::Pull => "Block Pull",
            Self::Copy => "Block Copy",
            Self::Commit => "Block Commit",
            Self::ActiveCommit => "Active Commit",
            Self::Backup => "Backup",
        }
    }

    /// Whether it waits for a pivot when it is done.
    #[must_use]
    pub fn pivots(self) -> bool {
        matches!(self, Self::Copy | Self::ActiveCommit)
    }
}

/// `virDomainGetBlockJobInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockJob {
    /// What it does.
    pub kind: BlockJobKind,
    /// Its limit in bytes a second; 0 is none.
    pub limit_bps: u64,
    /// How far it is, in units of `end`.
    pub done: u64,
    /// How far it goes; grows while the guest writes.
    pub end: u64,
}

/// `virDomainDiskErrorCode`: what went wrong with a disk since the domain was resumed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskError {
    /// Something.
    Unspecified,
    /// Its storage is full.
    NoSpace,
}

impl DiskError {
    /// In virsh's words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified error",
            Self::NoSpace => "no space",
        }
    }
}

/// One `<disk>` with its chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskFacts {
    /// `target/@dev`, such as `vda`.
    pub target: String,
    /// `alias/@name`, by which the guest agent names it; live XML only.
    pub alias: Option<String>,
    /// `@device`: disk, cdrom, floppy, lun.
    pub device: String,
    /// `target/@bus`.
    pub bus: Option<String>,
    /// Attributes of `<driver>` other than name and type, such as `cache`, `io`, `discard`, `error_policy`; in its order.
    pub driver: Vec<(String, String)>,
    /// `<serial>`; untrusted.
    pub serial: Option<String>,
    /// `<readonly/>`.
    pub readonly: bool,
    /// `<shareable/>`.
    pub shareable: bool,
    /// The chain, the active layer first; empty for a drive without a medium.
    pub layers: Vec<DiskLayer>,
    /// The last layer is known to have none below it.
    pub complete: bool,
    /// The copy that a job writes.
    pub mirror: Option<DiskMirror>,
    /// Limits that are set (`<iotune>`), as parameters of `virDomainSetBlockIoTune`.
    pub limits: Vec<(String, u64)>,
    /// What went wrong with it; read of running domains.
    pub error: Option<DiskError>,
    /// The job on it.
    pub job: Option<BlockJob>,
    /// The definition for the next start has it too; `None` for a domain that is off or has no other definition.
    pub next_start: Option<bool>,
}

impl DiskFacts {
    /// The value of a driver's attribute.
    #[must_use]
    pub fn driver(&self, name: &str) -> Option<&str> {
        let found = self.driver.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A file system that the guest agent tells of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestFileSystem {
    /// Where it is mounted; untrusted.
    pub mountpoint: String,
    /// The guest's name of its device; untrusted.
    pub name: String,
    /// Its type; untrusted.
    pub kind: String,
    /// Its size in bytes.
    pub total_bytes: Option<u64>,
    /// Used of it, in bytes.
    pub used_bytes: Option<u64>,
    /// Aliases (or targets, of older libvirt) of the disks it lies on.
    pub disks: Vec<String>,
}
