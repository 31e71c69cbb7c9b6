//! What a person asked for, each on a thread of its own, by a connection that nothing else waits for.

use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use std::thread;
use std::time::{Duration, Instant};

use super::displays::thumbnail;
use super::ffi::{self, Connection, Error};
use super::host::Command;
use super::host_reader::HostReader;
use super::opener::OnDemand;
use super::reporter::Reporter;
use super::roster::Roster;
use super::storage_verbs::Beside;
use super::{
    addresses, agent, arranging, disks, editing, guest_facts, hardware, host_facts, log_tail,
    remedies, snapshots, storage_reads, storage_verbs, undefine, verbs, volume_transfers, volumes,
};
use super::{net_verbs, networks, node_devices};
use crate::agent::GuestOutput;
use crate::hostfacts::HostWish;
use crate::model::{UriError, Uuid};
use crate::network::guard;
use crate::protocol::{
    Answer, ApplyDocument, Arrange, ConnectionSpec, DomainVerb, Failure, GuestRun, HardwareVerb,
    HostFiles, JobId, NetVerb, News, RawCommand, Request, StorageVerb, Verb, VolumeVerb,
};

/// Calls in flight on the actions connection: a daemon serves five per connection, and each of these may hang.
const IN_FLIGHT: usize = 3;

