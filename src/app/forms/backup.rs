//! Writing a backup of a running domain's disks.

use chrono::{DateTime, Local};

use super::snapshot::{Ground, ground};
use crate::action::Action;
use crate::app::{
    Effect, Field, FieldKind, FieldOption, Form, FormUse, State, Submitted, Tone, Wrong, actions,
};
use crate::model::DomainId;
use crate::protocol::{Backup as Wanted, DomainSnapshots, DomainVerb};
use crate::snapshots as rules;
use crate::text;

/// A form about a backup of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The domain.
    pub id: DomainId,
    /// What is known of it.
    pub ground: Ground,
}

/// What stands before the target in the key of a disk's field.
const DISK: &str = "disk ";

/// Opens the form; a checkpoint may be given to begin with.
pub fn open(state: &mut State, id: DomainId, since: Option<&str>, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let title = format!("Back up the disks of {}", text::visible(&guest.domain.name));
    let ground = ground(state, id, effects);
    let known = ground.facts.clone();
    let mut fields = known.as_deref().map_or_else(Vec::new, fields);
    if let Some(FieldKind::Choice { options, chosen }) = fields
        .iter_mut()
        .find(|field| field.key == "since")
        .map(|field| &mut field.kind)
    {
        let wanted = options
            .iter()
            .position(|one| Some(one.word.as_str()) == since);
        *chosen = wanted.unwrap_or(*chosen);
    }
    let use_ = FormUse::Backup(Backup { id, ground });
    let mut form = Form::new(use_, title, Action::Backup.row().label, fields);
    if known.is_none() {
        form.hold = Some("It is still looked at what the domain is like.".to_owned());
    }
    form.open(state);
}

/// The fields for what is known of a domain.
pub fn fields(facts: &DomainSnapshots) -> Vec<Field> {
    let written: Vec<_> = facts
        .disks
        .iter()
        .filter(|disk| {
            matches!(disk.device.as_str(), "disk" | "lun")
                && !disk.readonly
                && !disk.layers.is_empty()
        })
        .collect();
    let folder = written
        .iter()
        .find_map(|disk| disk.layers.first()?.source.rsplit_once('/'))
        .map_or("", |(folder, _)| folder);
    let mut since = vec![FieldOption::new("", "all of it (full)")];
    for checkpoint in facts.checkpoints.iter().flatten().rev() {
        let label = format!("what was written since {}", checkpoint.name);
        since.push(FieldOption::new(&checkpoint.name, &label));
    }
    let formats = vec![FieldOption::plain("qcow2"), FieldOption::plain("raw")];
    let mut fields = vec![
        Field::text("dir", "Folder on the host", folder)
            .help("The files in it are named by domain, disk and time; none is written over."),
        Field::choice("since", "What", since, "").help(
            "A part is worth something on top of the earlier backup that began its checkpoint.",
        ),
        Field::choice("format", "Format", formats, "qcow2"),
        Field::text("checkpoint", "Begin the checkpoint", "")
            .help("Named here, the next backup can be of what is written from now on alone."),
    ];
    for disk in written {
        let layer = disk.layers.first();
        let source = layer.map_or("", |layer| layer.source.as_str());
        fields
            .push(Field::check(&format!("{DISK}{}", disk.target), &disk.target, true).note(source));
    }
    fields
}

fn wanted(state: &State, form: &Form, backup: &Backup) -> Result<Wanted, String> {
    let some = |key: &str| Some(form.text(key).to_owned()).filter(|text| !text.is_empty());
    let ticked = form
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Check(true));
    let mut wanted = Wanted {
        disks: ticked
            .filter_map(|field| field.key.strip_prefix(DISK))
            .map(|target| (target.to_owned(), String::new()))
            .collect(),
        dir: some("dir"),
        format: form.text("format").to_owned(),
        incremental: some("since"),
        checkpoint: some("checkpoint"),
        wait: true,
    };
    if wanted.disks.is_empty() {
        return Err("no disk is chosen".to_owned());
    }
    let name = state
        .guest(backup.id)
        .map_or("", |guest| &guest.domain.name);
    let stamp: DateTime<Local> = state.now.wall.into();
    let stamp = stamp.format("%Y%m%d-%H%M%S").to_string();
    rules::settle(&mut wanted, name, &[], &stamp)?;
    Ok(wanted)
}

/// Writes where it goes, what it is worth and the command.
pub fn changed(state: &State, form: &mut Form, backup: &Backup) {
    form.show("format", form.text("since").is_empty());
    if !form.text("since").is_empty()
        && let Some(FieldKind::Choice { chosen, .. }) =
            form.field_mut("format").map(|field| &mut field.kind)
    {
        *chosen = 0;
    }
    form.preview.clear();
    form.command = None;
    let Some(facts) = backup.ground.facts.as_deref() else {
        return;
    };
    match wanted(state, form, backup) {
        Err(why) => form
            .preview
            .push((Tone::Bad, format!("Not possible: {why}."))),
        Ok(wanted) => {
            if let Some(why) = rules::no_backup(facts, &wanted) {
                form.preview
                    .push((Tone::Bad, format!("Not possible: {why}.")));
            }
            let files = wanted.disks.iter();
            form.preview.extend(
                files.map(|(target, file)| (Tone::Normal, format!("{target} goes to {file}"))),
            );
            form.preview.push((
                Tone::Normal,
                "The guest runs on; the files hold its disks as they are at the beginning. J shows how far it is and gives it up; \
                 what is written until then is deleted."
                    .to_owned(),
            ));
            if let Some(since) = &wanted.incremental {
                form.preview.push((
                    Tone::Normal,
                    format!(
                        "To be of use, it is put on top of the backup that began '{since}': qemu-img rebase -u -b EARLIER -F qcow2 THIS."
                    ),
                ));
            }
            let verb = DomainVerb::Backup(Box::new(wanted));
            form.command = state.guest(backup.id).and_then(|guest| {
                let uri = state.connection(backup.id.connection)?.uri();
                actions::line(&verb, uri, guest, backup.id)
            });
        }
    }
}

/// Begins it; what came of it is told when it has ended.
pub fn submit(
    state: &mut State,
    form: &Form,
    backup: &Backup,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let wanted = match wanted(state, form, backup) {
        Ok(wanted) => wanted,
        Err(why) => return Submitted::Refused(vec![Wrong::whole(format!("{why}."))]),
    };
    if let Some(facts) = backup.ground.facts.as_deref()
        && let Some(why) = rules::no_backup(facts, &wanted)
    {
        return Submitted::Refused(vec![Wrong::whole(format!("{why}."))]);
    }
    let verb = DomainVerb::Backup(Box::new(wanted));
    match actions::begun(state, Action::Backup, verb, backup.id, effects) {
        Ok(_) => Submitted::Done,
        Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
    }
}
