//! Acting on a domain: may it be done, is it asked first, and sending it.

use std::time::Duration;

use super::{
    CommandLine, Confirm, Connection, Effect, Guest, Intent, Layer, Level, Page, Purpose, State,
    bulk, comparing, forms, leaving, pages,
};
use crate::action::{self, Action};
use crate::domxml;
use crate::model::{DomainId, METADATA_NAMESPACE};
use crate::protocol::{Affect, AgentVerb, DomainVerb, DomainWords, JobId, SshKeys, Verb};
use crate::record::{self, Entry};
use crate::text;
use crate::virsh;

/// Does `action` to the domain that the page shows, or says why not.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let marked = state.marked_targets();
    if !marked.is_empty() {
        return act_on_marked(state, action, marked, effects);
    }
    match state.target() {
        Some(id) => act_on(state, action, id, effects),
        None => state.say(Level::Note, "No domain is selected.".to_owned()),
    }
}

/// Does `action` to the marked domains. What needs more than its name opens the line of its word, which is for them too.
fn act_on_marked(
    state: &mut State,
    action: Action,
    marked: Vec<DomainId>,
    effects: &mut Vec<Effect>,
) {
    if action == Action::ShutDownWith {
        forms::open_shut_down(state, marked);
    } else if action == Action::Describe {
        forms::open_describe(state, marked);
    } else if action == Action::SnapshotCreate {
        forms::open_snapshot(state, marked, effects);
    } else if action::needs_words(action) {
        let word = action.row().virsh.unwrap_or_default();
        let line = CommandLine::with(state, &format!("{word} "));
        state.layers.push(Layer::Command(line));
    } else if let Some(verb) = action::verb(action) {
        let wanted = marked.into_iter().map(|id| (id, verb.clone())).collect();
        bulk::attempt(state, action, wanted, effects);
    }
}

/// Does `action` to a domain, or says why not. What needs more than its name opens the line of its words.
pub(super) fn act_on(state: &mut State, action: Action, id: DomainId, effects: &mut Vec<Effect>) {
    if let Some(why) = refusal(state, action, id) {
        state.say(Level::Note, why);
        return;
    }
    match action {
        Action::Delete => return forms::open_delete(state, id, effects),
        Action::Clone => return forms::open_clone(state, id, effects),
        Action::ShutDownWith => return forms::open_shut_down(state, vec![id]),
        Action::SetPassword => return forms::open_password(state, id, None),
        Action::RunInGuest => return forms::open_run(state, id),
        Action::ShowKeys | Action::AddKey | Action::RemoveKey => {
            return pages::agent::open_keys(state, id, Some("root"));
        }
        Action::Describe => return forms::open_describe(state, vec![id]),
        Action::SnapshotCreate => return forms::open_snapshot(state, vec![id], effects),
        Action::CheckpointCreate => return forms::open_checkpoint(state, id, effects),
        Action::Backup => {
            let since = match state.page() {
                Page::Snapshots(page) => page.selected_checkpoint().map(|one| one.name.clone()),
                _ => None,
            };
            return forms::open_backup(state, id, since.as_deref(), effects);
        }
        _ => {}
    }
    if action::needs_words(action) {
        let guest = state.guest(id).map(|guest| &guest.domain.name);
        let (Some(word), Some(name)) = (action.row().virsh, guest) else {
            return;
        };
        let domain = virsh::domain_word(name, id.uuid);
        let text = format!("{} ", virsh::join([word, domain.as_ref()]));
        let line = CommandLine::with(state, &text);
        state.layers.push(Layer::Command(line));
        return;
    }
    if let Some(verb) = action::verb(action) {
        attempt(state, action, verb, id, effects);
    }
}

/// Does a verb, after the questions that its action wants. It may be done, as far as is known.
pub(super) fn attempt(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) {
    let silent = state
        .guest(id)
        .and_then(|guest| guest.silent_for(state.now.instant));
    // What waits behind a guest that does not answer should not be begun by accident either.
    // Storage is never deleted unasked, whatever the settings say.
    let deletes =
        doomed(&verb).next().is_some() || matches!(&verb, DomainVerb::Disk(verb) if verb.loses());
    if state.asks(action) || silent.is_some() || deletes {
        confirm(state, action, verb, id);
    } else {
        begin(state, action, verb, id, effects);
    }
}

