//! What a person asked for, each on a thread of its own, by a connection that nothing else waits for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use super::ffi::{self, Connection, Error};
use super::host::Command;
use super::opener::OnDemand;
use super::reporter::Reporter;
use super::roster::Roster;
use super::{addresses, guest_facts, log_tail, remedies, verbs};
use crate::model::{UriError, Uuid};
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
pub struct Worker {
    /// Where its reports go.
    pub reporter: Reporter,
    /// For what answers at once.
    pub control: Connection,
    /// The domains.
    pub roster: Roster,
    /// For lifecycle verbs.
    pub actions: Arc<OnDemand>,
    /// For what may wait for a guest.
    pub streams: Arc<OnDemand>,
    /// How the connection was asked for.
    pub spec: ConnectionSpec,
    /// To be told that a place is free.
    pub supervisor: Sender<Command>,
}

impl Actions {
    /// Without a job; the actions connection is opened for the first one.
    pub fn new(worker: Worker) -> Self {
        Self {
            running: Vec::new(),
            waiting: VecDeque::new(),
            worker,
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
        let result = self.perform(request.job, &request.verb);
        self.reporter.send(News::JobFinished(request.job, result));
        let _ = self.supervisor.send(Command::ActionDone(request.job));
    }

    fn perform(&self, job: JobId, verb: &Verb) -> Result<Answer, Failure> {
        match verb {
            Verb::Domain(uuid, verb) => self.act(job, *uuid, verb),
            Verb::ReadXml(uuid, kind) => {
                let read = || self.control.domain(*uuid)?.xml(*kind);
                read()
                    .map(|text| Answer::Xml { text, kind: *kind })
                    .map_err(|error| self.failure("read the XML", &error))
            }
            Verb::ReadAddresses(uuid) => self
                .read_addresses(*uuid)
                .map_err(|error| self.failure("read the addresses", &error)),
            Verb::ReadGuest(uuid) => self
                .read_guest(*uuid)
                .map_err(|error| self.failure("ask the guest agent", &error)),
            Verb::ReadLogTail(uuid) => self
                .read_log(*uuid)
                .map_err(|error| self.failure("read the log", &error)),
        }
    }

    fn read_addresses(&self, uuid: Uuid) -> ffi::Result<Answer> {
        let domain = self.streams.get()?.domain(uuid)?;
        addresses::read(&domain, self.agent(uuid) != Some(false)).map(Answer::Addresses)
    }

    fn read_guest(&self, uuid: Uuid) -> ffi::Result<Answer> {
        if self.agent(uuid) == Some(false) {
            return Err(Error::own("the QEMU guest agent is not connected"));
        }
        let domain = self.streams.get()?.domain(uuid)?;
        domain
            .guest_info()
            .map(|info| Answer::Guest(guest_facts::facts(info)))
    }

    fn read_log(&self, uuid: Uuid) -> ffi::Result<Answer> {
        let known = self.control.uri()?;
        let uri = match &self.spec.uri {
            Some(uri) => uri.clone(),
            None => known
                .parse()
                .map_err(|error: UriError| Error::own(error.to_string()))?,
        };
        let name = self.control.domain(uuid)?.name()?;
        log_tail::read(&uri, &name)
    }

    /// Whether the guest's agent is connected, by the XML; `None` while that is not known.
    fn agent(&self, uuid: Uuid) -> Option<bool> {
        let roster = self.roster.lock();
        let definition = roster.get(&uuid)?.domain.definition.as_ref()?;
        Some(definition.guest_agent == Some(true))
    }

    fn failure(&self, what: impl Into<String>, error: &Error) -> Failure {
        remedies::failure(what, error, self.spec.uri.as_ref())
    }

    fn act(&self, job: JobId, uuid: Uuid, verb: &DomainVerb) -> Result<Answer, Failure> {
        let what = verbs::label(verb);
        if self.spec.readonly {
            let error = Error::own("the connection is read-only");
            return Err(self.failure(what, &error));
        }
        let connection = self
            .actions
            .get()
            .map_err(|error| self.failure(what, &error))?;
        let pausing = || {
            let _ = self.supervisor.send(Command::ActionDone(job));
        };
        verbs::perform(&connection, uuid, verb, pausing)
            .map(|()| Answer::Done)
            .map_err(|(what, error)| self.failure(what, &error))
    }
}
