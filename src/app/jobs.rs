//! Requests that have not been answered yet.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::action::Action;
use crate::model::{ConnectionId, DomainId};
use crate::protocol::JobId;
use crate::record::Entry;

/// Why a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A person wants this done.
    Act(Action),
    /// A page wants to show something.
    Read,
}

/// A request under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// On which domain.
    pub target: DomainId,
    /// What for.
    pub purpose: Purpose,
    /// When it was asked.
    pub since: Instant,
    /// Whether the worker has begun it.
    pub running: bool,
}

/// All requests under way.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    list: BTreeMap<JobId, Job>,
    /// What is put on record when they end.
    records: BTreeMap<JobId, Entry>,
    last: u64,
}

impl Jobs {
    /// Enters a request and gives it its number.
    pub fn begin(&mut self, target: DomainId, purpose: Purpose, since: Instant) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        let job = Job {
            id,
            target,
            purpose,
            since,
            running: false,
        };
        self.list.insert(id, job);
        id
    }

    /// Notes that the worker has begun it.
    pub fn started(&mut self, id: JobId) {
        if let Some(job) = self.list.get_mut(&id) {
            job.running = true;
        }
    }

    /// What is to be put on record when a request ends; its time and result come then.
    pub fn describe(&mut self, id: JobId, entry: Entry) {
        self.records.insert(id, entry);
    }

    /// What to put on record of a request that has ended.
    pub fn record(&mut self, id: JobId, took: Duration, failure: Option<String>) -> Option<Entry> {
        let entry = self.records.remove(&id)?;
        Some(Entry {
            took,
            failure,
            ..entry
        })
    }

    /// Takes a request off the list.
    pub fn end(&mut self, id: JobId) -> Option<Job> {
        self.list.remove(&id)
    }

    /// Takes off all requests of a connection: nobody will answer them any more.
    pub fn abandon(&mut self, connection: ConnectionId) -> Vec<Job> {
        let ids: Vec<_> = self
            .list
            .values()
            .filter(|job| job.target.connection == connection)
            .map(|job| job.id)
            .collect();
        ids.into_iter().filter_map(|id| self.end(id)).collect()
    }

    /// When a request under way was made.
    #[must_use]
    pub fn since(&self, id: JobId) -> Option<Instant> {
        self.list.get(&id).map(|job| job.since)
    }

    /// The action under way on a domain.
    #[must_use]
    pub fn action_on(&self, target: DomainId) -> Option<(Action, Job)> {
        self.actions().find(|(_, job)| job.target == target)
    }

    /// All actions under way, oldest first.
    pub fn actions(&self) -> impl Iterator<Item = (Action, Job)> {
        self.list.values().filter_map(|job| match job.purpose {
            Purpose::Act(action) => Some((action, *job)),
            Purpose::Read => None,
        })
    }
}
