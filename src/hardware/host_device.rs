//! Devices of a host that can be given to a guest, from libvirt's XML of node devices (formatnode), and who has them.

use roxmltree::{Document, Node};

use super::PciAddress;

/// A device of a host. All texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostDevice {
    /// libvirt's name: `pci_0000_00_1f_2`.
    pub name: String,
    /// That of the device it hangs on.
    pub parent: Option<String>,
    /// The driver of the host that has it.
    pub driver: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// What it is, as its maker calls it.
    pub product: Option<String>,
    /// What it is to libvirt.
    pub kind: HostDeviceKind,
    /// Domains that have it or will have it, and whether each runs.
    pub users: Vec<(String, bool)>,
    /// Its XML.
    pub xml: String,
}

/// What a device of a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostDeviceKind {
    /// A function on a PCI bus.
    Pci {
        /// Where.
        address: PciAddress,
        /// Class, subclass and programming interface (PCI Code and ID Assignment).
        class: Option<u32>,
        /// Its IOMMU group, and all that is in it. `None`: the host keeps none.
        group: Option<(u32, Vec<PciAddress>)>,
    },
    /// A device on a USB bus.
    Usb {
        /// Number of the bus.
        bus: u16,
        /// Number on it, which changes whenever it is plugged in.
        device: u16,
        /// Vendor, four hexadecimal digits.
        vendor: String,
        /// Product likewise.
        product: String,
    },
    /// A network interface, by its name.
    Net(String),
    /// A disk or another block device, by its path.
    Block(String),
    /// Any other, by libvirt's word.
    Other(String),
}

fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = child(node, name)?.text()?.trim();
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// A number as libvirt writes it: decimal, or hexadecimal behind `0x`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Four parts of a PCI address, each told by name.
fn address(of: impl Fn(&str) -> Option<u32>) -> Option<PciAddress> {
    let part = |name| of(name);
    Some(PciAddress {
        domain: u16::try_from(part("domain")?).ok()?,
        bus: u8::try_from(part("bus")?).ok()?,
        slot: u8::try_from(part("slot")?).ok()?,
        function: u8::try_from(part("function")?).ok()?,
    })
}

fn attributes(node: Node<'_, '_>) -> Option<PciAddress> {
    address(|name| number(node.attribute(name)?))
}

