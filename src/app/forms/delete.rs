//! Deleting a domain: all that is in the way of it and all that would go with it, nothing ticked.

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldKind, FieldOption, Form, FormUse, Purpose, State, Submitted, Tone, Wrong,
    actions,
};
use crate::model::DomainId;
use crate::protocol::{
    Answer, DomainVerb, DoomedVolume, Failure, JobId, NvramChoice, Undefine, UndefinePlan, Verb,
};
use crate::text;

/// Which domain, and the question of what is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delete {
    /// The domain.
    pub id: DomainId,
    /// The worker's request.
    job: JobId,
}

/// What stands before the path in the key of a volume's field.
const VOLUME: &str = "volume ";

/// Asks the worker what is in the way, and opens the form when it is told.
pub fn open(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    let Some(guest) = state.guest(id) else {
        return;
    };
    let title = format!("Delete {}", text::visible(&guest.domain.name));
    let job = state.ask(id, Purpose::Read, Verb::ReadUndefine(id.uuid), effects);
    let use_ = FormUse::Delete(Delete { id, job });
    let mut form = Form::new(use_, title, Action::Delete.row().label, Vec::new());
    // What is to be deleted is chosen anew each time.
    form.is_kept = false;
    form.hold = Some("It is still looked at what is in the way.".to_owned());
    form.lead = vec![(Tone::Dim, "Looking at what is in the way…".to_owned())];
    form.open(state);
}

/// The worker's answer.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Delete(delete) if delete.job == job);
    let Some(form) = state.form_mut(is) else {
        return;
    };
    match result {
        Ok(Answer::Undefine(plan)) => {
            form.hold = None;
            fill(form, plan);
        }
        Ok(_) => return,
        Err(failure) => {
            form.lead.clear();
            let said = text::visible(&failure.to_string()).into_owned();
            form.error = Some(said.clone());
            form.hold = Some(said);
        }
    }
    state.refresh_form(is);
}

fn fill(form: &mut Form, plan: &UndefinePlan) {
    form.lead = lead(plan);
    let mut fields = Vec::new();
    let counted = |count: u32, what: &str| match count {
        1 => format!("Forget its {what}"),
        count => format!("Forget its {count} {what}s"),
    };
    if plan.managed_save {
        let field = Field::check("managed-save", "Delete its saved state", false);
        fields.push(field.help("What the guest had in memory when it was saved is lost."));
    }
    if plan.snapshots > 0 {
        let field = Field::check("snapshots", &counted(plan.snapshots, "snapshot"), false);
        fields.push(field.help("libvirt forgets them; their data stay in the disks."));
    }
    if plan.checkpoints > 0 {
        let field = Field::check(
            "checkpoints",
            &counted(plan.checkpoints, "checkpoint"),
            false,
        );
        fields.push(field.help("libvirt forgets them; their bitmaps stay in the disks."));
    }
    if let Some(path) = &plan.nvram {
        let options = vec![
            FieldOption::new("", "not chosen"),
            FieldOption::new("keep", "keep"),
            FieldOption::new("delete", "delete"),
        ];
        let field = Field::choice("nvram", "Variables of its firmware", options, "").note(path);
        fields.push(field.help(
            "UEFI's boot entries and keys; libvirt wants to be told where the file is there.",
        ));
    }
    if !plan.volumes.is_empty() {
        fields.push(Field::heading("Storage to delete with it"));
    }
    for volume in &plan.volumes {
        fields.push(of_volume(volume));
    }
    form.replace_fields(fields);
}

fn lead(plan: &UndefinePlan) -> Vec<(Tone, String)> {
    let words = match (plan.active, plan.persistent) {
        (_, false) => {
            return vec![(
                Tone::Warn,
                "It is transient: it has no definition to delete, and is gone when it is off."
                    .to_owned(),
            )];
        }
        (true, true) => {
            "It is running and goes on as a transient domain: only its definition is deleted now."
        }
        (false, true) => "Its definition is deleted. Storage stays unless it is ticked here.",
    };
    let tone = if plan.active {
        Tone::Warn
    } else {
        Tone::Normal
    };
    vec![(tone, words.to_owned())]
}

