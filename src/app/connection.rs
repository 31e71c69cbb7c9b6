//! One host, as the header shows it.

use std::time::{Duration, Instant};

use super::Calls;
use crate::model::{ConnectionId, ConnectionState, Resource};
use crate::protocol::{ConnectionSpec, Epoch, Failure, Opened, Prompt};
use crate::stats::NodeTracked;

/// A connection and what it said.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its networks, pools and volumes, as far as they were listed.
    pub resources: Vec<Resource>,
    /// Its number.
    pub id: ConnectionId,
    /// The name it was saved under.
    pub name: Option<String>,
    /// How it is opened.
    pub spec: ConnectionSpec,
    /// Its incarnation; reports of earlier ones are dropped.
    pub epoch: Epoch,
    /// What it is doing.
    pub state: ConnectionState,
    /// Since when.
    pub since: Instant,
    /// When a lost one is tried again.
    pub retry_at: Option<Instant>,
    /// What its opening told; kept while it is lost.
    pub opened: Option<Opened>,
    /// Why it is not open.
    pub failure: Option<Failure>,
    /// The domains have been listed once.
    pub listed: bool,
    /// Why the list is not whole.
    pub truncated: Option<String>,
    /// Why no monitor statistics are asked for.
    pub resting: Option<String>,
    /// When figures or a list last arrived.
    pub data_at: Option<Instant>,
    /// The host's load.
    pub node: NodeTracked,
    /// Round trips.
    pub calls: Calls,
    /// Questions not answered yet.
    pub prompts: Vec<Prompt>,
    /// Its name on the screen, unique among the connections; untrusted.
    pub label: String,
}

impl Connection {
    /// A connection about to be opened.
    #[must_use]
    pub fn new(spec: ConnectionSpec, now: Instant) -> Self {
        Self {
            id: spec.id,
            name: None,
            spec,
            epoch: Epoch::default(),
            state: ConnectionState::Connecting,
            since: now,
            retry_at: None,
            opened: None,
            failure: None,
            listed: false,
            truncated: None,
            resources: Vec::new(),
            resting: None,
            data_at: None,
            node: NodeTracked::default(),
            calls: Calls::default(),
            prompts: Vec::new(),
            label: String::new(),
        }
    }

    /// The URI: libvirt's own word for it once open, before that what was asked for.
    #[must_use]
    pub fn uri(&self) -> &str {
        match (&self.opened, &self.spec.uri) {
            (Some(opened), _) => &opened.uri,
            (None, Some(uri)) => uri.as_str(),
            (None, None) => "libvirt's default",
        }
    }

    /// Whether it was, or will be, opened read-only.
    #[must_use]
    pub fn readonly(&self) -> bool {
        self.opened
            .as_ref()
            .map_or(self.spec.readonly, |opened| opened.readonly)
    }

    /// Whether its rows show the present.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(
            self.state,
            ConnectionState::Active | ConnectionState::NotResponding
        )
    }

    /// Age from which data is called old: three intervals.
    #[must_use]
    pub fn stale_after(&self) -> Duration {
        self.spec.interval.saturating_mul(3)
    }

    /// Age of the data when it is old; `None` while it is fresh or none has come.
    #[must_use]
    pub fn stale(&self, now: Instant) -> Option<Duration> {
        let age = now.saturating_duration_since(self.data_at?);
        (age >= self.stale_after() || !self.is_live()).then_some(age)
    }

    /// Age of its rows while it is lost; `None` while they show the present, or nothing was ever read.
    #[must_use]
    pub fn lost_for(&self, now: Instant) -> Option<Duration> {
        if self.is_live() {
            return None;
        }
        Some(now.saturating_duration_since(self.data_at?))
    }
}
