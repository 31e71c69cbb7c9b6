//! Signals, and a terminal that is gone: a thread each that needs nobody else to act.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{drafts, job_control, terminal};
use crate::libvirt;

/// What the loop is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The terminal has another size.
    Resized,
    /// Somebody wants the program to stop for a while.
    Stop,
    /// It goes on after it was stopped by force.
    Continued,
}

/// Exit code when the terminal is gone: that of a process ended by SIGHUP, as shells tell it.
pub const HUNG_UP: u8 = 129;

/// While a command has the terminal, Ctrl-C and Ctrl-Z are meant for that.
static LENT: AtomicBool = AtomicBool::new(false);

/// Says whether a command has the terminal.
pub fn lend(lent: bool) {
    LENT.store(lent, Ordering::Relaxed);
}

/// Starts both threads.
///
/// # Errors
/// When a signal cannot be handled or a thread not be started.
pub fn start() -> io::Result<UnboundedReceiver<Notice>> {
    let (sender, notices) = unbounded_channel();
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH])?;
    thread::Builder::new()
        .name("runtime-signals".to_owned())
        .spawn(move || {
            for signal in &mut signals {
                let notice = match signal {
                    SIGWINCH => Notice::Resized,
                    SIGTSTP if LENT.load(Ordering::Relaxed) => {
                        // The loop waits for the command, which has stopped.
                        job_control::stop_with_command();
                        continue;
                    }
                    SIGTSTP => Notice::Stop,
                    SIGCONT => Notice::Continued,
                    SIGINT | SIGQUIT if LENT.load(Ordering::Relaxed) => continue,
                    fatal => end(128 + fatal),
                };
                if sender.send(notice).is_err() {
                    return;
                }
            }
        })?;
    let tty = terminal::keyboard()?;
    thread::Builder::new()
        .name("runtime-hangup".to_owned())
        .spawn(move || {
            loop {
                // Nothing is asked for: a hang-up is told all the same, and nothing else wakes.
                let mut gone = [PollFd::new(&tty, PollFlags::empty())];
                match poll(&mut gone, None) {
                    Ok(_) if !gone[0].revents().is_empty() => end(i32::from(HUNG_UP)),
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => {
                        tracing::warn!("a hang-up would not be noticed: {error}");
                        return;
                    }
                }
            }
        })?;
    Ok(notices)
}

/// Gives the terminal back and ends the process, whatever the loop is doing. Nothing registered for the end is run:
/// libraries would tidy up below threads that are inside of them.
fn end(code: i32) -> ! {
    terminal::leave_for_good();
    drafts::flush();
    libvirt::end_logins();
    exit(code)
}
