//! Taking the terminal and giving it back.
//!
//! Giving back is static and may be done twice or from any thread: the ordinary end, a panic and a signal all come
//! here, at any moment, while another thread may be drawing or taking the terminal. Whatever is under way then stops
//! ([`Out`]), and the last bytes written are those that give the terminal back.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// Alternate screen, no cursor, pasted text marked as such.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h";
/// Buttons and wheel, in the form that knows no widest column.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// The mouse is the terminal's own again.
const NO_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// All of it back, attributes and cursor included.
const LEAVE: &[u8] = b"\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?1049l\x1b[?25h";

/// How long a terminal that takes nothing may delay the end, half of it before what it has not taken is thrown away.
const PATIENCE: Duration = Duration::from_millis(300);
/// Bytes written at once, so that a frame under way stops soon when the terminal is given back.
const PIECE: usize = 4096;

/// What must be put back.
struct Taken {
    keyboard: OwnedFd,
    settings: Termios,
    stderr: Option<OwnedFd>,
}

/// Whose the terminal is.
enum Phase {
    /// Somebody else's for now.
    Free,
    /// Ours.
    Taken(Taken),
    /// Somebody else's for good: the process is ending.
    Over,
}

/// Never locked while something is written that has no end: a terminal may take nothing for ever.
static PHASE: Mutex<Phase> = Mutex::new(Phase::Free);
/// Whether [`Out`] may write. What comes later is the end of a frame that nobody wants any more.
static OURS: AtomicBool = AtomicBool::new(false);
/// Held while something is written, so that nothing comes behind the sequences that give the terminal back.
static WRITING: Mutex<()> = Mutex::new(());

fn phase() -> MutexGuard<'static, Phase> {
    PHASE.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Takes it again after [`leave`], or makes sure of it when somebody may have changed it. Does not come back when
    /// the process is ending.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn enter(&self) -> io::Result<()> {
        take_settings()?;
        let mut out = Out;
        out.write_all(ENTER)?;
        if self.mouse {
            out.write_all(MOUSE)?;
        }
        Ok(())
    }
}

impl Terminal {
    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        if mouse == self.mouse {
            return Ok(());
        }
        self.mouse = mouse;
        Out.write_all(if mouse { MOUSE } else { NO_MOUSE })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        leave();
    }
}

fn take_settings() -> io::Result<()> {
    let mut phase = phase();
    if matches!(*phase, Phase::Over) {
        drop(phase);
        // Another thread ends the process any moment and has given the terminal back already.
        loop {
            thread::park();
        }
    }
    if matches!(*phase, Phase::Free) {
        let keyboard = keyboard()?;
        let settings = tcgetattr(&keyboard)?;
        // What libraries print would smear the screen: it goes to the log.
        let stderr = super::log::divert_stderr();
        *phase = Phase::Taken(Taken {
            keyboard,
            settings,
            stderr,
        });
    }
    if let Phase::Taken(taken) = &*phase {
        let mut raw = taken.settings.clone();
        raw.make_raw();
        tcsetattr(&taken.keyboard, OptionalActions::Now, &raw)?;
        OURS.store(true, Ordering::SeqCst);
    }
    Ok(())
}

/// Gives the terminal back as it was; does nothing when it is not taken.
pub fn leave() {
    give_back(Phase::Free);
}

/// Gives the terminal back as it was; nobody takes it again in this process, which is about to end.
pub fn leave_for_good() {
    give_back(Phase::Over);
}

fn give_back(next: Phase) {
    let mut phase = phase();
    if matches!(*phase, Phase::Over) {
        return;
    }
    let before = std::mem::replace(&mut *phase, next);
    let Phase::Taken(taken) = before else {
        return;
    };
    OURS.store(false, Ordering::SeqCst);
    // First what cannot block: a shell must be usable whatever else fails.
    let restored = tcsetattr(&taken.keyboard, OptionalActions::Now, &taken.settings);
    if let Some(stderr) = taken.stderr {
        let _ = rustix::stdio::dup2_stderr(&stderr);
    }
    // Still locked, so that nobody ends the process before these bytes are out.
    write_last(LEAVE);
    drop(phase);
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

/// Whether the terminal has been hung up, as when a connection breaks or a window is closed.
pub fn is_gone() -> bool {
    let Ok(tty) = keyboard() else {
        return true;
    };
    let mut gone = [PollFd::new(&tty, PollFlags::empty())];
    let now = rustix::event::Timespec::default();
    poll(&mut gone, Some(&now)).is_ok() && !gone[0].revents().is_empty()
}

/// Columns and lines of the terminal.
pub fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some((size.ws_col, size.ws_row))
}

/// Pixels of a cell, columns and lines, where the terminal tells.
pub fn cell_pixels() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    let part = |pixels: u16, cells: u16| {
        let part = pixels.checked_div(cells)?;
        (2..=200).contains(&part).then_some(part)
    };
    Some((
        part(size.ws_xpixel, size.ws_col)?,
        part(size.ws_ypixel, size.ws_row)?,
    ))
}

/// The terminal's screen. Takes bytes and forgets them while the terminal is somebody else's. Not Rust's standard
/// output: whoever panicked or hangs may hold the lock of that.
pub struct Out;

/// Bytes that went to the terminal.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// See [`WRITTEN`].
pub fn written() -> u64 {
    WRITTEN.load(Ordering::Relaxed)
}

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if !OURS.load(Ordering::SeqCst) {
            return Ok(bytes.len());
        }
        let count = write(&bytes[..bytes.len().min(PIECE)])?;
        WRITTEN.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes some of `bytes`, waiting while the terminal takes none: it may have been made non-blocking by others.
fn write(bytes: &[u8]) -> io::Result<usize> {
    loop {
        match rustix::io::write(io::stdout(), bytes) {
            Ok(count) => return Ok(count),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let stdout = io::stdout();
                let mut ready = [PollFd::new(&stdout, PollFlags::OUT)];
                let _ = poll(&mut ready, None);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes behind everything else, on a thread of its own, and waits for it for a while: a terminal that was stopped
/// takes nothing.
fn write_last(bytes: &'static [u8]) {
    let write_all = move || {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = bytes;
        while let Ok(count) = write(rest)
            && count < rest.len()
        {
            rest = &rest[count..];
        }
    };
    let (done, wait) = mpsc::channel();
    let spawned = thread::Builder::new()
        .name("runtime-leave".to_owned())
        .spawn(move || {
            write_all();
            let _ = done.send(());
        });
    if spawned.is_err() {
        write_all();
        return;
    }
    if wait.recv_timeout(PATIENCE / 2).is_err() {
        // What waits to be taken is a frame that is over. Without it there is room for these bytes, and a terminal that
        // goes on later is given back after all.
        let _ = tcflush(io::stdout(), QueueSelector::OFlush);
        let _ = wait.recv_timeout(PATIENCE / 2);
    }
}
