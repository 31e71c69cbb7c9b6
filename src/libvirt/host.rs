//! The supervisor of one host: opens, watches, gives up and opens again. It never makes a libvirt call itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::actions::{Actions, Worker};
use super::addresses::{self, Finder};
use super::arranging;
use super::asides::{self, Asides};
use super::consoles::Consoles;
use super::displays::Displays;
use super::ffi::{self, Connection, Error};
use super::host_reader::HostReader;
use super::lister::{self, Lister};
use super::long_jobs::{self, LongJobs};
use super::meter::{Kind, Tally};
use super::opener::{self, OnDemand, Opener};
use super::prompts::{Prompts, Question};
use super::reporter::Reporter;
use super::roster::Roster;
use super::sampler::{self, Sampler};
use super::{ReportSender, backoff, default_uri, remedies};
use crate::model::{ConnectionState, Uri};
use crate::protocol::{
    ConnectionSpec, ConsoleId, ConsoleVerb, DisplayId, DisplayVerb, Epoch, Failure, Interest,
    JobId, News, Prompt, Request, WallWish,
};

/// A control call without an answer for this long makes the host "not responding".
const NOT_RESPONDING_AFTER: Duration = Duration::from_secs(3);

/// Without keepalive nobody ends a call that hangs: after this long the connection is given up and opened anew.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(30);

/// How often unanswered calls are looked at.
const WATCH: Duration = Duration::from_millis(250);

/// A login that was refused is not tried sooner by itself: hosts lock out who fails often.
const REFUSED_WAIT: Duration = Duration::from_secs(30);

/// How often the counts for the debug page are reported.
const COUNTS: Duration = Duration::from_secs(2);

/// Openings that may hang at a time: each holds a thread here and a client slot of the daemon.
const HANGING_OPENINGS: usize = 2;

/// What reaches the supervisor.
pub enum Command {
    /// From the screen.
    Request(Request),
    /// From the screen.
    Interest(Interest),
    /// From the screen: open at once, and ask again.
    Retry,
    /// From the screen: give the opening up, and try no more until told.
    Cancel,
    /// From the screen: an answer to a prompt.
    Reply(u64, Option<String>),
    /// From an opening thread.
    Opened {
        /// Which opening.
        attempt: u64,
        /// Its result.
        result: ffi::Result<Connection>,
    },
    /// From an opening thread: it needs an answer of a person.
    Ask(Question),
    /// From whoever noticed that the connection of this incarnation is gone.
    Lost(Epoch, Error),
    /// From a thread of an action.
    ActionDone(JobId),
}

/// A running host. Dropping it closes the connection and reports that.
pub struct Host {
    commands: Sender<Command>,
    opener: Arc<Opener>,
    consoles: Consoles,
    displays: Displays,
    /// Dropped with the host, which the supervisor takes as the request to close.
    _alive: Arc<()>,
}

/// The failure of a request to a connection that is not open.
pub fn not_connected() -> Failure {
    Failure {
        what: "request".to_owned(),
        reason: "the connection is not open".to_owned(),
        code: None,
        remedy: None,
    }
}

impl Host {
    /// Starts the supervisor; `None`, with a report, when its thread cannot be started.
    pub fn start(spec: ConnectionSpec, reports: ReportSender) -> Option<Self> {
        let (commands, receiver) = channel();
        let alive = Arc::new(());
        let mut supervisor =
            Supervisor::new(spec, reports, commands.clone(), Arc::downgrade(&alive));
        let refused = supervisor.reporter();
        let opener = Arc::clone(&supervisor.opener);
        let consoles = Consoles::new(
            refused.connection,
            supervisor.spec.uri.clone(),
            Arc::clone(&opener),
            refused.sender.clone(),
        );
        let displays = Displays::new(
            refused.connection,
            supervisor.spec.uri.clone(),
            Arc::clone(&opener),
            refused.sender.clone(),
        );
        let spawned = thread::Builder::new()
            .name(format!("host-{}", refused.connection.0))
            .spawn(move || supervisor.run(&receiver));
        match spawned {
            Ok(_) => Some(Self {
                commands,
                opener,
                consoles,
                displays,
                _alive: alive,
            }),
            Err(error) => {
                let error = Error::own(format!("cannot start a thread: {error}"));
                let failure = remedies::failure("open the connection", &error, None);
                refused.send(News::State(ConnectionState::Disconnected, Some(failure)));
                None
            }
        }
    }

