//! What hardware the domains have.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Wrong, listed, none_of, quoted};
use crate::hostfacts::checks::Found;
use crate::hostfacts::{Guest, Told, capabilities};
use crate::text::shell_quote;

/// Network cards that are imitations of real ones.
const IMITATED: [&str; 6] = ["e1000", "e1000e", "rtl8139", "ne2k_pci", "pcnet", "i82551"];

/// The major version of QEMU before which a machine type is old: one is deprecated six years after it came.
const OLD: u32 = 5;

pub(super) fn emulated(guests: &[Guest]) -> Found {
    let mut found: Vec<Wrong> = Vec::new();
    for guest in guests {
        for disk in guest.disks.iter().filter(|disk| !disk.removable) {
            let Some(bus @ ("ide" | "sata")) = disk.bus.as_deref() else {
                continue;
            };
            let target = shell_quote(&disk.target);
            found.push((
                format!("{} {} ({bus})", guest.name, disk.target),
                format!(
                    "virt-xml {} --edit target={target} --disk target.bus=virtio  # when its system has the driver",
                    quoted(guest)
                ),
            ));
        }
        for model in guest.nics.iter().flatten() {
            if IMITATED.contains(&model.as_str()) {
                found.push((
                    format!("{} NIC ({model})", guest.name),
                    format!(
                        "virt-xml {} --edit model={model} --network model=virtio  # when its system has the driver",
                        quoted(guest)
                    ),
                ));
            }
        }
    }
    none_of(
        found,
        "none is emulated",
        "Each access leaves the guest; virtio does more with less.",
    )
}

/// Whether a display that listens there is reached from everywhere.
fn is_open(address: &str) -> bool {
    let plain = address.trim_matches(['[', ']']);
    plain == "*" || plain.parse().is_ok_and(|ip: IpAddr| ip.is_unspecified())
}

pub(super) fn open_displays(guests: &[Guest]) -> Found {
    let found = guests.iter().filter_map(|guest| {
        let open = guest.listens.iter().find(|at| is_open(at))?;
        Some((
            format!("{} at {open}", guest.name),
            format!(
                "virt-xml {} --edit --graphics listen=127.0.0.1",
                quoted(guest)
            ),
        ))
    });
    none_of(
        found.collect(),
        "none listens at all addresses",
        "Whoever reaches the host reaches the guest's screen and keyboard.",
    )
}

pub(super) fn balloons(guests: &[Guest]) -> Found {
    let asked: Vec<_> = guests
        .iter()
        .filter(|guest| guest.running && guest.balloon)
        .collect();
    let Some(first) = asked.first() else {
        return Found::ok("no running domain has a balloon");
    };
    if asked.iter().all(|guest| guest.balloon_driver.is_none()) {
        return Found::unknown(
            "no balloon has reported; a driver reports only where <stats period> is set",
        )
        .by(format!(
            "virsh dommemstat {} --period 5 --live --config",
            quoted(first)
        ));
    }
    let found = asked
        .iter()
        .filter(|guest| guest.balloon_driver == Some(false))
        .map(|guest| {
            let command = format!(
                "modprobe virtio_balloon  # in {}; for Windows the driver is on the virtio-win disc",
                quoted(guest)
            );
            (guest.name.clone(), command)
        });
    none_of(
        found.collect(),
        "all that can report do",
        "The memory of those guests cannot be changed while they run, and their use is not known.",
    )
}

/// Whether a machine type is an old one, by its name.
fn is_old(machine: &str) -> bool {
    let number = [
        "pc-i440fx-",
        "pc-q35-",
        "virt-",
        "s390-ccw-virtio-",
        "pseries-",
    ]
    .iter()
    .find_map(|family| machine.strip_prefix(family));
    match number {
        Some(number) => number
            .split('.')
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .is_some_and(|n| n < OLD),
        None => ["pc-0.", "pc-1.", "rhel6"]
            .iter()
            .any(|start| machine.starts_with(start)),
    }
}

/// The name without a version that stands for the newest of a machine's family.
fn newest(machine: &str) -> &'static str {
    match machine {
        _ if machine.contains("q35") => "q35",
        _ if machine.starts_with("virt") => "virt",
        _ if machine.starts_with("s390") => "s390-ccw-virtio",
        _ if machine.starts_with("pseries") => "pseries",
        _ => "pc",
    }
}

pub(super) fn machines(guests: &[Guest], told: &Told) -> Found {
    // What this host's QEMU itself says: machines it has, and those it wants to lose.
    let listed = told
        .capabilities
        .as_deref()
        .map(capabilities::machines)
        .unwrap_or_default();
    let known: BTreeMap<&str, bool> = listed
        .iter()
        .flat_map(|one| {
            let names = [Some(one.name.as_str()), one.canonical.as_deref()];
            names
                .into_iter()
                .flatten()
                .map(|name| (name, one.deprecated))
        })
        .collect();
    let found = guests.iter().filter_map(|guest| {
        let machine = guest.machine.as_deref()?;
        let why = match known.get(machine) {
            Some(true) => ", which this QEMU calls deprecated",
            None if !known.is_empty() && guest.virt_type != "lxc" => {
                ", which this QEMU does not have"
            }
            _ if is_old(machine) => "",
            _ => return None,
        };
        Some((
            format!("{} ({machine}{why})", guest.name),
            format!(
                "virt-xml {} --edit --boot machine={}",
                quoted(guest),
                newest(machine)
            ),
        ))
    });
    none_of(
        found.collect(),
        "none is older than QEMU 5",
        "A next QEMU may not have them any more, and the domains do not start.",
    )
}

pub(super) fn emulation(guests: &[Guest], told: &Told) -> Found {
    let kvm = told
        .capabilities
        .as_deref()
        .map(|xml| crate::hostfacts::Topology::read(xml).kvm == Some(true));
    let found: Vec<Wrong> = guests
        .iter()
        .filter(|guest| guest.virt_type == "qemu")
        .map(|guest| {
            let command = format!("virt-xml {} --edit --xml ./@type=kvm", quoted(guest));
            (guest.name.clone(), command)
        })
        .collect();
    match (found.is_empty(), kvm) {
        (true, _) => Found::ok("none is of type qemu"),
        (_, None) => {
            let names: Vec<_> = found.into_iter().map(|(name, _)| name).collect();
            Found::unknown(format!(
                "{} of type qemu; whether the host has KVM is not known",
                listed(&names)
            ))
        }
        (_, Some(false)) => Found::ok(format!("{} of type qemu; the host has no KVM", found.len())),
        _ => none_of(
            found,
            "",
            "They are emulated although the host has KVM: ten times slower or worse.",
        ),
    }
}
