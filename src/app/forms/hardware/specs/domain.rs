//! Fields of what is no device: overview, CPUs, booting.

use super::spec;
use crate::app::forms::hardware::fields::{Input, Spec};

const MOST_VCPUS: u64 = 4096;

const ACTIONS: &[(&str, &str)] = &[
    ("destroy", "destroy"),
    ("restart", "restart"),
    ("preserve", "preserve"),
    ("rename-restart", "rename-restart"),
];

pub const OVERVIEW: &[Spec] = &[
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

pub const CPUS: &[Spec] = &[
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

pub const BOOT: &[Spec] = &[
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
