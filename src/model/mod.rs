//! Plain values in libvirt's words: what every other room talks about.
//!
//! Nothing here does I/O, holds a handle or knows a screen. Units stand in
//! names (`memory_kib`, `cpu_time_ns`); what is not known is `None`, never 0.

mod checkpoint;
mod connection;
mod disk;
mod domain;
mod event;
mod graphics;
mod ids;
mod metadata;
mod network;
mod node;
mod resource;
mod sample;
mod snapshot;
mod storage;
mod stored;

pub use checkpoint::Checkpoint;
pub use connection::{ConnectionState, Driver, HostVersions, Transport, Uri, UriError};
pub use disk::{
    BlockJob, BlockJobKind, DiskError, DiskFacts, DiskLayer, DiskMirror, GuestFileSystem,
};
pub use domain::{
    AddressSource, Definition, DiskInfo, Domain, DomainState, GuestAddress, NicInfo, StateReason,
};
pub use event::{DomainEvent, EventKind, EventObject, ObjectChange, ObjectEvent};
pub use graphics::{Endpoint, EndpointKind, FixedPort, ListenKind, Reach};
pub use ids::{ConnectionId, DomainId, Uuid, UuidError};
pub use metadata::{BASE_NAMESPACE, METADATA_NAMESPACE};
pub use network::{
    BridgeFacts, DhcpHost, DnsHost, FilterBinding, Firewall, HostNetworks, Keeper, KeeperFiles,
    Lease, Link, LinkAddress, LinkCounters, LinksFrom, Neighbour, Network, NetworkDefinition,
    NwFilter, PendingChange, Route, RouteHop, Subnet, same_network,
};
pub use node::{NodeInfo, NodeSample};
pub use resource::{Resource, ResourceKind};
pub use sample::{BalloonSample, BlockSample, DomainSample, NetSample, VcpuSample};
pub use snapshot::{
    Placed as PlacedSnapshot, Snapshot, SnapshotDisk, SnapshotKind, placed as placed_snapshots,
    tree as snapshot_tree,
};
pub use storage::{Leftover, LeftoverKind, Pool, PoolState, Secret, StorageVolume};
pub use stored::{Stored, StoredKind, StoredXml};
