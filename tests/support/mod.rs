//! What several test targets share. Include it with
//! `#[path = "../support/mod.rs"] mod support;`.
#![allow(
    dead_code,
    reason = "every test target compiles its own copy and uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

pub mod affinity;
pub mod lab;
pub mod linux;
pub mod ssh;
pub mod wait;
pub mod watched;
