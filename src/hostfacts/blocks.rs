//! Block devices of a host.

use serde::Serialize;

use super::Told;
use super::files::{Files, chosen};

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its name, such as sda.
    pub name: String,
    /// The scheduler in use.
    pub scheduler: Option<String>,
    /// Those there are.
    pub schedulers: Vec<String>,
    /// It turns.
    pub rotational: Option<bool>,
    /// `nr_requests`.
    pub queue_depth: Option<u64>,
    /// Model, as libvirt's node devices tell.
    pub model: Option<String>,
    /// Size in bytes, as they tell.
    pub size_bytes: Option<u64>,
}

/// Devices that are not there for guests.
const NO_DISKS: [&str; 5] = ["loop", "ram", "zram", "fd", "sr"];

pub(super) fn block(told: &Told, files: &Files) -> Vec<Block> {
    let mut devices: Vec<Block> = files
        .names("/sys/block")
        .unwrap_or_default()
        .into_iter()
        .filter(|name| !NO_DISKS.iter().any(|no| name.starts_with(no)))
        .map(|name| {
            let queue = format!("/sys/block/{name}/queue");
            let text = files
                .text(&format!("{queue}/scheduler"))
                .unwrap_or_default();
            Block {
                scheduler: chosen(&text),
                schedulers: text
                    .split_whitespace()
                    .map(|word| word.trim_matches(['[', ']']).to_owned())
                    .collect(),
                rotational: files
                    .number(&format!("{queue}/rotational"))
                    .map(|on| on != 0),
                queue_depth: files.number(&format!("{queue}/nr_requests")),
                model: None,
                size_bytes: None,
                name,
            }
        })
        .collect();
    // libvirt tells of those that hold data, and of a remote host's as well.
    for device in told.block_devices.iter().filter_map(|xml| node_device(xml)) {
        match devices.iter_mut().find(|known| known.name == device.name) {
            Some(known) => {
                known.model = device.model;
                known.size_bytes = device.size_bytes;
            }
            None if !files.are_seen() => devices.push(device),
            None => {}
        }
    }
    devices
}

/// A block device as the XML of a node device has it.
fn node_device(xml: &str) -> Option<Block> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let storage = document.root_element().children().find(|node| {
        node.has_tag_name("capability") && node.attribute("type") == Some("storage")
    })?;
    let text_in = |name: &str| {
        let found = storage.descendants().find(|node| node.has_tag_name(name))?;
        Some(found.text()?.trim().to_owned())
    };
    if text_in("drive_type").is_some_and(|kind| kind != "disk") {
        return None;
    }
    Some(Block {
        name: text_in("block")?.strip_prefix("/dev/")?.to_owned(),
        scheduler: None,
        schedulers: Vec::new(),
        rotational: None,
        queue_depth: None,
        model: text_in("model"),
        size_bytes: text_in("size").and_then(|size| size.parse().ok()),
    })
}
