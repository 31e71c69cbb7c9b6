//! Tests against real libvirt daemons and real guests: `make test`, or `make lab` and then `cargo test --test lab`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod connection;
mod ground;
mod guests;
mod login;
mod sampling;
mod ssh;
