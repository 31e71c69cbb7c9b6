//! What a person asked for, each on a thread of its own, by a connection that nothing else waits for.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::ffi::{self, Connection, Error};
use super::host::Command;
use super::meter::Kind;
use super::opener::Opener;
use super::remedies;
use super::reporter::Reporter;
use crate::model::{DomainState, Uuid};
use crate::protocol::{Answer, ConnectionSpec, DomainVerb, Failure, JobId, News, Request, Verb};

/// Calls in flight on the actions connection: a daemon serves five per connection, and each of these may hang.
const IN_FLIGHT: usize = 3;

/// The actions of one incarnation of a host.
pub struct Actions {
    running: Vec<Running>,
    waiting: VecDeque<Request>,
    worker: Worker,
}

struct Running {
    job: JobId,
    verb: Verb,
    since: Instant,
}

/// What a thread of an action works with.
#[derive(Clone)]
struct Worker {
    reporter: Reporter,
    control: Connection,
    opener: Arc<Opener>,
    spec: ConnectionSpec,
    supervisor: Sender<Command>,
    actions: Arc<Mutex<Option<Connection>>>,
}

impl Actions {
    /// Without a job; the actions connection is opened for the first one.
    pub fn new(
        reporter: Reporter,
        control: Connection,
        opener: Arc<Opener>,
        spec: ConnectionSpec,
        supervisor: Sender<Command>,
    ) -> Self {
        Self {
            running: Vec::new(),
            waiting: VecDeque::new(),
            worker: Worker {
                reporter,
                control,
                opener,
                spec,
                supervisor,
                actions: Arc::default(),
            },
        }
    }

    /// Starts a request, or lets it wait for a free place, or refuses it because the same one is under way.
    pub fn submit(&mut self, request: Request) {
        let same = self
            .running
            .iter()
            .find(|running| running.verb == request.verb)
            .map(|running| {
                format!(
                    "it is running since {} s",
                    running.since.elapsed().as_secs()
                )
            })
            .or_else(|| {
                self.waiting
                    .iter()
                    .any(|waiting| waiting.verb == request.verb)
                    .then(|| "it waits for its turn".to_owned())
            });
        if let Some(reason) = same {
            let failure = Failure {
                what: "the same action".to_owned(),
                reason,
                code: None,
                remedy: None,
            };
            return self.finish(request.job, Err(failure));
        }
        self.waiting.push_back(request);
        self.start_waiting();
    }

    /// A job is done: its place is free.
    pub fn done(&mut self, job: JobId) {
        self.running.retain(|running| running.job != job);
        self.start_waiting();
    }

    /// The connection is gone: nothing will come of these jobs that anybody could know.
    pub fn abandon(&mut self, error: &Error) {
        let jobs = self
            .running
            .drain(..)
            .map(|running| running.job)
            .chain(self.waiting.drain(..).map(|request| request.job))
            .collect::<Vec<_>>();
        for job in jobs {
            let failure =
                remedies::failure("wait for the answer", error, self.worker.spec.uri.as_ref());
            self.finish(job, Err(failure));
        }
    }

    fn finish(&self, job: JobId, result: Result<Answer, Failure>) {
        self.worker.reporter.send(News::JobFinished(job, result));
    }

    fn start_waiting(&mut self) {
        while self.running.len() < IN_FLIGHT {
            let Some(request) = self.waiting.pop_front() else {
                return;
            };
            let (job, verb) = (request.job, request.verb.clone());
            let worker = self.worker.clone();
            let spawned = thread::Builder::new()
                .name(format!("act-{}", job.0))
                .spawn(move || worker.run(&request));
            match spawned {
                Ok(_) => self.running.push(Running {
                    job,
                    verb,
                    since: Instant::now(),
                }),
                Err(error) => {
                    let error = Error::own(format!("cannot start a thread: {error}"));
                    self.finish(
                        job,
                        Err(remedies::failure("start the action", &error, None)),
                    );
                }
            }
        }
    }
}

impl Worker {
    fn run(&self, request: &Request) {
        self.reporter.send(News::JobStarted(request.job));
        let result = self.perform(&request.verb);
        self.reporter.send(News::JobFinished(request.job, result));
        let _ = self.supervisor.send(Command::ActionDone(request.job));
    }

    fn perform(&self, verb: &Verb) -> Result<Answer, Failure> {
        match verb {
            Verb::Domain(uuid, verb) => self.act(*uuid, *verb),
            Verb::ReadXml(uuid, kind) => {
                let read = || self.control.domain(*uuid)?.xml(*kind);
                read()
                    .map(|text| Answer::Xml { text, kind: *kind })
                    .map_err(|error| self.failure("read the XML", &error))
            }
            Verb::ReadAddresses(_) | Verb::ReadGuest(_) | Verb::ReadLogTail(_) => {
                Err(self.failure("read", &Error::own("not known to this connection")))
            }
        }
    }

    fn failure(&self, what: impl Into<String>, error: &Error) -> Failure {
        remedies::failure(what, error, self.spec.uri.as_ref())
    }

    fn act(&self, uuid: Uuid, verb: DomainVerb) -> Result<Answer, Failure> {
        let what = label(verb);
        if self.spec.readonly {
            let error = Error::own("the connection is read-only");
            return Err(self.failure(what, &error));
        }
        let connection = self
            .connection()
            .map_err(|error| self.failure(what, &error))?;
        let domain = connection
            .domain(uuid)
            .map_err(|error| self.failure(what, &error))?;
        let named = format!("{what} '{}'", domain.name().unwrap_or_default());
        let (state, _) = domain
            .state()
            .map_err(|error| self.failure(&named, &error))?;
        if let Some(reason) = illegal(verb, state) {
            return Err(self.failure(named, &Error::own(reason)));
        }
        domain
            .act(verb)
            .map(|()| Answer::Done)
            .map_err(|error| self.failure(named, &error))
    }

    /// The actions connection, opened when there is none or it is dead.
    fn connection(&self) -> ffi::Result<Connection> {
        let mut slot = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = slot.as_ref().filter(|connection| connection.is_alive()) {
            return Ok(connection.clone());
        }
        let connection = self.opener.open(Kind::Actions)?;
        *slot = Some(connection.clone());
        Ok(connection)
    }
}

/// virt-manager's word for a verb.
fn label(verb: DomainVerb) -> &'static str {
    match verb {
        DomainVerb::Start => "Start",
        DomainVerb::Shutdown => "Shut Down",
        DomainVerb::Reboot => "Reboot",
        DomainVerb::Reset => "Force Reset",
        DomainVerb::Destroy => "Force Off",
        DomainVerb::Suspend => "Pause",
        DomainVerb::Resume => "Resume",
    }
}

/// Why a verb makes no sense in a state; `None` where it does.
fn illegal(verb: DomainVerb, state: DomainState) -> Option<&'static str> {
    let active = state.is_active();
    match verb {
        DomainVerb::Start if active => Some("the domain is already running"),
        DomainVerb::Start => None,
        DomainVerb::Resume if state == DomainState::Running => {
            Some("the domain is already running")
        }
        DomainVerb::Suspend if state == DomainState::Paused => Some("the domain is already paused"),
        _ if !active => Some("the domain is not running"),
        _ => None,
    }
}
