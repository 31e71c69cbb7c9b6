//! Requests that have not been answered yet.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::action::Action;
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{DomainVerb, JobId};
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

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// Bytes that are done.
    pub done: u64,
    /// Bytes there are.
    pub whole: Option<u64>,
    /// Bytes a second, between the last two reports.
    pub speed_bps: Option<u64>,
    at: Instant,
}

impl Transferred {
    /// How far it is, 0..=1.
    #[must_use]
    pub fn part(&self) -> Option<f64> {
        let whole = self.whole.filter(|whole| *whole > 0)?;
        #[allow(clippy::cast_precision_loss, reason = "a share of the whole")]
        Some((self.done as f64 / whole as f64).clamp(0.0, 1.0))
    }

    /// How long it will take yet, at its present speed.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let speed = self.speed_bps.filter(|speed| *speed > 0)?;
        let left = self.whole?.saturating_sub(self.done);
        Some(Duration::from_secs(left / speed))
    }
}

/// All requests under way.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    list: BTreeMap<JobId, Job>,
    /// How far transfers are.
    progress: BTreeMap<JobId, Transferred>,
    /// What is put on record when they end.
    records: BTreeMap<JobId, Entry>,
    /// What would be missed if the program ended before they are done.
    promises: BTreeMap<JobId, String>,
    /// What those that are about no domain are done to.
    names: BTreeMap<JobId, String>,
    /// What can be done at the next start instead, when they fail.
    later: BTreeMap<JobId, (Action, DomainVerb)>,
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

    /// What a request is done to, where that is no domain.
    pub fn name(&mut self, id: JobId, name: String) {
        self.names.insert(id, name);
    }

    /// What a request that has ended was done to, where that is no domain.
    pub fn take_name(&mut self, id: JobId) -> Option<String> {
        self.names.remove(&id)
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

    /// What would be missed if the program ended before a request is done, as a sentence.
    pub fn promise(&mut self, id: JobId, missed: String) {
        self.promises.insert(id, missed);
    }

    /// Everything that would be missed if the program ended now, oldest first.
    pub fn promised(&self) -> impl Iterator<Item = &str> {
        self.promises.values().map(String::as_str)
    }

    /// What can be done at the next start instead, when a request fails.
    pub fn keep_for_later(&mut self, id: JobId, action: Action, verb: DomainVerb) {
        self.later.insert(id, (action, verb));
    }

    /// What can be done at the next start instead of a request that has ended.
    pub fn later(&mut self, id: JobId) -> Option<(Action, DomainVerb)> {
        self.later.remove(&id)
    }

    /// What a request is about, where that is put on record; untrusted.
    #[must_use]
    pub fn subject(&self, id: JobId) -> Option<&str> {
        self.records.get(&id).map(|entry| entry.domain.as_str())
    }

    /// Notes how far a transfer is.
    pub fn progressed(&mut self, id: JobId, done: u64, whole: Option<u64>, now: Instant) {
        if !self.list.contains_key(&id) {
            return;
        }
        let before = self.progress.get(&id);
        let speed = before.and_then(|before| {
            let seconds = now.saturating_duration_since(before.at).as_secs_f64();
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate for people"
            )]
            (seconds > 0.0).then(|| (done.saturating_sub(before.done) as f64 / seconds) as u64)
        });
        let progress = Transferred {
            done,
            whole,
            speed_bps: speed,
            at: now,
        };
        self.progress.insert(id, progress);
    }

    /// How far a transfer is.
    #[must_use]
    pub fn progress(&self, id: JobId) -> Option<&Transferred> {
        self.progress.get(&id)
    }

    /// Takes a request off the list.
    pub fn end(&mut self, id: JobId) -> Option<Job> {
        self.promises.remove(&id);
        self.progress.remove(&id);
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

    /// Of which domain a request under way is.
    #[must_use]
    pub fn target(&self, id: JobId) -> Option<DomainId> {
        self.list.get(&id).map(|job| job.target)
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
