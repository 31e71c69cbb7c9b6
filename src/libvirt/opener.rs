//! Opens the connections of one host, each on a thread of its own.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{Connection, Error, Result};
use super::meter::{Kind, Meter, Tally};
use super::prompts::Prompts;
use super::ssh::Ssh;
use crate::model::{Driver, Transport};
use crate::protocol::ConnectionSpec;

/// How long an opening may take before its thread is left behind.
pub const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// How often is looked whether a person is being asked.
const LOOK: Duration = Duration::from_millis(250);

/// Seconds between keepalive messages, and how many may stay unanswered.
const KEEPALIVE: (i32, u32) = (2, 3);

/// Opens connections of one incarnation of one host.
pub struct Opener {
    spec: ConnectionSpec,
    tally: Arc<Tally>,
    prompts: Arc<Prompts>,
    /// The way through ssh, where the URI leads there.
    ssh: Option<Ssh>,
    /// The one connection of an in-process driver: another one would be another host.
    shared: Mutex<Option<Connection>>,
}

impl Opener {
    /// An opener for `spec`; `prompts` answers the daemon's questions.
    pub fn new(spec: ConnectionSpec, tally: Arc<Tally>, prompts: Arc<Prompts>) -> Self {
        let ssh = spec
            .uri
            .as_ref()
            .and_then(|uri| Ssh::of(uri, Arc::clone(&prompts)));
        Self {
            spec,
            tally,
            prompts,
            ssh,
            shared: Mutex::default(),
        }
    }

    /// Opens a connection on a thread of its own and hands it to `done` there, however long it takes.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn open_in_background(
        self: &Arc<Self>,
        kind: Kind,
        done: impl FnOnce(Result<Connection>) + Send + 'static,
    ) -> Result<()> {
        let opener = Arc::clone(self);
        thread::Builder::new()
            .name(format!("open-{}-{}", self.spec.id.0, kind.label()))
            .spawn(move || done(opener.open_here(kind)))
            .map(drop)
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))
    }

    /// Opens a connection and waits for it, at most [`OPEN_LIMIT`]. What comes later is closed again.
    ///
    /// # Errors
    /// libvirt's own, or that the daemon did not answer in time.
    pub fn open(self: &Arc<Self>, kind: Kind) -> Result<Connection> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.open_in_background(kind, move |result| {
            let _ = sender.send(result);
        })?;
        let mut since = Instant::now();
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(result) => return result,
                // The time a person takes is not the daemon's.
                Err(_) if self.prompts.is_asking() => since = Instant::now(),
                Err(_) if since.elapsed() < OPEN_LIMIT => {}
                Err(_) => return Err(late()),
            }
        }
    }

    /// Ends the login that the connections share, after one of them could not be opened in time.
    pub fn hang_up(&self) {
        if let Some(ssh) = &self.ssh {
            ssh.hang_up();
        }
    }

    /// Whether its connections are sessions of one login: a server allows ten of them (sshd_config(5), `MaxSessions`).
    pub fn is_one_login(&self) -> bool {
        self.ssh.is_some()
    }

    /// See [`Ssh::command`]; `None` as well where the host is not reached through ssh.
    pub fn ssh_command(&self, options: &[&str]) -> Option<Vec<String>> {
        self.ssh.as_ref()?.command(options)
    }

    /// Opens no more, and ends the login.
    pub fn close(&self) {
        if let Some(ssh) = &self.ssh {
            ssh.close();
        }
    }

    /// Opens on this thread, without a limit.
    fn open_here(&self, kind: Kind) -> Result<Connection> {
        if let Some(shared) = &*self.shared() {
            return Ok(shared.as_kind(kind));
        }
        let meter = Meter::new(kind, Arc::clone(&self.tally));
        let prompts = Arc::clone(&self.prompts);
        let ask = Arc::new(move |credential: &_| prompts.ask(credential).ok());
        let uri = self.spec.uri.as_ref().map(crate::model::Uri::as_str);
        let connection = match (&self.ssh, uri) {
            (Some(ssh), Some(uri)) => {
                let through = ssh.uri()?;
                Connection::open(Some(&through), self.spec.readonly, ask, meter)
                    .map_err(|error| Error {
                        message: ssh.in_users_words(&error.message),
                        ..error
                    })?
                    .shown_as(uri)
            }
            _ => Connection::open(uri, self.spec.readonly, ask, meter)?,
        };
        connection.keepalive(KEEPALIVE.0, KEEPALIVE.1);
        if self.is_in_process() {
            *self.shared() = Some(connection.clone());
        }
        Ok(connection)
    }

    fn shared(&self) -> MutexGuard<'_, Option<Connection>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_in_process(&self) -> bool {
        self.spec
            .uri
            .as_ref()
            .is_some_and(|uri| uri.driver == Driver::Test && uri.transport == Transport::Local)
    }
}

/// Connections that nobody uses are kept up to this many.
const KEPT: usize = 2;

/// Connections that are opened when they are needed: one for each who asks at the same time, since what one asks may hang.
pub struct OnDemand {
    opener: Arc<Opener>,
    kind: Kind,
    open: Mutex<Vec<Connection>>,
}

impl OnDemand {
    /// None is open yet.
    pub fn new(opener: Arc<Opener>, kind: Kind) -> Self {
        Self {
            opener,
            kind,
            open: Mutex::default(),
        }
    }

    /// A connection that nobody else uses, opened when there is none. It is in use until it and all that was had of it
    /// are dropped. Waits at most [`OPEN_LIMIT`].
    ///
    /// # Errors
    /// Those of [`Opener::open`].
    pub fn get(&self) -> Result<Connection> {
        if let Some(connection) = self.idle() {
            return Ok(connection);
        }
        let connection = self.opener.open(self.kind)?;
        // The one of an in-process driver is everybody's.
        if !connection.is_shared() {
            self.all().push(connection.clone());
        }
        Ok(connection)
    }

    fn idle(&self) -> Option<Connection> {
        let mut open = self.all();
        open.retain(Connection::is_alive);
        let mut kept = 0;
        open.retain(|connection| {
            let idle = !connection.is_shared();
            kept += usize::from(idle);
            !idle || kept <= KEPT
        });
        open.iter()
            .find(|connection| !connection.is_shared())
            .cloned()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of an opening that passed its limit.
pub fn late() -> Error {
    Error::own(format!("no answer within {} s", OPEN_LIMIT.as_secs()))
}
