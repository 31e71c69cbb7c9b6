//! The commands of virsh that virtty takes, one row each. Parser, printer, completion, the commands without a screen, their
//! help and the manual page are views of it.

use super::edit::EDITING;
use super::storage_table::STORAGE;
use super::table_disks::DISKS;
use super::table_domains::DOMAINS;
use super::table_guests::GUESTS;
use super::table_hardware::HARDWARE;
use super::table_hosts::HOSTS;
use super::table_networks::NETWORKS;
use super::table_reads::READS;
use super::table_snapshots::SNAPSHOTS;
use super::table_tuning::TUNING;
use super::{Command, Effect, Kind, Need, Opt};

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
pub(super) const LIVE: Opt = flag("live", "Change the running domain.");
pub(super) const CONFIG: Opt = flag("config", "Change what holds from the next start on.");
pub(super) const CURRENT: Opt = flag(
    "current",
    "Change the running domain, or what holds from the next start when it is off.",
);
pub(super) const XML_FILE: Opt = opt(
    "file",
    Kind::File,
    Need::Required,
    "File with the XML of the device, on this machine.",
);

pub(super) const PATH: Opt = opt(
    "path",
    Kind::Text,
    Need::Required,
    "Target of the disk, as in vda.",
);
pub(super) const PERSISTENT: Opt = flag(
    "persistent",
    "Change the running domain and what holds from the next start on.",
);

/// The table, in the order of the help.
pub const COMMANDS: &[Command] = &joined::<{ count(PARTS) }>(PARTS);

const PARTS: &[&[Command]] = &[
    DOMAINS, HARDWARE, SNAPSHOTS, TUNING, DISKS, READS, STORAGE, GUESTS, NETWORKS, EDITING, HOSTS,
];

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
