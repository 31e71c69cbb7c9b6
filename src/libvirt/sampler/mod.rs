//! Statistics of domains and host, taken at intervals.

use std::sync::Arc;
use std::time::Duration;

use super::ffi::Connection;
use super::opener::Opener;
use super::reporter::Reporter;
use super::roster::Roster;
use crate::protocol::Interest;

/// What a sampler works with: one incarnation of one host.
pub struct Context {
    /// Where its reports go.
    pub reporter: Reporter,
    /// The control connection: never a call on it that needs a guest's monitor.
    pub control: Connection,
    /// Opens monitor connections.
    pub opener: Arc<Opener>,
    /// The domains and their states, kept up by lists and events.
    pub roster: Roster,
    /// Sampling interval.
    pub interval: Duration,
    /// What the screen looks at.
    pub interest: Interest,
}

/// A running sampler. Dropping it stops it; threads that hang in a call are left behind.
pub struct Sampler {
    _context: Context,
}

impl Sampler {
    /// Starts sampling.
    pub fn start(context: Context) -> Self {
        Self { _context: context }
    }

    /// What the screen looks at now; never blocks.
    pub fn interest(&self, _interest: Interest) {}
}
