//! The calls of the sampler, each on a short-lived thread of its own that tells what came of it.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::fallback::{self, Memory};
use super::monitors::{CallId, MonitorId};
use super::schedule::Control;
use super::{Message, no_thread};
use crate::libvirt::ffi::{self, Connection, Domain, Filter, Groups, NodeReader, Reading, Result};
use crate::libvirt::meter::Kind;
use crate::libvirt::opener::Opener;
use crate::libvirt::roster::Roster;
use crate::model::{BalloonSample, DomainSample, Uuid};

/// Where monitor figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Bulk statistics over monitor connections.
    Bulk,
    /// Calls for each domain over the control connection: the driver has no bulk statistics beyond the state.
    EachDomain(Memory),
}

/// What carries monitor calls: a connection for each of those in flight.
pub struct Monitor {
    opener: Arc<Opener>,
    idle: Mutex<Vec<Lane>>,
}

/// A connection with handles of the running domains on it, so that a slice needs no look-up.
struct Lane {
    connection: Connection,
    handles: HashMap<Uuid, Domain>,
}

impl Lane {
    fn new(connection: Connection) -> Self {
        Self {
            connection,
            handles: HashMap::new(),
        }
    }

    /// Handles of these domains. A domain seen for the first time costs one list of the running ones; one that is
    /// gone is left out.
    fn handles(&mut self, members: &[Uuid]) -> Result<Vec<Domain>> {
        if members.iter().any(|uuid| !self.handles.contains_key(uuid)) {
            self.handles.clear();
            for domain in self.connection.list(Filter::ACTIVE)? {
                self.handles.insert(domain.uuid()?, domain);
            }
        }
        let known = members.iter().filter_map(|uuid| self.handles.get(uuid));
        Ok(known.cloned().collect())
    }
}

impl Monitor {
    fn new(opener: Arc<Opener>, first: Connection) -> Self {
        Self {
            opener,
            idle: Mutex::new(vec![Lane::new(first)]),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads these domains, and whether the connection for it was lost.
    fn read(&self, members: &[Uuid]) -> (Result<Vec<Reading>>, bool) {
        // Not held while another one is opened.
        let idle = self.idle().pop();
        let lane = idle.map_or_else(|| self.opener.open(Kind::Monitor).map(Lane::new), Ok);
        let mut lane = match lane {
            Ok(lane) => lane,
            Err(error) => return (Err(error), true),
        };
        let readings = lane
            .handles(members)
            .and_then(|handles| lane.connection.list_stats(&handles));
        let lost = readings.is_err() && !lane.connection.is_alive();
        if !lost {
            self.idle().push(lane);
        }
        (readings, lost)
    }
}

/// The connection that lists are read on, so that they do not wait for calls about single domains.
///
/// The first list goes over the control connection, which is open; after it another one is opened, once. Where that
/// fails, or the sessions of a login are few, all lists go over the control connection.
#[derive(Default)]
pub struct Aside {
    tried: AtomicBool,
    own: Mutex<Option<Connection>>,
}

impl Aside {
    fn own(&self) -> MutexGuard<'_, Option<Connection>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Option<Connection> {
        self.own().clone().filter(Connection::is_alive)
    }

    /// Opens it unless that was tried before. Blocks as long as an opening may take.
    fn prepare(&self, opener: &Arc<Opener>) {
        if opener.is_one_login() || self.tried.swap(true, Ordering::Relaxed) {
            return;
        }
        match opener.open(Kind::Control) {
            Ok(connection) => *self.own() = Some(connection),
            Err(error) => tracing::debug!("lists share the control connection: {error}"),
        }
    }
}

/// Everything the calls need.
pub struct Reads {
    /// Never a call on it that needs a guest's monitor.
    pub control: Connection,
    /// Opens monitor connections.
    pub opener: Arc<Opener>,
    /// What lists are read on.
    pub aside: Arc<Aside>,
    /// Handles of the domains on the control connection.
    pub roster: Roster,
    /// Where monitor figures come from.
    pub source: Source,
    /// What was learned of the host's figures.
    pub node: Arc<Mutex<NodeReader>>,
    /// Where the threads tell what came of their calls.
    pub messages: Sender<Message>,
}

impl Source {
    /// Finds out what the driver gives. Blocks as long as the daemon likes.
    pub fn of(control: &Connection) -> Self {
        if control.gives(Groups::ALL) {
            return Self::Bulk;
        }
        let invents = control
            .driver()
            .is_ok_and(|driver| driver.eq_ignore_ascii_case("test"));
        Self::EachDomain(if invents {
            Memory::Invented
        } else {
            Memory::Told
        })
    }
}

impl Reads {
    /// Runs `work` on a thread of its own and tells its result; `failed` is told when there is no thread to be had.
    fn spawn(
        &self,
        name: &str,
        work: impl FnOnce() -> Message + Send + 'static,
        failed: impl FnOnce(ffi::Error) -> Message,
    ) {
        let messages = self.messages.clone();
        let spawned = start(name, move || {
            // The sampler may have been stopped meanwhile.
            let _ = messages.send(work());
        });
        if let Err(error) = spawned {
            let _ = self.messages.send(failed(no_thread(&error)));
        }
    }

