//! What travels between the screen and libvirt's threads: requests one way, reports the other.
//!
//! A [`Request`] is imperative and carries a [`JobId`]; it is never dropped. A [`Report`] is past tense.
//! Each report carries the [`Epoch`] of its connection: what a former incarnation of the connection still
//! had to say is recognised by an older epoch and dropped by the receiver.

mod agent;
mod disk;
mod document;
mod hardware;
mod making;
mod network;
mod snapshot;
mod storage;
mod undefine;
mod verb;

pub use agent::{AgentReport, AgentVerb, GuestRun, GuestTime, KeysChange, RawCommand, SshKeys};
pub use disk::{
    Commit, Copy as DiskCopy, DiskVerb, DomainDisks, FileUser, LongJob, LongKind, Medium, NewDisk,
};
pub use document::{Applied, ApplyDocument, CommandLine, Document, DocumentRef, LiveStep, Private};
pub use hardware::{Definitions, DeviceVerb, DeviceXml, GuestVcpus, HardwareVerb, NewNic};
pub use making::{Cloneable, Cloning, MadeDomains, Making, Offered};
pub use network::{NetVerb, NetworkUpdate, NetworkVerb, UpdateCommand, UpdateSection};
pub use snapshot::{
    Backup, CheckpointDelete, DiskPart, DomainSnapshots, NewCheckpoint, NewSnapshot, Revert,
    RevertedAs, SnapshotDelete, SnapshotEdit, SnapshotPicture, SnapshotSize,
};
pub use storage::{
    Disc, Drive, NewPool, NewVolume, Overwrite, PoolName, PoolVerb, Preallocation, SecretUse,
    SecretValue, SecretVerb, StorageDocument, StorageVerb, Transfer, VolumeCopy, VolumeName,
    VolumeVerb,
};
pub use undefine::{DoomedVolume, UndefinePlan};
pub use verb::{
    Affect, Arrange, AskMode, CoreDump, DiskVolume, DomainVerb, DomainWords, NvramChoice, SavedAs,
    Tuned, Undefine,
};
mod console;
mod display;

pub use display::{
    DisplayFrame, DisplayId, DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, Look, PixelFrame,
    Shown, Typing, WallWish,
};

pub use console::{
    ConsoleAccess, ConsoleDevice, ConsoleFrame, ConsoleId, ConsoleLog, ConsoleNews, ConsolePhase,
    ConsoleVerb,
};

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use crate::agent::GuestOutput;
use crate::checks;
use crate::hardware::HostDevice;
use crate::hostfacts::{HostReport, HostWish, Thread};
use crate::model::{
    ConnectionId, ConnectionState, Definition, Domain, DomainEvent, DomainSample, GuestAddress,
    GuestFileSystem, HostNetworks, HostVersions, Leftover, NodeInfo, NodeSample, ObjectEvent, Pool,
    Resource, StorageVolume, Uri, Uuid,
};
use crate::network::BridgePlan;
use crate::schema::Facts;

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
    /// How full the active storage pools of the host are.
    pub pools: bool,
    /// Which networks, pools and volumes there are.
    pub resources: bool,
    /// Which domains have jobs that take long: all of them, each time.
    pub jobs: bool,
}

/// How full a storage pool is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolFill {
    /// Its name; untrusted.
    pub name: String,
    /// Its size in bytes.
    pub capacity_bytes: u64,
    /// What is left of it in bytes.
    pub available_bytes: u64,
}

