//! Which fields each kind of hardware has: what people change weekly. The rest is for the XML.

use crate::app::{Field, FieldOption};
use crate::hardware::{Item, Kind};

/// What is typed into a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input {
    /// Any text.
    Text,
    /// A number in this unit, at least and at most.
    Number(&'static str, u64, u64),
    /// One of these words; the first stands for none.
    Choice(&'static [(&'static str, &'static str)]),
    /// Ticked means the first word, else the second.
    Check(&'static str, &'static str),
    /// A text that is not shown.
    Secret,
}

/// A field for the value at a path, which is its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub path: &'static str,
    pub label: &'static str,
    pub input: Input,
    pub help: &'static str,
}

const fn spec(path: &'static str, label: &'static str, input: Input, help: &'static str) -> Spec {
    Spec {
        path,
        label,
        input,
        help,
    }
}

const MOST_VCPUS: u64 = 4096;
const MOST_KIB_S: u64 = 4_294_967_295;
const ACTIONS: &[(&str, &str)] = &[
    ("destroy", "destroy"),
    ("restart", "restart"),
    ("preserve", "preserve"),
    ("rename-restart", "rename-restart"),
];

const OVERVIEW: &[Spec] = &[
    spec(
        "title",
        "Title",
        Input::Text,
        "A line for people; left empty, there is none.",
    ),
    spec("description", "Description", Input::Text, "What it is for."),
    spec(
        "os@firmware",
        "Firmware",
        Input::Choice(&[
            ("", "BIOS, or as the loader says"),
            ("efi", "UEFI, chosen by libvirt"),
        ]),
        "An installed guest seldom boots with another firmware.",
    ),
    spec(
        "on_poweroff",
        "On power off",
        Input::Choice(ACTIONS),
        "What becomes of the domain when its guest powers off.",
    ),
    spec(
        "on_reboot",
        "On reboot",
        Input::Choice(ACTIONS),
        "What becomes of the domain when its guest reboots.",
    ),
    spec(
        "on_crash",
        "On crash",
        Input::Choice(ACTIONS),
        "What becomes of the domain when its guest crashes.",
    ),
];

const CPUS: &[Spec] = &[
    spec(
        "vcpu@current",
        "vCPUs",
        Input::Number("", 1, MOST_VCPUS),
        "Up to the maximum at once; the guest may have to bring new ones online.",
    ),
    spec(
        "vcpu",
        "Maximum",
        Input::Number("", 1, MOST_VCPUS),
        "The most that it can have while it runs; from the next boot on.",
    ),
    spec(
        "cpu/topology@sockets",
        "Sockets",
        Input::Number("", 1, MOST_VCPUS),
        "Sockets × cores × threads is the maximum. All three or none.",
    ),
    spec(
        "cpu/topology@cores",
        "Cores",
        Input::Number("", 1, MOST_VCPUS),
        "Of each socket.",
    ),
    spec(
        "cpu/topology@threads",
        "Threads",
        Input::Number("", 1, MOST_VCPUS),
        "Of each core.",
    ),
    spec(
        "cpu@mode",
        "CPU mode",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("host-passthrough", "host-passthrough: the host's own"),
            ("host-model", "host-model: like the host's"),
            ("custom", "custom: a named model"),
            ("maximum", "maximum: all that is possible"),
        ]),
        "Passthrough is fastest and hardest to migrate.",
    ),
    spec(
        "cpu/model",
        "CPU model",
        Input::Text,
        "Of the mode custom, such as Skylake-Server.",
    ),
    spec(
        "vcpu@cpuset",
        "Host CPUs",
        Input::Text,
        "Those it may run on, as in 0-3,8; left empty, all.",
    ),
];

const BOOT: &[Spec] = &[
    spec(
        "os/bootmenu@enable",
        "Boot menu",
        Input::Check("yes", "no"),
        "Let people choose with a key when it boots.",
    ),
    spec(
        "os/bootmenu@timeout",
        "Menu waits",
        Input::Number("ms", 0, 65_535),
        "How long the menu waits for a key.",
    ),
    spec(
        "os/kernel",
        "Kernel",
        Input::Text,
        "A kernel of the host that is booted directly; left empty, the disks are booted.",
    ),
    spec("os/initrd", "Initrd", Input::Text, "Its first file system."),
    spec(
        "os/cmdline",
        "Kernel arguments",
        Input::Text,
        "Of the kernel that is booted directly.",
    ),
];

const NIC: &[Spec] = &[
    spec(
        "@type",
        "Plugged into",
        Input::Choice(&[
            ("network", "a virtual network"),
            ("bridge", "a bridge of the host"),
            ("direct", "an interface of the host (macvtap)"),
            ("user", "the emulator's own network"),
        ]),
        "What is at the other end of its cable.",
    ),
    spec(
        "source",
        "Name",
        Input::Text,
        "Of the network, the bridge or the interface of the host.",
    ),
    spec(
        "model@type",
        "Model",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("virtio", "virtio"),
            ("e1000e", "e1000e"),
            ("e1000", "e1000"),
            ("rtl8139", "rtl8139"),
            ("igb", "igb"),
            ("vmxnet3", "vmxnet3"),
        ]),
        "From the next boot on.",
    ),
    spec(
        "mac@address",
        "MAC address",
        Input::Text,
        "From the next boot on; the guest may take it for another card.",
    ),
    spec(
        "link@state",
        "Link is up",
        Input::Check("up", "down"),
        "Whether its cable is plugged in.",
    ),
    spec(
        "bandwidth/inbound@average",
        "In at most",
        Input::Number("KiB/s", 1, MOST_KIB_S),
        "Left empty, there is no limit.",
    ),
    spec(
        "bandwidth/inbound@peak",
        "In, peak",
        Input::Number("KiB/s", 1, MOST_KIB_S),
        "For a short while.",
    ),
    spec(
        "bandwidth/outbound@average",
        "Out at most",
        Input::Number("KiB/s", 1, MOST_KIB_S),
        "Left empty, there is no limit.",
    ),
    spec(
        "bandwidth/outbound@peak",
        "Out, peak",
        Input::Number("KiB/s", 1, MOST_KIB_S),
        "For a short while.",
    ),
    spec(
        "mtu@size",
        "MTU",
        Input::Number("bytes", 68, 65_535),
        "Left empty, that of the network.",
    ),
];

