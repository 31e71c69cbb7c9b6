//! Documents that people edit: read with their passwords, applied, tried out.

use std::fmt;

use crate::model::{StoredKind, Uuid};
use crate::xml::LiveOperation;

/// A text that may hold passwords: it is written into no log.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Private(String);

impl Private {
    /// Of a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentRef {
    /// The definition of an object.
    Stored(StoredKind, Uuid),
    /// The definition of the object of this name.
    Named(StoredKind, String),
    /// One that is to make a new object.
    New(StoredKind),
    /// The metadata of a snapshot of a domain.
    Snapshot(Uuid, String),
    /// A volume of a pool, which libvirt cannot define anew.
    Volume {
        /// The pool's name.
        pool: String,
        /// The volume's name.
        volume: String,
    },
}

impl DocumentRef {
    /// The UUID of the object; `None` for what has none or is not there yet.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Stored(_, uuid) => Some(*uuid),
            _ => None,
        }
    }

    /// The domain, where it is one's definition.
    #[must_use]
    pub fn domain(&self) -> Option<Uuid> {
        match self {
            Self::Stored(StoredKind::Domain, uuid) => Some(*uuid),
            _ => None,
        }
    }

    /// virsh's command that defines it, and the option that has libvirt validate it; nothing of a volume does.
    #[must_use]
    pub fn defined_by(&self) -> (&'static str, &'static str) {
        match self {
            Self::Stored(kind, _) | Self::Named(kind, _) | Self::New(kind) => {
                let word = match kind {
                    StoredKind::Domain => "define",
                    StoredKind::Network => "net-define",
                    StoredKind::Pool => "pool-define",
                    StoredKind::NwFilter => "nwfilter-define",
                    StoredKind::Secret => "secret-define",
                };
                (word, " --validate")
            }
            Self::Snapshot(..) => ("snapshot-create", " --redefine --validate"),
            Self::Volume { .. } => ("vol-create", ""),
        }
    }

    /// virsh's word for its kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stored(kind, _) | Self::Named(kind, _) | Self::New(kind) => kind.word(),
            Self::Snapshot(..) => "snapshot",
            Self::Volume { .. } => "volume",
        }
    }
}

/// A document as its host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Name of its object; untrusted.
    pub name: String,
    /// The definition of its next start, with its passwords where [`Document::is_whole`].
    pub text: Private,
    /// Whether all passwords are in it: one that is not must not be saved.
    pub is_whole: bool,
    /// What it is now, without passwords, while it runs.
    pub live: Option<Private>,
    /// It has a definition; else it is gone when it stops.
    pub is_persistent: bool,
}

/// Something done at once to a running domain.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveStep {
    /// What it is about; untrusted.
    pub about: String,
    /// What is done.
    pub operation: LiveOperation,
}

impl fmt::Debug for LiveStep {
    /// Without the XML of the device, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveStep({})", self.about)
    }
}

/// A document to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyDocument {
    /// Which.
    pub what: DocumentRef,
    /// What its host had when that was looked at last; empty for a new one.
    pub expected: Private,
    /// The document.
    pub text: Private,
    /// Let libvirt check it against its schema.
    pub validate: bool,
    /// What is done at once, after it was defined.
    pub live: Vec<LiveStep>,
}

/// What came of applying a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is defined.
    Done {
        /// What the host has now; `None` when that could not be read.
        now: Option<Box<Document>>,
        /// What became of each step on the running domain: what it was about, and why it failed.
        live: Vec<(String, Option<String>)>,
        /// The UUID that it has.
        uuid: Option<Uuid>,
    },
    /// Another changed the object: nothing was defined.
    Changed(Box<Document>),
    /// It would make or replace another object than the one meant: nothing was defined. What is the matter, and what one
    /// may do.
    Refused(String, String),
}

/// What QEMU would be started with: a line, or why there is none in libvirt's words.
pub type CommandLine = Result<Private, String>;