    /// See `Fleet::retry`.
    pub fn retry(&self) {
        let _ = self.commands.send(Command::Retry);
    }

    /// See `Fleet::cancel`.
    pub fn cancel(&self) {
        let _ = self.commands.send(Command::Cancel);
    }

    /// See `Fleet::send`.
    pub fn send(&self, request: Request) {
        let _ = self.commands.send(Command::Request(request));
    }

    /// See `Fleet::display`.
    pub fn display(&self, id: DisplayId, verb: DisplayVerb) {
        self.displays.ask(id, verb);
    }

    /// See `Fleet::wall`.
    pub fn wall(&self, wish: WallWish) {
        self.displays.wall(wish);
    }

    /// See `Fleet::console`.
    pub fn console(&self, id: ConsoleId, verb: ConsoleVerb) {
        self.consoles.ask(id, verb);
    }

    /// See `Fleet::interest`.
    pub fn interest(&self, interest: Interest) {
        let _ = self.commands.send(Command::Interest(interest));
    }

    /// See `Fleet::ssh_command`.
    pub fn ssh_command(&self, options: &[&str]) -> Option<Vec<String>> {
        self.opener.ssh_command(options)
    }

    /// See `Fleet::reply`.
    pub fn reply(&self, prompt: u64, answer: Option<String>) {
        let _ = self.commands.send(Command::Reply(prompt, answer));
    }
}

impl Drop for Host {
    /// At once, and not when the supervisor comes to it: a program that ends takes its threads along.
    fn drop(&mut self) {
        self.opener.close();
    }
}

/// One opened connection with everything that works on it; dropped as a whole.
struct Incarnation {
    control: Connection,
    roster: Roster,
    lister: Lister,
    _addresses: Option<Finder>,
    _asides: Option<Asides>,
    _long_jobs: Option<LongJobs>,
    sampler: Sampler,
    actions: Actions,
    not_responding: bool,
}

/// What the supervisor is doing.
enum Phase {
    Opening {
        attempt: u64,
        since: Instant,
    },
    Active(Box<Incarnation>),
    Waiting {
        until: Instant,
    },
    /// Given up until somebody wants it again.
    Idle,
}

struct Supervisor {
    spec: ConnectionSpec,
    reports: ReportSender,
    commands: Sender<Command>,
    alive: std::sync::Weak<()>,
    epoch: Epoch,
    phase: Phase,
    /// Tries since the connection was last open.
    tries: u32,
    attempts: u64,
    /// Why the last login failed, until another thing fails: without a person it cannot go better.
    refusal: Option<Error>,
    /// Openings past their limit, whose threads may still come back.
    hanging: BTreeSet<u64>,
    tally: Arc<Tally>,
    prompts: Arc<Prompts>,
    questions: BTreeMap<u64, Question>,
    next_question: u64,
    opener: Arc<Opener>,
    interest: Interest,
    counted: Instant,
}