impl HostDevice {
    /// Reads the XML of a node device; `None` for what is none.
    #[must_use]
    pub fn read(xml: &str) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let root = document.root_element();
        let mut all = root
            .children()
            .filter(|node| node.has_tag_name("capability"));
        let capability = all.next()?;
        let word = capability.attribute("type").unwrap_or_default();
        let id = |name: &str| {
            let id = child(capability, name)?.attribute("id")?;
            Some(id.trim_start_matches("0x").to_owned())
        };
        let kind = match word {
            "pci" => {
                let group = child(capability, "iommuGroup").and_then(|group| {
                    let members = group.children().filter(Node::is_element);
                    let number = number(group.attribute("number")?)?;
                    Some((number, members.filter_map(attributes).collect()))
                });
                HostDeviceKind::Pci {
                    address: address(|name| number(&text(capability, name)?))?,
                    class: text(capability, "class").and_then(|class| number(&class)),
                    group,
                }
            }
            "usb_device" => HostDeviceKind::Usb {
                bus: u16::try_from(number(&text(capability, "bus")?)?).ok()?,
                device: u16::try_from(number(&text(capability, "device")?)?).ok()?,
                vendor: id("vendor")?,
                product: id("product")?,
            },
            "net" => HostDeviceKind::Net(text(capability, "interface")?),
            "storage" => HostDeviceKind::Block(text(capability, "block")?),
            other => HostDeviceKind::Other(other.to_owned()),
        };
        Some(Self {
            name: text(root, "name")?,
            parent: text(root, "parent"),
            driver: child(root, "driver").and_then(|driver| text(driver, "name")),
            vendor: text(capability, "vendor"),
            product: text(capability, "product"),
            kind,
            users: Vec::new(),
            xml: xml.to_owned(),
        })
    }

    /// libvirt's word for its kind, as `nodedev-list --cap` takes it.
    #[must_use]
    pub fn capability(&self) -> &str {
        match &self.kind {
            HostDeviceKind::Pci { .. } => "pci",
            HostDeviceKind::Usb { .. } => "usb_device",
            HostDeviceKind::Net(_) => "net",
            HostDeviceKind::Block(_) => "storage",
            HostDeviceKind::Other(word) => word,
        }
    }

    /// What it is, in words: maker and product, else what is known.
    #[must_use]
    pub fn title(&self) -> String {
        let words: Vec<&str> = [&self.vendor, &self.product]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        match (&self.kind, words.is_empty()) {
            (HostDeviceKind::Net(name) | HostDeviceKind::Block(name), _) => name.clone(),
            (_, false) => words.join(" "),
            (
                HostDeviceKind::Usb {
                    vendor, product, ..
                },
                true,
            ) => format!("{vendor}:{product}"),
            (_, true) => self.name.clone(),
        }
    }

    /// Whether it may be given to a guest at all: a bridge of the bus or the host is none that could.
    #[must_use]
    pub fn is_assignable(&self) -> bool {
        match &self.kind {
            // Base class 06h: bridges.
            HostDeviceKind::Pci { class, .. } => class.is_none_or(|class| class >> 16 != 6),
            // Of the Linux Foundation: the root hubs.
            HostDeviceKind::Usb { vendor, .. } => vendor != "1d6b",
            _ => false,
        }
    }

    /// Notes each of these domains that has it: name, whether it runs, XML.
    pub fn find_users<'a>(&mut self, domains: impl Iterator<Item = (&'a str, bool, &'a str)>) {
        for (name, runs, xml) in domains {
            let known = self.users.iter().any(|(user, _)| user == name);
            if !known && self.is_in(xml) {
                self.users.push((name.to_owned(), runs));
            }
        }
    }

    fn is_in(&self, domain: &str) -> bool {
        let Ok(document) = Document::parse(domain) else {
            return false;
        };
        let mut sources = document.descendants().filter(|node| {
            let of_host = |node: &Node<'_, '_>| {
                node.has_tag_name("hostdev")
                    || node.has_tag_name("interface") && node.attribute("type") == Some("hostdev")
            };
            node.has_tag_name("source") && node.parent().is_some_and(|parent| of_host(&parent))
        });
        sources.any(|source| match &self.kind {
            HostDeviceKind::Pci { address, .. } => {
                let given = child(source, "address").and_then(attributes);
                given.as_ref() == Some(address)
            }
            HostDeviceKind::Usb {
                bus,
                device,
                vendor,
                product,
            } => {
                let id = |name: &str| {
                    let id = child(source, name)?.attribute("id")?;
                    Some(id.trim_start_matches("0x").to_lowercase())
                };
                let part = |name: &str| {
                    let address = child(source, "address")?;
                    number(address.attribute(name)?)
                };
                let by_id = id("vendor").as_ref() == Some(vendor)
                    && id("product").as_ref() == Some(product);
                let by_place = part("bus") == Some(u32::from(*bus))
                    && part("device") == Some(u32::from(*device));
                by_id || by_place
            }
            _ => false,
        })
    }

    /// What else of the host hangs on it and goes with it: network interfaces and disks.
    pub fn carries<'a>(&'a self, all: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        let below = move |device: &&Self| {
            let kept = matches!(
                device.kind,
                HostDeviceKind::Net(_) | HostDeviceKind::Block(_)
            );
            // A disk may hang on a bus of the device, not on the device itself.
            let mut at = device.parent.as_deref();
            for _ in 0..16 {
                let Some(name) = at.filter(|_| kept) else {
                    return false;
                };
                if name == self.name {
                    return true;
                }
                at = all
                    .iter()
                    .find(|one| one.name == name)
                    .and_then(|one| one.parent.as_deref());
            }
            false
        };
        all.iter().filter(below)
    }

    /// What speaks against giving it to a guest, or must be known before: sentences, untrusted.
    #[must_use]
    pub fn warnings(&self, all: &[Self]) -> Vec<String> {
        let mut told = Vec::new();
        for (name, runs) in &self.users {
            told.push(if *runs {
                format!("'{name}' has it now: two guests cannot have it at a time.")
            } else {
                format!("'{name}' has it too, which is off: only one of them can run.")
            });
        }
        for device in self.carries(all) {
            told.push(match &device.kind {
                HostDeviceKind::Net(interface) => format!(
                    "The host loses its network interface {interface} meanwhile, and whoever is connected over it."
                ),
                _ => format!("The host loses its disk {} meanwhile.", device.title()),
            });
        }
        if let HostDeviceKind::Pci { address, group, .. } = &self.kind {
            match group {
                None => told.push(
                    "The host keeps no IOMMU group for it, so it cannot be handed over: VT-d or AMD-Vi must be on in the \
                     host's firmware and kernel (intel_iommu=on)."
                        .to_owned(),
                ),
                Some((number, members)) => {
                    let others = members.iter().filter(|member| *member != address);
                    let names: Vec<String> = others.map(|member| named(*member, all)).collect();
                    if !names.is_empty() {
                        told.push(format!(
                            "All of IOMMU group {number} leaves the host with it, or the start is refused: {}.",
                            names.join(", ")
                        ));
                    }
                }
            }
        }
        told
    }
}

