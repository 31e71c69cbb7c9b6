//! Rows of the table of commands about networks, network filters and interfaces.

use super::Effect::{Changes, Reads};
use super::table::{CONFIG, LIVE, flag, opt, row};
use super::{Command, Kind, Need, Opt};

pub(super) const NETWORK: Opt = opt(
    "network",
    Kind::Network,
    Need::Required,
    "Name or UUID of the network.",
);
pub(super) const FILTER: Opt = opt(
    "nwfilter",
    Kind::Filter,
    Need::Required,
    "Name or UUID of the filter.",
);
const INTERFACE: Opt = opt(
    "interface",
    Kind::Interface,
    Need::Required,
    "Name of the interface.",
);
const XML_FILE: Opt = opt(
    "file",
    Kind::File,
    Need::Required,
    "File with its XML, where virtty runs.",
);
const JSON: Opt = flag("json", "Print JSON; virtty's own, not of virsh.");
const CURRENT: Opt = flag(
    "current",
    "Change the active network, or its definition when it is not active.",
);

const APPLY: Opt = flag(
    "apply",
    "Do it now; it is taken back unless iface-commit keeps it in time.",
);
const WITHIN: Opt = opt(
    "within",
    Kind::Count,
    Need::Optional,
    "Seconds that it waits to be kept; 60 where nothing is said.",
);

