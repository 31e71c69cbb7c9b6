//! Plugging a disk or a drive in.

use super::{DiskForm, affect, said, volume_at, volumes};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::protocol::{DiskVerb, DomainVerb, NewDisk};
use crate::text;

fn words(all: &[(&str, &str)]) -> Vec<FieldOption> {
    all.iter()
        .map(|(word, label)| FieldOption::new(word, label))
        .collect()
}

pub(super) fn fields(wanted: &DiskForm, places: Field) -> Vec<Field> {
    let device = words(&[
        ("disk", "disk"),
        ("cdrom", "CD drive"),
        ("lun", "SCSI LUN passed on"),
    ]);
    let bus = words(&[
        ("virtio", "virtio"),
        ("scsi", "SCSI"),
        ("sata", "SATA"),
        ("usb", "USB"),
        ("ide", "IDE"),
        ("fdc", "floppy"),
    ]);
    let format = words(&[("", "as its pool says"), ("qcow2", "qcow2"), ("raw", "raw")]);
    let modes = words(&[
        ("", "read and write"),
        ("readonly", "read-only"),
        ("shareable", "shared with other guests"),
    ]);
    let cache = [
        "",
        "none",
        "writeback",
        "writethrough",
        "directsync",
        "unsafe",
    ];
    let io = ["", "threads", "native", "io_uring"];
    let discard = ["", "unmap", "ignore"];
    let or_usual = |all: &[&str]| -> Vec<FieldOption> {
        all.iter()
            .map(|word| match *word {
                "" => FieldOption::new("", "the hypervisor's usual"),
                word => FieldOption::plain(word),
            })
            .collect()
    };
    let paths = volumes(wanted).map(|volume| volume.path.clone()).collect();
    vec![
        Field::choice("device", "Device", device, "disk"),
        Field::text("source", "Source", "")
            .offer(paths)
            .help("A file or device of the host; Tab completes volumes of its pools. An empty drive has none."),
        Field::text("target", "Target", &wanted.disk.target)
            .help("Its name for libvirt, which also orders the disks; the guest may call it otherwise."),
        Field::choice("bus", "Bus", bus, "virtio"),
        Field::choice("format", "Format", format, ""),
        Field::choice("mode", "Access", modes, ""),
        Field::choice("cache", "Cache", or_usual(&cache), "")
            .help("none goes past the host's page cache; the last one loses data in a power cut."),
        Field::choice("io", "I/O", or_usual(&io), "").help("native wants the cache none or directsync."),
        Field::choice("discard", "Discard", or_usual(&discard), "")
            .help("unmap gives back what the guest trims."),
        Field::text("serial", "Serial", "").help("The guest finds the disk by it, wherever it is plugged in."),
        places,
    ]
}

/// The bus by what a target is called.
fn bus_of(target: &str) -> Option<&'static str> {
    let buses = [("vd", "virtio"), ("hd", "ide"), ("fd", "fdc")];
    let found = buses.iter().find(|(prefix, _)| target.starts_with(prefix));
    found.map(|(_, bus)| *bus)
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let is_drive = form.text("device") == "cdrom";
    for key in ["mode", "discard"] {
        form.show(key, !is_drive);
    }
    let source = form.text("source").to_owned();
    form.show("format", !source.is_empty());
    let Some(volume) = volume_at(wanted, &source) else {
        if !source.is_empty() {
            said(
                form,
                Tone::Dim,
                "No active pool knows it: choose its format.",
            );
        }
        return;
    };
    let format = volume.format.as_deref().unwrap_or("raw");
    let size = text::bytes(volume.capacity);
    said(form, Tone::Normal, format!("{size}, {format}"));
    if let Some(base) = &volume.backing {
        let words = format!("It is based on {}.", text::visible(base));
        said(form, Tone::Normal, words);
    }
    let chosen = form.text("format").to_owned();
    if chosen == "raw" && format != "raw" {
        let words = format!("The guest would see the bytes of the {format} file itself.");
        said(form, Tone::Warn, words);
    }
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let some = |key: &str| {
        let field = form.field(key).filter(|field| !field.hidden)?;
        Some(field.value().to_owned()).filter(|value| !value.is_empty())
    };
    let device = form.text("device").to_owned();
    let source = some("source");
    if source.is_none() && device != "cdrom" {
        return Err(Wrong::at(
            "source",
            "A file or device of the host is missing.",
        ));
    }
    let target = form.text("target").to_owned();
    let name = |c: char| c.is_ascii_lowercase();
    if target.is_empty() || !target.chars().all(name) {
        return Err(Wrong::at(
            "target",
            "A target is letters alone, such as vdb or sda.",
        ));
    }
    let bus = form.text("bus");
    if bus_of(&target).is_some_and(|known| known != bus)
        || (bus == "virtio" && !target.starts_with("vd"))
    {
        let like = match bus {
            "virtio" => "vdb",
            "ide" => "hdb",
            "fdc" => "fda",
            _ => "sdb",
        };
        return Err(Wrong::at(
            "target",
            format!("On this bus it is called such as {like}."),
        ));
    }
    let known = source
        .as_deref()
        .and_then(|path| volume_at(wanted, path))
        .map(|volume| volume.format.clone().unwrap_or_else(|| "raw".to_owned()));
    let format = some("format").or(known);
    if source.is_some() && format.is_none() {
        return Err(Wrong::at(
            "format",
            "No active pool knows the source: a wrong guess would show the guest other bytes.",
        ));
    }
    let mode = some("mode");
    Ok(DomainVerb::Disk(DiskVerb::Attach(
        Box::new(NewDisk {
            source,
            target,
            bus: Some(bus.to_owned()),
            readonly: device == "cdrom" || mode.as_deref() == Some("readonly"),
            shareable: mode.as_deref() == Some("shareable"),
            device: Some(device),
            format,
            cache: some("cache"),
            io: some("io"),
            discard: some("discard"),
            serial: some("serial"),
        }),
        affect(form),
    )))
}
