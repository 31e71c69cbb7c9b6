//! Copying volumes: through a stream of this program's, which can be watched and stopped, or by the host itself.

use std::ffi::c_int;

use virt::storage_vol::StorageVol;
use virt::stream::Stream;

use super::{Connection, Error, Result, Volume};

/// Bytes sent at once: the most that one message of libvirt's protocol carries.
const PIECE: usize = 256 * 1024;

/// Bytes asked for at once. libvirt's client keeps all that comes in until it is read, however slowly the other side writes: so
/// no more is asked for than may stand in memory.
const SECTION: u64 = 32 * 1024 * 1024;

/// What `virStreamRecvFlags` answers at the beginning of a hole.
const AT_HOLE: c_int = -3;

impl Connection {
    /// `virStorageVolCreateXMLFrom`: the host makes a volume that is a copy of another, in the format that is asked for and
    /// without its layers. It cannot be stopped.
    ///
    /// # Errors
    /// libvirt's own, such as that the volume is there already.
    pub fn create_volume_from(&self, pool: &str, xml: &str, from: &Volume) -> Result<Volume> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pool = meter.call("virStoragePoolLookupByName", || {
            handle.lookup_storage_pool_by_name(pool)
        })?;
        let volume = meter.call("virStorageVolCreateXMLFrom", || {
            StorageVol::create_xml_from(&pool, xml, from.handle(), 0)
        })?;
        let path = meter.call("virStorageVolGetPath", || volume.path())?;
        Ok(Volume::new(volume, path, self))
    }

    /// Makes a pool of a folder for as long as it is needed: `virStoragePoolCreateXML`, without a definition.
    ///
    /// # Errors
    /// libvirt's own, such as that there is no such folder.
    pub fn create_pool(&self, xml: &str) -> Result<()> {
        let handle = self.handle()?;
        self.meter().call("virStoragePoolCreateXML", || {
            handle.create_storage_pool_xml(xml, 0).map(drop)
        })?;
        Ok(())
    }

    /// `virStoragePoolDestroy` of a pool by its name: it stops being one, its files stay.
    ///
    /// # Errors
    /// libvirt's own, such as that there is none.
    pub fn stop_pool(&self, name: &str) -> Result<()> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pool = meter.call("virStoragePoolLookupByName", || {
            handle.lookup_storage_pool_by_name(name)
        })?;
        Ok(meter.call("virStoragePoolDestroy", || pool.destroy())?)
    }

    /// Looks at all active pools anew (`virStoragePoolRefresh`), so that their lists of volumes are those of their folders. A
    /// pool that cannot be looked at keeps its list.
    ///
    /// # Errors
    /// libvirt's own, of the list of pools.
    pub fn refresh_pools(&self) -> Result<()> {
        let handle = self.handle()?;
        let meter = self.meter();
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(virt_sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        })?;
        for pool in pools {
            let _ = meter.call("virStoragePoolRefresh", || pool.refresh(0));
        }
        Ok(())
    }
}

impl Volume {
    /// Bytes it takes up now.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn allocation(&self) -> Result<u64> {
        let info = self
            .connection()
            .meter()
            .call("virStorageVolGetInfo", || self.handle().info())?;
        Ok(info.allocation)
    }

    /// Bytes from its first to its last, as they lie on the host.
    ///
    /// # Errors
    /// libvirt's own.
    pub fn physical(&self) -> Result<u64> {
        let flags = virt_sys::VIR_STORAGE_VOL_GET_PHYSICAL;
        let info = self
            .connection()
            .meter()
            .call("virStorageVolGetInfoFlags", || {
                self.handle().info_flags(flags)
            })?;
        // With this flag it stands where the allocation does.
        Ok(info.allocation)
    }

    /// Copies all bytes of `from` into this volume, holes as holes. `progress` is told how many bytes are done and of how many,
    /// and says whether to go on.
    ///
    /// # Errors
    /// libvirt's own; that it was stopped.
    pub fn fill_from(&self, from: &Self, progress: &mut dyn FnMut(u64, u64) -> bool) -> Result<()> {
        let connection = self.connection();
        let meter = connection.meter();
        let size = from.physical()?;
        let sink = Stream::new(connection.handle()?, 0)?;
        meter.call("virStorageVolUpload", || {
            let flags = virt_sys::VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM;
            self.handle().upload(&sink, 0, 0, flags)
        })?;
        let mut at = 0;
        while at < size {
            let length = (size - at).min(SECTION);
            let section = Section { from, at, length };
            let sent = section.send(&sink, &mut |done| progress(at + done, size));
            if let Err(error) = sent {
                // The first error says what happened; what aborting answers is of no use.
                let _ = sink.abort();
                return Err(error);
            }
            at += length;
        }
        meter.call("virStreamFinish", || sink.finish())?;
        Ok(())
    }
}

/// A part of a volume.
struct Section<'a> {
    from: &'a Volume,
    at: u64,
    length: u64,
}

impl Section<'_> {
    fn send(&self, sink: &Stream, progress: &mut dyn FnMut(u64) -> bool) -> Result<()> {
        let connection = self.from.connection();
        let meter = connection.meter();
        let source = Stream::new(connection.handle()?, 0)?;
        meter.call("virStorageVolDownload", || {
            let flags = virt_sys::VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM;
            let handle = self.from.handle();
            handle.download(&source, self.at, self.length, flags)
        })?;
        if let Err(error) = pump(&source, sink, progress) {
            let _ = source.abort();
            return Err(error);
        }
        meter.call("virStreamFinish", || source.finish())?;
        Ok(())
    }
}

/// Passes on what comes until it ends.
fn pump(source: &Stream, sink: &Stream, progress: &mut dyn FnMut(u64) -> bool) -> Result<()> {
    let mut buffer = vec![0_u8; PIECE];
    let mut done = 0_u64;
    loop {
        if !progress(done) {
            return Err(Error::own("stopped"));
        }
        // SAFETY: the stream is valid, and libvirt writes no further than it is told.
        let got = unsafe {
            virt_sys::virStreamRecvFlags(
                source.as_ptr(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                virt_sys::VIR_STREAM_RECV_STOP_AT_HOLE,
            )
        };
        if got == AT_HOLE {
            let mut length = 0;
            // SAFETY: both streams are valid, `length` is a place for the size of the hole.
            let passed = unsafe {
                if virt_sys::virStreamRecvHole(source.as_ptr(), &raw mut length, 0) < 0 {
                    -1
                } else {
                    virt_sys::virStreamSendHole(sink.as_ptr(), length, 0)
                }
            };
            if passed < 0 {
                return Err(Error::last());
            }
            done += u64::try_from(length).unwrap_or(0);
            continue;
        }
        let got = usize::try_from(got).map_err(|_| Error::last())?;
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got.min(PIECE)];
        while !rest.is_empty() {
            let sent = sink.send(rest)?;
            match usize::try_from(sent) {
                Ok(sent) if sent > 0 => rest = &rest[sent.min(rest.len())..],
                _ => return Err(Error::own("the host takes no more of the copy")),
            }
        }
        done += got as u64;
    }
}