/// The rows.
pub const NETWORKS: &[Command] = &[
    row(
        "net-list",
        Reads,
        "List the active virtual networks.",
        &[
            flag("all", "Those that are not active too."),
            flag("inactive", "Those that are not active."),
            flag("name", "Their names alone."),
            JSON,
        ],
    ),
    row(
        "net-info",
        Reads,
        "Show state, bridge and subnets of a network.",
        &[NETWORK],
    ),
    row(
        "net-dumpxml",
        Reads,
        "Show the XML of a network.",
        &[
            NETWORK,
            flag("inactive", "What holds from its next start on."),
        ],
    ),
    row(
        "net-dhcp-leases",
        Reads,
        "Show the leases of a network's DHCP server.",
        &[
            NETWORK,
            opt(
                "mac",
                Kind::Text,
                Need::Optional,
                "Of this hardware address alone.",
            ),
            JSON,
        ],
    ),
    row("net-uuid", Reads, "Show the UUID of a network.", &[NETWORK]),
    row("net-name", Reads, "Show the name of a network.", &[NETWORK]),
    row("net-start", Changes, "Start a network.", &[NETWORK]),
    row(
        "net-destroy",
        Changes,
        "Stop a network; its definition stays, guests on it lose their way.",
        &[NETWORK],
    ),
    row(
        "net-autostart",
        Changes,
        "Start a network together with its host.",
        &[NETWORK, flag("disable", "No longer start it by itself.")],
    ),
    row(
        "net-define",
        Changes,
        "Define a network, or replace the definition of one.",
        &[
            XML_FILE,
            flag("start", "Start it at once; virtty's own, not of virsh."),
            flag(
                "autostart",
                "Start it with its host from now on; virtty's own, not of virsh.",
            ),
        ],
    ),
    row(
        "net-create",
        Changes,
        "Start a network that is gone when it is stopped.",
        &[XML_FILE],
    ),
    row(
        "net-undefine",
        Changes,
        "Delete the definition of a network; an active one goes on until it is stopped.",
        &[NETWORK],
    ),
    row(
        "net-update",
        Changes,
        "Change a part of a network without stopping it.",
        &[
            NETWORK,
            opt(
                "command",
                Kind::Choice(&["add", "add-first", "add-last", "modify", "delete"]),
                Need::Required,
                "What is done with the part.",
            ),
            opt(
                "section",
                Kind::Choice(&[
                    "bridge",
                    "domain",
                    "ip",
                    "ip-dhcp-host",
                    "ip-dhcp-range",
                    "forward",
                    "forward-interface",
                    "forward-pf",
                    "portgroup",
                    "dns-host",
                    "dns-txt",
                    "dns-srv",
                ]),
                Need::Required,
                "Which part.",
            ),
            opt("xml", Kind::Text, Need::Required, "Its XML."),
            opt(
                "parent-index",
                Kind::Text,
                Need::Optional,
                "Place of the address that it belongs to, from 0 on.",
            ),
            CONFIG,
            LIVE,
            CURRENT,
        ],
    ),
    row("nwfilter-list", Reads, "List the network filters.", &[JSON]),
    row(
        "nwfilter-dumpxml",
        Reads,
        "Show the XML of a network filter.",
        &[FILTER],
    ),
    row(
        "nwfilter-binding-list",
        Reads,
        "List the taps that filters are at work on.",
        &[],
    ),
    row(
        "nwfilter-define",
        Changes,
        "Define a network filter, or replace it.",
        &[XML_FILE],
    ),
    row(
        "nwfilter-undefine",
        Changes,
        "Delete a network filter that no NIC uses.",
        &[FILTER],
    ),
    row(
        "iface-list",
        Reads,
        "List bridges and links of the host with what is in them.",
        &[flag("all", "Those that are off too."), JSON],
    ),
    row(
        "iface-dumpxml",
        Reads,
        "Show the XML of an interface of the host.",
        &[INTERFACE],
    ),
    row(
        "iface-start",
        Changes,
        "Start an interface of the host.",
        &[INTERFACE],
    ),
    row(
        "iface-destroy",
        Changes,
        "Stop an interface of the host.",
        &[INTERFACE],
    ),
    row(
        "iface-bridge",
        Changes,
        "Make a bridge over an interface of the host, whose addresses and routes move onto it; shown only, without --apply.",
        &[
            opt(
                "interface",
                Kind::Interface,
                Need::Required,
                "The interface that goes into it; none for a bridge without one.",
            ),
            opt(
                "bridge",
                Kind::Text,
                Need::Required,
                "Name of the new bridge.",
            ),
            flag("no-stp", "Without the spanning tree protocol."),
            opt(
                "delay",
                Kind::Count,
                Need::Optional,
                "Seconds until a new member forwards.",
            ),
            APPLY,
            WITHIN,
        ],
    ),
    row(
        "iface-unbridge",
        Changes,
        "Take a bridge away; its addresses and routes go back to the interface in it. Shown only, without --apply.",
        &[
            opt("bridge", Kind::Interface, Need::Required, "The bridge."),
            APPLY,
            WITHIN,
        ],
    ),
    row(
        "iface-attach",
        Changes,
        "Put an interface into a bridge of the host; virtty's own, not of virsh. Shown only, without --apply.",
        &[
            INTERFACE,
            opt("bridge", Kind::Text, Need::Required, "Into this bridge."),
            APPLY,
            WITHIN,
        ],
    ),
    row(
        "iface-detach",
        Changes,
        "Take an interface out of a bridge of the host; virtty's own, not of virsh. Shown only, without --apply.",
        &[
            INTERFACE,
            opt("bridge", Kind::Text, Need::Required, "Out of this bridge."),
            APPLY,
            WITHIN,
        ],
    ),
    row(
        "iface-define",
        Changes,
        "Define an interface of the host by libvirt's driver, where that can.",
        &[XML_FILE],
    ),
    row(
        "iface-undefine",
        Changes,
        "Delete the definition of an interface of the host by libvirt's driver, where that can.",
        &[INTERFACE],
    ),
    row(
        "iface-begin",
        Changes,
        "Remember how the interfaces are, to come back to it by iface-rollback.",
        &[],
    ),
    row(
        "iface-commit",
        Changes,
        "Keep what was changed of the interfaces since iface-begin, or since a bridge was made here.",
        &[],
    ),
    row(
        "iface-rollback",
        Changes,
        "Take back what was changed of the interfaces since iface-begin, or since a bridge was made here.",
        &[],
    ),
];
