//! Rows of the table of commands about the disks of a domain and the jobs on them.

use super::Effect::{Changes, Reads};
use super::table::{CONFIG, CURRENT, DOMAIN, LIVE, PATH, PERSISTENT, flag, opt, row};
use super::{Command, Kind, Need, Opt};

const BANDWIDTH: Opt = opt(
    "bandwidth",
    Kind::Count,
    Need::Optional,
    "Limit in MiB a second; 0 is none.",
);
const BYTES: Opt = flag("bytes", "The limit is in bytes a second.");

/// The rows.
pub const DISKS: &[Command] = &[
    row(
        "attach-disk",
        Changes,
        "Plug a disk into a domain.",
        &[
            DOMAIN,
            opt(
                "source",
                Kind::File,
                Need::Required,
                "File or device on the host; an empty one is a drive without a medium.",
            ),
            opt(
                "target",
                Kind::Text,
                Need::Required,
                "Its name in the domain, as in vdb.",
            ),
            opt(
                "targetbus",
                Kind::Text,
                Need::Optional,
                "Bus, as in virtio or scsi.",
            ),
            opt(
                "subdriver",
                Kind::Text,
                Need::Optional,
                "Format of the source, as in qcow2; raw where nothing is said.",
            ),
            opt(
                "cache",
                Kind::Text,
                Need::Optional,
                "How the host caches it.",
            ),
            opt(
                "io",
                Kind::Text,
                Need::Optional,
                "threads, native or io_uring.",
            ),
            opt(
                "discard",
                Kind::Choice(&["unmap", "ignore"]),
                Need::Optional,
                "Whether freed blocks are given back; virtty's own, not of virsh.",
            ),
            opt(
                "type",
                Kind::Choice(&["disk", "cdrom", "floppy", "lun"]),
                Need::Optional,
                "What it is.",
            ),
            opt(
                "mode",
                Kind::Choice(&["readonly", "shareable"]),
                Need::Optional,
                "Only to be read, or shared with others.",
            ),
            opt(
                "serial",
                Kind::Text,
                Need::Optional,
                "Serial number that the guest sees.",
            ),
            PERSISTENT,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "detach-disk",
        Changes,
        "Pull a disk out of a domain; its file stays.",
        &[
            DOMAIN,
            opt("target", Kind::Text, Need::Required, "Target of the disk."),
            PERSISTENT,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "change-media",
        Changes,
        "Change what is in a drive of a domain.",
        &[
            DOMAIN,
            opt("path", Kind::Text, Need::Required, "Target of the drive."),
            opt("source", Kind::File, Need::Rest, "What is put in."),
            flag("eject", "Take the medium out."),
            flag("insert", "Put one into an empty drive."),
            flag("update", "Put one in, whatever is in it."),
            flag("force", "Although the guest has locked the tray."),
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "blockresize",
        Changes,
        "Give a disk of a running domain another size.",
        &[
            DOMAIN,
            PATH,
            opt(
                "size",
                Kind::Size,
                Need::Rest,
                "The new size: KiB, or with a unit as in 20G.",
            ),
            flag("capacity", "That of the device below."),
            flag(
                "shrink",
                "A smaller one too, which cuts off what lies behind; virtty's own, not of virsh.",
            ),
        ],
    ),
    row(
        "blockcommit",
        Changes,
        "Bring the data of a layer of a disk into one below it, while the guest runs.",
        &[
            DOMAIN,
            PATH,
            BANDWIDTH,
            opt(
                "base",
                Kind::Text,
                Need::Optional,
                "The layer that takes them, as path or vda[2]; the lowest where nothing is said.",
            ),
            flag("shallow", "The next one below takes them."),
            opt(
                "top",
                Kind::Text,
                Need::Optional,
                "The layer that goes; the active one where nothing is said.",
            ),
            flag("active", "The active layer may go."),
            flag("delete", "Delete the files that are not needed any more."),
            flag("wait", "Wait until it is done."),
            flag("pivot", "Go on with the base then; waits for that."),
            flag(
                "keep-overlay",
                "Stay with the active layer then; waits for that.",
            ),
            BYTES,
        ],
    ),
    row(
        "blockpull",
        Changes,
        "Bring the data of the layers below into a disk, while the guest runs.",
        &[
            DOMAIN,
            PATH,
            BANDWIDTH,
            opt(
                "base",
                Kind::Text,
                Need::Optional,
                "The layer that stays below; none where nothing is said.",
            ),
            flag("wait", "Wait until it is done."),
            BYTES,
        ],
    ),
    row(
        "blockcopy",
        Changes,
        "Copy a disk of a running domain, and with --pivot move the domain to the copy.",
        &[
            DOMAIN,
            PATH,
            opt(
                "dest",
                Kind::File,
                Need::Required,
                "File or device on the host that is written.",
            ),
            BANDWIDTH,
            flag(
                "shallow",
                "The active layer alone; the copy needs those below.",
            ),
            flag("reuse-external", "Write into a file that is there already."),
            flag("blockdev", "It is a block device."),
            flag("wait", "Wait until both are the same."),
            flag("pivot", "Go on with the copy then; waits for that."),
            flag("finish", "Stay with the disk then; waits for that."),
            opt("format", Kind::Text, Need::Optional, "Format of the copy."),
            flag(
                "transient-job",
                "As it is always done here: not kept over a restart of the domain.",
            ),
            BYTES,
        ],
    ),
    row(
        "blockjob",
        Changes,
        "Show the job on a disk of a domain, give it up, pivot or limit it.",
        &[
            DOMAIN,
            PATH,
            flag("abort", "Give it up."),
            flag("async", "Do not wait until it has ended."),
            flag("pivot", "Go on with the copy."),
            flag("info", "Show it."),
            BANDWIDTH,
            BYTES,
        ],
    ),
    row(
        "domjobabort",
        Changes,
        "Give up what a domain is busy with: a save, a dump, a snapshot, a backup, a migration.",
        &[DOMAIN],
    ),
    row(
        "domjobinfo",
        Reads,
        "Show what a domain is busy with and how far it is.",
        &[DOMAIN],
    ),
    row(
        "domblkinfo",
        Reads,
        "Show the sizes of a disk of a domain.",
        &[
            DOMAIN,
            opt("device", Kind::Text, Need::Required, "Target of the disk."),
        ],
    ),
    row(
        "domblkerror",
        Reads,
        "Show the disks of a domain that have an error.",
        &[DOMAIN],
    ),
];