/// How often it is told how far a transfer is.
const TOLD_EVERY: Duration = Duration::from_millis(250);

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
    /// Jobs that are to stop.
    pub stops: Arc<Mutex<BTreeSet<JobId>>>,
    /// To be told that a place is free.
    pub supervisor: Sender<Command>,
    /// The host's own files over ssh.
    pub files: Arc<HostReader>,
    /// Transfers that are to end before their end.
    pub given_up: Arc<Mutex<BTreeSet<JobId>>>,
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
        if let Verb::Stop(job) = &request.verb {
            // At once: it would wait behind the very job.
            self.worker.stop(*job);
            return self.finish(request.job, Ok(Answer::Done));
        }
        if let Verb::GiveUp(job) = request.verb {
            if let Ok(mut jobs) = self.worker.given_up.lock() {
                jobs.insert(job);
            }
            return self.finish(request.job, Ok(Answer::Done));
        }
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

    /// The oldest request that may begin. An agent answers one question after the other: a second one to the same guest
    /// would only wait in libvirt, and take the place of others here.
    fn next(&mut self) -> Option<Request> {
        let busy: Vec<Uuid> = (self.running.iter())
            .filter_map(|running| agent_of(&running.verb))
            .collect();
        let may =
            |request: &Request| agent_of(&request.verb).is_none_or(|uuid| !busy.contains(&uuid));
        let at = self.waiting.iter().position(may)?;
        self.waiting.remove(at)
    }

    fn start_waiting(&mut self) {
        while self.running.len() < IN_FLIGHT {
            let Some(request) = self.next() else {
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

/// The guest whose agent a request waits for.
fn agent_of(verb: &Verb) -> Option<Uuid> {
    match verb {
        Verb::ReadGuest(uuid)
        | Verb::ReadFileSystems(uuid)
        | Verb::ReadGuestVcpus(uuid)
        | Verb::ReadAgent(uuid)
        | Verb::ReadSshKeys(uuid, _)
        | Verb::RunInGuest(uuid, _)
        | Verb::Raw(uuid, RawCommand::Agent(..))
        | Verb::Domain(
            uuid,
            DomainVerb::Agent(_) | DomainVerb::Hardware(HardwareVerb::GuestVcpus { .. }),
        ) => Some(*uuid),
        _ => None,
    }
}

impl Worker {
    fn run(&self, request: &Request) {
        self.reporter.send(News::JobStarted(request.job));
        let result = self.perform(request.job, &request.verb);
        // First: who asks for the same again, told that this is done, is not refused because of it.
        let _ = self.supervisor.send(Command::ActionDone(request.job));
        self.reporter.send(News::JobFinished(request.job, result));
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
            Verb::ReadDisks(uuid, monitor) => self
                .streams
                .get()
                .and_then(|connection| {
                    let domain = connection.domain(*uuid)?;
                    disks::read(&domain, *monitor, self.spec.readonly)
                })
                .map(|disks| Answer::Disks(Box::new(disks)))
                .map_err(|error| self.failure("read the disks", &error)),
            Verb::ReadSnapshots(uuid, known) => self
                .streams
                .get()
                .and_then(|connection| snapshots::read(&connection.domain(*uuid)?, *known))
                .map(|read| Answer::Snapshots(read.map(Box::new)))
                .map_err(|error| self.failure("read the snapshots", &error)),
            Verb::ReadSnapshotSizes(uuid) => self
                .streams
                .get()
                .and_then(|connection| snapshots::sizes(&connection.domain(*uuid)?))
                .map(Answer::SnapshotSizes)
                .map_err(|error| self.failure("read the sizes of the snapshots", &error)),
            Verb::ReadSnapshotPicture(uuid, wanted) => {
                let kept = snapshots::picture(*uuid, &wanted.name, wanted.created);
                let small = kept.and_then(|kept| thumbnail(&kept, wanted.width, wanted.height));
                Ok(Answer::SnapshotPicture(small.map(Arc::new)))
            }
            Verb::ReadFileUsers(uuid, paths) => self
                .streams
                .get()
                .and_then(|connection| volumes::needed(&connection.domain(*uuid)?, paths))
                .map(|needed| Answer::FileUsers(needed.into_iter().map(Into::into).collect()))
                .map_err(|error| self.failure("look for who else uses the files", &error)),
            Verb::ReadUndefine(uuid) => self
                .streams
                .get()
                .and_then(|connection| undefine::plan(&connection.domain(*uuid)?))
                .map(|plan| Answer::Undefine(Box::new(plan)))
                .map_err(|error| self.failure("look at what is in the way", &error)),
            Verb::ReadFileSystems(uuid) => self
                .streams
                .get()
                .and_then(|connection| connection.domain(*uuid)?.guest_info())
                .map(|info| Answer::FileSystems(disks::file_systems(&info)))
                .map_err(|error| self.failure("ask the guest agent", &error)),
            Verb::ReadNetworks(which) => self
                .streams
                .get()
                .and_then(|connection| {
                    let way = self.host_files(*which);
                    networks::read(&connection, self.spec.uri.as_ref(), &way)
                })
                .map(|found| Answer::Networks(Box::new(found)))
                .map_err(|error| self.failure("read the networks", &error)),
            Verb::Net(verb) => self.act_on_networks(verb),
            Verb::ApplyBridge(plan) => self
                .changes_bridges()
                .and_then(|()| guard::apply(plan, guard::PATIENCE).map_err(Error::own))
                .map(|()| Answer::Done)
                .map_err(|error| self.failure(plan.title.clone(), &error)),
            Verb::DecideBridge(keep) => self
                .changes_bridges()
                .and_then(|()| guard::decide(*keep).map_err(Error::own))
                .map(|_| Answer::Done)
                .map_err(|error| self.failure("change the bridge", &error)),
            Verb::ReadHardware(uuid) => self
                .streams
                .get()
                .and_then(|connection| hardware::read(&connection.domain(*uuid)?))
                .map(|found| Answer::Hardware(Box::new(found)))
                .map_err(|error| self.failure("read the hardware", &error)),
            Verb::ReadGuestVcpus(uuid) => self
                .streams
                .get()
                .and_then(|connection| hardware::guest_vcpus(&connection.domain(*uuid)?))
                .map(Answer::GuestVcpus)
                .map_err(|error| self.failure("ask the guest for its CPUs", &error)),
            Verb::ReadNodeDevices => self
                .streams
                .get()
                .and_then(|connection| node_devices::read(&connection))
                .map(|devices| Answer::NodeDevices(devices.into()))
                .map_err(|error| self.failure("read the devices of the host", &error)),
            Verb::ReadAgent(uuid) => self
                .streams
                .get()
                .and_then(|connection| agent::read(&connection.domain(*uuid)?))
                .map(|report| Answer::Agent(Box::new(report)))
                .map_err(|error| self.failure("ask the guest agent", &error)),
            Verb::ReadSshKeys(uuid, user) => self
                .streams
                .get()
                .and_then(|connection| agent::ssh_keys(&connection.domain(*uuid)?, user))
                .map(|keys| Answer::SshKeys(user.clone(), keys))
                .map_err(|error| self.failure(format!("read the ssh keys of '{user}'"), &error)),
            Verb::RunInGuest(uuid, run) => self
                .run_in_guest(job, *uuid, run)
                .map(|output| Answer::GuestOutput(Box::new(output)))
                .map_err(|error| self.failure(format!("run {} in the guest", run.program), &error)),
            Verb::Raw(uuid, command) => self
                .changing()
                .and_then(|connection| agent::raw(&connection.domain(*uuid)?, command))
                .map(Answer::Said)
                .map_err(|error| self.failure("pass the command on", &error)),
            Verb::ReadHost(which) => self
                .streams
                .get()
                .and_then(|connection| {
                    let way = self.host_files(*which);
                    host_facts::read(&connection, self.spec.uri.as_ref(), &way, false)
                })
                .map(|report| Answer::Host(Box::new(report)))
                .map_err(|error| self.failure("read the host", &error)),
            Verb::ReadHostLoad(which) => self
                .streams
                .get()
                .and_then(|connection| {
                    let way = self.host_files(*which);
                    host_facts::load(&connection, self.spec.uri.as_ref(), &way)
                })
                .map(Answer::HostLoad)
                .map_err(|error| self.failure("read the load of the host", &error)),
            Verb::TuneHost(wish, which) => self
                .tune(wish, *which)
                .map_err(|error| self.failure(wish.title(), &error)),
            Verb::ReadOffered => self
                .offered()
                .map_err(|error| self.failure("ask what the host offers", &error)),
            Verb::Make(making) => self.make(job, making),
            Verb::ReadCloneable(uuid, snapshot) => self
                .cloneable(*uuid, snapshot.as_deref())
                .map_err(|error| self.failure("read what is to be cloned", &error)),
            Verb::CloneDomain(uuid, cloning) => self.make_clones(job, *uuid, cloning),
            // Taken out where requests come in.
            Verb::Stop(_) => Ok(Answer::Done),
            Verb::OpenDocument(what) => self
                .streams
                .get()
                .and_then(|connection| editing::open(&connection, what))
                .map(|document| Answer::Document(document.map(Box::new)))
                .map_err(|error| self.failure("read the document", &error)),
            Verb::ApplyDocument(wanted) => self.apply(wanted),
            Verb::DryRun(before, after) => self
                .streams
                .get()
                .map(|connection| {
                    let lines = editing::command_lines(&connection, before.text(), after.text());
                    Answer::CommandLines(Box::new(lines))
                })
                .map_err(|error| self.failure("try the document out", &error)),
            Verb::ReadDocumentFacts => self
                .streams
                .get()
                .map(|connection| Answer::DocumentFacts(Box::new(connection.document_facts())))
                .map_err(|error| self.failure("read what the host has", &error)),
            Verb::ReadCheckHost(wanted) => self
                .streams
                .get()
                .map(|connection| {
                    let host = editing::check_host(&connection, self.spec.uri.as_ref(), wanted);
                    Answer::CheckHost(Box::new(host))
                })
                .map_err(|error| self.failure("read the domains", &error)),
            Verb::ReadLogTail(uuid) => self
                .read_log(*uuid)
                .map_err(|error| self.failure("read the log", &error)),
            Verb::ReadPools => self
                .streams
                .get()
                .and_then(|connection| connection.pools())
                .map(Answer::Pools)
                .map_err(|error| self.failure("list the storage pools", &error)),
            Verb::ReadVolumeNames(pool) => self
                .streams
                .get()
                .and_then(|connection| connection.volume_names(*pool))
                .map(Answer::VolumeNames)
                .map_err(|error| self.failure("list the volumes", &error)),
            Verb::ReadVolumes(pool, names) => self
                .streams
                .get()
                .and_then(|connection| connection.volumes(*pool, names))
                .map(Answer::Volumes)
                .map_err(|error| self.failure("read the volumes", &error)),
            Verb::ReadSecrets => self
                .streams
                .get()
                .and_then(|connection| storage_reads::secrets(&connection))
                .map(Answer::Secrets)
                .map_err(|error| self.failure("list the secrets", &error)),
            Verb::ReadSecretValue(uuid) => self
                .streams
                .get()
                .and_then(|connection| connection.secret_value(*uuid))
                .map(Answer::SecretValue)
                .map_err(|error| self.failure("read the value of the secret", &error)),
            Verb::ReadLeftovers => self
                .streams
                .get()
                .and_then(|connection| {
                    storage_reads::leftovers(&connection, self.spec.uri.as_ref())
                })
                .map(Answer::Leftovers)
                .map_err(|error| self.failure("look for leftovers", &error)),
            Verb::ReadDrives => self
                .streams
                .get()
                .and_then(|connection| {
                    volume_transfers::drives(&connection, self.spec.uri.as_ref())
                })
                .map(Answer::Drives)
                .map_err(|error| self.failure("read the drives of the host", &error)),
            Verb::Storage(verb) => self.store(job, verb),
            // Told to the thread of the transfer when it is submitted.
            Verb::GiveUp(_) => Ok(Answer::Done),
        }
    }

    fn store(&self, job: JobId, verb: &StorageVerb) -> Result<Answer, Failure> {
        let what = storage_verbs::label(verb);
        if self.spec.readonly {
            return Err(self.failure(what, &Error::own("the connection is read-only")));
        }
        // What is sent or fetched must not stand in the way of what acts.
        let connection = if matches!(
            verb,
            StorageVerb::Volume(
                _,
                VolumeVerb::Upload(_) | VolumeVerb::Import(_) | VolumeVerb::Download(_)
            )
        ) {
            self.streams.get()
        } else {
            self.actions.get()
        };
        let connection = connection.map_err(|error| self.failure(what, &error))?;
        let told = Cell::new(Instant::now());
        let progress = |done: u64, whole: Option<u64>| {
            if told.get().elapsed() >= TOLD_EVERY {
                told.set(Instant::now());
                self.reporter.send(News::Progress(job, done, whole));
            }
            !self.given_up.lock().is_ok_and(|jobs| jobs.contains(&job))
        };
        let beside = Beside {
            uri: self.spec.uri.as_ref(),
            pausing: &|| {
                let _ = self.supervisor.send(Command::ActionDone(job));
            },
            progress: &progress,
            aside: &|| self.streams.get(),
        };
        let done = storage_verbs::perform(&connection, verb, &beside);
        if let Ok(mut jobs) = self.given_up.lock() {
            jobs.remove(&job);
        }
        done.map(|()| Answer::Done)
            .map_err(|(what, error)| self.failure(what, &error))
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

    fn run_in_guest(&self, job: JobId, uuid: Uuid, run: &GuestRun) -> ffi::Result<GuestOutput> {
        let domain = self.changing()?.domain(uuid)?;
        let pausing = || {
            let _ = self.supervisor.send(Command::ActionDone(job));
        };
        agent::run(&domain, run, pausing, || self.is_stopped(job))
    }

    /// The connection for what changes a guest and may wait for it.
    fn changing(&self) -> ffi::Result<Connection> {
        if self.spec.readonly {
            return Err(Error::read_only());
        }
        self.streams.get()
    }

    fn tune(&self, wish: &HostWish, which: HostFiles) -> ffi::Result<Answer> {
        if self.spec.readonly {
            return Err(Error::read_only());
        }
        let connection = self.actions.get()?;
        let way = self.host_files(which);
        host_facts::perform(&connection, self.spec.uri.as_ref(), &way, wish).map(|()| Answer::Done)
    }

    fn host_files(&self, which: HostFiles) -> host_facts::Way<'_> {
        match which {
            HostFiles::OfThisMachine => host_facts::Way::Own,
            HostFiles::OverSsh => host_facts::Way::Over(&self.files),
        }
    }

    /// Whether bridges can be changed by this connection: those of this machine alone.
    fn changes_bridges(&self) -> ffi::Result<()> {
        if self.spec.readonly {
            return Err(Error::read_only());
        }
        let told = self.control.uri()?.parse().ok();
        let uri = self.spec.uri.as_ref().or(told.as_ref());
        match uri.is_some_and(host_facts::is_of_this_machine) {
            true => Ok(()),
            false => Err(Error::own(
                "virtty changes bridges of the machine that it runs on",
            )),
        }
    }

    fn act_on_networks(&self, verb: &NetVerb) -> Result<Answer, Failure> {
        let what = net_verbs::label(verb);
        if self.spec.readonly {
            return Err(self.failure(what, &Error::read_only()));
        }
        let connection = self
            .actions
            .get()
            .map_err(|error| self.failure(what, &error))?;
        net_verbs::perform(&connection, verb)
            .map(|()| Answer::Done)
            .map_err(|(what, error)| self.failure(what, &error))
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

    /// Lets a job stop at its next step.
    fn stop(&self, job: JobId) {
        let mut stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        stops.insert(job);
    }

    /// Whether a job is to stop.
    pub(super) fn is_stopped(&self, job: JobId) -> bool {
        let stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        stops.contains(&job)
    }

    fn apply(&self, wanted: &ApplyDocument) -> Result<Answer, Failure> {
        let what = format!("define the {}", wanted.what.word());
        if self.spec.readonly {
            return Err(self.failure(what, &Error::read_only()));
        }
        if let Some(uuid) = wanted.what.domain() {
            self.roster.hint(uuid);
        }
        let connection = self
            .actions
            .get()
            .map_err(|error| self.failure(what, &error))?;
        editing::apply(&connection, wanted, self.spec.uri.as_ref()).map(Answer::Applied)
    }

    pub(super) fn failure(&self, what: impl Into<String>, error: &Error) -> Failure {
        remedies::failure(what, error, self.spec.uri.as_ref())
    }

    fn act(&self, job: JobId, uuid: Uuid, verb: &DomainVerb) -> Result<Answer, Failure> {
        let what = verbs::label(verb);
        self.roster.hint(uuid);
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
        let wanted = match verb {
            DomainVerb::Arrange(wanted) => Some((**wanted).clone()),
            DomainVerb::Pin { .. } | DomainVerb::Tune { .. } => Some(Arrange {
                steps: vec![verb.clone()],
                seconds: None,
            }),
            _ => None,
        };
        if let Some(wanted) = wanted {
            let domain = connection
                .domain(uuid)
                .map_err(|error| self.failure(what, &error))?;
            let named = format!("{what} '{}'", domain.name().unwrap_or_default());
            return arranging::perform(&domain, &wanted, pausing)
                .map(|back| Answer::Arranged(uuid, back))
                .map_err(|error| self.failure(named, &error));
        }
        verbs::perform(&connection, uuid, verb, pausing)
            .map(|()| Answer::Done)
            .map_err(|(what, error)| self.failure(what, &error))
    }
}
