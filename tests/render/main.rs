//! What stands on the screen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod creating;
mod details;
#[path = "../app/disk_forms.rs"]
mod disk_forms;
#[path = "../app/disks.rs"]
mod disks;
mod disks_page;
#[path = "../app/editing.rs"]
mod editing;
mod editor_page;
mod forms;
#[path = "../app/furnished.rs"]
mod furnished;
#[path = "../app/guests.rs"]
mod guests;
mod guests_page;
#[path = "../app/hardware.rs"]
mod hardware;
mod hardware_page;
#[path = "../app/host.rs"]
mod host;
mod host_page;
#[path = "../app/material.rs"]
mod material;
#[path = "../app/networks.rs"]
mod networks;
mod networks_page;
#[path = "../app/offers.rs"]
mod offers;
mod pages;
mod plans_page;
mod ports;
mod screen;
#[path = "../app/screens.rs"]
mod screens;
mod screens_page;
#[path = "../app/session.rs"]
mod session;
mod sizes;
#[path = "../app/snapshots.rs"]
mod snapshots;
mod snapshots_page;
#[path = "../app/storage.rs"]
mod storage;
mod storage_page;
mod widths;
