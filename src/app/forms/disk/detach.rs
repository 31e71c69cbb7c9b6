//! Pulling a disk or a drive out of a domain.

use super::{DiskForm, affect, said};
use crate::app::{Field, Form, Tone};
use crate::protocol::{DiskVerb, DomainVerb};
use crate::text;

pub(super) fn fields(places: Field) -> Vec<Field> {
    vec![places]
}

pub(super) fn changed(form: &mut Form, wanted: &DiskForm) {
    form.preview.clear();
    match wanted.disk.layers.first() {
        Some(layer) => {
            let words = format!("{} stays as it is.", text::visible(&layer.source));
            said(form, Tone::Normal, words);
        }
        None => said(form, Tone::Normal, "There is no medium in it."),
    }
    for line in &wanted.seen.guest {
        let words = format!("The guest has on it: {}", text::visible(line));
        said(form, Tone::Warn, words);
    }
    if form.text("where") != "config" {
        let words = "The guest is asked to let it go, and one that does not answer keeps it.";
        said(form, Tone::Dim, words);
    }
}

pub(super) fn verb(form: &Form, wanted: &DiskForm) -> DomainVerb {
    DomainVerb::Disk(DiskVerb::Detach(wanted.disk.target.clone(), affect(form)))
}
