//! Adding a device: which, what it needs, its XML beside it.

use std::sync::Arc;

use super::{HardwareForm, affect, command, networks, send, when};
use crate::action::Action;
use crate::app::{
    Effect, Field, FieldKind, FieldOption, Form, FormUse, HardwarePage, Level, Purpose, State,
    Submitted, Tone, Wrong, actions,
};
use crate::hardware::{HostDevice, HostDeviceKind, NewDevice, PciAddress, usb_id};
use crate::model::DomainId;
use crate::protocol::{
    Affect, Answer, DeviceVerb, DeviceXml, DomainVerb, Failure, HardwareVerb, JobId, NewNic, Verb,
};
use crate::text::visible;

/// What can be added, and the fields that it needs.
const DEVICES: &[(&str, &str, &[&str])] = &[
    (
        "nic",
        "Network interface",
        &["nic-type", "nic-source", "nic-model", "mac"],
    ),
    ("usb", "USB device of the host", &["usb", "usb-id"]),
    ("pci", "PCI device of the host", &["pci", "pci-address"]),
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

/// To which domain, and what its host has to give.
#[derive(Debug, Clone)]
pub struct Adding {
    id: DomainId,
    /// The question which devices the host has.
    job: JobId,
    devices: Arc<[HostDevice]>,
}

impl PartialEq for Adding {
    /// What was typed for one domain comes back for the same.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Adding {}

/// The choice that leaves it to the field below.
const ANOTHER: &str = "another";

/// Opens the form, and asks for the devices of the host.
pub fn open(state: &mut State, page: &HardwarePage, effects: &mut Vec<Effect>) {
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
        Field::choice("device", "Hardware", kinds.collect(), "nic")
            .help("Disks are added on their own page: w."),
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
            words(&[
                ("virtio", "virtio"),
                ("e1000e", "e1000e"),
                ("rtl8139", "rtl8139"),
                ("igb", "igb"),
            ]),
            "virtio",
        )
        .help("virtio is fastest, where the guest has a driver."),
        Field::text("mac", "MAC address", "").help("Left empty, libvirt makes one."),
        of_host("usb", Vec::new()),
        Field::text("usb-id", "Vendor:product", "")
            .help("As lsusb on the host shows it: 046d:c52b. It leaves the host meanwhile."),
        of_host("pci", Vec::new()),
        Field::text("pci-address", "Address", "")
            .help("As lspci on the host shows it: 0000:01:00.0."),
        Field::choice(
            "driver",
            "Driver",
            words(&[
                ("virtiofs", "virtiofs: fast, needs shared memory"),
                ("path", "9p: works everywhere"),
            ]),
            "virtiofs",
        ),
        Field::text("folder", "Folder", "").help("On the host, from its root on."),
        Field::text("tag", "Name in the guest", "").help("mount -t virtiofs NAME /mnt"),
        Field::size("size", "Size", Some(512 << 10), 1024..=1 << 40)
            .help("It needs a free slot: see the memory."),
        Field::number("node", "NUMA node", None, "", 0..=1023)
            .optional()
            .help("Left empty where the guest has none."),
        Field::text("rng", "Source", "/dev/urandom"),
        Field::choice(
            "action",
            "Action",
            words(&[
                ("reset", "reset"),
                ("poweroff", "poweroff"),
                ("pause", "pause"),
                ("none", "none"),
            ]),
            "reset",
        ),
        Field::choice(
            "graphics-type",
            "Type",
            words(&[("vnc", "VNC"), ("spice", "Spice")]),
            "vnc",
        ),
        Field::text("listen", "Listens on", "127.0.0.1")
            .help("0.0.0.0 for all: then set a password."),
        when(hardware.runs, hardware.stored),
    ];
    let name = state.guest(id).map_or("", |guest| &guest.domain.name);
    let title = format!("Add hardware to {name}");
    let job = state.ask(id, Purpose::Read, Verb::ReadNodeDevices, effects);
    let use_ = FormUse::Hardware(HardwareForm::Add(Adding {
        id,
        job,
        devices: Arc::default(),
    }));
    Form::new(use_, title, Action::AddHardware.row().label, fields).open(state);
}

/// The field of a device of the host.
fn of_host(key: &str, mut options: Vec<FieldOption>) -> Field {
    options.push(FieldOption::new(ANOTHER, "another, named below"));
    Field::choice(key, "Which", options, "")
        .help("Left and Right choose. It leaves the host as long as the guest has it.")
}

