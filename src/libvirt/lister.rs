//! The thread that keeps a host's list true: the first list, then events, then a reconciliation now and then.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::definer::Definer;
use super::ffi::{self, Connection, Error, Result};
use super::host::Command;
use super::listing::{self, Listed};
use super::opener::Opener;
use super::reporter::Reporter;
use super::roster::{Entry, Roster};
use crate::model::{Domain, DomainEvent, DomainId, EventKind, Uuid};
use crate::protocol::{Features, News, Opened};

/// What changes without an event (autostart) and what an event did not say is found after this long.
const RECONCILE: Duration = Duration::from_secs(30);

/// While events pour in, rows are refreshed at most this often: below one frame for a single event, few reports for
/// thousands.
const STORM_PAUSE: Duration = Duration::from_millis(40);

/// Up to so many changed domains are read one by one; more are cheaper by one list of all.
const ONE_BY_ONE: usize = 6;

/// What a lister works with.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// The control connection.
    pub control: Connection,
    /// Opens others beside it.
    pub opener: Arc<Opener>,
    /// Filled and kept up by the lister.
    pub roster: Roster,
    /// Whether the connection is read-only.
    pub readonly: bool,
    /// How often states are read where the driver has no events.
    pub interval: Duration,
    /// To be told when the connection is gone.
    pub supervisor: Sender<Command>,
}

/// A running lister. Dropping it ends its threads as soon as their calls return.
pub struct Lister {
    definer: Definer,
    work: Sender<Work>,
}

/// What wakes the thread.
enum Work {
    /// Something happened on the host.
    Event(DomainEvent),
    /// A person wants everything read anew.
    Now,
    /// The lister was dropped. The callbacks keep the channel open, so that its end would not be noticed.
    Stop,
}

impl Lister {
    /// Starts the threads.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn start(context: Context) -> Result<Self> {
        let (events, work) = channel();
        let definer = Definer::start(&context)?;
        let thread = Thread {
            definer: definer.clone(),
            features: Features::default(),
            last_refresh: Instant::now(),
            behind: None,
            context,
        };
        let for_callbacks = events.clone();
        thread::Builder::new()
            .name(format!("list-{}", thread.context.reporter.connection.0))
            .spawn(move || thread.run(&work, for_callbacks))
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            definer,
            work: events,
        })
    }

    /// Reads the whole list anew and reports all of it; never blocks.
    pub fn now(&self) {
        let _ = self.work.send(Work::Now);
    }
}

impl Drop for Lister {
    fn drop(&mut self) {
        self.definer.stop();
        let _ = self.work.send(Work::Stop);
    }
}

struct Thread {
    context: Context,
    definer: Definer,
    features: Features,
    last_refresh: Instant,
    /// What was found behind events and is done after them.
    behind: Option<Work>,
}

/// What an event changed.
#[derive(Debug, Clone, Copy, Default)]
struct Dirty {
    /// The row, which is read before anything else.
    row: bool,
    /// Persistence, managed save and the like.
    flags: bool,
    /// The XML.
    definition: bool,
}

impl Thread {
    fn run(mut self, work: &Receiver<Work>, events: Sender<Work>) {
        if let Err(error) = self.begin(events) {
            return self.failed(error);
        }
        let mut reconciled = Instant::now();
        loop {
            let next = match self.behind.take() {
                Some(work) => Ok(work),
                None => work.recv_timeout(self.patience(reconciled)),
            };
            let result = match next {
                Ok(Work::Event(event)) => self.refresh_after(event, work),
                Ok(Work::Now) => self.relist(),
                Ok(Work::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) if reconciled.elapsed() >= RECONCILE => {
                    reconciled = Instant::now();
                    self.reconcile()
                }
                Err(RecvTimeoutError::Timeout) if !self.features.events => self.poll().map(drop),
                Err(RecvTimeoutError::Timeout) => Ok(()),
            };
            if let Err(error) = result {
                if !self.context.control.is_alive() {
                    return self.failed(error);
                }
                tracing::warn!("refresh failed: {}", crate::text::visible(&error.message));
            }
        }
    }

    fn failed(&self, error: Error) {
        let _ = self
            .context
            .supervisor
            .send(Command::Lost(self.context.reporter.epoch, error));
    }

    fn patience(&self, reconciled: Instant) -> Duration {
        let rest = RECONCILE.saturating_sub(reconciled.elapsed());
        if self.features.events {
            rest
        } else {
            rest.min(self.context.interval)
        }
    }

