//! What was changed on hosts and of where their domains run, and how each change is taken back. It outlives the page.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Confirm, Effect, Intent, Job, Layer, Level, Page, Purpose, State, actions};
use crate::action::Action;
use crate::hostfacts::{HostWish, Knob};
use crate::model::{ConnectionId, DomainId, Uuid};
use crate::protocol::{Answer, Arrange, DomainVerb, Failure, HostFiles, JobId, Verb};
use crate::text;

/// Changes that can be taken back: with more, the oldest go.
const KEPT: usize = 100;

/// How a change is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// The value that held before.
    Value(Knob, String),
    /// A file of virtty's that was not there before goes; one that was gets its text again.
    File(String, Option<String>),
    /// What held of a domain before.
    Domain(Uuid, Vec<DomainVerb>),
}

/// A change of a host that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostDeed {
    /// What is done.
    pub wish: HostWish,
    /// How it is taken back, where that is known.
    pub undo: Option<Undo>,
    /// It takes back the last change.
    pub takes_back: bool,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct HostChanges {
    asked: BTreeMap<JobId, HostDeed>,
    done: Vec<(ConnectionId, Undo)>,
    /// The domain whose last change is being taken back.
    undoing: Option<DomainId>,
}

impl HostChanges {
    /// How many changes of a host can be taken back.
    #[must_use]
    pub fn count(&self, host: ConnectionId) -> usize {
        self.done.iter().filter(|(of, _)| *of == host).count()
    }

    fn last(&self, host: ConnectionId) -> Option<&Undo> {
        let last = self.done.iter().rev().find(|(of, _)| *of == host);
        last.map(|(_, undo)| undo)
    }

    fn forget_last(&mut self, host: ConnectionId) {
        if let Some(at) = self.done.iter().rposition(|(of, _)| *of == host) {
            self.done.remove(at);
        }
    }

    fn add(&mut self, host: ConnectionId, undo: Undo) {
        if self.done.len() == KEPT {
            self.done.remove(0);
        }
        self.done.push((host, undo));
    }
}

/// Which files of hosts may be read, by the settings.
pub(super) fn files(state: &State) -> HostFiles {
    let settings = state.settings.as_ref();
    match settings.is_some_and(|settings| settings.host.files_over_ssh) {
        true => HostFiles::OverSsh,
        false => HostFiles::OfThisMachine,
    }
}

/// Why nothing of a host can be set; `None` where it can.
pub(super) fn refusal(state: &State, host: ConnectionId) -> Option<String> {
    let connection = state.connection(host)?;
    let label = text::visible(&connection.label);
    if connection.readonly() {
        return Some(format!(
            "Nothing of {label} can be set: it is open read-only. Open it without --readonly."
        ));
    }
    (!connection.is_live()).then(|| format!("Nothing of {label} can be set: it is not connected."))
}