/// The worker's answer: what there is to choose from.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Hardware(HardwareForm::Add(adding)) if adding.job == job);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    let devices = match result {
        Ok(Answer::NodeDevices(devices)) => devices,
        Ok(_) => return,
        Err(failure) => {
            let why = format!(
                "The devices of the host are not known: {}",
                visible(&failure.to_string())
            );
            form.lead.push((Tone::Dim, why));
            return state.refresh_form(is);
        }
    };
    let usable = devices.iter().filter(|device| device.is_assignable());
    let (mut usb, mut pci) = (Vec::new(), Vec::new());
    for device in usable {
        let user = device
            .users
            .first()
            .map_or_else(String::new, |(name, _)| format!(", has '{name}'"));
        let title = device.title();
        match &device.kind {
            HostDeviceKind::Pci { address, .. } => {
                pci.push(FieldOption::new(
                    &device.name,
                    &format!("{address} {title}{user}"),
                ));
            }
            HostDeviceKind::Usb {
                bus,
                device: number,
                ..
            } => {
                usb.push(FieldOption::new(
                    &device.name,
                    &format!("{bus}.{number} {title}{user}"),
                ));
            }
            _ => {}
        }
    }
    for (key, options) in [("usb", usb), ("pci", pci)] {
        if let Some(field) = form.field_mut(key) {
            *field = of_host(key, options);
        }
    }
    if let FormUse::Hardware(HardwareForm::Add(adding)) = &mut form.use_ {
        adding.devices = Arc::clone(devices);
    }
    state.refresh_form(is);
}

/// The device of the host that is chosen from the list.
fn chosen<'a>(form: &Form, devices: &'a [HostDevice]) -> Option<&'a HostDevice> {
    let key = Some(form.text("device")).filter(|key| matches!(*key, "usb" | "pci"))?;
    devices.iter().find(|device| device.name == form.text(key))
}

/// What takes it: by what it is where that tells it from all others, since its place may change.
fn given(device: &HostDevice, all: &[HostDevice]) -> Option<NewDevice> {
    match &device.kind {
        HostDeviceKind::Pci { address, .. } => Some(NewDevice::PciHost(*address)),
        HostDeviceKind::Usb {
            bus,
            device: number,
            vendor,
            product,
        } => {
            let alike = all.iter().filter(|other| {
                matches!(&other.kind, HostDeviceKind::Usb { vendor: v, product: p, .. } if v == vendor && p == product)
            });
            Some(if alike.count() > 1 {
                NewDevice::UsbPlace(*bus, *number)
            } else {
                NewDevice::UsbHost(vendor.clone(), product.clone())
            })
        }
        _ => None,
    }
}

/// A network interface, which has a verb of its own.
fn nic(form: &Form, wanted: Affect) -> Result<DomainVerb, Wrong> {
    let text = |key: &str| form.text(key).to_owned();
    let some = |key: &str| Some(text(key)).filter(|text| !text.is_empty());
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
    Ok(DomainVerb::Hardware(HardwareVerb::AttachNic(
        Box::new(nic),
        wanted,
    )))
}

/// A device as the fields describe it.
fn described(form: &Form) -> Result<NewDevice, Wrong> {
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
    Ok(match form.text("device") {
        "usb" => {
            let (vendor, product) = usb_id(form.text("usb-id"))
                .ok_or_else(|| Wrong::at("usb-id", "Write VENDOR:PRODUCT, as in 046d:c52b."))?;
            NewDevice::UsbHost(vendor, product)
        }
        "pci" => NewDevice::PciHost(
            PciAddress::parse(form.text("pci-address"))
                .ok_or_else(|| Wrong::at("pci-address", "Write the address as in 0000:01:00.0."))?,
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
    })
}

/// What is to be added; what is wrong with it.
fn verb(form: &Form, devices: &[HostDevice]) -> Result<(DomainVerb, Option<NewDevice>), Wrong> {
    let wanted = affect(form);
    if form.text("device") == "nic" {
        return Ok((nic(form, wanted)?, None));
    }
    let of_list = chosen(form, devices).and_then(|device| given(device, devices));
    let device = match of_list {
        Some(device) => device,
        None => described(form)?,
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
pub fn changed(state: &State, form: &mut Form, adding: &Adding) {
    let id = adding.id;
    let devices = &adding.devices;
    let kind = form.text("device").to_owned();
    for (device, _, fields) in DEVICES {
        for field in *fields {
            form.show(field, *device == kind);
        }
    }
    if form.text("nic-type") == "user" {
        form.show("nic-source", false);
    }
    for (list, own) in [("usb", "usb-id"), ("pci", "pci-address")] {
        if form.text(list) != ANOTHER {
            form.show(own, false);
        }
        let kind = form.field(list).map(|field| &field.kind);
        if matches!(kind, Some(FieldKind::Choice { options, .. }) if options.len() < 2) {
            form.show(list, false);
        }
    }
    form.preview.clear();
    form.command = None;
    if let Some(device) = chosen(form, devices) {
        let driver = device.driver.as_deref();
        let driver = driver.map_or_else(String::new, |name| format!(", driven by {name} now"));
        form.preview.push((
            Tone::Normal,
            format!("{}{driver}", visible(&device.title())),
        ));
        let told = device.warnings(devices).into_iter();
        form.preview
            .extend(told.map(|warning| (Tone::Warn, visible(warning.as_str()).into_owned())));
        form.preview.push((Tone::Normal, String::new()));
    }
    match verb(form, devices) {
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
    adding: &Adding,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let id = adding.id;
    match verb(form, &adding.devices) {
        Ok((verb, _)) => send(state, Action::AddHardware, verb, id, effects),
        Err(wrong) => Submitted::Refused(vec![wrong]),
    }
}