    /// From an open connection to a whole table, what is seen first coming first.
    fn begin(&mut self, events: Sender<Work>) -> Result<()> {
        let control = self.context.control.clone();
        let sink: ffi::EventSink = Arc::new(move |event: DomainEvent| {
            let _ = events.send(Work::Event(event));
        });
        self.features.events = control.watch_lifecycle(&sink)?;
        let uuids = thread::scope(|scope| {
            // A round trip for each event, beside the list: the list does not wait for them, but no definition is read
            // before its changes would be told.
            scope.spawn(|| control.watch_others(&sink));
            let listing = listing::read(&control, self.context.reporter.connection)?;
            let domains = self.take(listing.domains);
            let uuids: Vec<_> = domains.iter().map(|domain| domain.id.uuid).collect();
            // Nobody else tells of rows yet.
            self.context.reporter.send(News::Listed {
                domains,
                truncated: listing.truncated,
            });
            Ok::<_, Error>(uuids)
        })?;
        self.definer.read(uuids);
        self.report_opened(&control);
        self.watch_objects(control, sink);
        self.flags_and_sizes()
    }

    /// Round trips that nobody waits for.
    fn watch_objects(&self, control: Connection, domains: ffi::EventSink) {
        let reporter = self.context.reporter.clone();
        let name = format!("objects-{}", reporter.connection.0);
        let sink: ffi::ObjectSink = Arc::new(move |event| reporter.send(News::ObjectEvent(event)));
        let spawned = thread::Builder::new().name(name).spawn(move || {
            control.watch_objects(&sink);
            control.watch_rare(&domains);
        });
        if let Err(error) = spawned {
            tracing::warn!("no events of networks, pools and the like: {error}");
        }
    }

    fn report_opened(&mut self, control: &Connection) {
        let uri = control.uri().unwrap_or_default();
        self.features.keepalive = control.has_keepalive();
        self.features.bulk_stats = control.driver().is_ok_and(|driver| driver == "QEMU");
        self.context.reporter.send(News::Opened(Box::new(Opened {
            uri: uri.clone(),
            driver: control.driver().unwrap_or_default(),
            versions: control.versions(),
            node: control.node_info().ok(),
            readonly: self.context.readonly || is_readonly_socket(&uri),
            features: self.features,
        })));
    }

    /// Puts listed domains into the roster, keeping what is known of them; gives their rows.
    fn take(&self, listed: Vec<Listed>) -> Vec<Domain> {
        let mut roster = self.context.roster.lock();
        let mut rows = Vec::with_capacity(listed.len());
        for Listed { mut domain, handle } in listed {
            if let Some(known) = roster.get(&domain.id.uuid) {
                keep_known(&mut domain, &known.domain);
            }
            rows.push(domain.clone());
            roster.insert(domain.id.uuid, Entry { domain, handle });
        }
        rows
    }

    /// Autostart and managed save of all domains, vCPUs and memory of those that are off, in three round trips; what
    /// changed is reported.
    fn flags_and_sizes(&self) -> Result<()> {
        let control = &self.context.control;
        let flags = listing::flags(control)?;
        let sizes = match control.inactive_sizes() {
            Err(error) if error.is_unsupported() || error.is_over_limit() => Vec::new(),
            sizes => sizes?,
        };
        let mut changed = Vec::new();
        let mut roster = self.context.roster.lock();
        let mut sizes_of = HashMap::new();
        for record in sizes {
            sizes_of.insert(record.domain.uuid()?, record);
        }
        for (uuid, entry) in &mut *roster {
            let domain = &mut entry.domain;
            let before = (
                domain.autostart,
                domain.managed_save,
                domain.vcpus,
                domain.memory_kib,
                domain.max_memory_kib,
            );
            if let Some(flags) = &flags {
                domain.autostart = Some(flags.autostart.contains(uuid));
                domain.managed_save = Some(flags.managed_save.contains(uuid));
            }
            if let Some(record) = sizes_of.get(uuid).filter(|_| !domain.state.is_active()) {
                domain.vcpus = record.vcpus.or(domain.vcpus);
                domain.memory_kib = record.memory_kib.or(domain.memory_kib);
                domain.max_memory_kib = record.max_memory_kib.or(domain.max_memory_kib);
            }
            let after = (
                domain.autostart,
                domain.managed_save,
                domain.vcpus,
                domain.memory_kib,
                domain.max_memory_kib,
            );
            if before != after {
                changed.push(domain.clone());
            }
        }
        // Under the lock, so that no older row of another thread is told after these.
        self.report_changed(changed);
        drop(roster);
        Ok(())
    }