/// Asks before a host is changed.
pub(super) fn confirm(
    state: &mut State,
    host: ConnectionId,
    title: String,
    body: Vec<String>,
    deed: HostDeed,
) {
    if let Some(why) = refusal(state, host) {
        return state.say(Level::Note, why);
    }
    let Some(connection) = state.connection(host) else {
        return;
    };
    let layer = Confirm {
        title,
        body,
        warning: None,
        command: Some(deed.wish.line(connection.uri())),
        accept: match deed.wish {
            HostWish::Set(..) => "Set",
            HostWish::Keep(_) => "Write",
            HostWish::Forget(_) => "Remove",
        },
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Tune(host, Box::new(deed)),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// Sends what was confirmed.
pub(super) fn begin(
    state: &mut State,
    host: ConnectionId,
    deed: HostDeed,
    effects: &mut Vec<Effect>,
) {
    // A dialog can stand for long.
    if let Some(why) = refusal(state, host) {
        return state.say(Level::Note, why);
    }
    let Some(connection) = state.connection(host) else {
        return;
    };
    let entry = crate::record::Entry {
        time: state.now.wall,
        connection: connection.uri().to_owned(),
        domain: String::new(),
        uuid: String::new(),
        line: deed.wish.line(connection.uri()),
        took: Duration::ZERO,
        failure: None,
    };
    let verb = Verb::TuneHost(deed.wish.clone(), files(state));
    let target = of_host(host);
    let job = state.ask(target, Purpose::Act(Action::TuneHost), verb, effects);
    state.jobs.describe(job, entry);
    state.host_changes.asked.insert(job, deed);
}

fn taking_back(wish: HostWish) -> HostDeed {
    HostDeed {
        wish,
        undo: None,
        takes_back: true,
    }
}

/// The host itself, which is no domain.
pub(super) fn of_host(connection: ConnectionId) -> DomainId {
    DomainId {
        connection,
        uuid: Uuid([0; 16]),
    }
}

/// A request was answered.
pub(super) fn answered(state: &mut State, job: &Job, id: JobId, result: &Result<Answer, Failure>) {
    let host = job.target.connection;
    if let Some(deed) = state.host_changes.asked.remove(&id)
        && result.is_ok()
    {
        let what = deed.wish.line("");
        if deed.takes_back {
            state.host_changes.forget_last(host);
        } else if let Some(undo) = deed.undo {
            state.host_changes.add(host, undo);
        }
        if matches!(deed.wish, HostWish::Set(..)) {
            super::comparing::begin_host(state, host, what);
        }
    }
    let undoing = state.host_changes.undoing == Some(job.target);
    if let Ok(Answer::Arranged(uuid, back)) = result {
        if undoing {
            state.host_changes.forget_last(host);
        } else if !back.is_empty() {
            state
                .host_changes
                .add(host, Undo::Domain(*uuid, back.clone()));
        }
    }
    if undoing && matches!(job.purpose, Purpose::Act(_)) {
        state.host_changes.undoing = None;
    }
}

/// Does what a command says of a host; what held before is known where its page is open.
pub(super) fn command(
    state: &mut State,
    host: ConnectionId,
    wishes: Vec<HostWish>,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    if let Some(why) = refusal(state, host) {
        return Err(why);
    }
    for wish in wishes {
        let before = state
            .pages
            .iter()
            .rev()
            .find_map(|page| match (page, &wish) {
                (Page::Host(page), HostWish::Set(knob, _)) if page.connection == host => {
                    let known = page.knobs().into_iter().find(|(one, _)| one == knob)?;
                    Some(Undo::Value(known.0, known.1))
                }
                _ => None,
            });
        let deed = HostDeed {
            wish,
            undo: before,
            takes_back: false,
        };
        begin(state, host, deed, effects);
    }
    Ok(())
}

/// Asks whether the last change of a host, or of where its domains run, may be taken back.
pub(super) fn undo(state: &mut State, host: ConnectionId) {
    let Some(last) = state.host_changes.last(host).cloned() else {
        return state.say(Level::Note, "Nothing was changed here.".to_owned());
    };
    let Some(connection) = state.connection(host) else {
        return;
    };
    let label = text::visible(&connection.label).into_owned();
    match last {
        Undo::Value(knob, before) => {
            let title = format!("Set {} of {label} back?", knob.name());
            let body = vec![format!("To {before}, as it was before.")];
            let wish = HostWish::Set(knob, before);
            confirm(state, host, title, body, taking_back(wish));
        }
        Undo::File(path, None) => {
            let title = format!("Remove {path} of {label}?");
            let body = vec!["The values hold until the host restarts.".to_owned()];
            let wish = HostWish::Forget(path);
            confirm(state, host, title, body, taking_back(wish));
        }
        Undo::File(path, Some(text)) => {
            let title = format!("Give {path} of {label} its former text?");
            let body = text.lines().map(str::to_owned).collect();
            let wish = HostWish::Keep(crate::hostfacts::KeptFile {
                path,
                text,
                command: "true".to_owned(),
            });
            confirm(state, host, title, body, taking_back(wish));
        }
        Undo::Domain(uuid, steps) => {
            let id = DomainId {
                connection: host,
                uuid,
            };
            if state.guest(id).is_none() {
                state.host_changes.forget_last(host);
                return state.say(Level::Note, "The domain is gone.".to_owned());
            }
            let verb = DomainVerb::Arrange(Box::new(Arrange {
                steps,
                seconds: None,
            }));
            if let Some(why) = actions::refusal(state, Action::PinVcpu, id) {
                return state.say(Level::Note, why);
            }
            state.host_changes.undoing = Some(id);
            actions::confirm(state, Action::PinVcpu, verb, id);
        }
    }
}
