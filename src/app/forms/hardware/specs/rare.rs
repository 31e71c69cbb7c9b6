//! Fields of the rest: host devices, folders, TPM, random numbers, memory, controllers.

use super::{only, spec};
use crate::app::forms::hardware::fields::{Input, Spec};

const ON_OFF: &[(&str, &str)] = &[
    ("", "as the hypervisor thinks best"),
    ("on", "on"),
    ("off", "off"),
];

pub const HOST_DEVICE: &[Spec] = &[
    spec(
        "@managed",
        "Managed",
        Input::Check("yes", "no"),
        "libvirt takes it from the host's driver and gives it back.",
    ),
    spec(
        "rom@bar",
        "ROM bar",
        Input::Choice(ON_OFF),
        "Whether the guest sees the device's own ROM: off helps where it boots or hangs there.",
    ),
];

pub const HOST_USB: &[Spec] = &[
    spec(
        "@managed",
        "Managed",
        Input::Check("yes", "no"),
        "libvirt takes it from the host's driver and gives it back.",
    ),
    spec(
        "source@startupPolicy",
        "When missing",
        Input::Choice(&[
            ("", "mandatory: the start fails"),
            ("mandatory", "mandatory: the start fails, said in full"),
            (
                "requisite",
                "requisite: the start fails, a migration does not",
            ),
            ("optional", "optional: it starts without it"),
        ]),
        "What becomes of a start while it is not plugged into the host.",
    ),
];

pub const FILESYSTEM: &[Spec] = &[
    spec(
        "driver@type",
        "Driver",
        Input::Choice(&[
            ("path", "9p: works everywhere"),
            ("virtiofs", "virtiofs: fast, needs shared memory"),
        ]),
        "Shared memory is a field of the memory.",
    ),
    spec(
        "source@dir",
        "Folder",
        Input::Text,
        "On the host, from / on.",
    ),
    spec(
        "target@dir",
        "Name in the guest",
        Input::Text,
        "What the guest mounts it by: mount -t 9p or virtiofs NAME /mnt.",
    ),
    only(
        spec(
            "@accessmode",
            "Access",
            Input::Choice(&[
                (
                    "mapped",
                    "mapped: the guest's owners are kept beside the files",
                ),
                ("passthrough", "passthrough: as QEMU's user may"),
                (
                    "squash",
                    "squash: like passthrough, failures are overlooked",
                ),
            ]),
            "Whose files they are.",
        ),
        "driver@type",
        &["path", ""],
    ),
    spec(
        "readonly",
        "Read-only",
        Input::Mark,
        "The guest cannot write into it; virtiofs cannot promise that.",
    ),
];

pub const TPM: &[Spec] = &[
    spec(
        "@model",
        "Model",
        Input::Choice(&[
            ("tpm-crb", "tpm-crb: for TPM 2.0"),
            ("tpm-tis", "tpm-tis: for both"),
            ("tpm-spapr", "tpm-spapr: of pSeries"),
        ]),
        "What the guest takes it for.",
    ),
    spec(
        "backend@type",
        "Made by",
        Input::Choice(&[
            ("emulator", "swtpm on the host"),
            ("passthrough", "a TPM of the host"),
            ("external", "a swtpm of your own"),
        ]),
        "The keys in it are lost with it: a disk that they open needs another way in.",
    ),
    only(
        spec(
            "backend@version",
            "Version",
            Input::Choice(&[("2.0", "2.0"), ("1.2", "1.2: tpm-tis alone")]),
            "Windows 11 and most of these days want 2.0.",
        ),
        "backend@type",
        &["emulator"],
    ),
    only(
        spec(
            "backend@persistent_state",
            "Kept",
            Input::Check("yes", "no"),
            "Its state stays when the domain is off and transient.",
        ),
        "backend@type",
        &["emulator"],
    ),
    only(
        spec(
            "backend/device@path",
            "Device",
            Input::Text,
            "A device of the host such as /dev/tpm0, from / on.",
        ),
        "backend@type",
        &["passthrough"],
    ),
];

