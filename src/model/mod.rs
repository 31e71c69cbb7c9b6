//! Plain values in libvirt's words: what every other room talks about.
//!
//! Nothing here does I/O, holds a handle or knows a screen. Units stand in
//! names (`memory_kib`, `cpu_time_ns`); what is not known is `None`, never 0.

mod connection;
mod domain;
mod event;
mod graphics;
mod ids;
mod metadata;
mod node;
mod sample;

pub use connection::{ConnectionState, Driver, HostVersions, Transport, Uri, UriError};
pub use domain::{
    AddressSource, Definition, DiskInfo, Domain, DomainState, GuestAddress, NicInfo, StateReason,
};
pub use event::{DomainEvent, EventKind};
pub use graphics::{Endpoint, EndpointKind, FixedPort, ListenKind, Reach};
pub use ids::{ConnectionId, DomainId, Uuid, UuidError};
pub use metadata::METADATA_NAMESPACE;
pub use node::{NodeInfo, NodeSample};
pub use sample::{BalloonSample, BlockSample, DomainSample, NetSample, VcpuSample};
