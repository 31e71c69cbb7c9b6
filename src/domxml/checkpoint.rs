//! Reading the XML of a checkpoint (libvirt's formatcheckpoint).

use roxmltree::Document;

use super::document::{child, with_controls_visible};
use crate::model::Checkpoint;

/// What the XML of a checkpoint says. Its name is asked of libvirt by the caller.
///
/// # Errors
/// That it is not XML.
pub fn checkpoint(name: String, xml: &str) -> Result<Checkpoint, roxmltree::Error> {
    let xml = with_controls_visible(xml);
    let document = Document::parse(&xml)?;
    let root = document.root_element();
    let text = |name| {
        child(root, name)
            .and_then(|node| node.text())
            .map(str::to_owned)
    };
    let disks = child(root, "disks")
        .into_iter()
        .flat_map(|list| list.children())
        .filter(|disk| disk.has_tag_name("disk") && disk.attribute("checkpoint") != Some("no"))
        .filter_map(|disk| disk.attribute("name").map(str::to_owned))
        .collect();
    Ok(Checkpoint {
        name,
        parent: child(root, "parent")
            .and_then(|parent| child(parent, "name"))
            .and_then(|name| name.text())
            .map(str::to_owned),
        created: text("creationTime").and_then(|time| time.trim().parse().ok()),
        description: text("description").filter(|text| !text.is_empty()),
        disks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_notes_and_what_it_follows_are_read() {
        let xml = "<domaincheckpoint><name>b</name><description>daily</description><parent><name>a</name></parent>
            <creationTime>9</creationTime><disks><disk name='vda' checkpoint='bitmap' bitmap='b'/>
            <disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>";
        let read = checkpoint("b".to_owned(), xml).unwrap();
        assert_eq!(
            (read.parent.as_deref(), read.created, read.disks.as_slice()),
            (Some("a"), Some(9), &["vda".to_owned()][..])
        );
        assert_eq!(read.description.as_deref(), Some("daily"));
        assert!(checkpoint("x".to_owned(), "<").is_err());
    }
}
