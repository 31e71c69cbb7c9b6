//! What can be done with snapshots, checkpoints and backups of a domain, by which way, and what it costs.
//!
//! libvirt refuses much of it too, often with words that help nobody, and some it does though it spoils data: an internal
//! snapshot below an overlay is gone back to, and the overlay is worth nothing from the first write on. So it is judged here
//! first, by what [`DomainSnapshots`] says, for the screen (before anything is asked) and for the worker (with what holds
//! then). Pure.

mod backup;
mod create;
mod delete;
mod edit;
mod revert;
mod source;

pub use backup::{no_backup, no_checkpoint, no_checkpoint_delete, settle};
pub use create::{costs, no_create, no_internal};
pub use delete::{Step, Way, deletion};
pub use edit::no_edit;
pub use revert::{Obstacle, obstacle};
pub use source::{no_clone, within};

use crate::model::{DiskFacts, Snapshot, SnapshotKind};
use crate::protocol::DomainSnapshots;

/// The first libvirt that deletes external snapshots.
const DELETES_EXTERNAL: u64 = 9_000_000;
/// The first libvirt that goes back to external snapshots.
const REVERTS_EXTERNAL: u64 = 9_009_000;

/// Whether the libvirt of the host is as new as that; of one that does not tell it is not believed.
fn since(facts: &DomainSnapshots, version: u64) -> bool {
    facts.libvirt.is_some_and(|present| present >= version)
}

/// A version in words: 9.0.0.
fn version(facts: &DomainSnapshots) -> String {
    facts.libvirt.map_or_else(String::new, |v| {
        format!(" ({}.{}.{})", v / 1_000_000, v / 1000 % 1000, v % 1000)
    })
}

/// The snapshot of this exact name.
///
/// # Errors
/// That there is none.
pub fn named<'a>(facts: &'a DomainSnapshots, name: &str) -> Result<&'a Snapshot, String> {
    facts
        .snapshots
        .iter()
        .find(|snapshot| snapshot.name == name)
        .ok_or_else(|| format!("it has no snapshot '{name}'"))
}

/// Disks that a snapshot can be about: those that are written to.
fn writable(facts: &DomainSnapshots) -> impl Iterator<Item = &DiskFacts> {
    facts.disks.iter().filter(|disk| {
        matches!(disk.device.as_str(), "disk" | "lun") && !disk.readonly && !disk.layers.is_empty()
    })
}

/// The format of the file that a disk is on; raw is what libvirt takes where nothing is said.
fn format(disk: &DiskFacts) -> &str {
    disk.layers
        .first()
        .and_then(|layer| layer.format.as_deref())
        .unwrap_or("raw")
}

/// Whether a part of it is in files of its own.
fn has_external(snapshot: &Snapshot) -> bool {
    snapshot.kind != SnapshotKind::Internal
}

/// Whether a part of it is within the disks.
fn has_internal(snapshot: &Snapshot) -> bool {
    snapshot.kind != SnapshotKind::External
}

/// Those right below one, by date and name.
fn children<'a>(facts: &'a DomainSnapshots, name: &str) -> Vec<&'a Snapshot> {
    let mut found: Vec<_> = facts
        .snapshots
        .iter()
        .filter(|one| one.parent.as_deref() == Some(name))
        .collect();
    found.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    found
}

/// Names for a sentence.
fn list(names: &[&str]) -> String {
    /// More are counted.
    const NAMED: usize = 5;
    let mut words: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| format!("'{name}'"))
        .collect();
    if names.len() > NAMED {
        words.push(format!("{} more", names.len() - NAMED));
    }
    words.join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{DiskLayer, SnapshotDisk};

    /// A disk on files, the active one first.
    pub(crate) fn disk(target: &str, format: &str, files: &[&str]) -> DiskFacts {
        DiskFacts {
            target: target.to_owned(),
            device: "disk".to_owned(),
            layers: files
                .iter()
                .map(|file| DiskLayer {
                    kind: "file".to_owned(),
                    source: (*file).to_owned(),
                    format: Some(format.to_owned()),
                    ..DiskLayer::default()
                })
                .collect(),
            ..DiskFacts::default()
        }
    }

    /// A snapshot of vda, which was on `file`; external with an overlay.
    pub(crate) fn snapshot(
        name: &str,
        parent: Option<&str>,
        file: &str,
        overlay: Option<&str>,
    ) -> Snapshot {
        Snapshot {
            name: name.to_owned(),
            parent: parent.map(str::to_owned),
            created: Some(1),
            state: match overlay {
                Some(_) => "disk-snapshot".to_owned(),
                None => "running".to_owned(),
            },
            kind: match overlay {
                Some(_) => SnapshotKind::External,
                None => SnapshotKind::Internal,
            },
            memory: overlay.is_none(),
            current: false,
            description: None,
            disks: vec![SnapshotDisk {
                target: "vda".to_owned(),
                overlay: overlay.map(str::to_owned),
            }],
            files: vec![("vda".to_owned(), file.to_owned())],
            memory_file: None,
        }
    }

    /// A running domain on a libvirt of Debian 12.
    pub(crate) fn facts(disks: Vec<DiskFacts>, snapshots: Vec<Snapshot>) -> DomainSnapshots {
        DomainSnapshots {
            snapshots,
            disks,
            active: true,
            memory_kib: Some(2 * 1024 * 1024),
            libvirt: Some(9_000_000),
            checkpoints: Some(Vec::new()),
            ..DomainSnapshots::default()
        }
    }

    #[test]
    fn versions_are_said_as_people_know_them() {
        let facts = DomainSnapshots {
            libvirt: Some(10_011_002),
            ..DomainSnapshots::default()
        };
        assert_eq!(version(&facts), " (10.11.2)");
        assert!(since(&facts, REVERTS_EXTERNAL));
        assert!(!since(&DomainSnapshots::default(), DELETES_EXTERNAL));
    }
}
