//! Rows of the table of commands that ask the agent in a guest, and of those that libvirt passes on as they are.

use super::Effect::{Changes, Reads};
use super::table::{DOMAIN, flag, opt, row};
use super::{Command, Kind, Need, Opt};

const USER: Opt = opt("user", Kind::Text, Need::Required, "A user of the guest.");
const MOUNTPOINTS: Opt = opt(
    "mountpoint",
    Kind::Text,
    Need::Many,
    "Where it is mounted in the guest; all where none is named.",
);
const COMMAND: Opt = opt("cmd", Kind::Text, Need::Rest, "The command.");
const PRETTY: Opt = flag("pretty", "Print JSON with a line for each member.");

/// Commands about what runs inside of domains.
pub(super) const GUESTS: &[Command] = &[
    row(
        "domtime",
        Changes,
        "Show the clock of a guest, or set it; by its agent.",
        &[
            DOMAIN,
            flag("now", "Set it to the time of this machine."),
            flag("pretty", "Print a date instead of seconds."),
            flag("sync", "Set it to the guest's own hardware clock."),
            opt(
                "time",
                Kind::Text,
                Need::Optional,
                "Set it to so many seconds since 1970.",
            ),
        ],
    ),
    row(
        "domfsinfo",
        Reads,
        "List the file systems that are mounted in a guest, by its agent.",
        &[DOMAIN],
    ),
    row(
        "domfsfreeze",
        Changes,
        "Freeze the file systems of a guest: what writes in it hangs until they are thawed.",
        &[DOMAIN, MOUNTPOINTS],
    ),
    row(
        "domfsthaw",
        Changes,
        "Thaw the file systems of a guest.",
        &[DOMAIN, MOUNTPOINTS],
    ),
    row(
        "domfstrim",
        Changes,
        "Let a guest tell its disks which blocks it does not need any more.",
        &[
            DOMAIN,
            opt(
                "minimum",
                Kind::Bytes,
                Need::Optional,
                "Leave free stretches alone that are smaller.",
            ),
            opt(
                "mountpoint",
                Kind::Text,
                Need::Optional,
                "Of the file system that is mounted there alone; QEMU's driver of libvirt trims all of them only.",
            ),
        ],
    ),
    row(
        "set-user-password",
        Changes,
        "Set the password of a user of a guest; it is asked for where it is left out, and on no record.",
        &[
            DOMAIN,
            USER,
            opt(
                "password",
                Kind::Text,
                Need::Optional,
                "The password, for all to see who list processes.",
            ),
            flag("encrypted", "It is what crypt made of the password."),
        ],
    ),
    row(
        "get-user-sshkeys",
        Reads,
        "List the ssh keys that let a user into a guest.",
        &[DOMAIN, USER],
    ),
    row(
        "set-user-sshkeys",
        Changes,
        "Add ssh keys to those that let a user into a guest, or take some off.",
        &[
            DOMAIN,
            USER,
            opt(
                "file",
                Kind::LocalFile,
                Need::Optional,
                "File with the keys, a line each, on this machine.",
            ),
            flag("reset", "Leave no others."),
            flag("remove", "Take them off."),
        ],
    ),
    row(
        "guestinfo",
        Reads,
        "Show what the guest agent of a domain says.",
        &[
            DOMAIN,
            flag("user", "Who is logged in."),
            flag("os", "What runs."),
            flag("timezone", "Its time zone."),
            flag("hostname", "Its own name."),
            flag("filesystem", "What is mounted."),
            flag("disk", "Its disks."),
            flag("interface", "Its network interfaces."),
            flag("load", "Its load averages."),
        ],
    ),
    row(
        "domhostname",
        Reads,
        "Show the host name that the guest gave itself.",
        &[DOMAIN],
    ),
    row(
        "qemu-agent-command",
        Changes,
        "Pass a command on to the agent of a guest as it is; only where the settings allow it.",
        &[
            DOMAIN,
            COMMAND,
            opt(
                "timeout",
                Kind::Count,
                Need::Optional,
                "Wait so many seconds for the answer.",
            ),
            flag("async", "Do not wait for the answer."),
            flag("block", "Wait for it for ever."),
            PRETTY,
        ],
    ),
    row(
        "qemu-monitor-command",
        Changes,
        "Pass a command on to QEMU's monitor as it is; libvirt does not support it and marks the domain as tainted.",
        &[
            DOMAIN,
            COMMAND,
            flag("hmp", "It is in words for people, as in info balloon."),
            PRETTY,
            flag(
                "return-value",
                "Print what stands in its return member alone.",
            ),
        ],
    ),
];
