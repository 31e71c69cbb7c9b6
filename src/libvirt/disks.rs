//! Reading the disks of a domain: chains, sizes, pools, errors, jobs.

use std::thread;
use std::time::Duration;

use roxmltree::Document;

use super::ffi::{Connection, Domain, Error, LayerSizes, Result, Value, VolumeFacts};
use crate::agent::GuestInfo;
use crate::domxml;
use crate::model::{DiskFacts, DiskLayer, DomainState, GuestFileSystem};
use crate::protocol::{DomainDisks, PoolFill, XmlKind};

/// Deepest chain that is followed from volume to volume.
const MOST_LAYERS: usize = 256;

/// How often a busy guest is asked again for sizes, and after how long.
const ASKED_AGAIN: u32 = 8;
const MOMENT: Duration = Duration::from_millis(60);

/// `VIR_DOMAIN_PAUSED_IOERROR`.
const IO_ERROR: i32 = 5;

/// The disks of a domain. With `monitor` its hypervisor is asked too, which may hang with it.
///
/// # Errors
/// libvirt's own, or that the XML cannot be read.
pub fn read(domain: &Domain, monitor: bool, readonly: bool) -> Result<DomainDisks> {
    let (state, reason) = domain.state()?;
    let xml = domain.xml(XmlKind::Live)?;
    let mut disks = domxml::disks(&xml).map_err(|error| Error::own(error.to_string()))?;
    let connection = domain.connection();
    if state.is_active() && domain.is_persistent().unwrap_or(false) {
        let next = domain.xml(XmlKind::Inactive)?;
        let next = domxml::disks(&next).map_err(|error| Error::own(error.to_string()))?;
        for disk in &mut disks {
            disk.next_start = Some(next.iter().any(|one| one.target == disk.target));
        }
    }
    if monitor {
        for size in sizes(domain).unwrap_or_default() {
            let Some(disk) = disks.iter_mut().find(|disk| disk.target == size.disk) else {
                continue;
            };
            let same = |layer: &&mut DiskLayer| {
                size.index.is_some() && layer.index == size.index
                    || size.path.as_deref() == Some(layer.source.as_str())
            };
            // Of a disk that is off neither is told.
            let nameless = size.index.is_none() && size.path.is_none();
            let place = if nameless {
                disk.layers.first_mut()
            } else {
                disk.layers.iter_mut().find(same)
            };
            if let Some(layer) = place {
                layer.capacity_bytes = size.capacity_bytes;
                layer.allocation_bytes = size.allocation_bytes;
                layer.physical_bytes = size.physical_bytes;
            }
        }
        if state.is_active() {
            // Drivers without these calls have nothing to tell.
            for (target, error) in domain.disk_errors().unwrap_or_default() {
                if let Some(disk) = disks.iter_mut().find(|disk| disk.target == target) {
                    disk.error = Some(error);
                }
            }
            for disk in disks.iter_mut().filter(|disk| !disk.layers.is_empty()) {
                disk.job = domain.block_job(&disk.target).unwrap_or_default();
            }
        }
    }
    let folders = connection.pool_folders().unwrap_or_default();
    for disk in &mut disks {
        follow(connection, disk, &folders);
    }
    // A pool that is full is looked at as it is now: the guest waits for room in it.
    let waits = state == DomainState::Paused && reason.0 == IO_ERROR;
    let pools = fills(connection, &disks, waits && !readonly);
    Ok(DomainDisks {
        disks,
        pools,
        asked_guest: monitor,
    })
}

/// The sizes of all layers. A guest that another call is busy with for a moment is asked again: libvirt tells its files alone
/// meanwhile.
///
/// # Errors
/// libvirt's own; hangs with the guest's monitor.
pub(super) fn sizes(domain: &Domain) -> Result<Vec<LayerSizes>> {
    for _ in 0..ASKED_AGAIN {
        let sizes = domain.layer_sizes()?;
        let told = |size: &LayerSizes| size.capacity_bytes.is_some();
        if sizes.is_empty() || sizes.iter().any(told) {
            return Ok(sizes);
        }
        thread::sleep(MOMENT);
    }
    domain.layer_sizes()
}

/// Completes a chain by what the storage pools know of its files.
fn follow(connection: &Connection, disk: &mut DiskFacts, folders: &[(String, String)]) {
    let mut at = 0;
    while let Some(layer) = disk.layers.get_mut(at) {
        at += 1;
        let facts = match layer.kind.as_str() {
            "network" => None,
            _ => connection.volume_facts(&layer.source).ok(),
        };
        let Some(facts) = facts else {
            layer.pool = folder_of(&layer.source, folders);
            continue;
        };
        let below = describe(layer, &facts);
        let last = at == disk.layers.len() && !disk.complete;
        if !last {
            continue;
        }
        match below {
            Some(below) if at < MOST_LAYERS => disk.layers.push(below),
            Some(_) => {}
            None => disk.complete = true,
        }
    }
}

