//! Volumes that are copied: by libvirt, which tells nothing meanwhile, or compressed by qemu-img on this machine.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::ffi::{Connection, Error, PoolHandle, Result, Volume};
use super::storage_verbs::{Beside, is_of_files};
use super::volume_transfers::PART;
use crate::model::StorageVolume;
use crate::protocol::{PoolName, PoolVerb, VolumeCopy};
use crate::storage;

/// How often it is looked how far a copy is.
const LOOK: Duration = Duration::from_millis(200);

/// Where a copy goes: into the pool that is named, else beside what is copied.
fn pool_for(connection: &Connection, volume: &Volume, copy: &VolumeCopy) -> Result<PoolHandle> {
    match &copy.pool {
        Some(name) => connection.pool_of(&PoolName {
            name: name.clone(),
            uuid: None,
        }),
        None => volume.pool(),
    }
}

fn given_up() -> Error {
    Error::own("it was given up")
}

/// Lets libvirt copy, and tells again and again what the new volume takes up: seen over another connection, since the one of
/// the copy waits.
pub(super) fn watched<Made: Send, Why>(
    copy: impl FnOnce() -> Result<Made> + Send,
    aside: &dyn Fn() -> std::result::Result<Connection, Why>,
    size: impl Fn(&Connection) -> Result<u64>,
    told: &mut dyn FnMut(u64),
) -> Result<Made> {
    thread::scope(|scope| {
        let copying = scope.spawn(copy);
        let mut other = None;
        while !copying.is_finished() {
            thread::park_timeout(LOOK);
            if other.is_none() {
                other = aside().ok();
            }
            if let Some(done) = other.as_ref().and_then(|other| size(other).ok()) {
                told(done);
            }
        }
        copying
            .join()
            .unwrap_or_else(|_| Err(Error::own("the thread of the copy failed")))
    })
}

/// Copies by libvirt. How far it is shows what the new volume takes up, seen over another connection since this one waits.
/// libvirt cannot stop it: when that is wished, the copy is deleted once it is whole.
pub(super) fn copied(
    connection: &Connection,
    volume: &Volume,
    facts: &StorageVolume,
    copy: &VolumeCopy,
    beside: &Beside<'_>,
) -> Result<()> {
    let pool = pool_for(connection, volume, copy)?;
    let files = is_of_files(&pool)?;
    let xml = storage::copy_xml(facts, &copy.name, copy.format.as_deref(), files);
    let place = PoolName {
        name: pool.name()?,
        uuid: None,
    };
    if pool.volume(&copy.name).is_ok() {
        return Err(Error::own("there is a volume of this name already"));
    }
    (beside.pausing)();
    let whole = facts.allocation_bytes.filter(|bytes| *bytes > 0);
    let mut wanted = (beside.progress)(0, whole);
    let copying = || pool.create_from(&xml, volume, copy.prealloc_metadata, copy.reflink);
    let size = |other: &Connection| {
        let volume = other.pool_of(&place)?.volume(&copy.name)?;
        volume.allocation()
    };
    let made = watched(copying, beside.aside, size, &mut |done| {
        let most = whole.unwrap_or(done);
        wanted &= (beside.progress)(done.min(most), whole);
    })?;
    if wanted {
        return Ok(());
    }
    made.delete()?;
    Err(given_up())
}

/// A compressed copy, which libvirt cannot make: by qemu-img, where the files of the host are those of this machine.
pub(super) fn compressed(
    connection: &Connection,
    volume: &Volume,
    facts: &StorageVolume,
    copy: &VolumeCopy,
    kind: &str,
    beside: &Beside<'_>,
) -> Result<()> {
    let pool = pool_for(connection, volume, copy)?;
    let format = copy.format.as_deref().unwrap_or("qcow2");
    if format != "qcow2" {
        return Err(Error::own(format!(
            "only qcow2 is compressed, not {format}"
        )));
    }
    if !is_of_files(&pool)? {
        return Err(Error::own("only a file can be compressed"));
    }
    if pool.volume(&copy.name).is_ok() {
        return Err(Error::own("there is a volume of this name already"));
    }
    is_seen_here(facts)?;
    let folder = storage::pool(&pool.xml(false)?)
        .and_then(|facts| facts.path)
        .ok_or_else(|| Error::own("the folder of the pool is not known"))?;
    if copy.name.contains('/') {
        return Err(Error::own("a name has no '/'"));
    }
    let part = format!("{folder}/{}{PART}", copy.name);
    let target = format!("{folder}/{}", copy.name);
    if fs::exists(&part).unwrap_or(false) {
        return Err(Error::own(format!(
            "there is a {part} already: another copy goes on, or broke off; delete it then"
        )));
    }
    (beside.pausing)();
    let done = by_qemu_img(facts, &part, kind, beside)
        // A link does not replace what came meanwhile, as renaming would.
        .and_then(|()| {
            fs::hard_link(&part, &target).map_err(|error| Error::own(format!("{target}: {error}")))
        });
    let _ = fs::remove_file(&part);
    done?;
    pool.act(&PoolVerb::Refresh)
}

