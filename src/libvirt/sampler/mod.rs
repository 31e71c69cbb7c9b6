//! Statistics of domains and host, taken at intervals, stopped by no guest.
//!
//! A guest whose hypervisor process does not answer hangs every libvirt call that needs its monitor, without a limit,
//! and libvirt cannot cancel a call. Therefore:
//! - one thread per host decides ([`schedule`]) and makes no libvirt call after its start, so that nothing stops it;
//! - every call is made by a short-lived thread of its own ([`reads`]), which may be left hanging;
//! - what needs no monitor goes over the control connection, what does over bundles of monitor connections
//!   ([`monitors`]), one for each call, that are given up when too much hangs in them.

mod fallback;
mod limits;
mod monitors;
mod reads;
mod schedule;
#[cfg(test)]
mod simulation;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use self::limits::Limits;
use self::monitors::{CallId, MonitorId};
use self::reads::{Monitor, Reads, Source};
use self::schedule::{Command, Control, Schedule, Worth};
use super::ffi::{Connection, Error, Reading, Result};
use super::opener::Opener;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::model::{DomainSample, NodeSample, Uuid};
use crate::protocol::{Interest, News};

/// What a sampler works with: one incarnation of one host.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// The control connection: never a call on it that needs a guest's monitor.
    pub control: Connection,
    /// Opens monitor connections.
    pub opener: Arc<Opener>,
    /// The domains and their states, kept up by lists and events.
    pub roster: Roster,
    /// Sampling interval.
    pub interval: Duration,
    /// What the screen looks at.
    pub interest: Interest,
}

/// A running sampler. Dropping it stops it; threads that hang in a call are left behind.
pub struct Sampler {
    messages: Sender<Message>,
}

/// What the deciding thread is told.
enum Message {
    Interest(Interest),
    Now,
    Stop,
    Listed(Result<Vec<Reading>>),
    Node(NodeSample),
    Looked(Vec<(Uuid, Control)>),
    Informed(Vec<DomainSample>),
    Answered(CallId, Result<Vec<Reading>>, bool),
    Opened(MonitorId, Result<Arc<Monitor>>),
}

/// What the header says while the monitor statistics rest.
const RESTING: &str = "guest statistics rest: too many guests do not answer";

impl Sampler {
    /// Starts sampling.
    pub fn start(context: Context) -> Self {
        let limits = Limits::default();
        let (messages, inbox) = channel();
        let sender = messages.clone();
        let spawned = thread::Builder::new()
            .name(format!("sample-{}", context.reporter.connection.0))
            .spawn(move || Worker::run(context, limits, sender, &inbox));
        if let Err(error) = spawned {
            tracing::error!("no statistics: cannot start a thread: {error}");
        }
        Self { messages }
    }

    /// Begins a round now instead of at the end of the interval; never blocks.
    pub fn now(&self) {
        let _ = self.messages.send(Message::Now);
    }

    /// What the screen looks at now; never blocks.
    pub fn interest(&self, interest: Interest) {
        let _ = self.messages.send(Message::Interest(interest));
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
    }
}

/// The deciding thread.
struct Worker {
    reporter: Reporter,
    schedule: Schedule,
    reads: Reads,
    monitors: BTreeMap<MonitorId, Arc<Monitor>>,
}