impl PoolFill {
    /// How full, 0..=100; `None` for a pool without a size.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        let capacity = Some(self.capacity_bytes).filter(|capacity| *capacity > 0)?;
        let used = capacity.saturating_sub(self.available_bytes);
        Some(used as f64 * 100.0 / capacity as f64)
    }
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
    /// Read the disks of a domain with their chains; whether its monitor is asked too, which a silent guest would not answer.
    ReadDisks(Uuid, bool),
    /// Read the snapshots of a domain, unless nothing has changed since they had this mark.
    ReadSnapshots(Uuid, Option<u64>),
    /// Read how much room the snapshots of a domain take.
    ReadSnapshotSizes(Uuid),
    /// Read what the screen showed when a snapshot was taken, if virtty took it.
    ReadSnapshotPicture(Uuid, SnapshotPicture),
    /// Find out who else needs these files.
    ReadFileUsers(Uuid, Vec<String>),
    /// Find out what is in the way of deleting a domain, and what could go with it.
    ReadUndefine(Uuid),
    /// Ask the guest agent for the file systems.
    ReadFileSystems(Uuid),
    /// Read the networks of the host, and what they stand on.
    ReadNetworks(HostFiles),
    /// Something done to what its networks are made of.
    Net(NetVerb),
    /// Change a bridge of this machine; it is taken back unless it is kept in time.
    ApplyBridge(Box<BridgePlan>),
    /// Keep that change, or take it back.
    DecideBridge(bool),
    /// Read the running and the stored definition of a domain, as far as there are two.
    ReadHardware(Uuid),
    /// Read the devices of the host, and which domains have them.
    ReadNodeDevices,
    /// Ask the guest agent which virtual CPUs the guest uses.
    ReadGuestVcpus(Uuid),
    /// Ask the guest agent for all that it tells.
    ReadAgent(Uuid),
    /// Ask the guest agent for the authorized ssh keys of a user.
    ReadSshKeys(Uuid, String),
    /// Run a command in the guest by its agent, and wait for its output.
    RunInGuest(Uuid, GuestRun),
    /// Pass a command on to QEMU's monitor or to the agent.
    Raw(Uuid, RawCommand),
    /// Read what the host is, and check it.
    ReadHost(HostFiles),
    /// Read how busy each CPU of the host is.
    ReadHostLoad(HostFiles),
    /// Set something of the host, until it restarts or beyond.
    TuneHost(HostWish, HostFiles),
    /// Read what the host offers to a new domain.
    ReadOffered,
    /// Make a domain.
    Make(Box<Making>),
    /// Read a domain and its host, before it is cloned.
    ReadCloneable(Uuid, Option<String>),
    /// Make clones of a domain.
    CloneDomain(Uuid, Box<Cloning>),
    /// Stop making, and undo what was made.
    Stop(JobId),
    /// Read the last lines of the domain's QEMU log (local connections).
    ReadLogTail(Uuid),
    /// List the storage pools.
    ReadPools,
    /// List the names of a pool's volumes.
    ReadVolumeNames(Uuid),
    /// Read some volumes of a pool.
    ReadVolumes(Uuid, Vec<String>),
    /// List the secrets, and who uses each.
    ReadSecrets,
    /// Read the value of a secret.
    ReadSecretValue(Uuid),
    /// Look for files that nobody needs.
    ReadLeftovers,
    /// Read the block devices of the host, and the discs in them.
    ReadDrives,
    /// Something done to storage.
    Storage(StorageVerb),
    /// Give up a transfer that is under way.
    GiveUp(JobId),
    /// Read a document with its passwords, to edit it.
    OpenDocument(DocumentRef),
    /// Define a document, unless another changed its object.
    ApplyDocument(Box<ApplyDocument>),
    /// Read what QEMU would be started with before and after a change of a domain's document.
    DryRun(Private, Private),
    /// Read what the host has that a document may name.
    ReadDocumentFacts,
    /// Read what the checks of a document need to know of its host.
    ReadCheckHost(Vec<checks::Wanted>),
}

