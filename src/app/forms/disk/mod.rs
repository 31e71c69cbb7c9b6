//! What is done to a disk of a domain: plugging one in and out, changing a medium, another size, bringing its layers together, a
//! copy that it moves to, limits of it and of the job on it.

mod attach;
mod chain;
mod copy;
mod detach;
mod limit;
mod media;
mod resize;

use std::sync::Arc;

use crate::action::Action;
use crate::app::{
    Effect, Field, FieldOption, Form, FormUse, Purpose, State, Submitted, Tone, Wrong, actions,
};
use crate::create::{HostFacts, VolumeFact};
use crate::model::{DiskFacts, DomainId};
use crate::protocol::{Affect, Answer, DomainVerb, Failure, JobId, Verb};
use crate::text;

/// What is known when the form is opened.
#[derive(Debug, Clone)]
pub struct DiskForm {
    /// The domain.
    pub id: DomainId,
    /// What is done.
    action: Action,
    /// The disk; one that is plugged in has a free target and nothing else.
    disk: DiskFacts,
    /// What the page knows beside that.
    seen: Seen,
    /// The question what the host has.
    job: Option<JobId>,
    /// The answer.
    host: Option<Arc<HostFacts>>,
}

/// What the page of disks knows of a disk beside its facts.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What the guest's agent said of the file systems on it.
    pub guest: Vec<String>,
    /// The layer that is selected; 0 is the active one.
    pub layer: usize,
    /// Who else needs each layer, as far as that is known; untrusted names are in it.
    pub needed: Vec<Option<String>>,
    /// The limit of the job on it, in bytes a second.
    pub job_limit: Option<u64>,
}

impl PartialEq for DiskForm {
    /// What was typed for one disk comes back for the same.
    fn eq(&self, other: &Self) -> bool {
        let is_same = |form: &Self| (form.id, form.action, form.disk.target.clone());
        // A wish for one layer is none for another.
        let by_layer = matches!(self.action, Action::CommitDisk | Action::PullDisk);
        is_same(self) == is_same(other) && (!by_layer || self.seen.layer == other.seen.layer)
    }
}

impl Eq for DiskForm {}

/// Opens the form of an action on a disk.
pub fn open(
    state: &mut State,
    id: DomainId,
    action: Action,
    disk: DiskFacts,
    seen: Seen,
    effects: &mut Vec<Effect>,
) {
    let Some(known) = state.guest(id) else {
        return;
    };
    let name = text::visible(&known.domain.name).into_owned();
    let target = text::visible(&disk.target).into_owned();
    let title = match action {
        Action::AttachDisk => format!("Attach a disk to {name}"),
        Action::ChangeMedia => format!("Change the medium in {target} of {name}"),
        Action::ResizeDisk => format!("Resize {target} of {name}"),
        Action::CopyDisk => format!("Copy {target} of {name}"),
        Action::DetachDisk => format!("Detach {target} of {name}"),
        Action::CommitDisk => format!("Commit layers of {target} of {name}"),
        Action::PullDisk => format!("Pull layers into {target} of {name}"),
        Action::BlockJob => format!("Limit the job on {target} of {name}"),
        _ => format!("Limit {target} of {name}"),
    };
    let asks = matches!(
        action,
        Action::AttachDisk | Action::ChangeMedia | Action::CopyDisk
    );
    let job = asks.then(|| state.ask(id, Purpose::Read, Verb::ReadOffered, effects));
    let wanted = DiskForm {
        id,
        action,
        disk,
        seen,
        job,
        host: None,
    };
    let fields = fields(state, &wanted);
    let form = Form::new(
        FormUse::Disk(Box::new(wanted)),
        title,
        action.row().label,
        fields,
    );
    form.open(state);
}

fn fields(state: &State, wanted: &DiskForm) -> Vec<Field> {
    let places = places(state, wanted);
    match wanted.action {
        Action::AttachDisk => attach::fields(wanted, places),
        Action::ChangeMedia => media::fields(wanted, places),
        Action::ResizeDisk => resize::fields(wanted),
        Action::CopyDisk => copy::fields(wanted),
        Action::DetachDisk => detach::fields(places),
        Action::CommitDisk => chain::commit_fields(wanted),
        Action::PullDisk => chain::pull_fields(wanted),
        Action::BlockJob => chain::speed_fields(wanted),
        _ => limit::fields(wanted, places),
    }
}

/// When it holds: what there is to choose. What was plugged in for now is changed for now.
fn places(state: &State, wanted: &DiskForm) -> Field {
    let domain = state.guest(wanted.id).map(|guest| &guest.domain);
    let active = domain.is_some_and(|domain| domain.state.is_active());
    let for_now = wanted.disk.next_start == Some(false);
    let stored = domain.is_some_and(|domain| domain.persistent) && !for_now;
    let all = [
        (active && stored, "both", "now and at the next boot"),
        (active, "live", "now, until it is off"),
        (stored, "config", "at the next boot"),
    ];
    let options = all
        .iter()
        .filter(|(is, _, _)| *is)
        .map(|(_, word, label)| FieldOption::new(word, label))
        .collect();
    Field::choice("where", "When", options, "")
}

