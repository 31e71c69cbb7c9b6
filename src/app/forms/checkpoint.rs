//! Taking a checkpoint of a running domain.

use super::snapshot::{Ground, ground};
use crate::action::Action;
use crate::app::{Effect, Field, FieldKind, Form, FormUse, State, Submitted, Tone, Wrong, actions};
use crate::model::DomainId;
use crate::protocol::{DomainSnapshots, DomainVerb, NewCheckpoint};
use crate::snapshots as rules;
use crate::text;

/// A form about a new checkpoint of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The domain.
    pub id: DomainId,
    /// What is known of it.
    pub ground: Ground,
}

/// What stands before the target in the key of a disk's field.
const DISK: &str = "disk ";

/// Opens the form.
pub fn open(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let title = format!("Take a checkpoint of {}", text::visible(&guest.domain.name));
    let ground = ground(state, id, effects);
    let known = ground.facts.clone();
    let fields = known.as_deref().map_or_else(Vec::new, fields);
    let use_ = FormUse::Checkpoint(Checkpoint { id, ground });
    let mut form = Form::new(use_, title, Action::CheckpointCreate.row().label, fields);
    form.lead = vec![(
        Tone::Dim,
        "QEMU notes from now on what the guest writes; a backup (A) can be of that alone then."
            .to_owned(),
    )];
    if known.is_none() {
        form.hold = Some("It is still looked at what the domain is like.".to_owned());
    }
    form.open(state);
}

/// The fields for what is known of a domain.
pub fn fields(facts: &DomainSnapshots) -> Vec<Field> {
    let mut fields = vec![
        Field::text("name", "Name", "").help("Left empty, libvirt takes the time."),
        Field::text("description", "Description", ""),
    ];
    if facts.agent == Some(true) {
        fields.push(Field::check("quiesce", "Freeze its file systems", false));
    }
    let disks = facts
        .disks
        .iter()
        .filter(|disk| disk.device == "disk" && !disk.readonly && !disk.layers.is_empty());
    for disk in disks {
        let layer = disk.layers.first();
        let format = layer
            .and_then(|layer| layer.format.as_deref())
            .unwrap_or("raw");
        let mut field = Field::check(&format!("{DISK}{}", disk.target), &disk.target, true);
        field.note = layer.map_or_else(String::new, |layer| layer.source.clone());
        if format != "qcow2" {
            field = Field::heading(&format!("    {}", disk.target));
            field.note = format!("is {format}: only qcow2 notes what is written");
        }
        fields.push(field);
    }
    fields
}

fn wanted(form: &Form) -> NewCheckpoint {
    let some = |key: &str| Some(form.text(key).to_owned()).filter(|text| !text.is_empty());
    let ticked = form
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Check(true));
    NewCheckpoint {
        name: some("name"),
        description: some("description"),
        disks: ticked
            .filter_map(|field| field.key.strip_prefix(DISK))
            .map(str::to_owned)
            .collect(),
        quiesce: form.checked("quiesce"),
    }
}

fn refusal(checkpoint: &Checkpoint, wanted: &NewCheckpoint) -> Option<String> {
    let facts = checkpoint.ground.facts.as_deref()?;
    if wanted.disks.is_empty() && rules::no_checkpoint(facts, wanted).is_none() {
        return Some("no disk is chosen".to_owned());
    }
    rules::no_checkpoint(facts, wanted)
}

/// Writes what speaks against it, and the command.
pub fn changed(state: &State, form: &mut Form, checkpoint: &Checkpoint) {
    let wanted = wanted(form);
    let why = refusal(checkpoint, &wanted);
    form.preview = why
        .map(|why| (Tone::Bad, format!("Not possible: {why}.")))
        .into_iter()
        .collect();
    let verb = DomainVerb::CheckpointCreate(wanted);
    form.command = state.guest(checkpoint.id).and_then(|guest| {
        let uri = state.connection(checkpoint.id.connection)?.uri();
        actions::line(&verb, uri, guest, checkpoint.id)
    });
}

/// Takes it.
pub fn submit(
    state: &mut State,
    form: &Form,
    checkpoint: &Checkpoint,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let wanted = wanted(form);
    if let Some(why) = refusal(checkpoint, &wanted) {
        return Submitted::Refused(vec![Wrong::whole(format!("{why}."))]);
    }
    let verb = DomainVerb::CheckpointCreate(wanted);
    match actions::begun(
        state,
        Action::CheckpointCreate,
        verb,
        checkpoint.id,
        effects,
    ) {
        Ok(job) => Submitted::Waiting(job),
        Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
    }
}
