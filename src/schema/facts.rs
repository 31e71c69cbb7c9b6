//! What a host has that a document may name: for completion.

use std::collections::BTreeMap;

/// Names of a host's things. What could not be read is empty. All of it is untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Virtual networks.
    pub networks: Vec<String>,
    /// Bridges, of networks and of the host itself.
    pub bridges: Vec<String>,
    /// Network devices of the host.
    pub net_devices: Vec<String>,
    /// Storage pools.
    pub pools: Vec<String>,
    /// Volumes of each pool.
    pub volumes: BTreeMap<String, Vec<String>>,
    /// Machine types.
    pub machines: Vec<String>,
    /// Architectures of guests.
    pub arches: Vec<String>,
    /// Paths of emulators.
    pub emulators: Vec<String>,
    /// CPU models that the host can give a guest.
    pub cpu_models: Vec<String>,
    /// CPU features.
    pub cpu_features: Vec<String>,
    /// PCI devices of the host.
    pub pci_devices: Vec<PciDevice>,
    /// NUMA cells.
    pub cells: Vec<u32>,
    /// Network filters.
    pub filters: Vec<String>,
    /// UUIDs of secrets.
    pub secrets: Vec<String>,
}

/// A PCI device of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PciDevice {
    /// libvirt's name: `pci_0000_00_1f_2`.
    pub name: String,
    /// What it is, as its maker calls it.
    pub product: Option<String>,
    /// Domain, bus, slot and function.
    pub address: [u32; 4],
}

/// What may stand at a place by the host's facts: on the way `path` of element names, in an attribute or, for `None`, as
/// text. `of` gives the other attributes of the same tag and of its siblings: (element, attribute).
pub fn values(
    facts: &Facts,
    path: &[&str],
    attribute: Option<&str>,
    of: &dyn Fn(&str, &str) -> Option<String>,
) -> Vec<String> {
    let ends = |tail: &[&str]| path.ends_with(tail);
    match attribute {
        Some("network") if ends(&["interface", "source"]) => facts.networks.clone(),
        Some("bridge") if ends(&["interface", "source"]) => facts.bridges.clone(),
        Some("dev") if ends(&["interface", "source"]) => facts.net_devices.clone(),
        Some("pool") if ends(&["disk", "source"]) => facts.pools.clone(),
        Some("volume") if ends(&["disk", "source"]) => {
            let pool = of("source", "pool").unwrap_or_default();
            facts.volumes.get(&pool).cloned().unwrap_or_default()
        }
        Some("machine") if ends(&["os", "type"]) => facts.machines.clone(),
        Some("arch") if ends(&["os", "type"]) => facts.arches.clone(),
        Some("name") if ends(&["cpu", "feature"]) => facts.cpu_features.clone(),
        Some("nodeset") => facts.cells.iter().map(ToString::to_string).collect(),
        Some("filter") if ends(&["filterref"]) => facts.filters.clone(),
        Some("uuid") if ends(&["secret"]) => facts.secrets.clone(),
        None if ends(&["cpu", "model"]) => facts.cpu_models.clone(),
        None if ends(&["devices", "emulator"]) => facts.emulators.clone(),
        _ => Vec::new(),
    }
}

/// The next free name of a disk on a bus: `vdb` when `vda` is taken.
pub fn next_target(bus: Option<&str>, device: Option<&str>, taken: &[String]) -> Option<String> {
    let prefix = match (bus, device) {
        (Some("virtio"), _) => "vd",
        (Some("ide"), _) => "hd",
        (Some("fdc"), _) | (None, Some("floppy")) => "fd",
        (Some("xen"), _) => "xvd",
        (Some(_), _) | (None, Some("cdrom")) => "sd",
        (None, _) => "vd",
    };
    (0..18_278_u32)
        .map(|number| format!("{prefix}{}", letters(number)))
        .find(|name| !taken.contains(name))
}

/// a … z, aa … zz, aaa …
fn letters(mut number: u32) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'a' + u8::try_from(number % 26).unwrap_or(0));
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    name.iter().rev().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_disk_has_the_next_letter() {
        let taken: Vec<String> = (0..27).map(|n| format!("vd{}", letters(n))).collect();
        assert_eq!(taken[26], "vdaa");
        assert_eq!(
            next_target(Some("virtio"), None, &taken).as_deref(),
            Some("vdab")
        );
        assert_eq!(
            next_target(Some("sata"), None, &taken).as_deref(),
            Some("sda")
        );
        assert_eq!(
            next_target(None, Some("cdrom"), &[]).as_deref(),
            Some("sda")
        );
    }
}
