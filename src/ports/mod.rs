//! Endpoints made useful: the text of a column, the address to use from here, lines ready to paste, warnings.
//!
//! Pure: who and where we are comes in as [`Here`]. All results are fit for a terminal and, where they are commands,
//! quoted for a POSIX shell.

mod address;
mod copy;
mod login;
mod standing;
mod warning;

pub use address::{Target, column, column_within, target, target_text, tunnel_needed, written};
pub use copy::{Choice, Form, Subject, choices, edit_command, endpoint_choices, ssh_forward};
pub use login::{Here, Login, login, uri_from_elsewhere};
pub use standing::is_established;
pub use warning::{Clash, Warning, clashes, overlap, warning};
