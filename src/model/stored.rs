//! Definitions that a host keeps: of domains and of what they stand on.

use super::Uuid;

/// Kinds of objects a host keeps definitions of, in the order in which one may need the former.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StoredKind {
    /// A secret; its definition holds no value.
    Secret,
    /// A network filter.
    NwFilter,
    /// A virtual network.
    Network,
    /// A storage pool.
    Pool,
    /// A domain.
    Domain,
}

impl StoredKind {
    /// All kinds, what others may need first.
    pub const ALL: [Self; 5] = [
        Self::Secret,
        Self::NwFilter,
        Self::Network,
        Self::Pool,
        Self::Domain,
    ];

    /// virsh's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::NwFilter => "nwfilter",
            Self::Network => "network",
            Self::Pool => "pool",
            Self::Domain => "domain",
        }
    }

    /// virsh's word for several, which is the name of their folder in an export.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::NwFilter => "nwfilters",
            Self::Network => "networks",
            Self::Pool => "pools",
            Self::Domain => "domains",
        }
    }

    /// The root element of its XML.
    #[must_use]
    pub const fn root(self) -> &'static str {
        match self {
            Self::NwFilter => "filter",
            other => other.word(),
        }
    }
}

/// One object, and what its host keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What it is.
    pub kind: StoredKind,
    /// Its name; of a secret its UUID. Untrusted.
    pub name: String,
    /// Its UUID.
    pub uuid: Uuid,
    /// The definition of its next start.
    pub xml: StoredXml,
}

/// What could be read of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredXml {
    /// The text.
    Text(String),
    /// It lives until it is stopped and has no definition of a next start.
    Transient,
    /// libvirt would not say; its words.
    Unreadable(String),
}
