//! Reading the XML of a snapshot (libvirt's formatsnapshot).

use roxmltree::Document;

use super::devices::disk_source;
use super::document::{child, with_controls_visible};
use crate::model::{Snapshot, SnapshotDisk, SnapshotKind};

/// What the XML of a snapshot says. Its name is asked of libvirt by the caller, who also knows whether it is the current one.
///
/// # Errors
/// That it is not XML.
pub fn snapshot(name: String, current: bool, xml: &str) -> Result<Snapshot, roxmltree::Error> {
    // The domain in it may have a title that nothing can read again.
    let xml = with_controls_visible(xml);
    let document = Document::parse(&xml)?;
    let root = document.root_element();
    let text = |name| {
        child(root, name)
            .and_then(|node| node.text())
            .map(str::to_owned)
    };
    let state = text("state").unwrap_or_default();
    let (mut internal, mut external) = (false, false);
    // Whether a part is in the snapshot, noting where.
    let mut note = |word: Option<&str>| {
        internal |= word == Some("internal");
        external |= word == Some("external");
        matches!(word, Some("internal" | "external"))
    };
    let memory = child(root, "memory");
    let memory_file = memory
        .and_then(|memory| memory.attribute("file"))
        .map(str::to_owned);
    let has_memory = match memory.and_then(|memory| memory.attribute("snapshot")) {
        Some(word) => note(Some(word)),
        // Before memory was written down, that of a running domain was in it.
        None => matches!(state.as_str(), "running" | "paused"),
    };
    let mut disks = Vec::new();
    if let Some(list) = child(root, "disks") {
        for disk in list.children().filter(|node| node.has_tag_name("disk")) {
            let place = disk.attribute("snapshot");
            if note(place)
                && let Some(target) = disk.attribute("name")
            {
                let source = child(disk, "source").filter(|_| place == Some("external"));
                disks.push(SnapshotDisk {
                    target: target.to_owned(),
                    overlay: source.and_then(disk_source),
                });
            }
        }
    }
    // The domain as it was then.
    let devices = child(root, "domain").and_then(|domain| child(domain, "devices"));
    let files = devices
        .into_iter()
        .flat_map(|devices| devices.children())
        .filter(|node| node.has_tag_name("disk"))
        .filter_map(|disk| {
            let target = child(disk, "target")?.attribute("dev")?;
            Some((target.to_owned(), disk_source(child(disk, "source")?)?))
        })
        .collect();
    let kind = match (internal, external) {
        (true, true) => SnapshotKind::Mixed,
        (false, true) => SnapshotKind::External,
        (false, false) if state == "disk-snapshot" => SnapshotKind::External,
        (_, false) => SnapshotKind::Internal,
    };
    Ok(Snapshot {
        name,
        parent: child(root, "parent")
            .and_then(|parent| child(parent, "name"))
            .and_then(|name| name.text())
            .map(str::to_owned),
        created: text("creationTime").and_then(|time| time.trim().parse().ok()),
        state,
        kind,
        memory: has_memory,
        current,
        description: text("description").filter(|text| !text.is_empty()),
        disks,
        files,
        memory_file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xml: &str) -> Snapshot {
        snapshot("s".to_owned(), true, xml).unwrap()
    }

    #[test]
    fn kinds_are_told_by_memory_and_disks() {
        let internal = of("<domainsnapshot><state>running</state><creationTime>7</creationTime>
            <parent><name>p</name></parent><memory snapshot='internal'/>
            <disks><disk name='vda' snapshot='internal'/><disk name='vdb' snapshot='no'/></disks></domainsnapshot>");
        assert_eq!(internal.kind, SnapshotKind::Internal);
        assert!(internal.memory);
        assert_eq!(internal.targets(), ["vda"]);
        assert_eq!(internal.disks[0].overlay, None);
        assert_eq!(
            (internal.created, internal.parent.as_deref()),
            (Some(7), Some("p"))
        );
        let external = of(
            "<domainsnapshot><state>disk-snapshot</state><memory snapshot='no'/>
            <disks><disk name='vda' snapshot='external' type='file'><source file='/p/a.s'/></disk></disks>
            <domain><devices><disk type='file'><source file='/p/a'/><target dev='vda'/></disk>
            <disk type='file' device='cdrom'><target dev='sda'/></disk></devices></domain></domainsnapshot>",
        );
        assert_eq!(external.disks[0].overlay.as_deref(), Some("/p/a.s"));
        assert_eq!(
            (external.file("vda"), external.file("sda")),
            (Some("/p/a"), None)
        );
        assert_eq!(external.kind, SnapshotKind::External);
        assert!(!external.memory);
        let mixed = of(
            "<domainsnapshot><state>running</state><memory snapshot='external' file='/m'/>
            <disks><disk name='vda' snapshot='internal'/></disks></domainsnapshot>",
        );
        assert_eq!(mixed.kind, SnapshotKind::Mixed);
        assert_eq!(mixed.memory_file.as_deref(), Some("/m"));
        let bare = of("<domainsnapshot><state>shutoff</state></domainsnapshot>");
        assert_eq!((bare.kind, bare.memory), (SnapshotKind::Internal, false));
    }
}
