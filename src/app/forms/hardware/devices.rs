//! What can be added: the fields that each needs, and the device that they describe.

use super::when;
use crate::app::{Field, FieldOption, Form, Wrong};
use crate::hardware::{NewDevice, PciAddress, Wire, usb_id};
use crate::protocol::{Affect, DomainVerb, HardwareVerb, NewNic};

/// What can be added, and the fields that it needs.
const DEVICES: &[(&str, &str, &[&str])] = &[
    (
        "nic",
        "Network interface",
        &[
            "nic-type",
            "nic-source",
            "nic-model",
            "mac",
            "nic-in",
            "nic-out",
        ],
    ),
    ("usb", "USB device of the host", &["usb", "usb-id"]),
    ("pci", "PCI device of the host", &["pci", "pci-address"]),
    (
        "filesystem",
        "Folder of the host",
        &["driver", "folder", "tag", "readonly"],
    ),
    ("memory", "Memory device", &["size", "node"]),
    ("rng", "Random numbers", &["rng", "rng-bytes", "rng-period"]),
    ("watchdog", "Watchdog", &["watchdog-model", "action"]),
    (
        "input",
        "Tablet, mouse, keyboard",
        &["input-type", "input-bus"],
    ),
    (
        "channel",
        "Channel",
        &[
            "channel-name",
            "channel-own",
            "wire",
            "wire-path",
            "wire-host",
            "wire-port",
        ],
    ),
    ("redirdev", "USB redirector", &[]),
    ("vsock", "Sockets to the host (vsock)", &[]),
    (
        "graphics",
        "Display",
        &["graphics-type", "listen", "graphics-port", "password"],
    ),
    ("video", "Video card", &["video-model"]),
    (
        "tpm",
        "TPM",
        &["tpm-by", "tpm-model", "tpm-version", "tpm-device"],
    ),
    ("sound", "Sound card", &["sound-model"]),
    (
        "serial",
        "Serial line",
        &["wire", "wire-path", "wire-host", "wire-port"],
    ),
    (
        "console",
        "Console (virtio)",
        &["wire", "wire-path", "wire-host", "wire-port"],
    ),
    ("controller", "Controller", &["controller"]),
    ("panic", "Panic notifier", &["panic-model"]),
];

/// The choice that leaves it to the field below.
pub(super) const ANOTHER: &str = "another";

fn words(list: &[(&str, &str)]) -> Vec<FieldOption> {
    let options = list
        .iter()
        .map(|(word, label)| FieldOption::new(word, label));
    options.collect()
}

/// The names of what can be added.
pub(super) fn kinds() -> Vec<FieldOption> {
    let kinds = DEVICES
        .iter()
        .map(|(word, label, _)| FieldOption::new(word, label));
    kinds.collect()
}

/// All fields.
pub(super) fn fields(networks: Vec<String>, runs: bool, stored: bool) -> Vec<Field> {
    let mut fields = vec![
        Field::choice("device", "Hardware", kinds(), "nic")
            .help("Disks are added on their own page: w."),
    ];
    fields.extend(nic_fields(networks));
    fields.extend(host_fields());
    fields.extend(plain_fields());
    fields.extend(line_fields());
    fields.push(when(runs, stored));
    fields
}

fn nic_fields(networks: Vec<String>) -> Vec<Field> {
    let limit = |key: &str, label: &str| {
        Field::number(key, label, None, "KiB/s", 1..=4_294_967_295)
            .optional()
            .help("Left empty, there is no limit.")
    };
    vec![
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
            .offer(networks)
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
        limit("nic-in", "In at most"),
        limit("nic-out", "Out at most"),
    ]
}

/// The field of a device of the host.
pub(super) fn of_host(key: &str, mut options: Vec<FieldOption>) -> Field {
    options.push(FieldOption::new(ANOTHER, "another, named below"));
    Field::choice(key, "Which", options, "")
        .help("Left and Right choose. It leaves the host as long as the guest has it.")
}

