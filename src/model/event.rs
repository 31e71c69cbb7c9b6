//! Events of domains, copied out of libvirt's callbacks.

use std::time::SystemTime;

use super::Uuid;

/// Which of libvirt's events it was (`virDomainEventID`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// Lifecycle: event and detail as integers of `virDomainEventType` and its details.
    Lifecycle {
        /// `virDomainEventType`.
        event: i32,
        /// Detail, meaningful with `event`.
        detail: i32,
    },
    /// The guest rebooted.
    Reboot,
    /// The guest's clock was changed, offset in seconds.
    RtcChange(i64),
    /// The guest's watchdog fired; `virDomainEventWatchdogAction`.
    Watchdog(i32),
    /// A disk had an I/O error.
    IoError {
        /// Path or alias of the disk.
        disk: String,
        /// `virDomainEventIOErrorAction`.
        action: i32,
        /// Reason such as `enospc`.
        reason: String,
    },
    /// A viewer connected (0), initialised (1) or disconnected (2).
    Graphics {
        /// `virDomainEventGraphicsPhase`.
        phase: i32,
        /// Address of the viewer.
        remote: String,
    },
    /// Balloon changed to this many KiB.
    BalloonChange(u64),
    /// A device was added, by alias.
    DeviceAdded(String),
    /// A device was removed, by alias.
    DeviceRemoved(String),
    /// The guest agent connected or went.
    AgentLifecycle {
        /// Connected.
        connected: bool,
    },
    /// Title, description or other metadata changed.
    MetadataChange,
    /// Tunable changed (pinning, throttling).
    Tunable,
    /// A block job changed its state: disk, type, status.
    BlockJob {
        /// Disk target.
        disk: String,
        /// `virDomainBlockJobType`.
        kind: i32,
        /// `virConnectDomainEventBlockJobStatus`.
        status: i32,
    },
    /// A long job ended.
    JobCompleted,
    /// Any other event: virsh's name of it, and what it is about (a device, a path, a number); untrusted.
    Other(&'static str, String),
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventObject {
    /// A domain.
    Domain,
    /// A virtual network.
    Network,
    /// A storage pool.
    Pool,
    /// A secret.
    Secret,
    /// A device of the host.
    NodeDevice,
}

impl EventObject {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Domain,
        Self::Network,
        Self::Pool,
        Self::Secret,
        Self::NodeDevice,
    ];

    /// virsh's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Network => "network",
            Self::Pool => "pool",
            Self::Secret => "secret",
            Self::NodeDevice => "nodedev",
        }
    }

    /// The object of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.word() == word)
    }
}

/// What happened to an object that is no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectChange {
    /// `virNetworkEventLifecycleType` and its like, as integers.
    Lifecycle {
        /// Which.
        event: i32,
        /// Detail; libvirt has none yet.
        detail: i32,
    },
    /// A pool was refreshed.
    Refreshed,
    /// A device of the host was updated.
    Updated,
    /// A secret has another value.
    ValueChanged,
}

/// One event of an object that is no domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEvent {
    /// What it is; never a domain.
    pub object: EventObject,
    /// Its name; of a secret what it is used for. Untrusted.
    pub name: String,
    /// Its UUID, where it has one.
    pub uuid: Option<Uuid>,
    /// Wall-clock time of arrival.
    pub time: SystemTime,
    /// What happened.
    pub change: ObjectChange,
}

/// One event of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainEvent {
    /// Which domain.
    pub uuid: Uuid,
    /// Its name at that moment (a vanished domain has no other trace of it).
    pub name: String,
    /// Wall-clock time of arrival.
    pub time: SystemTime,
    /// What happened.
    pub kind: EventKind,
}
