//! Text for people: untrusted text made visible, widths, and figures with their units.

mod figures;
mod shell;
mod visible;

pub use figures::{bytes, count, duration_short, nanoseconds, percent, rate};
pub use shell::shell_quote;
pub use visible::{fit, fit_left, is_hidden, visible, width};
