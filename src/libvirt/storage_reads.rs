//! What takes a look at everything of a host: who uses a secret, and what nobody uses.

use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};

use super::ffi::{Connection, Filter, Result, SnapshotRecord};
use super::snapshots;
use crate::domxml;
use crate::model::{Leftover, LeftoverKind, Pool, Secret, StorageVolume, Uri, Uuid};
use crate::protocol::{SecretUse, XmlKind};
use crate::storage::{self, Named};

/// Where QEMU's driver of the whole host keeps what belongs to domains.
const QEMU: &str = "/var/lib/libvirt/qemu";

/// All secrets, each with who uses it.
///
/// # Errors
/// libvirt's own, such as that the driver has no secrets.
pub fn secrets(connection: &Connection) -> Result<Vec<SecretUse>> {
    let mut found: Vec<SecretUse> = connection
        .secrets()?
        .into_iter()
        .map(|secret| SecretUse {
            has_value: has_value(connection, &secret),
            secret,
            users: Vec::new(),
        })
        .collect();
    if found.is_empty() {
        return Ok(found);
    }
    let mut note = |xml: &str, user: &str| {
        let Ok(document) = Document::parse(xml) else {
            return;
        };
        let named = document
            .descendants()
            .filter(|node| node.has_tag_name("secret"));
        for node in named.filter(Node::is_element) {
            for one in &mut found {
                if names(&node, &one.secret) && !one.users.iter().any(|known| known == user) {
                    one.users.push(user.to_owned());
                }
            }
        }
    };
    for domain in connection.list(Filter::ALL)? {
        let user = format!("domain {}", domain.name().unwrap_or_default());
        for kind in [XmlKind::Live, XmlKind::Inactive] {
            if let Ok(xml) = domain.xml(kind) {
                note(&xml, &user);
            }
        }
    }
    for (name, xml) in connection.pool_documents().unwrap_or_default() {
        note(&xml, &format!("pool {name}"));
    }
    for (path, xml) in connection.volume_documents().unwrap_or_default() {
        note(&xml, &format!("volume {path}"));
    }
    Ok(found)
}

/// Whether it has a value, which is thrown away at once. A private one says nothing.
fn has_value(connection: &Connection, secret: &Secret) -> Option<bool> {
    if secret.private {
        return None;
    }
    let value = connection.secret_value(secret.uuid).ok()?;
    Some(value.is_some_and(|value| !value.bytes().is_empty()))
}

fn names(node: &Node<'_, '_>, secret: &Secret) -> bool {
    let uuid: Option<Uuid> = node.attribute("uuid").and_then(|uuid| uuid.parse().ok());
    let usage = node.attribute("usage");
    uuid == Some(secret.uuid) || usage.is_some() && usage == secret.usage_id.as_deref()
}

/// All that domains, their snapshots and pools name.
fn named(connection: &Connection) -> Result<(Named, Vec<String>)> {
    let mut named = Named::default();
    let mut domains = Vec::new();
    for domain in connection.list(Filter::ALL)? {
        named.domains += 1;
        domains.push(domain.name()?);
        let (live, inactive) = (domain.xml(XmlKind::Live), domain.xml(XmlKind::Inactive));
        if let (Err(error), Err(_)) = (&live, &inactive)
            && !error.is_no_domain()
        {
            // What one domain needs would look like nobody's.
            return Err(live
                .err()
                .unwrap_or_else(|| super::ffi::Error::own("no XML")));
        }
        for xml in [live, inactive].into_iter().flatten() {
            named.note(&xml);
        }
        for record in domain.snapshots().unwrap_or_default() {
            named.snapshots += 1;
            named.note(&record.xml);
            note_inside(&mut named, &record);
        }
    }
    for (_, xml) in connection.pool_documents()? {
        named.note(&xml);
    }
    Ok((named, domains))
}

/// Notes what a snapshot of a domain keeps inside of files.
fn note_inside(named: &mut Named, record: &SnapshotRecord) {
    let name = &record.name;
    match domxml::snapshot(name.clone(), record.current, &record.xml) {
        Ok(snapshot) if !snapshot.disks.is_empty() => {
            for disk in &snapshot.disks {
                named.note_inside(snapshot.file(&disk.target), name);
            }
        }
        // Too careful is better.
        _ => named.note_inside(None, name),
    }
}