fn affect(form: &Form) -> Affect {
    match form.text("where") {
        "both" => Affect::Both,
        "live" => Affect::Live,
        "config" => Affect::Config,
        _ => Affect::Current,
    }
}

/// The worker's answer what the host has.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Disk(form) if form.job == Some(job));
    let Some(form) = state.form_mut(is) else {
        return;
    };
    // Without pools a path can be typed all the same.
    let Ok(Answer::Offered(offered)) = result else {
        return;
    };
    let host = Arc::new(offered.facts.clone());
    let FormUse::Disk(wanted) = &mut form.use_ else {
        return;
    };
    wanted.host = Some(host);
    let wanted = wanted.clone();
    let fields = fields(state, &wanted);
    if let Some(form) = state.form_mut(is) {
        let key = form.fields.get(form.at).map(|field| field.key.clone());
        let typed = !form.text("dest").is_empty();
        form.replace_fields(fields);
        // Who types goes on typing in the same field; that of a path gives way to the pools otherwise.
        if let (true, Some(pool)) = (typed, form.field_mut("pool")) {
            pool.set("");
        }
        if typed || wanted.action != Action::CopyDisk {
            let is_it = |field: &Field| Some(&field.key) == key.as_ref();
            form.at = form.fields.iter().position(is_it).unwrap_or(form.at);
        }
    }
    state.refresh_form(is);
}

/// All volumes of the host's pools.
fn volumes(wanted: &DiskForm) -> impl Iterator<Item = &VolumeFact> {
    let pools = wanted.host.iter().flat_map(|host| &host.pools);
    pools.flat_map(|pool| &pool.volumes)
}

/// The volume at a path.
fn volume_at<'a>(wanted: &'a DiskForm, path: &str) -> Option<&'a VolumeFact> {
    volumes(wanted).find(|volume| volume.path == path)
}

fn verb(form: &Form, wanted: &DiskForm) -> Result<DomainVerb, Wrong> {
    match wanted.action {
        Action::AttachDisk => attach::verb(form, wanted),
        Action::ChangeMedia => media::verb(form, wanted),
        Action::ResizeDisk => resize::verb(form, wanted),
        Action::CopyDisk => copy::verb(form, wanted),
        Action::DetachDisk => Ok(detach::verb(form, wanted)),
        Action::CommitDisk => chain::commit(form, wanted),
        Action::PullDisk => chain::pull(form, wanted),
        Action::BlockJob => Ok(chain::speed(form, wanted)),
        _ => limit::verb(form, wanted),
    }
}

/// Hides what plays no part, writes what it means and the command.
pub fn changed(state: &State, form: &mut Form, wanted: &DiskForm) {
    match wanted.action {
        Action::AttachDisk => attach::changed(form, wanted),
        Action::ChangeMedia => media::changed(form, wanted),
        Action::ResizeDisk => resize::changed(form, wanted),
        Action::CopyDisk => copy::changed(form, wanted),
        Action::DetachDisk => detach::changed(form, wanted),
        Action::CommitDisk => chain::commit_changed(form, wanted),
        Action::PullDisk => chain::pull_changed(form, wanted),
        Action::BlockJob => chain::speed_changed(form, wanted),
        _ => limit::changed(form, wanted),
    }
    let line = verb(form, wanted).ok().and_then(|verb| {
        let uri = state.connection(wanted.id.connection)?.uri();
        actions::line(&verb, uri, state.guest(wanted.id)?, wanted.id)
    });
    form.command = line;
}

/// Does it. What takes long is left to the jobs.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &DiskForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let verb = match verb(form, wanted) {
        Ok(verb) => verb,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    if wanted.action == Action::DetachDisk {
        if let Some(why) = actions::refusal(state, wanted.action, wanted.id) {
            return Submitted::Refused(vec![Wrong::whole(why)]);
        }
        // It is asked about as it is by its word.
        actions::attempt(state, wanted.action, verb, wanted.id, effects);
        return Submitted::Begun;
    }
    let goes_on = matches!(
        wanted.action,
        Action::CopyDisk | Action::CommitDisk | Action::PullDisk
    );
    let long = goes_on || !form.text("for").is_empty();
    match actions::begun(state, wanted.action, verb, wanted.id, effects) {
        Ok(_) if long => Submitted::Begun,
        Ok(job) => Submitted::Waiting(job),
        Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
    }
}

/// A sentence of the preview.
fn said(form: &mut Form, tone: Tone, words: impl Into<String>) {
    form.preview.push((tone, words.into()));
}
