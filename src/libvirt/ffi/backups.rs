//! Checkpoints of a domain, and backups.

use std::ptr;

use super::events::text as copied;
use super::snapshots::{joined, owned};
use super::verbs::{done, text};
use super::{Domain, Error, Result};
use crate::protocol::CheckpointDelete;

/// A looked-up checkpoint, released with its value.
struct Checkpoint(virt_sys::virDomainCheckpointPtr);

impl Drop for Checkpoint {
    fn drop(&mut self) {
        // SAFETY: the pointer came from libvirt with a reference of its own, which is given back once.
        unsafe { virt_sys::virDomainCheckpointFree(self.0) };
    }
}

impl Checkpoint {
    fn name(&self) -> String {
        // SAFETY: the checkpoint is valid, its name is owned by it and copied.
        copied(unsafe { virt_sys::virDomainCheckpointGetName(self.0) })
    }
}

impl Domain {
    /// Names of all checkpoints.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn checkpoint_names(&self) -> Result<Vec<String>> {
        let mut names: Vec<_> = self
            .all_checkpoints()?
            .iter()
            .map(Checkpoint::name)
            .collect();
        names.sort();
        Ok(names)
    }

    /// Names and documents of all checkpoints. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn checkpoints(&self) -> Result<Vec<(String, String)>> {
        let all = self.all_checkpoints()?;
        let read = all.iter().filter_map(|checkpoint| {
            // SAFETY: the checkpoint is valid; the text belongs to us.
            let raw = self
                .meter()
                .call("virDomainCheckpointGetXMLDesc", || unsafe {
                    virt_sys::virDomainCheckpointGetXMLDesc(
                        checkpoint.0,
                        virt_sys::VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN,
                    )
                });
            Some((checkpoint.name(), owned(raw).ok()?))
        });
        Ok(read.collect())
    }

    fn all_checkpoints(&self) -> Result<Vec<Checkpoint>> {
        let mut list = ptr::null_mut();
        // SAFETY: the handle is valid, `list` is a place for the list.
        let count = self.meter().call("virDomainListAllCheckpoints", || unsafe {
            virt_sys::virDomainListAllCheckpoints(self.raw(), &raw mut list, 0)
        });
        let Ok(count) = usize::try_from(count) else {
            return Err(Error::last());
        };
        // SAFETY: libvirt filled `count` places, each with a reference that is ours from now on.
        let found = (0..count)
            .map(|at| Checkpoint(unsafe { *list.add(at) }))
            .collect();
        // SAFETY: libvirt allocated the list itself with malloc; the references were taken out.
        unsafe { libc::free(list.cast()) };
        Ok(found)
    }

    /// `virDomainCheckpointCreateXML`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn create_checkpoint(&self, xml: &str, quiesce: bool) -> Result<()> {
        let flags = [(quiesce, virt_sys::VIR_DOMAIN_CHECKPOINT_CREATE_QUIESCE)];
        let xml = text(xml)?;
        // SAFETY: the handle is valid, the text is NUL-terminated and copied by libvirt.
        let raw = self
            .meter()
            .call("virDomainCheckpointCreateXML", || unsafe {
                virt_sys::virDomainCheckpointCreateXML(self.raw(), xml.as_ptr(), joined(&flags))
            });
        if raw.is_null() {
            return Err(Error::last());
        }
        drop(Checkpoint(raw));
        Ok(())
    }

    /// `virDomainCheckpointDelete`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn delete_checkpoint(&self, delete: &CheckpointDelete) -> Result<()> {
        let name = text(&delete.name)?;
        // SAFETY: the handle is valid, the name is NUL-terminated and not kept.
        let raw = self
            .meter()
            .call("virDomainCheckpointLookupByName", || unsafe {
                virt_sys::virDomainCheckpointLookupByName(self.raw(), name.as_ptr(), 0)
            });
        if raw.is_null() {
            return Err(Error::last());
        }
        let checkpoint = Checkpoint(raw);
        let flags = [
            (
                delete.children,
                virt_sys::VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN,
            ),
            (
                delete.metadata,
                virt_sys::VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY,
            ),
        ];
        // SAFETY: the checkpoint is valid until the end of this function.
        done(self.meter().call("virDomainCheckpointDelete", || unsafe {
            virt_sys::virDomainCheckpointDelete(checkpoint.0, joined(&flags))
        }))
    }

    /// `virDomainBackupBegin`; `checkpoint` is begun at the same moment.
    ///
    /// # Errors
    /// libvirt's own, such as that a file is there already.
    pub fn begin_backup(&self, xml: &str, checkpoint: Option<&str>) -> Result<()> {
        let xml = text(xml)?;
        let checkpoint = checkpoint.map(text).transpose()?;
        let begun = checkpoint
            .as_ref()
            .map_or(ptr::null(), |checkpoint| checkpoint.as_ptr());
        // SAFETY: the handle is valid; the texts are null or NUL-terminated and copied by libvirt.
        done(self.meter().call("virDomainBackupBegin", || unsafe {
            virt_sys::virDomainBackupBegin(self.raw(), xml.as_ptr(), begun, 0)
        }))
    }
}
