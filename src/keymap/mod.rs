//! Keys and the table that leads from them to actions.
//!
//! The table is `assets/keymap.toml`, embedded. A page or layer asks with its contexts, innermost first; the first
//! match wins. Hints, help and documentation are read from the same table, so they cannot drift from it.

mod key;
mod map;
mod rebind;

pub use key::{Code, Key, KeyError, parse_keys};
pub use map::{Binding, Keymap, KeymapError};
pub use rebind::{Rebinding, Shadow, Taken};
