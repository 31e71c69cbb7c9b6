//! What travels between the screen and libvirt's threads: requests one way, reports the other.
//!
//! A [`Request`] is imperative and carries a [`JobId`]; it is never dropped. A [`Report`] is past tense.
//! Each report carries the [`Epoch`] of its connection: what a former incarnation of the connection still
//! had to say is recognised by an older epoch and dropped by the receiver.

mod verb;

pub use verb::{Affect, AskMode, CoreDump, DiskVolume, DomainVerb, NvramChoice, SavedAs, Undefine};

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use crate::model::{
    ConnectionId, ConnectionState, Definition, Domain, DomainEvent, DomainSample, GuestAddress,
    HostVersions, NodeInfo, NodeSample, Uri, Uuid,
};

/// Number of a job of this process, unique over all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Incarnation of a connection: one more at each opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Epoch(pub u32);

/// How to open a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// Its number.
    pub id: ConnectionId,
    /// Where it leads; `None` lets libvirt choose its default.
    pub uri: Option<Uri>,
    /// Open with `virConnectOpenReadOnly`.
    pub readonly: bool,
    /// Sampling interval.
    pub interval: Duration,
}

/// What the screen looks at on one connection; the newest replaces the former.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// Domains whose rows are on screen or marked: sampled each interval.
    pub visible: BTreeSet<Uuid>,
    /// Domains whose graphs are open: sampled each interval with every device.
    pub graphed: BTreeSet<Uuid>,
    /// What else is wanted of all domains.
    pub asides: Asides,
}

/// What only some columns show: read in the background while one is shown or filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asides {
    /// How many snapshots there are.
    pub snapshots: bool,
    /// Since when each runs, where its process is on this machine.
    pub uptime: bool,
}

/// Something read aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// `virDomainSnapshotNum`; `None` where libvirt would not say.
    Snapshots(Option<u32>),
    /// When the domain's process was started.
    Started(SystemTime),
}

/// One thing asked of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The job's number, repeated in the answer.
    pub job: JobId,
    /// What is asked.
    pub verb: Verb,
}

/// What can be asked of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Something done to a domain.
    Domain(Uuid, DomainVerb),
    /// Read the domain's XML as libvirt gives it (live when running).
    ReadXml(Uuid, XmlKind),
    /// Read the guest's addresses from all sources.
    ReadAddresses(Uuid),
    /// Ask the guest agent for host name, OS, users, file systems, time zone.
    ReadGuest(Uuid),
    /// Read the last lines of the domain's QEMU log (local connections).
    ReadLogTail(Uuid),
}

/// Which XML is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum XmlKind {
    /// `virDomainGetXMLDesc(0)`: of the running guest when it runs.
    Live,
    /// `VIR_DOMAIN_XML_INACTIVE`: of the next start.
    Inactive,
}

/// What a finished job brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// libvirt accepted the call. The row changes by the event that follows, not by this.
    Done,
    /// An XML text, without secrets.
    Xml {
        /// The text; untrusted.
        text: String,
        /// Which was asked for.
        kind: XmlKind,
    },
    /// Addresses of the guest.
    Addresses(Vec<GuestAddress>),
    /// Facts of the guest agent as (group, key, value) in libvirt's words; untrusted.
    Guest(Vec<GuestFact>),
    /// Lines of a log, oldest first, untrusted.
    LogTail {
        /// Path of the file.
        path: String,
        /// Lines.
        lines: Vec<String>,
    },
}

/// One line of what the agent said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestFact {
    /// Group: OS, Users, File systems, ...
    pub group: String,
    /// Name of the fact.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An error for people: what failed, why in libvirt's words, what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct Failure {
    /// What was attempted, naming the thing.
    pub what: String,
    /// libvirt's own message; untrusted text.
    pub reason: String,
    /// `virErrorNumber`, where libvirt said it.
    pub code: Option<i32>,
    /// The way out, a sentence; and a command that does it, where there is one.
    pub remedy: Option<Remedy>,
}

