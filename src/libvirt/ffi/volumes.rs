//! What is done to pools and volumes.

use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;

use super::{Connection, Error, Result, Volume};
use crate::model::Uuid;
use crate::protocol::{Overwrite, PoolName, PoolVerb, StorageDocument, VolumeName};

/// A pool. The handle goes before the connection it belongs to.
pub struct PoolHandle {
    handle: StoragePool,
    connection: Connection,
}

const fn build_flags(overwrite: Overwrite) -> u32 {
    match overwrite {
        Overwrite::Unsaid => virt_sys::VIR_STORAGE_POOL_BUILD_NEW,
        Overwrite::Yes => virt_sys::VIR_STORAGE_POOL_BUILD_OVERWRITE,
        Overwrite::No => virt_sys::VIR_STORAGE_POOL_BUILD_NO_OVERWRITE,
    }
}

const fn start_flags(overwrite: Option<Overwrite>) -> u32 {
    match overwrite {
        None => virt_sys::VIR_STORAGE_POOL_CREATE_NORMAL,
        Some(Overwrite::Unsaid) => virt_sys::VIR_STORAGE_POOL_CREATE_WITH_BUILD,
        Some(Overwrite::Yes) => virt_sys::VIR_STORAGE_POOL_CREATE_WITH_BUILD_OVERWRITE,
        Some(Overwrite::No) => virt_sys::VIR_STORAGE_POOL_CREATE_WITH_BUILD_NO_OVERWRITE,
    }
}

impl Connection {
    /// The pool that is meant: by its UUID where that is known, else by its name, else by a UUID that stands for a name.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn pool_of(&self, name: &PoolName) -> Result<PoolHandle> {
        let handle = self.handle()?;
        let found = match name.uuid {
            Some(uuid) => self.pool_handle(uuid)?,
            None => {
                let by_name = self.meter().call("virStoragePoolLookupByName", || {
                    handle.lookup_storage_pool_by_name(&name.name)
                });
                match (by_name, name.name.parse::<Uuid>()) {
                    (Ok(pool), _) => pool,
                    (Err(_), Ok(uuid)) => self.pool_handle(uuid)?,
                    (Err(error), Err(_)) => return Err(error.into()),
                }
            }
        };
        Ok(PoolHandle {
            handle: found,
            connection: self.clone(),
        })
    }

    /// The volume that is meant, which must be where it was seen.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none; that another has its name now.
    pub fn volume_of(&self, name: &VolumeName) -> Result<Volume> {
        let volume = match &name.pool {
            Some(pool) => self.pool_of(pool)?.volume(&name.name)?,
            None => match self.volume(&name.name) {
                Ok(volume) => volume,
                Err(by_path) => self.volume_by_key(&name.name).map_err(|_| by_path)?,
            },
        };
        match &name.path {
            Some(path) if path != volume.path() => Err(Error::own(format!(
                "the volume is {} now, not {path}: look at it again",
                volume.path()
            ))),
            _ => Ok(volume),
        }
    }

    fn volume_by_key(&self, key: &str) -> Result<Volume> {
        let handle = self.handle()?;
        let meter = self.meter();
        let volume = meter.call("virStorageVolLookupByKey", || {
            handle.lookup_storage_vol_by_key(key)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, self))
    }

    /// Defines what a document says, or starts a pool that is gone when it is stopped.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn define_storage(&self, kind: StorageDocument, xml: &str) -> Result<()> {
        let handle = self.handle()?;
        let meter = self.meter();
        match kind {
            StorageDocument::Pool => meter.call("virStoragePoolDefineXML", || {
                handle.define_storage_pool_xml(xml, 0).map(drop)
            })?,
            StorageDocument::TransientPool => meter.call("virStoragePoolCreateXML", || {
                handle.create_storage_pool_xml(xml, 0).map(drop)
            })?,
            StorageDocument::Secret => meter.call("virSecretDefineXML", || {
                handle.define_secret_xml(xml, 0).map(drop)
            })?,
        }
        Ok(())
    }
}

