//! What waits for a console's emulator: bytes of the guest, of which the newest are kept, and wishes of the person.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::console::Motion;
use crate::protocol::ConsoleLog;

/// Bytes that may wait. A guest that sends faster than they are read loses the oldest of them.
const BYTES: usize = 1024 * 1024;

/// What a person wants of the emulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// See `ConsoleVerb`.
    Resize {
        /// Columns.
        columns: u16,
        /// Lines.
        lines: u16,
    },
    /// See `ConsoleVerb`.
    Watch(bool),
    /// See `ConsoleVerb`.
    Look(Motion),
    /// See `ConsoleVerb`.
    Copy,
    /// See `ConsoleVerb`.
    Log(Option<ConsoleLog>),
}

/// What the emulator does next.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Bytes that were dropped before `bytes`.
    pub skipped: u64,
    /// Bytes of the guest.
    pub bytes: Vec<u8>,
    /// Wishes, in their order.
    pub wishes: VecDeque<Wish>,
    /// It is over.
    pub closed: bool,
}

/// The box.
#[derive(Debug, Default)]
pub struct Inbox {
    work: Mutex<Work>,
    more: Condvar,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes; never blocks for longer than it takes to copy them.
    pub fn put(&self, bytes: &[u8]) {
        let mut work = self.lock();
        if work.bytes.len() + bytes.len() > BYTES {
            // Half of them at once, so that this is not done for each piece.
            let keep = (BYTES / 2)
                .saturating_sub(bytes.len())
                .min(work.bytes.len());
            let drop = work.bytes.len() - keep;
            work.bytes.drain(..drop);
            work.skipped += u64::try_from(drop).unwrap_or(0);
        }
        work.bytes.extend_from_slice(bytes);
        drop(work);
        self.more.notify_one();
    }

    /// Adds a wish.
    pub fn wish(&self, wish: Wish) {
        self.lock().wishes.push_back(wish);
        self.more.notify_one();
    }

    /// Ends the emulator.
    pub fn close(&self) {
        self.lock().closed = true;
        self.more.notify_one();
    }

    /// Waits for work, at most until `deadline`; what it gives may be empty then.
    pub fn wait(&self, deadline: Option<Instant>) -> Work {
        let mut work = self.lock();
        loop {
            let empty = work.bytes.is_empty() && work.wishes.is_empty() && work.skipped == 0;
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if !empty || work.closed || left == Some(Duration::ZERO) {
                let closed = work.closed;
                return Work {
                    closed,
                    ..std::mem::take(&mut *work)
                };
            }
            work = match left {
                None => self.more.wait(work).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.more
                        .wait_timeout(work, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_bytes_are_kept_and_the_rest_is_counted() {
        let inbox = Inbox::default();
        let mut sent = 0_u64;
        for number in 0..10_000_u32 {
            let piece = format!("{number:010}").repeat(1000);
            sent += u64::try_from(piece.len()).unwrap();
            inbox.put(piece.as_bytes());
        }
        let work = inbox.wait(None);
        assert!(work.bytes.len() <= BYTES);
        assert!(work.bytes.ends_with(b"0000009999"));
        assert_eq!(
            work.skipped + u64::try_from(work.bytes.len()).unwrap(),
            sent
        );
    }

    #[test]
    fn one_piece_larger_than_the_box_goes_in() {
        let inbox = Inbox::default();
        inbox.put(&vec![b'a'; BYTES * 2]);
        inbox.put(b"b");
        assert!(inbox.wait(None).bytes.ends_with(b"b"));
    }
}
