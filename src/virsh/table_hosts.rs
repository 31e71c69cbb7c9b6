//! Rows of the table of commands about devices of the host.

use super::Effect::Reads;
use super::table::{flag, opt, row};
use super::{Command, Kind, Need};

/// The rows.
pub const HOSTS: &[Command] = &[
    row(
        "nodedev-list",
        Reads,
        "List the devices of the host, and which domains have them.",
        &[
            opt(
                "cap",
                Kind::Text,
                Need::Optional,
                "Of these kinds alone, parted by commas: pci,usb_device.",
            ),
            flag("name", "Their names alone."),
            flag("json", "Print JSON; virtty's own, not of virsh."),
        ],
    ),
    row(
        "nodedev-dumpxml",
        Reads,
        "Show the XML of a device of the host.",
        &[opt(
            "device",
            Kind::Text,
            Need::Required,
            "Its name, as nodedev-list shows it.",
        )],
    ),
];
