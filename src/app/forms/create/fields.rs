//! The fields, and which of them play a part.

use crate::app::{Field, FieldKind, FieldOption, Form, Line};
use crate::protocol::Offered;
use crate::virsh;

/// Fields for more disks and networks, in the words of virt-install.
pub const MORE: [&str; 3] = ["2", "3", "4"];

const GIB: u64 = 1 << 20;
/// Memory that is filled in before an operating system is named.
pub const MEMORY_KIB: Option<u64> = Some(GIB);
/// Most memory and the largest disk that a field takes, KiB: 16 TiB and 1 PiB.
const MOST_MEMORY: u64 = 16 << 30;
const MOST_DISK: u64 = 1 << 40;

/// The first field, which is there from the beginning.
pub fn name() -> Field {
    Field::text("name", "Name", "")
        .help("Its disks are named by it too. No slash, and no other domain's.")
}

fn options(words: &[(&str, &str)]) -> Vec<FieldOption> {
    words
        .iter()
        .map(|(word, label)| FieldOption::new(word, label))
        .collect()
}

/// All of them, filled in with what is usual.
pub fn all(offered: &Offered, templates: &[(String, String)]) -> Vec<Field> {
    let mut fields = vec![name()];
    if templates.len() > 1 {
        let options = templates
            .iter()
            .map(|(word, label)| FieldOption::new(word, label))
            .collect();
        fields.push(
            Field::choice("template", "Template", options, "")
                .help("A form that was saved, or a domain that is off, which is cloned."),
        );
    }
    fields.extend(system(offered));
    fields.extend(size(offered));
    fields.extend(disks(offered));
    fields.extend(networks(offered));
    fields.extend(machine(offered));
    fields.extend(display());
    fields.push(Field::heading("When it is made"));
    fields.push(Field::check("start", "Start it", true));
    fields.push(
        Field::choice(
            "open",
            "Then open",
            options(&[
                ("", "nothing"),
                ("serial", "its serial console"),
                ("display", "its display"),
            ]),
            "serial",
        )
        .help("What is shown when it runs."),
    );
    fields.push(Field::check("autostart", "Start it with its host", false));
    fields
}

fn system(offered: &Offered) -> Vec<Field> {
    let volumes = offered.facts.pools.iter().flat_map(|pool| {
        pool.volumes.iter().map(|volume| {
            let iso = volume.format.as_deref() == Some("iso") || volume.name.ends_with(".iso");
            (
                iso,
                format!("{}/{}", pool.name, volume.name),
                volume.path.clone(),
            )
        })
    });
    let (media, images): (Vec<_>, Vec<_>) = volumes.partition(|(iso, ..)| *iso);
    let media: Vec<String> = media.into_iter().map(|(_, name, _)| name).collect();
    let images: Vec<String> = images.into_iter().map(|(_, _, path)| path).collect();
    let ids: Vec<String> = offered
        .database
        .names()
        .into_iter()
        .map(|(id, _)| id)
        .chain(["generic".to_owned()])
        .collect();
    let sources = options(&[
        ("iso", "install from an ISO image"),
        ("location", "install from the network (URL)"),
        ("import", "an image that has a system"),
        ("cloud", "a cloud image, with cloud-init"),
        ("pxe", "install from the network (PXE)"),
        ("installer", "a kernel, for the first start"),
        ("kernel", "a kernel, for every start"),
        ("empty", "nothing yet"),
    ]);
    // Of several none is likelier than the others.
    let only = match media.as_slice() {
        [only] => only.as_str(),
        _ => "",
    };
    let key = offered.keys.first().map_or("", String::as_str);
    vec![
        Field::text("os", "Operating system", "").offer(ids).help(
            "Its short id in libosinfo's database, such as debian12: it says which devices it drives. Empty is any Linux of \
             these years, generic anything.",
        ),
        Field::choice("source", "It comes from", sources, "iso")
            .help("Left and Right, or a letter, choose."),
        Field::text("media", "ISO image", only)
            .offer(media.clone())
            .help("A path on the host, or POOL/VOLUME."),
        Field::text("location", "URL", "").help(
            "Of a distribution's installation tree, or the path of an ISO image on this machine.",
        ),
        Field::text("image", "Image", "").offer(images.clone()).help(
            "A path on the host. A cloud image stays as it is: the disk is an overlay over it.",
        ),
        Field::text("kernel", "Kernel", "").help("A path on the host."),
        Field::text("initrd", "Initrd", "").help("A path on the host; may be empty."),
        Field::text("arguments", "Kernel arguments", "")
            .help("Such as console=ttyS0 net.ifnames=0 biosdevname=0."),
        Field::text("user", "User", "").help("Made by cloud-init, with sudo; empty is the image's own user."),
        Field::text("ssh-key", "SSH key", key).offer(offered.keys.clone()).help(
            "A file of this machine that ends in .pub: who has its private half may log in.",
        ),
        Field::text("hostname", "Host name", "").help("Empty is the domain's name."),
        Field::text("packages", "Packages", "").help("Parted by blanks; qemu-guest-agent is worth having."),
    ]
}

