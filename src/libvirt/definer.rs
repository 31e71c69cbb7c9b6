//! Threads that read domain XML in the background, what is seen first coming first.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::ffi::{self, Connection, Error, Filter, Result};
use super::lister::Context;
use super::meter::Kind;
use super::opener::Opener;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::domxml;
use crate::model::{Definition, Uuid};
use crate::protocol::{Interest, News, XmlKind};

/// Threads, and with that calls in flight. In one login, whose sessions are few, there is one.
const THREADS: usize = 2;

/// With more than so many to be read a thread opens a connection for it: each takes some round trips, and all that time
/// nobody else would be heard on the control connection.
const FEW: usize = 8;

/// Definitions that go into one report.
const BATCH: usize = 64;

/// The queue of domains whose XML is to be read, and the threads that work on it.
#[derive(Clone)]
pub struct Definer {
    shared: Arc<Shared>,
    roster: Roster,
}

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Domains that ran when they were queued.
    running: BTreeSet<Uuid>,
    others: BTreeSet<Uuid>,
    /// Running domains whose next start was not looked at since their definition was read.
    ahead: BTreeSet<Uuid>,
    stopped: bool,
}

impl Queue {
    fn len(&self) -> usize {
        self.running.len() + self.others.len() + self.ahead.len()
    }

    /// Takes the next out: on screen and running, on screen, running, any other.
    fn take(&mut self, interest: &Interest) -> Option<Uuid> {
        let seen = || interest.visible.iter().chain(&interest.graphed).copied();
        if let Some(uuid) = seen().find(|uuid| self.running.contains(uuid)) {
            self.running.remove(&uuid);
            return Some(uuid);
        }
        if let Some(uuid) = seen().find(|uuid| self.others.contains(uuid)) {
            self.others.remove(&uuid);
            return Some(uuid);
        }
        self.running.pop_first().or_else(|| self.others.pop_first())
    }
}

