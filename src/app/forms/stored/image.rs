//! A volume made of the disc in a drive, or of any block device or image of this machine.

use super::{StoredForm, said, said_of_room, typed_name, typed_path};
use crate::app::{Field, FieldOption, Form, Tone, Wrong};
use crate::protocol::{Drive, StorageVerb, Transfer, VolumeVerb};
use crate::text;

/// The choice of a path that is typed.
const OTHER: &str = "";

fn drives(wanted: &StoredForm) -> impl Iterator<Item = &Drive> {
    let known = wanted.drives.iter().flatten();
    known.flat_map(|drives| drives.iter())
}

/// What a drive is, in a line.
fn label(drive: &Drive) -> String {
    let mut parts = vec![drive.path.clone()];
    parts.extend(drive.model.clone());
    parts.push(match (&drive.disc, drive.has_medium, drive.bytes) {
        (Some(disc), ..) if disc.label.is_empty() => "a disc".to_owned(),
        (Some(disc), ..) => disc.label.clone(),
        (None, Some(false), _) => "empty".to_owned(),
        (None, _, Some(bytes)) => text::bytes(bytes),
        (None, _, None) => drive.kind.clone().unwrap_or_default(),
    });
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

pub(super) fn fields(wanted: &StoredForm) -> Vec<Field> {
    let mut options: Vec<FieldOption> = drives(wanted)
        .map(|drive| FieldOption::new(&drive.path, &label(drive)))
        .collect();
    options.push(FieldOption::new(OTHER, "a path of one's own"));
    let amounts = vec![
        FieldOption::new("disc", "the disc, as long as it says (ISO 9660)"),
        FieldOption::new("all", "all that can be read"),
    ];
    let mut fields = vec![
        Field::choice("drive", "Drive", options, OTHER_OR_FIRST),
        Field::text("file", "Path", "").help("A block device or an image on this machine, such as /dev/sr0."),
        Field::choice("amount", "How much", amounts, "disc").help(
            "A drive may be longer than the disc in it, and a burnt disc cannot be read behind its end. Without such a file system all is read.",
        ),
        Field::text("name", "Name", "").help("Such as debian.iso."),
    ];
    if !matches!(wanted.drives, Some(Ok(_))) {
        // Which drives there are is not known.
        fields.remove(0);
    }
    fields
}

/// No option has this word, so that the first is chosen.
const OTHER_OR_FIRST: &str = "-";

/// The drive that is chosen; `None` for a path of one's own.
fn chosen<'a>(form: &Form, wanted: &'a StoredForm) -> Option<&'a Drive> {
    let path = form.text("drive");
    drives(wanted).find(|drive| drive.path == path)
}

pub(super) fn changed(form: &mut Form, wanted: &StoredForm) {
    let drive = chosen(form, wanted);
    form.show("file", drive.is_none());
    // What is no disc can only be read whole.
    form.show("amount", drive.is_none_or(|drive| drive.disc.is_some()));
    match &wanted.drives {
        None => said(
            form,
            Tone::Dim,
            "The drives of the host are still looked at.",
        ),
        Some(Err(why)) => {
            let words = format!("No list of drives: {}.", text::visible(why));
            said(form, Tone::Dim, words);
        }
        Some(Ok(_)) => {}
    }
    let disc = form.text("amount") == "disc";
    let bytes = drive.and_then(|drive| match &drive.disc {
        Some(found) if disc => Some(found.bytes),
        _ => drive.bytes,
    });
    if let Some(drive) = drive {
        let words = match (&drive.disc, drive.bytes) {
            (Some(found), all) => format!(
                "{} is {} long; the drive has {}.",
                if found.label.is_empty() {
                    "The disc".into()
                } else {
                    text::visible(&found.label)
                },
                text::bytes(found.bytes),
                all.map_or_else(|| "–".to_owned(), text::bytes)
            ),
            (None, _) if drive.has_medium == Some(false) => "There is no disc in it.".to_owned(),
            (None, Some(all)) => format!("No disc by ISO 9660: all {} are read.", text::bytes(all)),
            (None, None) => "How long it is shows when it is read.".to_owned(),
        };
        said(form, Tone::Normal, words);
    }
    let name = wanted.pool.name.clone();
    said_of_room(form, &name, wanted.pool.available_bytes, bytes);
    said(
        form,
        Tone::Dim,
        "It is read here and sent to the host; what holds only zeros takes no room. It is among the jobs (J), where K gives it up.",
    );
}

pub(super) fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    let drive = chosen(form, wanted);
    if drive.is_some_and(|drive| drive.has_medium == Some(false)) {
        return Err(Wrong::at("drive", "There is no disc in it."));
    }
    let file = match drive {
        Some(drive) => drive.path.clone(),
        None => typed_path(form, "file")?,
    };
    let has_choice = form.field("amount").is_some_and(|field| !field.hidden);
    let transfer = Transfer {
        file,
        sparse: true,
        disc: has_choice && form.text("amount") == "disc",
        ..Transfer::default()
    };
    let name = typed_name(form, "name")?;
    Ok(StorageVerb::Volume(
        wanted.new_name(&name),
        VolumeVerb::Import(transfer),
    ))
}
