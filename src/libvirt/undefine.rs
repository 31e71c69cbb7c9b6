//! Deleting a domain: what is in the way of it, what could go with it, and doing it.

use roxmltree::Document;

use super::ffi::{Domain, Error, Result};
use super::{snapshots, volumes};
use crate::domxml;
use crate::protocol::{DomainVerb, DoomedVolume, NvramChoice, Undefine, UndefinePlan, XmlKind};

/// What is in the way of deleting a domain, and each of its volumes with why it should stay.
///
/// # Errors
/// libvirt's own, or that the XML cannot be read.
pub fn plan(domain: &Domain) -> Result<UndefinePlan> {
    let (state, _) = domain.state()?;
    let persistent = domain.is_persistent()?;
    let kind = if persistent {
        XmlKind::Inactive
    } else {
        XmlKind::Live
    };
    let xml = domain.xml(kind)?;
    let definition =
        domxml::definition(&xml, false).map_err(|error| Error::own(error.to_string()))?;
    let own = definition.disks.iter().filter_map(|disk| {
        let path = disk.source.clone()?;
        Some((disk, path))
    });
    let mut plan = UndefinePlan {
        active: state.is_active(),
        persistent,
        managed_save: domain.has_managed_save().unwrap_or(false),
        // A running domain keeps its snapshots: it only becomes transient.
        snapshots: domain.snapshot_count().unwrap_or(0),
        checkpoints: domain.checkpoint_count().unwrap_or(0),
        nvram: nvram(&xml),
        volumes: Vec::new(),
    };
    let mut found = Vec::new();
    for (disk, path) in own {
        let volume = volumes::find(domain.connection(), &path);
        let mut row = DoomedVolume {
            target: disk.target.clone(),
            path,
            capacity_bytes: None,
            readonly: disk.readonly || disk.device != "disk",
            refusal: None,
        };
        match volume {
            Ok(volume) => {
                row.capacity_bytes = volume.capacity().ok();
                found.push((plan.volumes.len(), volume.path().to_owned()));
            }
            Err(error) => row.refusal = Some(format!("no active pool has it ({error})")),
        }
        plan.volumes.push(row);
    }
    let paths: Vec<String> = found.iter().map(|(_, path)| path.clone()).collect();
    for needed in volumes::needed(domain, &paths)? {
        for (at, path) in &found {
            if *path == needed.path {
                plan.volumes[*at].refusal = Some(needed.user.words());
            }
        }
    }
    Ok(plan)
}

/// The file of UEFI's variables in a definition; empty where libvirt has yet to name it.
fn nvram(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let node = document.descendants().find(|node| {
        node.has_tag_name("nvram")
            && node
                .parent_element()
                .is_some_and(|os| os.has_tag_name("os"))
    })?;
    Some(node.text().unwrap_or_default().trim().to_owned())
}

/// All that libvirt would refuse to undefine a domain for, each with the choice that takes it away: libvirt itself tells one
/// at a time. What cannot be asked is left to libvirt.
fn obstacles(domain: &Domain, choice: &Undefine) -> Vec<String> {
    let mut found = Vec::new();
    let saved = domain.has_managed_save().unwrap_or(false);
    if !choice.managed_save && saved {
        found.push("a saved state (--managed-save deletes it)".to_owned());
    }
    let number = |count: u32, what: &str, option: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural} ({option} forgets them; their data stay in the disks)")
    };
    // A running domain keeps its snapshots: it only becomes transient.
    let active = domain.state().is_ok_and(|(state, _)| state.is_active());
    let count = |count: Result<u32>| match active {
        true => 0,
        false => count.unwrap_or(0),
    };
    let snapshots = count(domain.snapshot_count());
    if !choice.snapshots_metadata && snapshots > 0 {
        found.push(number(snapshots, "snapshot", "--snapshots-metadata"));
    }
    let checkpoints = count(domain.checkpoint_count());
    if !choice.checkpoints_metadata && checkpoints > 0 {
        found.push(number(checkpoints, "checkpoint", "--checkpoints-metadata"));
    }
    // Alone it is left to libvirt, which refuses only when the file is there; but it has forgotten the rest by then.
    let others = saved || snapshots > 0 || checkpoints > 0;
    if others
        && choice.nvram == NvramChoice::Unsaid
        && domain
            .xml(XmlKind::Inactive)
            .is_ok_and(|xml| nvram(&xml).is_some())
    {
        found.push(
            "the variables of its firmware (--nvram deletes, --keep-nvram keeps them)".to_owned(),
        );
    }
    found
}

/// Deletes the definition and then the chosen volumes; all of them are looked at before anything is deleted.
///
/// # Errors
/// libvirt's own; all that is in the way at once; and which volumes could not be deleted.
pub fn perform(domain: &Domain, choice: &Undefine, verb: &DomainVerb) -> Result<()> {
    let doomed = volumes::chosen(domain, &choice.volumes)?;
    let obstacles = obstacles(domain, choice);
    if !obstacles.is_empty() {
        return Err(Error::own(format!(
            "in the way are {}; nothing was deleted",
            obstacles.join(", ")
        )));
    }
    let uuid = domain.uuid()?;
    domain.act(verb)?;
    // A running one only becomes transient, and keeps its snapshots.
    if domain.state().is_err_and(|error| error.is_no_domain()) {
        snapshots::forget_pictures(uuid);
    }
    let mut failed = Vec::new();
    for volume in doomed {
        if let Err(error) = volume.delete() {
            failed.push(format!("{}: {error}", volume.path()));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::own(format!(
        "the definition is deleted, but not every volume: {}",
        failed.join("; ")
    )))
}
