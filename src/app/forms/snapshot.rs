//! Snapshots: taking one of a domain or of all marked ones, and describing one otherwise.

use std::sync::Arc;

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Page, Purpose, State, Submitted, Sweep, Tone, Wrong,
    actions,
};
use crate::model::{DomainId, Snapshot, SnapshotKind};
use crate::protocol::{
    Answer, DiskPart, DomainSnapshots, DomainVerb, Failure, JobId, NewSnapshot, SnapshotEdit, Verb,
};
use crate::snapshots as rules;
use crate::text;

/// What is known of a domain when a form about its snapshots is open; it plays no part in telling forms apart.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The worker's request for it.
    pub job: Option<JobId>,
    /// What it told.
    pub facts: Option<Arc<DomainSnapshots>>,
}

impl PartialEq for Ground {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Ground {}

/// A form about the snapshots of domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// The domains.
    pub ids: Vec<DomainId>,
    /// What is known of a single one.
    pub ground: Ground,
}

/// A form about one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The domain.
    pub id: DomainId,
    /// Its exact name.
    pub name: String,
}

/// What stands before the target in the key of a disk's field.
const DISK: &str = "disk ";

/// Opens the form to take one. What the domain is like is asked where the page of its snapshots does not know it.
pub fn open_take(state: &mut State, ids: Vec<DomainId>, effects: &mut Vec<Effect>) {
    let title = match ids.as_slice() {
        [id] => {
            let guest = state.guest(*id);
            let name = guest.map_or_else(String::new, |guest| {
                text::visible(&guest.domain.name).into_owned()
            });
            format!("Take a snapshot of {name}")
        }
        ids => format!("Take a snapshot of {} domains", ids.len()),
    };
    let ground = match ids.as_slice() {
        [id] => ground(state, *id, effects),
        _ => Ground::default(),
    };
    let known = ground.facts.clone();
    let fields = fields(known.as_deref());
    let single = ids.len() == 1;
    let mut form = Form::new(
        FormUse::Snapshot(Take { ids, ground }),
        title,
        Action::SnapshotCreate.row().label,
        fields,
    );
    if !single {
        form.lead = vec![(
            Tone::Normal,
            "One snapshot of this name of each; a list tells what came of them, and takes all back by one key.".to_owned(),
        )];
    } else if known.is_none() {
        form.hold = Some("It is still looked at what the domain is like.".to_owned());
    }
    form.open(state);
}

/// What the page of snapshots knows of a domain; else it is asked.
pub fn ground(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) -> Ground {
    if let Page::Snapshots(page) = state.page()
        && page.id == id
        && let Some(read) = page.read()
    {
        return Ground {
            job: None,
            facts: Some(Arc::new(read.clone())),
        };
    }
    let verb = Verb::ReadSnapshots(id.uuid, None);
    Ground {
        job: Some(state.ask(id, Purpose::Read, verb, effects)),
        facts: None,
    }
}

/// The worker's answer to [`ground`].
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| {
        let ground = match use_ {
            FormUse::Snapshot(take) => &take.ground,
            FormUse::Backup(backup) => &backup.ground,
            FormUse::Checkpoint(checkpoint) => &checkpoint.ground,
            _ => return false,
        };
        ground.job == Some(job)
    };
    let Some(form) = state.form_mut(is) else {
        return;
    };
    match result {
        Ok(Answer::Snapshots(Some(read))) => {
            form.hold = None;
            let facts = Arc::new((**read).clone());
            let fields = match &mut form.use_ {
                FormUse::Snapshot(take) => {
                    take.ground.facts = Some(Arc::clone(&facts));
                    fields(Some(&facts))
                }
                FormUse::Backup(backup) => {
                    backup.ground.facts = Some(Arc::clone(&facts));
                    super::backup::fields(&facts)
                }
                FormUse::Checkpoint(checkpoint) => {
                    checkpoint.ground.facts = Some(Arc::clone(&facts));
                    super::checkpoint::fields(&facts)
                }
                _ => return,
            };
            form.replace_fields(fields);
        }
        Ok(_) => return,
        Err(failure) => {
            let said = text::visible(&failure.to_string()).into_owned();
            form.error = Some(said.clone());
            form.hold = Some(said);
        }
    }
    state.refresh_form(is);
}

