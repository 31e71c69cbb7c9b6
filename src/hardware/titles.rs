//! Names of hardware for people, as virt-manager has them, with what tells one from another.

use roxmltree::Node;

use super::Kind;
use super::flat::address;

fn part<'a, 't>(node: Node<'a, 't>, name: &str) -> Option<Node<'a, 't>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn of<'a>(node: Node<'a, '_>, name: &str, attribute: &str) -> Option<&'a str> {
    part(node, name)?.attribute(attribute)
}

/// `vda`, a MAC address, `0000:01:00.0`: what tells a device from its like. Empty for one of which there is one only.
pub fn key(kind: Kind, device: Node<'_, '_>) -> String {
    let own = match kind {
        Kind::HostDevice => source_of_host(device),
        Kind::Nic => of(device, "mac", "address").map(str::to_owned),
        Kind::Rng => part(device, "backend")
            .and_then(|node| node.text())
            .map(str::to_owned),
        _ => crate::xml::label(device),
    };
    own.unwrap_or_default()
}

/// `046d:c52b`, `0000:01:00.0`.
fn source_of_host(device: Node<'_, '_>) -> Option<String> {
    let source = part(device, "source")?;
    if let (Some(vendor), Some(product)) = (of(source, "vendor", "id"), of(source, "product", "id"))
    {
        let short = |id: &str| id.trim_start_matches("0x").to_owned();
        return Some(format!("{}:{}", short(vendor), short(product)));
    }
    if let Some(found) = part(source, "address") {
        let words = address(found);
        return Some(words.trim_start_matches("pci ").to_owned());
    }
    of(source, "adapter", "name").map(str::to_owned)
}

/// virt-manager's word for a bus or a model.
fn known(word: &str) -> String {
    match word {
        "virtio" => "VirtIO".to_owned(),
        "sata" | "ide" | "scsi" | "usb" | "pci" | "vga" | "qxl" | "vnc" | "tpm" => {
            word.to_uppercase()
        }
        "spice" => "Spice".to_owned(),
        "fdc" => "Floppy".to_owned(),
        "ps2" => "PS/2".to_owned(),
        _ => word.to_owned(),
    }
}

/// The name of a device.
pub fn title(kind: Kind, device: Node<'_, '_>, key: &str) -> String {
    let attribute = |name: &str| device.attribute(name).unwrap_or_default();
    let words: Vec<String> = match kind {
        Kind::Overview => vec!["Overview".to_owned()],
        Kind::Cpus => vec!["CPUs".to_owned()],
        Kind::Memory => vec!["Memory".to_owned()],
        Kind::Boot => vec!["Boot Options".to_owned()],
        Kind::Disk => {
            let what = match device.attribute("device") {
                Some("cdrom") => "CDROM",
                Some("floppy") => "Floppy",
                Some("lun") => "LUN",
                _ => "Disk",
            };
            let bus = of(device, "target", "bus").map(known).unwrap_or_default();
            vec![bus, what.to_owned(), key.to_owned()]
        }
        Kind::Nic => vec!["NIC".to_owned(), key.to_owned()],
        Kind::Input => {
            let what = match attribute("type") {
                "tablet" => "Tablet",
                "mouse" => "Mouse",
                "keyboard" => "Keyboard",
                other => return format!("Input {other}"),
            };
            vec![known(attribute("bus")), what.to_owned()]
        }
        Kind::Graphics => vec!["Display".to_owned(), known(attribute("type"))],
        Kind::Sound => vec!["Sound".to_owned(), attribute("model").to_owned()],
        Kind::Audio => vec!["Audio".to_owned(), attribute("type").to_owned()],
        Kind::Serial | Kind::Parallel | Kind::Console => {
            let what = match kind {
                Kind::Serial => "Serial",
                Kind::Parallel => "Parallel",
                _ => "Console",
            };
            let port = of(device, "target", "port").and_then(|port| port.parse::<u32>().ok());
            vec![
                what.to_owned(),
                port.map_or_else(String::new, |port| (port + 1).to_string()),
            ]
        }
        Kind::Channel => {
            let name = of(device, "target", "name");
            let short = match name {
                Some("org.qemu.guest_agent.0") => "(qemu-ga)",
                Some("com.redhat.spice.0") => "(spice)",
                Some(name) => name,
                None => attribute("type"),
            };
            vec!["Channel".to_owned(), short.to_owned()]
        }
        Kind::HostDevice => {
            let what = match attribute("type") {
                "" => "Host device".to_owned(),
                kind => known(kind),
            };
            vec![what, key.to_owned()]
        }
        Kind::Redirected => vec!["USB Redirector".to_owned()],
        Kind::Video => vec![
            "Video".to_owned(),
            of(device, "model", "type").map(known).unwrap_or_default(),
        ],
        Kind::Watchdog => vec!["Watchdog".to_owned()],
        Kind::Filesystem => vec!["Filesystem".to_owned(), key.to_owned()],
        Kind::Smartcard => vec!["Smartcard".to_owned()],
        Kind::Tpm => vec![
            "TPM".to_owned(),
            of(device, "backend", "version")
                .map(|v| format!("v{v}"))
                .unwrap_or_default(),
        ],
        Kind::Rng => vec!["RNG".to_owned(), key.to_owned()],
        Kind::Panic => vec!["Panic Notifier".to_owned()],
        Kind::Vsock => vec!["VirtIO VSOCK".to_owned()],
        Kind::MemoryDevice => vec!["Memory device".to_owned(), attribute("model").to_owned()],
        Kind::SharedMemory => vec!["Shared memory".to_owned(), attribute("name").to_owned()],
        Kind::Iommu => vec!["IOMMU".to_owned(), attribute("model").to_owned()],
        Kind::Controller => vec![
            "Controller".to_owned(),
            known(attribute("type")),
            attribute("index").to_owned(),
        ],
        Kind::Other => vec![device.tag_name().name().to_owned(), key.to_owned()],
    };
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
