//! A volume that is fetched into a file of this machine.

use super::{StoredForm, said, typed_path};
use crate::app::{Field, Form, Tone, Wrong};
use crate::protocol::{StorageVerb, Transfer, VolumeVerb};
use crate::text;

pub(super) fn fields(_: &StoredForm) -> Vec<Field> {
    vec![
        Field::text("file", "File", "")
            .help("A whole path on this machine. It has its name when all of it is there; one that is there already stays."),
        Field::check("sparse", "Leave out holes", true)
            .help("What was never written is not sent, and takes no room in the file."),
    ]
}

pub(super) fn changed(form: &mut Form, wanted: &StoredForm) {
    let Some(volume) = &wanted.volume else { return };
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), text::bytes);
    let words = format!(
        "{}, {} as a file, {} of it on disk",
        volume.format.as_deref().unwrap_or("raw"),
        size(volume.physical_bytes.or(volume.capacity_bytes)),
        size(volume.allocation_bytes)
    );
    said(form, Tone::Normal, words);
    if let Some(base) = &volume.backing {
        let words = format!(
            "It is nothing without what it is based on ({}), which is not fetched.",
            text::visible(base)
        );
        said(form, Tone::Warn, words);
    }
    said(
        form,
        Tone::Dim,
        "It goes on when this page is left, and is among the jobs (J), where K gives it up.",
    );
}

pub(super) fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    let transfer = Transfer {
        file: typed_path(form, "file")?,
        sparse: form.checked("sparse"),
        ..Transfer::default()
    };
    Ok(StorageVerb::Volume(
        wanted.name(),
        VolumeVerb::Download(transfer),
    ))
}
