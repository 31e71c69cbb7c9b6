//! Scenarios: keys and reports go in, effects and state come out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod acting;
mod alerts;
mod asking;
mod command;
mod console;
mod creating;
mod debug;
mod details;
pub mod disk_forms;
mod disks;
mod display;
pub mod editing;
mod events;
mod finding;
mod forms;
mod furnished;
mod graphs;
pub mod guests;
pub mod hardware;
pub mod host;
mod jumping;
mod marks;
mod material;
mod networks;
pub mod offers;
mod opening;
mod own;
mod plans;
mod ports;
mod screens;
mod session;
mod settings;
pub mod snapshots;
mod split;
pub mod storage;
mod stored_forms;
mod table;
mod welcome;
