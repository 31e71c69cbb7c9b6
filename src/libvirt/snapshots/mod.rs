//! Snapshots, checkpoints and backups: read, and refused beforehand where libvirt would refuse them in words that help nobody
//! or spoil data. What is refused is decided in [`crate::snapshots`]; here it is asked again, with what holds at that moment.

mod backup;
mod checkpoints;
mod commit;
mod delete;
mod edit;
mod pictures;
mod sizes;
mod source;

pub use backup::begin as backup;
pub use checkpoints::{create as create_checkpoint, delete as delete_checkpoint};
pub use delete::delete;
pub use edit::edit;
pub use pictures::{forget as forget_pictures, keep_in as keep_pictures_in, read as picture};
pub use sizes::{sizes, table as inside};
pub use source::{original, settle};

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use roxmltree::Document;

use super::ffi::{Domain, Error, Result};
use crate::domxml;
use crate::model::{Checkpoint, Snapshot};
use crate::protocol::{DiskPart, DomainSnapshots, NewSnapshot, Revert, SnapshotDelete, XmlKind};
use crate::snapshots as rules;
use crate::xml::Element;

/// All snapshots of a domain. One whose XML cannot be read is left out, with a line in the log.
///
/// # Errors
/// libvirt's own.
pub fn list(domain: &Domain) -> Result<Vec<Snapshot>> {
    let mut snapshots = Vec::new();
    for record in domain.snapshots()? {
        match domxml::snapshot(record.name, record.current, &record.xml) {
            Ok(snapshot) => snapshots.push(snapshot),
            Err(error) => tracing::warn!("a snapshot cannot be read: {error}"),
        }
    }
    Ok(snapshots)
}

/// All checkpoints of a domain.
///
/// # Errors
/// libvirt's own, such as that the driver has none.
pub fn checkpoints(domain: &Domain) -> Result<Vec<Checkpoint>> {
    let read = domain
        .checkpoints()?
        .into_iter()
        .filter_map(|(name, xml)| domxml::checkpoint(name, &xml).ok());
    Ok(read.collect())
}

/// All snapshots of a domain, and what decides what can be done with them. `Ok(None)` when nothing has changed since what was
/// read then had the mark `known`: names, the current one, the domain's own XML.
///
/// # Errors
/// libvirt's own.
pub fn read(domain: &Domain, known: Option<u64>) -> Result<Option<DomainSnapshots>> {
    let active = domain.state()?.0.is_active();
    let xml = domain.xml(match active {
        true => XmlKind::Live,
        false => XmlKind::Inactive,
    })?;
    let mut hasher = DefaultHasher::new();
    (domain.snapshot_names()?, active, &xml).hash(&mut hasher);
    domain
        .checkpoint_names()
        .unwrap_or_default()
        .hash(&mut hasher);
    let mark = hasher.finish();
    if known == Some(mark) {
        return Ok(None);
    }
    let mut facts = DomainSnapshots {
        snapshots: list(domain)?,
        checkpoints: checkpoints(domain).ok(),
        disks: domxml::disks(&xml).map_err(|error| Error::own(error.to_string()))?,
        active,
        managed_save: domain.has_managed_save().unwrap_or_default(),
        libvirt: domain.connection().versions().libvirt,
        mark,
        ..DomainSnapshots::default()
    };
    describe(&mut facts, &xml);
    pictures::sweep(domain, &facts.snapshots);
    Ok(Some(facts))
}

/// The same, whatever is known.
///
/// # Errors
/// libvirt's own.
pub fn facts(domain: &Domain) -> Result<DomainSnapshots> {
    read(domain, None).map(Option::unwrap_or_default)
}

/// Notes what the XML says beside the disks.
fn describe(facts: &mut DomainSnapshots, xml: &str) {
    let Ok(document) = Document::parse(xml) else {
        return;
    };
    let root = document.root_element();
    facts.test = root.attribute("type") == Some("test");
    for node in root.descendants() {
        match node.tag_name().name() {
            "loader" if node.attribute("type") == Some("pflash") => facts.pflash = true,
            "graphics" => facts.display = true,
            "currentMemory" => {
                facts.memory_kib = node.text().and_then(|text| text.trim().parse().ok());
            }
            "target" if node.attribute("name") == Some("org.qemu.guest_agent.0") => {
                facts.agent = Some(node.attribute("state") == Some("connected"));
            }
            _ => {}
        }
    }
    // libvirt may choose the firmware by itself, and then says so.
    let os = root.children().find(|node| node.has_tag_name("os"));
    facts.pflash |= os.is_some_and(|os| os.attribute("firmware") == Some("efi"));
}

