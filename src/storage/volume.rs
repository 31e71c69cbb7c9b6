//! `<volume>`.

use std::time::{Duration, SystemTime};

use roxmltree::Document;

use super::{bytes, part, words};
use crate::model::StorageVolume;

/// Reads a volume's XML; `None` when it is none.
#[must_use]
pub fn volume(xml: &str) -> Option<StorageVolume> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    if !root.has_tag_name("volume") {
        return None;
    }
    let target = part(root, "target");
    let backing = part(root, "backingStore");
    let format = |node: Option<roxmltree::Node<'_, '_>>| {
        let format = part(node?, "format")?.attribute("type")?;
        Some(format.to_owned())
    };
    let encryption = target.and_then(|target| part(target, "encryption"));
    let stamp = target
        .and_then(|target| part(target, "timestamps"))
        .and_then(|stamps| words(stamps, "mtime"));
    Some(StorageVolume {
        name: words(root, "name").unwrap_or_default(),
        path: target
            .and_then(|target| words(target, "path"))
            .or_else(|| words(root, "key"))
            .unwrap_or_default(),
        kind: root.attribute("type").unwrap_or("file").to_owned(),
        format: format(target),
        capacity_bytes: bytes(root, "capacity"),
        allocation_bytes: bytes(root, "allocation"),
        physical_bytes: bytes(root, "physical"),
        backing: backing.and_then(|backing| words(backing, "path")),
        backing_format: format(backing),
        changed: stamp.as_deref().and_then(time),
        encryption: encryption
            .and_then(|encryption| encryption.attribute("format"))
            .map(str::to_owned),
        secret: encryption
            .and_then(|encryption| part(encryption, "secret"))
            .and_then(|secret| secret.attribute("uuid")?.parse().ok()),
        compat: target.and_then(|target| words(target, "compat")),
        cluster_bytes: target.and_then(|target| bytes(target, "clusterSize")),
        lazy_refcounts: target
            .and_then(|target| part(target, "features"))
            .is_some_and(|features| part(features, "lazy_refcounts").is_some()),
    })
}

/// `1341933637.273190990`: seconds of the epoch, and nanoseconds.
fn time(stamp: &str) -> Option<SystemTime> {
    let (seconds, rest) = stamp.trim().split_once('.').unwrap_or((stamp.trim(), "0"));
    let nanoseconds: u32 = rest.parse().ok().filter(|rest| *rest < 1_000_000_000)?;
    let since = Duration::new(seconds.parse().ok()?, nanoseconds);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_tells_all_of_itself() {
        let xml = "<volume type='file'><name>web.qcow2</name><key>/p/web.qcow2</key><capacity unit='bytes'>100</capacity>\
            <allocation unit='bytes'>7</allocation><physical unit='bytes'>9</physical><target><path>/p/web.qcow2</path>\
            <format type='qcow2'/><timestamps><atime>1.2</atime><mtime>10.500000000</mtime></timestamps>\
            <encryption format='luks'><secret type='passphrase' uuid='f52a81b2-424e-490c-823d-6bd4235bc572'/></encryption>\
            <compat>1.1</compat><clusterSize unit='B'>65536</clusterSize><features><lazy_refcounts/></features></target>\
            <backingStore><path>/p/base</path><format type='raw'/></backingStore></volume>";
        let read = volume(xml).unwrap();
        assert_eq!(read.name, "web.qcow2");
        assert_eq!(
            (
                read.capacity_bytes,
                read.allocation_bytes,
                read.physical_bytes
            ),
            (Some(100), Some(7), Some(9))
        );
        assert_eq!(
            (read.format.as_deref(), read.backing.as_deref()),
            (Some("qcow2"), Some("/p/base"))
        );
        assert_eq!(read.backing_format.as_deref(), Some("raw"));
        assert_eq!(
            read.changed,
            Some(SystemTime::UNIX_EPOCH + Duration::from_millis(10_500))
        );
        assert_eq!(read.encryption.as_deref(), Some("luks"));
        assert!(read.secret.is_some() && read.lazy_refcounts && read.is_sparse());
        assert_eq!(read.cluster_bytes, Some(65536));
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let read = volume("<volume><name>x</name><key>k</key></volume>").unwrap();
        assert_eq!(read.path, "k");
        assert_eq!((read.capacity_bytes, read.changed), (None, None));
        assert!(!read.is_sparse());
        assert_eq!(volume("<pool/>"), None);
        assert_eq!(time("x.y"), None);
        assert_eq!(time("5.9999999999"), None);
    }
}
