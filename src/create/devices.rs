//! The devices of a new domain.

use super::domain::{DiskDevice, Graphics, Link, NewDomain, Nic};
use super::further::{Makes, apply};
use super::xml::Choices;
use crate::xml::Element;

/// Ports of PCI Express that wait for what is plugged in later: a Q35 machine has none of its own to spare.
const SPARE_PORTS: usize = 14;

/// A drive whose source has been found or will have been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drive {
    /// What was asked for.
    pub disk: super::domain::Disk,
    /// What is in it.
    pub source: DriveSource,
    /// `raw`, `qcow2`, …
    pub format: Option<String>,
    /// The bus it is on.
    pub bus: String,
    /// Its name in the guest's order.
    pub target: String,
}

/// How libvirt is told what is in a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriveSource {
    /// Nothing.
    Nothing,
    /// A file, by its path.
    File(String),
    /// A device, by its path.
    Block(String),
    /// A volume: its pool and its name.
    Volume(String, String),
    /// Something on the network, as further values of the disk say.
    Network,
}

impl DriveSource {
    /// The `type` of its disk.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Block(_) => "block",
            Self::Volume(..) => "volume",
            Self::Network => "network",
            Self::Nothing | Self::File(_) => "file",
        }
    }

    /// Its `<source>`; `None` for nothing.
    #[must_use]
    pub fn element(&self) -> Option<Element> {
        let source = Element::new("source");
        match self {
            Self::Nothing => None,
            Self::Network => Some(source),
            Self::File(path) => Some(source.with("file", path)),
            Self::Block(path) => Some(source.with("dev", path)),
            Self::Volume(pool, volume) => Some(source.with("pool", pool).with("volume", volume)),
        }
    }
}

/// Names that disks of a bus have: `vda`, `vdb`, … `vdz`, `vdaa`.
pub(super) fn target_name(bus: &str, number: usize) -> String {
    let prefix = match bus {
        "virtio" => "vd",
        "ide" => "hd",
        "fdc" => "fd",
        "xen" => "xvd",
        _ => "sd",
    };
    let mut letters = Vec::new();
    let mut rest = number + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'a' + letter));
        rest = (rest - 1) / 26;
    }
    prefix.chars().chain(letters.into_iter().rev()).collect()
}

/// Whether places in the boot order stand at devices.
pub(super) fn has_order(choices: &Choices) -> bool {
    let nics = choices.wanted.nics.iter().flatten();
    choices
        .disks
        .iter()
        .any(|drive| drive.disk.boot_order.is_some())
        || nics.into_iter().any(|nic| nic.boot_order.is_some())
}

/// Whether an option asks for one of these itself, or a value of its own stands in it.
fn is_asked(wanted: &NewDomain, option: &str, word: &str) -> bool {
    let mut extras = wanted.extras.iter();
    extras.any(|extra| extra.option == option && extra.text.contains(word))
}

