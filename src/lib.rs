//! virtty: virt-manager in a terminal.
//!
//! libvirt's handles live in one room (`libvirt`); everything else is plain values; the screen is a function of
//! state. ARCHITECTURE.md draws the rooms and the one-way arrows between them.

pub mod action;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domxml;
pub mod keymap;
pub mod libvirt;
pub mod model;
pub mod ports;
pub mod protocol;
pub mod query;
pub mod record;
pub mod runtime;
pub mod schema;
pub mod stats;
pub mod text;
pub mod ui;
pub mod virsh;
