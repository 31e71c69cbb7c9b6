//! A fleet under test, with its reports read as they come.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use virtty::libvirt::{Fleet, ReportReceiver};
use virtty::model::{ConnectionId, ConnectionState, Domain, DomainEvent, DomainState, Uuid};
use virtty::protocol::{
    Answer, ConnectionSpec, Epoch, Failure, JobId, News, Opened, Report, Request, Verb,
};

/// Long enough for a loaded machine; a test that passes never waits for it.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// One connection of a fleet, and the table that its reports make.
pub struct Watched {
    pub fleet: Fleet,
    pub id: ConnectionId,
    reports: ReportReceiver,
    epoch: Epoch,
    pub rows: BTreeMap<Uuid, Domain>,
    pub opened: Option<Opened>,
    pub events: Vec<DomainEvent>,
    pub history: Vec<News>,
    /// When each of `history` was taken.
    pub times: Vec<Instant>,
    pub state: ConnectionState,
    jobs: u64,
}

impl Watched {
    pub fn open(uri: &str) -> Self {
        Self::open_as(uri, false)
    }

    pub fn open_as(uri: &str, readonly: bool) -> Self {
        virtty::libvirt::initialise().expect("libvirt can be initialised");
        let (sender, reports) = virtty::libvirt::channel();
        let mut fleet = Fleet::new(sender);
        let id = ConnectionId(7);
        fleet.open(ConnectionSpec {
            id,
            uri: Some(uri.parse().expect("a URI")),
            readonly,
            interval: Duration::from_secs(2),
        });
        Self {
            fleet,
            id,
            reports,
            epoch: Epoch::default(),
            rows: BTreeMap::new(),
            opened: None,
            events: Vec::new(),
            history: Vec::new(),
            times: Vec::new(),
            state: ConnectionState::Disconnected,
            jobs: 0,
        }
    }

    /// Takes reports until `done` finds what it waits for.
    pub fn until<T>(&mut self, what: &str, mut done: impl FnMut(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = done(self) {
                return found;
            }
            match self.reports.try_recv() {
                Some(report) => self.take(report),
                None => {
                    assert!(
                        start.elapsed() < PATIENCE,
                        "{what}: not within {PATIENCE:?}; failures: {:?}",
                        self.failures()
                    );
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    /// Why it was not open, each time.
    pub fn failures(&self) -> Vec<&Failure> {
        let failures = self.history.iter().filter_map(|news| match news {
            News::State(_, failure) => failure.as_ref(),
            _ => None,
        });
        failures.collect()
    }

    /// Takes the reports that wait now.
    pub fn pump(&mut self) {
        while let Some(report) = self.reports.try_recv() {
            self.take(report);
        }
    }

    fn take(&mut self, report: Report) {
        assert_eq!(report.connection, self.id);
        if report.epoch < self.epoch {
            // What a former incarnation still had to say.
            return;
        }
        self.epoch = report.epoch;
        match &report.news {
            News::Listed { domains, .. } => {
                self.rows = domains
                    .iter()
                    .map(|domain| (domain.id.uuid, domain.clone()))
                    .collect();
            }
            News::Changed(domains) => {
                for domain in domains {
                    self.rows.insert(domain.id.uuid, domain.clone());
                }
            }
            News::Defined(definitions) => {
                for (uuid, definition) in definitions {
                    if let Some(row) = self.rows.get_mut(uuid) {
                        match definition {
                            Ok(definition) => row.definition = Some(definition.clone()),
                            Err(reason) => row.definition_error = Some(reason.clone()),
                        }
                    }
                }
            }
            News::Gone(uuid) => {
                self.rows.remove(uuid);
            }
            News::State(state, _) => self.state = state.clone(),
            News::Event(event) => self.events.push(event.clone()),
            News::Opened(opened) => self.opened = Some((**opened).clone()),
            _ => {}
        }
        self.times.push(Instant::now());
        self.history.push(report.news);
    }

    /// Waits for a state of the connection; gives how long it took.
    pub fn until_state(
        &mut self,
        what: &str,
        mut is: impl FnMut(&ConnectionState) -> bool,
    ) -> Duration {
        let start = Instant::now();
        self.until(what, |watched| is(&watched.state).then_some(()));
        start.elapsed()
    }

    /// Waits for a state of a row; gives how long it took.
    pub fn until_row(&mut self, name: &str, state: DomainState) -> Duration {
        let start = Instant::now();
        self.until("a state of a row", |watched| {
            (watched.row(name)?.state == state).then_some(())
        });
        start.elapsed()
    }

    pub fn row(&self, name: &str) -> Option<&Domain> {
        self.rows.values().find(|row| row.name == name)
    }

    pub fn uuid(&self, name: &str) -> Uuid {
        self.row(name).expect("a domain of this name").id.uuid
    }

    /// Asks and waits for the answer.
    pub fn ask(&mut self, verb: Verb) -> Result<Answer, Failure> {
        let job = self.submit(verb);
        self.answer(job)
    }

    pub fn submit(&mut self, verb: Verb) -> JobId {
        self.jobs += 1;
        let job = JobId(self.jobs);
        self.fleet.send(self.id, Request { job, verb });
        job
    }

    pub fn answer(&mut self, job: JobId) -> Result<Answer, Failure> {
        self.until("the answer", |watched| {
            watched.history.iter().find_map(|news| match news {
                News::JobFinished(finished, result) if *finished == job => Some(result.clone()),
                _ => None,
            })
        })
    }
}

/// A node document of the test driver in a directory of its own, which is removed with it.
pub struct Node {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Node {
    /// A node with these domain elements.
    pub fn new(domains: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("node.xml");
        std::fs::write(&path, format!("<node>{domains}</node>")).expect("a node document");
        Self {
            _folder: folder,
            path,
        }
    }

    pub fn uri(&self) -> String {
        format!("test://{}", self.path.display())
    }
}

/// A domain element; `state` is the test driver's number, 1 running, 3 paused, 5 shut off.
pub fn domain(name: &str, state: u8) -> String {
    format!(
        "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>{name}</name>\
         <memory unit='KiB'>262144</memory><vcpu>2</vcpu><os><type>hvm</type></os>\
         <devices><graphics type='vnc' port='5907' listen='127.0.0.1'/></devices>\
         <test:runstate>{state}</test:runstate></domain>"
    )
}
