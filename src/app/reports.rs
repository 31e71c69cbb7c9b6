//! Taking in what the connections report.

use std::collections::{BTreeMap, HashSet};

use super::{
    Column, Effect, Guest, Job, Layer, Level, Line, Purpose, Question, State, TextField, TextUse,
    actions,
};
use crate::model::{ConnectionId, ConnectionState, Domain, DomainId, DomainSample, Uuid};
use crate::protocol::{Answer, Failure, JobId, News, NotResponding, Prompt, Report};
use crate::text;

/// Takes in a report; one of a former incarnation of its connection is dropped.
pub(super) fn take(state: &mut State, report: Report, effects: &mut Vec<Effect>) {
    let id = report.connection;
    let now = state.now;
    let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) else {
        return;
    };
    if report.epoch < connection.epoch {
        return;
    }
    if report.epoch > connection.epoch {
        connection.epoch = report.epoch;
        abandon(state, id, effects);
    }
    let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) else {
        return;
    };
    match report.news {
        News::State(to, failure) => change(state, id, to, failure),
        News::Opened(opened) => {
            connection.opened = Some(*opened);
            connection.failure = None;
            state.label_connections();
            // A new incarnation knows nothing of what the screen shows.
            state.interest.remove(&id);
            interrupt(state, id);
        }
        News::Listed { domains, truncated } => {
            connection.listed = true;
            connection.truncated = truncated;
            connection.data_at = Some(now.instant);
            listed(state, id, domains);
        }
        News::Changed(domains) => {
            connection.data_at = Some(now.instant);
            for domain in domains {
                changed(state, domain);
            }
        }
        News::Defined(definitions) => {
            let mut broken = Vec::new();
            for (uuid, result) in definitions {
                let Some(guest) = state.guests.get_mut(&DomainId {
                    connection: id,
                    uuid,
                }) else {
                    continue;
                };
                match result {
                    Ok(definition) => {
                        let known = guest.domain.definition.as_ref();
                        if definition.breaks_at_restart
                            && known.is_none_or(|known| !known.breaks_at_restart)
                        {
                            broken.push(guest.domain.name.clone());
                        }
                        guest.domain.definition = Some(definition);
                        guest.domain.definition_error = None;
                    }
                    Err(why) => guest.domain.definition_error = Some(why),
                }
                guest.renamed();
            }
            for name in broken {
                let text = format!(
                    "{}: its title or description holds control characters that libvirt cannot read again; it will not \
                     survive a restart of the daemon",
                    text::visible(&name)
                );
                let advice = Some("Mend Title (M) writes them as visible text.".to_owned());
                state.messages.say(Level::Failed, text, advice, now);
            }
            let told = |column| {
                matches!(
                    column,
                    Column::Display | Column::Virt | Column::Title | Column::Tags | Column::Notes
                )
            };
            // Ports and titles are filtered on.
            let filtered = !state.table.filter().is_empty();
            state
                .table
                .figures_changed(|column| filtered || told(column));
        }
        News::Gone(uuid) => gone(
            state,
            DomainId {
                connection: id,
                uuid,
            },
        ),
        News::Event(event) => {
            let domain = DomainId {
                connection: id,
                uuid: event.uuid,
            };
            let label = connection.label.clone();
            state.happened.note(id, &label, event.clone());
            if let Some(guest) = state.guests.get_mut(&domain) {
                guest.note(event);
                let told = |column| matches!(column, Column::LastEvent | Column::Uptime);
                state.table.figures_changed(told);
            }
        }
        News::Sampled { domains, node } => {
            connection.data_at = Some(now.instant);
            if let Some(node) = node {
                connection.node.accept(node);
            }
            for sample in domains {
                sampled(state, id, sample);
            }
            state.table.figures_changed(Column::moves);
        }
        News::NotResponding { domains, resting } => {
            connection.resting = resting;
            silent(state, id, &domains);
        }
        News::Addresses(uuid, addresses) => {
            if let Some(guest) = state.guests.get_mut(&DomainId {
                connection: id,
                uuid,
            }) {
                guest.addresses = addresses;
                state.table.figures_changed(|column| column == Column::Ip);
            }
        }
        News::Asides(found) => {
            for (uuid, aside) in found {
                let domain = DomainId {
                    connection: id,
                    uuid,
                };
                if let Some(guest) = state.guests.get_mut(&domain) {
                    guest.take_aside(aside);
                }
            }
            state.table.figures_changed(Column::is_aside);
        }
        News::JobStarted(job) => state.jobs.started(job),
        News::JobFinished(job, result) => finished(state, job, &result, effects),
        News::Asked(prompt) => asked(state, id, prompt),
        News::Calls(counts) => connection.calls.accept(counts, now.instant),
    }
    let _ = effects;
}

