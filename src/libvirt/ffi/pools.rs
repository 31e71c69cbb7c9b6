//! Storage pools and what is in them, as lists.

use virt::storage_pool::StoragePool;

use super::storage::left;
use super::{Connection, Error, Result};
use crate::model::{Pool, PoolState, StorageVolume, Uuid};
use crate::storage;

impl Connection {
    /// All pools. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no pools.
    pub fn pools(&self) -> Result<Vec<Pool>> {
        let handle = self.handle()?;
        let pools = self.meter().call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(0)
        })?;
        Ok(pools
            .iter()
            .filter_map(|pool| self.pool_row(pool))
            .collect())
    }

    fn pool_row(&self, pool: &StoragePool) -> Option<Pool> {
        let meter = self.meter();
        let uuid: Uuid = pool.uuid_string().ok()?.parse().ok()?;
        let xml = meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(0));
        let facts = storage::pool(&xml.ok()?)?;
        let info = meter.call("virStoragePoolGetInfo", || pool.info()).ok();
        let state = info
            .as_ref()
            .map_or(PoolState::Unknown, |info| PoolState::from_raw(info.state));
        // One that is off says 0, which is not its size.
        let size = info.filter(|_| state.is_active());
        let volumes = || {
            let number = meter.call("virStoragePoolNumOfVolumes", || pool.num_of_volumes());
            number.ok()
        };
        Some(Pool {
            uuid,
            name: pool.name().ok()?,
            kind: facts.kind,
            state,
            persistent: meter
                .call("virStoragePoolIsPersistent", || pool.is_persistent())
                .ok(),
            autostart: meter
                .call("virStoragePoolGetAutostart", || pool.autostart())
                .ok(),
            capacity_bytes: size.as_ref().map(|size| size.capacity),
            allocation_bytes: size.as_ref().map(|size| size.allocation),
            available_bytes: size
                .as_ref()
                .map(|size| left(size.capacity, size.available)),
            volumes: if state.is_active() { volumes() } else { None },
            path: facts.path,
            source: facts.source,
        })
    }

    /// The XML of every pool with its name. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn pool_documents(&self) -> Result<Vec<(String, String)>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(0)
        })?;
        let read = pools.iter().filter_map(|pool| {
            let xml = meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(0));
            Some((pool.name().ok()?, xml.ok()?))
        });
        Ok(read.collect())
    }

    /// `virStoragePoolLookupByUUID`.
    pub(super) fn pool_handle(&self, uuid: Uuid) -> Result<StoragePool> {
        let handle = self.handle()?;
        self.meter()
            .call("virStoragePoolLookupByUUIDString", || {
                handle.lookup_storage_pool_by_uuid_string(&uuid.to_string())
            })
            .map_err(Error::from)
    }

    /// Names of the volumes of a pool, in one round trip.
    ///
    /// # Errors
    /// libvirt's own: no such pool, not active, more volumes than it lists.
    pub fn volume_names(&self, pool: Uuid) -> Result<Vec<String>> {
        let pool = self.pool_handle(pool)?;
        let listed = self
            .meter()
            .call("virStoragePoolListAllVolumes", || pool.list_all_volumes(0))?;
        Ok(listed
            .iter()
            .filter_map(|volume| volume.name().ok())
            .collect())
    }

    /// Some volumes of a pool. What vanished meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own: no such pool.
    pub fn volumes(&self, pool: Uuid, names: &[String]) -> Result<Vec<StorageVolume>> {
        let pool = self.pool_handle(pool)?;
        let meter = self.meter();
        let read = names.iter().filter_map(|name| {
            let volume = meter.call("virStorageVolLookupByName", || {
                pool.lookup_storage_vol_by_name(name)
            });
            let volume = volume.ok()?;
            let xml = meter.call("virStorageVolGetXMLDesc", || volume.xml_desc(0));
            storage::volume(&xml.ok()?)
        });
        Ok(read.collect())
    }
}