    /// Which domains run, what needs no monitor, and the host.
    pub fn list(&self) {
        let (control, roster) = (self.control.clone(), self.roster.clone());
        let (node, source) = (Arc::clone(&self.node), self.source);
        let (aside, opener) = (Arc::clone(&self.aside), Arc::clone(&self.opener));
        let messages = self.messages.clone();
        let spawned = start("sample-list", move || {
            let connection = aside.open().unwrap_or(control);
            let readings = match source {
                Source::Bulk => connection.stats(Groups::CHEAP, Filter::ACTIVE),
                Source::EachDomain(_) => Ok(fallback::active(&roster)),
            };
            let _ = messages.send(Message::Listed(readings));
            // Who waits for the list does not wait for the host's figures. A thread that still reads them is enough.
            if let Ok(mut reader) = node.try_lock() {
                let sample = connection.node_sample(&mut reader);
                let _ = sample.map(|sample| messages.send(Message::Node(sample)));
            }
            if source == Source::Bulk {
                aside.prepare(&opener);
            }
        });
        if let Err(error) = spawned {
            let listed = Message::Listed(Err(no_thread(&error)));
            let _ = self.messages.send(listed);
        }
    }

    /// What the monitors of these domains are busy with.
    pub fn look(&self, domains: Vec<Uuid>) {
        let handles = self.known(&domains);
        self.spawn(
            "sample-look",
            move || Message::Looked(handles.iter().map(look_at).collect()),
            |_| Message::Looked(Vec::new()),
        );
    }

    /// What the daemon knows of these domains without their monitors.
    pub fn info(&self, domains: Vec<Uuid>) {
        let handles = self.known(&domains);
        self.spawn(
            "sample-info",
            move || {
                Message::Informed(
                    handles
                        .iter()
                        .filter_map(|(uuid, domain)| info_of(*uuid, domain))
                        .collect(),
                )
            },
            |_| Message::Informed(Vec::new()),
        );
    }

    /// The monitor figures of these domains.
    pub fn slice(&self, call: CallId, monitor: Arc<Monitor>, members: Vec<Uuid>) {
        let (roster, source) = (self.roster.clone(), self.source);
        self.spawn(
            "sample-slice",
            move || {
                let (readings, lost) = match source {
                    Source::Bulk => monitor.read(&members),
                    Source::EachDomain(memory) => {
                        (Ok(fallback::read(&roster, &members, memory)), false)
                    }
                };
                Message::Answered(call, readings, lost)
            },
            move |error| Message::Answered(call, Err(error), false),
        );
    }

    /// Opens a monitor connection, within the limit that all openings have.
    pub fn open(&self, monitor: MonitorId) {
        if self.source != Source::Bulk {
            let shared = Arc::new(Monitor::new(Arc::clone(&self.opener), self.control.clone()));
            let _ = self.messages.send(Message::Opened(monitor, Ok(shared)));
            return;
        }
        let opener = Arc::clone(&self.opener);
        self.spawn(
            "sample-open",
            move || {
                let opened = opener.open(Kind::Monitor);
                let opened = opened.map(|first| Arc::new(Monitor::new(opener, first)));
                Message::Opened(monitor, opened)
            },
            move |error| Message::Opened(monitor, Err(error)),
        );
    }

    /// Handles on the control connection of those that are listed.
    fn known(&self, domains: &[Uuid]) -> Vec<(Uuid, Domain)> {
        let entries = self.roster.lock();
        domains
            .iter()
            .filter_map(|uuid| Some((*uuid, entries.get(uuid)?.handle.clone())))
            .collect()
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map(drop)
}

fn look_at((uuid, domain): &(Uuid, Domain)) -> (Uuid, Control) {
    let control = match domain.control() {
        Ok(ffi::Control::Free) => Control::Free,
        Ok(ffi::Control::Job) => Control::Job,
        Ok(ffi::Control::Occupied(since)) => Control::Occupied(since),
        Ok(ffi::Control::Broken) => Control::Broken,
        Err(_) => Control::Unknown,
    };
    (*uuid, control)
}

/// CPU time and memory by `virDomainGetInfo`.
fn info_of(uuid: Uuid, domain: &Domain) -> Option<DomainSample> {
    let info = domain.info().ok()?;
    Some(DomainSample {
        uuid,
        at: Instant::now(),
        state: None,
        cpu_time_ns: info.state.is_active().then_some(info.cpu_time_ns),
        vcpu_count: Some(info.vcpus),
        vcpus: Vec::new(),
        balloon: Some(BalloonSample {
            current_kib: Some(info.memory_kib),
            maximum_kib: Some(info.max_memory_kib),
            ..BalloonSample::default()
        }),
        blocks: None,
        nets: None,
    })
}
