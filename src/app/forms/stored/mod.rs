//! What is done to a volume that is there, and what becomes one: copies, another size, files and drives sent and fetched.

mod copy;
mod download;
mod image;
mod resize;
mod upload;

use std::sync::Arc;

use crate::action::{Action, storage_lines};
use crate::app::{Effect, Field, Form, FormUse, Purpose, State, Submitted, Tone, Wrong, storing};
use crate::create::PoolFact;
use crate::model::{ConnectionId, DomainId, Pool, StorageVolume, Uuid};
use crate::protocol::{Answer, Drive, Failure, JobId, PoolName, StorageVerb, Verb, VolumeName};
use crate::text;

/// What is known when the form is opened, and what was asked then.
#[derive(Debug, Clone)]
pub struct StoredForm {
    host: ConnectionId,
    pool: Pool,
    action: Action,
    /// The volume that it is done to.
    volume: Option<StorageVolume>,
    job: Option<JobId>,
    /// Pools of the host, once they are known.
    pools: Option<Arc<Vec<PoolFact>>>,
    /// Its drives likewise, or why they are not known.
    drives: Option<Result<Arc<Vec<Drive>>, String>>,
}

impl PartialEq for StoredForm {
    /// What was typed for one volume comes back for the same.
    fn eq(&self, other: &Self) -> bool {
        let path = |form: &Self| form.volume.as_ref().map(|volume| volume.path.clone());
        (self.host, self.pool.uuid, self.action) == (other.host, other.pool.uuid, other.action)
            && path(self) == path(other)
    }
}

impl Eq for StoredForm {}

impl StoredForm {
    fn pool_name(&self) -> PoolName {
        PoolName {
            name: self.pool.name.clone(),
            uuid: Some(self.pool.uuid),
        }
    }

    /// A volume of the pool that is to be made.
    fn new_name(&self, name: &str) -> VolumeName {
        VolumeName {
            pool: Some(self.pool_name()),
            name: name.to_owned(),
            path: None,
        }
    }

    /// The volume that it is done to.
    fn name(&self) -> VolumeName {
        VolumeName {
            path: self.volume.as_ref().map(|volume| volume.path.clone()),
            ..self.new_name(self.volume.as_ref().map_or("", |volume| &volume.name))
        }
    }
}

/// Opens the form of an action on a pool or a volume of it.
pub fn open(
    state: &mut State,
    host: ConnectionId,
    action: Action,
    pool: &Pool,
    volume: Option<StorageVolume>,
    effects: &mut Vec<Effect>,
) {
    let name = volume.as_ref().map_or("", |volume| &volume.name);
    let (name, of_pool) = (text::visible(name), text::visible(&pool.name));
    let title = match action {
        Action::CopyVolume => format!("Copy {name} of {of_pool}"),
        Action::ResizeVolume => format!("Resize {name} of {of_pool}"),
        Action::DownloadVolume => format!("Download {name} of {of_pool}"),
        Action::MakeImage => format!("Image of a drive in {of_pool}"),
        _ => format!("Upload into {of_pool}"),
    };
    let target = DomainId {
        connection: host,
        uuid: Uuid([0; 16]),
    };
    let question = match action {
        Action::CopyVolume => Some(Verb::ReadOffered),
        Action::MakeImage => Some(Verb::ReadDrives),
        _ => None,
    };
    let job = question.map(|verb| state.ask(target, Purpose::Read, verb, effects));
    let wanted = StoredForm {
        host,
        pool: pool.clone(),
        action,
        volume,
        job,
        pools: None,
        drives: None,
    };
    let fields = fields(&wanted);
    let form = Form::new(
        FormUse::Stored(Box::new(wanted)),
        title,
        action.row().label,
        fields,
    );
    form.open(state);
}

fn fields(wanted: &StoredForm) -> Vec<Field> {
    match wanted.action {
        Action::CopyVolume => copy::fields(wanted),
        Action::ResizeVolume => resize::fields(wanted),
        Action::DownloadVolume => download::fields(wanted),
        Action::MakeImage => image::fields(wanted),
        _ => upload::fields(wanted),
    }
}

