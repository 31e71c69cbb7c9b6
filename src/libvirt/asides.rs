//! What only some columns show: how many snapshots there are, and since when a domain runs. Read in the background, and
//! only while a column or a filter wants it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{self, Error, Result};
use super::processes;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::model::{Definition, Uuid};
use crate::protocol::{Aside, News};

/// How often it is seen who is due.
const ROUND: Duration = Duration::from_secs(2);

/// Domains counted for the first time in one round.
const FIRST_COUNTS: usize = 64;

/// Domains on the screen counted again in one round: libvirt tells no event when a snapshot is made.
const COUNTS: usize = 3;

/// How long a count of a domain on the screen holds.
const HOLDS: Duration = Duration::from_secs(30);

/// How often all processes of this machine are looked through at most.
const PROCESSES: Duration = Duration::from_secs(10);

/// How often it is looked how full pools are.
const POOLS: Duration = Duration::from_secs(60);

/// How long it is known which networks, pools and volumes there are.
const RESOURCES: Duration = Duration::from_secs(10);

/// Volumes that are listed.
const MOST_VOLUMES: usize = 20_000;

/// The thread. Dropping it ends it when its call returns.
pub struct Asides {
    _stop: Sender<()>,
}

/// What the thread works with.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// Domains, their handles on the control connection, and what the screen wants.
    pub roster: Roster,
    /// The control connection.
    pub connection: ffi::Connection,
    /// Hypervisor processes are those of this machine.
    pub local: bool,
}

impl Asides {
    /// Starts the thread.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(context: Context) -> Result<Self> {
        let (stop, stopped) = channel();
        let name = format!("asides-{}", context.reporter.connection.0);
        let mut reader = Reader {
            context,
            counted: HashMap::new(),
            started: HashMap::new(),
            looked: None,
            pools_at: None,
            resources_at: None,
            unsupported: false,
        };
        thread::Builder::new()
            .name(name)
            .spawn(move || reader.run(&stopped))
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        Ok(Self { _stop: stop })
    }
}

struct Reader {
    context: Context,
    counted: HashMap<Uuid, Counted>,
    /// Runs whose process was looked for, found or not.
    started: HashMap<Uuid, u32>,
    looked: Option<Instant>,
    /// When it was last looked how full pools are.
    pools_at: Option<Instant>,
    /// When networks, pools and volumes were last listed.
    resources_at: Option<Instant>,
    /// The driver has no snapshots.
    unsupported: bool,
}

/// When snapshots were counted, and what the domain was then: an event that changed it may have made one.
struct Counted {
    at: Instant,
    state: i32,
    definition: Option<Arc<Definition>>,
    number: Option<u32>,
}

/// A domain to be counted.
struct Due {
    uuid: Uuid,
    handle: ffi::Domain,
    state: i32,
    definition: Option<Arc<Definition>>,
}

impl Reader {
    fn run(&mut self, stopped: &Receiver<()>) {
        while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
            let asked = self.context.roster.interest().asides;
            let mut found = Vec::new();
            if asked.snapshots && !self.unsupported {
                self.count(&mut found);
            }
            if asked.uptime && self.context.local {
                self.look_for_processes(&mut found);
            }
            if !found.is_empty() {
                self.context.reporter.send(News::Asides(found));
            }
            // Once unasked, so that who asks for the first time need not wait.
            let known = self.resources_at.map(|at| at.elapsed());
            if known.is_none_or(|age| asked.resources && age >= RESOURCES) {
                if let Ok(found) = self.context.connection.resources(MOST_VOLUMES) {
                    self.context.reporter.send(News::Resources(found));
                }
                self.resources_at = Some(Instant::now());
            }
            if asked.pools && self.pools_at.is_none_or(|at| at.elapsed() >= POOLS) {
                self.pools_at = Some(Instant::now());
                if let Ok(fills) = self.context.connection.pool_fills() {
                    self.context.reporter.send(News::Pools(fills));
                }
            }
        }
    }

    fn count(&mut self, found: &mut Vec<(Uuid, Aside)>) {
        for due in self.due() {
            let number = match due.handle.snapshot_count() {
                Ok(number) => Some(number),
                Err(error) if error.is_unsupported() => {
                    self.unsupported = true;
                    return;
                }
                Err(_) => None,
            };
            let counted = Counted {
                at: Instant::now(),
                state: due.state,
                definition: due.definition,
                number,
            };
            let before = self.counted.insert(due.uuid, counted);
            if before.is_none_or(|before| before.number != number) {
                found.push((due.uuid, Aside::Snapshots(number)));
            }
        }
    }

    /// Who is to be counted in this round: those on the screen first.
    fn due(&mut self) -> Vec<Due> {
        let visible = self.context.roster.interest().visible.clone();
        let roster = self.context.roster.lock();
        self.counted.retain(|uuid, _| roster.contains_key(uuid));
        let others = roster.keys().filter(|uuid| !visible.contains(*uuid));
        let (mut first, mut again) = (0, 0);
        let mut due = Vec::new();
        for uuid in visible.iter().chain(others) {
            let Some(entry) = roster.get(uuid) else {
                continue;
            };
            let domain = &entry.domain;
            let state = domain.state.raw();
            let room = match self.counted.get(uuid) {
                None => {
                    first += 1;
                    first <= FIRST_COUNTS
                }
                Some(known) => {
                    let same = match (&known.definition, &domain.definition) {
                        (Some(known), Some(now)) => Arc::ptr_eq(known, now),
                        (known, now) => known.is_none() == now.is_none(),
                    };
                    let changed = known.state != state || !same;
                    let old = visible.contains(uuid) && known.at.elapsed() >= HOLDS;
                    again += usize::from(changed || old);
                    (changed || old) && again <= COUNTS
                }
            };
            if room {
                due.push(Due {
                    uuid: *uuid,
                    handle: entry.handle.clone(),
                    state,
                    definition: domain.definition.clone(),
                });
            }
        }
        due
    }

    /// Looks for the processes of runs that were not looked for yet.
    fn look_for_processes(&mut self, found: &mut Vec<(Uuid, Aside)>) {
        if self.looked.is_some_and(|at| at.elapsed() < PROCESSES) {
            return;
        }
        let runs: HashMap<Uuid, u32> = {
            let roster = self.context.roster.lock();
            let ids = roster
                .iter()
                .filter_map(|(uuid, entry)| Some((*uuid, entry.domain.runtime_id?)));
            ids.collect()
        };
        self.started.retain(|uuid, run| runs.get(uuid) == Some(run));
        let is_new = |uuid: &Uuid| !self.started.contains_key(uuid);
        if !runs.keys().any(is_new) {
            return;
        }
        self.looked = Some(Instant::now());
        for (uuid, started) in processes::started() {
            if runs.contains_key(&uuid) && is_new(&uuid) {
                found.push((uuid, Aside::Started(started)));
            }
        }
        self.started = runs;
    }
}
