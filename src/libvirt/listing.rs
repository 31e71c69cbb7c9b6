//! The list of a host's domains in as few round trips as can be.

use std::collections::HashSet;

use super::ffi::{self, Connection, Error, Filter, Result};
use crate::model::{ConnectionId, Domain, DomainId, DomainState, StateReason, Uuid};

/// A domain as a list found it, with its handle.
pub struct Listed {
    /// Name, id, state; flags and sizes are not known yet.
    pub domain: Domain,
    /// Its handle.
    pub handle: ffi::Domain,
}

/// What a list found.
pub struct Listing {
    /// The domains.
    pub domains: Vec<Listed>,
    /// Why it is not whole, in libvirt's words.
    pub truncated: Option<String>,
}

/// Flags that are read for all domains at once, by lists of those few that have them.
#[derive(Debug, Default)]
pub struct Flags {
    /// Started with the host.
    pub autostart: HashSet<Uuid>,
    /// With a managed save image.
    pub managed_save: HashSet<Uuid>,
}

/// Names, ids, states and persistence of all domains, in two round trips where the driver has bulk statistics.
///
/// # Errors
/// libvirt's own. More domains than the protocol can list are no error: those that can be listed are.
pub fn read(connection: &Connection, id: ConnectionId) -> Result<Listing> {
    let (found, truncated) = match connection.states(Filter::ALL) {
        Err(error) if error.is_over_limit() => in_parts(connection, &error)?,
        Err(error) if error.is_unsupported() => (one_by_one(connection)?, None),
        records => (records?.into_iter().map(Found::from).collect(), None),
    };
    let transient = connection
        .uuids(Filter::TRANSIENT)
        .or_else(none_if_unsupported)?;
    let mut domains = Vec::with_capacity(found.len());
    for found in found {
        let uuid = found.handle.uuid()?;
        let (state, reason) = found
            .state
            .unwrap_or((DomainState::NoState, StateReason::default()));
        domains.push(Listed {
            domain: Domain {
                id: DomainId {
                    connection: id,
                    uuid,
                },
                name: found.handle.name()?,
                runtime_id: found.handle.id().filter(|_| state.is_active()),
                state,
                reason,
                persistent: !transient.contains(&uuid),
                autostart: None,
                managed_save: None,
                vcpus: None,
                memory_kib: None,
                max_memory_kib: None,
                definition: None,
                definition_error: None,
            },
            handle: found.handle,
        });
    }
    Ok(Listing { domains, truncated })
}

/// Autostart and managed save of all domains, in two round trips; `None` where the driver has no such lists.
///
/// # Errors
/// libvirt's own.
pub fn flags(connection: &Connection) -> Result<Option<Flags>> {
    let read = || {
        Ok(Flags {
            autostart: connection.uuids(Filter::AUTOSTART)?,
            managed_save: connection.uuids(Filter::MANAGED_SAVE)?,
        })
    };
    match read() {
        Err(error) if is_missing(&error) => Ok(None),
        flags => flags.map(Some),
    }
}

/// The error means that the driver or the protocol has no such list, not that something is wrong.
fn is_missing(error: &Error) -> bool {
    error.is_unsupported() || error.is_over_limit()
}

fn none_if_unsupported(error: Error) -> Result<HashSet<Uuid>> {
    if is_missing(&error) {
        Ok(HashSet::new())
    } else {
        Err(error)
    }
}

/// A domain and what was learned of its state.
struct Found {
    handle: ffi::Domain,
    state: Option<(DomainState, StateReason)>,
}

impl From<ffi::Record> for Found {
    fn from(record: ffi::Record) -> Self {
        Self {
            handle: record.domain,
            state: record.state,
        }
    }
}

/// For drivers without bulk statistics: a list, and the state of each.
fn one_by_one(connection: &Connection) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for handle in connection.list(Filter::ALL)? {
        match handle.state() {
            Ok(state) => found.push(Found {
                handle,
                state: Some(state),
            }),
            // Gone between the two calls.
            Err(error) if error.is_no_domain() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Halves that a list is cut into, one pair after the other, while it stays over the protocol's limit.
const HALVES: [[Filter; 2]; 3] = [
    [Filter::AUTOSTART, Filter::NO_AUTOSTART],
    [Filter::MANAGED_SAVE, Filter::NO_MANAGED_SAVE],
    [Filter::SNAPSHOT, Filter::NO_SNAPSHOT],
];

/// Active and inactive domains apart; the inactive ones in smaller parts while they are too many.
fn in_parts(connection: &Connection, whole: &Error) -> Result<(Vec<Found>, Option<String>)> {
    let mut truncated = false;
    let mut found: Vec<Found> = match connection.states(Filter::ACTIVE) {
        Err(error) if error.is_over_limit() => {
            truncated = true;
            Vec::new()
        }
        records => records?.into_iter().map(Found::from).collect(),
    };
    match connection.states(Filter::INACTIVE) {
        Err(error) if error.is_over_limit() => {
            let mut off = Vec::new();
            truncated |= !halved(connection, Filter::INACTIVE, &HALVES, &mut off)?;
            // The list says no more than that they are off.
            found.extend(off.into_iter().map(|handle| Found {
                handle,
                state: Some((DomainState::ShutOff, StateReason::default())),
            }));
        }
        records => found.extend(records?.into_iter().map(Found::from)),
    }
    Ok((found, truncated.then(|| whole.message.clone())))
}

/// Collects what `filter` leaves, by halves; `false` when some part stayed over the limit.
fn halved(
    connection: &Connection,
    filter: Filter,
    halves: &[[Filter; 2]],
    into: &mut Vec<ffi::Domain>,
) -> Result<bool> {
    let Some((pair, rest)) = halves.split_first() else {
        return Ok(false);
    };
    let mut whole = true;
    for half in pair {
        let filter = filter.and(*half);
        match connection.list(filter) {
            Ok(domains) => into.extend(domains),
            Err(error) if error.is_over_limit() => {
                whole &= halved(connection, filter, rest, into)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(whole)
}
