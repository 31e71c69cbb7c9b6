//! What can be asked of a guest's agent, and of QEMU's monitor.

use std::time::Duration;

use super::{GuestVcpus, Private};
use crate::agent::{GuestClock, GuestInfo, MonitorKind};

/// What a guest's clock is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestTime {
    /// What this machine's clock shows when it is sent.
    Now,
    /// Seconds since 1970.
    At(i64),
    /// What the guest's own hardware clock shows, which follows the host.
    Hardware,
}

/// What is done to the list of somebody's authorized keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysChange {
    /// They are added.
    Add,
    /// They are taken off.
    Remove,
    /// They alone are left.
    Replace,
}

/// Public keys of ssh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SshKeys {
    /// Lines as in a file of authorized keys.
    Lines(Vec<String>),
    /// The lines of a file on this machine.
    File(String),
}

/// Something done inside of a guest by its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentVerb {
    /// `virDomainSetTime`.
    SetTime(GuestTime),
    /// `virDomainFSFreeze`, of these mount points or all.
    Freeze(Vec<String>),
    /// `virDomainFSThaw`, of these mount points or all.
    Thaw(Vec<String>),
    /// `virDomainFSTrim`.
    Trim {
        /// Of this mount point; `None` is all.
        mountpoint: Option<String>,
        /// Free stretches shorter than this many bytes are left alone.
        minimum_bytes: u64,
    },
    /// `virDomainSetUserPassword`.
    SetPassword {
        /// Whose.
        user: String,
        /// The password.
        password: Private,
        /// It is what `crypt` made of the password.
        encrypted: bool,
    },
    /// `virDomainAuthorizedSSHKeysSet`.
    SetKeys {
        /// Whose.
        user: String,
        /// Which.
        keys: SshKeys,
        /// What is done to those that are there.
        change: KeysChange,
    },
}

impl AgentVerb {
    /// libvirt's call.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        match self {
            Self::SetTime(_) => "virDomainSetTime",
            Self::Freeze(_) => "virDomainFSFreeze",
            Self::Thaw(_) => "virDomainFSThaw",
            Self::Trim { .. } => "virDomainFSTrim",
            Self::SetPassword { .. } => "virDomainSetUserPassword",
            Self::SetKeys { .. } => "virDomainAuthorizedSSHKeysSet",
        }
    }
}

/// What the agent said of its guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentReport {
    /// How long its first answer took.
    pub took: Duration,
    /// Its file systems are frozen: it says nothing else.
    pub frozen: bool,
    /// The guest's clock.
    pub clock: Option<GuestClock>,
    /// The guest; untrusted.
    pub info: GuestInfo,
    /// Its virtual CPUs.
    pub cpus: Option<GuestVcpus>,
    /// What was asked and not told: what, and why in libvirt's words; untrusted.
    pub missing: Vec<(&'static str, String)>,
}

/// A command to run in a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestRun {
    /// The program, by its path in the guest.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it reads; on no record.
    pub input: Option<Private>,
    /// How long its end is waited for, in seconds.
    pub seconds: u32,
}

/// A command for QEMU's monitor or for the agent, passed on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawCommand {
    /// `virDomainQemuMonitorCommand`.
    Monitor(Private, MonitorKind),
    /// `virDomainQemuAgentCommand`; the seconds as libvirt counts them, -2 for ever, -1 its own choice.
    Agent(Private, i32),
}