fn size(offered: &Offered) -> Vec<Field> {
    let host = |what: Option<String>| what.map_or_else(String::new, |what| format!("host: {what}"));
    let cpus = host(offered.facts.cpus.map(|cpus| format!("{cpus} CPUs")));
    let amount = |kib: u64| crate::text::bytes(kib.saturating_mul(1024));
    let memory = host(offered.facts.memory_kib.map(amount));
    let few = |key: &str, label: &str| Field::number(key, label, None, "", 1..=4096).optional();
    vec![
        Field::heading("Memory and processors"),
        Field::size("memory", "Memory", MEMORY_KIB, 1024..=MOST_MEMORY)
            .note(&memory)
            .help("Such as 2G or 512M."),
        Field::size("max-memory", "Memory at most", None, 1024..=MOST_MEMORY)
            .optional()
            .help("What it may grow to while it runs; empty is what it has."),
        Field::number("vcpus", "Virtual CPUs", Some(1), "", 1..=4096)
            .note(&cpus)
            .help("How many it starts with."),
        few("max-vcpus", "vCPUs at most")
            .help("What can be plugged in while it runs; empty is what it has."),
        few("sockets", "Sockets")
            .help("Sockets × cores × threads are the vCPUs at most; what is empty is worked out."),
        few("cores", "Cores a socket")
            .help("Sockets × cores × threads are the vCPUs at most; what is empty is worked out."),
        few("threads", "Threads a core")
            .help("Sockets × cores × threads are the vCPUs at most; what is empty is worked out."),
        Field::text("cpuset", "On host CPUs", "").help("Such as 0-3,8,^2; empty is all."),
        Field::choice(
            "cpu",
            "CPU model",
            options(&[
                ("", "as the hypervisor chooses"),
                ("host-passthrough", "the host's own"),
                ("host-model", "like the host's, movable"),
            ]),
            "",
        ),
    ]
}

