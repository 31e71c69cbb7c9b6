//! The medium of a drive.

use super::{DiskForm, affect, said, volumes};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::protocol::{DiskVerb, DomainVerb, Medium};
use crate::text;

pub(super) fn fields(wanted: &DiskForm, places: Field) -> Vec<Field> {
    let is_empty = wanted.disk.layers.is_empty();
    let mut options = vec![FieldOption::new("put", "put one in")];
    if !is_empty {
        options.insert(0, FieldOption::new("eject", "eject it"));
    }
    let mut paths: Vec<String> = volumes(wanted).map(|volume| volume.path.clone()).collect();
    // Images of discs first.
    paths.sort_by_key(|path| !path.to_lowercase().ends_with(".iso"));
    let mut fields = vec![
        Field::choice("what", "Medium", options, ""),
        Field::text("source", "Image", "").offer(paths).help(
            "A path on the host, or a device; Tab completes volumes of its pools, discs first.",
        ),
        Field::check("force", "Open a locked tray", false)
            .help("The guest loses what it has open on the medium."),
        places,
    ];
    if is_empty {
        fields.remove(2);
    }
    fields
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    form.show("source", form.text("what") == "put");
    match wanted.disk.layers.first() {
        Some(layer) => {
            let words = format!("In it is {}.", text::visible(&layer.source));
            said(form, Tone::Normal, words);
        }
        None => said(form, Tone::Normal, "It is empty."),
    }
    if form.checked("force") {
        said(
            form,
            Tone::Warn,
            "The tray opens although the guest has locked it.",
        );
    }
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    let source = form.text("source").to_owned();
    let medium = match form.text("what") {
        "eject" => Medium::Eject,
        _ if source.is_empty() => {
            return Err(Wrong::at("source", "An image or device is missing."));
        }
        _ if wanted.disk.layers.is_empty() => Medium::Insert(source),
        _ => Medium::Update(source),
    };
    Ok(DomainVerb::Disk(DiskVerb::Media {
        target: wanted.disk.target.clone(),
        medium,
        force: form.checked("force"),
        affect: affect(form),
    }))
}
