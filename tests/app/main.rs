//! Scenarios: keys and reports go in, effects and state come out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod acting;
mod asking;
mod command;
mod debug;
mod details;
mod events;
mod finding;
mod furnished;
mod graphs;
mod jumping;
mod marks;
mod material;
mod ports;
mod session;
mod table;
mod welcome;
