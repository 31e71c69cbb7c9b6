//! A domain of a connection.

use virt::domain::Domain as Handle;

use super::{Connection, Error, Result};
use crate::libvirt::meter::Meter;
use crate::model::{DomainState, StateReason, Uuid};
use crate::protocol::XmlKind;
use crate::text::visible;

/// A domain handle. Field order matters: the handle goes before the connection it belongs to.
#[derive(Clone)]
pub struct Domain {
    pub(super) handle: Handle,
    connection: Connection,
}

/// `virDomainGetInfo`, which needs no monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// State without its reason.
    pub state: DomainState,
    /// Largest memory in KiB.
    pub max_memory_kib: u64,
    /// Current balloon size in KiB.
    pub memory_kib: u64,
    /// vCPUs online.
    pub vcpus: u32,
    /// CPU time in ns, cumulative; means nothing unless the domain runs.
    pub cpu_time_ns: u64,
}

impl Domain {
    pub(super) fn new(handle: Handle, connection: &Connection) -> Self {
        Self {
            handle,
            connection: connection.clone(),
        }
    }

    /// A reference of its own to a domain that something else owns.
    ///
    /// # Safety
    /// `raw` is a valid domain of `connection`.
    pub(super) unsafe fn reference(raw: virt_sys::virDomainPtr, connection: &Connection) -> Self {
        // SAFETY: by the contract of this function; virDomainRef is local and fails only for an invalid pointer.
        let handle = unsafe {
            virt_sys::virDomainRef(raw);
            Handle::from_ptr(raw)
        };
        Self::new(handle, connection)
    }

    pub(super) fn raw(&self) -> virt_sys::virDomainPtr {
        // SAFETY: as_ptr only copies the pointer, which lives as long as `self`.
        unsafe { self.handle.as_ptr() }
    }

