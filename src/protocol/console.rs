//! What travels between the screen and a console's threads.

use std::path::PathBuf;
use std::sync::Arc;

use super::Failure;
use crate::console::{Motion, Screen};
use crate::model::Uuid;

/// Number of an opened console of this process, unique over all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsoleId(pub u32);

/// Which line of the domain is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum ConsoleDevice {
    /// The first console or serial line, as libvirt chooses it.
    #[default]
    First,
    /// A console, serial or parallel line by its alias: `serial1`, `console1`.
    Alias(String),
    /// A channel by its name (`virDomainOpenChannel`).
    Channel(String),
}

impl ConsoleDevice {
    /// The command to QEMU's monitor that sends a break over the line; `None` for a channel. libvirt calls the line of an alias
    /// `char` and the alias.
    #[must_use]
    pub fn break_command(&self) -> Option<String> {
        let alias = match self {
            Self::First => "serial0",
            Self::Alias(alias) => alias,
            Self::Channel(_) => return None,
        };
        let id = serde_json::Value::from(format!("char{alias}"));
        Some(format!(
            r#"{{"execute":"chardev-send-break","arguments":{{"id":{id}}}}}"#
        ))
    }
}

/// What happens when somebody else has the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ConsoleAccess {
    /// It is said.
    #[default]
    Polite,
    /// It is said, and a driver that cannot tell is refused: `VIR_DOMAIN_CONSOLE_SAFE`.
    Safe,
    /// The other is thrown out: `VIR_DOMAIN_CONSOLE_FORCE`.
    Force,
}

/// Where the output of a console is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLog {
    /// The file; it is appended to, and only its owner may read it.
    pub path: PathBuf,
    /// As the guest sent it; otherwise its text alone.
    pub raw: bool,
}

/// What can be asked of a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleVerb {
    /// Open it, and open it again whenever it ends, until it is closed.
    Open {
        /// Of which domain.
        domain: Uuid,
        /// Which line.
        device: ConsoleDevice,
        /// How the first time.
        access: ConsoleAccess,
        /// Columns of the terminal.
        columns: u16,
        /// Lines of the terminal.
        lines: u16,
    },
    /// Send these bytes to the guest.
    Type(Vec<u8>),
    /// The terminal has another size; the guest learns of it only when it is told.
    Resize {
        /// Columns.
        columns: u16,
        /// Lines.
        lines: u16,
    },
    /// Whether a person sees it: one that nobody sees reports seldom.
    Watch(bool),
    /// Move through what it said.
    Look(Motion),
    /// Tell what is marked, or all that can be seen.
    Copy,
    /// Send a break, as a serial line knows it; libvirt has no call for it but a command to QEMU's monitor.
    Break,
    /// Open it now, and throw out who has it.
    TakeOver,
    /// Try to open it now.
    Retry,
    /// Write to a file from now on, or no longer.
    Log(Option<ConsoleLog>),
    /// Close it for good.
    Close,
}

/// How a console stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsolePhase {
    /// libvirt was asked for it.
    Opening,
    /// Bytes go both ways.
    Attached,
    /// The domain does not run; it is opened when it does.
    Off,
    /// Somebody else has it, in libvirt's words; it is opened when it is free.
    InUse(String),
    /// The host or the line is gone, with the reason; it is tried again.
    Lost(String),
    /// It cannot be had; nothing is tried until somebody asks.
    Refused(Failure),
}

/// What a console shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleFrame {
    /// The cells.
    pub screen: Arc<Screen>,
    /// How often the bell has rung.
    pub bells: u64,
    /// Bytes that came so far.
    pub bytes: u64,
    /// Dropped by whoever has taken the frame in: only then the next is sent, the newest there is.
    pub ticket: Arc<()>,
}

/// What a console reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleNews {
    /// It stands otherwise.
    Phase(ConsolePhase),
    /// It shows something else.
    Frame(ConsoleFrame),
    /// The text that was asked for; may hold several lines, made visible.
    Copied(String),
    /// The text that was sought is not there.
    NotFound,
    /// What was typed could not be sent: the host does not take it.
    NotTaken,
    /// A break was sent, or why not.
    Broke(Result<(), String>),
    /// It is written to a file, or the reason why no longer.
    Log(Result<Option<PathBuf>, String>),
}
