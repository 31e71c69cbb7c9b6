//! Commands about snapshots, checkpoints and backups, and back.

use super::verb::Words;
use super::{Given, WordError};
use crate::model::Uuid;
use crate::protocol::{
    Backup, CheckpointDelete, DiskPart, DomainVerb, NewCheckpoint, NewSnapshot, Revert, RevertedAs,
    SnapshotDelete, SnapshotEdit,
};

/// What a command asks of libvirt: `Ok(None)` for one that is not about these, or only reads.
pub(super) fn read(given: &Given) -> Result<Option<DomainVerb>, WordError> {
    let has = |name: &str| given.has(name);
    let text = |name: &str| given.value(name).unwrap_or_default().to_owned();
    let some = |name: &str| given.value(name).map(str::to_owned);
    Ok(Some(match given.command.name {
        "snapshot-create-as" => {
            let disks = given.all("diskspec").map(disk_part);
            DomainVerb::SnapshotCreate(NewSnapshot {
                name: some("name"),
                description: some("description"),
                disk_only: has("disk-only"),
                // virsh takes file=PATH and a path alone.
                memory_file: some("memspec")
                    .map(|spec| spec.strip_prefix("file=").unwrap_or(&spec).to_owned()),
                disks: disks.collect::<Result<_, _>>()?,
                live: has("live"),
                quiesce: has("quiesce"),
                atomic: has("atomic"),
                halt: has("halt"),
                reuse_external: has("reuse-external"),
                no_metadata: has("no-metadata"),
            })
        }
        "snapshot-revert" => DomainVerb::SnapshotRevert(Revert {
            name: text("snapshotname"),
            then: match (has("running"), has("paused")) {
                (true, true) => return Err(WordError::Both("running", "paused")),
                (true, false) => RevertedAs::Running,
                (false, true) => RevertedAs::Paused,
                (false, false) => RevertedAs::AsItWas,
            },
            force: has("force"),
            snapshot_first: has("snapshot-first"),
            commit_first: has("commit-first"),
        }),
        "snapshot-delete" => {
            if has("children") && has("children-only") {
                return Err(WordError::Both("children", "children-only"));
            }
            DomainVerb::SnapshotDelete(SnapshotDelete {
                name: text("snapshotname"),
                children: has("children"),
                children_only: has("children-only"),
                metadata: has("metadata"),
            })
        }
        "snapshot-edit" => DomainVerb::SnapshotEdit(SnapshotEdit {
            name: text("snapshotname"),
            rename: some("new-name"),
            description: some("description"),
        }),
        "checkpoint-create-as" => {
            let named = given
                .all("diskspec")
                .filter(|spec| !spec.ends_with(",checkpoint=no"));
            DomainVerb::CheckpointCreate(NewCheckpoint {
                name: some("name"),
                description: some("description"),
                disks: named
                    .map(|spec| spec.split(',').next().unwrap_or(spec).to_owned())
                    .collect(),
                quiesce: has("quiesce"),
            })
        }
        "checkpoint-delete" => DomainVerb::CheckpointDelete(CheckpointDelete {
            name: text("checkpointname"),
            children: has("children"),
            metadata: has("metadata"),
        }),
        "backup-begin" => {
            let mut disks = Vec::new();
            for spec in given.all("diskspec") {
                match disk_part(spec)? {
                    (target, DiskPart::External(file)) => {
                        disks.push((target, file.unwrap_or_default()));
                    }
                    (target, _) => {
                        return Err(WordError::Value(format!(
                            "'{target}' is left out of a backup by not naming it"
                        )));
                    }
                }
            }
            DomainVerb::Backup(Box::new(Backup {
                disks,
                dir: some("dir"),
                format: some("format").unwrap_or_else(|| "qcow2".to_owned()),
                incremental: some("incremental"),
                checkpoint: some("checkpoint"),
                wait: has("wait"),
            }))
        }
        _ => return Ok(None),
    }))
}

