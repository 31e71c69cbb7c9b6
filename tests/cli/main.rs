//! The commands without a screen, as scripts meet them: the real binary, libvirt's test driver, standard output,
//! standard error and the exit code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod hostile;
mod list;
mod node;
mod pages;
mod ports;
mod run;
mod stats;
mod virsh;
mod vnc;
mod xml;
