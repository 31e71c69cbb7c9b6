//! What happened to the domains of all hosts, the newest last.

use std::collections::VecDeque;

use crate::model::{ConnectionId, DomainEvent, DomainId};

/// Events kept of all hosts. A storm drops the oldest.
pub const MOST_HAPPENED: usize = 5_000;

/// One event, with the host that told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its number in this session, from 0; never given twice.
    pub number: u64,
    /// The connection it came on.
    pub connection: ConnectionId,
    /// How that host was called then: the connection may be closed since.
    pub host: String,
    /// What happened to whom.
    pub event: DomainEvent,
}

impl Happened {
    /// The domain it happened to, which may be gone.
    #[must_use]
    pub fn domain(&self) -> DomainId {
        DomainId {
            connection: self.connection,
            uuid: self.event.uuid,
        }
    }
}

/// The last events of all hosts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventLog {
    kept: VecDeque<Happened>,
    next: u64,
}

impl EventLog {
    /// Keeps an event.
    pub(super) fn note(&mut self, connection: ConnectionId, host: &str, event: DomainEvent) {
        if self.kept.len() == MOST_HAPPENED {
            self.kept.pop_front();
        }
        self.kept.push_back(Happened {
            number: self.next,
            connection,
            host: host.to_owned(),
            event,
        });
        self.next += 1;
    }

    /// Those that are kept, oldest first.
    #[must_use]
    pub fn kept(&self) -> &VecDeque<Happened> {
        &self.kept
    }

    /// The number that the next one gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest that is kept.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.kept.front().map_or(self.next, |first| first.number)
    }

    /// The event of this number; `None` when it was dropped.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Happened> {
        let at = number.checked_sub(self.oldest())?;
        self.kept.get(usize::try_from(at).ok()?)
    }

    /// Those from this number on, oldest first.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Happened> {
        let skipped = number.saturating_sub(self.oldest());
        self.kept
            .iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
    }
}