impl Worker {
    fn run(context: Context, limits: Limits, sender: Sender<Message>, inbox: &Receiver<Message>) {
        let source = Source::of(&context.control);
        let limits = match source {
            Source::Bulk if context.opener.is_one_login() => limits.in_one_login(),
            Source::Bulk => limits,
            Source::EachDomain(_) => limits.one_by_one(),
        };
        let mut worker = Self {
            reporter: context.reporter,
            schedule: Schedule::new(limits, context.interval, context.interest, Instant::now()),
            reads: Reads {
                control: context.control,
                opener: context.opener,
                aside: Arc::default(),
                roster: context.roster,
                source,
                node: Arc::default(),
                messages: sender,
            },
            monitors: BTreeMap::new(),
        };
        worker.schedule.advance(Instant::now());
        loop {
            worker.perform();
            let wait = worker
                .schedule
                .next_wake()
                .saturating_duration_since(Instant::now());
            let message = match inbox.recv_timeout(wait) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
            };
            match message {
                Some(message) => worker.take(message),
                None => worker.schedule.advance(Instant::now()),
            }
        }
    }

    fn take(&mut self, message: Message) {
        let now = Instant::now();
        match message {
            Message::Interest(interest) => self.schedule.interest(interest, now),
            Message::Now => self.schedule.round_now(now),
            Message::Stop => {}
            Message::Listed(readings) => self.listed(readings, now),
            Message::Node(sample) => self.report(Vec::new(), Some(sample)),
            Message::Looked(found) => self.schedule.looked(&found, now),
            Message::Informed(samples) => {
                self.schedule.informed(now);
                self.report(samples, None);
            }
            Message::Answered(call, Ok(readings), _) => self.answered(call, readings, now),
            Message::Answered(call, Err(error), lost) => {
                tracing::debug!("statistics of a slice failed: {error}");
                self.schedule.failed(call, lost, now);
            }
            Message::Opened(monitor, Ok(opened)) => {
                self.monitors.insert(monitor, opened);
                self.schedule.opened(monitor, now);
            }
            Message::Opened(monitor, Err(error)) => {
                tracing::warn!("no connection for guest statistics: {error}");
                self.schedule.lost(monitor, now);
            }
        }
    }

    fn listed(&mut self, readings: Result<Vec<Reading>>, now: Instant) {
        match readings {
            Ok(readings) => {
                let running: Vec<Uuid> =
                    readings.iter().map(|reading| reading.sample.uuid).collect();
                self.schedule.listed(Some(&running), now);
                let samples = match self.reads.source {
                    Source::Bulk => readings.into_iter().map(|reading| reading.sample).collect(),
                    Source::EachDomain(_) => Vec::new(),
                };
                self.report(samples, None);
            }
            Err(error) => {
                tracing::debug!("states of running domains failed: {error}");
                self.schedule.listed(None, now);
            }
        }
    }

    fn answered(&mut self, call: CallId, readings: Vec<Reading>, now: Instant) {
        let stepped_over: Vec<Uuid> = readings
            .iter()
            .filter(|reading| !reading.monitor)
            .map(|reading| reading.sample.uuid)
            .collect();
        if self.schedule.answered(call, &stepped_over, now) == Worth::Fresh {
            let samples = readings.into_iter().map(|reading| reading.sample).collect();
            self.report(samples, None);
        }
    }

    fn report(&self, domains: Vec<DomainSample>, node: Option<NodeSample>) {
        if !domains.is_empty() || node.is_some() {
            self.reporter.send(News::Sampled { domains, node });
        }
    }

    fn perform(&mut self) {
        // A command that cannot be carried out is answered at once, which may lead to further ones.
        loop {
            let commands = self.schedule.commands();
            if commands.is_empty() {
                return;
            }
            for command in commands {
                self.carry_out(command);
            }
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::List => self.reads.list(),
            Command::Look(domains) => self.reads.look(domains),
            Command::Info(domains) => self.reads.info(domains),
            Command::Slice(call, monitor, members) => match self.monitors.get(&monitor) {
                Some(monitor) => self.reads.slice(call, Arc::clone(monitor), members),
                None => self.schedule.failed(call, true, Instant::now()),
            },
            Command::Open(monitor) => self.reads.open(monitor),
            Command::Close(monitor) => {
                self.monitors.remove(&monitor);
            }
            Command::Tell(domains, rests) => self.reporter.send(News::NotResponding {
                domains,
                resting: rests.then(|| RESTING.to_owned()),
            }),
        }
    }
}

/// The error of a thread that could not be started.
fn no_thread(error: &std::io::Error) -> Error {
    Error::own(format!("cannot start a thread: {error}"))
}
