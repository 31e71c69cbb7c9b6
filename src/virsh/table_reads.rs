//! Rows of the table of commands that print what a domain or a host is.

use super::Effect::Reads;
use super::table::{DOMAIN, flag, opt, row};
use super::{Command, Kind, Need, Opt};

const INACTIVE: Opt = flag("inactive", "Show what holds from the next start on.");
const DEVICE: Opt = opt(
    "device",
    Kind::Text,
    Need::Required,
    "Target of the device, as in vda or vnet0.",
);
const ARCH: Opt = opt("arch", Kind::Text, Need::Optional, "The architecture.");
const MACHINE: Opt = opt("machine", Kind::Text, Need::Optional, "The machine type.");
const VIRTTYPE: Opt = opt(
    "virttype",
    Kind::Choice(&["kvm", "qemu"]),
    Need::Optional,
    "The type of virtualization.",
);

/// The rows.
pub const READS: &[Command] = &[
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
    row(
        "vcpuinfo",
        Reads,
        "Show on which CPUs of the host the virtual CPUs of a domain run.",
        &[DOMAIN],
    ),
    row(
        "dommemstat",
        Reads,
        "Show what is known of the memory of a running domain.",
        &[DOMAIN],
    ),
    row(
        "domblkstat",
        Reads,
        "Show the counters of a disk of a running domain.",
        &[DOMAIN, DEVICE],
    ),
    row(
        "domifstat",
        Reads,
        "Show the counters of a network interface of a running domain.",
        &[DOMAIN, DEVICE],
    ),
    row(
        "nodeinfo",
        Reads,
        "Show the CPUs and the memory of the host.",
        &[],
    ),
    row(
        "capabilities",
        Reads,
        "Show what the hypervisor of the host can do, as XML.",
        &[],
    ),
    row(
        "domcapabilities",
        Reads,
        "Show what domains of one kind may have on the host, as XML.",
        &[VIRTTYPE, ARCH, MACHINE],
    ),
    row("hostname", Reads, "Show the name of the host.", &[]),
    row("uri", Reads, "Show the URI of the connection.", &[]),
    row(
        "version",
        Reads,
        "Show the versions of libvirt and the hypervisor.",
        &[],
    ),
];

/// Names of those that are about a host.
pub const OF_HOST: &[&str] = &[
    "nodeinfo",
    "capabilities",
    "domcapabilities",
    "hostname",
    "uri",
    "version",
];
