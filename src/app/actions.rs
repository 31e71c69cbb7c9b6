//! Acting on a domain: may it be done, is it asked first, and sending it.

use std::time::Duration;

use super::{
    CommandLine, Confirm, Connection, Effect, Guest, Intent, Layer, Level, Page, Purpose, State,
    bulk,
};
use crate::action::{self, Action};
use crate::model::DomainId;
use crate::protocol::{DomainVerb, Verb};
use crate::record::Entry;
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
    if action::needs_words(action) {
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
    if action.row().traits.dangerous || silent.is_some() {
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
    if let Some((running, job)) = state.jobs.action_on(id) {
        let age = state.now.instant.saturating_duration_since(job.since);
        return Some(format!(
            "{label} refused: {} of {name} is still under way, {} s so far.",
            running.row().label,
            age.as_secs()
        ));
    }
    action::illegal(action, &guest.domain).map(|why| format!("{label} of {name}: {why}."))
}

fn confirm(state: &mut State, action: Action, verb: DomainVerb, id: DomainId) {
    let (Some(guest), Some(connection)) = (state.guest(id), state.connection(id.connection)) else {
        return;
    };
    let row = action.row();
    let layer = Confirm {
        title: question(action, guest, connection, state.connections.len()),
        body: body(row.doc, &verb),
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
fn body(doc: &str, verb: &DomainVerb) -> Vec<String> {
    let mut body = vec![doc.to_owned()];
    if let DomainVerb::Undefine(choice) = verb
        && choice.volumes.is_empty()
    {
        body.push("No storage is deleted.".to_owned());
    }
    body.extend(doomed(verb).map(|path| format!("DELETED: {path}")));
    body
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

/// The command line that does the same, ready for a shell.
pub(super) fn line(verb: &DomainVerb, uri: &str, guest: &Guest, id: DomainId) -> Option<String> {
    let mut given = virsh::given(verb, &guest.domain.name, id.uuid)?;
    given.host = Some(uri.to_owned());
    Some(format!("virsh {}", given.line()))
}

/// What is put on record of a verb.
fn on_record(state: &State, verb: &DomainVerb, id: DomainId) -> Option<Entry> {
    let guest = state.guest(id)?;
    let uri = state.connection(id.connection)?.uri();
    Some(Entry {
        time: state.now.wall,
        connection: uri.to_owned(),
        domain: guest.domain.name.clone(),
        uuid: id.uuid.to_string(),
        line: line(verb, uri, guest, id).unwrap_or_else(|| format!("libvirt: {}", verb.call())),
        took: Duration::ZERO,
        failure: None,
    })
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

/// Sends `action` to libvirt, after all questions. Asked again whether it may be: a dialog can stand for long.
pub(super) fn begin(
    state: &mut State,
    action: Action,
    verb: DomainVerb,
    id: DomainId,
    effects: &mut Vec<Effect>,
) {
    if state.guest(id).is_none() {
        state.say(Level::Note, "The domain is gone.".to_owned());
        return;
    }
    if let Some(why) = refusal(state, action, id) {
        state.say(Level::Note, why);
        return;
    }
    let entry = on_record(state, &verb, id);
    let job = state.ask(
        id,
        Purpose::Act(action),
        Verb::Domain(id.uuid, verb),
        effects,
    );
    if let Some(entry) = entry {
        state.jobs.describe(job, entry);
    }
}

impl State {
    /// Whether the footer should offer `action` now.
    #[must_use]
    pub fn offers(&self, action: Action) -> bool {
        match (action, self.page()) {
            (Action::Open | Action::Copy, Page::Ports(ports)) => return ports.domain().is_some(),
            (Action::ShowPorts, Page::Ports(_))
            | (Action::ShowAllEvents, Page::Events(_))
            | (Action::ShowDebug, Page::Debug(_)) => {
                return false;
            }
            _ => {}
        }
        match action {
            Action::Open if self.pages.is_empty() => return self.target().is_some(),
            Action::Copy => return self.target().is_some(),
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
    match action {
        Action::ShutDown => format!("{name} was asked to shut down; its guest decides."),
        Action::Reboot => format!("{name} was asked to reboot; its guest decides."),
        Action::Start => format!("{name} was started."),
        Action::Pause => format!("{name} was paused."),
        Action::Resume => format!("{name} was resumed."),
        Action::ForceReset => format!("{name} was reset."),
        Action::ForceOff => format!("{name} was forced off."),
        Action::MendTexts => format!("Title and description of {name} are mended."),
        other => format!("{}: {name}.", other.row().label),
    }
}
