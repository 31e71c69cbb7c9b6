//! Checkpoints: taken and deleted.

use super::facts;
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::protocol::{CheckpointDelete, DomainSnapshots, NewCheckpoint};
use crate::snapshots as rules;
use crate::xml::Element;

/// Takes one.
///
/// # Errors
/// libvirt's own, or why it cannot be taken.
pub fn create(domain: &Domain, wanted: &NewCheckpoint) -> Result<()> {
    let known = facts(domain)?;
    if let Some(why) = rules::no_checkpoint(&known, wanted) {
        return Err(Error::own(why));
    }
    domain.create_checkpoint(&document(&known, wanted).document(), wanted.quiesce)
}

/// Deletes one.
///
/// # Errors
/// libvirt's own, or why it cannot be deleted.
pub fn delete(domain: &Domain, delete: &CheckpointDelete) -> Result<()> {
    if let Some(why) = rules::no_checkpoint_delete(&facts(domain)?, delete) {
        return Err(Error::own(why));
    }
    domain.delete_checkpoint(delete)
}

/// The XML of a new one. libvirt would take all disks, and fail because of the first that cannot note what is written: those
/// that are not meant are named too.
pub(super) fn document(known: &DomainSnapshots, wanted: &NewCheckpoint) -> Element {
    let disks = known.disks.iter().filter(|disk| !disk.layers.is_empty());
    let disks = disks.map(|disk| {
        let noted = match wanted.disks.is_empty() {
            true => {
                let format = disk
                    .layers
                    .first()
                    .and_then(|layer| layer.format.as_deref());
                format == Some("qcow2") && !disk.readonly
            }
            false => wanted.disks.contains(&disk.target),
        };
        let element = Element::new("disk").with("name", &disk.target);
        element.with("checkpoint", if noted { "bitmap" } else { "no" })
    });
    Element::new("domaincheckpoint")
        .children(wanted.name.as_ref().map(|name| Element::text("name", name)))
        .children(
            wanted
                .description
                .as_ref()
                .map(|text| Element::text("description", text)),
        )
        .child(Element::new("disks").children(disks))
}
