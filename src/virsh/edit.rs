//! Commands that open an editor: virsh hands a file to $EDITOR, virtty opens its own.

use super::storage_table::POOL;
use super::table::{DOMAIN, row};
use super::table_networks::{FILTER, NETWORK};
use super::{Command, Effect::Reads, Given};
use crate::model::StoredKind;

/// The rows.
pub const EDITING: &[Command] = &[
    row(
        "edit",
        Reads,
        "Open the definition of a domain in the editor.",
        &[DOMAIN],
    ),
    row(
        "net-edit",
        Reads,
        "Open the definition of a network in the editor.",
        &[NETWORK],
    ),
    row(
        "nwfilter-edit",
        Reads,
        "Open a network filter in the editor.",
        &[FILTER],
    ),
    row(
        "pool-edit",
        Reads,
        "Open the definition of a storage pool in the editor.",
        &[POOL],
    ),
];

/// What a command opens in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The definition of a domain: of the one that is named, else of the selected one.
    Domain(Option<String>),
    /// Another definition, by name or UUID.
    Stored(StoredKind, Option<String>),
    /// The metadata of a snapshot of a domain.
    Snapshot(Option<String>, String),
}

/// What a command opens in the editor; `None` for one that does something else.
#[must_use]
pub fn edited(given: &Given) -> Option<Edited> {
    let named = |option: &str| given.value(option).map(str::to_owned);
    Some(match given.command.name {
        "edit" => Edited::Domain(named("domain")),
        "net-edit" => Edited::Stored(StoredKind::Network, named("network")),
        "nwfilter-edit" => Edited::Stored(StoredKind::NwFilter, named("nwfilter")),
        "pool-edit" => Edited::Stored(StoredKind::Pool, named("pool")),
        // With new words it changes the snapshot at once.
        "snapshot-edit" if named("description").is_none() && named("new-name").is_none() => {
            Edited::Snapshot(named("domain"), named("snapshotname")?)
        }
        _ => return None,
    })
}
