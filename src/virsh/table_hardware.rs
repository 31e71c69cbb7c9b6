//! Rows of the table of commands about the devices of a domain, and what it may use in its guest.

use super::Effect::Changes;
use super::table::{CONFIG, CURRENT, DOMAIN, LIVE, PERSISTENT, XML_FILE, flag, opt, row};
use super::{Command, Kind, Need};

/// The rows.
pub const HARDWARE: &[Command] = &[
    row(
        "attach-interface",
        Changes,
        "Plug a network interface into a domain.",
        &[
            DOMAIN,
            opt(
                "type",
                Kind::Choice(&["network", "bridge", "direct", "user"]),
                Need::Required,
                "What it is plugged into.",
            ),
            opt(
                "source",
                Kind::Text,
                Need::Required,
                "Network, bridge or interface of the host.",
            ),
            opt(
                "target",
                Kind::Text,
                Need::Optional,
                "Name of the tap on the host.",
            ),
            opt(
                "mac",
                Kind::Text,
                Need::Optional,
                "MAC address; libvirt makes one otherwise.",
            ),
            opt(
                "model",
                Kind::Text,
                Need::Optional,
                "Model, such as virtio or e1000e.",
            ),
            opt(
                "inbound",
                Kind::Text,
                Need::Optional,
                "Limit of what comes in: AVERAGE,PEAK,BURST in KiB/s.",
            ),
            opt(
                "outbound",
                Kind::Text,
                Need::Optional,
                "Limit of what goes out: AVERAGE,PEAK,BURST in KiB/s.",
            ),
            opt(
                "source-mode",
                Kind::Choice(&["bridge", "vepa", "private", "passthrough"]),
                Need::Optional,
                "Mode of a direct one.",
            ),
            PERSISTENT,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "detach-interface",
        Changes,
        "Pull a network interface out of a domain.",
        &[
            DOMAIN,
            opt(
                "type",
                Kind::Text,
                Need::Required,
                "What it is plugged into: network, bridge, direct, user.",
            ),
            opt(
                "mac",
                Kind::Text,
                Need::Optional,
                "MAC address, where there are several.",
            ),
            PERSISTENT,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "domif-setlink",
        Changes,
        "Plug the cable of a network interface in or out.",
        &[
            DOMAIN,
            opt(
                "interface",
                Kind::Text,
                Need::Required,
                "MAC address, or name of the tap on the host.",
            ),
            opt(
                "state",
                Kind::Choice(&["up", "down"]),
                Need::Required,
                "In or out.",
            ),
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "attach-device",
        Changes,
        "Plug the device that a file describes into a domain.",
        &[DOMAIN, XML_FILE, PERSISTENT, CONFIG, LIVE, CURRENT],
    ),
    row(
        "detach-device",
        Changes,
        "Pull the device that a file describes out of a domain.",
        &[DOMAIN, XML_FILE, PERSISTENT, CONFIG, LIVE, CURRENT],
    ),
    row(
        "update-device",
        Changes,
        "Make a device of a domain what a file describes, as far as a device can change.",
        &[DOMAIN, XML_FILE, PERSISTENT, CONFIG, LIVE, CURRENT],
    ),
    row(
        "guestvcpus",
        Changes,
        "Let the guest of a domain use virtual CPUs or not, by its agent.",
        &[
            DOMAIN,
            opt(
                "cpulist",
                Kind::Text,
                Need::Optional,
                "Which, as in 0-3,8; left out, they are shown.",
            ),
            flag("enable", "Use them."),
            flag("disable", "Use them no more."),
        ],
    ),
];
