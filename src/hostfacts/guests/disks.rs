//! How the disks of the domains are kept.

use super::{Wrong, none_of, quoted};
use crate::hostfacts::checks::Found;
use crate::hostfacts::files::Files;
use crate::hostfacts::mounts::Mounts;
use crate::hostfacts::{Guest, GuestDisk};
use crate::text::shell_quote;

/// The longest chain of images that is fine.
const CHAIN: usize = 5;

/// Disks with the domains that they are of, without discs and floppies.
fn disks(guests: &[Guest]) -> impl Iterator<Item = (&Guest, &GuestDisk)> {
    let all = guests
        .iter()
        .flat_map(|guest| guest.disks.iter().map(move |disk| (guest, disk)));
    all.filter(|(_, disk)| !disk.removable)
}

pub(super) fn copy_on_write(guests: &[Guest], files: &Files) -> Found {
    let mounts = match Mounts::read(files) {
        Ok(mounts) => mounts,
        Err(why) => return Found::unknown(format!("/proc/self/mounts: {}", why.words())),
    };
    let mut found: Vec<Wrong> = Vec::new();
    for (guest, disk) in disks(guests) {
        let images = disk.source.iter().chain(&disk.below);
        let on = images.filter_map(|path| Some((path, mounts.kind_of(path)?)));
        let Some((path, kind)) = on.into_iter().find(|(_, kind)| kind.copies()) else {
            continue;
        };
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
        let folder = shell_quote(folder);
        let command = match kind.0 {
            "zfs" => format!("zfs set recordsize=64K \"$(findmnt -no SOURCE -T {folder})\""),
            "bcachefs" => format!("setfattr -n bcachefs.nocow -v 1 {folder}  # for new files"),
            _ => format!("chattr +C {folder}  # for new files"),
        };
        found.push((format!("{}: {path} on {}", guest.name, kind.0), command));
    }
    none_of(
        found,
        "none lies on btrfs, zfs or bcachefs",
        "Each write of the guest is written elsewhere: images break into pieces and get slow.",
    )
}

pub(super) fn cache(guests: &[Guest], files: &Files) -> Found {
    let mounts = Mounts::read(files).unwrap_or_default();
    let mut found: Vec<Wrong> = Vec::new();
    for (guest, disk) in disks(guests) {
        let source = disk.source.as_deref().unwrap_or_default();
        let direct = matches!(disk.cache.as_deref(), Some("none" | "directsync"));
        let why = if disk.cache.as_deref() == Some("unsafe") {
            "cache=unsafe: what the guest has written may be lost"
        } else if direct {
            continue;
        } else if source.starts_with("/dev/") {
            // Block devices gain nothing from the host's page cache.
            "block device"
        } else if disk.io.as_deref() == Some("native") {
            // libvirt refuses to start it so.
            "io=native"
        } else if mounts.kind_of(source).is_some_and(|kind| kind.is_network()) {
            // libvirt calls its live migration unsafe.
            "on a file system of the network"
        } else {
            continue;
        };
        let cache = disk.cache.as_deref().unwrap_or("default");
        found.push((
            format!("{} {} ({why}, cache={cache})", guest.name, disk.target)
                .replace(", cache=unsafe)", ")"),
            format!(
                "virt-xml {} --edit target={} --disk cache=none",
                quoted(guest),
                shell_quote(&disk.target)
            ),
        ));
    }
    none_of(
        found,
        "no block device, io=native or image of the network without it",
        "What the guest caches is cached twice, and live migration may be refused.",
    )
}

pub(super) fn chains(guests: &[Guest]) -> Found {
    let mut found: Vec<Wrong> = Vec::new();
    for (guest, disk) in disks(guests) {
        let images = disk.below.len() + 1;
        if images <= CHAIN {
            continue;
        }
        let target = shell_quote(&disk.target);
        // Both leave the images below as they are: others may be based on them.
        let command = match (guest.running, disk.source.as_deref()) {
            (false, Some(path)) => format!(
                "qemu-img rebase -f {} -b '' {}",
                shell_quote(disk.format.as_deref().unwrap_or("qcow2")),
                shell_quote(path)
            ),
            _ => format!("virsh blockpull {} {target} --wait", quoted(guest)),
        };
        let text = format!("{} {}: {images} images", guest.name, disk.target);
        found.push((text, command));
    }
    let unseen: Vec<_> = disks(guests)
        .filter(|(_, disk)| !disk.chain_known)
        .map(|(guest, disk)| format!("{} {}", guest.name, disk.target))
        .collect();
    if found.is_empty() && !unseen.is_empty() {
        return Found::unknown(format!(
            "images below those of {} cannot be seen",
            super::listed(&unseen)
        ));
    }
    none_of(
        found,
        "none is longer than 5",
        "A read may look into each image, and each one that is lost loses the disk.",
    )
}
