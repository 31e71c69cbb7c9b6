//! Volumes sent and fetched through streams, piece by piece, holes told instead of sent where that is wished.

use std::ffi::c_int;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsRawFd as _;

use virt::stream::Stream;

use super::{Connection, Error, Result, Volume};
use crate::protocol::Transfer;

/// Bytes sent at once; libvirt's own tools send as much.
const PIECE: usize = 256 * 1024;

/// "A hole comes", of a stream that stops at them.
const HOLE: c_int = -3;

/// Told how many bytes are done; `false` gives it up.
pub type Progress<'a> = &'a mut dyn FnMut(u64) -> bool;

fn broken(error: &std::io::Error) -> Error {
    Error::own(error.to_string())
}

fn given_up() -> Error {
    Error::own("it was given up")
}

/// A stream under way; aborted when it is dropped before its end.
struct Way {
    stream: Option<Stream>,
    connection: Connection,
}

impl Way {
    fn open(connection: &Connection) -> Result<Self> {
        Ok(Self {
            stream: Some(Stream::new(connection.handle()?, 0)?),
            connection: connection.clone(),
        })
    }

    fn stream(&self) -> Result<&Stream> {
        self.stream
            .as_ref()
            .ok_or_else(|| Error::own("the stream has ended"))
    }

    fn finish(mut self) -> Result<()> {
        if let Some(stream) = self.stream.take() {
            let meter = self.connection.meter();
            meter.call("virStreamFinish", || stream.finish())?;
        }
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        let stream = self.stream()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let sent = self
                .connection
                .meter()
                .call("virStreamSend", || stream.send(rest))?;
            match usize::try_from(sent) {
                Ok(sent) if sent > 0 => rest = &rest[sent.min(rest.len())..],
                _ => return Err(Error::own("the host takes no more of it")),
            }
        }
        Ok(())
    }

    fn send_hole(&self, length: u64) -> Result<()> {
        let length = i64::try_from(length).map_err(|_| Error::own("the hole is too large"))?;
        let stream = self.stream()?;
        // SAFETY: the stream is valid as long as `self` holds it.
        let sent = self
            .connection
            .meter()
            .call("virStreamSendHole", || unsafe {
                virt_sys::virStreamSendHole(stream.as_ptr(), length, 0)
            });
        if sent < 0 {
            return Err(Error::last());
        }
        Ok(())
    }

    /// Bytes into `buffer`, 0 at the end; or how long the hole is that comes.
    fn receive(&self, buffer: &mut [u8], sparse: bool) -> Result<Received> {
        let stream = self.stream()?;
        let flags = if sparse {
            virt_sys::VIR_STREAM_RECV_STOP_AT_HOLE
        } else {
            0
        };
        // SAFETY: the stream is valid as long as `self` holds it, and the buffer is as long as is said.
        let got = self
            .connection
            .meter()
            .call("virStreamRecvFlags", || unsafe {
                virt_sys::virStreamRecvFlags(
                    stream.as_ptr(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    flags,
                )
            });
        if let Ok(got) = usize::try_from(got) {
            return Ok(Received::Bytes(got.min(buffer.len())));
        }
        if got != HOLE {
            return Err(Error::last());
        }
        let mut length = 0;
        // SAFETY: as above; `length` is written before it is read.
        let told = self
            .connection
            .meter()
            .call("virStreamRecvHole", || unsafe {
                virt_sys::virStreamRecvHole(stream.as_ptr(), &raw mut length, 0)
            });
        if told < 0 {
            return Err(Error::last());
        }
        Ok(Received::Hole(u64::try_from(length).unwrap_or(0)))
    }
}

enum Received {
    Bytes(usize),
    Hole(u64),
}

impl Drop for Way {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let _ = stream.abort();
        }
    }
}

