//! Rows of the table of commands that print figures of a domain, and what a host is.

use super::Effect::Reads;
use super::table::{DOMAIN, opt, row};
use super::{Command, Kind, Need, Opt};

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
