//! One ssh that is logged in, over which all others of the host go.

use std::collections::HashSet;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};

use super::folder::Folder;
use super::login::Login;
use super::said::Said;
use crate::libvirt::askpass::{self, Asked, Wants};
use crate::libvirt::ffi::{self, Credential, Error, Result};
use crate::libvirt::prompts::{NoAnswer, Prompts};

/// Names in the folder: the program that libvirt runs, ssh's own socket, and the one its questions come through.
const WRAPPER: &str = "ssh";
const CONTROL: &str = "m";
const QUESTIONS: &str = "ask";

/// How often is looked whether the login is done: ssh makes its socket then, and tells nobody.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};

/// How often is looked for the end where the kernel cannot tell of it.
const LOOK_FOR_END: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// How long a question may take to come through the socket.
const QUESTION_LIMIT: Duration = Duration::from_secs(5);

/// What the login is done with, whatever the user's configuration says of these.
const OPTIONS: &[&str] = &[
    "ControlMaster=yes",
    "ControlPersist=no",
    // Less than an opening may take, so that ssh's own words are seen.
    "ConnectTimeout=8",
    "ServerAliveInterval=2",
    "ServerAliveCountMax=3",
    // Tunnels of the user's configuration are for logins by hand, and their ports may be taken by one.
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    // Errors, and not the server's banner.
    "LogLevel=ERROR",
];

/// What those that go over the master are started with. They never log in themselves: without the master they have a
/// way that leads nowhere.
const RIDER_OPTIONS: &[&str] = &[
    "ControlMaster=no",
    "BatchMode=yes",
    "LogLevel=ERROR",
    "RemoteCommand=none",
    "ProxyCommand=false",
];

/// A running master. Ends when dropped, when told to, and with this process.
#[derive(Debug)]
pub struct Master {
    folder: Folder,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// The leader of ssh's process group, as long as it has not been waited for.
    pid: Option<Pid>,
    said: Said,
    /// The question that had no answer.
    unanswered: Option<(NoAnswer, String)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
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
            .program(WRAPPER, &wrapper(login, &control))
            .map_err(failed)?;
        let listener = UnixListener::bind(folder.file(QUESTIONS)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let command = command(login, &control, &folder.file(QUESTIONS)).map_err(failed)?;
        let shared = Arc::<Shared>::default();
        let watcher = Watcher {
            shared: Arc::clone(&shared),
            program: login.program.clone(),
            control: control.into(),
            listener,
            prompts,
            asked: Arc::default(),
        };
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
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills ssh and what it started, such as another ssh to a jump host or a question.
    fn kill(&self) {
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

/// The program for libvirt. A script, since libvirt passes on hardly a variable and starts no other program as fast.
fn wrapper(login: &Login, control: &Path) -> String {
    let options: String = RIDER_OPTIONS
        .iter()
        .map(|option| format!(" -o {}", quoted(option)))
        .collect();
    format!(
        "#!/bin/sh\n\
         # Made by virtty for one connection, and removed with it.\n\
         test -S {} || {{ echo 'the shared ssh connection is gone' >&2; exit 255; }}\n\
         exec {} -S {}{options} \"$@\"\n",
        quoted(&control.to_string_lossy()),
        quoted(&login.program),
        quoted(&socket_name(control)),
    )
}

/// Every byte stands for itself in single quotes; the shell reads this file, nobody pastes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// ssh expands `%` in the name of its socket.
fn socket_name(control: &Path) -> String {
    control.to_string_lossy().replace('%', "%%")
}

fn command(login: &Login, control: &Path, questions: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(&login.program);
    command.args(["-N", "-T", "-S", &socket_name(control)]);
    for option in OPTIONS {
        command.args(["-o", option]);
    }
    command
        .args(login.words())
        .env("LC_ALL", "C")
        .env("SSH_ASKPASS", askpass::program()?)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env(askpass::SOCKET, questions)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    // Before OpenSSH 8.4 a display is what makes ssh ask by a program.
    if std::env::var_os("DISPLAY").is_none() {
        command.env("DISPLAY", ":0");
    }
    ffi::detach(&mut command);
    Ok(command)
}

/// Starts ssh and stays with it to its end, on a thread of its own: the kernel ends ssh when this thread does.
struct Watcher {
    shared: Arc<Shared>,
    program: String,
    control: Box<Path>,
    listener: UnixListener,
    prompts: Arc<Prompts>,
    /// Questions of this login: one that comes again had a wrong answer.
    asked: Arc<Mutex<HashSet<String>>>,
}

impl Watcher {
    fn run(self, mut command: Command) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_quotes_whatever_it_is_given() {
        let login = Login {
            program: "/opt/it's $HOME/ssh".to_owned(),
            user: None,
            host: "kvm1".to_owned(),
            port: None,
            keyfile: None,
            no_verify: false,
        };
        let script = wrapper(&login, Path::new("/run/50%/m"));
        assert!(
            script
                .contains(r"exec '/opt/it'\''s $HOME/ssh' -S '/run/50%%/m' -o 'ControlMaster=no'"),
            "{script}"
        );
        assert!(script.ends_with("\"$@\"\n"));
    }
}
