//! Pools, volumes and secrets written as libvirt reads them.

use crate::model::{StorageVolume, Uuid};
use crate::protocol::{NewPool, NewVolume, Preallocation};
use crate::xml::Element;

/// `<pool>` of what is wanted.
#[must_use]
pub fn pool_xml(new: &NewPool) -> String {
    let named = |name: &'static str, attribute: &'static str, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| Element::new(name).with(attribute, value))
    };
    let mut source = Element::new("source")
        .children(named("host", "name", &new.source_host))
        .children(named("dir", "path", &new.source_path))
        .children(named("device", "path", &new.source_device))
        .children(named("adapter", "name", &new.adapter_name));
    if let Some(iqn) = &new.source_initiator {
        let initiator = Element::new("initiator");
        source = source.child(initiator.child(Element::new("iqn").with("name", iqn)));
    }
    if let (Some(kind), Some(user)) = (&new.auth_type, &new.auth_username) {
        let secret = Element::new("secret")
            .maybe("usage", new.secret_usage.as_ref())
            .maybe("uuid", new.secret_uuid.as_ref());
        let auth = Element::new("auth")
            .with("type", kind)
            .with("username", user);
        source = source.child(auth.child(secret));
    }
    source = source
        .children(
            new.source_name
                .as_ref()
                .map(|name| Element::text("name", name)),
        )
        .children(named("format", "type", &new.source_format));
    let mut pool = Element::new("pool")
        .with("type", &new.kind)
        .child(Element::text("name", &new.name));
    if !source.is_empty() {
        pool = pool.child(source);
    }
    if let Some(path) = &new.target {
        pool = pool.child(Element::new("target").child(Element::text("path", path)));
    }
    pool.document()
}

fn size(name: &'static str, bytes: u64) -> Element {
    Element::text(name, bytes).with("unit", "bytes")
}

fn encryption(secret: Uuid) -> Element {
    let secret = Element::new("secret")
        .with("type", "passphrase")
        .with("uuid", secret);
    Element::new("encryption")
        .with("format", "luks")
        .child(secret)
}

/// `<volume>` of what is wanted in a pool whose volumes are files or not; `backing` is the path of its base. With it, whether
/// `VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA` is to be said.
#[must_use]
pub fn volume_xml(new: &NewVolume, files: bool, backing: Option<&str>) -> (String, bool) {
    let qcow2 = new.format.as_deref() == Some("qcow2");
    let all = new.capacity_bytes;
    let allocation = match new.preallocation {
        // libvirt reserves a whole raw file that is allocated whole, and a qcow2 with its tables.
        Preallocation::Falloc | Preallocation::Full => Some(all),
        Preallocation::Off | Preallocation::Metadata => Some(0),
        Preallocation::Unsaid => new.allocation_bytes,
    };
    let mut target = Element::new("target");
    if files {
        target = target.children(
            new.format
                .as_ref()
                .map(|format| Element::new("format").with("type", format)),
        );
        let compat = new.compat.as_deref().or(qcow2.then_some("1.1"));
        target = target.children(compat.map(|compat| Element::text("compat", compat)));
        if let Some(cluster) = new.cluster_bytes {
            target = target.child(Element::text("clusterSize", cluster).with("unit", "B"));
        }
        if new.lazy_refcounts {
            let features = Element::new("features").child(Element::new("lazy_refcounts"));
            target = target.child(features);
        }
    }
    target = target.children(new.secret.map(encryption));
    let mut volume = Element::new("volume")
        .child(Element::text("name", &new.name))
        .child(size("capacity", all))
        .children(allocation.map(|bytes| size("allocation", bytes)));
    if !target.is_empty() {
        volume = volume.child(target);
    }
    if let Some(path) = backing {
        let format = new.backing_format.as_ref();
        let format = format.map(|format| Element::new("format").with("type", format));
        volume = volume.child(
            Element::new("backingStore")
                .child(Element::text("path", path))
                .children(format),
        );
    }
    let tables = qcow2
        && matches!(
            new.preallocation,
            Preallocation::Metadata | Preallocation::Falloc
        );
    (volume.document(), tables)
}

/// `<volume>` of a copy of one, whose pool has files or not. A copy of a chain stands by itself.
#[must_use]
pub fn copy_xml(from: &StorageVolume, name: &str, format: Option<&str>, files: bool) -> String {
    let mut target = Element::new("target");
    let format = format.or(from.format.as_deref());
    if files {
        // What is a format of contents, such as iso, is raw to be written.
        let written = format.map(|format| if format == "iso" { "raw" } else { format });
        target = target.children(written.map(|format| Element::new("format").with("type", format)));
        let compat = from.compat.as_ref().filter(|_| written == Some("qcow2"));
        target = target.children(compat.map(|compat| Element::text("compat", compat)));
    }
    target = target.children(from.secret.map(encryption));
    let capacity = from.capacity_bytes.unwrap_or_default();
    let allocation = if files { 0 } else { capacity };
    let mut volume = Element::new("volume")
        .child(Element::text("name", name))
        .child(size("capacity", capacity))
        .child(size("allocation", allocation));
    if !target.is_empty() {
        volume = volume.child(target);
    }
    volume.document()
}