/// Which files of a host may be looked at, besides what libvirt tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostFiles {
    /// Those of this machine, where it is the host.
    #[default]
    OfThisMachine,
    /// Those of a host that is reached by ssh as well.
    OverSsh,
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
    /// The disks of a domain.
    Disks(Box<DomainDisks>),
    /// The snapshots of a domain; `None` when they are what they were.
    Snapshots(Option<Box<DomainSnapshots>>),
    /// How much room they take; those of which that cannot be told are not in it.
    SnapshotSizes(Vec<SnapshotSize>),
    /// What the screen showed; `None` where nobody has kept it.
    SnapshotPicture(Option<std::sync::Arc<crate::display::Picture>>),
    /// What is in the way of deleting a domain.
    Undefine(Box<UndefinePlan>),
    /// Who else needs the files.
    FileUsers(Vec<FileUser>),
    /// File systems of a guest.
    FileSystems(Vec<GuestFileSystem>),
    /// The networks of the host.
    Networks(Box<HostNetworks>),
    /// Both definitions of a domain.
    Hardware(Box<Definitions>),
    /// The devices of the host.
    NodeDevices(std::sync::Arc<[HostDevice]>),
    /// What the guest says of its virtual CPUs.
    GuestVcpus(GuestVcpus),
    /// What the guest agent says.
    Agent(Box<AgentReport>),
    /// Authorized ssh keys of a user of the guest: who, and the lines; untrusted.
    SshKeys(String, Vec<String>),
    /// What a command in the guest left.
    GuestOutput(Box<GuestOutput>),
    /// What QEMU's monitor or the agent said to a command; untrusted.
    Said(String),
    /// What the host is.
    Host(Box<HostReport>),
    /// What the host offers to a new domain.
    Offered(std::sync::Arc<Offered>),
    /// A domain that is to be cloned.
    Cloneable(std::sync::Arc<Cloneable>),
    /// Domains were made.
    Made(MadeDomains),
    /// How busy its CPUs are.
    HostLoad(HostLoad),
    /// All of it holds of this domain; these verbs take it back.
    Arranged(Uuid, Vec<DomainVerb>),
    /// All storage pools.
    Pools(Vec<Pool>),
    /// Names of the volumes of a pool; untrusted.
    VolumeNames(Vec<String>),
    /// The volumes that were asked for and are still there.
    Volumes(Vec<StorageVolume>),
    /// All secrets, each with who uses it.
    Secrets(Vec<SecretUse>),
    /// The value of a secret; `None` for one without.
    SecretValue(Option<SecretValue>),
    /// Files that nobody needs.
    Leftovers(Vec<Leftover>),
    /// Block devices of the host.
    Drives(Vec<Drive>),
    /// Facts of the guest agent as (group, key, value) in libvirt's words; untrusted.
    Guest(Vec<GuestFact>),
    /// A document; `None` when its object is gone.
    Document(Option<Box<Document>>),
    /// What came of applying one.
    Applied(Applied),
    /// What QEMU would be started with, before and after.
    CommandLines(Box<[CommandLine; 2]>),
    /// What the host has that a document may name.
    DocumentFacts(Box<Facts>),
    /// What the checks need to know of the host.
    CheckHost(Box<checks::Host>),
    /// Lines of a log, oldest first, untrusted.
    LogTail {
        /// Path of the file.
        path: String,
        /// Lines.
        lines: Vec<String>,
    },
}

/// How busy the CPUs of a host have been since it started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostLoad {
    /// Number, busy time, idle time; in the same unit for all.
    pub cpus: Vec<(u32, u64, u64)>,
    /// The parts of its running domains, where the host's own files show them; their times are in the unit of those above.
    pub threads: Vec<Thread>,
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
    /// An event of a network, pool, secret or device of the host, for the events page.
    ObjectEvent(ObjectEvent),
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
    /// All networks, pools and volumes; replaces the former.
    Resources(Vec<Resource>),
    /// How full the active storage pools are.
    Pools(Vec<PoolFill>),
    /// All jobs that take long and are known of; replaces the former.
    LongJobs(Vec<LongJob>),
    /// A job began running (it may have waited).
    JobStarted(JobId),
    /// What a job does now, for people.
    JobStep(JobId, String),
    /// How many bytes of how many a transfer has done.
    Progress(JobId, u64, Option<u64>),
    /// A job ended.
    JobFinished(JobId, Result<Answer, Failure>),
    /// A question for the person at the terminal.
    Asked(Prompt),
    /// Of a console, whatever incarnation of the connection it was opened in.
    Console(ConsoleId, ConsoleNews),
    /// Of a display, whatever incarnation of the connection it was opened in.
    Display(DisplayId, DisplayNews),
    /// The screen of a domain as a small picture, or why there is none; see [`WallWish`].
    Thumbnail(
        Uuid,
        Result<std::sync::Arc<crate::display::Picture>, String>,
    ),
    /// Round trips so far.
    Calls(CallCounts),
}
