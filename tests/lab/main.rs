//! Tests against real libvirt daemons and real guests: `make test`, or `make lab` and then `cargo test --test lab`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../app/session.rs"]
mod session;
#[path = "../support/mod.rs"]
mod support;

mod agents;
mod booting;
mod cloning;
mod comparing;
mod connection;
mod creating;
mod denied;
mod disk_lines;
mod disks;
mod documents;
mod events;
mod firmware;
mod forms;
mod ground;
mod guests;
mod hardware;
mod host;
mod login;
mod networks;
mod plans;
mod reading;
mod record;
mod sampling;
mod snapshots;
mod ssh;
mod storage;
mod transfer;
mod tuning;
mod undoing;
mod volumes;
