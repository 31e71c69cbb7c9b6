//! Definitions of all kinds: listed, read, made.

use super::verbs::text as text_of;
use super::{Connection, Error, Result, later};
use crate::model::{Stored, StoredKind, StoredXml, Uuid};

/// What is read of one object, by closures over the handle of its kind.
struct Reading {
    kind: StoredKind,
    name: Result<String>,
    uuid: Result<String>,
    persistent: Result<bool>,
}

impl Connection {
    /// Every object of a kind with its definition; `None` where the driver has no such kind. What vanishes meanwhile is left
    /// out.
    ///
    /// # Errors
    /// libvirt's own, of the list; an object that cannot be read says so in its place.
    pub fn stored(&self, kind: StoredKind) -> Result<Option<Vec<Stored>>> {
        let found = match kind {
            StoredKind::Secret => self.stored_secrets(),
            StoredKind::NwFilter => self.stored_filters(),
            StoredKind::Network => self.stored_networks(),
            StoredKind::Pool => self.stored_pools(),
            StoredKind::Domain => self.stored_domains(),
        };
        match found {
            Err(error) if error.is_unsupported() => Ok(None),
            found => found.map(Some),
        }
    }

    fn stored_domains(&self) -> Result<Vec<Stored>> {
        let domains = self.list(super::Filter::ALL)?;
        let read = domains.iter().filter_map(|domain| {
            let reading = Reading {
                kind: StoredKind::Domain,
                name: domain.name(),
                uuid: domain.uuid().map(|uuid| uuid.to_string()),
                persistent: domain.is_persistent(),
            };
            reading.taken(|| domain.xml(crate::protocol::XmlKind::Inactive))
        });
        Ok(read.collect())
    }

