//! The numbers of the sampler, each with the fact it comes from.

use std::time::Duration;

/// What the sampler may do to a host at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A slice is looked into when it is late by this much. A guest's monitor answers within milliseconds.
    pub late: Duration,
    /// A late slice without a culprit is looked into again after this long.
    pub look_again: Duration,
    /// A monitor that has been busy with one command for this long is taken for hung.
    pub occupied: Duration,
    /// Calls in flight at once, each on a connection of its own. With four the gain of slicing is had.
    pub per_connection: usize,
    /// With this many parked calls among them, new ones begin anew beside them.
    pub replaced_at: usize,
    /// Monitor calls without an answer on one host, parked or not: with 16 the daemon has no worker left for anybody.
    /// One less than eight, because the watcher of jobs may hang in one of its own.
    pub per_host: usize,
    /// Members of a slice of domains that have never answered: one of them may hang the others' answer.
    pub unproven: usize,
    /// Members of any slice.
    pub largest: usize,
    /// Slices that the members of a late slice are sent again in.
    pub spread: usize,
    /// A row that nobody looks at is read at least this often; below the promised 15 s by what a late slice costs.
    pub turn: Duration,
    /// Part of the time that reading the rows nobody looks at may take.
    pub share: f64,
    /// Rows kept alive by `virDomainGetInfo` in one tick.
    pub infos: usize,
    /// Victims asked by `virDomainGetControlInfo` in one tick.
    pub victims: usize,
    /// Shortest interval.
    pub shortest: Duration,
    /// Wait between the first two reads of all.
    pub second: Duration,
    /// Wait before a connection that could not be opened is tried again.
    pub reopen: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            late: Duration::from_secs(1),
            look_again: Duration::from_millis(500),
            occupied: Duration::from_millis(400),
            per_connection: 4,
            replaced_at: 3,
            per_host: 7,
            unproven: 8,
            largest: 256,
            spread: 16,
            turn: Duration::from_secs(11),
            share: 0.02,
            infos: 32,
            victims: 16,
            shortest: Duration::from_millis(200),
            second: Duration::from_millis(100),
            reopen: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// Where each connection is a session of one login.
    pub fn in_one_login(self) -> Self {
        Self {
            per_connection: 2,
            replaced_at: 1,
            per_host: 4,
            ..self
        }
    }

    /// For drivers that are asked domain by domain: one call after another.
    pub fn one_by_one(self) -> Self {
        Self {
            per_connection: 1,
            per_host: 1,
            unproven: 64,
            ..self
        }
    }
}
