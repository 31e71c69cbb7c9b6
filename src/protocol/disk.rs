//! What is known of a domain's disks, what can be done to them, and jobs that take long.

use super::{Affect, PoolFill};
use crate::model::{BlockJobKind, DiskFacts, Uuid};

/// The disks of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainDisks {
    /// In document order.
    pub disks: Vec<DiskFacts>,
    /// How full the pools of their layers are.
    pub pools: Vec<PoolFill>,
    /// The figures are of a guest that was asked; a silent one is not.
    pub asked_guest: bool,
}

/// Who else needs a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUser {
    /// The file.
    pub path: String,
    /// In words: `domain db-1`, `volume web-2.qcow2 is based on it`; untrusted names are in it.
    pub user: String,
    /// The path of the volume, where it is one.
    pub volume: Option<String>,
}

/// A disk to plug in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewDisk {
    /// File or device on the host; `None` for a drive without a medium.
    pub source: Option<String>,
    /// Such as `vdb`.
    pub target: String,
    /// Bus; libvirt guesses it from the target.
    pub bus: Option<String>,
    /// disk, cdrom, floppy, lun; disk where nothing is said.
    pub device: Option<String>,
    /// Format of the source (`driver/@type`).
    pub format: Option<String>,
    /// `driver/@cache`.
    pub cache: Option<String>,
    /// `driver/@io`.
    pub io: Option<String>,
    /// `driver/@discard`; virtty's own, virsh has no word for it.
    pub discard: Option<String>,
    /// `<serial>`.
    pub serial: Option<String>,
    /// Read-only.
    pub readonly: bool,
    /// Shared with other guests.
    pub shareable: bool,
}

/// What is done with the medium of a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Medium {
    /// Take it out.
    Eject,
    /// Put this one in, into an empty drive.
    Insert(String),
    /// Put this one in, whatever is in it.
    Update(String),
}

/// What can be done to a disk of a domain, or to the job that runs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskVerb {
    /// `virDomainAttachDeviceFlags`.
    Attach(Box<NewDisk>, Affect),
    /// `virDomainDetachDeviceFlags` of the disk with this target. Its file stays.
    Detach(String, Affect),
    /// `virDomainUpdateDeviceFlags` of a drive.
    Media {
        /// Its target.
        target: String,
        /// What is done.
        medium: Medium,
        /// Open the tray although the guest has locked it.
        force: bool,
        /// Where.
        affect: Affect,
    },
    /// `virDomainBlockResize`.
    Resize {
        /// Its target.
        target: String,
        /// The new size in bytes; `None` takes that of the device below it.
        bytes: Option<u64>,
        /// A smaller size may be set too, which cuts off what lies behind it.
        shrink: bool,
    },
    /// `virDomainBlockCommit`: brings a layer into one below it.
    Commit(Box<Commit>),
    /// `virDomainBlockPull` or `virDomainBlockRebase`: brings layers below into the disk.
    Pull {
        /// Its target.
        target: String,
        /// The layer that stays below; all are brought in without it.
        base: Option<String>,
        /// Limit in bytes a second; 0 is none.
        limit_bps: u64,
        /// Wait until it is done.
        wait: bool,
    },
    /// `virDomainBlockCopy`: copies the disk, and moves the domain to the copy with a pivot.
    Copy(Box<Copy>),
    /// `virDomainBlockJobAbort`.
    EndJob {
        /// Target of the disk.
        target: String,
        /// Go on with the copy instead of giving it up.
        pivot: bool,
        /// Do not wait until it has ended.
        in_background: bool,
    },
    /// `virDomainBlockJobSetSpeed`.
    JobSpeed {
        /// Target of the disk.
        target: String,
        /// In bytes a second; 0 is no limit.
        limit_bps: u64,
    },
    /// `virDomainAbortJob`: gives up a save, dump, snapshot, backup or migration.
    AbortJob,
    /// `virDomainSetBlockIoTune` of the running domain for a while; what held before is put back then.
    Throttle {
        /// Target of the disk.
        target: String,
        /// Names and values, as libvirt reads them.
        values: Vec<(String, String)>,
        /// For so long.
        seconds: u32,
    },
}