/// Takes one.
///
/// # Errors
/// libvirt's own, or why it cannot be taken and which can.
pub fn create(domain: &Domain, wanted: &NewSnapshot) -> Result<()> {
    let known = facts(domain)?;
    if let Some(reason) = rules::no_create(&known, wanted) {
        return Err(Error::own(reason));
    }
    take(domain, &known, wanted)
}

/// The same when nothing speaks against it. What the screen shows is kept beside.
fn take(domain: &Domain, known: &DomainSnapshots, wanted: &NewSnapshot) -> Result<()> {
    let shows = known.active && known.display && !wanted.no_metadata;
    let picture = shows.then(|| pictures::shoot(domain)).flatten();
    domain.create_snapshot(&document(wanted), wanted)?;
    if let Some(png) = picture {
        pictures::keep(domain, &png);
    }
    Ok(())
}

fn document(wanted: &NewSnapshot) -> String {
    let mut document = Element::new("domainsnapshot")
        .children(wanted.name.as_ref().map(|name| Element::text("name", name)))
        .children(
            wanted
                .description
                .as_ref()
                .map(|text| Element::text("description", text)),
        );
    if let Some(file) = &wanted.memory_file {
        document = document.child(
            Element::new("memory")
                .with("snapshot", "external")
                .with("file", file),
        );
    }
    if wanted.disks.is_empty() {
        return document.document();
    }
    let disks = wanted.disks.iter().map(|(target, part)| {
        let disk = Element::new("disk").with("name", target);
        match part {
            DiskPart::No => disk.with("snapshot", "no"),
            DiskPart::Internal => disk.with("snapshot", "internal"),
            DiskPart::External(None) => disk.with("snapshot", "external"),
            DiskPart::External(Some(file)) => disk
                .with("snapshot", "external")
                .child(Element::new("source").with("file", file)),
        }
    });
    document
        .child(Element::new("disks").children(disks))
        .document()
}

/// Goes back to one.
///
/// # Errors
/// libvirt's own, or why it cannot and the way round.
pub fn revert(domain: &Domain, revert: &Revert) -> Result<()> {
    let mut known = facts(domain)?;
    let wanted = rules::named(&known, &revert.name)
        .map_err(Error::own)?
        .clone();
    if let Some(obstacle) = rules::obstacle(&known, &wanted).filter(|_| !revert.force) {
        if !revert.commit_first || obstacle.above.is_empty() {
            return Err(Error::own(obstacle.why));
        }
        for name in obstacle.above {
            delete(
                domain,
                &SnapshotDelete {
                    name,
                    ..SnapshotDelete::default()
                },
            )?;
        }
        known = facts(domain)?;
        if let Some(still) = rules::obstacle(&known, &wanted) {
            return Err(Error::own(still.why));
        }
    }
    if revert.snapshot_first {
        let present = NewSnapshot {
            description: Some(format!("before going back to '{}'", revert.name)),
            ..NewSnapshot::default()
        };
        if let Some(reason) = rules::no_create(&known, &present) {
            return Err(Error::own(format!(
                "no snapshot of the present state can be taken, and nothing was done: {reason}"
            )));
        }
        take(domain, &known, &present)?;
    }
    domain.revert(revert)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_xml_says_of_a_domain_is_noted() {
        let mut facts = DomainSnapshots::default();
        describe(
            &mut facts,
            "<domain type='kvm'><currentMemory unit='KiB'>1024</currentMemory><os><loader type='pflash'>/f</loader></os>
            <devices><channel><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
            <graphics type='vnc'/></devices></domain>",
        );
        assert!(facts.pflash && facts.display && !facts.test);
        assert_eq!((facts.agent, facts.memory_kib), (Some(true), Some(1024)));
        let mut facts = DomainSnapshots::default();
        describe(
            &mut facts,
            "<domain type='test'><os firmware='efi'/></domain>",
        );
        assert!(facts.test && facts.pflash);
        assert_eq!(facts.agent, None);
    }

    #[test]
    fn each_disk_is_written_as_it_is_wanted() {
        let wanted = NewSnapshot {
            name: Some("<&>".to_owned()),
            disk_only: true,
            disks: vec![
                ("vda".to_owned(), DiskPart::External(Some("/o".to_owned()))),
                ("vdb".to_owned(), DiskPart::No),
            ],
            ..NewSnapshot::default()
        };
        let xml = document(&wanted);
        assert!(xml.contains("<name>&lt;&amp;&gt;</name>"), "{xml}");
        assert!(
            xml.contains("<disk name=\"vdb\" snapshot=\"no\"/>")
                || xml.contains("<disk name='vdb' snapshot='no'/>"),
            "{xml}"
        );
        assert!(xml.contains("/o"), "{xml}");
    }
}
