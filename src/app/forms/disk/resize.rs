//! Another size of a disk, under its guest.

use super::{DiskForm, said};
use crate::app::{Field, Form, Tone, Wrong};
use crate::protocol::{DiskVerb, DomainVerb};
use crate::text;

/// The largest size, in KiB: what libvirt counts in bytes.
const MOST_KIB: u64 = u64::MAX / 1024;

fn now(wanted: &DiskForm) -> Option<u64> {
    wanted.disk.layers.first()?.capacity_bytes
}

pub(super) fn fields(wanted: &DiskForm) -> Vec<Field> {
    let kib = now(wanted).map(|bytes| bytes / 1024);
    vec![
        Field::size("size", "Size", kib, 1..=MOST_KIB)
            .help("With its unit, as 40G; the guest is told at once."),
        Field::text("sure", "Type its target", "")
            .help("What lies behind the new end is lost for good, and no guest survives that without being made smaller inside first."),
    ]
}

/// Whether it would get smaller.
fn shrinks(form: &Form, wanted: &DiskForm) -> bool {
    let bytes = form.amount("size").map(|kib| kib.saturating_mul(1024));
    now(wanted)
        .zip(bytes)
        .is_some_and(|(now, bytes)| bytes < now)
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    let smaller = shrinks(form, wanted);
    form.show("sure", smaller);
    if let Some(now) = now(wanted) {
        said(
            form,
            Tone::Normal,
            format!("It has {} now.", text::bytes(now)),
        );
    }
    if smaller {
        let kib = form.amount("size").unwrap_or(0);
        let end = text::bytes(kib.saturating_mul(1024));
        said(
            form,
            Tone::Bad,
            format!("CUT OFF: all that lies behind {end}."),
        );
    }
    for line in &wanted.seen.guest {
        let words = format!("The guest: {}", text::visible(line));
        said(form, Tone::Dim, words);
    }
    if !smaller {
        said(
            form,
            Tone::Dim,
            "The guest sees a larger disk at once; its partitions and file systems grow by its own tools. What it has of it then stands below the disks.",
        );
    }
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let kib = form
        .amount("size")
        .ok_or_else(|| Wrong::at("size", "A size is missing."))?;
    let bytes = kib.saturating_mul(1024);
    if now(wanted) == Some(bytes) {
        return Err(Wrong::at("size", "That is what it has."));
    }
    let shrink = shrinks(form, wanted);
    if shrink && form.text("sure") != wanted.disk.target {
        let why = format!("Type {} to have it cut off.", wanted.disk.target);
        return Err(Wrong::at("sure", why));
    }
    Ok(DomainVerb::Disk(DiskVerb::Resize {
        target: wanted.disk.target.clone(),
        bytes: Some(bytes),
        shrink,
    }))
}