fn fields(facts: Option<&DomainSnapshots>) -> Vec<Field> {
    let kinds = vec![
        FieldOption::new("internal", "within the disks (internal)"),
        FieldOption::new("external", "new files above the disks (external)"),
    ];
    let inside = facts.is_none_or(|facts| rules::no_internal(facts).is_none());
    let mut fields = vec![
        Field::text("name", "Name", "").help("Left empty, libvirt takes the time."),
        Field::text("description", "Description", ""),
        Field::choice("kind", "Where", kinds, if inside { "internal" } else { "external" }).help(
            "Internal ones need qcow2 and can be gone back to; external ones work with every format.",
        ),
        Field::check("memory", "With the memory of the guest", false)
            .help("It stands still while that is written, and can go on from that very moment."),
        Field::text("memory-file", "File for it on the host", "").help("It must not be there yet."),
        Field::check("live", "Let the guest run meanwhile", false)
            .help("Takes longer and more room: what it writes meanwhile is written again."),
        Field::check("quiesce", "Freeze its file systems", false)
            .help("The guest agent has all of them written out, and holds them for the moment."),
        Field::check("atomic", "All disks or none", true),
    ];
    let Some(facts) = facts else {
        return fields;
    };
    let disks = facts.disks.iter().filter(|disk| {
        matches!(disk.device.as_str(), "disk" | "lun") && !disk.readonly && !disk.layers.is_empty()
    });
    for disk in disks {
        let layer = disk.layers.first();
        let source = layer.map_or("", |layer| layer.source.as_str());
        let field =
            Field::check(&format!("{DISK}{}", disk.target), &disk.target, true).note(source);
        fields.push(
            field.help("A disk that is left out stays as it is, and cannot be gone back to."),
        );
    }
    fields
}

fn wanted(form: &Form) -> NewSnapshot {
    let some = |key: &str| Some(form.text(key).to_owned()).filter(|text| !text.is_empty());
    let external = form.text("kind") == "external";
    let memory = external && form.checked("memory");
    let left_out = form
        .fields
        .iter()
        .filter(|field| !field.hidden && field.kind == crate::app::FieldKind::Check(false))
        .filter_map(|field| field.key.strip_prefix(DISK));
    NewSnapshot {
        name: some("name"),
        description: some("description"),
        disk_only: external && !memory,
        memory_file: memory.then(|| form.text("memory-file").to_owned()),
        disks: left_out
            .map(|target| (target.to_owned(), DiskPart::No))
            .collect(),
        live: memory && form.checked("live"),
        quiesce: form.checked("quiesce"),
        atomic: external && form.checked("atomic"),
        ..NewSnapshot::default()
    }
}

/// Hides what plays no part, writes what it costs and the command.
pub fn changed(state: &State, form: &mut Form, take: &Take) {
    let external = form.text("kind") == "external";
    let facts = take.ground.facts.as_deref();
    let active = facts.is_some_and(|facts| facts.active);
    form.show("memory", external && active);
    let memory = external && active && form.checked("memory");
    if memory
        && form.text("memory-file").is_empty()
        && let Some(file) = facts.and_then(|facts| beside(facts, form.text("name")))
        && let Some(field) = form.field_mut("memory-file")
    {
        field.note = format!("such as {file}");
    }
    form.show("memory-file", memory);
    form.show("live", memory);
    let freezes = facts.is_none_or(|facts| facts.active && facts.agent == Some(true));
    form.show("quiesce", external && !memory && freezes);
    form.show("atomic", external);
    let disks: Vec<String> = form
        .fields
        .iter()
        .filter(|field| field.key.starts_with(DISK))
        .map(|field| field.key.clone())
        .collect();
    for key in &disks {
        form.show(key, external && disks.len() > 1);
    }
    let wanted = wanted(form);
    form.preview.clear();
    if let Some(facts) = facts {
        match rules::no_create(facts, &wanted) {
            Some(why) => form
                .preview
                .push((Tone::Bad, format!("Not possible: {why}."))),
            None => form.preview.extend(
                rules::costs(facts, &wanted)
                    .into_iter()
                    .map(|said| (Tone::Normal, said)),
            ),
        }
    }
    let verb = DomainVerb::SnapshotCreate(wanted);
    let line = take.ids.first().and_then(|id| {
        let uri = state.connection(id.connection)?.uri();
        actions::line(&verb, uri, state.guest(*id)?, *id)
    });
    form.command = line.map(|line| match take.ids.len() {
        1 => line,
        count => format!("{line}   and so for each of the {count}"),
    });
}

