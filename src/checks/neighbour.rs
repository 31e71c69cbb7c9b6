//! Other domains of the host, as far as they can be in the way.

use roxmltree::Document;

use super::{Sharing, child, devices, fixed_ports, mac_of, path_of};

/// What another domain has that can be had once only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Neighbour {
    /// Its name; untrusted.
    pub name: String,
    /// Its UUID as it is written.
    pub uuid: Option<String>,
    /// MAC addresses of its cards, in lower case.
    pub macs: Vec<String>,
    /// Files and block devices of its disks: path, target, how it may be shared.
    pub disks: Vec<(String, String, Sharing)>,
    /// Ports that its displays ask for by number.
    pub ports: Vec<u16>,
}

impl Neighbour {
    /// Reads a domain's XML, the one of its next start; `None` for what is no domain.
    #[must_use]
    pub fn read(xml: &str) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let domain = document.root_element();
        if !domain.has_tag_name("domain") {
            return None;
        }
        let text = |name: &str| {
            child(domain, name)
                .and_then(|node| node.text())
                .map(|text| text.trim().to_owned())
        };
        let mut neighbour = Self {
            name: text("name").unwrap_or_default(),
            uuid: text("uuid"),
            ..Self::default()
        };
        for device in devices(domain) {
            match device.tag_name().name() {
                "interface" => neighbour.macs.extend(mac_of(device)),
                "graphics" => {
                    let ports = fixed_ports(device).into_iter().map(|(_, port)| port);
                    neighbour.ports.extend(ports);
                }
                "disk" => {
                    if let Some((_, _, path)) = path_of(device) {
                        let target = child(device, "target")
                            .and_then(|target| target.attribute("dev"))
                            .unwrap_or_default();
                        neighbour.disks.push((
                            path.to_owned(),
                            target.to_owned(),
                            Sharing::of(device),
                        ));
                    }
                }
                _ => {}
            }
        }
        Some(neighbour)
    }
}
