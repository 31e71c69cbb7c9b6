//! The connections that carry monitor calls, and the calls on them that have had no answer.

use std::collections::BTreeMap;
use std::time::Instant;

use super::limits::Limits;
use crate::model::Uuid;

/// Number of a monitor call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// Number of a monitor connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonitorId(pub u32);

/// A call in flight or parked.
#[derive(Debug, Clone)]
pub struct Slice {
    /// On which connection.
    pub monitor: MonitorId,
    /// Who is asked.
    pub members: Vec<Uuid>,
    /// When it was sent.
    pub sent: Instant,
    /// When its members were last looked into for being late.
    pub looked: Option<Instant>,
    /// Who holds it up; empty while it is not known to be held up.
    pub culprits: Vec<Uuid>,
    /// It was held up at some time, so nobody knows when its figures were read.
    pub has_hung: bool,
}

impl Slice {
    /// It hangs in a guest that does not answer.
    pub fn is_parked(&self) -> bool {
        !self.culprits.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Open,
    /// Replaced; kept until its calls have drained.
    Aside,
}

/// What is to be done about the connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Open one.
    Open(MonitorId),
    /// Close one: nothing waits on it any more.
    Close(MonitorId),
}

/// Connections and calls.
#[derive(Debug, Default)]
pub struct Monitors {
    stages: BTreeMap<MonitorId, Stage>,
    calls: BTreeMap<CallId, Slice>,
    next_monitor: u32,
    next_call: u64,
    not_before: Option<Instant>,
}

impl Monitors {
    /// A call by its number.
    pub fn call(&self, call: CallId) -> Option<&Slice> {
        self.calls.get(&call)
    }

    /// A call by its number, to change.
    pub fn call_mut(&mut self, call: CallId) -> Option<&mut Slice> {
        self.calls.get_mut(&call)
    }

    /// All calls without an answer.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &Slice)> {
        self.calls.iter().map(|(call, slice)| (*call, slice))
    }

    /// Parked calls of the host.
    pub fn parked(&self) -> usize {
        self.calls
            .values()
            .filter(|slice| slice.is_parked())
            .count()
    }

    /// Whether a parked call is held up by this domain.
    pub fn hangs_in(&self, uuid: &Uuid) -> bool {
        self.calls
            .values()
            .any(|slice| slice.culprits.contains(uuid))
    }

    /// The connection for new calls and how many it may carry now; `None` when none may be sent.
    pub fn room(&self, limits: &Limits) -> Option<(MonitorId, usize)> {
        let (monitor, _) = self
            .stages
            .iter()
            .find(|(_, stage)| **stage == Stage::Open)?;
        let on_it = self
            .calls
            .values()
            .filter(|slice| slice.monitor == *monitor)
            .count();
        let free = limits
            .per_connection
            .saturating_sub(on_it)
            .min(limits.per_host.saturating_sub(self.calls.len()));
        (free > 0).then_some((*monitor, free))
    }

    /// Enters a call.
    pub fn send(&mut self, monitor: MonitorId, members: Vec<Uuid>, now: Instant) -> CallId {
        self.next_call += 1;
        let call = CallId(self.next_call);
        self.calls.insert(
            call,
            Slice {
                monitor,
                members,
                sent: now,
                looked: None,
                culprits: Vec::new(),
                has_hung: false,
            },
        );
        call
    }

    /// Takes out a call that has ended.
    pub fn end(&mut self, call: CallId) -> Option<Slice> {
        self.calls.remove(&call)
    }

    /// A connection is open.
    pub fn opened(&mut self, monitor: MonitorId) {
        if let Some(stage @ Stage::Opening) = self.stages.get_mut(&monitor) {
            *stage = Stage::Open;
        }
    }

    /// A connection could not be opened or is lost. Says whether it was one of these.
    pub fn lost(&mut self, monitor: MonitorId, now: Instant, limits: &Limits) -> bool {
        let known = self.stages.remove(&monitor).is_some();
        if known {
            self.not_before = Some(now + limits.reopen);
        }
        known
    }

    /// Replaces a connection with too many parked calls, closes those that have drained, opens one where there is
    /// none.
    pub fn arrange(&mut self, now: Instant, limits: &Limits) -> Vec<Change> {
        let mut changes = Vec::new();
        for (monitor, stage) in &mut self.stages {
            let mine = || {
                self.calls
                    .values()
                    .filter(|slice| slice.monitor == *monitor)
            };
            if *stage == Stage::Open
                && mine().filter(|slice| slice.is_parked()).count() >= limits.replaced_at
            {
                *stage = Stage::Aside;
            }
            if *stage == Stage::Aside && mine().count() == 0 {
                changes.push(Change::Close(*monitor));
            }
        }
        for change in &changes {
            if let Change::Close(monitor) = change {
                self.stages.remove(monitor);
            }
        }
        let may_open = self.not_before.is_none_or(|instant| now >= instant);
        if may_open && self.lacks_one(limits) {
            self.next_monitor += 1;
            let monitor = MonitorId(self.next_monitor);
            self.stages.insert(monitor, Stage::Opening);
            changes.push(Change::Open(monitor));
        }
        changes
    }

    /// When a connection may be opened again after one was lost.
    pub fn next_opening(&self, limits: &Limits) -> Option<Instant> {
        self.not_before.filter(|_| self.lacks_one(limits))
    }

    /// Whether no connection takes new calls although the host would bear some.
    fn lacks_one(&self, limits: &Limits) -> bool {
        self.calls.len() < limits.per_host
            && self.stages.values().all(|stage| *stage == Stage::Aside)
    }
}