/// Why `action` cannot be done to a domain now; `None` when it can.
#[must_use]
pub(super) fn refusal(state: &State, action: Action, id: DomainId) -> Option<String> {
    let label = action.row().label;
    let guest = state.guest(id)?;
    let connection = state.connection(id.connection)?;
    let name = text::visible(&guest.domain.name);
    if connection.readonly() {
        return Some(format!(
            "{label} is not possible: {} is open read-only. Open it without --readonly to act on its domains.",
            text::visible(&connection.label)
        ));
    }
    if !connection.is_live() {
        return Some(format!(
            "{label} is not possible: {} is not connected.",
            text::visible(&connection.label)
        ));
    }
    let hinders = |found: &(Action, super::Job)| {
        found.1.target == id && !State::is_patient(found.0) && !manages_job(action)
    };
    if let Some((running, job)) = state.jobs.actions().find(hinders) {
        let age = state.now.instant.saturating_duration_since(job.since);
        return Some(format!(
            "{label} refused: {} of {name} is still under way, {} s so far.",
            running.row().label,
            age.as_secs()
        ));
    }
    action::illegal(action, &guest.domain).map(|why| format!("{label} of {name}: {why}."))
}

/// Whether an action is for a job that runs: it must be possible beside what waits for that.
fn manages_job(action: Action) -> bool {
    matches!(
        action,
        Action::BlockJob | Action::PivotJob | Action::CancelJob
    )
}

/// Why the console of a domain cannot be opened; `None` when it can. One that is off is waited for.
#[must_use]
pub(super) fn no_console(state: &State, id: DomainId) -> Option<String> {
    let guest = state.guest(id)?;
    let connection = state.connection(id.connection)?;
    let label = text::visible(&connection.label);
    let name = text::visible(&guest.domain.name);
    if connection.readonly() {
        return Some(format!(
            "The console of {name} is not for reading alone: {label} is open read-only. Open it without --readonly."
        ));
    }
    (!connection.is_live())
        .then(|| format!("The console of {name} cannot be opened: {label} is not connected."))
}

/// Why the display of a domain cannot be opened; `None` when it can. One that is off is waited for.
#[must_use]
pub(super) fn no_display(state: &State, id: DomainId) -> Option<String> {
    let guest = state.guest(id)?;
    let connection = state.connection(id.connection)?;
    let label = text::visible(&connection.label);
    let name = text::visible(&guest.domain.name);
    if connection.readonly() {
        // libvirt refuses descriptors, pictures and keys alike.
        return Some(format!(
            "libvirt shows the display of {name} to nobody who may only read: {label} is open read-only. Open it without --readonly."
        ));
    }
    (!connection.is_live())
        .then(|| format!("The display of {name} cannot be opened: {label} is not connected."))
}

