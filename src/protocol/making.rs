//! Making domains: what is asked, and what is told before and meanwhile.

use super::Private;
use crate::create::clone::{CloneWish, Original};
use crate::create::{Database, HostFacts, NewDomain};

/// What a host offers to what is made on it, and this machine beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offered {
    /// The host.
    pub facts: HostFacts,
    /// Operating systems that are known here.
    pub database: Database,
    /// Paths of public ssh keys of the user's, on this machine.
    pub keys: Vec<String>,
}

/// A domain to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// What it is to be.
    pub wanted: NewDomain,
    /// What a person made of the definition: as it was, and as it is to be.
    pub edited: Option<(Private, Private)>,
    /// Whether it is started.
    pub start: bool,
    /// A file of this machine with public ssh keys for cloud-init.
    pub key_file: Option<String>,
}

/// A domain that is to be cloned, and its host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cloneable {
    /// The domain.
    pub original: Original,
    /// The host.
    pub facts: HostFacts,
}

/// Clones to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloning {
    /// What is asked for.
    pub wish: CloneWish,
    /// Whether they are started when all are made.
    pub start: bool,
}

/// Domains that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeDomains {
    /// Their names.
    pub names: Vec<String>,
    /// UUID of the first.
    pub first: Option<crate::model::Uuid>,
    /// Whether they were started.
    pub started: bool,
}
