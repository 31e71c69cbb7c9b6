//! Files and drives of this machine that become volumes, and volumes that become files of it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::ffi::{Connection, Error, Result, Volume};
use super::storage_verbs::{Beside, is_of_files};
use crate::model::{StorageVolume, Uri};
use crate::protocol::{Disc, Drive, NewVolume, PoolVerb, Transfer, VolumeName};
use crate::storage;
use crate::text;

/// Behind the name of what is not whole yet.
pub(super) const PART: &str = ".part";

/// Opens a file or a device to be sent; with it, how large it is.
fn opened(path: &str) -> Result<(File, u64)> {
    let broken = |error: std::io::Error| Error::own(format!("{path}: {error}"));
    let mut file = File::open(path).map_err(broken)?;
    let kind = file.metadata().map_err(broken)?.file_type();
    if kind.is_dir() {
        return Err(Error::own(format!("{path} is a folder")));
    }
    if !kind.is_file() && !kind.is_block_device() {
        return Err(Error::own(format!(
            "{path} is neither a file nor a block device"
        )));
    }
    // A device has no length but an end.
    let size = file.seek(SeekFrom::End(0)).map_err(broken)?;
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    Ok((file, size))
}

/// What the descriptor of ISO 9660 says, where there is one.
fn disc_of(file: &mut File) -> Option<Disc> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(storage::DESCRIPTORS_AT)).ok()?;
    let most = storage::MOST_DESCRIPTORS * storage::SECTOR;
    file.take(most).read_to_end(&mut bytes).ok()?;
    storage::disc(&bytes)
}

/// How much of a source is sent: all of it, or what the disc in it says.
fn wanted(file: &mut File, size: u64, how: &Transfer) -> Result<u64> {
    if !how.disc {
        return Ok(size);
    }
    let path = &how.file;
    let disc = disc_of(file).ok_or_else(|| {
        Error::own(format!(
            "{path} has no ISO 9660 file system that says how long it is: leave --disc out, and all of it is read"
        ))
    })?;
    if disc.bytes > size {
        return Err(Error::own(format!(
            "the disc in {path} says that it has {}, but only {} can be read: is it whole?",
            text::bytes(disc.bytes),
            text::bytes(size)
        )));
    }
    Ok(disc.bytes)
}

/// Block devices of the host, where that is this machine; with the discs in them.
///
/// # Errors
/// libvirt's own; that the host is another machine.
pub(super) fn drives(connection: &Connection, uri: Option<&Uri>) -> Result<Vec<Drive>> {
    let told = connection.uri().ok().and_then(|uri| uri.parse().ok());
    if !uri
        .or(told.as_ref())
        .is_some_and(super::host_facts::is_of_this_machine)
    {
        return Err(Error::own(
            "the host is another machine, and only drives of this one can be read",
        ));
    }
    let mut found: Vec<Drive> = connection
        .node_devices()?
        .iter()
        .filter_map(|xml| storage::drive(xml))
        .collect();
    for drive in found
        .iter_mut()
        .filter(|drive| drive.has_medium != Some(false))
    {
        let Ok((mut file, size)) = opened(&drive.path) else {
            continue;
        };
        drive.bytes = drive.bytes.or(Some(size));
        drive.disc = disc_of(&mut file).filter(|disc| disc.bytes <= size);
    }
    // Discs first, then what is taken out, then by path.
    found.sort_by_key(|drive| {
        let is_drive = drive.kind.as_deref() == Some("cdrom");
        (drive.disc.is_none(), !is_drive, drive.path.clone())
    });
    Ok(found)
}

/// Overwrites a volume with a file.
pub(super) fn upload(
    volume: &Volume,
    facts: &StorageVolume,
    how: &Transfer,
    beside: &Beside<'_>,
) -> Result<()> {
    let (mut file, size) = opened(&how.file)?;
    let whole = wanted(&mut file, size, how)?;
    let sent = match how.length {
        0 => whole,
        length => length.min(whole),
    };
    if facts.format.as_deref() == Some("raw")
        && let Some(room) = facts.capacity_bytes
        && how.offset.saturating_add(sent) > room
    {
        return Err(Error::own(format!(
            "{} has {sent} bytes, the volume room for {}: resize it first, or make a new one (--create)",
            how.file,
            room.saturating_sub(how.offset)
        )));
    }
    (beside.pausing)();
    let how = Transfer {
        length: sent,
        // libvirt steps over a hole in a file and leaves there what the volume held before.
        sparse: false,
        ..how.clone()
    };
    volume.send_file(&mut file, &how, &mut |done| {
        (beside.progress)(done, Some(sent))
    })
}

/// Makes a new volume of a file or a drive. It gets its name when it is whole: until then it is called otherwise, and whatever
/// breaks off leaves nothing under the name that was asked for.
pub(super) fn import(
    connection: &Connection,
    name: &VolumeName,
    how: &Transfer,
    beside: &Beside<'_>,
) -> Result<()> {
    let pool = name
        .pool
        .as_ref()
        .ok_or_else(|| Error::own("say in which pool (--pool)"))?;
    let pool = connection.pool_of(pool)?;
    if pool.volume(&name.name).is_ok() {
        return Err(Error::own("there is a volume of this name already"));
    }
    let (mut file, size) = opened(&how.file)?;
    let size = wanted(&mut file, size, how)?;
    let files = is_of_files(&pool)?;
    let described = |name: &str| {
        let new = NewVolume {
            name: name.to_owned(),
            capacity_bytes: size.max(1),
            format: Some("raw".to_owned()),
            // Holes stay holes, where there can be any.
            allocation_bytes: files.then_some(0),
            ..NewVolume::default()
        };
        storage::volume_xml(&new, files, None).0
    };
    let part_name = format!("{}{PART}", name.name);
    let part = pool.create(&described(&part_name), false).map_err(|error| {
        if pool.volume(&part_name).is_ok() {
            Error::own(format!(
                "there is a {part_name} already: another upload goes on, or broke off; delete it then"
            ))
        } else {
            error
        }
    })?;
    (beside.pausing)();
    let how = Transfer {
        offset: 0,
        length: size,
        ..how.clone()
    };
    let sent = match size {
        // libvirt takes 0 for all there is.
        0 => Ok(()),
        _ => part.send_file(&mut file, &how, &mut |done| {
            (beside.progress)(done, Some(size))
        }),
    };
    let whole = sent.and_then(|()| {
        pool.create_from(&described(&name.name), &part, false, false)
            .map(drop)
    });
    let removed = part.delete();
    whole?;
    removed?;
    // libvirt looks at what it is only when it looks at all of them.
    let _ = pool.act(&PoolVerb::Refresh);
    Ok(())
}

/// Fetches into a file that gets its name when it is whole; one that is there already stays as it is.
pub(super) fn download(
    volume: &Volume,
    how: &Transfer,
    whole: Option<u64>,
    beside: &Beside<'_>,
) -> Result<()> {
    let broken = |error: std::io::Error| Error::own(format!("{}: {error}", how.file));
    if Path::new(&how.file).exists() {
        return Err(Error::own(format!(
            "{} is there already: it was not overwritten",
            how.file
        )));
    }
    let part = format!("{}{PART}", how.file);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .map_err(|error| Error::own(format!("{part}: {error}")))?;
    let fetched = volume
        .fetch_into(&mut file, how, &mut |done| (beside.progress)(done, whole))
        // A link does not replace what came meanwhile, as renaming would.
        .and_then(|()| fs::hard_link(&part, &how.file).map_err(broken));
    let _ = fs::remove_file(&part);
    fetched
}
