//! The thread that owns a console's terminal: reads what the guest sent, does what the person wants, and tells what can
//! be seen, never faster than it is looked at.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Said;
use super::inbox::{Inbox, Wish};
use super::line::Order;
use crate::console::{Cleaner, Terminal};
use crate::protocol::{ConsoleFrame, ConsoleLog, ConsoleNews};

/// Frames of a console on the screen are no nearer than this.
const NEAREST: Duration = Duration::from_millis(12);

/// Frames of one that nobody sees: enough for its mark.
const UNSEEN: Duration = Duration::from_secs(1);

/// How soon is looked again whether the last frame has been taken.
const LOOK_AGAIN: Duration = Duration::from_millis(4);

/// What the thread works with.
pub struct Emulator {
    /// Its work.
    pub inbox: Arc<Inbox>,
    /// For replies to the guest.
    pub line: Sender<Order>,
    /// Where its reports go.
    pub said: Said,
    /// Bytes that wait to be sent.
    pub waiting: Arc<AtomicUsize>,
}

/// A file that is written to.
struct Log {
    file: File,
    path: PathBuf,
    /// Makes text of the bytes; `None` where they are written as they came.
    cleaner: Option<Cleaner>,
}

impl Emulator {
    /// Runs until the console is closed.
    pub fn run(self, columns: u16, lines: u16) {
        let mut terminal = Terminal::new(columns, lines);
        let mut log: Option<Log> = None;
        let mut watched = true;
        let mut dirty = true;
        let mut sent: Option<Instant> = None;
        let mut ticket: Weak<()> = Weak::new();
        let mut bytes: u64 = 0;
        loop {
            let nearest = if watched { NEAREST } else { UNSEEN };
            let due = dirty.then(|| {
                let next = sent.map_or_else(Instant::now, |at| at + nearest);
                if ticket.strong_count() == 0 {
                    next
                } else {
                    next.max(Instant::now() + LOOK_AGAIN)
                }
            });
            let work = self.inbox.wait(due);
            if work.closed {
                return;
            }
            if work.skipped > 0 {
                terminal.skip(work.skipped);
                self.write(
                    &mut log,
                    format!("\n[{} bytes left out]\n", work.skipped).as_bytes(),
                );
                dirty = true;
            }
            if !work.bytes.is_empty() {
                bytes += u64::try_from(work.bytes.len()).unwrap_or(0);
                terminal.feed(&work.bytes);
                self.write(&mut log, &work.bytes);
                let replies = terminal.replies();
                if !replies.is_empty() {
                    self.waiting.fetch_add(replies.len(), Ordering::Relaxed);
                    let _ = self.line.send(Order::Type(replies));
                }
                dirty = true;
            }
            for wish in work.wishes {
                match wish {
                    Wish::Resize { columns, lines } => terminal.resize(columns, lines),
                    Wish::Watch(now) => watched = now,
                    Wish::Look(motion) => {
                        if !terminal.look(motion) {
                            self.said.send(ConsoleNews::NotFound);
                        }
                    }
                    Wish::Copy => self.said.send(ConsoleNews::Copied(terminal.copy())),
                    Wish::Log(wanted) => log = self.open(wanted),
                }
                dirty = true;
                // A person waits for it.
                sent = None;
            }
            let rested = sent.is_none_or(|at| at.elapsed() >= nearest);
            if dirty && rested && ticket.strong_count() == 0 {
                let fresh = Arc::new(());
                ticket = Arc::downgrade(&fresh);
                self.said.send(ConsoleNews::Frame(ConsoleFrame {
                    screen: Arc::new(terminal.screen()),
                    bells: terminal.bells(),
                    bytes,
                    ticket: fresh,
                }));
                sent = Some(Instant::now());
                dirty = false;
            }
        }
    }

    fn open(&self, wanted: Option<ConsoleLog>) -> Option<Log> {
        let Some(wanted) = wanted else {
            self.said.send(ConsoleNews::Log(Ok(None)));
            return None;
        };
        // What a guest says can hold secrets.
        let opened = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&wanted.path);
        match opened {
            Ok(file) => {
                self.said
                    .send(ConsoleNews::Log(Ok(Some(wanted.path.clone()))));
                Some(Log {
                    file,
                    path: wanted.path,
                    cleaner: (!wanted.raw).then(Cleaner::default),
                })
            }
            Err(error) => {
                self.fail(&wanted.path, &error);
                None
            }
        }
    }

    /// A file that cannot be written ends the log, not the console.
    fn write(&self, log: &mut Option<Log>, bytes: &[u8]) {
        let Some(open) = log else {
            return;
        };
        let written = match &mut open.cleaner {
            Some(cleaner) => open.file.write_all(cleaner.clean(bytes).as_bytes()),
            None => open.file.write_all(bytes),
        };
        if let Err(error) = written {
            self.fail(&open.path, &error);
            *log = None;
        }
    }

    fn fail(&self, path: &std::path::Path, error: &io::Error) {
        let reason = format!("{}: {error}", path.display());
        self.said.send(ConsoleNews::Log(Err(reason)));
    }
}
