//! Other words for a snapshot: libvirt is given its own document again, changed (`REDEFINE`).

use super::{facts, pictures};
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::protocol::{SnapshotDelete, SnapshotEdit};
use crate::snapshots as rules;
use crate::xml::escaped;

/// Changes name or description.
///
/// # Errors
/// libvirt's own, or why it cannot be changed.
pub fn edit(domain: &Domain, edit: &SnapshotEdit) -> Result<()> {
    let known = facts(domain)?;
    if let Some(why) = rules::no_edit(&known, edit) {
        return Err(Error::own(why));
    }
    let wanted = rules::named(&known, &edit.name).map_err(Error::own)?;
    let mut xml = domain.snapshot_xml(&edit.name)?;
    if let Some(description) = &edit.description {
        xml = with_child(&xml, "description", Some(description)).ok_or_else(unreadable)?;
    }
    let rename = edit.rename.as_ref().filter(|name| **name != edit.name);
    let Some(name) = rename else {
        return domain.redefine_snapshot(&xml, wanted.current);
    };
    let xml = with_child(&xml, "name", Some(name)).ok_or_else(unreadable)?;
    domain.redefine_snapshot(&xml, wanted.current)?;
    // Those that hang on it learn its name before the old one goes.
    for child in &known.snapshots {
        if child.parent.as_deref() == Some(edit.name.as_str()) {
            let xml = domain.snapshot_xml(&child.name)?;
            let xml = with_parent(&xml, name).ok_or_else(unreadable)?;
            domain.redefine_snapshot(&xml, child.current)?;
        }
    }
    domain.delete_snapshot(&SnapshotDelete {
        name: edit.name.clone(),
        metadata: true,
        ..SnapshotDelete::default()
    })?;
    pictures::follow(domain, &known.snapshots, Some((&edit.name, name)));
    Ok(())
}

/// Tells a snapshot that files of its disks are others now.
pub fn with_files(domain: &Domain, name: &str, changes: &[(String, String)]) -> Result<()> {
    let xml = domain.snapshot_xml(name)?;
    let mut changed = xml.clone();
    let document =
        roxmltree::Document::parse(&xml).map_err(|error| Error::own(error.to_string()))?;
    // From the end, so that places before stay what they are.
    let sources: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("source"))
        .filter(|node| {
            // Its own overlays stand in <disks>, those of the domain in <devices>.
            node.ancestors().any(|above| above.has_tag_name("devices"))
        })
        .collect();
    for source in sources.into_iter().rev() {
        let Some(attribute) = source.attribute_node("file") else {
            continue;
        };
        let found = changes.iter().find(|(old, _)| old == attribute.value());
        if let Some((_, new)) = found {
            changed.replace_range(attribute.range_value(), &escaped(new, true));
        }
    }
    if changed == xml {
        return Ok(());
    }
    let current = domain.current_snapshot()?.as_deref() == Some(name);
    domain.redefine_snapshot(&changed, current)
}

fn unreadable() -> Error {
    Error::own("what libvirt remembers of it cannot be read")
}

/// The document with another text in a child of its root; without one the child goes.
fn with_child(xml: &str, name: &str, text: Option<&str>) -> Option<String> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let root = document.root_element();
    let child = root.children().find(|node| node.has_tag_name(name));
    let new = text
        .filter(|text| !text.is_empty())
        .map(|text| format!("<{name}>{}</{name}>", escaped(text, false)))
        .unwrap_or_default();
    let mut changed = xml.to_owned();
    match child {
        Some(child) => changed.replace_range(child.range(), &new),
        None => {
            let at = root.first_child()?.range().start;
            changed.insert_str(at, &new);
        }
    }
    Some(changed)
}

fn with_parent(xml: &str, name: &str) -> Option<String> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let parent = document
        .root_element()
        .children()
        .find(|node| node.has_tag_name("parent"))?;
    let mut changed = xml.to_owned();
    changed.replace_range(
        parent.range(),
        &format!("<parent><name>{}</name></parent>", escaped(name, false)),
    );
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_child_is_changed_and_the_rest_stays_as_it_is() {
        let xml = "<domainsnapshot>\n  <name>a</name>\n  <parent><name>p</name></parent><domain><name>d</name></domain>\n</domainsnapshot>\n";
        let described = with_child(xml, "description", Some("<new> & \"odd\"")).unwrap();
        assert!(
            described.contains("<description>&lt;new&gt; &amp;"),
            "{described}"
        );
        assert!(described.contains("<domain><name>d</name></domain>"));
        assert!(
            !with_child(&described, "description", Some(""))
                .unwrap()
                .contains("description")
        );
        let renamed = with_child(xml, "name", Some("b")).unwrap();
        assert!(renamed.contains("<name>b</name>") && renamed.contains("<name>d</name>"));
        assert!(
            with_parent(xml, "q&")
                .unwrap()
                .contains("<parent><name>q&amp;</name></parent>")
        );
        assert_eq!(with_child("<", "name", None), None);
    }
}