/// All of them.
pub(super) fn all(choices: &Choices) -> Element {
    let wanted = choices.wanted;
    let emulator = choices.guest.and_then(|guest| guest.emulator.as_ref());
    let mut devices = Element::new("devices")
        .children(emulator.map(|path| Element::text("emulator", path)))
        .children(choices.disks.iter().map(|drive| disk(choices, drive)))
        .children(controllers(choices))
        .children(
            wanted
                .nics
                .iter()
                .flatten()
                .map(|nic| interface(choices, nic)),
        );
    if !wanted.without_serial {
        devices = devices
            .child(
                Element::new("serial")
                    .with("type", "pty")
                    .child(Element::new("target").with("port", 0)),
            )
            .child(
                Element::new("console").with("type", "pty").child(
                    Element::new("target")
                        .with("type", "serial")
                        .with("port", 0),
                ),
            );
    }
    if choices.is_qemu() && !wanted.without_agent {
        devices = devices.child(
            Element::new("channel").with("type", "unix").child(
                Element::new("target")
                    .with("type", "virtio")
                    .with("name", "org.qemu.guest_agent.0"),
            ),
        );
    }
    let graphics = wanted.graphics.iter().flatten();
    if graphics.clone().any(|graphics| graphics.spice) {
        devices = devices.child(
            Element::new("channel").with("type", "spicevmc").child(
                Element::new("target")
                    .with("type", "virtio")
                    .with("name", "com.redhat.spice.0"),
            ),
        );
    }
    let has_display = graphics.clone().next().is_some();
    if has_display && !is_asked(wanted, "--input", "") {
        // A tablet tells where the pointer is; a mouse only how far it went, and runs away from that of the viewer.
        let bus = if choices.is_qemu() || choices.virt_type == "test" {
            "usb"
        } else {
            "ps2"
        };
        devices = devices.child(
            Element::new("input")
                .with("type", "tablet")
                .with("bus", bus),
        );
    }
    if wanted.tpm {
        devices = devices.child(
            Element::new("tpm").with("model", "tpm-crb").child(
                Element::new("backend")
                    .with("type", "emulator")
                    .with("version", "2.0"),
            ),
        );
    }
    devices = devices.children(graphics.clone().map(display)).children(
        wanted
            .sound
            .as_ref()
            .map(|model| Element::new("sound").with("model", model)),
    );
    if let Some(model) = video(choices, has_display) {
        devices =
            devices.child(Element::new("video").child(Element::new("model").with("type", model)));
    }
    if let Some(model) = &wanted.watchdog {
        devices = devices.child(
            Element::new("watchdog")
                .with("model", model)
                .with("action", "reset"),
        );
    }
    if choices.is_qemu() {
        if !is_asked(wanted, "--memballoon", "") {
            // The guest tells what it has free only when it is asked at intervals.
            devices = devices.child(
                Element::new("memballoon")
                    .with("model", "virtio")
                    .child(Element::new("stats").with("period", 5)),
            );
        }
        if choices.os.virtio_rng && !wanted.without_rng {
            devices = devices.child(
                Element::new("rng")
                    .with("model", "virtio")
                    .child(Element::text("backend", "/dev/urandom").with("model", "random")),
            );
        }
    }
    devices.children(wanted.extras.iter().filter_map(|extra| match &extra.makes {
        Makes::Device(element) => Some(element.clone()),
        Makes::Settings(_) | Makes::Element(_) => None,
    }))
}

fn controllers(choices: &Choices) -> Vec<Element> {
    let mut controllers = Vec::new();
    if !choices.is_qemu() {
        return controllers;
    }
    let pci = |model: &str| {
        Element::new("controller")
            .with("type", "pci")
            .with("model", model)
    };
    if choices.is_pcie() {
        if !is_asked(choices.wanted, "--controller", "usb") {
            controllers.push(
                Element::new("controller")
                    .with("type", "usb")
                    .with("model", "qemu-xhci")
                    .with("ports", 15),
            );
        }
        controllers.push(pci("pcie-root"));
        controllers.extend(std::iter::repeat_with(|| pci("pcie-root-port")).take(SPARE_PORTS));
    }
    let scsi = choices.disks.iter().any(|drive| drive.bus == "scsi");
    if scsi && !is_asked(choices.wanted, "--controller", "scsi") {
        controllers.push(
            Element::new("controller")
                .with("type", "scsi")
                .with("model", "virtio-scsi"),
        );
    }
    controllers
}

fn disk(choices: &Choices, drive: &Drive) -> Element {
    let wanted = &drive.disk;
    let source = drive.source.element();
    let mut driver = Element::new("driver");
    if choices.is_qemu() {
        // What a guest deletes is given back to the host.
        let discard = wanted.discard.as_deref().or_else(|| {
            (wanted.device == DiskDevice::Disk && drive.source != DriveSource::Nothing)
                .then_some("unmap")
        });
        driver = driver
            .with("name", "qemu")
            .with("type", drive.format.as_deref().unwrap_or("raw"))
            .maybe("cache", wanted.cache.as_ref())
            .maybe("io", wanted.io.as_ref())
            .maybe("discard", discard);
    } else if drive.source != DriveSource::Nothing {
        driver = driver
            .with("name", "qemu")
            .maybe("type", drive.format.as_ref());
    }
    let readonly = wanted.readonly || wanted.device == DiskDevice::Cdrom;
    let mut element = Element::new("disk")
        .with("type", drive.source.kind())
        .with("device", wanted.device.word())
        .children((!driver.is_empty()).then_some(driver))
        .children(source)
        .child(
            Element::new("target")
                .with("dev", &drive.target)
                .with("bus", &drive.bus),
        )
        .children(readonly.then(|| Element::new("readonly")))
        .children(wanted.shareable.then(|| Element::new("shareable")))
        .children(
            wanted
                .serial
                .as_ref()
                .map(|text| Element::text("serial", text)),
        )
        .children(
            wanted
                .boot_order
                .map(|order| Element::new("boot").with("order", order)),
        );
    apply(&wanted.further, &mut element);
    element
}

