//! Acting on storage: may it be done, is it asked first, and sending it.

use std::time::Duration;

use super::{Confirm, Effect, Intent, Layer, Level, Purpose, State};
use crate::action::{Action, storage_action, storage_lines, storage_loses, storage_subject};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{JobId, StorageVerb, Verb, VolumeVerb};
use crate::record::{self, Entry};
use crate::text;

/// Names that a question lists.
const NAMED: usize = 8;

/// The number to be typed before a verb is done: the new size in MiB of a volume that becomes smaller.
fn typed(verb: &StorageVerb) -> Option<usize> {
    match verb {
        StorageVerb::Volume(
            _,
            VolumeVerb::Resize {
                bytes,
                shrink: true,
                ..
            },
        ) => usize::try_from((bytes >> 20).min(999_999)).ok(),
        _ => None,
    }
}

/// Why nothing can be done to the storage of a host now; `None` when it can.
#[must_use]
pub fn refusal(state: &State, host: ConnectionId, action: Action) -> Option<String> {
    let connection = state.connection(host)?;
    let label = action.row().label;
    let name = text::visible(&connection.label);
    if connection.readonly() && action != Action::DownloadVolume {
        return Some(format!(
            "{label} is not possible: {name} is open read-only. Open it without --readonly to change its storage."
        ));
    }
    (!connection.is_live()).then(|| format!("{label} is not possible: {name} is not connected."))
}

/// Does something to the storage of a host, after the question that it wants.
///
/// # Errors
/// Why it cannot be done.
pub fn attempt(
    state: &mut State,
    host: ConnectionId,
    verb: StorageVerb,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let action = storage_action(&verb);
    if let Some(why) = refusal(state, host, action) {
        return Err(why);
    }
    if storage_loses(&verb).is_some() {
        confirm(state, host, vec![verb], Vec::new());
    } else {
        begin(state, host, verb, effects);
    }
    Ok(())
}

/// The same, with all volumes that are deleted in one request: the host looks once who needs any of them.
pub(super) fn together(verbs: Vec<StorageVerb>) -> Vec<StorageVerb> {
    let is_deletion =
        |verb: &StorageVerb| matches!(verb, StorageVerb::Volume(_, VolumeVerb::Delete));
    if verbs.iter().filter(|verb| is_deletion(verb)).count() < 2 {
        return verbs;
    }
    let mut names = Vec::new();
    let mut others = Vec::new();
    for verb in verbs {
        match verb {
            StorageVerb::Volume(name, VolumeVerb::Delete) => names.push(name),
            other => others.push(other),
        }
    }
    others.insert(0, StorageVerb::DeleteVolumes(names));
    others
}

/// Asks whether all of it may be done. `more` is to be considered.
pub fn confirm(state: &mut State, host: ConnectionId, verbs: Vec<StorageVerb>, more: Vec<String>) {
    let (Some(first), Some(connection)) = (verbs.first(), state.connection(host)) else {
        return;
    };
    let row = storage_action(first).row();
    let place = if state.connections.len() > 1 {
        format!(" on {}", connection.label)
    } else {
        String::new()
    };
    let title = match verbs.as_slice() {
        [one] => format!("{} {}{place}?", row.label, storage_subject(one)),
        several => format!("{} {} files{place}?", row.label, several.len()),
    };
    let mut body: Vec<String> = verbs.iter().take(NAMED).filter_map(storage_loses).collect();
    if verbs.len() > NAMED {
        body.push(format!("and {} more", verbs.len() - NAMED));
    }
    let typed = typed(first);
    if typed.is_some() {
        body.push("The number is the new size in MiB.".to_owned());
    }
    let lines = match verbs.as_slice() {
        [one] => storage_lines(one, connection.uri()),
        // A line that nobody could read is in the log afterwards.
        several if several.len() > NAMED => Vec::new(),
        several => together(several.to_vec())
            .iter()
            .flat_map(|verb| storage_lines(verb, connection.uri()))
            .collect(),
    };
    let layer = Confirm {
        title,
        body,
        warning: (!more.is_empty()).then(|| more.join(" ")),
        command: (!lines.is_empty()).then(|| lines.join(" && ")),
        accept: row.label,
        yes: false,
        count: typed.or((verbs.len() > 1).then_some(verbs.len())),
        typed: String::new(),
        intent: Intent::Storage(host, verbs),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// Sends it to libvirt, after all questions.
pub fn begin(
    state: &mut State,
    host: ConnectionId,
    verb: StorageVerb,
    effects: &mut Vec<Effect>,
) -> Option<JobId> {
    let action = storage_action(&verb);
    if let Some(why) = refusal(state, host, action) {
        state.say(Level::Note, why);
        return None;
    }
    let uri = state.connection(host)?.uri().to_owned();
    let uuid = match &verb {
        StorageVerb::Pool(pool, _) => pool.uuid,
        StorageVerb::Secret(uuid, _) => Some(*uuid),
        _ => None,
    };
    let lines = storage_lines(&verb, &uri);
    let line = if lines.is_empty() {
        format!("{}{}", record::CALL, action.row().name)
    } else {
        lines.join(" && ")
    };
    let entry = Entry {
        time: state.now.wall,
        connection: uri,
        domain: storage_subject(&verb),
        uuid: uuid.map_or_else(String::new, |uuid| uuid.to_string()),
        line,
        took: Duration::ZERO,
        failure: None,
    };
    let target = DomainId {
        connection: host,
        uuid: uuid.unwrap_or(Uuid([0; 16])),
    };
    let job = state.ask(target, Purpose::Act(action), Verb::Storage(verb), effects);
    state.jobs.describe(job, entry);
    Some(job)
}