fn disks(offered: &Offered) -> Vec<Field> {
    let pools: Vec<FieldOption> = offered
        .facts
        .pools
        .iter()
        .map(|pool| {
            let free = crate::text::bytes(pool.available);
            FieldOption::new(&pool.name, &format!("{} ({free} free)", pool.name))
        })
        .collect();
    let images: Vec<String> = offered
        .facts
        .pools
        .iter()
        .flat_map(|pool| pool.volumes.iter().map(|volume| volume.path.clone()))
        .collect();
    let buses = options(&[
        ("", "what the system drives"),
        ("virtio", "virtio"),
        ("sata", "SATA"),
        ("scsi", "SCSI"),
        ("usb", "USB"),
        ("ide", "IDE"),
    ]);
    let mut fields = vec![
        Field::heading("Disks"),
        Field::choice(
            "disk",
            "Disk",
            options(&[
                ("new", "a new one"),
                ("there", "one that is there"),
                ("none", "none"),
            ]),
            "new",
        ),
        Field::size("disk-size", "Size", Some(20 * GIB), 1024..=MOST_DISK)
            .help("Such as 20G or 500M."),
        Field::choice(
            "disk-format",
            "Format",
            options(&[("qcow2", "qcow2"), ("raw", "raw")]),
            "qcow2",
        )
        .help("qcow2 can have snapshots; raw is a little faster."),
        Field::choice("disk-pool", "Storage pool", pools, "default"),
        Field::check("disk-full", "Allocate all of it at once", false),
        Field::text("disk-path", "Path", "")
            .offer(images)
            .help("A file or a device of the host."),
        Field::choice("disk-bus", "Bus", buses, ""),
    ];
    for number in MORE {
        fields.push(Field::text(&format!("disk-{number}"), &format!("Disk {number}"), "").help(
            "As virt-install's --disk: size=5,format=raw (GiB), a path, vol=POOL/VOLUME. Empty is none.",
        ));
    }
    fields
}

fn networks(offered: &Offered) -> Vec<Field> {
    let mut links: Vec<FieldOption> = offered
        .facts
        .networks
        .iter()
        .map(|(name, active)| {
            let state = if *active { "" } else { ", not active" };
            FieldOption::new(
                &format!("network={name}"),
                &format!("network {name}{state}"),
            )
        })
        .collect();
    links.extend(options(&[
        ("bridge", "a bridge of the host"),
        ("direct", "a device of the host (macvtap)"),
        ("user", "user networking"),
        ("none", "none"),
    ]));
    let known = &offered.facts.networks;
    let default = known.iter().find(|(name, _)| name == "default");
    let usual = match default.or_else(|| known.iter().find(|(_, active)| *active)) {
        Some((name, _)) if !offered.facts.of_user => format!("network={name}"),
        _ => "user".to_owned(),
    };
    let models = options(&[
        ("", "what the system drives"),
        ("virtio", "virtio"),
        ("e1000e", "e1000e"),
        ("e1000", "e1000"),
        ("rtl8139", "rtl8139"),
    ]);
    let mut fields = vec![
        Field::heading("Networks"),
        Field::choice("nic", "Network", links, &usual),
        Field::text("nic-device", "Device", "").help("Name of the bridge or device on the host."),
        Field::choice("nic-model", "Card", models, ""),
        Field::text("nic-mac", "MAC address", "")
            .help("Six pairs of hexadecimal digits; empty makes one up."),
    ];
    for number in MORE {
        fields.push(Field::text(&format!("nic-{number}"), &format!("Network {number}"), "").help(
            "As virt-install's --network: network=NAME, bridge=NAME, type=direct,source=DEVICE, user. Empty is none.",
        ));
    }
    fields
}

fn machine(offered: &Offered) -> Vec<Field> {
    let guest = offered.facts.guest(None);
    let types = guest.map_or(&[][..], |guest| guest.virt_types.as_slice());
    // Those without a version first.
    let mut machines: Vec<String> = guest.map_or_else(Vec::new, |guest| {
        guest
            .machines
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    });
    machines.sort_by_key(|name| (name.contains('-'), name.clone()));
    let mut virt = options(&[("", "the best there is")]);
    virt.extend(types.iter().map(|kind| FieldOption::plain(kind)));
    let why = if types.iter().any(|kind| kind == "kvm") {
        "KVM can be used"
    } else if types.is_empty() {
        ""
    } else {
        "no KVM: /dev/kvm, vmx or svm is missing there"
    };
    vec![
        Field::heading("Machine"),
        Field::choice("virt", "Virtualisation", virt, "").note(why),
        Field::text("machine", "Machine type", "")
            .offer(machines)
            .help("Such as q35 or pc, or one of their versions; empty is what suits the system."),
        Field::choice(
            "firmware",
            "Firmware",
            options(&[
                ("bios", "BIOS"),
                ("uefi", "UEFI"),
                ("secure", "UEFI with secure boot"),
            ]),
            "bios",
        ),
        Field::check("tpm", "TPM 2.0", false),
        Field::check("serial", "Serial console", true),
        Field::check("agent", "Channel for the guest agent", true),
        Field::text("title", "Title", "").help("One line for lists; may be empty."),
    ]
}

