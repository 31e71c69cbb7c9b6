//! The fields of each kind of hardware: what people change weekly. The rest is for the XML.

mod domain;
mod rare;
mod usual;
mod wires;

use domain::{BOOT, CPUS, OVERVIEW};
use rare::{
    DIMM, FILESYSTEM, HOST_DEVICE, HOST_USB, PANIC, RNG, SCSI, TPM, USB, VIRTIO_MEM, VIRTIO_SERIAL,
    VSOCK,
};
use usual::{AUDIO, DISK, GRAPHICS, INPUT, NIC, SOUND, VIDEO, WATCHDOG};
use wires::{CHANNEL, REDIRECTED, SERIAL};

use super::fields::{Input, Spec};
use crate::hardware::{Item, Kind};

const fn spec(path: &'static str, label: &'static str, input: Input, help: &'static str) -> Spec {
    Spec {
        path,
        label,
        input,
        help,
        only: None,
    }
}

/// The same, where another field has one of these words.
const fn only(spec: Spec, key: &'static str, words: &'static [&'static str]) -> Spec {
    Spec {
        only: Some((key, words)),
        ..spec
    }
}

/// The fields of an item; empty for what only its XML can change.
pub(super) fn of(item: &Item) -> &'static [Spec] {
    match item.kind {
        Kind::Overview => OVERVIEW,
        Kind::Cpus => CPUS,
        Kind::Boot => BOOT,
        Kind::Disk => DISK,
        Kind::Nic => NIC,
        Kind::Input
            if item.stored("@type") != Some("passthrough")
                && item.stored("@type") != Some("evdev") =>
        {
            INPUT
        }
        Kind::Graphics => GRAPHICS,
        Kind::Sound => SOUND,
        Kind::Audio => AUDIO,
        Kind::Serial | Kind::Parallel | Kind::Console => SERIAL,
        Kind::Channel => CHANNEL,
        Kind::Redirected => REDIRECTED,
        Kind::HostDevice => match item.stored("@type") {
            Some("usb") => HOST_USB,
            Some("pci") => HOST_DEVICE,
            _ => &[],
        },
        Kind::Video => VIDEO,
        Kind::Watchdog => WATCHDOG,
        Kind::Filesystem if item.stored("source@dir").is_some() => FILESYSTEM,
        Kind::Tpm => TPM,
        Kind::Rng => RNG,
        Kind::Panic => PANIC,
        Kind::Vsock => VSOCK,
        Kind::MemoryDevice => match item.stored("@model") {
            Some("virtio-mem") => VIRTIO_MEM,
            Some("dimm") => DIMM,
            _ => &[],
        },
        Kind::Controller => match item.stored("@type") {
            Some("scsi") => SCSI,
            Some("usb") => USB,
            Some("virtio-serial") => VIRTIO_SERIAL,
            _ => &[],
        },
        _ => &[],
    }
}

/// What goes, with all in it, when a field of a kind gets another value: the elements that belong to the old one.
pub(super) fn renewed(kind: Kind) -> Option<(&'static str, &'static [&'static str])> {
    Some(match kind {
        Kind::Serial | Kind::Parallel | Kind::Console | Kind::Channel | Kind::Redirected => {
            ("@type", &["source", "protocol"])
        }
        Kind::Tpm => ("backend@type", &["backend"]),
        Kind::Rng => ("backend@model", &["backend"]),
        _ => return None,
    })
}