const GRAPHICS: &[Spec] = &[
    spec(
        "listen@address",
        "Listens on",
        Input::Text,
        "127.0.0.1 for this host alone, 0.0.0.0 for all: then set a password.",
    ),
    spec(
        "@port",
        "Port",
        Input::Number("", 5900, 65_535),
        "Left empty, libvirt chooses one.",
    ),
    spec(
        "@passwd",
        "New password",
        Input::Secret,
        "Holds at once where it was started with one, else from the next boot on. VNC looks at eight characters. Left empty, it stays.",
    ),
];

const VIDEO: &[Spec] = &[spec(
    "model@type",
    "Model",
    Input::Choice(&[
        ("virtio", "virtio"),
        ("vga", "vga"),
        ("qxl", "qxl"),
        ("bochs", "bochs"),
        ("cirrus", "cirrus"),
        ("ramfb", "ramfb"),
        ("none", "none"),
    ]),
    "virtio suits guests of these days, vga all of them.",
)];

const SOUND: &[Spec] = &[spec(
    "@model",
    "Model",
    Input::Choice(&[
        ("ich9", "ich9"),
        ("ich6", "ich6"),
        ("ac97", "ac97"),
        ("es1370", "es1370"),
        ("usb", "usb"),
    ]),
    "ich9 suits q35 machines.",
)];

const WATCHDOG: &[Spec] = &[spec(
    "@action",
    "Action",
    Input::Choice(&[
        ("reset", "reset"),
        ("shutdown", "shutdown"),
        ("poweroff", "poweroff"),
        ("pause", "pause"),
        ("none", "none"),
        ("dump", "dump"),
        ("inject-nmi", "inject-nmi"),
    ]),
    "What is done when the guest no longer answers it.",
)];

/// The fields of a kind; empty for what only its XML can change.
pub(super) fn of(kind: Kind) -> &'static [Spec] {
    match kind {
        Kind::Overview => OVERVIEW,
        Kind::Cpus => CPUS,
        Kind::Boot => BOOT,
        Kind::Nic => NIC,
        Kind::Graphics => GRAPHICS,
        Kind::Video => VIDEO,
        Kind::Sound => SOUND,
        Kind::Watchdog => WATCHDOG,
        _ => &[],
    }
}

/// The value that a field has at first: as it is stored, else as it runs.
pub(super) fn at_first(item: &Item, spec: &Spec) -> String {
    match (item.kind, spec.path) {
        (Kind::Nic, "source") => {
            let found = ["source@network", "source@bridge", "source@dev"]
                .into_iter()
                .find_map(|path| item.stored(path));
            return found.unwrap_or_default().to_owned();
        }
        // Without a number of those in use, all are.
        (Kind::Cpus, "vcpu@current") => {
            let all = item.stored("vcpu@current").or(item.stored("vcpu"));
            return all.unwrap_or_default().to_owned();
        }
        (Kind::Nic, "link@state") => {
            return item.stored("link@state").unwrap_or("up").to_owned();
        }
        (Kind::Graphics, "@port") => {
            let fixed = item.stored("@autoport") != Some("yes");
            let port = item.stored("@port").filter(|port| fixed && *port != "-1");
            return port.unwrap_or_default().to_owned();
        }
        (Kind::Graphics, "listen@address") => {
            let found = item.stored("listen@address").or(item.stored("@listen"));
            return found.unwrap_or_default().to_owned();
        }
        (Kind::Graphics, "@passwd") => return String::new(),
        _ => {}
    }
    item.stored(spec.path).unwrap_or_default().to_owned()
}

/// A field with its value at first.
pub(super) fn field(item: &Item, spec: &Spec) -> Field {
    let value = at_first(item, spec);
    let field = match spec.input {
        Input::Text => Field::text(spec.path, spec.label, &value),
        Input::Secret => Field::secret(spec.path, spec.label),
        Input::Number(unit, least, most) => {
            let number = value.parse().ok();
            let optional = !matches!(spec.path, "vcpu" | "vcpu@current");
            let field = Field::number(spec.path, spec.label, number, unit, least..=most);
            if optional { field.optional() } else { field }
        }
        Input::Choice(words) => {
            let mut options: Vec<FieldOption> = words
                .iter()
                .map(|(word, label)| FieldOption::new(word, label))
                .collect();
            // What it has is always among them.
            if !options.iter().any(|option| option.word == value) {
                options.insert(
                    0,
                    FieldOption::new(&value, if value.is_empty() { "not said" } else { &value }),
                );
            }
            Field::choice(spec.path, spec.label, options, &value)
        }
        Input::Check(on, _) => Field::check(spec.path, spec.label, value == on),
    };
    field.help(spec.help)
}