/// A PCI device by its address, and what it is.
fn named(address: PciAddress, all: &[HostDevice]) -> String {
    let is = |device: &&HostDevice| matches!(&device.kind, HostDeviceKind::Pci { address: at, .. } if *at == address);
    match all.iter().find(is) {
        Some(device) => {
            let users: Vec<&str> = device.users.iter().map(|(name, _)| name.as_str()).collect();
            let users = if users.is_empty() {
                String::new()
            } else {
                format!(", of '{}'", users.join("', '"))
            };
            format!("{address} ({}{users})", device.title())
        }
        None => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pci(name: &str, function: u8, product: &str) -> String {
        format!(
            "<device><name>{name}</name><parent>computer</parent><driver><name>e1000e</name></driver><capability type='pci'>\
             <class>0x020000</class><domain>0</domain><bus>1</bus><slot>0</slot><function>{function}</function>\
             <product id='0x10d3'>{product}</product><vendor id='0x8086'>Intel</vendor><iommuGroup number='7'>\
             <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\
             <address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></iommuGroup></capability></device>"
        )
    }

    fn all() -> Vec<HostDevice> {
        let net = "<device><name>net_eth1</name><parent>pci_0000_01_00_0</parent><capability type='net'>\
                   <interface>eth1</interface></capability></device>";
        let usb = "<device><name>usb_1_4</name><parent>usb_usb1</parent><capability type='usb_device'><bus>1</bus>\
                   <device>3</device><product id='0x5151'>Cruzer</product><vendor id='0x0781'>SanDisk</vendor></capability></device>";
        let texts = [
            pci("pci_0000_01_00_0", 0, "82574L"),
            pci("pci_0000_01_00_1", 1, "Twin"),
            net.to_owned(),
            usb.to_owned(),
        ];
        texts
            .iter()
            .map(|xml| HostDevice::read(xml).unwrap())
            .collect()
    }

    #[test]
    fn devices_tell_what_goes_with_them() {
        let mut all = all();
        let domain = "<domain><devices><hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x01' \
                      slot='0x00' function='0x1'/></source></hostdev><hostdev type='usb'><source><vendor id='0x0781'/>\
                      <product id='0x5151'/></source></hostdev></devices></domain>";
        for device in &mut all {
            device.find_users([("web", true, domain), ("web", true, domain)].into_iter());
        }
        assert_eq!(all[0].users, []);
        assert_eq!(all[1].users, [("web".to_owned(), true)]);
        assert_eq!(all[3].users, [("web".to_owned(), true)]);
        assert_eq!(all[0].title(), "Intel 82574L");
        let told = all[0].warnings(&all);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("network interface eth1"), "{told:?}");
        assert!(
            told[1].contains("IOMMU group 7")
                && told[1].contains("0000:01:00.1 (Intel Twin, of 'web')"),
            "{told:?}"
        );
        assert!(all[3].warnings(&all)[0].contains("'web' has it now"));
        assert!(all[0].is_assignable() && !all[2].is_assignable());
    }

    #[test]
    fn what_cannot_be_handed_over_is_told() {
        let bridge = "<device><name>pci_0000_00_00_0</name><capability type='pci'><class>0x060000</class><domain>0</domain>\
                      <bus>0</bus><slot>0</slot><function>0</function></capability></device>";
        let device = HostDevice::read(bridge).unwrap();
        assert!(!device.is_assignable());
        assert!(device.warnings(&[])[0].contains("no IOMMU group"));
        assert_eq!(device.title(), "pci_0000_00_00_0");
        for wrong in [
            "",
            "<device/>",
            "<device><capability type='pci'/></device>",
            "<a",
        ] {
            assert_eq!(HostDevice::read(wrong), None, "{wrong}");
        }
    }
}