pub const RNG: &[Spec] = &[
    spec(
        "backend@model",
        "From",
        Input::Choice(&[
            ("random", "a file of the host"),
            ("builtin", "QEMU's own generator"),
        ]),
        "Where random numbers come from.",
    ),
    only(
        spec(
            "backend",
            "Source",
            Input::Text,
            "/dev/urandom, /dev/random or /dev/hwrng.",
        ),
        "backend@model",
        &["random"],
    ),
    spec(
        "rate@bytes",
        "At most",
        Input::Number("bytes", 1, 4_294_967_295),
        "In each period; left empty, there is no limit.",
    ),
    spec(
        "rate@period",
        "Period",
        Input::Number("ms", 1, 4_294_967_295),
        "Of that limit; left empty, a second.",
    ),
];

pub const PANIC: &[Spec] = &[spec(
    "@model",
    "Model",
    Input::Choice(&[
        ("isa", "isa: of PCs"),
        ("hyperv", "hyperv: of Windows"),
        ("pvpanic", "pvpanic: PCI"),
        ("pseries", "pseries"),
        ("s390", "s390"),
    ]),
    "By what the guest tells that it has crashed.",
)];

pub const VSOCK: &[Spec] = &[
    spec(
        "cid@auto",
        "CID by libvirt",
        Input::Check("yes", "no"),
        "libvirt looks for a number that is free.",
    ),
    spec(
        "cid@address",
        "CID",
        Input::Number("", 3, 4_294_967_294),
        "The guest's number on this host, no other domain's.",
    ),
];

pub const DIMM: &[Spec] = &[
    spec(
        "target/size",
        "Size",
        Input::Size(1024, 1 << 40),
        "One that is plugged in keeps its size until the next boot.",
    ),
    spec(
        "target/node",
        "NUMA node",
        Input::Number("", 0, 1023),
        "Of the guest.",
    ),
];

pub const VIRTIO_MEM: &[Spec] = &[
    spec(
        "target/requested",
        "Requested",
        Input::Size(0, 1 << 40),
        "What the guest shall have of it, at once: a multiple of its blocks.",
    ),
    spec(
        "target/size",
        "Size",
        Input::Size(1024, 1 << 40),
        "The most that it can give; from the next boot on.",
    ),
];

pub const SCSI: &[Spec] = &[
    spec(
        "@model",
        "Model",
        Input::Choice(&[
            ("virtio-scsi", "virtio-scsi"),
            ("lsilogic", "lsilogic"),
            ("lsisas1068", "lsisas1068"),
            ("megasas", "megasas"),
            ("vmpvscsi", "vmpvscsi"),
        ]),
        "The guest must drive it before what it boots from hangs on it.",
    ),
    spec(
        "driver@queues",
        "Queues",
        Input::Number("", 1, 256),
        "As many as vCPUs are usual; left empty, one.",
    ),
];

pub const USB: &[Spec] = &[
    spec(
        "@model",
        "Model",
        Input::Choice(&[
            ("qemu-xhci", "qemu-xhci: USB 3"),
            ("nec-xhci", "nec-xhci: USB 3"),
            ("ich9-ehci1", "ich9-ehci1: USB 2"),
            ("piix3-uhci", "piix3-uhci: USB 1"),
            ("none", "none: no USB at all"),
        ]),
        "USB 3 suits guests of these days.",
    ),
    spec(
        "@ports",
        "Ports",
        Input::Number("", 1, 15),
        "Of an xhci; left empty, as the hypervisor thinks best.",
    ),
];

pub const VIRTIO_SERIAL: &[Spec] = &[
    spec(
        "@ports",
        "Ports",
        Input::Number("", 1, 511),
        "How many channels and consoles it can have.",
    ),
    spec(
        "@vectors",
        "Vectors",
        Input::Number("", 0, 2048),
        "Interrupts of its own; left empty, as the hypervisor thinks best.",
    ),
];
