//! Backups of a running domain's disks into files on its host.

use std::thread;
use std::time::Duration;

use super::{checkpoints, commit, facts};
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::protocol::{Backup, DomainSnapshots, NewCheckpoint};
use crate::snapshots as rules;
use crate::xml::Element;

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(250);

/// `VIR_DOMAIN_JOB_NONE`, `VIR_DOMAIN_JOB_COMPLETED` and `VIR_DOMAIN_JOB_CANCELLED` (libvirt-domain.h).
const NONE: i32 = 0;
const COMPLETED: i32 = 3;
const CANCELLED: i32 = 5;

/// Begins one, and with `wait` stays until it has ended. What a failed one has written is deleted again. `pausing` is called
/// when all that is left is to wait.
///
/// # Errors
/// libvirt's own, why it cannot be written, or how it ended.
pub fn begin(domain: &Domain, wanted: &Backup, pausing: impl FnOnce()) -> Result<()> {
    let known = facts(domain)?;
    if let Some(why) = rules::no_backup(&known, wanted) {
        return Err(Error::own(why));
    }
    let checkpoint = wanted.checkpoint.as_ref().map(|name| {
        let noted = NewCheckpoint {
            name: Some(name.clone()),
            disks: wanted
                .disks
                .iter()
                .map(|(target, _)| target.clone())
                .collect(),
            ..NewCheckpoint::default()
        };
        checkpoints::document(&known, &noted).document()
    });
    domain.begin_backup(&document(&known, wanted).document(), checkpoint.as_deref())?;
    if !wanted.wait {
        return Ok(());
    }
    pausing();
    let ended = loop {
        if !domain.state()?.0.is_active() {
            break Err(Error::own("the domain ended before its backup did"));
        }
        if !domain.has_job()? {
            break match domain.completed_job()?.kind {
                COMPLETED => Ok(()),
                // Nobody has kept how it ended.
                NONE => Ok(()),
                CANCELLED => Err(Error::own("the backup was given up")),
                _ => Err(Error::own(
                    "the backup failed: the log of the domain's QEMU may say why (is there room where it goes?)",
                )),
            };
        }
        thread::sleep(LOOK);
    };
    if ended.is_err() {
        // Half a disk under the name of a backup is worse than none.
        for (_, file) in &wanted.disks {
            commit::remove(domain, file);
        }
    }
    ended
}

fn document(known: &DomainSnapshots, wanted: &Backup) -> Element {
    let disks = known.disks.iter().filter(|disk| !disk.layers.is_empty());
    let disks = disks.map(|disk| {
        let element = Element::new("disk").with("name", &disk.target);
        let chosen = wanted
            .disks
            .iter()
            .find(|(target, _)| *target == disk.target);
        match chosen {
            None => element.with("backup", "no"),
            Some((_, file)) => element
                .with("backup", "yes")
                .with("type", "file")
                .child(Element::new("target").with("file", file))
                .child(Element::new("driver").with("type", &wanted.format)),
        }
    });
    Element::new("domainbackup")
        .with("mode", "push")
        .children(
            wanted
                .incremental
                .as_ref()
                .map(|name| Element::text("incremental", name)),
        )
        .child(Element::new("disks").children(disks))
}