impl PoolHandle {
    /// Its name.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn name(&self) -> Result<String> {
        Ok(self.handle.name()?)
    }

    /// Its XML.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn xml(&self, inactive: bool) -> Result<String> {
        let flags = if inactive {
            virt_sys::VIR_STORAGE_XML_INACTIVE
        } else {
            0
        };
        let meter = self.connection.meter();
        Ok(meter.call("virStoragePoolGetXMLDesc", || self.handle.xml_desc(flags))?)
    }

    /// Does something to it.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn act(&self, verb: &PoolVerb) -> Result<()> {
        let pool = &self.handle;
        let meter = self.connection.meter();
        match verb {
            PoolVerb::Start(build) => {
                meter.call("virStoragePoolCreate", || pool.create(start_flags(*build)))?
            }
            PoolVerb::Stop => meter.call("virStoragePoolDestroy", || pool.destroy())?,
            PoolVerb::Refresh => meter.call("virStoragePoolRefresh", || pool.refresh(0))?,
            PoolVerb::Build(overwrite) => meter.call("virStoragePoolBuild", || {
                pool.build(build_flags(*overwrite))
            })?,
            PoolVerb::Delete => meter.call("virStoragePoolDelete", || pool.delete(0))?,
            PoolVerb::Undefine => meter.call("virStoragePoolUndefine", || pool.undefine())?,
            PoolVerb::Autostart(on) => {
                // The crate's own reads libvirt's answer wrongly in no case that matters here.
                meter.call("virStoragePoolSetAutostart", || {
                    pool.set_autostart(*on).map(drop)
                })?;
            }
        }
        Ok(())
    }

    /// A volume of it.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn volume(&self, name: &str) -> Result<Volume> {
        let meter = self.connection.meter();
        let volume = meter.call("virStorageVolLookupByName", || {
            self.handle.lookup_storage_vol_by_name(name)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, &self.connection))
    }

    /// `virStorageVolCreateXML`; with `tables` qcow2's are given room at once.
    ///
    /// # Errors
    /// libvirt's own, such as that it is there already.
    pub fn create(&self, xml: &str, tables: bool) -> Result<Volume> {
        let flags = prealloc(tables);
        let meter = self.connection.meter();
        let volume = meter.call("virStorageVolCreateXML", || {
            StorageVol::create_xml(&self.handle, xml, flags)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, &self.connection))
    }

    /// `virStorageVolCreateXMLFrom`: a copy of a volume, which may have another format and lie in another pool.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn create_from(
        &self,
        xml: &str,
        from: &Volume,
        tables: bool,
        reflink: bool,
    ) -> Result<Volume> {
        let mut flags = prealloc(tables);
        if reflink {
            flags |= virt_sys::VIR_STORAGE_VOL_CREATE_REFLINK;
        }
        let meter = self.connection.meter();
        let volume = meter.call("virStorageVolCreateXMLFrom", || {
            StorageVol::create_xml_from(&self.handle, xml, from.handle(), flags)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, &self.connection))
    }
}

fn prealloc(tables: bool) -> u32 {
    if tables {
        virt_sys::VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA
    } else {
        0
    }
}

impl Volume {
    /// Its XML.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn xml(&self) -> Result<String> {
        let meter = self.connection().meter();
        Ok(meter.call("virStorageVolGetXMLDesc", || self.handle().xml_desc(0))?)
    }

    /// Its pool.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pool(&self) -> Result<PoolHandle> {
        let meter = self.connection().meter();
        let handle = meter.call("virStoragePoolLookupByVolume", || {
            self.handle().lookup_storage_pool()
        })?;
        Ok(PoolHandle {
            handle,
            connection: self.connection().clone(),
        })
    }

    /// `virStorageVolResize`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn resize(&self, bytes: u64, delta: bool, shrink: bool, allocate: bool) -> Result<()> {
        let mut flags = 0;
        for (wanted, flag) in [
            (delta, virt_sys::VIR_STORAGE_VOL_RESIZE_DELTA),
            (shrink, virt_sys::VIR_STORAGE_VOL_RESIZE_SHRINK),
            (allocate, virt_sys::VIR_STORAGE_VOL_RESIZE_ALLOCATE),
        ] {
            if wanted {
                flags |= flag;
            }
        }
        let meter = self.connection().meter();
        meter.call("virStorageVolResize", || self.handle().resize(bytes, flags))?;
        Ok(())
    }

    /// `virStorageVolWipePattern`, by virsh's name of the algorithm.
    ///
    /// # Errors
    /// libvirt's own; that there is no such algorithm.
    pub fn wipe(&self, algorithm: &str) -> Result<()> {
        let number = match algorithm {
            "zero" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_ZERO,
            "nnsa" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_NNSA,
            "dod" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_DOD,
            "bsi" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_BSI,
            "gutmann" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_GUTMANN,
            "schneier" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_SCHNEIER,
            "pfitzner7" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_PFITZNER7,
            "pfitzner33" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_PFITZNER33,
            "random" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_RANDOM,
            "trim" => virt_sys::VIR_STORAGE_VOL_WIPE_ALG_TRIM,
            other => return Err(Error::own(format!("there is no algorithm '{other}'"))),
        };
        let meter = self.connection().meter();
        meter.call("virStorageVolWipePattern", || {
            self.handle().wipe_pattern(number, 0)
        })?;
        Ok(())
    }
}
