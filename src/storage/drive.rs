//! Block devices of a host, from libvirt's XML of node devices (formatnode, capability `storage`).

use roxmltree::Document;

use super::{bytes, part, words};
use crate::protocol::Drive;

/// Reads one; `None` for what is no block device.
#[must_use]
pub fn drive(xml: &str) -> Option<Drive> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    let is_storage = |node: &roxmltree::Node<'_, '_>| {
        node.has_tag_name("capability") && node.attribute("type") == Some("storage")
    };
    let storage = root.children().find(is_storage)?;
    let removable = storage.children().find(|node| {
        node.has_tag_name("capability") && node.attribute("type") == Some("removable")
    });
    let named: Vec<String> = ["vendor", "model"]
        .iter()
        .filter_map(|name| words(storage, name))
        .collect();
    Some(Drive {
        path: words(storage, "block")?,
        kind: words(storage, "drive_type"),
        model: (!named.is_empty()).then(|| named.join(" ")),
        bytes: bytes(storage, "size").or_else(|| bytes(removable?, "media_size")),
        has_medium: removable
            .and_then(|removable| part(removable, "media_available"))
            .map(|there| there.text().is_some_and(|text| text.trim() == "1")),
        disc: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_and_a_disk_are_read() {
        let xml = "<device><name>block_sr0</name><capability type='storage'><block>/dev/sr0</block><drive_type>cdrom</drive_type>\
            <model>DVD</model><vendor>ACME</vendor><capability type='removable'><media_available>1</media_available>\
            <media_size>1024</media_size></capability></capability></device>";
        let found = drive(xml).unwrap();
        assert_eq!(
            (found.path.as_str(), found.kind.as_deref()),
            ("/dev/sr0", Some("cdrom"))
        );
        assert_eq!(found.model.as_deref(), Some("ACME DVD"));
        assert_eq!((found.bytes, found.has_medium), (Some(1024), Some(true)));
        let disk = drive("<device><capability type='storage'><block>/dev/vda</block><size>7</size></capability></device>").unwrap();
        assert_eq!((disk.bytes, disk.has_medium), (Some(7), None));
        assert_eq!(drive("<device><capability type='net'/></device>"), None);
    }
}
