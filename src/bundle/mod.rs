//! The definitions of a host as a folder of XML files: named, written in one step, read, compared with what a host has.

mod compare;
mod folder;
mod name;
mod read;

pub use compare::changes;
pub use folder::{MANIFEST, Manifest, WriteError, write};
pub use name::file_name;
pub use read::{BundleFile, ReadError, Subject, read, subject};