/// A secret to be defined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSecret {
    /// `@ephemeral`.
    pub ephemeral: bool,
    /// `@private`.
    pub private: bool,
    /// Its description.
    pub description: Option<String>,
    /// `usage/@type`: volume, ceph, iscsi, tls, vtpm.
    pub usage: Option<String>,
    /// What it is for.
    pub usage_id: String,
}

/// `<secret>` of what is wanted.
#[must_use]
pub fn secret_xml(new: &NewSecret) -> String {
    let word = |on: bool| if on { "yes" } else { "no" };
    let mut secret = Element::new("secret")
        .with("ephemeral", word(new.ephemeral))
        .with("private", word(new.private));
    let description = new.description.as_ref();
    secret = secret.children(description.map(|text| Element::text("description", text)));
    if let Some(usage) = &new.usage {
        let name = match usage.as_str() {
            "volume" => "volume",
            "iscsi" => "target",
            _ => "name",
        };
        let id = Element::text(name, &new.usage_id);
        secret = secret.child(Element::new("usage").with("type", usage).child(id));
    }
    secret.document()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{pool, secret, volume};

    #[test]
    fn a_pool_that_is_written_is_read_back() {
        let new = NewPool {
            name: "n&as".to_owned(),
            kind: "netfs".to_owned(),
            source_host: Some("h".to_owned()),
            source_path: Some("/x".to_owned()),
            source_format: Some("nfs".to_owned()),
            target: Some("/mnt".to_owned()),
            ..NewPool::default()
        };
        let xml = pool_xml(&new);
        let read = pool(&xml).unwrap();
        assert_eq!(
            (
                read.kind.as_str(),
                read.source.as_deref(),
                read.path.as_deref()
            ),
            ("netfs", Some("h:/x"), Some("/mnt"))
        );
        assert!(xml.contains("n&amp;as"));
        let dir = pool_xml(&NewPool {
            name: "d".to_owned(),
            kind: "dir".to_owned(),
            target: Some("/d".to_owned()),
            ..NewPool::default()
        });
        assert!(!dir.contains("<source"), "{dir}");
    }

    #[test]
    fn preallocation_is_what_libvirt_makes_of_it() {
        let new = |format: &str, preallocation| NewVolume {
            name: "v".to_owned(),
            capacity_bytes: 100,
            format: Some(format.to_owned()),
            preallocation,
            ..NewVolume::default()
        };
        for (format, how, allocation, tables) in [
            ("raw", Preallocation::Unsaid, None, false),
            ("raw", Preallocation::Falloc, Some(100), false),
            ("qcow2", Preallocation::Off, Some(0), false),
            ("qcow2", Preallocation::Metadata, Some(0), true),
            ("qcow2", Preallocation::Falloc, Some(100), true),
        ] {
            let (xml, flag) = volume_xml(&new(format, how), true, None);
            assert_eq!(
                volume(&xml).unwrap().allocation_bytes,
                allocation,
                "{how:?}"
            );
            assert_eq!(flag, tables);
        }
        // Without a format and a folder there is neither.
        let (xml, _) = volume_xml(&new("raw", Preallocation::Unsaid), false, None);
        let read = volume(&xml).unwrap();
        assert_eq!((read.allocation_bytes, read.format), (None, None));
    }

    #[test]
    fn a_volume_with_everything() {
        let uuid: Uuid = "f52a81b2-424e-490c-823d-6bd4235bc572".parse().unwrap();
        let new = NewVolume {
            name: "v".to_owned(),
            capacity_bytes: 100,
            format: Some("qcow2".to_owned()),
            backing_format: Some("raw".to_owned()),
            cluster_bytes: Some(131_072),
            compat: Some("0.10".to_owned()),
            lazy_refcounts: true,
            secret: Some(uuid),
            ..NewVolume::default()
        };
        let read = volume(&volume_xml(&new, true, Some("/p/base")).0).unwrap();
        assert_eq!(read.backing.as_deref(), Some("/p/base"));
        assert_eq!(read.backing_format.as_deref(), Some("raw"));
        assert_eq!(
            (read.cluster_bytes, read.compat.as_deref(), read.secret),
            (Some(131_072), Some("0.10"), Some(uuid))
        );
        assert!(read.lazy_refcounts);
        let copy = volume(&copy_xml(&read, "w", Some("raw"), true)).unwrap();
        assert_eq!(
            (
                copy.name.as_str(),
                copy.format.as_deref(),
                copy.backing,
                copy.compat
            ),
            ("w", Some("raw"), None, None)
        );
    }

    #[test]
    fn a_secret_that_is_written_is_for_what_it_says() {
        for (usage, id) in [("volume", "/p/x"), ("ceph", "c"), ("iscsi", "i")] {
            let xml = secret_xml(&NewSecret {
                private: true,
                usage: Some(usage.to_owned()),
                usage_id: id.to_owned(),
                ..NewSecret::default()
            });
            let with_uuid = xml.replace(
                "<usage",
                "<uuid>f52a81b2-424e-490c-823d-6bd4235bc572</uuid><usage",
            );
            let read = secret(&with_uuid).unwrap();
            assert_eq!(
                (read.usage.as_deref(), read.usage_id.as_deref()),
                (Some(usage), Some(id))
            );
            assert!(read.private);
        }
    }
}