/// Snapshots inside of the qcow2 files of a pool of which no domain knows. A file that cannot be read says nothing.
fn forgotten(
    connection: &Connection,
    named: &Named,
    pool: &Pool,
    volumes: &[StorageVolume],
) -> Vec<Leftover> {
    let qcow2 = volumes
        .iter()
        .filter(|volume| volume.format.as_deref() == Some("qcow2"));
    let mut found = Vec::new();
    // One that nobody names is a leftover itself, with all that is in it.
    for volume in qcow2.filter(|volume| named.has_volume(&pool.name, volume)) {
        let table = connection
            .volume(&volume.path)
            .and_then(|handle| snapshots::inside(&handle));
        found.extend(storage::forgotten(
            named,
            pool,
            volume,
            &table.unwrap_or_default(),
        ));
    }
    found
}

/// Files that nobody needs: volumes of all active pools, and what QEMU's driver keeps for domains that are no more where
/// the host is this machine.
///
/// # Errors
/// libvirt's own: when one document cannot be had, nothing is said at all.
pub fn leftovers(connection: &Connection, uri: Option<&Uri>) -> Result<Vec<Leftover>> {
    let (named, domains) = named(connection)?;
    let mut pools: Vec<(Pool, Vec<StorageVolume>)> = Vec::new();
    for pool in connection.pools()? {
        if !pool.state.is_active() {
            continue;
        }
        let names = connection.volume_names(pool.uuid)?;
        let volumes = connection.volumes(pool.uuid, &names)?;
        pools.push((pool, volumes));
    }
    let mut found = storage::leftovers(&named, &pools);
    for (pool, volumes) in pools.iter().filter(|(pool, _)| pool.has_files()) {
        found.extend(forgotten(connection, &named, pool, volumes));
    }
    if is_this_machine(connection, uri) {
        found.extend(kept_by_qemu(Path::new(QEMU), &named, &domains));
    }
    found.sort_by(|one, other| {
        let size = |one: &Leftover| one.allocation_bytes;
        size(other).cmp(&size(one)).then(one.path.cmp(&other.path))
    });
    Ok(found)
}

/// Whether the files of the host are those of this machine: its ordinary daemon, by its ordinary socket.
fn is_this_machine(connection: &Connection, uri: Option<&Uri>) -> bool {
    let known = connection.uri().ok();
    let text = uri.map(Uri::as_str).or(known.as_deref());
    text == Some("qemu:///system")
}

/// A leftover of QEMU's driver that is still one.
///
/// # Errors
/// libvirt's own.
pub fn is_left(connection: &Connection, uri: Option<&Uri>, path: &str) -> Result<bool> {
    if !is_this_machine(connection, uri) {
        return Ok(false);
    }
    let (named, domains) = named(connection)?;
    let found = kept_by_qemu(Path::new(QEMU), &named, &domains);
    Ok(found.iter().any(|one| one.path == path))
}

fn kept_by_qemu(folder: &Path, named: &Named, domains: &[String]) -> Vec<Leftover> {
    let mut found = Vec::new();
    for (kind, inside, ending) in [
        (LeftoverKind::Nvram, "nvram", "_VARS.fd"),
        (LeftoverKind::SavedState, "save", ".save"),
    ] {
        let Ok(entries) = fs::read_dir(folder.join(inside)) else {
            continue;
        };
        for entry in entries.flatten() {
            let (Ok(facts), Ok(name)) = (entry.metadata(), entry.file_name().into_string()) else {
                continue;
            };
            let Some(domain) = name.strip_suffix(ending) else {
                continue;
            };
            let path = entry.path().to_string_lossy().into_owned();
            if !facts.is_file() || named.has(&path) || domains.iter().any(|known| known == domain) {
                continue;
            }
            use std::os::unix::fs::MetadataExt as _;
            found.push(Leftover {
                kind,
                path,
                volume: None,
                inside: None,
                allocation_bytes: Some(facts.blocks().saturating_mul(512)),
                changed: facts.modified().ok(),
                proof: format!(
                    "There is no domain '{domain}', and none of {} domains names it.",
                    named.domains
                ),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_qemu_keeps_for_a_domain_that_is_there_is_no_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for inside in ["nvram", "save"] {
            fs::create_dir(at(inside)).unwrap();
        }
        for file in [
            "nvram/gone_VARS.fd",
            "nvram/web_VARS.fd",
            "nvram/other.fd",
            "nvram/named_VARS.fd",
            "save/gone.save",
            "save/web.save",
        ] {
            fs::write(at(file), "x").unwrap();
        }
        let mut named = Named::default();
        let path = at("nvram/named_VARS.fd");
        named.note(&format!(
            "<domain><os><nvram>{}</nvram></os></domain>",
            path.display()
        ));
        let found = kept_by_qemu(folder.path(), &named, &["web".to_owned()]);
        let mut names: Vec<_> = found
            .iter()
            .map(|one| one.path.rsplit('/').next().unwrap_or_default().to_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["gone.save", "gone_VARS.fd"]);
    }
}
