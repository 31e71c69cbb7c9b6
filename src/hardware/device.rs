//! New devices: what virt-manager offers to add, as XML.

use crate::xml::Element;

/// A device to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewDevice {
    /// Random numbers of this file of the host.
    Rng(String),
    /// A watchdog: model and action.
    Watchdog(String, String),
    /// A folder of the host: driver (`virtiofs`, `path`), folder, name in the guest.
    Filesystem(String, String, String),
    /// Memory that is plugged in, in KiB, for this NUMA node.
    Memory(u64, Option<u32>),
    /// Tablet, mouse or keyboard, and its bus.
    Input(String, String),
    /// A TPM 2.0 made by swtpm.
    Tpm,
    /// A sound card.
    Sound(String),
    /// A serial line.
    Serial,
    /// The channel of the guest agent.
    Agent,
    /// A USB device that a viewer hands over.
    Redirected,
    /// Sockets to the host.
    Vsock,
    /// A notifier of panics.
    Panic(String),
    /// A USB device of the host: vendor and product, in hexadecimal without `0x`.
    UsbHost(String, String),
    /// The same by the numbers of its bus and on it, where several are alike.
    UsbPlace(u16, u16),
    /// A PCI device of the host.
    PciHost(PciAddress),
    /// A display that listens: type, address.
    Graphics(String, String),
}

/// Address of a PCI device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PciAddress {
    /// Domain.
    pub domain: u16,
    /// Bus.
    pub bus: u8,
    /// Slot.
    pub slot: u8,
    /// Function.
    pub function: u8,
}

impl std::fmt::Display for PciAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            domain,
            bus,
            slot,
            function,
        } = self;
        write!(f, "{domain:04x}:{bus:02x}:{slot:02x}.{function:x}")
    }
}

impl PciAddress {
    /// Reads `0000:01:00.0` or `01:00.0`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, function) = text.trim().rsplit_once('.')?;
        let mut parts: Vec<&str> = rest.split(':').collect();
        if parts.len() == 2 {
            parts.insert(0, "0");
        }
        let [domain, bus, slot] = parts.as_slice() else {
            return None;
        };
        let function = u8::from_str_radix(function, 16).ok().filter(|f| *f < 8)?;
        Some(Self {
            domain: u16::from_str_radix(domain, 16).ok()?,
            bus: u8::from_str_radix(bus, 16).ok()?,
            slot: u8::from_str_radix(slot, 16)
                .ok()
                .filter(|slot| *slot < 32)?,
            function,
        })
    }
}

/// Reads `046d:c52b`.
#[must_use]
pub fn usb_id(text: &str) -> Option<(String, String)> {
    let (vendor, product) = text.trim().split_once(':')?;
    let hex = |id: &str| -> Option<String> {
        let id = id.trim_start_matches("0x");
        let sound = !id.is_empty() && id.len() <= 4 && id.chars().all(|c| c.is_ascii_hexdigit());
        sound.then(|| format!("{id:0>4}").to_lowercase())
    };
    Some((hex(vendor)?, hex(product)?))
}

impl NewDevice {
    /// Its XML.
    #[must_use]
    pub fn xml(&self) -> String {
        let new = Element::new;
        let element = match self {
            Self::Rng(path) => new("rng")
                .with("model", "virtio")
                .child(Element::text("backend", path).with("model", "random")),
            Self::Watchdog(model, action) => {
                new("watchdog").with("model", model).with("action", action)
            }
            Self::Filesystem(driver, folder, tag) => new("filesystem")
                .with("type", "mount")
                .with(
                    "accessmode",
                    if driver == "virtiofs" {
                        "passthrough"
                    } else {
                        "mapped"
                    },
                )
                .child(new("driver").with("type", driver))
                .child(new("source").with("dir", folder))
                .child(new("target").with("dir", tag)),
            Self::Memory(kib, node) => {
                let mut target =
                    new("target").child(Element::text("size", kib).with("unit", "KiB"));
                if let Some(node) = node {
                    target = target.child(Element::text("node", node));
                }
                new("memory").with("model", "dimm").child(target)
            }
            Self::Input(kind, bus) => new("input").with("type", kind).with("bus", bus),
            Self::Tpm => new("tpm").with("model", "tpm-crb").child(
                new("backend")
                    .with("type", "emulator")
                    .with("version", "2.0"),
            ),
            Self::Sound(model) => new("sound").with("model", model),
            Self::Serial => new("serial").with("type", "pty"),
            Self::Agent => new("channel").with("type", "unix").child(
                new("target")
                    .with("type", "virtio")
                    .with("name", "org.qemu.guest_agent.0"),
            ),
            Self::Redirected => new("redirdev").with("bus", "usb").with("type", "spicevmc"),
            Self::Vsock => new("vsock")
                .with("model", "virtio")
                .child(new("cid").with("auto", "yes")),
            Self::Panic(model) => new("panic").with("model", model),
            Self::UsbHost(vendor, product) => new("hostdev")
                .with("mode", "subsystem")
                .with("type", "usb")
                .with("managed", "yes")
                .child(
                    new("source")
                        .child(new("vendor").with("id", format!("0x{vendor}")))
                        .child(new("product").with("id", format!("0x{product}"))),
                ),
            Self::UsbPlace(bus, device) => new("hostdev")
                .with("mode", "subsystem")
                .with("type", "usb")
                .with("managed", "yes")
                .child(new("source").child(new("address").with("bus", bus).with("device", device))),
            Self::PciHost(at) => new("hostdev")
                .with("mode", "subsystem")
                .with("type", "pci")
                .with("managed", "yes")
                .child(
                    new("source").child(
                        new("address")
                            .with("domain", format!("0x{:04x}", at.domain))
                            .with("bus", format!("0x{:02x}", at.bus))
                            .with("slot", format!("0x{:02x}", at.slot))
                            .with("function", format!("0x{:x}", at.function)),
                    ),
                ),
            Self::Graphics(kind, listen) => new("graphics")
                .with("type", kind)
                .with("autoport", "yes")
                .child(
                    new("listen")
                        .with("type", "address")
                        .with("address", listen),
                ),
        };
        element.document()
    }

    /// Whether QEMU takes it while the domain runs.
    #[must_use]
    pub fn is_pluggable(&self) -> bool {
        match self {
            Self::Rng(_)
            | Self::Watchdog(..)
            | Self::Memory(..)
            | Self::Agent
            | Self::Redirected
            | Self::Vsock
            | Self::UsbHost(..)
            | Self::UsbPlace(..)
            | Self::PciHost(_) => true,
            Self::Filesystem(driver, ..) => driver == "virtiofs",
            Self::Input(_, bus) => bus != "ps2",
            Self::Tpm | Self::Sound(_) | Self::Serial | Self::Panic(_) | Self::Graphics(..) => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let at = PciAddress::parse("0000:06:12.5").unwrap();
        assert_eq!((at.domain, at.bus, at.slot, at.function), (0, 6, 0x12, 5));
        assert_eq!(PciAddress::parse("06:12.5"), Some(at));
        for wrong in [
            "",
            "6",
            "06:12",
            "06:12.8",
            "06:20.0",
            "x:1:2.0",
            "1:2:3:4.0",
        ] {
            assert_eq!(PciAddress::parse(wrong), None, "{wrong}");
        }
        assert_eq!(
            usb_id("46d:C52B"),
            Some(("046d".to_owned(), "c52b".to_owned()))
        );
        for wrong in ["", "046d", "046d:", "046dd:1", "g:1"] {
            assert_eq!(usb_id(wrong), None, "{wrong}");
        }
    }
}