impl Definer {
    /// Starts the threads.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn start(context: &Context) -> Result<Self> {
        let definer = Self {
            shared: Arc::new(Shared {
                queue: Mutex::default(),
                more: Condvar::new(),
            }),
            roster: context.roster.clone(),
        };
        let threads = if context.opener.is_one_login() {
            1
        } else {
            THREADS
        };
        for number in 0..threads {
            let reader = Reader {
                shared: Arc::clone(&definer.shared),
                opener: Arc::clone(&context.opener),
                reporter: context.reporter.clone(),
                roster: context.roster.clone(),
                readonly: context.readonly,
            };
            thread::Builder::new()
                .name(format!("define-{}-{number}", context.reporter.connection.0))
                .spawn(move || reader.run())
                .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        }
        Ok(definer)
    }

    /// Asks for the definitions of these domains.
    pub fn read(&self, uuids: impl IntoIterator<Item = Uuid>) {
        let mut queue = self.shared.lock();
        let roster = self.roster.lock();
        for uuid in uuids {
            let runs = roster
                .get(&uuid)
                .is_some_and(|entry| entry.domain.state.is_active());
            if runs {
                queue.others.remove(&uuid);
                queue.running.insert(uuid);
            } else {
                queue.running.remove(&uuid);
                queue.others.insert(uuid);
            }
        }
        drop(roster);
        drop(queue);
        self.shared.more.notify_all();
    }

    /// Lets the threads end.
    pub fn stop(&self) {
        self.shared.lock().stopped = true;
        self.shared.more.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for many definitions, with the host's domains on it.
struct Lane {
    connection: Connection,
    handles: HashMap<Uuid, ffi::Domain>,
}

impl Lane {
    fn open(opener: &Arc<Opener>) -> Result<Self> {
        let connection = opener.open(Kind::Control)?;
        let mut handles = HashMap::new();
        for domain in connection.list(Filter::ALL)? {
            handles.insert(domain.uuid()?, domain);
        }
        Ok(Self {
            connection,
            handles,
        })
    }

    /// `None` when the domain or the connection is gone.
    fn handle(&self, uuid: Uuid) -> Option<ffi::Domain> {
        let known = self.handles.get(&uuid).cloned();
        known.or_else(|| self.connection.domain(uuid).ok())
    }
}

/// Where a thread reads.
enum Place {
    /// The control connection will do.
    Shared,
    /// A connection of its own, until there is nothing to read.
    Own(Lane),
    /// There is no other than the control connection.
    OnlyShared,
}

struct Reader {
    shared: Arc<Shared>,
    opener: Arc<Opener>,
    reporter: Reporter,
    roster: Roster,
    readonly: bool,
}

/// What a thread does next, on a domain and its handle.
enum Task {
    /// Read its definition.
    Define(Uuid, ffi::Domain),
    /// Read which ports its next start will want: those of a running one may be others, or be given by chance.
    LookAhead(Uuid, ffi::Domain),
}

/// One definition, or why there is none.
type Outcome = (Uuid, std::result::Result<Arc<Definition>, String>);

impl Reader {
    fn run(&self) {
        let mut definitions = Vec::new();
        let mut changed = Vec::new();
        let mut place = Place::Shared;
        while let Some((task, rest)) = self.next(&mut definitions, &mut changed, &mut place) {
            let before = definitions.len();
            if matches!(place, Place::Shared) && rest > FEW {
                place = Lane::open(&self.opener).map_or_else(
                    |error| {
                        tracing::debug!("definitions share the control connection: {error}");
                        Place::OnlyShared
                    },
                    Place::Own,
                );
            }
            let (uuid, handle) = match &task {
                Task::Define(uuid, handle) | Task::LookAhead(uuid, handle) => (*uuid, handle),
            };
            let own = match &place {
                Place::Own(lane) => lane.handle(uuid),
                Place::Shared | Place::OnlyShared => None,
            };
            let used = own.as_ref().unwrap_or(handle);
            if matches!(task, Task::Define(..)) {
                if let Some((outcome, resized)) = self.define(uuid, used) {
                    definitions.push(outcome);
                    changed.extend(resized.then_some(uuid));
                }
            } else {
                definitions.extend(self.look_ahead(uuid, used));
            }
            if definitions.len() == before && !used.connection().is_alive() {
                if own.is_none() {
                    return;
                }
                place = Place::OnlyShared;
                self.put_back(task);
            }
            if definitions.len() >= BATCH {
                self.flush(&mut definitions, &mut changed);
            }
        }
    }

    fn put_back(&self, task: Task) {
        let mut queue = self.shared.lock();
        match task {
            Task::Define(uuid, _) => queue.others.insert(uuid),
            Task::LookAhead(uuid, _) => queue.ahead.insert(uuid),
        };
    }

    /// Reports what was read. Rows and definitions are told as they stand now, under the lock: others may have learned more of
    /// them meanwhile.
    fn flush(&self, definitions: &mut Vec<Outcome>, changed: &mut Vec<Uuid>) {
        let roster = self.roster.lock();
        if !definitions.is_empty() {
            for (uuid, outcome) in definitions.iter_mut() {
                let known = roster.get(uuid).map(|entry| &entry.domain);
                if let Some(newest) = known.and_then(|domain| domain.definition.as_ref())
                    && outcome.is_ok()
                {
                    *outcome = Ok(Arc::clone(newest));
                }
            }
            self.reporter
                .send(News::Defined(std::mem::take(definitions)));
        }
        if !changed.is_empty() {
            let rows = changed
                .drain(..)
                .filter_map(|uuid| Some(roster.get(&uuid)?.domain.clone()))
                .collect();
            self.reporter.send(News::Changed(rows));
        }
    }

    /// The next domain to read, and how many are left then. When there is none at the moment, reports what was read and
    /// gives up a connection of its own. `None` ends the thread.
    fn next(
        &self,
        definitions: &mut Vec<Outcome>,
        changed: &mut Vec<Uuid>,
        place: &mut Place,
    ) -> Option<(Task, usize)> {
        let mut queue = self.shared.lock();
        loop {
            if queue.stopped {
                return None;
            }
            let next = queue.take(&self.roster.interest());
            if let Some(uuid) = next {
                if let Some(entry) = self.roster.lock().get(&uuid) {
                    return Some((Task::Define(uuid, entry.handle.clone()), queue.len()));
                }
                continue;
            }
            if !definitions.is_empty() || !changed.is_empty() {
                drop(queue);
                self.flush(definitions, changed);
                queue = self.shared.lock();
                continue;
            }
            if let Some(uuid) = queue.ahead.pop_first() {
                if let Some(entry) = self.roster.lock().get(&uuid) {
                    return Some((Task::LookAhead(uuid, entry.handle.clone()), queue.len()));
                }
                continue;
            }
            if let Place::Own(_) = place {
                // To close it is a call.
                drop(queue);
                *place = Place::Shared;
                queue = self.shared.lock();
                continue;
            }
            queue = self
                .shared
                .more
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads one definition, and the sizes of a domain whose sizes are not known, with whether those are others than
    /// before; `None` when the domain is gone.
    fn define(&self, uuid: Uuid, handle: &ffi::Domain) -> Option<(Outcome, bool)> {
        let (live, sizes_known, ahead) = {
            let roster = self.roster.lock();
            let domain = &roster.get(&uuid)?.domain;
            let live = domain.state.is_active();
            (live, domain.vcpus.is_some(), live && domain.persistent)
        };
        let outcome = match definition(handle, live, self.readonly) {
            Ok(definition) => Ok(definition),
            Err(Unreadable::Gone) => return None,
            Err(Unreadable::Because(reason)) => Err(reason),
        };
        let info = if live || !sizes_known {
            handle.info().ok()
        } else {
            None
        };
        let mut roster = self.roster.lock();
        let domain = &mut roster.get_mut(&uuid)?.domain;
        let outcome = outcome.map(|mut definition| {
            if let Some(known) = domain.definition.as_ref().filter(|_| ahead) {
                definition.fixed_ports.clone_from(&known.fixed_ports);
            }
            Arc::new(definition)
        });
        match &outcome {
            Ok(definition) => {
                domain.definition = Some(Arc::clone(definition));
                domain.definition_error = None;
            }
            Err(reason) => domain.definition_error = Some(reason.clone()),
        }
        let mut resized = false;
        if let Some(info) = info {
            let sizes = (
                Some(info.vcpus),
                Some(info.memory_kib),
                Some(info.max_memory_kib),
            );
            if sizes != (domain.vcpus, domain.memory_kib, domain.max_memory_kib) {
                (domain.vcpus, domain.memory_kib, domain.max_memory_kib) = sizes;
                resized = true;
            }
        }
        drop(roster);
        // Only now: the other thread looks ahead for a definition that is there.
        if ahead {
            self.shared.lock().ahead.insert(uuid);
            self.shared.more.notify_all();
        }
        Some(((uuid, outcome), resized))
    }

    /// Reads the ports that the next start of a running domain will want; `None` when nothing is learned by it.
    fn look_ahead(&self, uuid: Uuid, handle: &ffi::Domain) -> Option<Outcome> {
        let xml = handle.xml(XmlKind::Inactive).ok()?;
        let fixed_ports = domxml::definition(&xml, false).ok()?.fixed_ports;
        let mut roster = self.roster.lock();
        let domain = &mut roster.get_mut(&uuid)?.domain;
        let known = domain.definition.as_ref()?;
        if known.fixed_ports == fixed_ports {
            return None;
        }
        let definition = Arc::new(Definition {
            fixed_ports,
            ..Definition::clone(known)
        });
        domain.definition = Some(Arc::clone(&definition));
        Some((uuid, Ok(definition)))
    }
}

/// Why there is no definition.
pub enum Unreadable {
    /// The domain or its connection is gone.
    Gone,
    /// In libvirt's or the parser's words.
    Because(String),
}

/// Reads and parses the XML of one domain. On a connection with the right to, the XML of a running domain is read
/// with its secrets, to learn whether its displays have a password; the text is dropped here.
///
/// # Errors
/// [`Unreadable`].
pub fn definition(
    handle: &ffi::Domain,
    live: bool,
    readonly: bool,
) -> std::result::Result<Definition, Unreadable> {
    if live && !readonly {
        match handle.xml_with_secrets() {
            Ok(xml) => return parse(&xml, true, domxml::Secrets::Included),
            Err(error) if error.is_denied() => {}
            Err(error) => return Err(unreadable(handle, &error)),
        }
    }
    match handle.xml(XmlKind::Live) {
        Ok(xml) => parse(&xml, live, domxml::Secrets::LeftOut),
        Err(error) => Err(unreadable(handle, &error)),
    }
}

fn unreadable(handle: &ffi::Domain, error: &Error) -> Unreadable {
    if error.is_no_domain() || !handle.connection().is_alive() {
        Unreadable::Gone
    } else {
        Unreadable::Because(error.message.clone())
    }
}

fn parse(
    xml: &str,
    live: bool,
    secrets: domxml::Secrets,
) -> std::result::Result<Definition, Unreadable> {
    let because =
        |error: domxml::XmlError| Unreadable::Because(super::remedies::cut(error.to_string()));
    let mut definition = domxml::definition(xml, live).map_err(because)?;
    if live && secrets == domxml::Secrets::Included {
        definition.endpoints = domxml::endpoints(xml, secrets).map_err(because)?.found;
    }
    Ok(definition)
}
