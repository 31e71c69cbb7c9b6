//! Counts the round trips of a host and knows which of them have had no answer yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::protocol::CallCounts;

/// What a connection is for. A daemon serves five requests at a time per connection, so what may hang has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Lists, states, events, XML, interface statistics: never a call that needs a guest's monitor.
    Control,
    /// Statistics that need the monitor; may be stuck with a hung guest.
    Monitor,
    /// Lifecycle verbs and what a person asked for; may be slow.
    Actions,
    /// Consoles, migration, backup.
    Streams,
}

impl Kind {
    /// The word for the debug page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Monitor => "monitor",
            Self::Actions => "actions",
            Self::Streams => "streams",
        }
    }
}

/// The counts of one host, shared by its connections.
#[derive(Debug, Default)]
pub struct Tally {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<(Kind, &'static str), (u64, Duration)>,
    pending: BTreeMap<u64, Pending>,
    next: u64,
    lost_openings: u32,
}

/// A call that has had no answer yet.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    /// On which kind of connection.
    pub kind: Kind,
    /// libvirt's name of the call.
    pub call: &'static str,
    /// When it was made.
    pub since: Instant,
}

/// How long a call may take before it counts as parked.
const PARKED_AFTER: Duration = Duration::from_secs(1);

impl Tally {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts and times `work`, which makes exactly one libvirt call.
    pub fn measure<T>(&self, kind: Kind, call: &'static str, work: impl FnOnce() -> T) -> T {
        let since = Instant::now();
        let number = {
            let mut state = self.lock();
            state.next += 1;
            let number = state.next;
            state.pending.insert(number, Pending { kind, call, since });
            number
        };
        let result = work();
        let mut state = self.lock();
        state.pending.remove(&number);
        let row = state.rows.entry((kind, call)).or_default();
        row.0 += 1;
        row.1 += since.elapsed();
        result
    }

    /// The call of this kind that has waited longest.
    pub fn oldest_pending(&self, kind: Kind) -> Option<Pending> {
        self.lock()
            .pending
            .values()
            .filter(|pending| pending.kind == kind)
            .min_by_key(|pending| pending.since)
            .copied()
    }

    /// Forgets the unanswered calls: their connections are given up and their threads are left behind.
    pub fn abandon(&self) {
        self.lock().pending.clear();
    }

    /// An opening has passed its limit; its thread is left behind.
    pub fn opening_lost(&self) {
        self.lock().lost_openings += 1;
    }

    /// A thread that was left behind while opening has come back after all.
    pub fn opening_found(&self) {
        let mut state = self.lock();
        state.lost_openings = state.lost_openings.saturating_sub(1);
    }

    /// The counts for the debug page.
    pub fn counts(&self) -> CallCounts {
        let state = self.lock();
        let parked = state
            .pending
            .values()
            .filter(|pending| pending.since.elapsed() > PARKED_AFTER)
            .count();
        CallCounts {
            rows: state
                .rows
                .iter()
                .map(|((kind, call), (count, time))| (kind.label(), *call, *count, *time))
                .collect(),
            parked: u32::try_from(parked).unwrap_or(u32::MAX),
            lost_openings: state.lost_openings,
        }
    }
}

/// A [`Tally`] seen from one connection, on which one call is made at a time.
///
/// A client of libvirt before 10.4 that loses a connection while two threads wait on it may end the process: the thread
/// that leaves first forgets to take back what the other's loop then calls into (CVE-2024-4418). Whoever wants several
/// answers at once therefore opens several connections.
#[derive(Debug, Clone)]
pub struct Meter {
    kind: Kind,
    tally: Arc<Tally>,
    turn: Arc<Turn>,
}

impl Meter {
    /// For a new connection of this kind.
    #[must_use]
    pub fn new(kind: Kind, tally: Arc<Tally>) -> Self {
        Self {
            kind,
            tally,
            turn: Arc::default(),
        }
    }

    /// For the same connection, counted as another kind.
    #[must_use]
    pub fn as_kind(&self, kind: Kind) -> Self {
        Self {
            kind,
            ..self.clone()
        }
    }

    /// Waits for the connection's turn, then counts and times one libvirt call.
    pub fn call<T>(&self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let _turn = self.turn.wait();
        self.tally.measure(self.kind, name, work)
    }
}

/// A lock that serves in the order of arrival: a thread that makes many calls keeps nobody waiting.
#[derive(Debug, Default)]
struct Turn {
    numbers: Mutex<Numbers>,
    called: Condvar,
}

#[derive(Debug, Default)]
struct Numbers {
    next: u64,
    served: u64,
}

impl Turn {
    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self) -> MyTurn<'_> {
        let mut numbers = self.numbers();
        let mine = numbers.next;
        numbers.next += 1;
        while numbers.served != mine {
            numbers = self
                .called
                .wait(numbers)
                .unwrap_or_else(PoisonError::into_inner);
        }
        MyTurn(self)
    }
}

/// Passes the turn on when it is dropped.
struct MyTurn<'a>(&'a Turn);

impl Drop for MyTurn<'_> {
    fn drop(&mut self) {
        self.0.numbers().served += 1;
        self.0.called.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_pending_while_it_runs_and_counted_afterwards() {
        let meter = Meter::new(Kind::Control, Arc::default());
        let seen = meter.call("virNodeGetInfo", || {
            meter.tally.oldest_pending(Kind::Control).map(|p| p.call)
        });
        assert_eq!(seen, Some("virNodeGetInfo"));
        assert!(meter.tally.oldest_pending(Kind::Control).is_none());
        let counts = meter.tally.counts();
        assert_eq!(counts.rows.len(), 1);
        assert_eq!(counts.rows[0].2, 1);
        assert_eq!(counts.parked, 0);
    }

    #[test]
    fn one_call_is_made_at_a_time_in_the_order_of_arrival() {
        let meter = Meter::new(Kind::Control, Arc::default());
        let (inside, order) = (Mutex::new(0_u32), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            let first = meter.turn.wait();
            for number in 0..8 {
                let (meter, inside, order) = (&meter, &inside, &order);
                scope.spawn(move || {
                    meter.call("virNodeGetInfo", || {
                        assert_eq!(*inside.lock().unwrap(), 0);
                        *inside.lock().unwrap() += 1;
                        order.lock().unwrap().push(number);
                        std::thread::yield_now();
                        *inside.lock().unwrap() -= 1;
                    });
                });
                while meter.turn.numbers().next != number + 2 {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<u64>>());
    }

    #[test]
    fn calls_of_other_kinds_do_not_make_a_connection_late() {
        let meter = Meter::new(Kind::Actions, Arc::default());
        meter.call("virDomainDestroy", || {
            assert!(meter.tally.oldest_pending(Kind::Control).is_none());
        });
    }
}