/// Asks whether it is to be done.
pub(super) fn confirm(state: &mut State, action: Action, verb: DomainVerb, id: DomainId) {
    let (Some(guest), Some(connection)) = (state.guest(id), state.connection(id.connection)) else {
        return;
    };
    let row = action.row();
    let layer = Confirm {
        title: question(action, guest, connection, state.connections.len()),
        body: body(state, row.doc, &verb, id),
        warning: guest
            .silent_for(state.now.instant)
            .map(|age| warning(action, age)),
        command: line(&verb, connection.uri(), guest, id),
        accept: row.label,
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Domain(action, verb, id),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// What it means; each volume that goes with a definition is named.
fn body(state: &State, doc: &str, verb: &DomainVerb, id: DomainId) -> Vec<String> {
    let mut body = vec![doc.to_owned()];
    if let DomainVerb::Undefine(choice) = verb
        && choice.volumes.is_empty()
    {
        body.push("No storage is deleted.".to_owned());
    }
    body.extend(doomed(verb).map(|path| format!("DELETED: {path}")));
    body.extend(snapshot_words(verb));
    match verb {
        DomainVerb::Agent(AgentVerb::Freeze(places)) => {
            if !places.is_empty() {
                body.push(format!("Of these alone: {}", places.join(", ")));
            }
            body.push(
                "Take the copy or snapshot at once and thaw: a database that waits for its disk for long gives up."
                    .to_owned(),
            );
        }
        DomainVerb::Agent(AgentVerb::SetKeys {
            user,
            keys: SshKeys::Lines(lines),
            ..
        }) => {
            body.push(format!("Of {user}:"));
            body.extend(lines.iter().cloned());
        }
        _ => {}
    }
    if let DomainVerb::Disk(verb) = verb {
        body.extend(super::pages::bench_words::meaning(state, id, verb));
    }
    body
}

/// Which snapshot is meant, and what becomes of it.
pub(super) fn snapshot_words(verb: &DomainVerb) -> Option<String> {
    Some(match verb {
        DomainVerb::SnapshotRevert(revert) => {
            let commit = match revert.commit_first {
                true => " External snapshots above it are DELETED before, by block commits.",
                false => "",
            };
            let first = match revert.snapshot_first {
                true => " One of the present state is taken before.",
                false => "",
            };
            format!("Snapshot: '{}'.{commit}{first}", revert.name)
        }
        DomainVerb::CheckpointDelete(delete) => match delete.children {
            true => format!(
                "DELETED: the checkpoint '{}' and all that follow it.",
                delete.name
            ),
            false => format!("DELETED: the checkpoint '{}'.", delete.name),
        },
        DomainVerb::SnapshotDelete(delete) => {
            let name = &delete.name;
            match (delete.children_only, delete.children, delete.metadata) {
                (true, ..) => format!("DELETED: all that descend from '{name}'."),
                (_, true, _) => format!("DELETED: '{name}' and all that descend from it."),
                (_, _, true) => format!("Snapshot: '{name}'. Its data stay in the disks."),
                _ => format!("DELETED: '{name}'."),
            }
        }
        _ => return None,
    })
}

/// Files that a verb deletes.
pub(super) fn doomed(verb: &DomainVerb) -> impl Iterator<Item = String> {
    let volumes = match verb {
        DomainVerb::Undefine(choice) => choice.volumes.as_slice(),
        _ => &[],
    };
    volumes
        .iter()
        .map(|volume| format!("{} ({})", volume.path, volume.target))
}

/// Why an action makes sense for none of several domains; `None` when it does for one.
pub(super) fn refusal_of_all(state: &State, action: Action, ids: &[DomainId]) -> Option<String> {
    let mut first = None;
    for id in ids {
        let why = match action {
            Action::OpenConsole => no_console(state, *id),
            Action::OpenDisplay => no_display(state, *id),
            _ => refusal(state, action, *id),
        };
        first.get_or_insert(why?);
    }
    first
}

/// What an action would do, for a menu: the command for one domain; for several, or with words still to come, its sentence.
pub(super) fn preview(state: &State, action: Action, ids: &[DomainId]) -> String {
    let row = action.row();
    let verb = action::verb(action);
    if let ([id], Some(verb)) = (ids, &verb)
        && let Some(guest) = state.guest(*id)
        && let Some(given) = virsh::given(verb, &guest.domain.name, id.uuid)
    {
        return format!("virsh {}", given.line());
    }
    match row.virsh {
        Some(word) => format!("virsh {word}: {}", row.doc),
        None => row.doc.to_owned(),
    }
}

/// The command line that does the same, ready for a shell.
pub(super) fn line(verb: &DomainVerb, uri: &str, guest: &Guest, id: DomainId) -> Option<String> {
    if let DomainVerb::Describe(words) = verb {
        let each = described(words, guest)
            .into_iter()
            .map(|verb| line(&verb, uri, guest, id))
            .collect::<Option<Vec<_>>>()?;
        return Some(each.join(" && "));
    }
    virsh::shell_line(verb, &guest.domain.name, id.uuid, Some(uri))
}

/// What is said of a domain, as verbs that virsh has a command for each.
fn described(words: &DomainWords, guest: &Guest) -> Vec<DomainVerb> {
    let affect = match (guest.domain.state.is_active(), guest.domain.persistent) {
        (true, true) => Affect::Both,
        (true, false) => Affect::Live,
        (false, _) => Affect::Config,
    };
    let title = words.title.clone();
    let description = words.description.clone();
    let mut verbs: Vec<DomainVerb> = title
        .map(|text| DomainVerb::SetTitle(text, affect))
        .into_iter()
        .chain(description.map(|text| DomainVerb::SetDescription(text, affect)))
        .collect();
    if words.of_ours() {
        let definition = guest.domain.definition.as_ref();
        let tags = definition.map_or(&[][..], |one| one.tags.as_slice());
        let notes = words.notes.as_deref().or_else(|| guest.notes());
        let element = domxml::own_metadata(&words.tags(tags), notes.unwrap_or_default());
        verbs.push(DomainVerb::SetMetadata {
            uri: METADATA_NAMESPACE.to_owned(),
            key: element.is_some().then(|| "virtty".to_owned()),
            element,
            affect,
        });
    }
    verbs
}

/// What is put on record of a verb.
pub(super) fn on_record(state: &State, verb: &DomainVerb, id: DomainId) -> Option<Entry> {
    let guest = state.guest(id)?;
    let uri = state.connection(id.connection)?.uri();
    Some(Entry {
        time: state.now.wall,
        connection: uri.to_owned(),
        domain: guest.domain.name.clone(),
        uuid: id.uuid.to_string(),
        line: line(verb, uri, guest, id)
            .unwrap_or_else(|| format!("{}{}", record::CALL, verb.call())),
        took: Duration::ZERO,
        failure: None,
    })
}

/// Puts on record what is asked for beyond verbs of a domain: its line does the same.
pub(super) fn describe(
    state: &mut State,
    job: JobId,
    id: DomainId,
    domain: String,
    connection: String,
    line: String,
) {
    let entry = Entry {
        time: state.now.wall,
        connection,
        domain,
        uuid: id.uuid.to_string(),
        line,
        took: Duration::ZERO,
        failure: None,
    };
    state.jobs.describe(job, entry);
}

/// What acting on a guest that does not answer means.
fn warning(action: Action, silent: Duration) -> String {
    let seconds = silent.as_secs();
    if action == Action::ForceOff {
        return format!(
            "The guest has not answered for {seconds} s. Force Off works all the same, but takes some 12 s."
        );
    }
    format!(
        "The guest has not answered for {seconds} s: this waits until it does, or until libvirt gives up after 30 s."
    )
}

fn question(action: Action, guest: &Guest, connection: &Connection, hosts: usize) -> String {
    let name = &guest.domain.name;
    let label = action.row().label;
    if hosts > 1 {
        format!("{label} {name} on {}?", connection.label)
    } else {
        format!("{label} {name}?")
    }
}

/// As [`begin_job`], for those who do not wait.
pub(super) fn begin(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) {
    begin_job(state, action, verb, id, effects);
}

/// Sends `action` to libvirt, after all questions. Asked again whether it may be: a dialog can stand for long.
pub(super) fn begin_job(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Option<JobId> {
    begin_in(state, None, action, verb, id, effects)
}

/// Sends it as part of a wish for several domains; gives the request's number.
pub(super) fn begin_in(
    state: &mut State,
    batch: Option<u64>,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Option<JobId> {
    if state.guest(id).is_none() {
        state.say(Level::Note, "The domain is gone.".to_owned());
        return None;
    }
    if let Some(why) = refusal(state, action, id) {
        state.say(Level::Note, why);
        return None;
    }
    let entry = on_record(state, &verb, id);
    let promise = leaving::promise(state, &verb, id);
    let later = verb.at_next_start().filter(|_| has_next_start(state, id));
    let job = state.ask(
        id,
        Purpose::Act(action),
        Verb::Domain(id.uuid, verb.clone()),
        effects,
    );
    comparing::begin(state, id, &verb, false);
    state.outcomes.asked(job, id, verb, batch);
    if let Some(entry) = entry {
        state.jobs.describe(job, entry);
    }
    if let Some(promise) = promise {
        state.jobs.promise(job, promise);
    }
    if let Some(later) = later {
        state.jobs.keep_for_later(job, action, later);
    }
    Some(job)
}

/// The same, for one who wants to know what comes of it: the request, or why there is none.
pub(super) fn begun(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) -> Result<JobId, String> {
    let gone = || "The domain is gone.".to_owned();
    if state.guest(id).is_none() {
        return Err(gone());
    }
    if let Some(why) = refusal(state, action, id) {
        return Err(why);
    }
    begin_job(state, action, verb, id, effects).ok_or_else(gone)
}

/// Whether a domain runs and has a definition of its next start beside that.
fn has_next_start(state: &State, id: DomainId) -> bool {
    state
        .guest(id)
        .is_some_and(|guest| guest.domain.state.is_active() && guest.domain.persistent)
}

/// What the running domain would not take is offered for its next start.
pub(super) fn offer_later(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    why: &str,
) {
    // Over a dialog that somebody is typing into, nothing is asked.
    if !state.layers.is_empty() {
        return;
    }
    let (Some(guest), Some(connection)) = (state.guest(id), state.connection(id.connection)) else {
        return;
    };
    let name = &guest.domain.name;
    let layer = Confirm {
        title: format!("{} {name} at the next boot?", action.row().label),
        body: vec![
            format!("It was not possible while it runs: {why}"),
            "The definition can be changed; the next boot brings it. Nothing changes until then."
                .to_owned(),
        ],
        warning: None,
        command: line(&verb, connection.uri(), guest, id),
        accept: "At the next boot",
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Domain(action, verb, id),
    };
    state.layers.push(Layer::Confirm(layer));
}

impl State {
    /// Whether the footer should offer `action` now.
    #[must_use]
    pub fn offers(&self, action: Action) -> bool {
        match (action, self.page()) {
            (Action::Open | Action::Copy, Page::Ports(ports)) => return ports.domain().is_some(),
            (Action::OpenVolumes, Page::Storage(storage)) => return storage.selected().is_some(),
            (
                Action::TuneHost
                | Action::Filter
                | Action::SuggestCpus
                | Action::CopyRemedy
                | Action::PinDomains
                | Action::KeepTuning,
                Page::Host(host),
            ) => return host.offers(action),
            (
                Action::Open
                | Action::BlockJob
                | Action::PivotJob
                | Action::CancelJob
                | Action::RetryFailed
                | Action::DismissFailed,
                Page::Jobs(jobs),
            ) => return jobs.offers(self, action),
            (action, Page::Agent(page)) if !page.offers(self, action) => return false,
            (action, Page::Bench(bench)) if !bench.offers(self, action) => return false,
            (Action::SnapshotRevert | Action::SnapshotDelete, Page::Sweep(sweep)) => {
                return sweep.counts().0 > 0;
            }
            (_, Page::Sweep(_)) if action.row().contexts.contains(&action::Context::Snapshots) => {
                return false;
            }
            (Action::ShowPorts, Page::Ports(_))
            | (Action::ShowAllEvents, Page::Events(_))
            | (Action::ShowHost, Page::Host(_))
            | (Action::ShowJobs, Page::Jobs(_))
            | (Action::ShowPlans, Page::Plans(_))
            | (Action::ShowNetworks, Page::Networks(_))
            | (Action::ShowStorage, Page::Storage(_))
            | (Action::ShowWall, Page::Wall(_))
            | (Action::ShowDebug, Page::Debug(_)) => {
                return false;
            }
            _ => {}
        }
        match action {
            Action::Open if self.pages.is_empty() => return self.target().is_some(),
            Action::Copy | Action::OpenConsole | Action::OpenDisplay => {
                return self.target().is_some();
            }
            Action::Filter => return self.place().is_some_and(|place| place.all > 0),
            _ if action::verb(action).is_none() && !action::needs_words(action) => return true,
            _ => {}
        }
        self.target()
            .is_some_and(|id| self.guest(id).is_some() && refusal(self, action, id).is_none())
    }
}

/// What to say when libvirt accepted an action. The row changes by an event, which may come later or never.
pub(super) fn accepted(action: Action, name: &str) -> String {
    let name = text::visible(name);
    if let Some(words) = action::storage_done(action, &name) {
        return words;
    }
    match action {
        Action::ShutDown => format!("{name} was asked to shut down; its guest decides."),
        Action::Reboot => format!("{name} was asked to reboot; its guest decides."),
        Action::Start => format!("{name} was started."),
        Action::Pause => format!("{name} was paused."),
        Action::Resume => format!("{name} was resumed."),
        Action::ForceReset => format!("{name} was reset."),
        Action::ForceOff => format!("{name} was forced off."),
        Action::StartNetwork => format!("Network {name} was started."),
        Action::StopNetwork => format!("Network {name} was stopped."),
        Action::AutostartNetwork | Action::UpdateNetwork => format!("Network {name} was changed."),
        Action::NewNetwork => format!("Network {name} is there."),
        Action::TakeOutOfBridge => format!("{name}: done. K keeps it, or it is taken back."),
        Action::KeepBridge => format!("{name}: kept."),
        Action::UndoBridge => format!("{name}: taken back."),
        Action::ReserveAddress => format!("The address is reserved on network {name}."),
        Action::TuneHost => "The host was changed; u on its page takes it back.".to_owned(),
        Action::MendTexts => format!("Title and description of {name} are mended."),
        Action::ResizeDisk => format!(
            "The disk of {name} has its new size; its file systems are grown inside the guest."
        ),
        Action::FreezeGuest => {
            format!("{name} is FROZEN: whatever writes in it hangs until it is thawed.")
        }
        Action::ThawGuest => format!("{name} is thawed and goes on."),
        Action::TrimGuest => format!("{name} gave back what it does not need."),
        Action::SyncTime => format!("The clock of {name} is set."),
        Action::SetPassword => format!("The password in {name} is set."),
        Action::AddKey => format!("The key lets in to {name}."),
        Action::RemoveKey => format!("The key does not let in to {name} any more."),
        Action::RunInGuest => format!("The command in {name} was answered."),
        Action::CancelJob => format!("The job of {name} is given up."),
        Action::PivotJob => format!("{name} goes on with the other side."),
        other => format!("{}: {name}.", other.row().label),
    }
}