    fn report_changed(&self, changed: Vec<Domain>) {
        if !changed.is_empty() {
            self.context.reporter.send(News::Changed(changed));
        }
    }

    /// Handles an event and all that wait behind it.
    fn refresh_after(&mut self, first: DomainEvent, work: &Receiver<Work>) -> Result<()> {
        let rest = STORM_PAUSE.saturating_sub(self.last_refresh.elapsed());
        if !rest.is_zero() {
            thread::sleep(rest);
        }
        let mut dirty: BTreeMap<Uuid, Dirty> = BTreeMap::new();
        let mut events = vec![first];
        for work in work.try_iter() {
            match work {
                Work::Event(event) => events.push(event),
                other => {
                    self.behind = Some(other);
                    break;
                }
            }
        }
        for event in events {
            let change = change_of(&event.kind);
            let seen = dirty.entry(event.uuid).or_default();
            seen.row |= change.row;
            seen.flags |= change.flags;
            seen.definition |= change.definition;
            self.context.reporter.send(News::Event(event));
        }
        self.last_refresh = Instant::now();
        let rows: Vec<_> = dirty.iter().filter(|(_, dirty)| dirty.row).collect();
        if rows.len() > ONE_BY_ONE {
            self.poll()?;
            self.flags_and_sizes()?;
        } else {
            for (uuid, change) in rows {
                self.reread(*uuid, change.flags)?;
            }
        }
        let definitions: Vec<_> = dirty
            .into_iter()
            .filter_map(|(uuid, dirty)| dirty.definition.then_some(uuid))
            .collect();
        self.definer.read(definitions);
        Ok(())
    }

    /// Reads one domain anew: first what the row shows, then its flags.
    fn reread(&self, uuid: Uuid, flags: bool) -> Result<()> {
        match self.try_reread(uuid, flags) {
            Err(error) if error.is_no_domain() => {
                self.gone(uuid);
                Ok(())
            }
            result => result,
        }
    }

    fn try_reread(&self, uuid: Uuid, flags: bool) -> Result<()> {
        let handle = self.context.control.domain(uuid)?;
        let (state, reason) = handle.state()?;
        let known = self
            .context
            .roster
            .lock()
            .get(&uuid)
            .map(|entry| entry.domain.clone());
        let is_new = known.is_none();
        let mut domain = Domain {
            id: DomainId {
                connection: self.context.reporter.connection,
                uuid,
            },
            name: handle.name()?,
            runtime_id: handle.id().filter(|_| state.is_active()),
            state,
            reason,
            persistent: match &known {
                Some(known) => known.persistent,
                None => handle.is_persistent()?,
            },
            autostart: None,
            managed_save: None,
            vcpus: None,
            memory_kib: None,
            max_memory_kib: None,
            definition: None,
            definition_error: None,
        };
        self.put(&mut domain, &handle);
        if flags || is_new {
            domain.persistent = handle.is_persistent()?;
            domain.managed_save = handle.has_managed_save().ok();
            domain.autostart = handle.autostart().ok();
            if let Ok(info) = handle.info() {
                domain.vcpus = Some(info.vcpus);
                domain.memory_kib = Some(info.memory_kib);
                domain.max_memory_kib = Some(info.max_memory_kib);
            }
            self.put(&mut domain, &handle);
        }
        Ok(())
    }

    /// Puts a domain into the roster, filled up with what is known of it, and reports it where it changed. Both under the
    /// lock: a row that another thread tells of between them would be the former one, and the last.
    fn put(&self, domain: &mut Domain, handle: &ffi::Domain) {
        let mut roster = self.context.roster.lock();
        let known = roster.get(&domain.id.uuid).map(|entry| &entry.domain);
        if let Some(known) = known {
            keep_known(domain, known);
        }
        if known != Some(domain) {
            self.report_changed(vec![domain.clone()]);
        }
        let entry = Entry {
            domain: domain.clone(),
            handle: handle.clone(),
        };
        roster.insert(domain.id.uuid, entry);
    }

    fn gone(&self, uuid: Uuid) {
        let mut roster = self.context.roster.lock();
        if roster.remove(&uuid).is_some() {
            self.context.reporter.send(News::Gone(uuid));
        }
    }