fn by_qemu_img(facts: &StorageVolume, part: &str, kind: &str, beside: &Beside<'_>) -> Result<()> {
    let failed = |error: std::io::Error| Error::own(format!("qemu-img cannot be run: {error}"));
    let mut run = Command::new("qemu-img")
        .args(["convert", "-p", "-c", "-f"])
        .arg(facts.format.as_deref().unwrap_or("raw"))
        .args(["-O", "qcow2", "-o", &format!("compression_type={kind}")])
        .args(["--", &facts.path, part])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut told = Told::default();
    let mut bytes = [0; 256];
    let mut wanted = true;
    if let Some(mut out) = run.stdout.take() {
        // It writes how far it is several times a second, so a wish to stop is soon heard.
        while let Ok(got @ 1..) = out.read(&mut bytes) {
            if let Some(percent) = told.read(&bytes[..got]) {
                let whole = facts.capacity_bytes;
                let done = whole.map_or(0, |whole| share(whole, percent));
                wanted = (beside.progress)(done, whole);
            }
            if !wanted {
                let _ = run.kill();
            }
        }
    }
    let output = run.wait_with_output().map_err(failed)?;
    if !wanted {
        return Err(given_up());
    }
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(Error::own(format!("qemu-img: {}", words.trim())))
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the whole"
)]
fn share(whole: u64, percent: f64) -> u64 {
    (whole as f64 * percent.clamp(0.0, 100.0) / 100.0) as u64
}

/// What qemu-img writes of how far it is: `    (12.34/100%)` and a carriage return, over and over.
#[derive(Default)]
struct Told {
    line: String,
}

impl Told {
    /// The last figure that is complete, in percent.
    fn read(&mut self, bytes: &[u8]) -> Option<f64> {
        self.line.push_str(&String::from_utf8_lossy(bytes));
        let (whole, rest) = self.line.rsplit_once(['\r', '\n'])?;
        let last = whole.rsplit(['\r', '\n']).find(|part| part.contains('('));
        let percent = last.and_then(|part| {
            let figure = part.split_once('(')?.1.split_once('/')?.0;
            figure.trim().parse().ok()
        });
        self.line = rest.to_owned();
        percent
    }
}

/// Whether the file of a volume is the one that this machine has at its path: host and machine may be two.
fn is_seen_here(facts: &StorageVolume) -> Result<()> {
    let elsewhere = || {
        Error::own(
            "libvirt cannot compress, and qemu-img on this machine does not see the host's files: run it on the host",
        )
    };
    let here = fs::metadata(&facts.path).map_err(|_| elsewhere())?;
    let written = here.modified().ok();
    let same_size = facts.physical_bytes.is_none_or(|size| size == here.size());
    if written == facts.changed && same_size {
        Ok(())
    } else {
        Err(elsewhere())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_when_they_are_complete() {
        let mut told = Told::default();
        assert_eq!(told.read(b"    (0.00/100%)\r    (12"), Some(0.0));
        assert_eq!(told.read(b".50/100%)"), None);
        assert_eq!(told.read(b"\r    (x/100%)\r"), None);
        assert_eq!(
            told.read(b"    (25.00/100%)\r    (99.99/100%)\r    (100.00/100%)\r\n"),
            Some(100.0)
        );
        assert_eq!(share(1000, 12.5), 125);
    }
}
