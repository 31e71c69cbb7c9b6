//! The commands without a screen, as scripts meet them: the real binary, libvirt's test driver, standard output,
//! standard error and the exit code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod create;
mod events;
mod guests;
mod host;
mod hostile;
mod list;
mod networks;
mod node;
mod pages;
mod plans;
mod ports;
mod run;
mod screenshot;
mod snapshot;
mod stats;
mod transfer;
mod virsh;
mod vnc;
mod xml;
mod xml_apply;
mod xml_diff;