/// The way out of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// One sentence.
    pub advice: String,
    /// The command as an argument vector, offered on confirmation; never run through a shell.
    pub command: Option<Vec<String>>,
}

/// What a connection can do, learned at its opening. Absent features are shown, not failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// Lifecycle events arrive.
    pub events: bool,
    /// Keepalive is on.
    pub keepalive: bool,
    /// The driver gives bulk statistics beyond state.
    pub bulk_stats: bool,
}

/// Facts of an opened connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The URI libvirt reports (`virConnectGetURI`).
    pub uri: String,
    /// Driver name (`virConnectGetType`).
    pub driver: String,
    /// Versions.
    pub versions: HostVersions,
    /// The host, where the driver tells.
    pub node: Option<NodeInfo>,
    /// Opened read-only.
    pub readonly: bool,
    /// What it can do.
    pub features: Features,
}

/// Something a person must type for a connection (password, passphrase, yes/no).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Number of the question, repeated in the reply.
    pub id: u64,
    /// The question in the asking program's words; untrusted.
    pub text: String,
    /// Whether what is typed is hidden.
    pub masked: bool,
}

/// Round trips made on a connection, for the debug page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallCounts {
    /// (kind of connection: control, monitor, actions, streams; libvirt call; count; total time).
    pub rows: Vec<(&'static str, &'static str, u64, Duration)>,
    /// Calls that have had no answer for more than a second.
    pub parked: u32,
    /// Openings that hang past their limit, each with a thread that was left behind.
    pub lost_openings: u32,
}

/// A domain that does not answer its monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotResponding {
    /// Which domain.
    pub uuid: Uuid,
    /// Since when, by libvirt's own count (`virDomainGetControlInfo`).
    pub since: Instant,
}

/// What happened on a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// On which.
    pub connection: ConnectionId,
    /// In which incarnation.
    pub epoch: Epoch,
    /// What.
    pub news: News,
}

/// The kinds of reports.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The connection changed its state; the failure says why it is not active.
    State(ConnectionState, Option<Failure>),
    /// It is open.
    Opened(Box<Opened>),
    /// Every domain of the host, replacing what was known. `truncated` names the limit when libvirt has more than it lists.
    Listed {
        /// The domains. A definition already known for a domain whose XML has not changed may be `None` here: keep the former.
        domains: Vec<Domain>,
        /// Why the list is not whole.
        truncated: Option<String>,
    },
    /// Domains that appeared or changed (state, definition, flags); each replaces what was known of it.
    Changed(Vec<Domain>),
    /// Definitions read in the background.
    Defined(Vec<(Uuid, Result<std::sync::Arc<Definition>, String>)>),
    /// A domain is gone.
    Gone(Uuid),
    /// An event, for the events page; the row changes by `Changed`.
    Event(DomainEvent),
    /// Statistics of some domains and of the host. Lossy: the next one makes up for a dropped one.
    Sampled {
        /// Domains read in this tick.
        domains: Vec<DomainSample>,
        /// The host.
        node: Option<NodeSample>,
    },
    /// The domains that do not answer now; replaces the former set. `resting` says why the monitor tier rests.
    NotResponding {
        /// Which.
        domains: Vec<NotResponding>,
        /// Why no monitor statistics are asked for at all.
        resting: Option<String>,
    },
    /// Addresses found in the background.
    Addresses(Uuid, Vec<GuestAddress>),
    /// Read aside: see [`Asides`].
    Asides(Vec<(Uuid, Aside)>),
    /// A job began running (it may have waited).
    JobStarted(JobId),
    /// A job ended.
    JobFinished(JobId, Result<Answer, Failure>),
    /// A question for the person at the terminal.
    Asked(Prompt),
    /// Round trips so far.
    Calls(CallCounts),
}