fn host_fields() -> Vec<Field> {
    vec![
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
        Field::text("tag", "Name in the guest", "")
            .help("mount -t virtiofs NAME /mnt; 9p instead of virtiofs for the other driver."),
        Field::check("readonly", "Read-only", false).help("The guest cannot write into it."),
        Field::size("size", "Size", Some(512 << 10), 1024..=1 << 40)
            .help("It needs a free slot: see the memory."),
        Field::number("node", "NUMA node", None, "", 0..=1023)
            .optional()
            .help("Left empty where the guest has none."),
    ]
}

fn plain_fields() -> Vec<Field> {
    let plain = |key: &str, label: &str, list: &[(&str, &str)], help: &str| {
        Field::choice(key, label, words(list), "").help(help)
    };
    vec![
        Field::text("rng", "Source", "/dev/urandom")
            .help("A file of the host that random numbers are read from."),
        Field::number("rng-bytes", "At most", None, "bytes", 1..=4_294_967_295)
            .optional()
            .help("In each period; left empty, there is no limit."),
        Field::number("rng-period", "Period", Some(1000), "ms", 1..=4_294_967_295)
            .optional()
            .help("Of that limit."),
        plain(
            "watchdog-model",
            "Model",
            &[
                ("i6300esb", "i6300esb"),
                ("ib700", "ib700"),
                ("diag288", "diag288"),
                ("itco", "itco"),
            ],
            "i6300esb suits machines with PCI.",
        ),
        plain(
            "action",
            "Action",
            &[
                ("reset", "reset"),
                ("shutdown", "shutdown"),
                ("poweroff", "poweroff"),
                ("pause", "pause"),
                ("dump", "dump"),
                ("inject-nmi", "inject-nmi"),
                ("none", "none"),
            ],
            "What is done when the guest no longer answers it.",
        ),
        plain(
            "input-type",
            "Type",
            &[
                ("tablet", "tablet: the pointer is where yours is"),
                ("mouse", "mouse"),
                ("keyboard", "keyboard"),
            ],
            "What the guest takes it for.",
        ),
        plain(
            "input-bus",
            "Bus",
            &[("usb", "USB"), ("virtio", "virtio")],
            "virtio wants a driver in the guest.",
        ),
        plain(
            "graphics-type",
            "Type",
            &[("vnc", "VNC"), ("spice", "Spice")],
            "",
        ),
        Field::text("listen", "Listens on", "127.0.0.1")
            .help("0.0.0.0 for all: then set a password."),
        Field::number("graphics-port", "Port", None, "", 5900..=65_535)
            .optional()
            .help("Left empty, libvirt chooses one."),
        Field::secret("password", "Password")
            .help("VNC looks at eight characters. Left empty, there is none."),
        plain(
            "video-model",
            "Model",
            &[
                ("virtio", "virtio"),
                ("vga", "vga"),
                ("qxl", "qxl"),
                ("bochs", "bochs"),
                ("cirrus", "cirrus"),
                ("ramfb", "ramfb"),
            ],
            "A second one wants a model that can be one: virtio or qxl.",
        ),
        plain(
            "tpm-by",
            "Made by",
            &[
                ("emulator", "swtpm on the host"),
                ("passthrough", "a TPM of the host"),
            ],
            "",
        ),
        plain(
            "tpm-model",
            "Model",
            &[
                ("tpm-crb", "tpm-crb: for TPM 2.0"),
                ("tpm-tis", "tpm-tis: for both"),
            ],
            "What the guest takes it for.",
        ),
        plain(
            "tpm-version",
            "Version",
            &[("2.0", "2.0"), ("1.2", "1.2: tpm-tis alone")],
            "",
        ),
        Field::text("tpm-device", "Device", "/dev/tpm0")
            .help("Of the host; one domain alone can have it."),
        plain(
            "sound-model",
            "Model",
            &[
                ("ich9", "ich9"),
                ("ich6", "ich6"),
                ("ac97", "ac97"),
                ("usb", "usb"),
            ],
            "ich9 suits q35 machines.",
        ),
        plain(
            "controller",
            "Controller",
            &[
                ("scsi:virtio-scsi", "SCSI: virtio-scsi"),
                ("virtio-serial:", "virtio-serial: for channels and consoles"),
                ("usb:qemu-xhci", "USB: qemu-xhci"),
                (
                    "pci:pcie-root-port",
                    "PCI: a port to plug a device in (pcie-root-port)",
                ),
                ("sata:", "SATA"),
            ],
            "SCSI can be plugged in while the domain runs.",
        ),
        plain(
            "panic-model",
            "Model",
            &[
                ("isa", "isa: of PCs"),
                ("hyperv", "hyperv: of Windows"),
                ("pvpanic", "pvpanic: PCI"),
            ],
            "By what the guest tells that it has crashed.",
        ),
    ]
}

