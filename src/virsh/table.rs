//! The commands of virsh that virtty takes, one row each. Parser, printer, completion, the commands without a screen, their
//! help and the manual page are views of it.

use super::Effect::{Changes, Reads};
use super::{Command, Effect, Kind, Need, Opt};

const fn row(
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

const fn opt(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Opt {
    Opt {
        name,
        kind,
        need,
        doc,
    }
}

const fn flag(name: &'static str, doc: &'static str) -> Opt {
    opt(name, Kind::Flag, Need::Optional, doc)
}

const DOMAIN: Opt = opt(
    "domain",
    Kind::Domain,
    Need::Required,
    "Name, UUID or id of the domain.",
);
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
const LIVE: Opt = flag("live", "Change the running domain.");
const CONFIG: Opt = flag("config", "Change what holds from the next start on.");
const CURRENT: Opt = flag(
    "current",
    "Change the running domain, or what holds from the next start when it is off.",
);
const INACTIVE: Opt = flag("inactive", "Show what holds from the next start on.");
const SIZE: Opt = opt(
    "size",
    Kind::Size,
    Need::Required,
    "The size: KiB, or with a unit as in 2G or 512MiB.",
);

/// The table, in the order of the help.
pub const COMMANDS: &[Command] = &[
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
    row("resume", Changes, "Let a paused domain go on.", &[DOMAIN]),
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
        "inject-nmi",
        Changes,
        "Send the guest of a domain a non-maskable interrupt.",
        &[DOMAIN],
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
        "domhostname",
        Reads,
        "Show the host name that the guest gave itself.",
        &[DOMAIN],
    ),
    row(
        "guestinfo",
        Reads,
        "Show what the guest agent of a domain says.",
        &[DOMAIN],
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
];
