//! Making a new domain: what it is to be, what its host offers, and the XML and volumes that come of both.
//!
//! All of it is pure: [`NewDomain`] and [`HostFacts`] go in, a [`Plan`] comes out. The form and `virtty create` fill the same
//! value, by options named and shaped as virt-install's.

pub mod arguments;
pub mod clone;
mod cloud_init;
pub mod cpio;
mod devices;
mod domain;
mod facts;
pub mod further;
pub mod identity;
mod line;
mod location;
mod osinfo;
mod plan;
mod storage;
mod suboptions;
mod xml;

pub use cloud_init::{SEED_LABEL, Seed};
pub use domain::{
    Brought, CloudInit, Content, Cpu, Disk, DiskDevice, Firmware, Graphics, Kernel, Link,
    NewDomain, NewVolume, Nic, RootPassword, Source, Unchecked, Vcpus,
};
pub use facts::{DomainCapabilities, DomainFact, GuestKind, HostFacts, PoolFact, VolumeFact};
pub use line::line;
pub use location::{Location, Pair, candidates, treeinfo};
pub use osinfo::{Database, FOLDER, OperatingSystem};
pub use plan::{About, Concern, Found, Piece, Plan, Upload, Volume, plan};
pub use suboptions::{Invalid, Suboptions};