/// A file beside the first disk, for the memory.
fn beside(facts: &DomainSnapshots, name: &str) -> Option<String> {
    let disk = facts.disks.iter().find(|disk| disk.device == "disk")?;
    let (folder, file) = disk.layers.first()?.source.rsplit_once('/')?;
    let stem = file.split('.').next().unwrap_or(file);
    let name = if name.is_empty() { "memory" } else { name };
    Some(format!("{folder}/{stem}.{name}.mem"))
}

/// Takes it; of several domains a page tells what came of each.
pub fn submit(state: &mut State, form: &Form, take: &Take, effects: &mut Vec<Effect>) -> Submitted {
    let wanted = wanted(form);
    if wanted.memory_file.as_deref() == Some("") {
        return Submitted::Refused(vec![Wrong::at(
            "memory-file",
            "A path on the host is missing.",
        )]);
    }
    if let Some(facts) = take.ground.facts.as_deref()
        && let Some(why) = rules::no_create(facts, &wanted)
    {
        let about_name = wanted.name.as_ref().is_some_and(|name| {
            name.contains('/')
                || name.starts_with('.')
                || facts.snapshots.iter().any(|one| one.name == *name)
        });
        let wrong = match about_name {
            true => Wrong::at("name", format!("{why}.")),
            false => Wrong::whole(format!("{why}.")),
        };
        return Submitted::Refused(vec![wrong]);
    }
    let verb = DomainVerb::SnapshotCreate(wanted.clone());
    if let [id] = take.ids.as_slice() {
        return match actions::begun(state, Action::SnapshotCreate, verb, *id, effects) {
            Ok(job) => Submitted::Waiting(job),
            Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
        };
    }
    let Some(name) = wanted.name else {
        return Submitted::Refused(vec![Wrong::at(
            "name",
            "All of them get this name, by which they are taken back together.",
        )]);
    };
    let mut sweep = Sweep::new(name);
    for id in &take.ids {
        let begun = actions::begun(state, Action::SnapshotCreate, verb.clone(), *id, effects);
        sweep.note(*id, begun);
    }
    state.pages.push(Page::Sweep(Box::new(sweep)));
    Submitted::Done
}

/// Opens the form to describe a snapshot otherwise.
pub fn open_edit(state: &mut State, id: DomainId, snapshot: &Snapshot) {
    let mut fields = Vec::new();
    if snapshot.kind == SnapshotKind::External {
        fields.push(
            Field::text("name", "Name", &snapshot.name)
                .help("Only libvirt's own name of it changes; its files keep theirs."),
        );
    }
    let description = snapshot.description.as_deref().unwrap_or_default();
    fields.push(Field::text("description", "Description", description));
    let use_ = FormUse::SnapshotEdit(Edit {
        id,
        name: snapshot.name.clone(),
    });
    let title = format!("Edit the snapshot {}", text::visible(&snapshot.name));
    let mut form = Form::new(use_, title, "Save", fields);
    if snapshot.kind != SnapshotKind::External {
        form.lead = vec![(
            Tone::Dim,
            "It is written into the files of its disks by its name, which stays.".to_owned(),
        )];
    }
    form.open(state);
}

fn edited(form: &Form, edit: &Edit) -> SnapshotEdit {
    let rename = form.field("name").map(|field| field.value().to_owned());
    SnapshotEdit {
        name: edit.name.clone(),
        rename: rename.filter(|name| *name != edit.name),
        description: Some(form.text("description").to_owned()),
    }
}

/// Writes the command.
pub fn edit_changed(state: &State, form: &mut Form, edit: &Edit) {
    let verb = DomainVerb::SnapshotEdit(edited(form, edit));
    form.command = state.guest(edit.id).and_then(|guest| {
        let uri = state.connection(edit.id.connection)?.uri();
        actions::line(&verb, uri, guest, edit.id)
    });
}

/// Has libvirt remember it so.
pub fn submit_edit(
    state: &mut State,
    form: &Form,
    edit: &Edit,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let wanted = edited(form, edit);
    if wanted.rename.as_deref() == Some("") {
        return Submitted::Refused(vec![Wrong::at("name", "A name is missing.")]);
    }
    let verb = DomainVerb::SnapshotEdit(wanted);
    match actions::begun(state, Action::SnapshotEdit, verb, edit.id, effects) {
        Ok(job) => Submitted::Waiting(job),
        Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
    }
}
