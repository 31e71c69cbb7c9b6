//! What a document asks of its host, and what other domains have already.

use std::collections::HashMap;

use roxmltree::Node;

use super::{Found, Neighbour, Sharing, child, devices, fixed_ports, mac_of, path_of};
use crate::xml::{highest, kibibytes};

/// A host as far as a domain can ask too much of it; what is not known is not held against the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Host {
    /// Its memory in KiB.
    pub memory_kib: Option<u64>,
    /// How many CPUs it has, from number 0.
    pub cpus: Option<u32>,
    /// How many NUMA cells it has, from number 0.
    pub cells: Option<u32>,
    /// Its domains. The one of the document, by its UUID or else its name, may be among them.
    pub domains: Vec<Neighbour>,
    /// What of [`wanted`] is not there.
    pub missing: Vec<Missing>,
}

/// A file or a volume that a document names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A file or a block device of the host.
    Path(String),
    /// A volume of a pool.
    Volume {
        /// The pool's name.
        pool: String,
        /// The volume's name.
        volume: String,
    },
}

/// Something wanted that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What.
    pub wanted: Wanted,
    /// What is known of it, a sentence without a full stop: "the host has no such file".
    pub why: String,
}

/// What a domain's disks need of the host; nothing for documents that are no domain.
#[must_use]
pub fn wanted(tree: &crate::xml::Tree<'_>) -> Vec<Wanted> {
    let domain = tree.root();
    if !domain.has_tag_name("domain") {
        return Vec::new();
    }
    disks(domain)
        .filter_map(|disk| want(disk).map(|(wanted, _, _)| wanted))
        .collect()
}

fn disks<'a, 't>(domain: Node<'a, 't>) -> impl Iterator<Item = Node<'a, 't>> {
    devices(domain).filter(|device| device.has_tag_name("disk"))
}

fn want<'a, 't>(disk: Node<'a, 't>) -> Option<(Wanted, Node<'a, 't>, &'static str)> {
    let source = child(disk, "source")?;
    // With a policy, libvirt starts without it.
    if source.attribute("startupPolicy").is_some() {
        return None;
    }
    if let (Some(pool), Some(volume)) = (source.attribute("pool"), source.attribute("volume")) {
        let wanted = Wanted::Volume {
            pool: pool.to_owned(),
            volume: volume.to_owned(),
        };
        return Some((wanted, source, "volume"));
    }
    let (source, attribute, path) = path_of(disk)?;
    Some((Wanted::Path(path.to_owned()), source, attribute))
}

pub fn check(domain: Node<'_, '_>, host: &Host, found: &mut Found<'_, '_>) {
    sizes(domain, host, found);
    for disk in disks(domain) {
        if let Some((wanted, node, attribute)) = want(disk)
            && let Some(missing) = host.missing.iter().find(|missing| missing.wanted == wanted)
        {
            let name = match &wanted {
                Wanted::Path(path) => format!("'{path}'"),
                Wanted::Volume { pool, volume } => format!("volume '{volume}' of pool '{pool}'"),
            };
            found.on(node, attribute, format!("{name}: {}", missing.why));
        }
    }
    neighbours(domain, host, found);
}

fn sizes(domain: Node<'_, '_>, host: &Host, found: &mut Found<'_, '_>) {
    if let (Some(most), Some(memory)) = (host.memory_kib, child(domain, "memory"))
        && let Some(wanted) = kibibytes(memory)
        && wanted > most
    {
        let message = format!("memory of {wanted} KiB is above the host's {most} KiB");
        found.on(memory, "", message);
    }
    let sets = domain
        .children()
        .filter(|node| node.has_tag_name("vcpu"))
        .chain(
            domain
                .children()
                .filter(|node| node.has_tag_name("cputune"))
                .flat_map(|tune| tune.children()),
        )
        .filter_map(|node| {
            Some((
                node,
                "cpuset",
                node.attribute("cpuset")?,
                host.cpus?,
                "CPUs",
            ))
        });
    let nodes = child(domain, "numatune")
        .into_iter()
        .flat_map(|tune| tune.children());
    let nodes = nodes.filter_map(|node| {
        Some((
            node,
            "nodeset",
            node.attribute("nodeset")?,
            host.cells?,
            "NUMA cells",
        ))
    });
    for (node, attribute, set, there, what) in sets.chain(nodes) {
        if let Some(last) = highest(set)
            && last >= there
        {
            let message = format!(
                "{attribute} '{set}' is outside of the host, which has {there} {what} (0 to {})",
                there.saturating_sub(1)
            );
            found.on(node, attribute, message);
        }
    }
}

/// Which of the host's domains have what the document has.
fn neighbours(domain: Node<'_, '_>, host: &Host, found: &mut Found<'_, '_>) {
    let text = |name: &str| {
        child(domain, name)
            .and_then(|node| node.text())
            .map(str::trim)
    };
    let (name, uuid) = (text("name"), text("uuid"));
    let is_itself = |other: &Neighbour| match (uuid, &other.uuid) {
        (Some(uuid), Some(theirs)) => {
            let plain = |text: &str| text.replace('-', "").to_ascii_lowercase();
            plain(uuid) == plain(theirs)
        }
        _ => name == Some(other.name.as_str()),
    };
    let mut macs: HashMap<&str, &str> = HashMap::new();
    let mut ports: HashMap<u16, &str> = HashMap::new();
    let mut paths: HashMap<&str, Vec<(&str, &str, Sharing)>> = HashMap::new();
    for other in host.domains.iter().filter(|other| !is_itself(other)) {
        for mac in &other.macs {
            macs.entry(mac).or_insert(&other.name);
        }
        for port in &other.ports {
            ports.entry(*port).or_insert(&other.name);
        }
        for (path, target, sharing) in &other.disks {
            let entry = paths.entry(path).or_default();
            entry.push((&other.name, target, *sharing));
        }
    }
    for device in devices(domain) {
        if let Some(mac) = mac_of(device).filter(|_| device.has_tag_name("interface"))
            && let Some(other) = macs.get(mac.as_str())
        {
            let place = child(device, "mac").unwrap_or(device);
            let message = format!("MAC address {mac} is also that of domain '{other}'");
            found.on(place, "address", message);
        }
        if device.has_tag_name("graphics") {
            for (attribute, port) in fixed_ports(device) {
                if let Some(other) = ports.get(&port) {
                    let message = format!("port {port} is also asked for by domain '{other}'");
                    found.on(device, attribute, message);
                }
            }
        }
        if device.has_tag_name("disk")
            && let Some((source, attribute, path)) = path_of(device)
        {
            let sharing = Sharing::of(device);
            let others = paths.get(path).into_iter().flatten();
            for (other, target, theirs) in others {
                if !sharing.goes_with(*theirs) {
                    let message = format!(
                        "'{path}' is also disk '{target}' of domain '{other}', without <shareable/> on both"
                    );
                    found.on(source, attribute, message);
                }
            }
        }
    }
}
