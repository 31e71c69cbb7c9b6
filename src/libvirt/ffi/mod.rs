//! What the `virt` crate lacks or gets wrong, by its raw bindings: the only `unsafe` around libvirt.
//!
//! Rules of this room, which make its safe functions sound:
//! - every pointer that libvirt hands out is copied to a plain value and freed here, on every path;
//! - an error is read by `virGetLastError` on the thread of the call, before any other call;
//! - text goes to C through `CString::new`, a NUL inside is an error, never a panic;
//! - callbacks run on the event thread: they copy what they are given, send it, and call nothing of libvirt that
//!   does a round trip; what they own is boxed and freed by the free callback that libvirt calls exactly once;
//! - only symbols of libvirt 7.0 or older are named (a test reads the binary's symbol versions).

mod agent;
mod auth;
mod backups;
mod blocks;
mod child;
mod connection;
mod copying;
mod counters;
mod creation;
mod definitions;
mod display;
mod documents;
mod domain;
mod error;
mod events;
mod facts;
mod guest;
mod init;
mod later;
mod networks;
mod node;
mod node_devices;
mod object_events;
mod params;
mod pins;
mod pools;
mod qemu;
mod resources;
mod screenshot;
mod secrets;
mod snapshots;
mod stats;
mod storage;
mod stream;
mod transfers;
mod tune;
mod verbs;
mod volumes;

pub use auth::{Ask, Credential};
pub use blocks::{DeviceChange, JobStats, LayerSizes};
pub use child::detach;
pub use connection::{Connection, Filter, Record};
pub use counters::Reading;
pub use documents::By;
pub use domain::Domain;
pub use error::Error;
pub use events::EventSink;
pub use guest::GUEST_GROUPS;
pub use init::{initialise, one_arena};
pub use networks::{InterfaceStep, NetworkRecord};
pub use object_events::ObjectSink;
pub use params::Value;
pub use snapshots::SnapshotRecord;
pub use stats::{Control, Groups, NodeReader};
pub use storage::{Volume, VolumeFacts};
pub use stream::{Stream, StreamSink};
pub use volumes::PoolHandle;

/// The result of a libvirt call.
pub type Result<T> = std::result::Result<T, Error>;

/// `VIR_CONNECT_CLOSE_REASON_*` in words.
pub(super) fn close_reason(reason: i32) -> &'static str {
    match reason {
        1 => "the daemon closed the connection (end of file)",
        2 => "the daemon did not answer (keepalive timeout)",
        3 => "closed by this program",
        _ => "input/output error on the connection",
    }
}
