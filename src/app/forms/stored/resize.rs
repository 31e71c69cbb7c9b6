//! Another size of a volume that no guest has open.

use super::{StoredForm, said, said_of_room};
use crate::app::{Field, Form, Tone, Wrong};
use crate::protocol::{StorageVerb, VolumeVerb};
use crate::text;

/// The largest size, in KiB: what libvirt counts in bytes.
const MOST_KIB: u64 = u64::MAX / 1024;

fn now(wanted: &StoredForm) -> Option<u64> {
    wanted.volume.as_ref()?.capacity_bytes
}

fn is_raw(wanted: &StoredForm) -> bool {
    let format = wanted
        .volume
        .as_ref()
        .and_then(|volume| volume.format.as_deref());
    format.is_none_or(|format| format == "raw")
}

pub(super) fn fields(wanted: &StoredForm) -> Vec<Field> {
    let kib = now(wanted).map(|bytes| bytes / 1024);
    vec![
        Field::size("size", "Size", kib, 1..=MOST_KIB)
            .help("With its unit, as 40G; what is in it grows by the guest's own tools."),
        Field::check("allocate", "Room at once", false)
            .help("What is added is given room now, not when it is written."),
        Field::text("sure", "Type its name", "")
            .help("What lies behind the new end is lost for good, and no file system survives that without being made smaller first."),
    ]
}

fn bytes(form: &Form) -> Option<u64> {
    form.amount("size").map(|kib| kib.saturating_mul(1024))
}

/// Whether it would get smaller.
fn shrinks(form: &Form, wanted: &StoredForm) -> bool {
    let pair = now(wanted).zip(bytes(form));
    pair.is_some_and(|(now, bytes)| bytes < now)
}

pub(super) fn changed(form: &mut Form, wanted: &StoredForm) {
    let smaller = shrinks(form, wanted);
    form.show("sure", smaller);
    form.show("allocate", is_raw(wanted) && !smaller);
    if let Some(now) = now(wanted) {
        said(
            form,
            Tone::Normal,
            format!("It has {} now.", text::bytes(now)),
        );
    }
    if smaller {
        let end = text::bytes(bytes(form).unwrap_or(0));
        said(
            form,
            Tone::Bad,
            format!("CUT OFF: all that lies behind {end}."),
        );
        return;
    }
    let more = now(wanted)
        .zip(bytes(form))
        .map(|(now, bytes)| bytes.saturating_sub(now));
    let name = wanted.pool.name.clone();
    said_of_room(form, &name, wanted.pool.available_bytes, more);
}

pub(super) fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    let bytes = bytes(form).ok_or_else(|| Wrong::at("size", "A size is missing."))?;
    if now(wanted) == Some(bytes) {
        return Err(Wrong::at("size", "That is what it has."));
    }
    let shrink = shrinks(form, wanted);
    let taken = wanted
        .volume
        .as_ref()
        .and_then(|volume| volume.allocation_bytes);
    if let Some(taken) = taken.filter(|taken| shrink && bytes < *taken) {
        let why = format!(
            "It takes up {}, and libvirt makes no volume smaller than that.",
            text::bytes(taken)
        );
        return Err(Wrong::at("size", why));
    }
    let name = wanted.volume.as_ref().map_or("", |volume| &volume.name);
    // A name that cannot be typed is typed as it is shown.
    let typed = form.text("sure");
    if shrink && typed != name && typed != text::visible(name) {
        let why = format!("Type {} to have it cut off.", text::visible(name));
        return Err(Wrong::at("sure", why));
    }
    Ok(StorageVerb::Volume(
        wanted.name(),
        VolumeVerb::Resize {
            bytes,
            delta: false,
            shrink,
            allocate: form.checked("allocate"),
        },
    ))
}
