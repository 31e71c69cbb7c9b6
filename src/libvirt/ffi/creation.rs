//! What making a domain takes: what the host offers, volumes, and a first start that is another than the usual one.

use std::io::Read;

use virt::storage_vol::StorageVol;
use virt::stream::Stream;

use super::{Connection, Error, Result, Volume};

/// Bytes sent at once; libvirt's own tools send as much.
const PIECE: usize = 64 * 1024;

impl Connection {
    /// `virConnectGetCapabilities`, XML.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn capabilities(&self) -> Result<String> {
        let handle = self.handle()?;
        Ok(self
            .meter()
            .call("virConnectGetCapabilities", || handle.capabilities())?)
    }

    /// `virConnectGetDomainCapabilities` of one kind of machine, XML.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver does not tell.
    pub fn domain_capabilities(
        &self,
        emulator: Option<&str>,
        arch: Option<&str>,
        machine: Option<&str>,
        virt_type: Option<&str>,
    ) -> Result<String> {
        let handle = self.handle()?;
        Ok(self.meter().call("virConnectGetDomainCapabilities", || {
            handle.domain_capabilities(emulator, arch, machine, virt_type, 0)
        })?)
    }

    /// The XML of every active pool, and with each the XML of its volumes. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no pools.
    pub fn pools_with_volumes(&self) -> Result<Vec<(String, Vec<String>)>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(virt_sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        })?;
        let mut read = Vec::new();
        for pool in pools {
            let Ok(xml) = meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(0)) else {
                continue;
            };
            let volumes = meter.call("virStoragePoolListAllVolumes", || pool.list_all_volumes(0));
            let volumes = volumes.unwrap_or_default();
            let documents = volumes
                .iter()
                .filter_map(|volume| {
                    meter
                        .call("virStorageVolGetXMLDesc", || volume.xml_desc(0))
                        .ok()
                })
                .collect();
            read.push((xml, documents));
        }
        Ok(read)
    }

    /// Names of all networks, and whether each is active.
    ///
    /// # Errors
    /// libvirt's own, such as that the driver has no networks.
    pub fn network_names(&self) -> Result<Vec<(String, bool)>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let networks = meter.call("virConnectListAllNetworks", || handle.list_all_networks(0))?;
        let named = networks.iter().filter_map(|network| {
            let active = meter.call("virNetworkIsActive", || network.is_active());
            Some((network.name().ok()?, active.ok()?))
        });
        Ok(named.collect())
    }

    /// `virStorageVolCreateXML` in a pool.
    ///
    /// # Errors
    /// libvirt's own, such as that the volume is there already.
    pub fn create_volume(&self, pool: &str, xml: &str) -> Result<Volume> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pool = meter.call("virStoragePoolLookupByName", || {
            handle.lookup_storage_pool_by_name(pool)
        })?;
        let volume = meter.call("virStorageVolCreateXML", || {
            StorageVol::create_xml(&pool, xml, 0)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, self))
    }

    /// `virDomainCreateXML`: starts a domain without keeping its definition.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn start_xml(&self, xml: &str) -> Result<()> {
        let handle = self.handle()?;
        let flags = virt_sys::VIR_DOMAIN_START_VALIDATE;
        self.meter().call("virDomainCreateXML", || {
            handle.create_domain_xml(xml, flags).map(drop)
        })?;
        Ok(())
    }
}

impl Volume {
    /// `virStorageVolUpload` of `bytes` from the beginning of the volume.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn upload(&self, bytes: &[u8]) -> Result<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.upload_from(&mut &bytes[..], length, &mut |_| true)
    }

    /// `virStorageVolUpload` of all that a reader gives. `progress` is told how many bytes have gone and says whether to go on.
    ///
    /// # Errors
    /// libvirt's own; what the reader says; that it was stopped.
    pub fn upload_from(
        &self,
        reader: &mut dyn Read,
        length: u64,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<()> {
        let connection = self.connection();
        let meter = connection.meter();
        let stream = Stream::new(connection.handle()?, 0)?;
        meter.call("virStorageVolUpload", || {
            self.handle().upload(&stream, 0, length, 0)
        })?;
        if let Err(error) = pour(&stream, reader, progress) {
            let _ = stream.abort();
            return Err(error);
        }
        meter.call("virStreamFinish", || stream.finish())?;
        Ok(())
    }
}

fn pour(
    stream: &Stream,
    reader: &mut dyn Read,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<()> {
    let mut buffer = vec![0_u8; PIECE];
    let mut gone = 0;
    loop {
        let got = reader
            .read(&mut buffer)
            .map_err(|error| Error::own(error.to_string()))?;
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got];
        while !rest.is_empty() {
            match usize::try_from(stream.send(rest)?) {
                Ok(sent) if sent > 0 => rest = &rest[sent.min(rest.len())..],
                _ => return Err(Error::own("the host takes no more of the upload")),
            }
        }
        gone += got as u64;
        if !progress(gone) {
            return Err(Error::own("stopped"));
        }
    }
}
