//! Everything that talks to libvirt. Handles never leave this room; plain values do.
//!
//! Each connection of the user is a *host* here: one supervisor thread that never makes a libvirt call, so that it can
//! always answer, and threads around it that may block:
//! - `list`: lists and states, by the control connection;
//! - `define`: reads domain XML in the background, by the control connection;
//! - the sampler's threads: statistics, by the control connection and by monitor connections of their own;
//! - `act`: lifecycle verbs and what a person asked for, by the actions connection.
//!
//! Opening and closing have threads of their own as well: both wait for a daemon that may never answer. What goes
//! through ssh shares one login, which `ssh` keeps.

mod actions;
mod addresses;
mod agent;
mod arranging;
mod asides;
pub mod askpass;
mod backoff;
mod channel;
pub mod cloning;
mod consoles;
pub mod creation;
mod default_uri;
mod definer;
mod disk_guard;
mod disk_jobs;
mod disks;
mod displays;
pub mod documents;
mod editing;
mod ffi;
mod file_users;
mod fleet;
mod guest_facts;
mod hardware;
mod host;
mod host_facts;
mod host_reader;
mod lister;
mod listing;
pub mod local;
mod log_tail;
mod long_jobs;
pub mod making;
mod meter;
mod net_verbs;
mod networks;
mod node_devices;
pub mod once;
mod once_agents;
mod once_disks;
mod once_guests;
mod once_networks;
mod opener;
mod processes;
mod prompts;
mod remedies;
mod reporter;
mod roster;
mod sampler;
pub mod seed;
mod snapshots;
mod ssh;
mod storage_reads;
mod storage_session;
mod storage_verbs;
mod stored;
mod surroundings;
pub mod terminal;
mod undefine;
mod undo;
mod verbs;
mod volume_copies;
mod volume_deletes;
mod volume_transfers;
mod volumes;

pub use arranging::keep_in as keep_changes_in;
pub use channel::{ReportReceiver, ReportSender, channel};
pub use ffi::one_arena;
pub use fleet::Fleet;
pub use snapshots::keep_pictures_in;
pub use ssh::end_all as end_logins;
pub use stored::Define;

use crate::protocol::Failure;

/// Silences libvirt's printing on stderr, registers its event loop and starts the thread that runs it. To be called
/// before the first connection is opened; further calls do nothing.
///
/// # Errors
/// When libvirt cannot be initialised.
pub fn initialise() -> Result<(), Failure> {
    ffi::initialise().map_err(|error| remedies::failure("initialise libvirt", &error, None))
}
