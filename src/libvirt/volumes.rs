//! Volumes that go with a domain: found, and refused when somebody else needs them.

use super::ffi::{Connection, Domain, Error, Result, Volume};
use super::file_users::{self, Asked, Beside, Needed};
use crate::protocol::{DiskVolume, XmlKind};

/// The chosen volumes of a domain, each still the disk it was shown as, none needed by anybody else.
///
/// # Errors
/// libvirt's own; and a refusal that names the volume and who needs it. Then nothing may be deleted.
pub fn chosen(domain: &Domain, chosen: &[DiskVolume]) -> Result<Vec<Volume>> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let connection = domain.connection();
    let kind = if domain.is_persistent()? {
        XmlKind::Inactive
    } else {
        XmlKind::Live
    };
    let definition = crate::domxml::definition(&domain.xml(kind)?, false)
        .map_err(|error| Error::own(error.to_string()))?;
    let mut volumes = Vec::new();
    for wanted in chosen {
        let source = definition
            .disks
            .iter()
            .find(|disk| disk.target == wanted.target)
            .and_then(|disk| disk.source.as_deref());
        if source != Some(wanted.path.as_str()) {
            return Err(Error::own(format!(
                "the disk {} is not {} any more: nothing was deleted",
                wanted.target, wanted.path
            )));
        }
        let volume = find(connection, &wanted.path).map_err(|error| {
            Error::own(format!(
                "{} is not a volume of an active storage pool, so libvirt cannot delete it: {error}",
                wanted.path
            ))
        })?;
        volumes.push(volume);
    }
    let paths: Vec<String> = volumes.iter().map(|one| one.path().to_owned()).collect();
    file_users::refresh(connection, &paths);
    if let Some(first) = needed(domain, &paths)?.first() {
        return Err(Error::own(format!(
            "{} is {}; nothing was deleted",
            first.path,
            first.user.words()
        )));
    }
    Ok(volumes)
}

/// The volume that a disk's source is.
///
/// # Errors
/// libvirt's own, such as that no active pool has it.
pub fn find(connection: &Connection, source: &str) -> Result<Volume> {
    match source.split_once('/') {
        // A disk of type volume is written as pool/volume.
        Some((pool, name)) if !pool.is_empty() => connection.volume_of_pool(pool, name),
        _ => connection.volume(source),
    }
}

/// Who else needs files of a domain: another domain or its snapshot, or a volume that is based on one.
///
/// # Errors
/// libvirt's own.
pub fn needed(domain: &Domain, paths: &[String]) -> Result<Vec<Needed>> {
    let connection = domain.connection();
    let asked: Vec<_> = paths
        .iter()
        .map(|path| Asked::at(connection, path))
        .collect();
    let beside = Beside {
        own: Some(domain.uuid()?),
        chain: paths,
    };
    file_users::of(connection, &asked, beside)
}
