//! A file of this machine that becomes a volume, or overwrites one.

use super::{StoredForm, said, said_of_room, typed_name, typed_path};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::protocol::{StorageVerb, Transfer, VolumeVerb};
use crate::text;

pub(super) fn fields(wanted: &StoredForm) -> Vec<Field> {
    let mut into = vec![FieldOption::new("new", "a new volume")];
    if let Some(volume) = &wanted.volume {
        let label = format!("over {}", volume.name);
        into.push(FieldOption::new("over", &label));
    }
    vec![
        Field::text("file", "File", "").help("A whole path on this machine."),
        Field::choice("into", "Into", into, "new"),
        Field::text("name", "Name", "").help("Left empty, it is called as the file is."),
        Field::check("sparse", "Leave out holes", true)
            .help("What holds only zeros is not sent, and takes no room in the pool."),
    ]
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

pub(super) fn changed(form: &mut Form, wanted: &StoredForm) {
    let new = form.text("into") == "new";
    form.show("name", new);
    form.show("sparse", new);
    if let (false, Some(volume)) = (new, &wanted.volume) {
        let words = format!("OVERWRITTEN: {}", text::visible(&volume.path));
        said(form, Tone::Bad, words);
        said(
            form,
            Tone::Dim,
            "Not while a domain runs on it or another volume is based on it.",
        );
        return;
    }
    if form.text("name").is_empty() && !last(form.text("file")).is_empty() {
        let name = text::visible(last(form.text("file"))).into_owned();
        said(form, Tone::Normal, format!("It will be called {name}."));
    }
    let name = wanted.pool.name.clone();
    said_of_room(form, &name, wanted.pool.available_bytes, None);
    said(
        form,
        Tone::Dim,
        "It gets its name when all of it is there. It goes on when this page is left, and is among the jobs (J), where K gives it up.",
    );
}

pub(super) fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    let file = typed_path(form, "file")?;
    if form.text("into") == "over" {
        let transfer = Transfer {
            file,
            ..Transfer::default()
        };
        return Ok(StorageVerb::Volume(
            wanted.name(),
            VolumeVerb::Upload(transfer),
        ));
    }
    let name = match form.text("name") {
        "" => last(&file).to_owned(),
        _ => typed_name(form, "name")?,
    };
    let transfer = Transfer {
        file,
        sparse: form.checked("sparse"),
        ..Transfer::default()
    };
    Ok(StorageVerb::Volume(
        wanted.new_name(&name),
        VolumeVerb::Import(transfer),
    ))
}
