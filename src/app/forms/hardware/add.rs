//! Adding a device: which, what it needs, its XML beside it.

use super::{HardwareForm, affect, command, networks, send, when};
use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, HardwarePage, Level, State, Submitted, Tone, Wrong,
    actions,
};
use crate::hardware::{NewDevice, PciAddress, usb_id};
use crate::model::DomainId;
use crate::protocol::{Affect, DeviceVerb, DeviceXml, DomainVerb, HardwareVerb, NewNic};

/// What can be added, and the fields that it needs.
const DEVICES: &[(&str, &str, &[&str])] = &[
    (
        "nic",
        "Network interface",
        &["nic-type", "nic-source", "nic-model", "mac"],
    ),
    ("usb", "USB device of the host", &["usb"]),
    ("pci", "PCI device of the host", &["pci"]),
    (
        "filesystem",
        "Folder of the host",
        &["driver", "folder", "tag"],
    ),
    ("memory", "Memory device", &["size", "node"]),
    ("rng", "Random numbers", &["rng"]),
    ("watchdog", "Watchdog", &["action"]),
    ("tablet", "Tablet (USB)", &[]),
    ("keyboard", "Keyboard (virtio)", &[]),
    ("agent", "Channel of the guest agent", &[]),
    ("redirdev", "USB redirector", &[]),
    ("vsock", "Sockets to the host (vsock)", &[]),
    ("graphics", "Display", &["graphics-type", "listen"]),
    ("tpm", "TPM 2.0 (swtpm)", &[]),
    ("sound", "Sound card (ich9)", &[]),
    ("serial", "Serial line", &[]),
    ("panic", "Panic notifier", &[]),
];

/// Opens the form.
pub fn open(state: &mut State, page: &HardwarePage) {
    let id = page.id;
    if let Some(why) = actions::refusal(state, Action::AddHardware, id) {
        return state.say(Level::Note, why);
    }
    let Some(hardware) = page.hardware() else {
        return state.say(Level::Note, "The hardware is not read yet.".to_owned());
    };
    let kinds = DEVICES
        .iter()
        .map(|(word, label, _)| FieldOption::new(word, label));
    let words = |list: &[(&str, &str)]| -> Vec<FieldOption> {
        let options = list
            .iter()
            .map(|(word, label)| FieldOption::new(word, label));
        options.collect()
    };
    let fields = vec![
        Field::choice("device", "Hardware", kinds.collect(), "nic").help("Disks are added on their own page: w."),
        Field::choice(
            "nic-type",
            "Plugged into",
            words(&[
                ("network", "a virtual network"),
                ("bridge", "a bridge of the host"),
                ("direct", "an interface of the host (macvtap)"),
                ("user", "the emulator's own network"),
            ]),
            "network",
        ),
        Field::text("nic-source", "Name", "default")
            .offer(networks(state, id))
            .help("Of the network, the bridge or the interface of the host."),
        Field::choice(
            "nic-model",
            "Model",
            words(&[("virtio", "virtio"), ("e1000e", "e1000e"), ("rtl8139", "rtl8139"), ("igb", "igb")]),
            "virtio",
        )
        .help("virtio is fastest, where the guest has a driver."),
        Field::text("mac", "MAC address", "").help("Left empty, libvirt makes one."),
        Field::text("usb", "Vendor:product", "").help("As lsusb on the host shows it: 046d:c52b. It leaves the host meanwhile."),
        Field::text("pci", "Address", "").help(
            "As lspci on the host shows it: 0000:01:00.0. All of its IOMMU group leaves the host: look with ls /sys/bus/pci/devices/ADDRESS/iommu_group/devices.",
        ),
        Field::choice(
            "driver",
            "Driver",
            words(&[("virtiofs", "virtiofs: fast, needs shared memory"), ("path", "9p: works everywhere")]),
            "virtiofs",
        ),
        Field::text("folder", "Folder", "").help("On the host, from its root on."),
        Field::text("tag", "Name in the guest", "").help("mount -t virtiofs NAME /mnt"),
        Field::size("size", "Size", Some(512 << 10), 1024..=1 << 40).help("It needs a free slot: see the memory."),
        Field::number("node", "NUMA node", None, "", 0..=1023).optional().help("Left empty where the guest has none."),
        Field::text("rng", "Source", "/dev/urandom"),
        Field::choice("action", "Action", words(&[("reset", "reset"), ("poweroff", "poweroff"), ("pause", "pause"), ("none", "none")]), "reset"),
        Field::choice("graphics-type", "Type", words(&[("vnc", "VNC"), ("spice", "Spice")]), "vnc"),
        Field::text("listen", "Listens on", "127.0.0.1").help("0.0.0.0 for all: then set a password."),
        when(hardware.runs, hardware.stored),
    ];
    let name = state.guest(id).map_or("", |guest| &guest.domain.name);
    let title = format!("Add hardware to {name}");
    let use_ = FormUse::Hardware(HardwareForm::Add(id));
    Form::new(use_, title, Action::AddHardware.row().label, fields).open(state);
}