/// See [`DiskVerb::Commit`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commit {
    /// Target of the disk.
    pub target: String,
    /// The layer that takes the data; the lowest where nothing is said.
    pub base: Option<String>,
    /// The layer whose data go into it; the active one where nothing is said.
    pub top: Option<String>,
    /// The next one below takes the data.
    pub shallow: bool,
    /// Limit in bytes a second; 0 is none.
    pub limit_bps: u64,
    /// The active layer may be the one that goes.
    pub active: bool,
    /// Delete the files that are not needed any more.
    pub delete: bool,
    /// Wait until it is done.
    pub wait: bool,
    /// Go on with the base when it is done; waits for that.
    pub pivot: bool,
    /// Stay with the active layer when it is done; waits for that.
    pub keep_overlay: bool,
}

/// See [`DiskVerb::Copy`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copy {
    /// Target of the disk.
    pub target: String,
    /// File or device that is written.
    pub dest: String,
    /// Its format; that of the disk where nothing is said.
    pub format: Option<String>,
    /// It is a block device.
    pub block_device: bool,
    /// Copy the active layer alone; the copy needs the ones below.
    pub shallow: bool,
    /// Write into a file that is there already.
    pub reuse_external: bool,
    /// Limit in bytes a second; 0 is none.
    pub limit_bps: u64,
    /// Wait until both are the same.
    pub wait: bool,
    /// Go on with the copy when both are the same; waits for that.
    pub pivot: bool,
    /// Stay with the disk when both are the same; waits for that.
    pub finish: bool,
}

impl DiskVerb {
    /// Whether it loses what nothing brings back, or may.
    #[must_use]
    pub fn loses(&self) -> bool {
        match self {
            Self::Commit(commit) => commit.delete,
            Self::Copy(copy) => copy.reuse_external || copy.block_device,
            Self::Resize { shrink, .. } => *shrink,
            Self::Media { force, .. } => *force,
            Self::EndJob { pivot, .. } => !pivot,
            Self::AbortJob => true,
            _ => false,
        }
    }

    /// libvirt's name of its call.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        match self {
            Self::Attach(..) => "virDomainAttachDeviceFlags",
            Self::Detach(..) => "virDomainDetachDeviceFlags",
            Self::Media { .. } => "virDomainUpdateDeviceFlags",
            Self::Resize { .. } => "virDomainBlockResize",
            Self::Commit(_) => "virDomainBlockCommit",
            Self::Pull { .. } => "virDomainBlockRebase",
            Self::Copy(_) => "virDomainBlockCopy",
            Self::EndJob { .. } => "virDomainBlockJobAbort",
            Self::JobSpeed { .. } => "virDomainBlockJobSetSpeed",
            Self::AbortJob => "virDomainAbortJob",
            Self::Throttle { .. } => "virDomainSetBlockIoTune",
        }
    }
}

/// What takes long.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LongKind {
    /// A job of the domain: `virDomainJobOperation`.
    Domain(i32),
    /// A job on the disk with this target.
    Block(BlockJobKind, String),
}

impl LongKind {
    /// Its name on the screen.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Block(kind, _) => kind.label(),
            Self::Domain(operation) => match operation {
                1 => "Start",
                2 => "Save",
                3 => "Restore",
                4 => "Migration In",
                5 => "Migration Out",
                6 => "Snapshot",
                7 => "Revert",
                8 => "Core Dump",
                9 => "Backup",
                10 => "Delete Snapshot",
                _ => "Job",
            },
        }
    }
}

/// A job of a domain that takes long, whoever began it, as libvirt tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongJob {
    /// Of which domain.
    pub uuid: Uuid,
    /// What.
    pub kind: LongKind,
    /// How far it is and how far it goes; bytes, but for block jobs of some hypervisors. `None` where libvirt does not tell.
    pub progress: Option<(u64, u64)>,
    /// Bytes a second, as libvirt tells or as two reads show.
    pub speed_bps: Option<u64>,
    /// Its limit in bytes a second, where it has one.
    pub limit_bps: Option<u64>,
    /// How long it runs, as libvirt tells.
    pub elapsed_ms: Option<u64>,
    /// How long it will take yet, as libvirt tells.
    pub remaining_ms: Option<u64>,
    /// Both sides are the same: it waits for a pivot.
    pub ready: bool,
}
