//! The commands of virsh that virtty takes, one row each. Parser, printer, completion, the commands without a screen, their
//! help and the manual page are views of it.

use super::Effect::{Changes, Reads};
use super::edit::EDITING;
use super::table_guests::GUESTS;
use super::table_hosts::HOSTS;
use super::table_networks::NETWORKS;
use super::table_reads::READS;
use super::{Command, Effect, Kind, Need, Opt, storage_table};

pub(super) const fn row(
    name: &'static str,
    effect: Effect,
    doc: &'static str,
    options: &'static [Opt],
) -> Command {
    Command {
        name,
        doc,
        options,
        effect,
    }
}

pub(super) const fn opt(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Opt {
    Opt {
        name,
        kind,
        need,
        doc,
    }
}

pub(super) const fn flag(name: &'static str, doc: &'static str) -> Opt {
    opt(name, Kind::Flag, Need::Optional, doc)
}

/// What names a domain, for every command that takes one.
pub const DOMAIN_HELP: &str = "Name, UUID or id of the domain.";

pub(super) const DOMAIN: Opt = opt("domain", Kind::Domain, Need::Required, DOMAIN_HELP);
const MODE: Opt = opt(
    "mode",
    Kind::Choice(&["acpi", "agent", "initctl", "signal", "paravirt"]),
    Need::Optional,
    "How the guest is asked; left out, the hypervisor chooses.",
);
const BYPASS_CACHE: Opt = flag(
    "bypass-cache",
    "Leave the host's file cache out when the state is read or written.",
);
pub(super) const LIVE: Opt = flag("live", "Change the running domain.");
const FOR: Opt = opt(
    "for",
    Kind::Count,
    Need::Optional,
    "Put back what held before after so many seconds; virtty's own, not of virsh.",
);
pub(super) const CONFIG: Opt = flag("config", "Change what holds from the next start on.");
const CURRENT: Opt = flag(
    "current",
    "Change the running domain, or what holds from the next start when it is off.",
);
const XML_FILE: Opt = opt(
    "file",
    Kind::File,
    Need::Required,
    "File with the XML of the device, on this machine.",
);
const INACTIVE: Opt = flag("inactive", "Show what holds from the next start on.");
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
const SIZE: Opt = opt(
    "size",
    Kind::Size,
    Need::Required,
    "The size: KiB, or with a unit as in 2G or 512MiB.",
);

const PATH: Opt = opt(
    "path",
    Kind::Text,
    Need::Required,
    "Target of the disk, as in vda.",
);
const BANDWIDTH: Opt = opt(
    "bandwidth",
    Kind::Count,
    Need::Optional,
    "Limit in MiB a second; 0 is none.",
);
const BYTES: Opt = flag("bytes", "The limit is in bytes a second.");
const PERSISTENT: Opt = flag(
    "persistent",
    "Change the running domain and what holds from the next start on.",
);

const CPULIST: Opt = opt(
    "cpulist",
    Kind::Text,
    Need::Required,
    "CPUs of the host, as in 0-3,^2; all of them unpin.",
);

/// The table, in the order of the help.
pub const COMMANDS: &[Command] = &joined::<{ count(PARTS) }>(PARTS);

const PARTS: &[&[Command]] = &[DOMAINS, READS, GUESTS, NETWORKS, EDITING, HOSTS];

const fn count(parts: &[&[Command]]) -> usize {
    let (mut part, mut all) = (0, 0);
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

/// Parts of the table in one.
const fn joined<const N: usize>(parts: &[&[Command]]) -> [Command; N] {
    let mut all = [DOMAINS[0]; N];
    let (mut part, mut at, mut filled) = (0, 0, 0);
    while filled < N {
        if at == parts[part].len() {
            part += 1;
            at = 0;
        } else {
            all[filled] = parts[part][at];
            at += 1;
            filled += 1;
        }
    }
    all
}

/// Commands about domains.
const DOMAINS: &[Command] = &[
    row(
        "start",
        Changes,
        "Start a domain that is off, from its saved state where there is one.",
        &[
            DOMAIN,
            flag("paused", "Leave its virtual CPUs halted."),
            BYPASS_CACHE,
            flag("force-boot", "Discard a saved state and boot afresh."),
        ],
    ),
    row(
        "shutdown",
        Changes,
        "Ask the guest of a domain to shut down.",
        &[
            DOMAIN,
            MODE,
            opt(
                "force-after",
                Kind::Count,
                Need::Optional,
                "Force it off when it still runs after so many seconds; virtty's own, not of virsh.",
            ),
        ],
    ),
    row(
        "reboot",
        Changes,
        "Ask the guest of a domain to reboot.",
        &[DOMAIN, MODE],
    ),
    row(
        "reset",
        Changes,
        "Reset a domain as its reset button would.",
        &[DOMAIN],
    ),
    row(
        "destroy",
        Changes,
        "Force a domain off, as pulling its plug would; nothing of it is deleted.",
        &[
            DOMAIN,
            flag(
                "graceful",
                "Give up rather than kill a hypervisor that does not end by itself.",
            ),
        ],
    ),
    row(
        "suspend",
        Changes,
        "Halt the virtual CPUs of a domain.",
        &[DOMAIN],
    ),
    row(
        "resume",
        Changes,
        "Let the virtual CPUs of a paused domain run again.",
        &[DOMAIN],
    ),
    row(
        "managedsave",
        Changes,
        "Write the memory of a running domain to the host's disk and stop it; its next start goes on from there.",
        &[
            DOMAIN,
            BYPASS_CACHE,
            flag(
                "running",
                "Let it run after the next start, whatever it does now.",
            ),
            flag(
                "paused",
                "Leave it paused after the next start, whatever it does now.",
            ),
        ],
    ),
    row(
        "managedsave-remove",
        Changes,
        "Throw the saved state of a domain away: its next start boots afresh.",
        &[DOMAIN],
    ),
    row(
        "autostart",
        Changes,
        "Start a domain together with its host.",
        &[DOMAIN, flag("disable", "Do not start it any more.")],
    ),
    row(
        "domrename",
        Changes,
        "Give a domain that is off another name.",
        &[
            DOMAIN,
            opt("new-name", Kind::Text, Need::Required, "The new name."),
        ],
    ),
    row(
        "desc",
        Changes,
        "Show the description or the title of a domain, or write it.",
        &[
            DOMAIN,
            LIVE,
            CONFIG,
            CURRENT,
            flag("title", "The title instead of the description."),
            opt(
                "new-desc",
                Kind::Text,
                Need::Rest,
                "The new text; an empty one takes it away, and without it the present one is shown.",
            ),
        ],
    ),
    row(
        "metadata",
        Changes,
        "Write an element of a domain's metadata, in a namespace of its own.",
        &[
            DOMAIN,
            opt("uri", Kind::Text, Need::Required, "The namespace."),
            LIVE,
            CONFIG,
            CURRENT,
            opt(
                "key",
                Kind::Text,
                Need::Optional,
                "The prefix of the namespace; wanted with --set.",
            ),
            opt("set", Kind::Text, Need::Optional, "The element as XML."),
            flag("remove", "Take the element away."),
        ],
    ),
    row(
        "inject-nmi",
        Changes,
        "Send the guest of a domain a non-maskable interrupt.",
        &[DOMAIN],
    ),
    row(
        "send-key",
        Changes,
        "Press keys of a running domain's keyboard together.",
        &[
            DOMAIN,
            opt(
                "keycode",
                Kind::Keys,
                Need::Rest,
                "Names as in KEY_LEFTCTRL KEY_C, or Linux' numbers.",
            ),
            opt(
                "holdtime",
                Kind::Count,
                Need::Optional,
                "For how many milliseconds they are held.",
            ),
        ],
    ),
    row(
        "dump",
        Changes,
        "Write the memory of a running domain into a file on its host.",
        &[
            DOMAIN,
            opt("file", Kind::File, Need::Required, "The file, on the host."),
            flag("live", "Let the guest run meanwhile."),
            flag("crash", "End the domain as crashed afterwards."),
            BYPASS_CACHE,
            flag("reset", "Reset the domain afterwards."),
            flag(
                "memory-only",
                "Write an ELF file of the memory alone, for crash and gdb.",
            ),
        ],
    ),
    row(
        "undefine",
        Changes,
        "Delete the definition of a domain; a running one goes on until it is off.",
        &[
            DOMAIN,
            flag("managed-save", "Delete its saved state too."),
            opt(
                "storage",
                Kind::Disks,
                Need::Optional,
                "Delete the volumes of these disks, as domblklist names them, separated by commas.",
            ),
            flag("remove-all-storage", "Delete the volumes of all its disks."),
            flag(
                "snapshots-metadata",
                "Forget its snapshots; their data stays in the disks.",
            ),
            flag("checkpoints-metadata", "Forget its checkpoints."),
            flag("nvram", "Delete the firmware's variables."),
            flag("keep-nvram", "Keep the firmware's variables."),
        ],
    ),
    row(
        "setmem",
        Changes,
        "Set how much memory a domain has, by its balloon when it runs.",
        &[DOMAIN, SIZE, CONFIG, LIVE, CURRENT],
    ),
    row(
        "setmaxmem",
        Changes,
        "Set how much memory a domain may have at most.",
        &[DOMAIN, SIZE, CONFIG, LIVE, CURRENT],
    ),
    row(
        "setvcpus",
        Changes,
        "Set how many virtual CPUs a domain has.",
        &[
            DOMAIN,
            opt("count", Kind::Count, Need::Required, "How many."),
            flag(
                "maximum",
                "How many it may have at most, from the next start on.",
            ),
            CONFIG,
            LIVE,
            CURRENT,
            flag(
                "guest",
                "Ask the guest agent to use so many of those it has.",
            ),
        ],
    ),
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
    row(
        "memtune",
        Changes,
        "Limit the memory that a domain takes of its host.",
        &[
            DOMAIN,
            opt(
                "hard-limit",
                Kind::Text,
                Need::Optional,
                "The most it gets, KiB without a unit; -1 for no limit.",
            ),
            opt(
                "soft-limit",
                Kind::Text,
                Need::Optional,
                "What it is pushed back to when memory is short.",
            ),
            opt(
                "swap-hard-limit",
                Kind::Text,
                Need::Optional,
                "The most it gets together with swap.",
            ),
            FOR,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
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
    row(
        "vcpupin",
        Changes,
        "Let a virtual CPU of a domain run on these CPUs of the host alone.",
        &[
            DOMAIN,
            opt(
                "vcpu",
                Kind::Count,
                Need::Required,
                "Number of the virtual CPU.",
            ),
            CPULIST,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "emulatorpin",
        Changes,
        "Let the emulator of a domain run on these CPUs of the host alone.",
        &[DOMAIN, CPULIST, CONFIG, LIVE, CURRENT],
    ),
    row(
        "iothreadpin",
        Changes,
        "Let an I/O thread of a domain run on these CPUs of the host alone.",
        &[
            DOMAIN,
            opt(
                "iothread",
                Kind::Count,
                Need::Required,
                "Number of the I/O thread.",
            ),
            CPULIST,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "schedinfo",
        Changes,
        "Set a share or a limit of a domain's CPU time.",
        &[
            DOMAIN,
            opt(
                "set",
                Kind::Text,
                Need::Required,
                "NAME=VALUE, as in cpu_shares=2048 or vcpu_quota=50000 (us of each vcpu_period; -1 for no limit).",
            ),
            FOR,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "node-memory-tune",
        Changes,
        "Set how the kernel of the host merges equal pages (KSM).",
        &[
            opt(
                "shm-pages-to-scan",
                Kind::Count,
                Need::Optional,
                "Pages that ksmd looks at before it sleeps.",
            ),
            opt(
                "shm-sleep-millisecs",
                Kind::Count,
                Need::Optional,
                "How long it sleeps then.",
            ),
            opt(
                "shm-merge-across-nodes",
                Kind::Count,
                Need::Optional,
                "1 merges pages of different NUMA cells, 0 does not.",
            ),
        ],
    ),
    row(
        "numatune",
        Changes,
        "Let the memory of a domain come from these NUMA cells of the host.",
        &[
            DOMAIN,
            opt(
                "nodeset",
                Kind::Text,
                Need::Required,
                "The cells, as in 0-1.",
            ),
            opt(
                "mode",
                Kind::Choice(&["strict", "preferred", "interleave", "restrictive"]),
                Need::Optional,
                "How strictly.",
            ),
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "blkiotune",
        Changes,
        "Set the weight of a domain's disks among those of others.",
        &[
            DOMAIN,
            opt("weight", Kind::Count, Need::Required, "From 100 to 1000."),
            FOR,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "blkdeviotune",
        Changes,
        "Limit a disk of a domain; 0 is no limit.",
        &[
            DOMAIN,
            opt("device", Kind::Text, Need::Required, "Target of the disk."),
            opt(
                "total-bytes-sec",
                Kind::Bytes,
                Need::Optional,
                "Bytes a second, or with a unit as in 20M.",
            ),
            opt(
                "read-bytes-sec",
                Kind::Bytes,
                Need::Optional,
                "Bytes read a second.",
            ),
            opt(
                "write-bytes-sec",
                Kind::Bytes,
                Need::Optional,
                "Bytes written a second.",
            ),
            opt(
                "total-iops-sec",
                Kind::Count,
                Need::Optional,
                "Requests a second.",
            ),
            opt(
                "read-iops-sec",
                Kind::Count,
                Need::Optional,
                "Reads a second.",
            ),
            opt(
                "write-iops-sec",
                Kind::Count,
                Need::Optional,
                "Writes a second.",
            ),
            opt(
                "total-bytes-sec-max",
                Kind::Bytes,
                Need::Optional,
                "Bytes a second in bursts.",
            ),
            opt(
                "read-bytes-sec-max",
                Kind::Bytes,
                Need::Optional,
                "Bytes read a second in bursts.",
            ),
            opt(
                "write-bytes-sec-max",
                Kind::Bytes,
                Need::Optional,
                "Bytes written a second in bursts.",
            ),
            opt(
                "total-iops-sec-max",
                Kind::Count,
                Need::Optional,
                "Requests a second in bursts.",
            ),
            opt(
                "read-iops-sec-max",
                Kind::Count,
                Need::Optional,
                "Reads a second in bursts.",
            ),
            opt(
                "write-iops-sec-max",
                Kind::Count,
                Need::Optional,
                "Writes a second in bursts.",
            ),
            opt(
                "total-bytes-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: bytes.",
            ),
            opt(
                "read-bytes-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: bytes read.",
            ),
            opt(
                "write-bytes-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: bytes written.",
            ),
            opt(
                "total-iops-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: requests.",
            ),
            opt(
                "read-iops-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: reads.",
            ),
            opt(
                "write-iops-sec-max-length",
                Kind::Count,
                Need::Optional,
                "Seconds of a burst: writes.",
            ),
            FOR,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row(
        "domiftune",
        Changes,
        "Limit a network interface of a domain; 0 is no limit.",
        &[
            DOMAIN,
            opt(
                "interface",
                Kind::Text,
                Need::Required,
                "Its name on the host, or its MAC address.",
            ),
            opt(
                "inbound",
                Kind::Text,
                Need::Optional,
                "To the guest: AVERAGE[,PEAK[,BURST]], two in KiB a second and the last in KiB.",
            ),
            opt(
                "outbound",
                Kind::Text,
                Need::Optional,
                "From the guest, written alike.",
            ),
            FOR,
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
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
    row(
        "dominfo",
        Reads,
        "Show what is known of a domain.",
        &[DOMAIN],
    ),
    row(
        "domstate",
        Reads,
        "Show the state of a domain.",
        &[DOMAIN, flag("reason", "And why it is in this state.")],
    ),
    row(
        "domid",
        Reads,
        "Show the id of a running domain.",
        &[DOMAIN],
    ),
    row("domuuid", Reads, "Show the UUID of a domain.", &[DOMAIN]),
    row("domname", Reads, "Show the name of a domain.", &[DOMAIN]),
    row(
        "vncdisplay",
        Reads,
        "Show where the VNC display of a domain listens.",
        &[DOMAIN],
    ),
    row(
        "domdisplay",
        Reads,
        "Show the address of a display of a domain, as viewers take it.",
        &[
            DOMAIN,
            opt(
                "type",
                Kind::Choice(&["vnc", "spice", "rdp"]),
                Need::Optional,
                "Of this kind only.",
            ),
            flag("all", "All of them, not only the first."),
        ],
    ),
    row(
        "ttyconsole",
        Reads,
        "Show the terminal device of a domain's console.",
        &[DOMAIN],
    ),
    row(
        "domblklist",
        Reads,
        "List the disks of a domain.",
        &[
            DOMAIN,
            INACTIVE,
            flag("details", "With their types and devices."),
        ],
    ),
    row(
        "domiflist",
        Reads,
        "List the network interfaces of a domain.",
        &[DOMAIN, INACTIVE],
    ),
    row(
        "domifaddr",
        Reads,
        "List the addresses of a running domain.",
        &[
            DOMAIN,
            opt(
                "source",
                Kind::Choice(&["lease", "agent", "arp"]),
                Need::Optional,
                "Who is asked: libvirt's DHCP server, the guest agent, the host's ARP table.",
            ),
        ],
    ),
    row(
        "domstats",
        Reads,
        "Show the figures of a domain.",
        &[DOMAIN],
    ),
    row(
        "vcpucount",
        Reads,
        "Show how many virtual CPUs a domain has and may have.",
        &[DOMAIN],
    ),
    row(
        "domcontrol",
        Reads,
        "Show whether the hypervisor of a domain answers.",
        &[DOMAIN],
    ),
    row(
        "dumpxml",
        Reads,
        "Show the XML of a domain.",
        &[DOMAIN, INACTIVE],
    ),
    storage_table::POOL_LIST,
    storage_table::POOL_INFO,
    storage_table::POOL_DUMPXML,
    storage_table::POOL_NAME,
    storage_table::POOL_UUID,
    storage_table::POOL_START,
    storage_table::POOL_DESTROY,
    storage_table::POOL_REFRESH,
    storage_table::POOL_BUILD,
    storage_table::POOL_DELETE,
    storage_table::POOL_UNDEFINE,
    storage_table::POOL_AUTOSTART,
    storage_table::POOL_DEFINE_AS,
    storage_table::POOL_CREATE_AS,
    storage_table::POOL_DEFINE,
    storage_table::POOL_CREATE,
    storage_table::VOL_LIST,
    storage_table::VOL_INFO,
    storage_table::VOL_DUMPXML,
    storage_table::VOL_PATH,
    storage_table::VOL_NAME,
    storage_table::VOL_POOL,
    storage_table::VOL_CREATE_AS,
    storage_table::VOL_CREATE,
    storage_table::VOL_CLONE,
    storage_table::VOL_RESIZE,
    storage_table::VOL_WIPE,
    storage_table::VOL_DELETE,
    storage_table::VOL_UPLOAD,
    storage_table::VOL_DOWNLOAD,
    storage_table::SECRET_LIST,
    storage_table::SECRET_DUMPXML,
    storage_table::SECRET_DEFINE,
    storage_table::SECRET_SET_VALUE,
    storage_table::SECRET_GET_VALUE,
    storage_table::SECRET_UNDEFINE,
];
