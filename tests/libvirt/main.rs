//! What `virtty::libvirt` promises, kept against libvirt's own test driver: the real library, no daemon.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod listing;
mod verbs;
