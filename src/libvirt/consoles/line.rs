//! The thread that opens a console, opens it again when it ended, and sends what is typed. Each of its libvirt calls may
//! hang; nothing else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::Said;
use super::inbox::Inbox;
use crate::libvirt::ffi::{Error, Result, Stream, StreamSink};
use crate::libvirt::meter::Kind;
use crate::libvirt::opener::Opener;
use crate::libvirt::remedies;
use crate::model::{Uri, Uuid};
use crate::protocol::{ConsoleAccess, ConsoleDevice, ConsoleNews, ConsolePhase};

/// How long until a domain that is off, or a line that is in use, is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// The longest wait for a host that is gone.
const LONGEST: Duration = Duration::from_secs(10);

/// How often is looked whether the connection still lives.
const PULSE: Duration = Duration::from_secs(1);

/// How long until bytes are offered again that were not taken.
const OFFER: Duration = Duration::from_millis(10);

/// What the thread is told.
#[derive(Debug)]
pub enum Order {
    /// Send these.
    Type(Vec<u8>),
    /// Send a break.
    Break,
    /// Open it now, whoever has it.
    TakeOver,
    /// Open it now.
    Retry,
    /// From the stream of that number: it ended. Why, the next opening tells.
    Ended(u64),
    /// It is over.
    Close,
}

/// What the thread works with.
pub struct Line {
    /// How connections are opened: each console has one of its own, so that none waits for another.
    pub opener: Arc<Opener>,
    /// For the way out of a failure.
    pub uri: Option<Uri>,
    /// The domain.
    pub domain: Uuid,
    /// Which of its lines.
    pub device: ConsoleDevice,
    /// Where the guest's bytes go.
    pub inbox: Arc<Inbox>,
    /// Where its reports go.
    pub said: Said,
    /// To give to streams.
    pub orders: Sender<Order>,
    /// Bytes that wait to be sent.
    pub waiting: Arc<AtomicUsize>,
}

/// Why the thread left off serving.
enum Left {
    Close,
    Again(ConsoleAccess),
    Broken,
}

struct Sink {
    number: u64,
    inbox: Arc<Inbox>,
    orders: Sender<Order>,
}

impl StreamSink for Sink {
    fn bytes(&self, bytes: &[u8]) {
        self.inbox.put(bytes);
    }

    fn ended(&self, _: Option<Error>) {
        let _ = self.orders.send(Order::Ended(self.number));
    }
}

impl Line {
    /// Runs until the console is closed.
    pub fn run(self, access: ConsoleAccess, orders: &Receiver<Order>) {
        let mut access = access;
        let mut number = 0;
        let mut failures: u32 = 0;
        let mut phase = ConsolePhase::Opening;
        self.say(&phase);
        loop {
            number += 1;
            let opened = self.open(access, number);
            // Whoever forces once does not throw out the next one as well.
            if access == ConsoleAccess::Force {
                access = ConsoleAccess::Polite;
            }
            let (next, wait) = match opened {
                Ok(stream) => {
                    failures = 0;
                    self.say(&ConsolePhase::Attached);
                    match self.serve(&stream, number, orders) {
                        Left::Close => return,
                        Left::Again(how) => {
                            access = how;
                            (ConsolePhase::Opening, Some(Duration::ZERO))
                        }
                        // Most often its domain has stopped, which libvirt knows a moment later.
                        Left::Broken => (ConsolePhase::Opening, Some(OFFER * 10)),
                    }
                }
                Err(error) => {
                    failures += 1;
                    self.judge(&error, failures)
                }
            };
            if next != phase || number == 1 || matches!(next, ConsolePhase::Lost(_)) {
                self.say(&next);
            }
            phase = next;
            match self.rest(wait, orders) {
                Left::Close => return,
                Left::Again(ConsoleAccess::Force) => access = ConsoleAccess::Force,
                Left::Again(_) | Left::Broken => {}
            }
        }
    }

    fn say(&self, phase: &ConsolePhase) {
        self.said.send(ConsoleNews::Phase(phase.clone()));
    }

    fn open(&self, access: ConsoleAccess, number: u64) -> Result<Stream> {
        let connection = self.opener.open(Kind::Streams)?;
        let domain = connection.domain(self.domain)?;
        let sink = Sink {
            number,
            inbox: Arc::clone(&self.inbox),
            orders: self.orders.clone(),
        };
        domain.open_console(&self.device, access, Arc::new(sink))
    }

    /// What a failed opening means, and when the next is tried; `None` for never by itself.
    fn judge(&self, error: &Error, failures: u32) -> (ConsolePhase, Option<Duration>) {
        if error.is_not_running() {
            return (ConsolePhase::Off, Some(AGAIN));
        }
        if error.is_in_use() {
            return (ConsolePhase::InUse(error.message.clone()), Some(AGAIN * 2));
        }
        if error.is_of_transport() || error.code == 0 || error.is_internal() {
            let wait = AGAIN * 2_u32.saturating_pow(failures.min(4) - 1);
            return (
                ConsolePhase::Lost(error.message.clone()),
                Some(wait.min(LONGEST)),
            );
        }
        let failure = remedies::failure("open the console", error, self.uri.as_ref());
        (ConsolePhase::Refused(failure), None)
    }

    /// Sends what is typed, until the line ends or the console is closed.
    fn serve(&self, stream: &Stream, number: u64, orders: &Receiver<Order>) -> Left {
        loop {
            match orders.recv_timeout(PULSE) {
                Ok(Order::Type(bytes)) => {
                    let result = send(stream, &bytes);
                    self.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
                    if result.is_err() {
                        return Left::Broken;
                    }
                }
                Ok(Order::Break) => self.send_break(),
                Ok(Order::Ended(of)) if of == number => return Left::Broken,
                Ok(Order::Ended(_) | Order::Retry | Order::TakeOver) => {}
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return Left::Close,
                Err(RecvTimeoutError::Timeout) if stream.is_alive() => {}
                Err(RecvTimeoutError::Timeout) => return Left::Broken,
            }
        }
    }

    fn send_break(&self) {
        let sent = self
            .opener
            .open(Kind::Streams)
            .and_then(|connection| connection.domain(self.domain))
            .and_then(|domain| domain.send_break(&self.device));
        let sent = sent.map_err(|error| error.message);
        self.said.send(ConsoleNews::Broke(sent));
    }

    /// Waits for the next try. What is typed meanwhile goes nowhere.
    fn rest(&self, wait: Option<Duration>, orders: &Receiver<Order>) -> Left {
        let until = wait.map(|wait| Instant::now() + wait);
        loop {
            let order = match until {
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(until) => orders.recv_timeout(until.saturating_duration_since(Instant::now())),
            };
            match order {
                Ok(Order::Type(bytes)) => {
                    self.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
                }
                Ok(Order::Ended(_) | Order::Break) => {}
                Ok(Order::TakeOver) => return Left::Again(ConsoleAccess::Force),
                Ok(Order::Retry) | Err(RecvTimeoutError::Timeout) => {
                    return Left::Again(ConsoleAccess::Polite);
                }
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return Left::Close,
            }
        }
    }
}

fn send(stream: &Stream, bytes: &[u8]) -> Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let taken = stream.send(rest)?;
        if taken == 0 {
            thread::sleep(OFFER);
        }
        rest = &rest[taken.min(rest.len())..];
    }
    Ok(())
}