fn change(state: &mut State, id: ConnectionId, to: ConnectionState, failure: Option<Failure>) {
    let now = state.now;
    let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) else {
        return;
    };
    let was = std::mem::discriminant(&connection.state);
    if was != std::mem::discriminant(&to) {
        connection.since = now.instant;
    }
    connection.retry_at = match &to {
        ConnectionState::Lost { retry_in, .. } => Some(now.instant + *retry_in),
        _ => None,
    };
    let lost_now = connection.is_live() && matches!(to, ConnectionState::Lost { .. });
    let back = !connection.is_live() && to == ConnectionState::Active && connection.listed;
    connection.state = to;
    if connection.state == ConnectionState::Active {
        connection.failure = None;
    }
    if failure.is_some() {
        connection.failure = failure;
    }
    let is_opening = connection.state == ConnectionState::Connecting;
    let label = text::visible(&connection.label).into_owned();
    if lost_now {
        let why = connection
            .failure
            .as_ref()
            .map_or_else(String::new, |failure| format!(": {}", failure.reason));
        let advice = connection
            .failure
            .as_ref()
            .and_then(|failure| failure.remedy.as_ref())
            .map(|remedy| remedy.advice.clone());
        let text = format!("Connection to {label} lost{why}");
        state.messages.say(Level::Failed, text, advice, now);
    } else if back {
        state.say(Level::Done, format!("Connected to {label} again."));
    }
    if !is_opening {
        withdraw(state, id);
    }
}

/// Requests of a former incarnation: nobody will say what became of them.
fn abandon(state: &mut State, id: ConnectionId, effects: &mut Vec<Effect>) {
    for job in state.jobs.abandon(id) {
        let lost = Some("the connection was lost before an answer came".to_owned());
        record(state, &job, lost, effects);
        let Purpose::Act(action) = job.purpose else {
            let failure = Failure {
                what: "the request".to_owned(),
                reason: "the connection was lost before an answer came".to_owned(),
                code: None,
                remedy: None,
            };
            for page in &mut state.pages {
                page.answered(job.id, &Err(failure.clone()));
            }
            continue;
        };
        let name = state
            .guest(job.target)
            .map_or_else(|| job.target.uuid.to_string(), |g| g.domain.name.clone());
        let text = format!(
            "{} of {}: the connection was lost before an answer came; look at the domain's state.",
            action.row().label,
            text::visible(&name)
        );
        state.say(Level::Failed, text);
    }
}

/// No rate bridges the time while a connection was gone.
fn interrupt(state: &mut State, id: ConnectionId) {
    let now = state.now.instant;
    for connection in state.connections.iter_mut().filter(|c| c.id == id) {
        connection.node.interrupt();
    }
    for (domain, guest) in &mut state.guests {
        if domain.connection == id {
            guest.interrupt(now);
        }
    }
}

fn listed(state: &mut State, id: ConnectionId, domains: Vec<Domain>) {
    let present: HashSet<Uuid> = domains.iter().map(|domain| domain.id.uuid).collect();
    state
        .guests
        .retain(|domain, _| domain.connection != id || present.contains(&domain.uuid));
    for domain in domains {
        changed(state, domain);
    }
    state.silent = count_silent(state);
    state.table.domains_changed();
}

fn changed(state: &mut State, domain: Domain) {
    let now = state.now.instant;
    match state.guests.get_mut(&domain.id) {
        Some(guest) => {
            let renamed = guest.domain.name != domain.name;
            let was_silent = guest.silent_since.is_some();
            guest.replace(domain, now);
            if was_silent && guest.silent_since.is_none() {
                state.silent = state.silent.saturating_sub(1);
            }
            if renamed {
                state.table.domains_changed();
            } else {
                state.table.figures_changed(|column| column != Column::Name);
                if !state.table.filter().is_empty() {
                    state.table.figures_changed(|_| true);
                }
            }
        }
        None => {
            state.guests.insert(domain.id, Guest::new(domain, now));
            state.table.domains_changed();
        }
    }
}

