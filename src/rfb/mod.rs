//! Talking to a VNC server: one session over any stream, by the crate `vnc-rs`.
//!
//! A server is not trusted. The crate bounds sizes; what waits between its tasks is bounded by [`Watched`], which hands it
//! small pieces; a panic in one of its tasks ends the session and nothing else; whoever owns a [`Session`] gives it time.

mod session;
mod trouble;
mod watched;

pub use session::{Happened, MOST_CUT, Session};
pub use trouble::Trouble;
pub use watched::{Byways, Watched};
