//! Taking in what the connections report.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::pages::editor::definition_of;
use super::{
    Column, Effect, Guest, Job, Layer, Level, Line, Page, Purpose, Question, State, TextField,
    TextUse, actions, alerts, arriving, ballooning, comparing, consoles, displays, forms,
    host_changes, host_devices, layers, pages,
};
use crate::journal::Told;
use crate::model::{
    ConnectionId, ConnectionState, Domain, DomainId, DomainSample, EventKind, EventObject,
    ObjectChange, ObjectEvent, StoredKind, Uuid,
};
use crate::protocol::{
    Answer, Applied, DocumentRef, Failure, JobId, News, NotResponding, Prompt, Report,
};
use crate::record::Entry;
use crate::text;

/// Takes in a report; one of a former incarnation of its connection is dropped.
pub(super) fn take(state: &mut State, report: Report, effects: &mut Vec<Effect>) {
    let id = report.connection;
    let now = state.now;
    // Of no incarnation.
    let report = match report.news {
        News::Console(console, news) => return consoles::take(state, console, news, effects),
        News::Display(display, news) => return displays::take(state, display, news, effects),
        News::Thumbnail(uuid, made) => return pages::wall::take(state, id, uuid, made),
        _ => report,
    };
    let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) else {
        return;
    };
    if report.epoch < connection.epoch {
        return;
    }
    if report.epoch > connection.epoch {
        connection.epoch = report.epoch;
        state.long.forget(id);
        abandon(state, id, effects);
    }
    let Some(connection) = state.connections.iter_mut().find(|c| c.id == id) else {
        return;
    };
    match report.news {
        News::State(to, failure) => change(state, id, to, failure, effects),
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
            arriving::arrive(state, effects);
        }
        News::Changed(domains) => {
            connection.data_at = Some(now.instant);
            for domain in domains {
                changed(state, domain);
            }
            arriving::arrive(state, effects);
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
            let told = Told::domain(connection.uri(), &connection.label, &event);
            effects.push(Effect::Journal(told.clone()));
            state.happened.note(told);
            alerts::event(state, id, &event, effects);
            // VIR_DOMAIN_EVENT_DEFINED
            if matches!(event.kind, EventKind::Lifecycle { event: 0, .. }) {
                state.definition_changed(definition_of(domain), effects);
            }
            for page in &mut state.pages {
                if let Page::Editor(page) = page
                    && page.connection == id
                {
                    page.heard(event.uuid);
                }
            }
            displays::heard(state, domain, &event, effects);
            if let Some(guest) = state.guests.get_mut(&domain) {
                guest.note(event);
                let told = |column| matches!(column, Column::LastEvent | Column::Uptime);
                state.table.figures_changed(told);
            }
        }
        News::ObjectEvent(event) => {
            let told = Told::object(connection.uri(), &connection.label, &event);
            effects.push(Effect::Journal(told.clone()));
            state.happened.note(told);
            state.networks_changed(id, event.object);
            state.storage_changed(id, event.object);
            if let Some(uuid) = event.uuid {
                redefined(state, id, &event, uuid, effects);
            }
        }
        News::Sampled { domains, node } => {
            connection.data_at = Some(now.instant);
            if let Some(node) = node {
                connection.node.accept(node);
            }
            for sample in domains {
                let domain = DomainId {
                    connection: id,
                    uuid: sample.uuid,
                };
                sampled(state, id, sample);
                alerts::figures(state, domain, effects);
                ballooning::look(state, domain, effects);
                comparing::note(state, domain);
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
        News::Resources(found) => {
            connection.resources = found;
            layers::found_more(state);
        }
        News::Pools(pools) => alerts::pools(state, id, &pools, effects),
        News::LongJobs(jobs) => {
            state.long.accept(id, jobs, now.instant);
            state.refresh_benches(id);
        }
        News::Progress(job, done, whole) => {
            state.jobs.progressed(job, done, whole, now.instant);
        }
        News::JobStarted(job) => state.jobs.started(job),
        News::JobStep(job, text) => state.form_step(job, &text),
        News::JobFinished(job, result) => finished(state, job, &result, effects),
        News::Console(..) | News::Display(..) | News::Thumbnail(..) => {}
        News::Asked(prompt) => asked(state, id, prompt),
        News::Calls(counts) => connection.calls.accept(counts, now.instant),
    }
}

fn change(
    state: &mut State,
    id: ConnectionId,
    to: ConnectionState,
    failure: Option<Failure>,
    effects: &mut Vec<Effect>,
) {
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
        alerts::lost(state, id, effects);
    } else if back {
        state.say(Level::Done, format!("Connected to {label} again."));
    }
    if !is_opening {
        withdraw(state, id);
    }
}