fn line_fields() -> Vec<Field> {
    vec![
        Field::choice(
            "channel-name",
            "For",
            words(&[
                (AGENT, "the guest agent"),
                (SPICE, "Spice: clipboard and sizes of the screen"),
                (ANOTHER, "another, named below"),
            ]),
            AGENT,
        ),
        Field::text("channel-own", "Name", "")
            .help("The guest finds it by this below /dev/virtio-ports."),
        Field::choice(
            "wire",
            "Leads to",
            words(&[
                ("pty", "a pseudo-terminal: c opens it"),
                ("unix", "a socket of the host"),
                ("tcp", "a TCP port of the host"),
                ("file", "a file of the host"),
            ]),
            "pty",
        ),
        Field::text("wire-path", "Path", "").help("On the host, from its root on."),
        Field::text("wire-host", "Address", "127.0.0.1")
            .help("Nothing asks for a password there: on 127.0.0.1 it is for this host alone."),
        Field::number("wire-port", "TCP port", None, "", 1..=65_535).help("QEMU listens there."),
    ]
}

/// Names of channels that people have.
const AGENT: &str = "org.qemu.guest_agent.0";
const SPICE: &str = "com.redhat.spice.0";

/// Shows the fields that the chosen device needs.
pub(super) fn show(form: &mut Form) {
    let kind = form.text("device").to_owned();
    let needed = DEVICES.iter().find(|(device, ..)| *device == kind);
    let needed = needed.map_or(&[][..], |(_, _, fields)| fields);
    for field in DEVICES.iter().flat_map(|(_, _, fields)| *fields) {
        form.show(field, needed.contains(field));
    }
    let is = |key: &str, word: &str| form.text(key) == word;
    let own = is("channel-name", ANOTHER);
    let passthrough = is("tpm-by", "passthrough");
    let (unix, tcp, file) = (is("wire", "unix"), is("wire", "tcp"), is("wire", "file"));
    let limited = !form.text("rng-bytes").is_empty();
    let nowhere = [
        ("nic-source", is("nic-type", "user")),
        ("channel-own", !own),
        // What is known leads where it must.
        ("wire", kind == "channel" && !own),
        ("wire-path", !(unix || file) || kind == "channel" && !own),
        ("wire-host", !tcp || kind == "channel" && !own),
        ("wire-port", !tcp || kind == "channel" && !own),
        ("tpm-version", passthrough),
        ("tpm-device", !passthrough),
        ("rng-period", !limited),
    ];
    for (key, hidden) in nowhere {
        if hidden {
            form.show(key, false);
        }
    }
}

fn some(form: &Form, key: &str) -> Option<String> {
    Some(form.text(key).to_owned()).filter(|text| !text.is_empty())
}

/// A network interface, which has a verb of its own.
pub(super) fn nic(form: &Form, wanted: Affect) -> Result<DomainVerb, Wrong> {
    let text = |key: &str| form.text(key).to_owned();
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
        mac: some(form, "mac"),
        model: some(form, "nic-model"),
        inbound: some(form, "nic-in"),
        outbound: some(form, "nic-out"),
        ..NewNic::default()
    };
    Ok(DomainVerb::Hardware(HardwareVerb::AttachNic(
        Box::new(nic),
        wanted,
    )))
}

