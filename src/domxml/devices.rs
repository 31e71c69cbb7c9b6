//! Disks, network interfaces and the channel of the guest agent.

use roxmltree::Node;

use super::document::{attribute, child, children, devices, owned};
use crate::model::{DiskInfo, NicInfo};

/// The `<disk>` elements of a domain.
pub(super) fn disks(domain: Node<'_, '_>) -> Vec<DiskInfo> {
    devices(domain, "disk").map(disk).collect()
}

fn disk(node: Node<'_, '_>) -> DiskInfo {
    let target = child(node, "target");
    DiskInfo {
        target: target
            .and_then(|target| owned(target, "dev"))
            .unwrap_or_default(),
        bus: target.and_then(|target| owned(target, "bus")),
        device: owned(node, "device").unwrap_or_else(|| "disk".to_owned()),
        format: child(node, "driver").and_then(|driver| owned(driver, "type")),
        source: child(node, "source").and_then(disk_source),
        readonly: child(node, "readonly").is_some(),
    }
}

/// A disk's source as one text; `None` for an empty drive.
pub(super) fn disk_source(source: Node<'_, '_>) -> Option<String> {
    for name in ["file", "dev", "dir", "path"] {
        if let Some(path) = owned(source, name) {
            return Some(path);
        }
    }
    if let (Some(pool), Some(volume)) = (attribute(source, "pool"), attribute(source, "volume")) {
        return Some(format!("{pool}/{volume}"));
    }
    if let Some(protocol) = attribute(source, "protocol") {
        let hosts: Vec<_> = children(source, "host").filter_map(network_host).collect();
        let name = attribute(source, "name").unwrap_or_default();
        return Some(format!("{protocol}://{}/{name}", hosts.join(",")));
    }
    // vhost-user and NVMe disks name no more than a type.
    owned(source, "type")
}

fn network_host(host: Node<'_, '_>) -> Option<String> {
    if let Some(path) = attribute(host, "socket") {
        return Some(path.to_owned());
    }
    let name = attribute(host, "name")?;
    let name = if name.contains(':') {
        format!("[{name}]")
    } else {
        name.to_owned()
    };
    Some(match attribute(host, "port") {
        Some(port) => format!("{name}:{port}"),
        None => name,
    })
}

/// The `<interface>` elements of a domain.
pub(super) fn nics(domain: Node<'_, '_>) -> Vec<NicInfo> {
    devices(domain, "interface").map(nic).collect()
}

fn nic(node: Node<'_, '_>) -> NicInfo {
    NicInfo {
        kind: owned(node, "type").unwrap_or_default(),
        source: child(node, "source").and_then(|source| {
            [
                "network", "bridge", "dev", "path", "name", "address", "switchid",
            ]
            .iter()
            .find_map(|name| owned(source, name))
        }),
        bridge: child(node, "source").and_then(|source| owned(source, "bridge")),
        mac: child(node, "mac")
            .and_then(|mac| attribute(mac, "address"))
            .map(str::to_ascii_lowercase),
        target: child(node, "target").and_then(|target| owned(target, "dev")),
        model: child(node, "model").and_then(|model| owned(model, "type")),
        link_up: child(node, "link").and_then(|link| attribute(link, "state")) != Some("down"),
    }
}

/// Whether the channel of the QEMU guest agent exists, and whether the agent is connected to it.
pub(super) fn guest_agent(domain: Node<'_, '_>) -> Option<bool> {
    devices(domain, "channel")
        .filter_map(|channel| child(channel, "target"))
        .find(|target| attribute(*target, "name") == Some("org.qemu.guest_agent.0"))
        .map(|target| attribute(target, "state") == Some("connected"))
}