/// Requests of a former incarnation: nobody will say what became of them.
pub(super) fn abandon(state: &mut State, id: ConnectionId, effects: &mut Vec<Effect>) {
    state.forget_definition_reads();
    for job in state.jobs.abandon(id) {
        let lost = Some("the connection was lost before an answer came".to_owned());
        record(state, &job, lost, effects);
        let failure = Failure {
            what: "the request".to_owned(),
            reason: "the connection was lost before an answer came".to_owned(),
            code: None,
            remedy: None,
        };
        state.form_answered(job.id, Some(&failure));
        let Purpose::Act(action) = job.purpose else {
            for page in &mut state.pages {
                page.answered(job.id, &Err(failure.clone()));
            }
            continue;
        };
        let name = done_to(state, &job);
        let failure = Failure {
            what: format!("{} of {name}", action.row().label),
            reason: "the connection was lost before an answer came; look at the domain's state"
                .to_owned(),
            ..failure
        };
        state.tell_outcome(&job, name, action, Some(&failure));
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
    state.alerts.gone(id);
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

/// What a request was done to: a domain, or what it was named.
fn done_to(state: &mut State, job: &Job) -> String {
    let named = state.jobs.take_name(job.id);
    let domain = || {
        let guest = state.guest(job.target).map(|g| g.domain.name.clone());
        guest.unwrap_or_else(|| job.target.uuid.to_string())
    };
    named.unwrap_or_else(domain)
}

/// Entries that the Log keeps; the file has them all.
const LOGGED: usize = 1000;

impl State {
    /// Puts on record what was done to a domain by other ways than a request.
    pub(super) fn note_done(&mut self, id: DomainId, line: String, effects: &mut Vec<Effect>) {
        let Some(connection) = self.connection(id.connection) else {
            return;
        };
        let domain = self.guest(id).map(|guest| guest.domain.name.clone());
        let entry = Entry {
            time: self.now.wall,
            connection: connection.uri().to_owned(),
            domain: domain.unwrap_or_default(),
            uuid: id.uuid.to_string(),
            line,
            took: Duration::ZERO,
            failure: None,
        };
        put_on_record(self, entry, effects);
    }
}

/// Puts on record what has ended.
fn record(state: &mut State, job: &Job, failure: Option<String>, effects: &mut Vec<Effect>) {
    let took = state.now.instant.saturating_duration_since(job.since);
    if let Some(entry) = state.jobs.record(job.id, took, failure) {
        put_on_record(state, entry, effects);
    }
}

/// Puts something that was done into the log and the file.
pub(super) fn put_on_record(state: &mut State, entry: Entry, effects: &mut Vec<Effect>) {
    if state.log.len() >= LOGGED {
        state.log.remove(0);
    }
    state.log.push(entry.clone());
    effects.push(Effect::Record(entry));
}

/// Something happened to an object that is no domain: an editor looks at it, and a new definition is kept.
fn redefined(
    state: &mut State,
    host: ConnectionId,
    event: &ObjectEvent,
    uuid: Uuid,
    effects: &mut Vec<Effect>,
) {
    for page in &mut state.pages {
        if let Page::Editor(page) = page
            && page.connection == host
        {
            page.heard(uuid);
        }
    }
    let kind = match event.object {
        EventObject::Network => StoredKind::Network,
        EventObject::Pool => StoredKind::Pool,
        EventObject::Secret => StoredKind::Secret,
        EventObject::Domain | EventObject::NodeDevice => return,
    };
    // VIR_NETWORK_EVENT_DEFINED, VIR_STORAGE_POOL_EVENT_DEFINED, VIR_SECRET_EVENT_DEFINED
    if matches!(event.change, ObjectChange::Lifecycle { event: 0, .. }) {
        state.definition_changed((host, DocumentRef::Stored(kind, uuid)), effects);
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
    let failure = match result {
        Ok(Answer::Applied(Applied::Changed(_))) => Some("another changed it meanwhile".to_owned()),
        Ok(Answer::Applied(Applied::Refused(what, _))) => Some(what.clone()),
        Ok(_) => None,
        Err(failure) => Some(failure.reason.clone()),
    };
    let subject = state.jobs.subject(id).map(str::to_owned);
    record(state, &job, failure, effects);
    let later = state.jobs.later(id);
    state.note_frozen(&job, result);
    ballooning::answered(state, id, result);
    host_devices::answered(state, id, result);
    host_changes::answered(state, &job, id, result);
    match (job.purpose, result) {
        (Purpose::Act(_), Ok(Answer::Made(made))) => {
            state.made(&job, made);
        }
        (Purpose::Act(action), _) => {
            let name = done_to(state, &job);
            // What is no domain is called what stands on record.
            let stored = subject.filter(|_| state.guest(job.target).is_none());
            let name = stored.unwrap_or(name);
            state.tell_outcome(&job, name, action, result.as_ref().err());
            if let (Some((action, verb)), Err(failure)) = (later, result) {
                let why = text::visible(&failure.reason).into_owned();
                actions::offer_later(state, action, verb, job.target, &why);
            }
        }
        (Purpose::Read, _) => {}
    }
    state.form_answered(id, result.as_ref().err());
    forms::answered(state, id, result);
    state.definition_read(id, result, effects);
    if let (Purpose::Act(_), Ok(_)) = (job.purpose, result) {
        state.redefined(job.target, effects);
    }
    for page in &mut state.pages {
        page.answered(id, result);
        match (page, job.purpose) {
            (Page::Host(host), Purpose::Act(_)) => host.stale(),
            (Page::Bench(bench), Purpose::Act(_)) => bench.stale(),
            (Page::Networks(networks), Purpose::Act(_)) => networks.stale(),
            (Page::Storage(storage), Purpose::Act(_)) => storage.done(),
            (Page::Volumes(volumes), Purpose::Act(_)) => volumes.stale(),
            (Page::Snapshots(snapshots), Purpose::Act(_)) => snapshots.stale(),
            (Page::Hardware(page), Purpose::Act(_)) => page.stale(),
            (Page::Agent(page), Purpose::Act(_)) => page.stale(),
            _ => {}
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
