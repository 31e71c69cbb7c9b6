//! What stands on the screen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod details;
#[path = "../app/furnished.rs"]
mod furnished;
#[path = "../app/material.rs"]
mod material;
mod pages;
mod ports;
mod screen;
#[path = "../app/session.rs"]
mod session;
mod sizes;
mod widths;
