//! Volumes that go with a domain: found, and refused when somebody else needs them.

use roxmltree::Document;

use super::ffi::{Connection, Domain, Error, Filter, Result, Volume};
use crate::protocol::{DiskVolume, FileUser, XmlKind};

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
    let paths: Vec<&str> = volumes.iter().map(Volume::path).collect();
    refuse_needed(domain, &paths)?;
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

/// Refuses when anybody else needs one of the files.
fn refuse_needed(domain: &Domain, paths: &[&str]) -> Result<()> {
    match needed(domain, paths)?.first() {
        Some(FileUser { path, user }) => {
            Err(Error::own(format!("{path}: {user}; nothing was deleted")))
        }
        None => Ok(()),
    }
}

/// Who else needs the files: another domain that has one as a disk or below one, or a volume that is based on it.
///
/// # Errors
/// libvirt's own.
pub fn needed(domain: &Domain, paths: &[&str]) -> Result<Vec<FileUser>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let own = domain.uuid()?;
    let connection = domain.connection();
    let mut users = Vec::new();
    for other in connection.list(Filter::ALL)? {
        if other.uuid()? == own {
            continue;
        }
        let kinds = [XmlKind::Live, XmlKind::Inactive];
        let documents: Vec<_> = kinds
            .iter()
            .filter_map(|kind| other.xml(*kind).ok())
            .collect();
        for path in paths {
            if documents.iter().any(|xml| names_source(xml, path)) {
                let name = other.name().unwrap_or_default();
                users.push(FileUser {
                    path: (*path).to_owned(),
                    user: format!("used by the domain '{name}' too"),
                });
            }
        }
    }
    for (volume, xml) in connection.volume_documents()? {
        if paths.contains(&volume.as_str()) {
            continue;
        }
        if let Some(path) = backing(&xml).filter(|path| paths.contains(&path.as_str())) {
            users.push(FileUser {
                path,
                user: format!("the volume {volume} is based on it"),
            });
        }
    }
    Ok(users)
}

/// Whether a disk of the XML, or a layer below one, is the file. A document that cannot be read is searched as text, since
/// too careful is better here.
fn names_source(xml: &str, path: &str) -> bool {
    let Ok(document) = Document::parse(xml) else {
        return xml.contains(path);
    };
    document
        .descendants()
        .filter(|node| node.has_tag_name("source"))
        .any(|source| {
            ["file", "dev", "dir"]
                .iter()
                .any(|name| source.attribute(*name) == Some(path))
        })
}

/// The file that a volume is based on.
pub fn backing(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let store = document
        .root_element()
        .children()
        .find(|node| node.has_tag_name("backingStore"))?;
    let path = store.children().find(|node| node.has_tag_name("path"))?;
    path.text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_below_a_disk_is_a_source_too() {
        let xml = "<domain><title>/a</title><devices><disk><source file='/top'/><backingStore><source file='/base'/>\
            </backingStore></disk></devices></domain>";
        assert!(names_source(xml, "/base") && names_source(xml, "/top"));
        assert!(!names_source(xml, "/a"));
        assert!(names_source("<broken /x", "/x"));
    }

    #[test]
    fn the_base_of_a_volume_is_its_backing_store() {
        let xml = "<volume><target><path>/top</path></target><backingStore><path>/base</path></backingStore></volume>";
        assert_eq!(backing(xml).as_deref(), Some("/base"));
        assert_eq!(backing("<volume/>"), None);
    }
}
