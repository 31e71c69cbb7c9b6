//! Stays with a master from its start to its end.

use std::collections::HashSet;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};

use super::login::Login;
use super::master::{Phase, Shared};
use crate::libvirt::askpass::{Asked, Wants};
use crate::libvirt::ffi::Credential;
use crate::libvirt::prompts::Prompts;

/// How often is looked whether the login is done: ssh makes its socket then, and tells nobody.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};

/// The same while a person is thinking, which may take long.
const LOOK_WHILE_ASKING: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// How often is looked for the end where the kernel cannot tell of it.
const LOOK_FOR_END: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// How long a question may take to come through the socket.
const QUESTION_LIMIT: Duration = Duration::from_secs(5);

/// Starts ssh and stays with it to its end, on a thread of its own: the kernel ends ssh when this thread does.
pub struct Watcher {
    shared: Arc<Shared>,
    program: String,
    control: PathBuf,
    listener: UnixListener,
    prompts: Arc<Prompts>,
    /// Questions of this login: one that comes again had a wrong answer.
    asked: Arc<Mutex<HashSet<String>>>,
}

impl Watcher {
    /// For the master of `login`, which makes its socket at `control` when it is logged in.
    pub fn new(
        login: &Login,
        control: PathBuf,
        listener: UnixListener,
        shared: Arc<Shared>,
        prompts: Arc<Prompts>,
    ) -> Self {
        Self {
            shared,
            program: login.program.clone(),
            control,
            listener,
            prompts,
            asked: Arc::default(),
        }
    }

    /// Runs `command` to its end.
    pub fn run(self, mut command: Command) {
        match self.spawn(&mut command) {
            Ok(Some(mut child)) => {
                self.watch(&mut child);
                // Before it is waited for: until then the number is its own.
                self.shared.kill();
                self.shared.lock().pid = None;
                let _ = child.wait();
            }
            Ok(None) => {}
            Err(error) => {
                let message = format!("cannot run '{}': {error}", self.program);
                self.shared.lock().said.push(message.as_bytes());
            }
        }
        self.shared.lock().phase = Phase::Over;
        self.shared.changed.notify_all();
    }

    /// `None` when it was ended before it began.
    fn spawn(&self, command: &mut Command) -> std::io::Result<Option<Child>> {
        let mut state = self.shared.lock();
        if state.phase == Phase::Over {
            return Ok(None);
        }
        let child = command.spawn()?;
        state.pid = Some(Pid::from_child(&child));
        Ok(Some(child))
    }

    /// Until ssh ends.
    fn watch(&self, child: &mut Child) {
        let Some(mut errors) = child.stderr.take() else {
            return;
        };
        // Without it (an older kernel) the end is noticed by looking now and then.
        let end = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok();
        let mut errors_open = true;
        while !has_ended(child) {
            let starting = self.shared.lock().phase == Phase::Starting;
            let patience = match &end {
                _ if starting && self.prompts.is_asking() => Some(LOOK_WHILE_ASKING),
                _ if starting => Some(LOOK),
                Some(_) => None,
                None => Some(LOOK_FOR_END),
            };
            let events = wait(&errors, errors_open, &self.listener, end.as_ref(), patience);
            if events.errors {
                errors_open = self.take(&mut errors);
            }
            if events.question {
                self.accept();
            }
            self.look();
        }
        // Its last words. What it started may still hold the other end, hence no wait for that.
        let now = Some(Timespec::default());
        while errors_open && wait(&errors, true, &self.listener, None, now).errors {
            errors_open = self.take(&mut errors);
        }
    }

    /// Takes in what was said; false at the end.
    fn take(&self, from: &mut impl Read) -> bool {
        let mut bytes = [0; 4096];
        match from.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.shared.lock().said.push(&bytes[..count]);
                true
            }
        }
    }

    fn look(&self) {
        let mut state = self.shared.lock();
        if state.phase == Phase::Starting && self.control.exists() {
            state.phase = Phase::Ready;
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Each question has a thread of its own: the person may take long.
    fn accept(&self) {
        let Ok((stream, _)) = self.listener.accept() else {
            return;
        };
        let (shared, prompts) = (Arc::clone(&self.shared), Arc::clone(&self.prompts));
        let asked = Arc::clone(&self.asked);
        let started = thread::Builder::new()
            .name("ssh-question".to_owned())
            .spawn(move || answer(&stream, &shared, &prompts, &asked));
        if let Err(error) = started {
            tracing::warn!("cannot start a thread: {error}");
        }
    }
}

/// Whether a child has ended; it stays to be waited for.
fn has_ended(child: &Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(
        waitid(WaitId::Pid(Pid::from_child(child)), options),
        Ok(None)
    )
}

/// What has happened.
struct Events {
    errors: bool,
    question: bool,
}

/// Waits for words on standard error (unless that is closed), a question, or the end.
fn wait(
    errors: &ChildStderr,
    errors_open: bool,
    listener: &UnixListener,
    end: Option<&OwnedFd>,
    patience: Option<Timespec>,
) -> Events {
    let mut polled = vec![PollFd::new(listener, PollFlags::IN)];
    if errors_open {
        polled.push(PollFd::new(errors, PollFlags::IN));
    }
    if let Some(end) = end {
        polled.push(PollFd::new(end, PollFlags::IN));
    }
    let happened = poll(&mut polled, patience.as_ref()).unwrap_or(0) > 0;
    let is_ready = |fd: &PollFd<'_>| happened && !fd.revents().is_empty();
    Events {
        question: is_ready(&polled[0]),
        errors: errors_open && is_ready(&polled[1]),
    }
}

/// Passes a question on and the answer back. One without an answer ends the login: ssh would try an empty password,
/// which the host counts as an attack.
fn answer(stream: &UnixStream, shared: &Shared, prompts: &Prompts, asked: &Mutex<HashSet<String>>) {
    let limits = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(QUESTION_LIMIT)));
    let Ok(Asked { question, wants }) = limits.and_then(|()| Asked::read(stream)) else {
        return;
    };
    let is_new = asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(question.clone());
    let credential = Credential {
        prompt: question.clone(),
        masked: wants.is_secret(),
        default: None,
    };
    let answer = match wants {
        Wants::Secret if is_new => prompts.ask(&credential),
        Wants::Secret => prompts.ask_again(&credential),
        _ => prompts.ask_anew(&credential),
    };
    match answer {
        Ok(answer) => {
            let _ = Asked::reply(stream, Some(&answer));
        }
        // Whoever was to touch a key may do so without having said that they read it.
        Err(_) if wants == Wants::Attention => {}
        Err(why) => {
            shared.lock().unanswered.get_or_insert((why, question));
            shared.kill();
            let _ = Asked::reply(stream, None);
        }
    }
}
