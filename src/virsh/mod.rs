//! virsh's words: a line to an operation and back.
//!
//! [`COMMANDS`] is the table: one row for each command of virsh that virtty takes, with its options. [`parse`] reads a line
//! as virsh would ([`split`] cuts it into words), the commands without a screen fill the same [`Given`] from their
//! arguments, [`Given::line`] writes one as the line that does the same. Errors
//! name the word and the nearest that is right. Nothing here asks a host.

mod agent;
mod command;
mod complete;
mod disk;
mod domain;
mod edit;
mod error;
mod given;
mod hardware;
mod keys;
mod lexer;
mod line;
mod network;
mod print;
mod size;
mod snapshot;
mod storage;
mod storage_table;
mod table;
mod table_disks;
mod table_domains;
mod table_guests;
mod table_hardware;
mod table_hosts;
mod table_networks;
mod table_reads;
mod table_snapshots;
mod table_tuning;
mod tune;
mod verb;

pub use agent::{is_private, raw};
pub use command::{Command, Effect, Kind, Need, Opt};
pub use complete::{Completion, Wanted, completion};
pub use domain::{Ambiguous, domain_word, named};
pub use edit::{Edited, edited};
pub use error::WordError;
pub use given::{Given, command, host_of, parse};
pub use keys::names as key_names;
pub use lexer::{Word, Words, join, split};
pub use line::shell_line;
pub use network::{network_given, network_verb};
pub use size::{bytes, kib, scaled};
pub use snapshot::{disk_part, several};
pub use storage::{
    pool_name, secret, storage_given, storage_lines, storage_verb, volume_name, with_document,
};
pub use table::{COMMANDS, DOMAIN_HELP};
pub use table_reads::OF_HOST;
pub use tune::host_wishes;
pub use verb::{given, verb};
