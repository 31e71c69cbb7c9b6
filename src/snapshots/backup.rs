//! Checkpoints and backups.

use super::create::no_freeze;
use super::{format, list, writable};
use crate::model::{DiskFacts, DiskInfo};
use crate::protocol::{Backup, CheckpointDelete, DomainSnapshots, NewCheckpoint};

/// Why a checkpoint cannot be taken; `None` when it can.
#[must_use]
pub fn no_checkpoint(facts: &DomainSnapshots, wanted: &NewCheckpoint) -> Option<String> {
    let Some(known) = &facts.checkpoints else {
        return Some("its hypervisor has no checkpoints".to_owned());
    };
    if let Some(name) = &wanted.name {
        if name.contains('/') || name.starts_with('.') {
            return Some(
                "the name of a checkpoint holds no '/' and does not begin with '.'".to_owned(),
            );
        }
        if known.iter().any(|one| one.name == *name) {
            return Some(format!(
                "it has a checkpoint '{name}' already: take another name"
            ));
        }
    }
    if facts.test {
        return None;
    }
    if !facts.active {
        return Some("it is off: checkpoints are taken of running domains".to_owned());
    }
    let fit: Vec<&str> = writable(facts)
        .filter(|disk| format(disk) == "qcow2")
        .map(|disk| disk.target.as_str())
        .collect();
    if fit.is_empty() {
        return Some("none of its disks is qcow2, which alone can note what is written".to_owned());
    }
    if let Some(bad) = wanted
        .disks
        .iter()
        .find(|target| !fit.contains(&target.as_str()))
    {
        return Some(format!(
            "{bad} cannot note what is written: only qcow2 does ({})",
            fit.join(", ")
        ));
    }
    wanted.quiesce.then(|| no_freeze(facts)).flatten()
}

/// Why a checkpoint cannot be deleted; `None` when it can.
#[must_use]
pub fn no_checkpoint_delete(facts: &DomainSnapshots, delete: &CheckpointDelete) -> Option<String> {
    let known = facts.checkpoints.as_deref().unwrap_or_default();
    if !known.iter().any(|one| one.name == delete.name) {
        return Some(format!("it has no checkpoint '{}'", delete.name));
    }
    (!facts.active && !delete.metadata && !facts.test).then(|| {
        "it is off: libvirt deletes checkpoints of running domains (--metadata forgets it and leaves its bitmaps in the disks)".to_owned()
    })
}

/// Gives each disk of a backup its file: those that are written to where none is named, in the folder that is given.
///
/// # Errors
/// That a file has no name and no folder.
pub fn settle(
    backup: &mut Backup,
    domain: &str,
    disks: &[DiskInfo],
    stamp: &str,
) -> Result<(), String> {
    if backup.disks.is_empty() {
        let written = disks.iter().filter(|disk| {
            matches!(disk.device.as_str(), "disk" | "lun")
                && !disk.readonly
                && disk.source.is_some()
        });
        backup.disks = written
            .map(|disk| (disk.target.clone(), String::new()))
            .collect();
    }
    // The name of a domain holds anything; that of a file is to be typed.
    let plain = |c: char| match c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
        true => c,
        false => '_',
    };
    let domain: String = domain.chars().map(plain).collect();
    let format = &backup.format;
    for (target, file) in backup.disks.iter_mut().filter(|(_, file)| file.is_empty()) {
        let Some(dir) = backup.dir.as_deref().filter(|dir| !dir.is_empty()) else {
            return Err(format!(
                "say where it goes: a folder on the host (--dir FOLDER), or a file for each disk (--diskspec {target},file=PATH)"
            ));
        };
        *file = format!(
            "{}/{domain}-{target}-{stamp}.{format}",
            dir.trim_end_matches('/')
        );
    }
    backup.dir = None;
    Ok(())
}

