//! What a document of a person's is compared with: the object it stands for, and libvirt's opinion of it.

use super::{Connection, Error, Result};
use crate::model::StoredKind;

/// How an object is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// By `<name>`.
    Name(&'a str),
    /// By `<uuid>`.
    Uuid(&'a str),
}

/// An object as its host has it.
pub struct Raw {
    /// Definition of its next start without passwords, or the live one of an object without a definition.
    pub plain: String,
    /// The same with passwords, of a domain; `None` when they may not be read.
    pub secure: Option<String>,
    /// It runs, or is active.
    pub is_active: bool,
    /// It has a definition.
    pub is_persistent: bool,
}

impl Connection {
    /// Looks an object up; `None` when there is none.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn present(&self, kind: StoredKind, by: By<'_>) -> Result<Option<Raw>> {
        let found = match kind {
            StoredKind::Domain => self.present_domain(by),
            StoredKind::Network => self.present_network(by),
            StoredKind::Pool => self.present_pool(by),
            StoredKind::NwFilter => self.present_filter(by),
            StoredKind::Secret => self.present_secret(by),
        };
        match found {
            Err(error) if error.is_gone() => Ok(None),
            found => found.map(Some),
        }
    }

    fn present_domain(&self, by: By<'_>) -> Result<Raw> {
        let domain = match by {
            By::Name(name) => self.domain_by_name(name)?,
            By::Uuid(uuid) => {
                let uuid = uuid
                    .parse()
                    .map_err(|_| Error::own(format!("'{uuid}' is not a UUID")))?;
                self.domain(uuid)?
            }
        };
        Ok(Raw {
            plain: domain.xml(crate::protocol::XmlKind::Inactive)?,
            secure: domain.inactive_xml_with_secrets().ok(),
            is_active: domain.state()?.0.is_active(),
            is_persistent: domain.is_persistent()?,
        })
    }

    fn present_network(&self, by: By<'_>) -> Result<Raw> {
        let (handle, meter) = (self.handle()?, self.meter());
        let network = meter.call("virNetworkLookup", || match by {
            By::Name(name) => handle.lookup_network_by_name(name),
            By::Uuid(uuid) => handle.lookup_network_by_uuid_string(uuid),
        })?;
        let xml = |flags| meter.call("virNetworkGetXMLDesc", || network.xml_desc(flags));
        Ok(Raw {
            // A driver without the flag has but one definition.
            plain: xml(virt_sys::VIR_NETWORK_XML_INACTIVE).or_else(|_| xml(0))?,
            secure: None,
            is_active: meter.call("virNetworkIsActive", || network.is_active())?,
            is_persistent: meter.call("virNetworkIsPersistent", || network.is_persistent())?,
        })
    }

    fn present_pool(&self, by: By<'_>) -> Result<Raw> {
        let (handle, meter) = (self.handle()?, self.meter());
        let pool = meter.call("virStoragePoolLookup", || match by {
            By::Name(name) => handle.lookup_storage_pool_by_name(name),
            By::Uuid(uuid) => handle.lookup_storage_pool_by_uuid_string(uuid),
        })?;
        let xml = |flags| meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(flags));
        Ok(Raw {
            plain: xml(virt_sys::VIR_STORAGE_XML_INACTIVE).or_else(|_| xml(0))?,
            secure: None,
            is_active: meter.call("virStoragePoolIsActive", || pool.is_active())?,
            is_persistent: meter.call("virStoragePoolIsPersistent", || pool.is_persistent())?,
        })
    }

    fn present_filter(&self, by: By<'_>) -> Result<Raw> {
        let (handle, meter) = (self.handle()?, self.meter());
        let filter = meter.call("virNWFilterLookup", || match by {
            By::Name(name) => handle.lookup_nwfilter_by_name(name),
            By::Uuid(uuid) => handle.lookup_nwfilter_by_uuid_string(uuid),
        })?;
        Ok(Raw {
            plain: meter.call("virNWFilterGetXMLDesc", || filter.xml_desc(0))?,
            secure: None,
            is_active: false,
            is_persistent: true,
        })
    }

    fn present_secret(&self, by: By<'_>) -> Result<Raw> {
        let (handle, meter) = (self.handle()?, self.meter());
        let By::Uuid(uuid) = by else {
            // A secret has no name.
            return Err(Error::no_secret());
        };
        let secret = meter.call("virSecretLookupByUUIDString", || {
            handle.lookup_secret_by_uuid_string(uuid)
        })?;
        Ok(Raw {
            plain: meter.call("virSecretGetXMLDesc", || secret.xml_desc(0))?,
            secure: None,
            is_active: false,
            is_persistent: true,
        })
    }

    /// What QEMU would be started with (`virConnectDomainXMLToNative`): libvirt reads and checks the document as if to
    /// define it, and defines nothing. The text may hold passwords.
    ///
    /// # Errors
    /// libvirt's verdict.
    pub fn qemu_command_line(&self, xml: &str) -> Result<String> {
        let handle = self.handle()?;
        Ok(self.meter().call("virConnectDomainXMLToNative", || {
            handle.domain_xml_to_native("qemu-argv", xml, 0)
        })?)
    }

    /// Directories of the active pools that have one, each with its pool's name.
    ///
    /// # Errors
    /// libvirt's own, of the list.
    pub fn pool_folders(&self) -> Result<Vec<(String, String)>> {
        let (handle, meter) = (self.handle()?, self.meter());
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(virt_sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        })?;
        let folders = pools.iter().filter_map(|pool| {
            let xml = meter
                .call("virStoragePoolGetXMLDesc", || pool.xml_desc(0))
                .ok()?;
            let document = roxmltree::Document::parse(&xml).ok()?;
            let path = document
                .root_element()
                .children()
                .find(|node| node.has_tag_name("target"))?
                .children()
                .find(|node| node.has_tag_name("path"))?
                .text()?
                .trim()
                .to_owned();
            Some((path, pool.name().ok()?))
        });
        Ok(folders.collect())
    }
}
