//! The program in a terminal, as a person has it: a pseudo-terminal with a session of its own, and an emulator that
//! shows what stands on the screen.
//!
//! Nothing here judges speed. Waiting ends after [`PATIENCE`], so that a broken test ends; where the time is what is
//! promised (a hang-up), the test measures it itself.

mod emulator;
mod home;
mod keys;
pub mod process;
mod sequences;
mod session;
mod setup;
mod terminal;

use std::time::Duration;

pub use emulator::{Cell, Screen};
pub use home::Home;
pub use sequences::Sequences;
pub use session::{Session, leave, signal_to};
pub use setup::Setup;
pub use terminal::Terminal;

/// Long enough for a loaded machine; a test that passes never waits for it.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// How often something is repeated: `few` times in an ordinary run, `many` times in `make soak`.
pub fn times(few: usize, many: usize) -> usize {
    if std::env::var_os("VIRTTY_SOAK").is_some() {
        many
    } else {
        few
    }
}