    /// A person asked: the rows are told anew whether they changed or not, so that their age is that of now.
    fn relist(&self) -> Result<()> {
        let truncated = self.poll()?;
        let roster = self.context.roster.lock();
        let domains = roster.values().map(|entry| entry.domain.clone()).collect();
        // Under the lock, so that no older row of another thread is told after these.
        self.context
            .reporter
            .send(News::Listed { domains, truncated });
        drop(roster);
        self.flags_and_sizes()
    }

    /// Reads all states anew and reports what differs from what is known; says why the list is not whole.
    fn poll(&self) -> Result<Option<String>> {
        let listing = listing::read(&self.context.control, self.context.reporter.connection)?;
        let whole = listing.truncated.is_none();
        let mut roster = self.context.roster.lock();
        let mut present = HashSet::new();
        let (mut changed, mut undefined) = (Vec::new(), Vec::new());
        for Listed { mut domain, handle } in listing.domains {
            let uuid = domain.id.uuid;
            present.insert(uuid);
            let known = roster.get(&uuid).map(|entry| &entry.domain);
            if let Some(known) = known {
                keep_known(&mut domain, known);
            }
            if known.is_none_or(|known| known.state.is_active() != domain.state.is_active()) {
                undefined.push(uuid);
            }
            if known != Some(&domain) {
                changed.push(domain.clone());
            }
            roster.insert(uuid, Entry { domain, handle });
        }
        // Under the lock, so that no older row of another thread is told after these.
        self.report_changed(changed);
        if whole {
            roster.retain(|uuid, _| {
                let stays = present.contains(uuid);
                if !stays {
                    self.context.reporter.send(News::Gone(*uuid));
                }
                stays
            });
        }
        drop(roster);
        self.definer.read(undefined);
        Ok(listing.truncated)
    }

    fn reconcile(&self) -> Result<()> {
        self.poll()?;
        self.flags_and_sizes()
    }
}

/// What a newly read row does not say is kept from the former one.
fn keep_known(domain: &mut Domain, known: &Domain) {
    domain.autostart = domain.autostart.or(known.autostart);
    domain.managed_save = domain.managed_save.or(known.managed_save);
    domain.vcpus = domain.vcpus.or(known.vcpus);
    domain.memory_kib = domain.memory_kib.or(known.memory_kib);
    domain.max_memory_kib = domain.max_memory_kib.or(known.max_memory_kib);
    domain.definition = known.definition.clone();
    domain.definition_error.clone_from(&known.definition_error);
}

/// `virDomainEventType`s that change more than the state.
const DEFINED: i32 = 0;
const UNDEFINED: i32 = 1;
const STARTED: i32 = 2;
const STOPPED: i32 = 5;

/// What must be read anew after an event.
fn change_of(kind: &EventKind) -> Dirty {
    match kind {
        EventKind::Lifecycle { event, .. } => {
            let deep = matches!(*event, DEFINED | UNDEFINED | STARTED | STOPPED);
            Dirty {
                row: true,
                flags: deep,
                definition: deep,
            }
        }
        EventKind::Reboot
        | EventKind::Watchdog(_)
        | EventKind::IoError { .. }
        | EventKind::Other("pm-wakeup" | "pm-suspend" | "pm-suspend-disk", _) => Dirty {
            row: true,
            ..Dirty::default()
        },
        EventKind::BalloonChange(_) => Dirty {
            row: true,
            flags: true,
            definition: false,
        },
        EventKind::DeviceAdded(_)
        | EventKind::DeviceRemoved(_)
        | EventKind::AgentLifecycle { .. }
        | EventKind::MetadataChange
        | EventKind::BlockJob { .. }
        | EventKind::Other("disk-change" | "tray-change", _) => Dirty {
            definition: true,
            ..Dirty::default()
        },
        EventKind::RtcChange(_)
        | EventKind::Graphics { .. }
        | EventKind::Tunable
        | EventKind::JobCompleted
        | EventKind::Other(..) => Dirty::default(),
    }
}

/// Whether a URI names the socket that lets nobody change anything: an action is then not offered only to fail.
fn is_readonly_socket(uri: &str) -> bool {
    let Some((_, parameters)) = uri.split_once('?') else {
        return false;
    };
    let mut parameters = parameters.split(['&', ';', '#']);
    parameters.any(|parameter| parameter.starts_with("socket=") && parameter.ends_with("-sock-ro"))
}