/// What `vda[,snapshot=no|internal|external][,file=PATH]` says; a comma in a path is written twice, as virsh does.
///
/// # Errors
/// What of it is not understood.
pub fn disk_part(spec: &str) -> Result<(String, DiskPart), WordError> {
    let mut words: Vec<String> = vec![String::new()];
    let mut letters = spec.chars().peekable();
    while let Some(letter) = letters.next() {
        let word = words.last_mut();
        match (letter, letters.peek(), word) {
            (',', Some(','), Some(word)) => {
                letters.next();
                word.push(',');
            }
            (',', ..) => words.push(String::new()),
            (letter, _, Some(word)) => word.push(letter),
            _ => {}
        }
    }
    let mut words = words.into_iter();
    let target = words.next().unwrap_or_default();
    let (mut place, mut file) = ("external".to_owned(), None);
    for word in words {
        match word.split_once('=') {
            Some(("snapshot", value)) => place = value.to_owned(),
            Some(("file", value)) => file = Some(value.to_owned()),
            _ => {
                return Err(WordError::Value(format!(
                    "'{word}' of '{spec}' is not understood: snapshot=no, snapshot=external and file=PATH are"
                )));
            }
        }
    }
    let part = match place.as_str() {
        "no" => DiskPart::No,
        "internal" => DiskPart::Internal,
        "external" => DiskPart::External(file),
        other => {
            return Err(WordError::Value(format!(
                "snapshot={other} of '{spec}' is none of no, internal, external"
            )));
        }
    };
    Ok((target, part))
}

fn spec(target: &str, part: &DiskPart) -> String {
    match part {
        DiskPart::No => format!("{target},snapshot=no"),
        DiskPart::Internal => format!("{target},snapshot=internal"),
        DiskPart::External(None) => target.to_owned(),
        DiskPart::External(Some(file)) => format!("{target},file={}", file.replace(',', ",,")),
    }
}

/// The command of a verb about these.
pub(super) const fn command(verb: &DomainVerb) -> Option<&'static str> {
    Some(match verb {
        DomainVerb::SnapshotCreate(_) => "snapshot-create-as",
        DomainVerb::SnapshotRevert(_) => "snapshot-revert",
        DomainVerb::SnapshotDelete(_) => "snapshot-delete",
        DomainVerb::SnapshotEdit(_) => "snapshot-edit",
        DomainVerb::CheckpointCreate(_) => "checkpoint-create-as",
        DomainVerb::CheckpointDelete(_) => "checkpoint-delete",
        DomainVerb::Backup(_) => "backup-begin",
        _ => return None,
    })
}

/// The line for a shell that does the same where one command of virsh's is not enough: with what is done before, or with the
/// documents that virsh reads from files. `None` where [`super::given()`] says all of it.
#[must_use]
pub fn several(verb: &DomainVerb, name: &str, uuid: Uuid, host: &str) -> Option<String> {
    let virsh = |verb: &DomainVerb| {
        let mut given = super::given(verb, name, uuid)?;
        given.host = Some(host.to_owned());
        Some(format!("virsh {}", given.line()))
    };
    match verb {
        DomainVerb::Arrange(arrange) if arrange.steps.len() > 1 => {
            let lines: Option<Vec<_>> = arrange.steps.iter().map(virsh).collect();
            let mut line = lines?.join(" && ");
            if let Some(seconds) = arrange.seconds {
                line.push_str(&format!("   and back after {seconds} s"));
            }
            Some(line)
        }
        DomainVerb::SnapshotRevert(revert) if revert.snapshot_first => {
            let first = virsh(&DomainVerb::SnapshotCreate(NewSnapshot::default()))?;
            let then = virsh(&DomainVerb::SnapshotRevert(Revert {
                snapshot_first: false,
                ..revert.clone()
            }))?;
            Some(format!("{first} && {then}"))
        }
        DomainVerb::Backup(backup) => {
            let file = |text: &str| format!("<(printf %s {})", super::join([text]));
            let domain = super::domain_word(name, uuid);
            let mut line = format!(
                "virsh {} --backupxml {}",
                super::join(["-c", host, "backup-begin", "--domain", domain.as_ref()]),
                file(&document(backup))
            );
            if let Some(name) = &backup.checkpoint {
                let disks = backup.disks.iter();
                let disks: String = disks
                    .map(|(target, _)| format!("<disk name='{}'/>", escaped(target)))
                    .collect();
                let text = format!(
                    "<domaincheckpoint><name>{}</name><disks>{disks}</disks></domaincheckpoint>",
                    escaped(name)
                );
                line.push_str(&format!(" --checkpointxml {}", file(&text)));
            }
            // A plain shell has no files made of commands.
            Some(format!("bash -c {}", super::join([line.as_str()])))
        }
        _ => None,
    }
}

/// What virsh reads from a file.
fn document(backup: &Backup) -> String {
    let since = backup
        .incremental
        .as_ref()
        .map_or_else(String::new, |name| {
            format!("<incremental>{}</incremental>", escaped(name))
        });
    let disks = backup.disks.iter().map(|(target, file)| {
        format!(
            "<disk name='{}' type='file'><target file='{}'/><driver type='{}'/></disk>",
            escaped(target),
            escaped(file),
            escaped(&backup.format)
        )
    });
    let disks: String = disks.collect();
    format!("<domainbackup mode='push'>{since}<disks>{disks}</disks></domainbackup>")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('\'', "&apos;")
}

