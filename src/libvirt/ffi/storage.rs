//! Storage volumes.

use virt::storage_vol::StorageVol;

use super::{Connection, Error, Result};

/// A volume of a pool. Field order matters: the handle goes before the connection it belongs to.
pub struct Volume {
    handle: StorageVol,
    path: String,
    connection: Connection,
}

impl Connection {
    /// `virStorageVolLookupByPath`: the volume of an active pool that a file or a device is.
    ///
    /// # Errors
    /// libvirt's own, such as that no pool has it.
    pub fn volume(&self, path: &str) -> Result<Volume> {
        let handle = self.handle()?;
        let volume = self.meter().call("virStorageVolLookupByPath", || {
            handle.lookup_storage_vol_by_path(path)
        })?;
        Ok(Volume {
            handle: volume,
            path: path.to_owned(),
            connection: self.clone(),
        })
    }

    /// `virStorageVolLookupByName` in a pool.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such pool or volume.
    pub fn volume_of_pool(&self, pool: &str, volume: &str) -> Result<Volume> {
        let handle = self.handle()?;
        let pool = self.meter().call("virStoragePoolLookupByName", || {
            handle.lookup_storage_pool_by_name(pool)
        })?;
        let volume = self.meter().call("virStorageVolLookupByName", || {
            pool.lookup_storage_vol_by_name(volume)
        })?;
        let path = self
            .meter()
            .call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume {
            handle: volume,
            path,
            connection: self.clone(),
        })
    }

    /// The XML of every volume of every active pool, each with its path. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn volume_documents(&self) -> Result<Vec<(String, String)>> {
        let handle = self.handle()?;
        let pools = self.meter().call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(virt_sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        })?;
        let mut documents = Vec::new();
        for pool in pools {
            let Ok(volumes) = self
                .meter()
                .call("virStoragePoolListAllVolumes", || pool.list_all_volumes(0))
            else {
                continue;
            };
            for volume in volumes {
                let read = self.meter().call("virStorageVolGetXMLDesc", || {
                    Ok::<_, virt::error::Error>((volume.path()?, volume.xml_desc(0)?))
                });
                documents.extend(read);
            }
        }
        Ok(documents)
    }
}

impl Volume {
    /// Its path on the host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `virStorageVolDelete`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn delete(&self) -> Result<()> {
        self.connection
            .meter()
            .call("virStorageVolDelete", || self.handle.delete(0))
            .map_err(Error::from)
    }
}