fn of_volume(volume: &DoomedVolume) -> Field {
    let mut field = Field::check(
        &format!("{VOLUME}{}", volume.path),
        &format!("{}  {}", volume.target, volume.path),
        false,
    );
    let size = volume.capacity_bytes.map(text::bytes).unwrap_or_default();
    field.note.clone_from(&size);
    if let Some(why) = &volume.refusal {
        field.kind = FieldKind::Heading;
        field.label = format!("    {}  {}", volume.target, volume.path);
        field.note = format!("stays: {why}");
    } else {
        let who = "No other domain or volume of this host needs it.";
        let readonly = if volume.readonly {
            " It is a read-only medium; others may want it later."
        } else {
            ""
        };
        field = field.help(&format!("{who}{readonly}"));
    }
    field
}

/// Writes the command.
pub fn changed(state: &State, form: &mut Form, delete: &Delete) {
    let choice = choice(form);
    let count = choice.volumes.len();
    form.accept = match count {
        0 => "Delete the definition",
        1 => "Delete it and the volume",
        _ => "Delete it and the volumes",
    };
    form.command = state.guest(delete.id).and_then(|guest| {
        let uri = state.connection(delete.id.connection)?.uri();
        actions::line(&DomainVerb::Undefine(choice), uri, guest, delete.id)
    });
}

/// What is ticked.
fn choice(form: &Form) -> Undefine {
    let volumes = form.fields.iter().filter_map(|field| {
        let path = field.key.strip_prefix(VOLUME)?;
        let target = field.label.split("  ").next()?;
        (field.kind == FieldKind::Check(true)).then(|| crate::protocol::DiskVolume {
            target: target.to_owned(),
            path: path.to_owned(),
        })
    });
    Undefine {
        nvram: match form.text("nvram") {
            "delete" => NvramChoice::Delete,
            "keep" => NvramChoice::Keep,
            _ => NvramChoice::Unsaid,
        },
        managed_save: form.checked("managed-save"),
        snapshots_metadata: form.checked("snapshots"),
        checkpoints_metadata: form.checked("checkpoints"),
        volumes: volumes.collect(),
    }
}

/// Asks once more, naming what goes.
pub fn submit(
    state: &mut State,
    form: &Form,
    delete: &Delete,
    _effects: &mut Vec<Effect>,
) -> Submitted {
    if let Some(why) = actions::refusal(state, Action::Delete, delete.id) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    let active = state
        .guest(delete.id)
        .is_some_and(|guest| guest.domain.state.is_active());
    let in_the_way = [
        (
            "managed-save",
            "libvirt keeps the definition while there is a saved state: tick it.",
        ),
        (
            "snapshots",
            "libvirt keeps the definition while it has snapshots: tick it.",
        ),
        (
            "checkpoints",
            "libvirt keeps the definition while it has checkpoints: tick it.",
        ),
    ];
    let mut wrong: Vec<Wrong> = in_the_way
        .into_iter()
        .filter(|(key, _)| form.field(key).is_some() && !form.checked(key))
        // A running domain keeps what it has as a transient one.
        .filter(|(key, _)| !active || *key == "managed-save")
        .map(|(key, why)| Wrong::at(key, why))
        .collect();
    if form.field("nvram").is_some() && form.text("nvram").is_empty() {
        wrong.push(Wrong::at(
            "nvram",
            "Keep or delete: libvirt wants to be told.",
        ));
    }
    if !wrong.is_empty() {
        return Submitted::Refused(wrong);
    }
    actions::confirm(
        state,
        Action::Delete,
        DomainVerb::Undefine(choice(form)),
        delete.id,
    );
    Submitted::Done
}
