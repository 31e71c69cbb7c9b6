//! Text for people: untrusted text made visible, widths, and figures with their units.

mod figures;
mod mac;
mod nearest;
mod shell;
mod visible;
mod width;
mod wrap;

pub use figures::{bytes, count, duration_short, nanoseconds, percent, rate, version};
pub use mac::{mac_holds, mac_of};
pub use nearest::nearest;
pub use shell::shell_quote;
pub use visible::{is_hidden, visible};
pub use width::{fit, fit_left, tail, units, width};
pub use wrap::wrap;