    /// The connection it is a handle of.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Where its calls are counted.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        self.connection.meter()
    }

    /// `virDomainGetUUID`, no round trip.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn uuid(&self) -> Result<Uuid> {
        uuid_of(self.raw())
    }

    /// `virDomainGetName`, no round trip: the name as of the lookup.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn name(&self) -> Result<String> {
        Ok(self.handle.name()?)
    }

    /// `virDomainGetID`, no round trip: the id as of the lookup.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.handle.id()
    }

    /// `virDomainGetState`.
    ///
    /// # Errors
    /// libvirt's own, such as that the domain is gone.
    pub fn state(&self) -> Result<(DomainState, StateReason)> {
        let (mut state, mut reason) = (0, 0);
        // SAFETY: the handle is valid, both places are written by libvirt on success only.
        let result = self.meter().call("virDomainGetState", || unsafe {
            virt_sys::virDomainGetState(self.raw(), &raw mut state, &raw mut reason, 0)
        });
        if result < 0 {
            return Err(Error::last());
        }
        Ok((DomainState::from_raw(state), StateReason(reason)))
    }

    /// `virDomainGetInfo`.
    ///
    /// # Errors
    /// libvirt's own, such as that the domain is gone.
    pub fn info(&self) -> Result<Info> {
        let mut info = virt_sys::virDomainInfo {
            state: 0,
            maxMem: 0,
            memory: 0,
            nrVirtCpu: 0,
            cpuTime: 0,
        };
        // SAFETY: the handle is valid, `info` is a place of the right type.
        let result = self.meter().call("virDomainGetInfo", || unsafe {
            virt_sys::virDomainGetInfo(self.raw(), &raw mut info)
        });
        if result < 0 {
            return Err(Error::last());
        }
        Ok(Info {
            state: DomainState::from_raw(info.state.into()),
            max_memory_kib: info.maxMem,
            memory_kib: info.memory,
            vcpus: info.nrVirtCpu.into(),
            cpu_time_ns: info.cpuTime,
        })
    }

    /// `virDomainGetXMLDesc` without secrets.
    ///
    /// # Errors
    /// libvirt's own; a document too large for the protocol cannot be read.
    pub fn xml(&self, kind: XmlKind) -> Result<String> {
        let flags = match kind {
            XmlKind::Live => 0,
            XmlKind::Inactive => virt_sys::VIR_DOMAIN_XML_INACTIVE,
        };
        Ok(self
            .meter()
            .call("virDomainGetXMLDesc", || self.handle.xml_desc(flags))?)
    }

    /// `virDomainGetXMLDesc` with the secrets in it. The text must not leave `crate::libvirt` and must not be logged.
    ///
    /// # Errors
    /// libvirt's own; refused on a read-only connection.
    pub fn xml_with_secrets(&self) -> Result<String> {
        Ok(self.meter().call("virDomainGetXMLDesc(secure)", || {
            self.handle.xml_desc(virt_sys::VIR_DOMAIN_XML_SECURE)
        })?)
    }

    /// The definition of the next start with the secrets in it, as it may be defined anew. Same rules as
    /// [`Self::xml_with_secrets`].
    ///
    /// # Errors
    /// libvirt's own; refused on a read-only connection.
    pub fn inactive_xml_with_secrets(&self) -> Result<String> {
        let flags = virt_sys::VIR_DOMAIN_XML_SECURE | virt_sys::VIR_DOMAIN_XML_INACTIVE;
        Ok(self.meter().call("virDomainGetXMLDesc(secure)", || {
            self.handle.xml_desc(flags)
        })?)
    }

    /// `virDomainIsPersistent`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn is_persistent(&self) -> Result<bool> {
        Ok(self
            .meter()
            .call("virDomainIsPersistent", || self.handle.is_persistent())?)
    }

    /// `virDomainGetAutostart`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn autostart(&self) -> Result<bool> {
        Ok(self
            .meter()
            .call("virDomainGetAutostart", || self.handle.autostart())?)
    }

    /// `virDomainHasManagedSaveImage`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn has_managed_save(&self) -> Result<bool> {
        Ok(self.meter().call("virDomainHasManagedSaveImage", || {
            self.handle.has_managed_save(0)
        })?)
    }

    /// `virDomainSnapshotNum`, which needs no monitor.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no snapshots.
    pub fn snapshot_count(&self) -> Result<u32> {
        // SAFETY: the handle is valid; the call keeps nothing.
        let count = self.meter().call("virDomainSnapshotNum", || unsafe {
            virt_sys::virDomainSnapshotNum(self.raw(), 0)
        });
        u32::try_from(count).map_err(|_| Error::last())
    }

    /// How many checkpoints it has (`virDomainListAllCheckpoints`).
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has none.
    pub fn checkpoint_count(&self) -> Result<u32> {
        // SAFETY: the handle is valid; without a place for a list libvirt only counts.
        let count = self.meter().call("virDomainListAllCheckpoints", || unsafe {
            virt_sys::virDomainListAllCheckpoints(self.raw(), std::ptr::null_mut(), 0)
        });
        u32::try_from(count).map_err(|_| Error::last())
    }

    /// Writes control characters in title and description as visible escapes, in the running and in the stored
    /// definition, where there are any.
    pub(super) fn mend_texts(&self) -> Result<()> {
        let mut affected = Vec::new();
        if self.is_persistent()? {
            affected.push(virt_sys::VIR_DOMAIN_AFFECT_CONFIG);
        }
        if self.state()?.0.is_active() {
            affected.push(virt_sys::VIR_DOMAIN_AFFECT_LIVE);
        }
        for kind in [
            virt_sys::VIR_DOMAIN_METADATA_TITLE,
            virt_sys::VIR_DOMAIN_METADATA_DESCRIPTION,
        ] {
            let kind_number = i32::try_from(kind).unwrap_or(0);
            for affect in &affected {
                let read = self.meter().call("virDomainGetMetadata", || {
                    self.handle.metadata(kind_number, None, *affect)
                });
                // A domain without a title has none to mend.
                let Ok(text) = read else { continue };
                let mut sound = mended(&text);
                if kind == virt_sys::VIR_DOMAIN_METADATA_TITLE {
                    sound = sound.replace('\n', "\\n");
                }
                if sound != text {
                    self.meter().call("virDomainSetMetadata", || {
                        self.handle
                            .set_metadata(kind_number, Some(&sound), None, None, *affect)
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// Title or description as libvirt reads it from its own file again.
fn mended(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' => c.to_string(),
            c if c < ' ' => visible(&c.to_string()).into_owned(),
            c => c.to_string(),
        })
        .collect()
}

/// `virDomainGetUUID` of a borrowed domain; local, so that event callbacks may use it.
pub(super) fn uuid_of(raw: virt_sys::virDomainPtr) -> Result<Uuid> {
    let mut bytes = [0_u8; 16];
    // SAFETY: every caller holds a valid domain; libvirt writes VIR_UUID_BUFLEN (16) bytes.
    if unsafe { virt_sys::virDomainGetUUID(raw, bytes.as_mut_ptr()) } < 0 {
        return Err(Error::last());
    }
    Ok(Uuid(bytes))
}

/// `virDomainGetName` of a borrowed domain; local, so that event callbacks may use it.
pub(super) fn name_of(raw: virt_sys::virDomainPtr) -> String {
    // SAFETY: every caller holds a valid domain; the name lives as long as the domain and is NUL-terminated.
    let name = unsafe { virt_sys::virDomainGetName(raw) };
    super::events::text(name)
}