impl Supervisor {
    fn new(
        mut spec: ConnectionSpec,
        reports: ReportSender,
        commands: Sender<Command>,
        alive: std::sync::Weak<()>,
    ) -> Self {
        spec.uri = spec.uri.or_else(default_uri::over_ssh);
        let tally = Arc::new(Tally::default());
        let prompts = Arc::new(Prompts::new(commands.clone()));
        let opener = Arc::new(Opener::new(
            spec.clone(),
            Arc::clone(&tally),
            Arc::clone(&prompts),
        ));
        Self {
            spec,
            reports,
            commands,
            alive,
            epoch: Epoch::default(),
            phase: Phase::Waiting {
                until: Instant::now(),
            },
            tries: 0,
            attempts: 0,
            refusal: None,
            hanging: BTreeSet::new(),
            tally,
            prompts,
            questions: BTreeMap::new(),
            next_question: 0,
            opener,
            interest: Interest::default(),
            counted: Instant::now(),
        }
    }

    fn reporter(&self) -> Reporter {
        Reporter {
            connection: self.spec.id,
            epoch: self.epoch,
            sender: self.reports.clone(),
        }
    }

    fn report(&self, news: News) {
        self.reporter().send(news);
    }

    fn run(&mut self, commands: &Receiver<Command>) {
        self.open();
        while self.alive.strong_count() > 0 {
            match commands.recv_timeout(self.patience()) {
                Ok(command) => self.handle(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look_at_the_clock();
        }
        self.epoch.0 += 1;
        self.report(News::State(ConnectionState::Disconnected, None));
    }

    /// How long nothing needs to be looked at.
    fn patience(&self) -> Duration {
        match &self.phase {
            Phase::Active(_) | Phase::Opening { .. } | Phase::Idle => WATCH,
            Phase::Waiting { until } => until.saturating_duration_since(Instant::now()).min(WATCH),
        }
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Request(request) => match &mut self.phase {
                Phase::Active(incarnation) => incarnation.actions.submit(request),
                _ => self.report(News::JobFinished(request.job, Err(not_connected()))),
            },
            Command::Interest(interest) => {
                self.interest = interest.clone();
                if let Phase::Active(incarnation) = &self.phase {
                    incarnation.roster.set_interest(interest.clone());
                    incarnation.sampler.interest(interest);
                }
            }
            Command::Retry => self.retry(),
            Command::Cancel => self.cancel(),
            Command::Reply(id, answer) => {
                if let Some(question) = self.questions.remove(&id) {
                    let _ = question.answer.try_send(answer);
                }
                if let Phase::Opening { since, .. } = &mut self.phase {
                    // The time a person took is not the daemon's.
                    *since = Instant::now();
                }
            }
            Command::Opened { attempt, result } => self.opened(attempt, result),
            Command::Ask(question) => self.ask(question),
            Command::Lost(epoch, error) if epoch == self.epoch => self.lost(&error),
            Command::Lost(..) => {}
            Command::ActionDone(job) => {
                if let Phase::Active(incarnation) = &mut self.phase {
                    incarnation.actions.done(job);
                }
            }
        }
    }

    fn look_at_the_clock(&mut self) {
        let now = Instant::now();
        match &self.phase {
            Phase::Opening { attempt, since } => {
                let attempt = *attempt;
                if self.questions.is_empty() && now.duration_since(*since) > opener::OPEN_LIMIT {
                    self.hanging.insert(attempt);
                    self.tally.opening_lost();
                    self.opener.hang_up();
                    self.lost(&opener::late());
                }
            }
            Phase::Waiting { until } if now >= *until => self.open(),
            Phase::Waiting { .. } | Phase::Idle => {}
            Phase::Active(_) => self.watch(now),
        }
        if now.duration_since(self.counted) >= COUNTS {
            self.counted = now;
            self.report(News::Calls(self.tally.counts()));
        }
    }

    /// Looks at unanswered control calls.
    fn watch(&mut self, now: Instant) {
        let oldest = self.tally.oldest_pending(Kind::Control);
        let waited = oldest.map_or(Duration::ZERO, |call| now.duration_since(call.since));
        let Phase::Active(incarnation) = &mut self.phase else {
            return;
        };
        if waited > GIVEN_UP_AFTER {
            let call = oldest.map_or("", |pending| pending.call);
            let error = Error::own(format!("no answer for {} s to {call}", waited.as_secs()));
            return self.lost(&error);
        }
        let late = waited > NOT_RESPONDING_AFTER;
        if late != incarnation.not_responding {
            incarnation.not_responding = late;
            self.report(News::State(
                if late {
                    ConnectionState::NotResponding
                } else {
                    ConnectionState::Active
                },
                None,
            ));
        }
    }

    /// Starts an opening, unless too many hang already: then one of those will be taken when it comes back.
    fn open(&mut self) {
        if self.hanging.len() >= HANGING_OPENINGS {
            return self.wait(&opener::late());
        }
        self.prompts.take_unasked();
        self.attempts += 1;
        let attempt = self.attempts;
        self.phase = Phase::Opening {
            attempt,
            since: Instant::now(),
        };
        if self.tries == 0 {
            self.report(News::State(ConnectionState::Connecting, None));
        }
        let commands = self.commands.clone();
        let started = self
            .opener
            .open_in_background(Kind::Control, move |result| {
                let _ = commands.send(Command::Opened { attempt, result });
            });
        if let Err(error) = started {
            self.lost(&error);
        }
    }

    fn opened(&mut self, attempt: u64, result: ffi::Result<Connection>) {
        if self.hanging.remove(&attempt) {
            self.tally.opening_found();
        }
        let expected =
            matches!(&self.phase, Phase::Opening { attempt: now, .. } if *now == attempt);
        match result {
            Ok(control) if !matches!(self.phase, Phase::Active(_) | Phase::Idle) => {
                self.adopt(control);
            }
            Ok(_) => {}
            Err(error) if expected => {
                let error = self.learn(error);
                self.lost(&error);
            }
            Err(_) => {}
        }
    }

    /// Remembers a refused login; gives the error to show. A try that would have had to ask says why asking is needed.
    fn learn(&mut self, error: Error) -> Error {
        let unasked = self.prompts.take_unasked();
        match &self.refusal {
            _ if !remedies::needs_a_person(&error) => self.refusal = None,
            Some(refusal) if unasked => return refusal.clone(),
            _ => {
                self.prompts.forget();
                self.refusal = Some(error.clone());
            }
        }
        error
    }

    /// Goes to work on an opened connection.
    fn adopt(&mut self, control: Connection) {
        self.epoch.0 += 1;
        self.tries = 0;
        self.refusal = None;
        // Such as to touch a key, which has happened.
        self.questions.clear();
        self.prompts.set_may_ask(false);
        let reporter = self.reporter();
        let epoch = self.epoch;
        let closed = self.commands.clone();
        let _ = control.on_close(Box::new(move |reason| {
            let _ = closed.send(Command::Lost(epoch, Error::own(reason)));
        }));
        self.report(News::State(ConnectionState::Active, None));
        let roster = Roster::default();
        roster.set_interest(self.interest.clone());
        let started = Lister::start(lister::Context {
            reporter: reporter.clone(),
            control: control.clone(),
            opener: Arc::clone(&self.opener),
            roster: roster.clone(),
            readonly: self.spec.readonly,
            interval: self.spec.interval,
            supervisor: self.commands.clone(),
        });
        let lister = match started {
            Ok(lister) => lister,
            Err(error) => return self.lost(&error),
        };
        let sampler = Sampler::start(sampler::Context {
            reporter: reporter.clone(),
            control: control.clone(),
            opener: Arc::clone(&self.opener),
            roster: roster.clone(),
            interval: self.spec.interval,
            interest: self.interest.clone(),
        });
        let streams = Arc::new(OnDemand::new(Arc::clone(&self.opener), Kind::Streams));
        let addresses = Finder::start(addresses::Context {
            reporter: reporter.clone(),
            roster: roster.clone(),
            connection: Arc::clone(&streams),
        });
        let jobs = LongJobs::start(long_jobs::Context {
            reporter: reporter.clone(),
            roster: roster.clone(),
            connection: Arc::clone(&streams),
        });
        let asides = Asides::start(asides::Context {
            reporter: reporter.clone(),
            roster: roster.clone(),
            connection: control.clone(),
            local: control
                .uri()
                .is_ok_and(|uri| uri.parse::<Uri>().is_ok_and(|uri| !uri.is_remote())),
        });
        if !self.spec.readonly && arranging::has_notes() {
            // A guest that hangs may hold it: nobody waits for that.
            let connection = Arc::clone(&streams);
            let takes = move || {
                if let Ok(connection) = connection.get() {
                    arranging::take_over(&connection, true);
                }
            };
            let _ = thread::Builder::new()
                .name("take-over".to_owned())
                .spawn(takes);
        }
        let actions = Actions::new(Worker {
            reporter,
            control: control.clone(),
            roster: roster.clone(),
            actions: Arc::new(OnDemand::new(Arc::clone(&self.opener), Kind::Actions)),
            streams,
            spec: self.spec.clone(),
            stops: Arc::default(),
            supervisor: self.commands.clone(),
            given_up: Arc::default(),
            files: Arc::new(HostReader::new(Arc::clone(&self.opener))),
        });
        self.phase = Phase::Active(Box::new(Incarnation {
            control,
            roster,
            lister,
            _addresses: addresses.ok(),
            _asides: asides.ok(),
            _long_jobs: jobs.ok(),
            sampler,
            actions,
            not_responding: false,
        }));
    }

    /// The connection is gone or could not be opened: drops what was built on it and waits for the next try.
    fn lost(&mut self, error: &Error) {
        if let Phase::Active(incarnation) = &mut self.phase {
            incarnation.actions.abandon(error);
            tracing::info!(
                connection = self.spec.id.0,
                alive = incarnation.control.is_alive(),
                "lost: {}",
                crate::text::visible(&error.message)
            );
            self.epoch.0 += 1;
            self.tally.abandon();
        }
        self.questions.clear();
        self.wait(error);
    }

    fn wait(&mut self, error: &Error) {
        let wait = match self.refusal {
            Some(_) => REFUSED_WAIT,
            None => backoff::wait(self.tries, fastrand::f64()),
        };
        self.tries = self.tries.saturating_add(1);
        self.phase = Phase::Waiting {
            until: Instant::now() + wait,
        };
        let what = remedies::connecting(self.spec.uri.as_ref());
        self.prompts.set_may_ask(false);
        self.report(News::State(
            ConnectionState::Lost {
                retry_in: wait,
                tries: self.tries,
            },
            Some(remedies::failure(what, error, self.spec.uri.as_ref())),
        ));
    }

    fn retry(&mut self) {
        self.prompts.set_may_ask(true);
        match &self.phase {
            Phase::Waiting { .. } | Phase::Idle => {
                self.phase = Phase::Waiting {
                    until: Instant::now(),
                };
            }
            Phase::Active(incarnation) => {
                incarnation.sampler.now();
                incarnation.lister.now();
            }
            Phase::Opening { .. } => {}
        }
    }

    /// A person has waited long enough. The thread that opens is left behind and counted.
    fn cancel(&mut self) {
        let Phase::Opening { attempt, .. } = &self.phase else {
            return;
        };
        self.hanging.insert(*attempt);
        self.tally.opening_lost();
        self.questions.clear();
        self.tries = 0;
        self.phase = Phase::Idle;
        let what = remedies::connecting(self.spec.uri.as_ref());
        let error = Error::own("given up before an answer came");
        self.report(News::State(
            ConnectionState::Disconnected,
            Some(remedies::failure(what, &error, self.spec.uri.as_ref())),
        ));
    }

    fn ask(&mut self, question: Question) {
        self.next_question += 1;
        let id = self.next_question;
        self.report(News::Asked(Prompt {
            id,
            text: question.credential.prompt.clone(),
            masked: question.credential.masked,
        }));
        self.questions.insert(id, question);
    }
}