fn gone(state: &mut State, id: DomainId) {
    if state.guests.remove(&id).is_some() {
        state.silent = count_silent(state);
        state.table.domains_changed();
    }
}

fn sampled(state: &mut State, connection: ConnectionId, sample: DomainSample) {
    let id = DomainId {
        connection,
        uuid: sample.uuid,
    };
    // What is on the screen is what people open next, and its devices must have a past by then.
    let looked_at = state.pages.iter().any(|page| page.domain() == Some(id))
        || state
            .interest
            .get(&connection)
            .is_some_and(|interest| interest.visible.contains(&id.uuid));
    let Some(guest) = state.guests.get_mut(&id) else {
        return;
    };
    if guest.domain.state.is_active() {
        guest.accept(&sample, looked_at);
    }
    if let Some((to, reason)) = sample.state
        && sample.at > guest.told_at
        && (to, reason) != (guest.domain.state, guest.domain.reason)
    {
        guest.domain.state = to;
        guest.domain.reason = reason;
        state
            .table
            .figures_changed(|column| column == Column::State);
    }
}

fn silent(state: &mut State, connection: ConnectionId, domains: &[NotResponding]) {
    let since: BTreeMap<_, _> = domains.iter().map(|one| (one.uuid, one.since)).collect();
    for (id, guest) in &mut state.guests {
        if id.connection == connection {
            guest.silent_since = since.get(&id.uuid).copied();
        }
    }
    state.silent = count_silent(state);
    state
        .table
        .figures_changed(|column| column == Column::State);
}

fn count_silent(state: &State) -> usize {
    let silent = |guest: &&Guest| guest.silent_since.is_some();
    state.guests.values().filter(silent).count()
}

/// Entries that the Log keeps; the file has them all.
const LOGGED: usize = 1000;

/// Puts on record what has ended.
fn record(state: &mut State, job: &Job, failure: Option<String>, effects: &mut Vec<Effect>) {
    let took = state.now.instant.saturating_duration_since(job.since);
    if let Some(entry) = state.jobs.record(job.id, took, failure) {
        if state.log.len() >= LOGGED {
            state.log.remove(0);
        }
        state.log.push(entry.clone());
        effects.push(Effect::Record(entry));
    }
}

fn finished(
    state: &mut State,
    id: JobId,
    result: &Result<Answer, Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(job) = state.jobs.end(id) else {
        return;
    };
    let failure = result.as_ref().err().map(|failure| failure.reason.clone());
    record(state, &job, failure, effects);
    match (job.purpose, result) {
        (Purpose::Act(action), Ok(_)) => {
            let name = state
                .guest(job.target)
                .map_or_else(|| job.target.uuid.to_string(), |g| g.domain.name.clone());
            state.say(Level::Done, actions::accepted(action, &name));
        }
        (Purpose::Act(_), Err(failure)) => {
            let text = text::visible(&failure.to_string()).into_owned();
            let advice = failure.remedy.as_ref().map(|remedy| remedy.advice.clone());
            state.messages.say(Level::Failed, text, advice, state.now);
        }
        (Purpose::Read, result) => {
            for page in &mut state.pages {
                page.answered(id, result);
            }
        }
    }
}

/// The opening that asked has ended. A dialog that somebody is typing into stays: their next keys would otherwise be
/// taken for commands.
fn withdraw(state: &mut State, id: ConnectionId) {
    if let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) {
        connection.prompts.clear();
    }
    state.layers.retain_mut(|layer| match layer {
        Layer::Text(field) if field.asks_for(id) => {
            field.error = Some("This is no longer asked.".to_owned());
            !field.line.text().is_empty()
        }
        _ => true,
    });
}

fn asked(state: &mut State, id: ConnectionId, prompt: Prompt) {
    let question = Question {
        connection: id,
        prompt: prompt.id,
        text: prompt.text.clone(),
    };
    let line = if prompt.masked {
        Line::masked()
    } else {
        Line::new("")
    };
    if let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) {
        connection.prompts.push(prompt);
    }
    // Below what the person is typing now: keys meant for that must not go into a password.
    let field = TextField::new(TextUse::Answer(question), line);
    let at = usize::from(!state.layers.is_empty()) * state.layers.len().saturating_sub(1);
    state.layers.insert(at, Layer::Text(field));
}