    fn stored_networks(&self) -> Result<Vec<Stored>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let networks = meter.call("virConnectListAllNetworks", || handle.list_all_networks(0))?;
        let read = networks.iter().filter_map(|network| {
            let reading = Reading {
                kind: StoredKind::Network,
                name: network.name().map_err(Error::from),
                uuid: network.uuid_string().map_err(Error::from),
                persistent: meter
                    .call("virNetworkIsPersistent", || network.is_persistent())
                    .map_err(Error::from),
            };
            let xml = |flags| meter.call("virNetworkGetXMLDesc", || network.xml_desc(flags));
            // A driver without the flag has but one definition.
            reading.taken(|| Ok(xml(virt_sys::VIR_NETWORK_XML_INACTIVE).or_else(|_| xml(0))?))
        });
        Ok(read.collect())
    }

    fn stored_pools(&self) -> Result<Vec<Stored>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(0)
        })?;
        let read = pools.iter().filter_map(|pool| {
            let reading = Reading {
                kind: StoredKind::Pool,
                name: pool.name().map_err(Error::from),
                uuid: pool.uuid_string().map_err(Error::from),
                persistent: meter
                    .call("virStoragePoolIsPersistent", || pool.is_persistent())
                    .map_err(Error::from),
            };
            let xml = |flags| meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(flags));
            reading.taken(|| Ok(xml(virt_sys::VIR_STORAGE_XML_INACTIVE).or_else(|_| xml(0))?))
        });
        Ok(read.collect())
    }

    fn stored_secrets(&self) -> Result<Vec<Stored>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let secrets = meter.call("virConnectListAllSecrets", || handle.list_all_secrets(0))?;
        let read = secrets.iter().filter_map(|secret| {
            let uuid = || secret.uuid_string().map_err(Error::from);
            let reading = Reading {
                kind: StoredKind::Secret,
                name: uuid(),
                uuid: uuid(),
                persistent: Ok(true),
            };
            reading.taken(|| Ok(meter.call("virSecretGetXMLDesc", || secret.xml_desc(0))?))
        });
        Ok(read.collect())
    }

    fn stored_filters(&self) -> Result<Vec<Stored>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let filters = meter.call("virConnectListAllNWFilters", || {
            handle.list_all_nw_filters(0)
        })?;
        let read = filters.iter().filter_map(|filter| {
            let reading = Reading {
                kind: StoredKind::NwFilter,
                name: filter.name().map_err(Error::from),
                uuid: filter.uuid_string().map_err(Error::from),
                persistent: Ok(true),
            };
            reading.taken(|| Ok(meter.call("virNWFilterGetXMLDesc", || filter.xml_desc(0))?))
        });
        Ok(read.collect())
    }

    /// Makes a definition, or replaces the one of the same name and UUID. libvirt itself validates it against its schema when
    /// `validate` says so, where its driver does that; of what is no domain an older one defines it without.
    ///
    /// # Errors
    /// libvirt's own; a NUL in the text.
    pub fn define(&self, kind: StoredKind, xml: &str, validate: bool) -> Result<()> {
        let handle = self.handle()?;
        let meter = self.meter();
        match kind {
            StoredKind::Domain => {
                let flags = if validate {
                    virt_sys::VIR_DOMAIN_DEFINE_VALIDATE
                } else {
                    0
                };
                meter.call("virDomainDefineXMLFlags", || {
                    handle.define_domain_xml_flags(xml, flags).map(drop)
                })?;
            }
            other if !validate => self.define_other(other, xml, false)?,
            other => match self.define_other(other, xml, true) {
                Err(error) if error.is_unsupported_flag() => {
                    self.define_other(other, xml, false)?
                }
                done => done?,
            },
        }
        Ok(())
    }

    /// Defines what is no domain.
    fn define_other(&self, kind: StoredKind, xml: &str, validate: bool) -> Result<()> {
        let handle = self.handle()?;
        let meter = self.meter();
        let flag = |flag| if validate { flag } else { 0 };
        match kind {
            StoredKind::Domain => Err(Error::own("a domain is defined otherwise")),
            StoredKind::Network if !validate => Ok(meter.call("virNetworkDefineXML", || {
                handle.define_network_xml(xml).map(drop)
            })?),
            StoredKind::Network => {
                let Some(define) = later::define_network() else {
                    return self.define_other(kind, xml, false);
                };
                let xml = text_of(xml)?;
                // SAFETY: the connection is valid, the XML is NUL-terminated and copied by libvirt.
                let made = meter.call("virNetworkDefineXMLFlags", || unsafe {
                    define(
                        self.raw(),
                        xml.as_ptr(),
                        virt_sys::VIR_NETWORK_DEFINE_VALIDATE,
                    )
                });
                if made.is_null() {
                    return Err(Error::last());
                }
                // SAFETY: the reference that libvirt gave us is given back once.
                unsafe { virt_sys::virNetworkFree(made) };
                Ok(())
            }
            StoredKind::Pool => Ok(meter.call("virStoragePoolDefineXML", || {
                let flags = flag(virt_sys::VIR_STORAGE_POOL_DEFINE_VALIDATE);
                handle.define_storage_pool_xml(xml, flags).map(drop)
            })?),
            StoredKind::Secret => Ok(meter.call("virSecretDefineXML", || {
                let flags = flag(virt_sys::VIR_SECRET_DEFINE_VALIDATE);
                handle.define_secret_xml(xml, flags).map(drop)
            })?),
            StoredKind::NwFilter if !validate => Ok(meter.call("virNWFilterDefineXML", || {
                handle.define_nwfilter_xml(xml).map(drop)
            })?),
            StoredKind::NwFilter => {
                let Some(define) = later::define_filter() else {
                    return self.define_other(kind, xml, false);
                };
                let xml = text_of(xml)?;
                // SAFETY: as for a network.
                let made = meter.call("virNWFilterDefineXMLFlags", || unsafe {
                    define(
                        self.raw(),
                        xml.as_ptr(),
                        virt_sys::VIR_NWFILTER_DEFINE_VALIDATE,
                    )
                });
                if made.is_null() {
                    return Err(Error::last());
                }
                // SAFETY: as for a network.
                unsafe { virt_sys::virNWFilterFree(made) };
                Ok(())
            }
        }
    }
}

impl Reading {
    /// The object with its XML; `None` for one that is gone.
    fn taken(self, xml: impl FnOnce() -> Result<String>) -> Option<Stored> {
        let uuid: Uuid = self.uuid.ok()?.parse().ok()?;
        let xml = match self.persistent {
            Ok(false) => StoredXml::Transient,
            Ok(true) => match xml() {
                Ok(text) => StoredXml::Text(text),
                Err(error) if error.is_gone() => return None,
                Err(error) => StoredXml::Unreadable(error.message),
            },
            Err(error) if error.is_gone() => return None,
            Err(error) => StoredXml::Unreadable(error.message),
        };
        Some(Stored {
            kind: self.kind,
            name: self.name.unwrap_or_else(|_| uuid.to_string()),
            uuid,
            xml,
        })
    }
}
