//! Rows of the table of commands about the life of a domain.

use super::Effect::Changes;
use super::table::{CONFIG, CURRENT, DOMAIN, LIVE, flag, opt, row};
use super::{Command, Kind, Need, Opt};

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
const SIZE: Opt = opt(
    "size",
    Kind::Size,
    Need::Required,
    "The size: KiB, or with a unit as in 2G or 512MiB.",
);

/// The rows.
pub const DOMAINS: &[Command] = &[
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
];