fn interface(choices: &Choices, nic: &Nic) -> Element {
    let (kind, source) = match &nic.link {
        Link::Network(name) => (
            "network",
            Some(Element::new("source").with("network", name)),
        ),
        Link::Bridge(name) => ("bridge", Some(Element::new("source").with("bridge", name))),
        Link::Direct { source, mode } => (
            "direct",
            Some(
                Element::new("source")
                    .with("dev", source)
                    .with("mode", mode),
            ),
        ),
        Link::User | Link::Default => ("user", None),
    };
    let model = nic.model.clone().or_else(|| {
        let own = if choices.os.virtio_net {
            "virtio"
        } else {
            "e1000"
        };
        let own = if own == "e1000" && choices.is_pcie() {
            "e1000e"
        } else {
            own
        };
        Some(own.to_owned())
    });
    let mut element = Element::new("interface")
        .with("type", kind)
        .children(
            nic.mac
                .as_ref()
                .map(|mac| Element::new("mac").with("address", mac)),
        )
        .children(source)
        .children(
            nic.target
                .as_ref()
                .map(|name| Element::new("target").with("dev", name)),
        )
        .children(model.map(|model| Element::new("model").with("type", model)))
        .children(
            nic.boot_order
                .map(|order| Element::new("boot").with("order", order)),
        );
    apply(&nic.further, &mut element);
    element
}

fn display(wanted: &Graphics) -> Element {
    let graphics =
        Element::new("graphics").with("type", if wanted.spice { "spice" } else { "vnc" });
    let listen = wanted.listen.as_deref().unwrap_or("127.0.0.1");
    let graphics = match (listen, wanted.port) {
        ("none" | "socket", _) => graphics,
        (_, Some(port)) => graphics.with("port", port).with("autoport", "no"),
        (_, None) => graphics.with("port", -1).with("autoport", "yes"),
    };
    let graphics = graphics
        .maybe("keymap", wanted.keymap.as_ref())
        .maybe("passwd", wanted.password.as_ref());
    let mut element = match listen {
        "none" => graphics.child(Element::new("listen").with("type", "none")),
        "socket" => graphics.child(Element::new("listen").with("type", "socket")),
        address => graphics.with("listen", address).child(
            Element::new("listen")
                .with("type", "address")
                .with("address", address),
        ),
    };
    apply(&wanted.further, &mut element);
    element
}

/// The video card that fits: virtio's where both sides have it, else the one everything knows.
fn video(choices: &Choices, has_display: bool) -> Option<String> {
    match choices.wanted.video.as_deref() {
        Some("none") => return None,
        Some(model) => return Some(model.to_owned()),
        None if !has_display => return None,
        None => {}
    }
    let known = choices
        .facts
        .capabilities
        .as_ref()
        .map(|known| &known.videos);
    let has = |model: &str| known.is_none_or(|videos| videos.iter().any(|video| video == model));
    let model = if choices.is_qemu() && choices.os.virtio_video && has("virtio") {
        "virtio"
    } else if choices.is_x86() && has("vga") {
        "vga"
    } else {
        known
            .and_then(|videos| videos.first())
            .map_or("virtio", String::as_str)
    };
    Some(model.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_count_on_behind_z() {
        assert_eq!(target_name("virtio", 0), "vda");
        assert_eq!(target_name("sata", 25), "sdz");
        assert_eq!(target_name("virtio", 26), "vdaa");
        assert_eq!(target_name("virtio", 27), "vdab");
        assert_eq!(target_name("ide", 701), "hdzz");
    }
}