fn path(form: &Form, key: &str) -> Result<String, Wrong> {
    let path = form.text(key).to_owned();
    if path.starts_with('/') {
        Ok(path)
    } else {
        Err(Wrong::at(key, "Write the whole path, from / on."))
    }
}

/// The end of a line on the host.
fn wire(form: &Form) -> Result<Wire, Wrong> {
    Ok(match form.text("wire") {
        "unix" => Wire::Unix(Some(path(form, "wire-path")?)),
        "file" => Wire::File(path(form, "wire-path")?),
        "tcp" => {
            let host = some(form, "wire-host");
            let host =
                host.ok_or_else(|| Wrong::at("wire-host", "Say which address of the host."))?;
            let port = form.amount("wire-port");
            let port = port.ok_or_else(|| Wrong::at("wire-port", "Say which port."))?;
            Wire::Tcp(host, port.to_string())
        }
        _ => Wire::Pty,
    })
}

/// A device as the fields describe it.
pub(super) fn described(form: &Form) -> Result<NewDevice, Wrong> {
    let text = |key: &str| form.text(key).to_owned();
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
        "filesystem" => NewDevice::Filesystem {
            driver: text("driver"),
            folder: path(form, "folder")?,
            tag: some(form, "tag")
                .ok_or_else(|| Wrong::at("tag", "The guest needs a name for it."))?,
            readonly: form.checked("readonly"),
        },
        "memory" => NewDevice::Memory(
            form.amount("size").unwrap_or_default(),
            form.amount("node")
                .and_then(|node| u32::try_from(node).ok()),
        ),
        "rng" => {
            let bytes = form.amount("rng-bytes");
            let period = form.amount("rng-period").unwrap_or(1000);
            NewDevice::Rng(path(form, "rng")?, bytes.map(|bytes| (bytes, period)))
        }
        "watchdog" => NewDevice::Watchdog(text("watchdog-model"), text("action")),
        "input" => NewDevice::Input(text("input-type"), text("input-bus")),
        "channel" => match form.text("channel-name") {
            AGENT => NewDevice::Channel(AGENT.to_owned(), Wire::Unix(None)),
            SPICE => NewDevice::Channel(SPICE.to_owned(), Wire::Spice),
            _ => {
                let name = some(form, "channel-own");
                let name =
                    name.ok_or_else(|| Wrong::at("channel-own", "The guest needs a name for it."))?;
                NewDevice::Channel(name, wire(form)?)
            }
        },
        "redirdev" => NewDevice::Redirected,
        "vsock" => NewDevice::Vsock,
        "graphics" => NewDevice::Graphics(
            text("graphics-type"),
            text("listen"),
            form.amount("graphics-port"),
            some(form, "password"),
        ),
        "video" => NewDevice::Video(text("video-model")),
        "tpm" => {
            let device = if form.text("tpm-by") == "passthrough" {
                Some(path(form, "tpm-device")?)
            } else {
                None
            };
            let (model, version) = (text("tpm-model"), text("tpm-version"));
            if device.is_none() && model == "tpm-crb" && version == "1.2" {
                return Err(Wrong::at(
                    "tpm-version",
                    "tpm-crb is for 2.0 alone: take tpm-tis for 1.2.",
                ));
            }
            NewDevice::Tpm(model, version, device)
        }
        "sound" => NewDevice::Sound(text("sound-model")),
        "serial" => NewDevice::Serial(wire(form)?),
        "console" => NewDevice::Console(wire(form)?),
        "controller" => {
            let chosen = form.text("controller");
            let (kind, model) = chosen.split_once(':').unwrap_or((chosen, ""));
            let model = Some(model.to_owned()).filter(|model| !model.is_empty());
            NewDevice::Controller(kind.to_owned(), model)
        }
        _ => NewDevice::Panic(text("panic-model")),
    })
}
