//! The binary in a pseudo-terminal, as a person sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod harness;

mod connecting;
mod copies;
mod endings;
mod guests;
mod hangup;
mod hostile;
mod input;
mod lending;
mod looks;
mod refusals;
mod sizes;
mod start;
mod suspend;
mod symbols;
