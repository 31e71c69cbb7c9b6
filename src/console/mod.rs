//! A serial console's terminal: bytes of a guest in, cells out. Pure: no thread, no clock, no libvirt.
//!
//! What the guest sends ends here. [`Terminal`] interprets it; what leaves is a [`Screen`] of plain cells without a
//! single character that could act on a terminal, and the few replies that a guest may ask for (`Terminal::replies`).
//! Titles, clipboards, palettes, hyperlinks and every other command string are dropped before the emulator sees them
//! (`sieve`), which also bounds what an endless one could cost.

mod cells;
mod clean;
mod look;
mod paste;
mod sieve;
mod terminal;

pub use cells::{Cell, Colour, Look, Modes, Screen, Wide};
pub use clean::Cleaner;
pub use look::Motion;
pub use paste::{Pasted, paste};
pub use terminal::{SCROLLBACK_LINES, Terminal};
