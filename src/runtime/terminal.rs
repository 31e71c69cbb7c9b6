//! Taking the terminal and giving it back.
//!
//! Giving back is static and may be done twice or from any thread: the ordinary end, a panic and a signal all come
//! here. It writes to the file descriptor itself, because whoever panicked or hangs may hold the lock of standard output.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Alternate screen, no cursor, pasted text marked as such.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h";
/// Buttons and wheel, in the form that knows no widest column.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// All of it back, attributes and cursor included.
const LEAVE: &[u8] = b"\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?1049l\x1b[?25h";

/// How long a terminal that takes nothing may delay the end.
const PATIENCE: Duration = Duration::from_millis(300);

/// What must be put back; `None` while the terminal is not taken.
struct Taken {
    keyboard: OwnedFd,
    settings: Termios,
    stderr: Option<OwnedFd>,
}

static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

fn taken() -> MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal as long as this value lives.
pub struct Terminal {
    mouse: bool,
}

impl Terminal {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it has no settings to change or cannot be written.
    pub fn take(mouse: bool) -> io::Result<Self> {
        let terminal = Self { mouse };
        terminal.enter()?;
        Ok(terminal)
    }

    /// Takes it again after [`leave`].
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn enter(&self) -> io::Result<()> {
        let mut taken = taken();
        if taken.is_none() {
            let keyboard = keyboard()?;
            let settings = tcgetattr(&keyboard)?;
            // What libraries print would smear the screen: it goes to the log.
            let stderr = super::log::divert_stderr();
            *taken = Some(Taken {
                keyboard,
                settings,
                stderr,
            });
        }
        if let Some(taken) = &*taken {
            let mut raw = taken.settings.clone();
            raw.make_raw();
            tcsetattr(&taken.keyboard, OptionalActions::Now, &raw)?;
        }
        write(ENTER)?;
        if self.mouse {
            write(MOUSE)?;
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        leave();
    }
}

/// Gives the terminal back as it was; does nothing when it is not taken.
pub fn leave() {
    let Some(taken) = taken().take() else {
        return;
    };
    // First what cannot block: a shell must be usable whatever else fails.
    let restored = tcsetattr(&taken.keyboard, OptionalActions::Now, &taken.settings);
    write_within(PATIENCE, LEAVE);
    if let Some(stderr) = taken.stderr {
        let _ = rustix::stdio::dup2_stderr(&stderr);
    }
    if let Err(error) = restored {
        tracing::warn!("the terminal's settings are not restored: {error}");
    }
}

/// The descriptor that keys are read from: standard input, or the controlling terminal when that is no terminal.
///
/// # Errors
/// When there is no terminal.
pub fn keyboard() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return stdin.as_fd().try_clone_to_owned();
    }
    let tty: File = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    Ok(tty.into())
}

/// Columns and lines of the terminal.
pub fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some((size.ws_col, size.ws_row))
}

fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(io::stdout(), bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes on a thread of its own and waits for it for a while: a terminal that was stopped takes nothing.
fn write_within(limit: Duration, bytes: &'static [u8]) {
    let (done, wait) = mpsc::channel();
    let spawned = thread::Builder::new()
        .name("runtime-leave".to_owned())
        .spawn(move || {
            let _ = write(bytes);
            let _ = done.send(());
        });
    match spawned {
        Ok(_) => {
            let _ = wait.recv_timeout(limit);
        }
        Err(_) => {
            let _ = write(bytes);
        }
    }
}
