//! Rows of the table of commands about what a domain may take of its host.

use super::Effect::Changes;
use super::table::{CONFIG, CURRENT, DOMAIN, LIVE, opt, row};
use super::{Command, Kind, Need, Opt};

const FOR: Opt = opt(
    "for",
    Kind::Count,
    Need::Optional,
    "Put back what held before after so many seconds; virtty's own, not of virsh.",
);
const CPULIST: Opt = opt(
    "cpulist",
    Kind::Text,
    Need::Required,
    "CPUs of the host, as in 0-3,^2; all of them unpin.",
);

/// The rows.
pub const TUNING: &[Command] = &[
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
];
