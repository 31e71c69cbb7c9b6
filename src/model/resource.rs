//! What domains stand on: networks, storage pools and their volumes.

/// A network, a storage pool or a volume of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name; untrusted.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
}

/// What a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceKind {
    /// A virtual network.
    Network {
        /// It is started.
        active: bool,
    },
    /// A storage pool.
    Pool {
        /// It is started.
        active: bool,
        /// Where its volumes lie on the host, where that is a place.
        path: Option<String>,
    },
    /// A volume of an active pool.
    Volume {
        /// Name of the pool; untrusted.
        pool: String,
        /// Its path on the host.
        path: Option<String>,
    },
}
