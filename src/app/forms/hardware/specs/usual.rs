//! Fields of disks, NICs, displays, and of what most domains have beside them.

use super::spec;
use crate::app::forms::hardware::fields::{Input, Spec};

const MOST_KIB_S: u64 = 4_294_967_295;

pub const DISK: &[Spec] = &[
    spec(
        "driver@cache",
        "Cache",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("none", "none: past the host's cache"),
            ("writeback", "writeback: fast"),
            ("writethrough", "writethrough: careful"),
            ("directsync", "directsync: past the cache, careful"),
            ("unsafe", "unsafe: lost with the host's power"),
        ]),
        "How writes reach the host's disk.",
    ),
    spec(
        "driver@io",
        "I/O",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("threads", "threads"),
            ("native", "native: wants cache none or directsync"),
            ("io_uring", "io_uring"),
        ]),
        "By which calls of the host's kernel it is read and written.",
    ),
    spec(
        "driver@discard",
        "Discard",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("unmap", "unmap: what the guest trims is free on the host"),
            ("ignore", "ignore"),
        ]),
        "What becomes of blocks that the guest gives back.",
    ),
    spec(
        "driver@detect_zeroes",
        "Zeroes",
        Input::Choice(&[
            ("", "as the hypervisor thinks best"),
            ("off", "off: written as any others"),
            ("on", "on: written as holes"),
            ("unmap", "unmap: given back where discard is on"),
        ]),
        "What becomes of blocks full of zeroes.",
    ),
    spec(
        "readonly",
        "Read-only",
        Input::Mark,
        "The guest cannot write to it.",
    ),
    spec(
        "shareable",
        "Shareable",
        Input::Mark,
        "Several domains may have it at once; their file systems must know of each other.",
    ),
    spec(
        "serial",
        "Serial number",
        Input::Text,
        "What the guest sees, as in /dev/disk/by-id: 20 characters at most for virtio.",
    ),
];

pub const NIC: &[Spec] = &[
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

pub const GRAPHICS: &[Spec] = &[
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
    spec(
        "@keymap",
        "Keymap",
        Input::Text,
        "Such as de or en-us; left empty, keys go as they are pressed.",
    ),
    spec(
        "@connected",
        "Clients there",
        Input::Choice(&[
            ("", "stay when the password changes"),
            ("keep", "keep: stay when the password changes"),
            ("disconnect", "disconnect: go when the password changes"),
            ("fail", "fail: no new password while there are some"),
        ]),
        "What becomes of viewers when the password changes.",
    ),
];

pub const VIDEO: &[Spec] = &[
    spec(
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
    ),
    spec(
        "model@heads",
        "Heads",
        Input::Number("", 1, 16),
        "Screens that it drives; virtio and qxl can have several.",
    ),
    spec(
        "model@vram",
        "Video memory",
        Input::Number("KiB", 1024, 1_048_576),
        "Left empty, as the hypervisor thinks best; virtio has none of its own.",
    ),
    spec(
        "model/acceleration@accel3d",
        "3D",
        Input::Check("yes", ""),
        "Of virtio, with a Spice or egl-headless display that has OpenGL.",
    ),
];

pub const SOUND: &[Spec] = &[spec(
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

pub const AUDIO: &[Spec] = &[spec(
    "@type",
    "Sound goes to",
    Input::Choice(&[
        ("none", "nowhere"),
        ("spice", "the viewer of a Spice display"),
        ("alsa", "ALSA of the host"),
        ("pulseaudio", "PulseAudio of the host"),
        ("file", "a file"),
    ]),
    "Where what the sound card plays is heard.",
)];

pub const INPUT: &[Spec] = &[
    spec(
        "@type",
        "Type",
        Input::Choice(&[
            ("tablet", "tablet: the pointer is where yours is"),
            ("mouse", "mouse"),
            ("keyboard", "keyboard"),
        ]),
        "What the guest takes it for.",
    ),
    spec(
        "@bus",
        "Bus",
        Input::Choice(&[("usb", "USB"), ("virtio", "virtio"), ("ps2", "PS/2")]),
        "PS/2 has no tablet; virtio wants a driver in the guest.",
    ),
];

pub const WATCHDOG: &[Spec] = &[
    spec(
        "@model",
        "Model",
        Input::Choice(&[
            ("i6300esb", "i6300esb"),
            ("ib700", "ib700"),
            ("diag288", "diag288"),
            ("itco", "itco"),
        ]),
        "i6300esb suits machines with PCI.",
    ),
    spec(
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
    ),
];
