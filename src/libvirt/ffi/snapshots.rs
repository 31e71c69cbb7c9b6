//! Snapshots of a domain.

use super::events::text as copied;
use super::verbs::{done, text};
use super::{Domain, Error, Result};
use crate::protocol::{NewSnapshot, Revert, RevertedAs, SnapshotDelete};

/// A snapshot as libvirt gives it.
pub struct SnapshotRecord {
    /// Its name.
    pub name: String,
    /// Whether the domain goes on from it.
    pub current: bool,
    /// Its XML.
    pub xml: String,
}

/// A looked-up snapshot, released with its value.
struct Snapshot(virt_sys::virDomainSnapshotPtr);

impl Drop for Snapshot {
    fn drop(&mut self) {
        // SAFETY: the pointer came from libvirt with a reference of its own, which is given back once.
        unsafe { virt_sys::virDomainSnapshotFree(self.0) };
    }
}

impl Domain {
    /// All snapshots that libvirt remembers (`virDomainListAllSnapshots`). What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn snapshots(&self) -> Result<Vec<SnapshotRecord>> {
        let meter = self.meter();
        let found = meter.call("virDomainListAllSnapshots", || {
            self.handle.list_all_snapshots(0)
        })?;
        let current = self.current_snapshot()?;
        let records = found.iter().filter_map(|snapshot| {
            let xml = meter.call("virDomainSnapshotGetXMLDesc", || snapshot.xml_desc(0));
            let name = snapshot.name().ok()?;
            Some(SnapshotRecord {
                current: current.as_ref() == Some(&name),
                name,
                xml: xml.ok()?,
            })
        });
        Ok(records.collect())
    }

    /// Names of all snapshots and of the current one: two calls, however many there are.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn snapshot_names(&self) -> Result<(Vec<String>, Option<String>)> {
        let found = self.meter().call("virDomainListAllSnapshots", || {
            self.handle.list_all_snapshots(0)
        })?;
        let mut names: Vec<_> = found
            .iter()
            .filter_map(|snapshot| snapshot.name().ok())
            .collect();
        names.sort();
        Ok((names, self.current_snapshot()?))
    }

    /// `virDomainSnapshotCurrent`: the name of the one that the domain goes on from; `None` where there is none.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn current_snapshot(&self) -> Result<Option<String>> {
        // SAFETY: the handle is valid.
        let raw = self.meter().call("virDomainSnapshotCurrent", || unsafe {
            virt_sys::virDomainSnapshotCurrent(self.raw(), 0)
        });
        if raw.is_null() {
            let error = Error::last();
            return match error.is_no_snapshot() {
                true => Ok(None),
                false => Err(error),
            };
        }
        let snapshot = Snapshot(raw);
        // SAFETY: the snapshot is valid, its name is owned by it and copied.
        let name = unsafe { virt_sys::virDomainSnapshotGetName(snapshot.0) };
        Ok(Some(copied(name)))
    }

    /// `virDomainSnapshotGetXMLDesc` with secrets, which a redefinition would lose otherwise.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn snapshot_xml(&self, name: &str) -> Result<String> {
        let snapshot = self.snapshot(name)?;
        // SAFETY: the snapshot is valid until the end of this function; the text belongs to us.
        let raw = self.meter().call("virDomainSnapshotGetXMLDesc", || unsafe {
            virt_sys::virDomainSnapshotGetXMLDesc(
                snapshot.0,
                virt_sys::VIR_DOMAIN_SNAPSHOT_XML_SECURE,
            )
        });
        owned(raw)
    }

    /// `virDomainSnapshotCreateXML` with `REDEFINE`: libvirt remembers it so from now on; no data are touched.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn redefine_snapshot(&self, xml: &str, current: bool) -> Result<()> {
        let flags = [
            (true, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE),
            (current, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT),
        ];
        let xml = text(xml)?;
        // SAFETY: the handle is valid, the text is NUL-terminated and copied by libvirt.
        let raw = self.meter().call("virDomainSnapshotCreateXML", || unsafe {
            virt_sys::virDomainSnapshotCreateXML(self.raw(), xml.as_ptr(), joined(&flags))
        });
        if raw.is_null() {
            return Err(Error::last());
        }
        drop(Snapshot(raw));
        Ok(())
    }

    /// The metadata of a snapshot, and whether its passwords are among them.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn snapshot_to_edit(&self, name: &str) -> Result<(String, bool)> {
        let meter = self.meter();
        let found = meter.call("virDomainListAllSnapshots", || {
            self.handle.list_all_snapshots(0)
        })?;
        let snapshot = found
            .iter()
            .find(|snapshot| snapshot.name().is_ok_and(|its| its == name))
            .ok_or_else(|| Error::own(format!("there is no snapshot '{name}'")))?;
        let read = |flags| meter.call("virDomainSnapshotGetXMLDesc", || snapshot.xml_desc(flags));
        match read(virt_sys::VIR_DOMAIN_SNAPSHOT_XML_SECURE) {
            Ok(text) => Ok((text, true)),
            Err(_) => Ok((read(0)?, false)),
        }
    }

    /// Replaces the metadata of a snapshot (`VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE`).
    ///
    /// # Errors
    /// libvirt's own, or a text with a NUL.
    pub fn redefine_edited_snapshot(&self, xml: &str, validate: bool) -> Result<()> {
        let xml = text(xml)?;
        let mut flags = virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE;
        if validate {
            flags |= virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE;
        }
        // SAFETY: the handle is valid, the XML is NUL-terminated and copied by libvirt.
        let made = self.meter().call("virDomainSnapshotCreateXML", || unsafe {
            virt_sys::virDomainSnapshotCreateXML(self.raw(), xml.as_ptr(), flags)
        });
        if made.is_null() {
            return Err(Error::last());
        }
        drop(Snapshot(made));
        Ok(())
    }

    /// `virDomainSnapshotCreateXML`; its name.
    ///
    /// # Errors
    /// libvirt's own, or a text with a NUL.
    pub fn create_snapshot(&self, xml: &str, wanted: &NewSnapshot) -> Result<()> {
        let flags = [
            (
                wanted.disk_only,
                virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY,
            ),
            (wanted.quiesce, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE),
            (wanted.atomic, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC),
            (wanted.halt, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_HALT),
            (wanted.live, virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_LIVE),
            (
                wanted.reuse_external,
                virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT,
            ),
            (
                wanted.no_metadata,
                virt_sys::VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA,
            ),
        ];
        let xml = text(xml)?;
        // SAFETY: the handle is valid, the text is NUL-terminated and copied by libvirt.
        let raw = self.meter().call("virDomainSnapshotCreateXML", || unsafe {
            virt_sys::virDomainSnapshotCreateXML(self.raw(), xml.as_ptr(), joined(&flags))
        });
        if raw.is_null() {
            return Err(Error::last());
        }
        drop(Snapshot(raw));
        Ok(())
    }

    /// `virDomainRevertToSnapshot`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn revert(&self, revert: &Revert) -> Result<()> {
        let snapshot = self.snapshot(&revert.name)?;
        let flags = [
            (
                revert.then == RevertedAs::Running,
                virt_sys::VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING,
            ),
            (
                revert.then == RevertedAs::Paused,
                virt_sys::VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED,
            ),
            (revert.force, virt_sys::VIR_DOMAIN_SNAPSHOT_REVERT_FORCE),
        ];
        // SAFETY: the snapshot is valid until the end of this function.
        let result = self.meter().call("virDomainRevertToSnapshot", || unsafe {
            virt_sys::virDomainRevertToSnapshot(snapshot.0, joined(&flags))
        });
        done(result)
    }

    /// `virDomainSnapshotDelete`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn delete_snapshot(&self, delete: &SnapshotDelete) -> Result<()> {
        let snapshot = self.snapshot(&delete.name)?;
        let flags = [
            (
                delete.children,
                virt_sys::VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN,
            ),
            (
                delete.children_only,
                virt_sys::VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY,
            ),
            (
                delete.metadata,
                virt_sys::VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY,
            ),
        ];
        // SAFETY: the snapshot is valid until the end of this function.
        let result = self.meter().call("virDomainSnapshotDelete", || unsafe {
            virt_sys::virDomainSnapshotDelete(snapshot.0, joined(&flags))
        });
        done(result)
    }

    fn snapshot(&self, name: &str) -> Result<Snapshot> {
        let name = text(name)?;
        // SAFETY: the handle is valid, the name is NUL-terminated and not kept.
        let raw = self
            .meter()
            .call("virDomainSnapshotLookupByName", || unsafe {
                virt_sys::virDomainSnapshotLookupByName(self.raw(), name.as_ptr(), 0)
            });
        if raw.is_null() {
            return Err(Error::last());
        }
        Ok(Snapshot(raw))
    }
}

/// A text that libvirt allocated, freed when it was copied.
pub(super) fn owned(raw: *mut std::ffi::c_char) -> Result<String> {
    if raw.is_null() {
        return Err(Error::last());
    }
    let text = copied(raw);
    // SAFETY: libvirt allocated it with malloc, and it is freed once, after it was copied.
    unsafe { libc::free(raw.cast()) };
    Ok(text)
}

pub(super) fn joined(flags: &[(bool, u32)]) -> u32 {
    flags
        .iter()
        .filter(|(on, _)| *on)
        .fold(0, |bits, (_, flag)| bits | flag)
}
