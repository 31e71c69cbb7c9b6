//! Storage volumes.

use virt::storage_vol::StorageVol;
use virt::stream::Stream;

use crate::protocol::PoolFill;

use super::{Connection, Error, Result};

/// A volume of a pool. Field order matters: the handle goes before the connection it belongs to.
pub struct Volume {
    handle: StorageVol,
    path: String,
    connection: Connection,
}

/// Bytes that are left in a pool. A driver that counts what is given away beyond the capacity tells a number that wrapped
/// below zero.
pub(super) fn left(capacity_bytes: u64, available_bytes: u64) -> u64 {
    if available_bytes > capacity_bytes {
        0
    } else {
        available_bytes
    }
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

    /// The XML of a volume in a pool.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such pool or volume.
    pub fn volume_xml(&self, pool: &str, volume: &str) -> Result<String> {
        let volume = self.volume_of_pool(pool, volume)?;
        let read = || volume.handle.xml_desc(0);
        Ok(self.meter().call("virStorageVolGetXMLDesc", read)?)
    }

    /// How full each active pool is (`virStoragePoolGetInfo`, of its last refresh). What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no pools.
    pub fn pool_fills(&self) -> Result<Vec<PoolFill>> {
        let handle = self.handle()?;
        let pools = self.meter().call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(virt_sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        })?;
        let fills = pools.iter().filter_map(|pool| {
            let info = self.meter().call("virStoragePoolGetInfo", || pool.info());
            let (name, info) = (pool.name().ok()?, info.ok()?);
            Some(PoolFill {
                name,
                capacity_bytes: info.capacity,
                available_bytes: left(info.capacity, info.available),
            })
        });
        Ok(fills.collect())
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

/// What the pools of a host have of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeFacts {
    /// Name of the pool; untrusted.
    pub pool: String,
    /// The volume's XML.
    pub xml: String,
}

impl Connection {
    /// Pool and XML of the volume at a path.
    ///
    /// # Errors
    /// libvirt's own, such as that no active pool has it.
    pub fn volume_facts(&self, path: &str) -> Result<VolumeFacts> {
        let volume = self.volume(path)?;
        let handle = volume.handle();
        let meter = self.meter();
        let xml = meter.call("virStorageVolGetXMLDesc", || handle.xml_desc(0))?;
        // SAFETY: the handle is valid and lives as long as `volume`.
        let pool = meter.call("virStoragePoolLookupByVolume", || unsafe {
            virt_sys::virStoragePoolLookupByVolume(handle.as_ptr())
        });
        if pool.is_null() {
            return Err(Error::last());
        }
        // SAFETY: the pool is a reference of our own; its name is copied before it is given back.
        let pool = unsafe {
            let name = super::events::text(virt_sys::virStoragePoolGetName(pool));
            virt_sys::virStoragePoolFree(pool);
            name
        };
        Ok(VolumeFacts { pool, xml })
    }

    /// How full a pool is; looked at anew with `refresh`, else as of its last refresh.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such pool.
    pub fn pool_fill(&self, name: &str, refresh: bool) -> Result<PoolFill> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pool = meter.call("virStoragePoolLookupByName", || {
            handle.lookup_storage_pool_by_name(name)
        })?;
        if refresh {
            // What is known is better than nothing: a read-only connection may not refresh.
            let _ = meter.call("virStoragePoolRefresh", || pool.refresh(0));
        }
        let info = meter.call("virStoragePoolGetInfo", || pool.info())?;
        Ok(PoolFill {
            name: name.to_owned(),
            capacity_bytes: info.capacity,
            available_bytes: left(info.capacity, info.available),
        })
    }
}

impl Volume {
    pub(super) fn new(handle: StorageVol, path: String, connection: &Connection) -> Self {
        Self {
            handle,
            path,
            connection: connection.clone(),
        }
    }

    pub(super) fn handle(&self) -> &StorageVol {
        &self.handle
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Its path on the host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `virStorageVolGetName`.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn name(&self) -> Result<String> {
        Ok(self
            .connection
            .meter()
            .call("virStorageVolGetName", || self.handle.name())?)
    }

    /// Size that a guest sees, in bytes (`virStorageVolGetInfo`).
    ///
    /// # Errors
    /// libvirt's own.
    pub fn capacity(&self) -> Result<u64> {
        let info = self
            .connection
            .meter()
            .call("virStorageVolGetInfo", || self.handle.info())?;
        Ok(info.capacity)
    }

    /// Some of its bytes (`virStorageVolDownload`), fewer where it ends before.
    ///
    /// # Errors
    /// libvirt's own, such as that the connection is read-only.
    pub fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>> {
        const PIECE: usize = 64 * 1024;
        let meter = self.connection.meter();
        let stream = Stream::new(self.connection.handle()?, 0)?;
        meter.call("virStorageVolDownload", || {
            self.handle.download(&stream, offset, length, 0)
        })?;
        let mut bytes = Vec::new();
        let mut piece = vec![0_u8; PIECE];
        loop {
            let read = meter.call("virStreamRecv", || stream.recv(&mut piece));
            match read.map(usize::try_from) {
                Ok(Ok(0)) => break,
                Ok(Ok(read)) => bytes.extend_from_slice(&piece[..read.min(PIECE)]),
                Ok(Err(_)) => {
                    let _ = stream.abort();
                    return Err(Error::own("the stream gave no bytes"));
                }
                Err(error) => {
                    let error = Error::from(error);
                    let _ = stream.abort();
                    return Err(error);
                }
            }
        }
        meter.call("virStreamFinish", || stream.finish())?;
        Ok(bytes)
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
