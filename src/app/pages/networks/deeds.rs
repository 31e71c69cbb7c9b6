//! What is done about networks: whether it may be, the question before it, the request, and the record.

use std::time::Duration;

use crate::action::Action;
use crate::app::{Confirm, Effect, Intent, Layer, Level, Purpose, State};
use crate::model::{ConnectionId, DomainId, Network, Uuid};
use crate::protocol::{Affect, JobId, NetVerb, Verb};
use crate::record::Entry;
use crate::text::visible;
use crate::virsh::{self, Given};
/// Something about the networks of a host, ready to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetDeed {
    /// On which host.
    pub connection: ConnectionId,
    /// The action that it is.
    pub action: Action,
    /// What is asked of libvirt.
    pub verb: NetVerb,
    /// What it is done to; untrusted.
    pub name: String,
    /// What it means, beside the action's sentence.
    pub means: Vec<String>,
}

impl NetDeed {
    /// The command that does the same, without a host.
    fn given(&self) -> Option<Given> {
        let named = |word: &str, name: &str| {
            let mut given = Given::new(virsh::command(word).ok()?);
            let option = given.command.options.first()?;
            given.name(option.name, Some(name.to_owned())).ok()?;
            Some(given)
        };
        match &self.verb {
            NetVerb::Network(_, verb) => virsh::network_given(verb, &self.name),
            NetVerb::UndefineFilter(_) => named("nwfilter-undefine", &self.name),
            NetVerb::SwitchInterface(name, true) => named("iface-start", name),
            NetVerb::SwitchInterface(name, false) => named("iface-destroy", name),
            NetVerb::DefineInterface(_) => named("iface-define", "FILE"),
            NetVerb::UndefineInterface(name) => named("iface-undefine", name),
            NetVerb::BeginInterfaces => Some(Given::new(virsh::command("iface-begin").ok()?)),
            NetVerb::CommitInterfaces => Some(Given::new(virsh::command("iface-commit").ok()?)),
            NetVerb::RollbackInterfaces => Some(Given::new(virsh::command("iface-rollback").ok()?)),
            NetVerb::DefineNetwork { .. } => named("net-define", "FILE"),
            NetVerb::CreateNetwork(_) => named("net-create", "FILE"),
            NetVerb::DefineFilter(_) => named("nwfilter-define", "FILE"),
        }
    }

    /// The line that does the same, ready for a shell.
    #[must_use]
    pub fn line(&self, state: &State) -> Option<String> {
        let mut given = self.given()?;
        given.host = Some(state.connection(self.connection)?.uri().to_owned());
        Some(format!("virsh {}", given.line()))
    }
}

/// Why nothing of a host's networks can be changed; `None` when it can.
#[must_use]
pub(in crate::app) fn refusal(state: &State, host: ConnectionId, action: Action) -> Option<String> {
    let connection = state.connection(host)?;
    let label = visible(&connection.label);
    let word = action.row().label;
    if connection.readonly() {
        return Some(format!(
            "{word} is not possible: {label} is open read-only. Open it without --readonly to change its networks."
        ));
    }
    (!connection.is_live()).then(|| format!("{word} is not possible: {label} is not connected."))
}

/// Does it, after the question that its action wants.
pub(in crate::app) fn attempt(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) {
    if let Some(why) = refusal(state, deed.connection, deed.action) {
        return state.say(Level::Note, why);
    }
    if !state.asks(deed.action) {
        return begin(state, deed, effects);
    }
    let row = deed.action.row();
    let host = state
        .connection(deed.connection)
        .filter(|_| state.connections.len() > 1)
        .map_or_else(String::new, |host| format!(" on {}", host.label));
    let mut body = vec![row.doc.to_owned()];
    body.extend(deed.means.iter().cloned());
    let layer = Confirm {
        title: format!("{} {}{host}?", row.label, deed.name),
        body,
        warning: None,
        command: deed.line(state),
        accept: row.label,
        yes: false,
        count: None,
        typed: String::new(),
        intent: Intent::Net(Box::new(deed)),
    };
    state.layers.push(Layer::Confirm(layer));
}

/// Sends it, after all questions. Asked again whether it may be: a dialog can stand for long.
pub(in crate::app) fn begin(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) {
    if let Some(why) = refusal(state, deed.connection, deed.action) {
        return state.say(Level::Note, why);
    }
    send(state, deed, effects);
}

/// Puts on record what is about a bridge of a host.
pub(in crate::app) fn record(
    state: &mut State,
    job: JobId,
    host: ConnectionId,
    name: &str,
    line: String,
) {
    let Some(connection) = state.connection(host) else {
        return;
    };
    let entry = Entry {
        time: state.now.wall,
        connection: connection.uri().to_owned(),
        domain: name.to_owned(),
        uuid: String::new(),
        line,
        took: Duration::ZERO,
        failure: None,
    };
    state.jobs.describe(job, entry);
}

/// Sends it; gives its number.
pub(in crate::app) fn send(state: &mut State, deed: NetDeed, effects: &mut Vec<Effect>) -> JobId {
    let entry = state.connection(deed.connection).map(|connection| Entry {
        time: state.now.wall,
        connection: connection.uri().to_owned(),
        domain: deed.name.clone(),
        uuid: match &deed.verb {
            NetVerb::Network(uuid, _) | NetVerb::UndefineFilter(uuid) => uuid.to_string(),
            _ => String::new(),
        },
        line: deed.line(state).unwrap_or_default(),
        took: Duration::ZERO,
        failure: None,
    });
    let target = DomainId {
        connection: deed.connection,
        uuid: Uuid([0; 16]),
    };
    let job = state.ask(
        target,
        Purpose::Act(deed.action),
        Verb::Net(deed.verb),
        effects,
    );
    state.jobs.name(job, deed.name);
    if let Some(entry) = entry {
        state.jobs.describe(job, entry);
    }
    job
}

/// Where a change of a part of a network is made: now, for the next start, or both, as far as there are two.
pub(in crate::app) fn affect(network: &Network) -> Affect {
    match (network.active, network.persistent) {
        (true, true) => Affect::Both,
        (true, false) => Affect::Live,
        (false, _) => Affect::Config,
    }
}