/// What is to be added; what is wrong with it.
fn verb(form: &Form) -> Result<(DomainVerb, Option<NewDevice>), Wrong> {
    let wanted = affect(form);
    let text = |key: &str| form.text(key).to_owned();
    let some = |key: &str| Some(text(key)).filter(|text| !text.is_empty());
    let path = |key: &str| {
        let path = text(key);
        if path.starts_with('/') {
            Ok(path)
        } else {
            Err(Wrong::at(key, "Write the whole path, from / on."))
        }
    };
    let device = match form.text("device") {
        "nic" => {
            let kind = text("nic-type");
            if kind != "user" && form.text("nic-source").is_empty() {
                return Err(Wrong::at("nic-source", "Say which one."));
            }
            let nic = NewNic {
                source: if kind == "user" {
                    String::new()
                } else {
                    text("nic-source")
                },
                mode: (kind == "direct").then(|| "bridge".to_owned()),
                kind,
                mac: some("mac"),
                model: some("nic-model"),
                ..NewNic::default()
            };
            return Ok((
                DomainVerb::Hardware(HardwareVerb::AttachNic(Box::new(nic), wanted)),
                None,
            ));
        }
        "usb" => {
            let (vendor, product) = usb_id(form.text("usb"))
                .ok_or_else(|| Wrong::at("usb", "Write VENDOR:PRODUCT, as in 046d:c52b."))?;
            NewDevice::UsbHost(vendor, product)
        }
        "pci" => NewDevice::PciHost(
            PciAddress::parse(form.text("pci"))
                .ok_or_else(|| Wrong::at("pci", "Write the address as in 0000:01:00.0."))?,
        ),
        "filesystem" => NewDevice::Filesystem(
            text("driver"),
            path("folder")?,
            some("tag").ok_or_else(|| Wrong::at("tag", "The guest needs a name for it."))?,
        ),
        "memory" => NewDevice::Memory(
            form.amount("size").unwrap_or_default(),
            form.amount("node")
                .and_then(|node| u32::try_from(node).ok()),
        ),
        "rng" => NewDevice::Rng(path("rng")?),
        "watchdog" => NewDevice::Watchdog("i6300esb".to_owned(), text("action")),
        "tablet" => NewDevice::Input("tablet".to_owned(), "usb".to_owned()),
        "keyboard" => NewDevice::Input("keyboard".to_owned(), "virtio".to_owned()),
        "agent" => NewDevice::Agent,
        "redirdev" => NewDevice::Redirected,
        "vsock" => NewDevice::Vsock,
        "graphics" => NewDevice::Graphics(text("graphics-type"), text("listen")),
        "tpm" => NewDevice::Tpm,
        "sound" => NewDevice::Sound("ich9".to_owned()),
        "serial" => NewDevice::Serial,
        _ => NewDevice::Panic("isa".to_owned()),
    };
    let affect = match (wanted, device.is_pluggable()) {
        (Affect::Both, false) => Affect::Config,
        (Affect::Live, false) => {
            return Err(Wrong::at(
                "when",
                "It cannot be added while the domain runs: choose the next boot.",
            ));
        }
        (wanted, _) => wanted,
    };
    let verb = HardwareVerb::Device {
        verb: DeviceVerb::Attach,
        xml: DeviceXml::Text(device.xml()),
        affect,
    };
    Ok((DomainVerb::Hardware(verb), Some(device)))
}

/// Shows the fields that the device needs, and its XML.
pub fn changed(state: &State, form: &mut Form, id: DomainId) {
    let chosen = form.text("device").to_owned();
    for (device, _, fields) in DEVICES {
        for field in *fields {
            form.show(field, *device == chosen);
        }
    }
    if form.text("nic-type") == "user" {
        form.show("nic-source", false);
    }
    form.preview.clear();
    form.command = None;
    match verb(form) {
        Err(wrong) => form.preview.push((Tone::Dim, wrong.why)),
        Ok((verb, device)) => {
            if let Some(device) = device {
                let wanted = affect(form);
                if wanted == Affect::Both && !device.is_pluggable() {
                    let words =
                        "It cannot be added while the domain runs: the next boot brings it.";
                    form.preview.push((Tone::Warn, words.to_owned()));
                }
                form.preview.extend(
                    device
                        .xml()
                        .lines()
                        .map(|line| (Tone::Normal, line.to_owned())),
                );
            }
            form.command = command(state, &verb, id);
        }
    }
}

/// Sends it.
pub fn submit(
    state: &mut State,
    form: &Form,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Submitted {
    match verb(form) {
        Ok((verb, _)) => send(state, Action::AddHardware, verb, id, effects),
        Err(wrong) => Submitted::Refused(vec![wrong]),
    }
}