/// Options that ask the same.
pub(super) fn words(verb: &DomainVerb, words: &mut Words<'_>) {
    match verb {
        DomainVerb::SnapshotCreate(wanted) => {
            words.maybe("name", wanted.name.clone());
            words.maybe("description", wanted.description.clone());
            words.maybe("memspec", wanted.memory_file.clone());
            words.flag("no-metadata", wanted.no_metadata);
            words.flag("halt", wanted.halt);
            words.flag("disk-only", wanted.disk_only);
            words.flag("reuse-external", wanted.reuse_external);
            words.flag("quiesce", wanted.quiesce);
            words.flag("atomic", wanted.atomic);
            words.flag("live", wanted.live);
            for (target, part) in &wanted.disks {
                words.value("diskspec", spec(target, part));
            }
        }
        DomainVerb::SnapshotRevert(revert) => {
            words.value("snapshotname", revert.name.clone());
            words.flag("running", revert.then == RevertedAs::Running);
            words.flag("paused", revert.then == RevertedAs::Paused);
            // What is done before is a command of its own.
            words.flag("force", revert.force);
        }
        DomainVerb::SnapshotDelete(delete) => {
            words.value("snapshotname", delete.name.clone());
            words.flag("children", delete.children);
            words.flag("children-only", delete.children_only);
            words.flag("metadata", delete.metadata);
        }
        DomainVerb::SnapshotEdit(edit) => {
            words.value("snapshotname", edit.name.clone());
            words.maybe("description", edit.description.clone());
            words.maybe("new-name", edit.rename.clone());
        }
        DomainVerb::CheckpointCreate(wanted) => {
            words.maybe("name", wanted.name.clone());
            words.maybe("description", wanted.description.clone());
            words.flag("quiesce", wanted.quiesce);
            for target in &wanted.disks {
                words.value("diskspec", target.clone());
            }
        }
        DomainVerb::CheckpointDelete(delete) => {
            words.value("checkpointname", delete.name.clone());
            words.flag("children", delete.children);
            words.flag("metadata", delete.metadata);
        }
        DomainVerb::Backup(backup) => {
            words.maybe("dir", backup.dir.clone());
            for (target, file) in &backup.disks {
                let file = Some(file.clone()).filter(|file| !file.is_empty());
                words.value("diskspec", spec(target, &DiskPart::External(file)));
            }
            words.value("format", backup.format.clone());
            words.maybe("incremental", backup.incremental.clone());
            words.maybe("checkpoint", backup.checkpoint.clone());
            words.flag("wait", backup.wait);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_a_line_for_a_shell() {
        let backup = Backup {
            disks: vec![("vda".to_owned(), "/b/a&b".to_owned())],
            format: "qcow2".to_owned(),
            checkpoint: Some("next".to_owned()),
            wait: true,
            ..Backup::default()
        };
        let uuid = "00000000-0000-0000-0000-000000000001".parse().unwrap();
        let line = several(
            &DomainVerb::Backup(Box::new(backup)),
            "web 1",
            uuid,
            "qemu:///system",
        );
        let line = line.unwrap();
        assert!(
            line.starts_with("bash -c ") && line.contains("/b/a&amp;b"),
            "{line}"
        );
        assert!(line.contains("--checkpointxml"), "{line}");
        let revert = Revert {
            name: "a".to_owned(),
            snapshot_first: true,
            ..Revert::default()
        };
        let line = several(
            &DomainVerb::SnapshotRevert(revert),
            "web",
            uuid,
            "test:///default",
        );
        assert_eq!(
            line.unwrap(),
            "virsh -c test:///default snapshot-create-as -- web && virsh -c test:///default snapshot-revert -- web a"
        );
    }

    #[test]
    fn a_disk_is_said_as_virsh_says_it() {
        for (text, target, expected) in [
            ("vda", "vda", DiskPart::External(None)),
            ("vdb,snapshot=no", "vdb", DiskPart::No),
            ("vda,snapshot=internal", "vda", DiskPart::Internal),
            (
                "vda,file=/a,,b",
                "vda",
                DiskPart::External(Some("/a,b".to_owned())),
            ),
        ] {
            let (name, read) = disk_part(text).unwrap();
            assert_eq!((name.as_str(), &read), (target, &expected), "{text}");
            assert_eq!(spec(target, &expected), text);
        }
        assert!(disk_part("vda,nonsense").is_err() && disk_part("vda,snapshot=maybe").is_err());
    }
}
