//! A snapshot as what new domains are made from: its definition, and what becomes of the copies of its disks.

use roxmltree::Document;

use super::facts;
use crate::create::clone::{FromSnapshot, Original};
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::protocol::{Revert, RevertedAs, SnapshotDelete, XmlKind};
use crate::snapshots as rules;
use crate::xml::Element;

/// The domain as it was at a snapshot.
///
/// # Errors
/// libvirt's own, or why no domain can be made from it.
pub fn original(domain: &Domain, name: &str) -> Result<Original> {
    let known = facts(domain)?;
    let snapshot = rules::named(&known, name).map_err(Error::own)?;
    if let Some(why) = rules::no_clone(&known, snapshot) {
        return Err(Error::own(why));
    }
    let text = domain.snapshot_xml(name)?;
    let xml = definition(&text).ok_or_else(|| {
        Error::own(format!(
            "the snapshot '{name}' does not tell what the domain was like"
        ))
    })?;
    let (inside, within) = rules::within(&known, snapshot);
    Ok(Original {
        xml,
        snapshot: Some(FromSnapshot {
            name: name.to_owned(),
            held: snapshot.targets().into_iter().map(str::to_owned).collect(),
            inside,
            within,
        }),
        ..Original::default()
    })
}

/// The definition that a snapshot holds: that of the next start, where libvirt kept it.
fn definition(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let part = |name: &str| {
        document
            .root_element()
            .children()
            .find(|node| node.has_tag_name(name))
    };
    let Some(inactive) = part("inactiveDomain") else {
        return text.get(part("domain")?.range()).map(str::to_owned);
    };
    let inner = text
        .get(inactive.range())?
        .strip_prefix("<inactiveDomain")?
        .strip_suffix("</inactiveDomain>")?;
    Some(format!("<domain{inner}</domain>"))
}

/// Takes a clone, whose disks are copies byte by byte, back to the snapshot in them; then takes all snapshots out of them.
/// libvirt does both for snapshots that it remembers, so it is told of each.
///
/// # Errors
/// libvirt's own.
pub fn settle(clone: &Domain, from: &FromSnapshot) -> Result<()> {
    let definition = match clone.inactive_xml_with_secrets() {
        Err(error) if error.is_denied() => clone.xml(XmlKind::Inactive)?,
        xml => xml?,
    };
    let wanted = from.within.iter().filter(|(name, _)| *name == from.name);
    let others = from.within.iter().filter(|(name, _)| *name != from.name);
    for (name, targets) in wanted.chain(others) {
        clone.redefine_snapshot(&document(name, targets, &definition), false)?;
        if *name == from.name {
            clone.revert(&Revert {
                name: name.clone(),
                then: RevertedAs::AsItWas,
                ..Revert::default()
            })?;
        }
        clone.delete_snapshot(&SnapshotDelete {
            name: name.clone(),
            ..SnapshotDelete::default()
        })?;
    }
    Ok(())
}

/// A snapshot of the disks alone, of a domain that is off: the memory in it is that of another.
fn document(name: &str, targets: &[String], definition: &str) -> String {
    let disks = targets.iter().map(|target| {
        Element::new("disk")
            .with("name", target)
            .with("snapshot", "internal")
    });
    let document = Element::new("domainsnapshot")
        .child(Element::text("name", name))
        .child(Element::text("state", "shutoff"))
        .child(Element::text("creationTime", "0"))
        .child(Element::new("memory").with("snapshot", "no"))
        .child(Element::new("disks").children(disks))
        .document();
    let end = document
        .rfind("</domainsnapshot>")
        .unwrap_or(document.len());
    let (head, tail) = document.split_at(end);
    format!("{head}{definition}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_next_start_is_taken() {
        let running = "<domainsnapshot><name>s</name><domain type='qemu'><name>d</name></domain></domainsnapshot>";
        assert_eq!(
            definition(running).as_deref(),
            Some("<domain type='qemu'><name>d</name></domain>")
        );
        let both = "<domainsnapshot><domain><name>d</name></domain>\
            <inactiveDomain type='qemu'><name>e</name></inactiveDomain></domainsnapshot>";
        assert_eq!(
            definition(both).as_deref(),
            Some("<domain type='qemu'><name>e</name></domain>")
        );
        assert_eq!(definition("<domainsnapshot/>"), None);
    }

    #[test]
    fn libvirt_is_told_of_a_snapshot_of_the_disks_alone() {
        let xml = document(
            "<s>",
            &["vda".to_owned()],
            "<domain><name>d</name></domain>",
        );
        let read = Document::parse(&xml).unwrap();
        let root = read.root_element();
        let text = |name: &str| {
            let found = root.children().find(|node| node.has_tag_name(name));
            found.and_then(|node| node.text()).map(str::to_owned)
        };
        assert_eq!(text("name").as_deref(), Some("<s>"));
        assert_eq!(text("state").as_deref(), Some("shutoff"));
        assert!(
            root.children().any(|node| node.has_tag_name("domain")),
            "{xml}"
        );
    }
}
