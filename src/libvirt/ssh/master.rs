//! One ssh that is logged in, over which all others of the host go.

use std::os::unix::net::UnixListener;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};

use super::folder::Folder;
use super::login::Login;
use super::programs;
use super::said::Said;
use super::watcher::Watcher;
use crate::libvirt::ffi::{Error, Result};
use crate::libvirt::prompts::{NoAnswer, Prompts};

/// Names in the folder: the program that libvirt runs, ssh's own socket, and the one its questions come through.
const WRAPPER: &str = "ssh";
const CONTROL: &str = "m";
const QUESTIONS: &str = "ask";

/// A running master. Ends when dropped, when told to, and with this process.
#[derive(Debug)]
pub struct Master {
    folder: Folder,
    shared: Arc<Shared>,
}

/// What the thread that watches it shares with those that wait for it.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// The leader of ssh's process group, as long as it has not been waited for.
    pub(super) pid: Option<Pid>,
    pub(super) said: Said,
    /// The question that had no answer.
    pub(super) unanswered: Option<(NoAnswer, String)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Starting,
    Ready,
    Over,
}

impl Master {
    /// Starts logging in; `prompts` answers what ssh asks.
    ///
    /// # Errors
    /// When its files or its thread cannot be made.
    pub fn start(login: &Login, prompts: Arc<Prompts>) -> Result<Self> {
        let failed = |error| Error::own(format!("cannot prepare the ssh login: {error}"));
        let folder = Folder::new().map_err(failed)?;
        let control = folder.file(CONTROL);
        folder
            .program(WRAPPER, &programs::wrapper(login, &control))
            .map_err(failed)?;
        let listener = UnixListener::bind(folder.file(QUESTIONS)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let command = programs::master(login, &control, &folder.file(QUESTIONS)).map_err(failed)?;
        let shared = Arc::<Shared>::default();
        let watcher = Watcher::new(login, control, listener, Arc::clone(&shared), prompts);
        thread::Builder::new()
            .name("ssh".to_owned())
            .spawn(move || watcher.run(command))
            .map_err(|error| Error::own(format!("cannot start a thread: {error}")))?;
        Ok(Self { folder, shared })
    }

    /// Waits until it is logged in, as long as ssh and the person who is asked may take.
    ///
    /// # Errors
    /// Why it is not.
    pub fn wait(&self) -> Result<()> {
        let mut state = self.shared.lock();
        while state.phase == Phase::Starting {
            state = self
                .shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match state.phase {
            Phase::Ready => Ok(()),
            _ => Err(state.error()),
        }
    }

    /// Whether it is logged in, or still trying.
    pub fn is_up(&self) -> bool {
        self.shared.lock().phase != Phase::Over
    }

    /// Whether it is logged in.
    pub fn is_ready(&self) -> bool {
        self.shared.lock().phase == Phase::Ready
    }

    /// The program that goes over this master when it is given ssh's arguments.
    pub fn wrapper(&self) -> String {
        self.folder.file(WRAPPER).to_string_lossy().into_owned()
    }

    /// Ends it at once, with all that goes over it.
    pub fn end(&self) {
        self.shared.kill();
        self.folder.remove();
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills ssh and what it started, such as another ssh to a jump host or a question.
    pub(super) fn kill(&self) {
        let mut state = self.lock();
        if let Some(pid) = state.pid {
            let _ = kill_process_group(pid, Signal::TERM);
            // A stopped one takes the signal only when it goes on.
            let _ = kill_process_group(pid, Signal::CONT);
        }
        state.phase = Phase::Over;
        drop(state);
        self.changed.notify_all();
    }
}

impl State {
    fn error(&self) -> Error {
        let with_code = |code: virt_sys::virErrorNumber, message| Error {
            code: i32::try_from(code).unwrap_or(0),
            ..Error::own(message)
        };
        let said = self.said.line();
        match &self.unanswered {
            Some((NoAnswer::GivenUp, _)) => with_code(
                virt_sys::VIR_ERR_AUTH_CANCELLED,
                "the login was given up".to_owned(),
            ),
            Some((NoAnswer::NotAsked, question)) => with_code(
                virt_sys::VIR_ERR_AUTH_FAILED,
                format!("ssh asks: {question}"),
            ),
            None if said.is_empty() => Error::own("ssh ended without a word"),
            None => Error::own(said),
        }
    }
}