/// The worker's answer what there is to choose.
pub fn answered(state: &mut State, job: JobId, result: &Result<Answer, Failure>) {
    let is = |use_: &FormUse| matches!(use_, FormUse::Stored(form) if form.job == Some(job));
    let Some(form) = state.form_mut(is) else {
        return;
    };
    let FormUse::Stored(wanted) = &mut form.use_ else {
        return;
    };
    match result {
        Ok(Answer::Offered(offered)) => {
            wanted.pools = Some(Arc::new(offered.facts.pools.clone()));
        }
        Ok(Answer::Drives(drives)) => wanted.drives = Some(Ok(Arc::new(drives.clone()))),
        Ok(_) => return,
        // A path can be typed all the same.
        Err(failure) => wanted.drives = Some(Err(failure.reason.clone())),
    }
    let fields = fields(wanted);
    let at = form.fields.get(form.at).map(|field| field.key.clone());
    form.replace_fields(fields);
    let is_at = |field: &Field| Some(&field.key) == at.as_ref() && field.is_open();
    form.at = form.fields.iter().position(is_at).unwrap_or(form.at);
    state.refresh_form(is);
}

fn verb(form: &Form, wanted: &StoredForm) -> Result<StorageVerb, Wrong> {
    match wanted.action {
        Action::CopyVolume => copy::verb(form, wanted),
        Action::ResizeVolume => resize::verb(form, wanted),
        Action::DownloadVolume => download::verb(form, wanted),
        Action::MakeImage => image::verb(form, wanted),
        _ => upload::verb(form, wanted),
    }
}

/// Hides what plays no part, writes what it means and the command.
pub fn changed(state: &State, form: &mut Form, wanted: &StoredForm) {
    form.preview.clear();
    match wanted.action {
        Action::CopyVolume => copy::changed(form, wanted),
        Action::ResizeVolume => resize::changed(form, wanted),
        Action::DownloadVolume => download::changed(form, wanted),
        Action::MakeImage => image::changed(form, wanted),
        _ => upload::changed(form, wanted),
    }
    let uri = state.connection(wanted.host).map(|host| host.uri());
    let lines = uri.and_then(|uri| Some(storage_lines(&verb(form, wanted).ok()?, uri)));
    form.command = lines.map(|lines| lines.join(" && "));
}

/// Does it. What takes long is left to the jobs; what is lost is asked about.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &StoredForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let verb = match verb(form, wanted) {
        Ok(verb) => verb,
        Err(wrong) => return Submitted::Refused(vec![wrong]),
    };
    if let Some(why) = storing::refusal(state, wanted.host, wanted.action) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    if wanted.action == Action::ResizeVolume {
        // A smaller size was typed with the name of the volume, which is the question.
        return match storing::begin(state, wanted.host, verb, effects) {
            Some(job) => Submitted::Waiting(job),
            None => Submitted::Refused(vec![Wrong::whole("The host is not connected.")]),
        };
    }
    match storing::attempt(state, wanted.host, verb, effects) {
        Ok(()) => Submitted::Begun,
        Err(why) => Submitted::Refused(vec![Wrong::whole(why)]),
    }
}

/// A sentence of the preview.
fn said(form: &mut Form, tone: Tone, words: impl Into<String>) {
    form.preview.push((tone, words.into()));
}

/// A name of a volume that is typed into a field.
fn typed_name(form: &Form, key: &str) -> Result<String, Wrong> {
    let name = form.text(key);
    if name.is_empty() {
        return Err(Wrong::at(key, "A volume needs a name."));
    }
    if name.contains('/') {
        return Err(Wrong::at(key, "A name has no '/'."));
    }
    Ok(name.to_owned())
}

/// A path on this machine that is typed into a field.
fn typed_path(form: &Form, key: &str) -> Result<String, Wrong> {
    let path = form.text(key);
    match path.starts_with('/') && !path.ends_with('/') {
        true => Ok(path.to_owned()),
        false => Err(Wrong::at(
            key,
            "A whole path of a file is wanted, from '/' on.",
        )),
    }
}

/// Says how much room a pool has left, and warns where that is less than is wanted.
fn said_of_room(form: &mut Form, name: &str, room: Option<u64>, bytes: Option<u64>) {
    let Some(room) = room else { return };
    let (tone, words) = match bytes {
        Some(bytes) if bytes > room => (
            Tone::Warn,
            format!(
                "{} has {} left, and this may take {}.",
                text::visible(name),
                text::bytes(room),
                text::bytes(bytes)
            ),
        ),
        _ => (
            Tone::Dim,
            format!("{} has {} left.", text::visible(name), text::bytes(room)),
        ),
    };
    said(form, tone, words);
}
