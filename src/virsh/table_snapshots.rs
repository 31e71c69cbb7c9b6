//! Rows of the table of commands about snapshots, checkpoints and backups.

use super::Effect::{Changes, Reads};
use super::table::{DOMAIN, flag, opt, row};
use super::{Command, Kind, Need, Opt};

const SNAPSHOT: Opt = opt(
    "snapshotname",
    Kind::Text,
    Need::Required,
    "Name of the snapshot.",
);
const NEW_NAME: Opt = opt(
    "name",
    Kind::Text,
    Need::Optional,
    "Its name; the time where there is none.",
);
const QUIESCE: Opt = flag(
    "quiesce",
    "Ask the guest agent to freeze the file systems meanwhile.",
);

/// The rows.
pub const SNAPSHOTS: &[Command] = &[
    row(
        "snapshot-create-as",
        Changes,
        "Take a snapshot of a domain: within its disks, or with --disk-only in files of their own.",
        &[
            DOMAIN,
            NEW_NAME,
            opt("description", Kind::Text, Need::Optional, "Any text."),
            flag("no-metadata", "Do not remember it."),
            flag("halt", "Leave the domain off afterwards."),
            flag(
                "disk-only",
                "The disks alone, each going on in a new file above the present one.",
            ),
            flag("reuse-external", "Take files that are there already."),
            QUIESCE,
            flag("atomic", "All disks or none."),
            flag(
                "live",
                "Let the guest run while its memory is written to a file.",
            ),
            opt(
                "memspec",
                Kind::File,
                Need::Optional,
                "File on the host for the memory.",
            ),
            opt(
                "diskspec",
                Kind::Text,
                Need::Many,
                "A disk that is treated otherwise: vdb,snapshot=no leaves it out, vda,file=PATH names its new file.",
            ),
        ],
    ),
    row(
        "snapshot-revert",
        Changes,
        "Take a domain back to a snapshot; what it does now is lost.",
        &[
            DOMAIN,
            SNAPSHOT,
            flag(
                "running",
                "Let it run then, whatever it did when the snapshot was taken.",
            ),
            flag("paused", "Leave it paused then."),
            flag("force", "Although libvirt thinks it risky."),
            flag(
                "snapshot-first",
                "Take a snapshot of what it does now before; virsh has no word for it.",
            ),
            flag(
                "commit-first",
                "Delete the external snapshots above it before, by block commits; virsh has no word for it.",
            ),
        ],
    ),
    row(
        "snapshot-edit",
        Changes,
        "Describe a snapshot of a domain otherwise, or give an external one another name; with neither its XML is opened in the editor.",
        &[
            DOMAIN,
            SNAPSHOT,
            opt(
                "description",
                Kind::Text,
                Need::Optional,
                "The new description.",
            ),
            opt("new-name", Kind::Text, Need::Optional, "The new name."),
        ],
    ),
    row(
        "checkpoint-create-as",
        Changes,
        "Take a checkpoint of a domain: what is written since can be backed up alone.",
        &[
            DOMAIN,
            NEW_NAME,
            opt("description", Kind::Text, Need::Optional, "Any text."),
            QUIESCE,
            opt(
                "diskspec",
                Kind::Text,
                Need::Many,
                "A disk that is noted, or with ,checkpoint=no is not; all that are qcow2 where none is named.",
            ),
        ],
    ),
    row(
        "checkpoint-list",
        Reads,
        "Show the checkpoints of a domain.",
        &[DOMAIN],
    ),
    row(
        "checkpoint-delete",
        Changes,
        "Delete a checkpoint of a domain; what was noted goes to the one before.",
        &[
            DOMAIN,
            opt(
                "checkpointname",
                Kind::Text,
                Need::Required,
                "Name of the checkpoint.",
            ),
            flag("children", "With all that follow it."),
            flag(
                "metadata",
                "Only what libvirt remembers of it; the bitmaps stay in the disks.",
            ),
        ],
    ),
    row(
        "backup-begin",
        Changes,
        "Write a backup of the disks of a running domain into files on its host.",
        &[
            DOMAIN,
            opt(
                "dir",
                Kind::File,
                Need::Optional,
                "Folder on the host for the files; virsh takes a document instead.",
            ),
            opt(
                "diskspec",
                Kind::Text,
                Need::Many,
                "A disk, with ,file=PATH for where it goes; all that are written to where none is named.",
            ),
            opt(
                "format",
                Kind::Choice(&["qcow2", "raw"]),
                Need::Optional,
                "Format of the files; qcow2 where nothing is said.",
            ),
            opt(
                "incremental",
                Kind::Text,
                Need::Optional,
                "Only what was written since this checkpoint.",
            ),
            opt(
                "checkpoint",
                Kind::Text,
                Need::Optional,
                "Begin a checkpoint of this name at the same moment.",
            ),
            flag("wait", "Wait until it is done."),
        ],
    ),
    row(
        "snapshot-list",
        Reads,
        "Show the snapshots of a domain as a tree.",
        &[DOMAIN],
    ),
    row(
        "snapshot-delete",
        Changes,
        "Delete a snapshot of a domain.",
        &[
            DOMAIN,
            SNAPSHOT,
            flag("children", "With all that descend from it."),
            flag("children-only", "Only those that descend from it."),
            flag(
                "metadata",
                "Only what libvirt remembers of it; the data stay in the disks.",
            ),
        ],
    ),
];
