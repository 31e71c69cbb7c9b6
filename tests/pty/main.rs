//! The binary in a pseudo-terminal, as a person sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod harness;

#[path = "../rfb/server.rs"]
#[allow(
    dead_code,
    reason = "what a server says is ours too, how the other tests listen to it is not"
)]
mod rfb_server;

mod agents;
mod alerts;
mod bulk;
mod connecting;
mod consoles;
mod copies;
mod creating;
mod disks;
mod displays;
mod editing;
mod endings;
mod guests;
mod hangup;
mod host;
mod hostile;
mod input;
mod lending;
mod looks;
mod own;
mod refusals;
mod settings;
mod sizes;
mod start;
mod storage;
mod storms;
mod suspend;
mod symbols;
mod viewing;
