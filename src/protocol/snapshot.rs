//! What is known of the snapshots of a domain, and what can be done with them.

use crate::model::{Checkpoint, DiskFacts, Snapshot};

/// The snapshots of a domain, and what decides what can be done with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainSnapshots {
    /// In no order.
    pub snapshots: Vec<Snapshot>,
    /// Its checkpoints, in no order; `None` where the driver has none.
    pub checkpoints: Option<Vec<Checkpoint>>,
    /// Its disks as they are now, with their chains as far as the XML tells them.
    pub disks: Vec<DiskFacts>,
    /// Whether it runs or is paused.
    pub active: bool,
    /// The memory it has, in KiB.
    pub memory_kib: Option<u64>,
    /// Its firmware keeps its variables in a flash of its own (UEFI).
    pub pflash: bool,
    /// It has displays of which a picture can be taken.
    pub display: bool,
    /// Whether the guest agent is connected; `None` without a channel for one.
    pub agent: Option<bool>,
    /// A saved state waits for the next start.
    pub managed_save: bool,
    /// Whether the hypervisor is libvirt's test driver, to which none of QEMU's limits apply.
    pub test: bool,
    /// Version of the host's libvirt, as 1,000,000 a.b.c counts; `None` when it does not tell.
    pub libvirt: Option<u64>,
    /// What all of this was when it was read, to tell whether anything has changed.
    pub mark: u64,
}

/// How much room one takes, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSize {
    /// Its exact name.
    pub name: String,
    /// What the host has given the files of an external one; the memory that an internal one holds.
    pub bytes: u64,
}

/// The picture of a snapshot, in a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPicture {
    /// The snapshot's exact name.
    pub name: String,
    /// When it was taken, in seconds since 1970.
    pub created: i64,
    /// Columns of pixels at most.
    pub width: u16,
    /// Lines of pixels at most.
    pub height: u16,
}

/// What of a disk goes into a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskPart {
    /// Nothing.
    No,
    /// Its data stay where they are, and it goes on in this file; libvirt names one where there is none.
    External(Option<String>),
    /// All, within its own file.
    Internal,
}

/// A snapshot to take (`virDomainSnapshotCreateXML`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSnapshot {
    /// Its name; libvirt takes the seconds since 1970 where there is none.
    pub name: Option<String>,
    /// Any text.
    pub description: Option<String>,
    /// Disks alone, in files of their own above the present ones: an external snapshot.
    pub disk_only: bool,
    /// File on the host for the memory, which makes the snapshot of a running domain external.
    pub memory_file: Option<String>,
    /// Disks by target, where not all are treated alike.
    pub disks: Vec<(String, DiskPart)>,
    /// Let the guest run while its memory is written to that file.
    pub live: bool,
    /// Ask the guest agent to freeze the file systems meanwhile.
    pub quiesce: bool,
    /// All disks or none.
    pub atomic: bool,
    /// Leave the domain off afterwards.
    pub halt: bool,
    /// Take files that are there already.
    pub reuse_external: bool,
    /// Do not remember it.
    pub no_metadata: bool,
}

impl NewSnapshot {
    /// Whether the disks go on in files of their own.
    #[must_use]
    pub fn external(&self) -> bool {
        self.disk_only || self.memory_file.is_some()
    }
}

/// How a domain goes on after a revert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum RevertedAs {
    /// As it was when the snapshot was taken.
    #[default]
    AsItWas,
    /// Running.
    Running,
    /// Paused.
    Paused,
}

/// A snapshot to go back to (`virDomainRevertToSnapshot`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revert {
    /// Its exact name.
    pub name: String,
    /// What the domain does then.
    pub then: RevertedAs,
    /// Although libvirt thinks it risky.
    pub force: bool,
    /// Take a snapshot of the present state before, so that nothing is lost.
    pub snapshot_first: bool,
    /// Delete external snapshots above it before, whose files would be worth nothing afterwards: their data go down by block
    /// commit.
    pub commit_first: bool,
}

/// A snapshot to delete (`virDomainSnapshotDelete`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotDelete {
    /// Its exact name.
    pub name: String,
    /// With all that descend from it.
    pub children: bool,
    /// Only those that descend from it.
    pub children_only: bool,
    /// Only what libvirt remembers; the data stay in the disks.
    pub metadata: bool,
}

/// Other words for a snapshot (`virDomainSnapshotCreateXML` with `REDEFINE`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotEdit {
    /// Its exact name.
    pub name: String,
    /// Another name; external ones alone can have one.
    pub rename: Option<String>,
    /// Another description; an empty one takes it away.
    pub description: Option<String>,
}

/// A checkpoint to take (`virDomainCheckpointCreateXML`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCheckpoint {
    /// Its name; libvirt takes the seconds since 1970 where there is none.
    pub name: Option<String>,
    /// Any text.
    pub description: Option<String>,
    /// Targets of the disks; all that can be noted where none is named.
    pub disks: Vec<String>,
    /// Ask the guest agent to freeze the file systems meanwhile.
    pub quiesce: bool,
}

/// A checkpoint to delete (`virDomainCheckpointDelete`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckpointDelete {
    /// Its exact name.
    pub name: String,
    /// With all that follow it.
    pub children: bool,
    /// Only what libvirt remembers; the bitmaps stay in the disks.
    pub metadata: bool,
}

/// A backup of disks into files (`virDomainBackupBegin`, push).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backup {
    /// Targets of the disks and the file on the host that each goes to, which must not be there yet. An empty one is named
    /// in `dir`; all disks are meant where none is.
    pub disks: Vec<(String, String)>,
    /// The folder on the host for files that have no name yet.
    pub dir: Option<String>,
    /// Format of the files: qcow2 or raw.
    pub format: String,
    /// Only what was written since this checkpoint; the files are worth something on top of an earlier backup alone.
    pub incremental: Option<String>,
    /// Begin a checkpoint of this name at the same moment, for the next incremental one.
    pub checkpoint: Option<String>,
    /// Wait until it is done.
    pub wait: bool,
}