/// Why disks cannot be backed up so; `None` when they can.
#[must_use]
pub fn no_backup(facts: &DomainSnapshots, wanted: &Backup) -> Option<String> {
    let Some(checkpoints) = &facts.checkpoints else {
        return Some("its hypervisor writes no backups".to_owned());
    };
    if !facts.active {
        return Some("it is off: backups are written of running domains; the files of one that is off can be copied".to_owned());
    }
    if wanted.disks.is_empty() {
        return Some("no disk is chosen".to_owned());
    }
    for (at, (target, file)) in wanted.disks.iter().enumerate() {
        if !writable(facts).any(|disk| disk.target == *target) {
            let known: Vec<_> = writable(facts).map(|disk| disk.target.as_str()).collect();
            return Some(format!(
                "it has no disk '{target}' that is written to: there are {}",
                known.join(", ")
            ));
        }
        if !file.starts_with('/') {
            return Some(format!("{file} is not a whole path on the host"));
        }
        let holds = |disk: &&DiskFacts| disk.layers.iter().any(|layer| layer.source == *file);
        if let Some(own) = facts.disks.iter().find(holds) {
            return Some(format!("{file} is the disk {} itself", own.target));
        }
        if wanted.disks[..at].iter().any(|(_, other)| other == file) {
            return Some(format!("{file} is meant for two disks"));
        }
        let noted = |name: &String| {
            checkpoints
                .iter()
                .any(|one| one.name == *name && one.disks.contains(target))
        };
        match &wanted.incremental {
            Some(name) if !checkpoints.iter().any(|one| one.name == *name) => {
                let known: Vec<_> = checkpoints.iter().map(|one| one.name.as_str()).collect();
                return Some(match known.as_slice() {
                    [] => format!(
                        "it has no checkpoint '{name}', and none at all: the first backup is a full one"
                    ),
                    known => format!("it has no checkpoint '{name}': there are {}", list(known)),
                });
            }
            Some(name) if !noted(name) => {
                return Some(format!(
                    "{target} is not in the checkpoint '{name}': its first backup is a full one"
                ));
            }
            _ => {}
        }
    }
    if wanted.incremental.is_some() && wanted.format != "qcow2" {
        return Some(
            "an incremental backup is qcow2: it holds the rest of the disk by reference".to_owned(),
        );
    }
    if let Some(name) = &wanted.checkpoint {
        let disks = wanted.disks.iter();
        let noted = NewCheckpoint {
            name: Some(name.clone()),
            disks: disks.map(|(target, _)| target.clone()).collect(),
            ..NewCheckpoint::default()
        };
        return no_checkpoint(facts, &noted);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts};
    use super::*;
    use crate::model::Checkpoint;

    fn ground() -> DomainSnapshots {
        let mut facts = facts(
            vec![disk("vda", "qcow2", &["/a"]), disk("vdb", "raw", &["/b"])],
            Vec::new(),
        );
        facts.checkpoints = Some(vec![Checkpoint {
            name: "monday".to_owned(),
            disks: vec!["vda".to_owned()],
            ..Checkpoint::default()
        }]);
        facts
    }

    fn backup(disks: &[(&str, &str)]) -> Backup {
        Backup {
            disks: disks
                .iter()
                .map(|(target, file)| ((*target).to_owned(), (*file).to_owned()))
                .collect(),
            format: "qcow2".to_owned(),
            ..Backup::default()
        }
    }

    #[test]
    fn a_checkpoint_wants_a_running_domain_and_qcow2() {
        let mut facts = ground();
        let of = |disks: &[&str]| NewCheckpoint {
            name: Some("c".to_owned()),
            disks: disks.iter().map(|disk| (*disk).to_owned()).collect(),
            ..NewCheckpoint::default()
        };
        assert_eq!(no_checkpoint(&facts, &of(&[])), None);
        assert!(
            no_checkpoint(&facts, &of(&["vdb"]))
                .unwrap()
                .contains("only qcow2")
        );
        facts.active = false;
        assert!(no_checkpoint(&facts, &of(&[])).unwrap().contains("off"));
        let delete = CheckpointDelete {
            name: "monday".to_owned(),
            ..CheckpointDelete::default()
        };
        assert!(
            no_checkpoint_delete(&facts, &delete)
                .unwrap()
                .contains("--metadata")
        );
        facts.active = true;
        assert_eq!(no_checkpoint_delete(&facts, &delete), None);
    }

    #[test]
    fn each_disk_that_is_written_to_gets_a_file_in_the_folder() {
        let info = |target: &str, device: &str, source: Option<&str>| DiskInfo {
            target: target.to_owned(),
            device: device.to_owned(),
            source: source.map(str::to_owned),
            ..DiskInfo::default()
        };
        let disks = [
            info("vda", "disk", Some("/a")),
            info("sda", "cdrom", Some("/iso")),
            info("vdb", "disk", None),
        ];
        let mut wanted = backup(&[]);
        assert!(
            settle(&mut wanted, "web", &disks, "now")
                .unwrap_err()
                .contains("--dir")
        );
        wanted.disks.clear();
        wanted.dir = Some("/b/".to_owned());
        settle(&mut wanted, "../we b", &disks, "now").unwrap();
        assert_eq!(
            wanted.disks,
            [("vda".to_owned(), "/b/.._we_b-vda-now.qcow2".to_owned())]
        );
    }

    #[test]
    fn a_backup_never_goes_over_a_disk_and_an_incremental_one_knows_its_beginning() {
        let facts = ground();
        assert_eq!(
            no_backup(&facts, &backup(&[("vda", "/x"), ("vdb", "/y")])),
            None
        );
        for (disks, word) in [
            (&[("vda", "/a")][..], "itself"),
            (&[("vda", "/x"), ("vdb", "/x")], "two disks"),
            (&[("vda", "x")], "whole path"),
            (&[("vdc", "/x")], "no disk 'vdc'"),
            (&[], "no disk is chosen"),
        ] {
            let said = no_backup(&facts, &backup(disks)).unwrap();
            assert!(said.contains(word), "{said}");
        }
        let since = |disks: &[(&str, &str)], name: &str| Backup {
            incremental: Some(name.to_owned()),
            ..backup(disks)
        };
        assert_eq!(no_backup(&facts, &since(&[("vda", "/x")], "monday")), None);
        for (disks, name, word) in [
            (&[("vdb", "/x")][..], "monday", "not in the checkpoint"),
            (&[("vda", "/x")], "friday", "there are 'monday'"),
        ] {
            let said = no_backup(&facts, &since(disks, name)).unwrap();
            assert!(said.contains(word), "{said}");
        }
        let beginning = Backup {
            checkpoint: Some("next".to_owned()),
            ..backup(&[("vdb", "/y")])
        };
        assert!(
            no_backup(&facts, &beginning)
                .unwrap()
                .contains("only qcow2")
        );
    }
}