/// The pool whose folder a file lies in, known to it or not.
fn folder_of(path: &str, folders: &[(String, String)]) -> Option<String> {
    let (folder, _) = path.rsplit_once('/')?;
    let found = folders
        .iter()
        .find(|(target, _)| target.trim_end_matches('/') == folder);
    found.map(|(_, pool)| pool.clone())
}

/// Notes what a volume's XML says of a layer; gives the one below it.
fn describe(layer: &mut DiskLayer, facts: &VolumeFacts) -> Option<DiskLayer> {
    layer.pool = Some(facts.pool.clone());
    let document = Document::parse(&facts.xml).ok()?;
    let root = document.root_element();
    let part = |name: &str| root.children().find(|node| node.has_tag_name(name));
    let bytes = |name: &str| part(name)?.text()?.trim().parse::<u64>().ok();
    layer.capacity_bytes = layer.capacity_bytes.or_else(|| bytes("capacity"));
    // What the file really takes on its host; libvirt's statistics tell the highest offset of it instead.
    layer.allocation_bytes = bytes("allocation").or(layer.allocation_bytes);
    layer.physical_bytes = layer.physical_bytes.or_else(|| bytes("physical"));
    let format = |node: roxmltree::Node<'_, '_>| {
        let format = node.children().find(|node| node.has_tag_name("format"))?;
        format.attribute("type").map(str::to_owned)
    };
    if layer.format.is_none() {
        layer.format = part("target").and_then(format);
    }
    let store = part("backingStore")?;
    let path = store.children().find(|node| node.has_tag_name("path"))?;
    Some(DiskLayer {
        kind: "file".to_owned(),
        source: path.text()?.to_owned(),
        format: format(store),
        ..DiskLayer::default()
    })
}

fn fills(connection: &Connection, disks: &[DiskFacts], refresh: bool) -> Vec<PoolFill> {
    let layers = disks.iter().flat_map(|disk| &disk.layers);
    let mut names: Vec<&String> = layers.filter_map(|layer| layer.pool.as_ref()).collect();
    names.sort();
    names.dedup();
    let fills = names
        .into_iter()
        .filter_map(|name| connection.pool_fill(name, refresh).ok());
    fills.collect()
}

/// File systems among what the guest agent told (`fs.N.*`).
#[must_use]
pub fn file_systems(info: &[(String, Value)]) -> Vec<GuestFileSystem> {
    let fields = info.iter();
    GuestInfo::read(fields.map(|(field, value)| (field.clone(), value.clone().into_text())))
        .file_systems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_tells_of_its_layer_and_of_the_one_below() {
        let mut layer = DiskLayer {
            source: "/p/top".to_owned(),
            capacity_bytes: Some(5),
            ..DiskLayer::default()
        };
        let facts = VolumeFacts {
            pool: "p".to_owned(),
            xml: "<volume><capacity unit='bytes'>9</capacity><allocation>7</allocation><target><format type='qcow2'/></target>\
                <backingStore><path>/p/base</path><format type='raw'/></backingStore></volume>"
                .to_owned(),
        };
        let below = describe(&mut layer, &facts).unwrap();
        assert_eq!(
            (below.source.as_str(), below.format.as_deref()),
            ("/p/base", Some("raw"))
        );
        // What the hypervisor told of its size holds.
        assert_eq!(
            (layer.capacity_bytes, layer.allocation_bytes),
            (Some(5), Some(7))
        );
        assert_eq!(
            (layer.pool.as_deref(), layer.format.as_deref()),
            (Some("p"), Some("qcow2"))
        );
        let folders = [("/p".to_owned(), "p".to_owned())];
        assert_eq!(folder_of("/p/x", &folders).as_deref(), Some("p"));
        assert_eq!(folder_of("/p/sub/x", &folders), None);
    }

    #[test]
    fn file_systems_are_gathered_by_their_number() {
        let text = |text: &str| Value::Text(text.to_owned());
        let info = [
            ("fs.count".to_owned(), Value::Uint(1)),
            ("fs.0.mountpoint".to_owned(), text("/")),
            ("fs.0.fstype".to_owned(), text("ext4")),
            ("fs.0.total-bytes".to_owned(), Value::Uint(10)),
            ("fs.0.disk.0.alias".to_owned(), text("vda")),
            ("fs.99999.name".to_owned(), text("x")),
            ("os.id".to_owned(), text("debian")),
        ];
        let found = file_systems(&info);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].mountpoint.as_str(), found[0].total_bytes),
            ("/", Some(10))
        );
        assert_eq!(
            (found[0].used_bytes, found[0].disks.as_slice()),
            (None, &["vda".to_owned()][..])
        );
    }
}