impl Volume {
    /// `virStorageVolUpload` of a file or a block device, from its beginning: as much as `how` says, or all of it. With `sparse`
    /// the volume must be a new one, since libvirt leaves what a hole covers as it was.
    ///
    /// # Errors
    /// libvirt's own, that the file cannot be read, that it was given up. The volume has part of it then.
    pub fn send_file(&self, file: &mut File, how: &Transfer, progress: Progress<'_>) -> Result<()> {
        // A device has no length but an end.
        let whole = file
            .seek(SeekFrom::End(0))
            .map_err(|error| broken(&error))?;
        let whole = match how.length {
            0 => whole,
            length => length.min(whole),
        };
        let way = Way::open(self.connection())?;
        let flags = if how.sparse {
            virt_sys::VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM
        } else {
            0
        };
        let stream = way.stream()?;
        self.connection().meter().call("virStorageVolUpload", || {
            self.handle().upload(stream, how.offset, whole, flags)
        })?;
        let mut buffer = vec![0; PIECE];
        let mut done: u64 = 0;
        while done < whole {
            if !progress(done) {
                return Err(given_up());
            }
            if how.sparse
                && let Some(hole) = hole_at(file, done, whole)
            {
                way.send_hole(hole)?;
                done += hole;
                continue;
            }
            file.seek(SeekFrom::Start(done))
                .map_err(|error| broken(&error))?;
            let until = if how.sparse {
                data_end(file, done, whole)
            } else {
                whole
            };
            file.seek(SeekFrom::Start(done))
                .map_err(|error| broken(&error))?;
            let room = usize::try_from(until - done).unwrap_or(PIECE).min(PIECE);
            let got = file
                .read(&mut buffer[..room])
                .map_err(|error| broken(&error))?;
            if got == 0 {
                return Err(Error::own("the file became shorter while it was sent"));
            }
            let read = u64::try_from(got).unwrap_or(0);
            // A device tells of no holes, and a file not of all that could be some.
            if how.sparse && buffer[..got].iter().all(|byte| *byte == 0) {
                way.send_hole(read)?;
            } else {
                way.send(&buffer[..got])?;
            }
            done += read;
        }
        progress(done);
        way.finish()
    }

    /// `virStorageVolDownload` into a file.
    ///
    /// # Errors
    /// libvirt's own, that the file cannot be written, that it was given up.
    pub fn fetch_into(
        &self,
        file: &mut File,
        how: &Transfer,
        progress: Progress<'_>,
    ) -> Result<()> {
        let way = Way::open(self.connection())?;
        let flags = if how.sparse {
            virt_sys::VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM
        } else {
            0
        };
        let stream = way.stream()?;
        self.connection()
            .meter()
            .call("virStorageVolDownload", || {
                self.handle()
                    .download(stream, how.offset, how.length, flags)
            })?;
        let mut buffer = vec![0; PIECE];
        let mut done: u64 = 0;
        loop {
            if !progress(done) {
                return Err(given_up());
            }
            match way.receive(&mut buffer, how.sparse)? {
                Received::Bytes(0) => break,
                Received::Bytes(got) => {
                    file.write_all(&buffer[..got])
                        .map_err(|error| broken(&error))?;
                    done += u64::try_from(got).unwrap_or(0);
                }
                Received::Hole(length) => {
                    done += length;
                    file.seek(SeekFrom::Start(done))
                        .map_err(|error| broken(&error))?;
                }
            }
        }
        // A hole at the end is part of the file too.
        file.set_len(done).map_err(|error| broken(&error))?;
        file.sync_all().map_err(|error| broken(&error))?;
        way.finish()
    }
}

/// How long the hole is that begins here; `None` where there is data, or no telling.
fn hole_at(file: &File, at: u64, whole: u64) -> Option<u64> {
    let from = i64::try_from(at).ok()?;
    // SAFETY: the descriptor is open as long as `file` is borrowed.
    let data = unsafe { libc::lseek(file.as_raw_fd(), from, libc::SEEK_DATA) };
    let next = match u64::try_from(data) {
        Ok(next) => next.min(whole),
        // Nothing but a hole until the end.
        Err(_) if std::io::Error::last_os_error().raw_os_error() == Some(libc::ENXIO) => whole,
        Err(_) => return None,
    };
    next.checked_sub(at).filter(|hole| *hole > 0)
}

/// Where the data that begins here ends.
fn data_end(file: &File, at: u64, whole: u64) -> u64 {
    let Ok(from) = i64::try_from(at) else {
        return whole;
    };
    // SAFETY: as above.
    let hole = unsafe { libc::lseek(file.as_raw_fd(), from, libc::SEEK_HOLE) };
    u64::try_from(hole).map_or(whole, |end| end.clamp(at + 1, whole.max(at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_of_a_file_are_found() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 4096]).unwrap();
        file.seek(SeekFrom::Start(1 << 20)).unwrap();
        file.write_all(&[2; 4096]).unwrap();
        let whole = 2 << 20;
        file.set_len(whole).unwrap();
        assert_eq!(hole_at(&file, 0, whole), None);
        let end = data_end(&file, 0, whole);
        // A file system without holes has none.
        if end < whole {
            assert_eq!(hole_at(&file, end, whole), Some((1 << 20) - end));
            let end = data_end(&file, 1 << 20, whole);
            assert_eq!(hole_at(&file, end, whole), Some(whole - end));
        }
    }
}