fn display() -> Vec<Field> {
    vec![
        Field::heading("Display"),
        Field::choice(
            "display",
            "Display",
            options(&[("vnc", "VNC"), ("spice", "SPICE"), ("none", "none")]),
            "vnc",
        ),
        Field::text("listen", "Listens on", "127.0.0.1")
            .offer(["127.0.0.1", "0.0.0.0", "::1", "::"].map(str::to_owned).to_vec())
            .help("An address of the host. 127.0.0.1 is reached through ssh alone, 0.0.0.0 by everybody."),
        Field::number("port", "Port", None, "", 5900..=65535)
            .optional()
            .help("Empty chooses a free one at each start."),
        Field::secret("password", "Password").help("VNC takes 8 characters at most; empty is none."),
    ]
}

/// Shows what a clone needs to be asked here.
pub fn show_name_alone(form: &mut Form) {
    for field in &mut form.fields {
        field.hidden = !matches!(field.key.as_str(), "name" | "template");
    }
}

/// Shows the fields that play a part with what is chosen.
pub fn show(form: &mut Form) {
    for field in &mut form.fields {
        field.hidden = false;
    }
    let source = form.text("source").to_owned();
    let from = |words: &[&str]| words.contains(&source.as_str());
    let disk = form.text("disk").to_owned();
    let brings = from(&["import", "cloud"]);
    let is_new = disk == "new" && source != "import";
    let nic = form.text("nic").to_owned();
    let display = form.text("display") != "none";
    let wide = !form.text("sockets").is_empty()
        || !form.text("cores").is_empty()
        || !form.text("threads").is_empty()
        || form.amount("vcpus").is_some_and(|count| count > 1)
        || form.amount("max-vcpus").is_some();
    let shown = [
        ("media", from(&["iso"])),
        ("location", from(&["location"])),
        ("image", brings),
        ("kernel", from(&["installer", "kernel"])),
        ("initrd", from(&["installer", "kernel"])),
        ("arguments", from(&["installer", "kernel", "location"])),
        ("user", from(&["cloud"])),
        ("ssh-key", from(&["cloud"])),
        ("hostname", from(&["cloud"])),
        ("packages", from(&["cloud"])),
        ("sockets", wide),
        ("cores", wide),
        ("threads", wide),
        // The image is the first disk.
        ("disk", !brings),
        ("disk-size", is_new || source == "cloud"),
        ("disk-format", is_new && !brings),
        ("disk-pool", is_new || source == "cloud"),
        ("disk-full", is_new && !brings),
        ("disk-path", disk == "there" && !brings),
        ("disk-bus", disk != "none" || brings),
        ("nic-device", matches!(nic.as_str(), "bridge" | "direct")),
        ("nic-model", nic != "none"),
        ("nic-mac", nic != "none"),
        ("listen", display),
        ("port", display),
        ("password", display),
        (
            "open",
            form.checked("start") && (form.checked("serial") || display),
        ),
    ];
    for (key, shown) in shown {
        form.show(key, shown);
    }
    for what in ["disk", "nic"] {
        // The next one is offered when the one before is taken.
        let mut open = form.text(what) != "none" || brings;
        for number in MORE {
            let key = format!("{what}-{number}");
            let taken = !form.text(&key).is_empty();
            form.show(&key, open || taken);
            open = taken;
        }
    }
}

/// Fills in what the operating system recommends.
pub fn suggest_memory(form: &mut Form, kib: Option<u64>) {
    if let Some(field) = form.field_mut("memory")
        && let FieldKind::Size { line, .. } = &mut field.kind
    {
        *line = Line::new(&kib.map_or_else(String::new, virsh::scaled));
    }
}
