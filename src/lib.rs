//! virtty: virt-manager in a terminal.
//!
//! libvirt's handles live in one room (`libvirt`); everything else is plain values; the screen is a function of
//! state. ARCHITECTURE.md draws the rooms and the one-way arrows between them.

pub mod action;
pub mod agent;
pub mod app;
pub mod bundle;
pub mod checks;
pub mod cli;
pub mod config;
pub mod console;
pub mod create;
pub mod demo;
pub mod display;
pub mod domxml;
pub mod editor;
pub mod hardware;
pub mod hostfacts;
pub mod journal;
pub mod keymap;
pub mod libvirt;
pub mod model;
pub mod network;
pub mod ports;
pub mod protocol;
pub mod query;
pub mod record;
pub mod rfb;
pub mod runtime;
pub mod schema;
pub mod snapshots;
pub mod stats;
pub mod storage;
pub mod text;
pub mod ui;
pub mod virsh;
pub mod xml;
