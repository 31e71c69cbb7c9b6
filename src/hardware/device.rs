//! New devices: what virt-manager offers to add, as XML.

use crate::xml::Element;

/// Where a serial line, a console or a channel leads to on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A pseudo-terminal, which `virsh console` opens.
    Pty,
    /// A socket that QEMU makes at this path; libvirt names it where there is none.
    Unix(Option<String>),
    /// A port that QEMU listens on: address, port.
    Tcp(String, String),
    /// A file that takes what comes out.
    File(String),
    /// The viewer of a Spice display.
    Spice,
}

impl Wire {
    /// An element with this end on the host.
    fn element(&self, name: &'static str) -> Element {
        let new = Element::new;
        let (kind, source) = match self {
            Self::Pty => ("pty", None),
            Self::Spice => ("spicevmc", None),
            Self::Unix(path) => {
                let source = path
                    .as_ref()
                    .map(|path| new("source").with("mode", "bind").with("path", path));
                ("unix", source)
            }
            Self::Tcp(host, service) => {
                let source = new("source")
                    .with("mode", "bind")
                    .with("host", host)
                    .with("service", service);
                ("tcp", Some(source))
            }
            Self::File(path) => ("file", Some(new("source").with("path", path))),
        };
        new(name).with("type", kind).children(source)
    }
}

/// A device to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewDevice {
    /// Random numbers of this file of the host; at most so many bytes in so many ms.
    Rng(String, Option<(u64, u64)>),
    /// A watchdog: model and action.
    Watchdog(String, String),
    /// A folder of the host.
    Filesystem {
        /// `virtiofs`, `path`.
        driver: String,
        /// On the host.
        folder: String,
        /// What the guest calls it.
        tag: String,
        /// The guest cannot write into it.
        readonly: bool,
    },
    /// Memory that is plugged in, in KiB, for this NUMA node.
    Memory(u64, Option<u32>),
    /// Tablet, mouse or keyboard, and its bus.
    Input(String, String),
    /// A TPM: model, version; made by swtpm, or this device of the host.
    Tpm(String, String, Option<String>),
    /// A sound card.
    Sound(String),
    /// A video card.
    Video(String),
    /// A controller: type, model.
    Controller(String, Option<String>),
    /// A serial line.
    Serial(Wire),
    /// A console that is no serial line.
    Console(Wire),
    /// A channel of this name.
    Channel(String, Wire),
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
    /// A display that listens: type, address, port, password.
    Graphics(String, String, Option<u64>, Option<String>),
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
            Self::Rng(path, limit) => {
                new("rng")
                    .with("model", "virtio")
                    .children(limit.map(|(bytes, period)| {
                        new("rate").with("bytes", bytes).with("period", period)
                    }))
                    .child(Element::text("backend", path).with("model", "random"))
            }
            Self::Watchdog(model, action) => {
                new("watchdog").with("model", model).with("action", action)
            }
            Self::Filesystem {
                driver,
                folder,
                tag,
                readonly,
            } => new("filesystem")
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
                .child(new("target").with("dir", tag))
                .children(readonly.then(|| new("readonly"))),
            Self::Memory(kib, node) => {
                let mut target =
                    new("target").child(Element::text("size", kib).with("unit", "KiB"));
                if let Some(node) = node {
                    target = target.child(Element::text("node", node));
                }
                new("memory").with("model", "dimm").child(target)
            }
            Self::Input(kind, bus) => new("input").with("type", kind).with("bus", bus),
            Self::Tpm(model, version, device) => {
                new("tpm").with("model", model).child(match device {
                    None => new("backend")
                        .with("type", "emulator")
                        .with("version", version),
                    Some(path) => new("backend")
                        .with("type", "passthrough")
                        .child(new("device").with("path", path)),
                })
            }
            Self::Sound(model) => new("sound").with("model", model),
            Self::Video(model) => new("video").child(new("model").with("type", model)),
            Self::Controller(kind, model) => new("controller")
                .with("type", kind)
                .maybe("model", model.as_ref()),
            Self::Serial(wire) => wire.element("serial"),
            Self::Console(wire) => wire
                .element("console")
                .child(new("target").with("type", "virtio")),
            Self::Channel(name, wire) => wire
                .element("channel")
                .child(new("target").with("type", "virtio").with("name", name)),
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
            Self::Graphics(kind, listen, port, password) => {
                let port_words = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
                let auto = if port.is_some() { "no" } else { "yes" };
                new("graphics")
                    .with("type", kind)
                    .with("port", port_words)
                    .with("autoport", auto)
                    .maybe("passwd", password.as_ref())
                    .child(
                        new("listen")
                            .with("type", "address")
                            .with("address", listen),
                    )
            }
        };
        element.document()
    }

    /// Whether QEMU takes it while the domain runs.
    #[must_use]
    pub fn is_pluggable(&self) -> bool {
        match self {
            Self::Rng(..)
            | Self::Watchdog(..)
            | Self::Memory(..)
            | Self::Channel(..)
            | Self::Redirected
            | Self::Vsock
            | Self::UsbHost(..)
            | Self::UsbPlace(..)
            | Self::PciHost(_) => true,
            Self::Filesystem { driver, .. } => driver == "virtiofs",
            Self::Input(_, bus) => bus != "ps2",
            Self::Controller(kind, _) => kind == "scsi",
            Self::Tpm(..)
            | Self::Sound(_)
            | Self::Video(_)
            | Self::Serial(_)
            | Self::Console(_)
            | Self::Panic(_)
            | Self::Graphics(..) => false,
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
