//! What a run has made, and how it is undone when the run fails: exactly that, and nothing that was there before.

use std::thread;
use std::time::Duration;

use super::ffi::{Connection, Result};
use crate::model::{StoredKind, Uuid};
use crate::protocol::{DomainVerb, Failure, NvramChoice, Undefine};

/// How often a daemon that went away in the middle is tried again to clean up after a failure.
const ATTEMPTS: u32 = 15;

/// How often a volume that its host still fills is tried to be deleted.
const PATIENCE: u32 = 600;

/// Something that a run has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A volume.
    Volume {
        /// Its pool.
        pool: String,
        /// Its name.
        name: String,
    },
    /// A domain.
    Domain(Uuid),
    /// A pool without a definition.
    Pool(String),
    /// Another definition of a domain than this one.
    Redefined {
        /// Its name.
        name: String,
        /// What it was.
        xml: String,
    },
}

/// Makes one thing and notes it. A call whose connection breaks may have come to pass all the same, so it is noted too: what was
/// not there before can only be this run's.
///
/// # Errors
/// Those of making.
pub fn noted<T>(
    connection: &Connection,
    thing: Made,
    made: &mut Vec<Made>,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let result = make();
    let may_be = match &result {
        Ok(_) => true,
        Err(error) => error.is_of_transport() || !connection.is_alive(),
    };
    if may_be {
        made.push(thing);
    }
    result
}

/// The failure of a run with what became of all that it had made: deleted again, over a new connection (`again`) when the old
/// one is dead.
pub fn undone(
    connection: &Connection,
    again: &dyn Fn() -> std::result::Result<Connection, Failure>,
    mut failure: Failure,
    made: Vec<Made>,
    step: &mut dyn FnMut(&str) -> bool,
) -> Failure {
    if made.is_empty() {
        return failure;
    }
    step("undo what was made");
    let left = undo(connection, again, made);
    if left.is_empty() {
        failure
            .reason
            .push_str("; all that was made is deleted again");
    } else {
        let left = left.join(", ");
        failure
            .reason
            .push_str(&format!("; these could not be deleted again: {left}"));
    }
    failure
}

/// Deletes what was made, the last first; says what is left.
fn undo(
    connection: &Connection,
    again: &dyn Fn() -> std::result::Result<Connection, Failure>,
    mut made: Vec<Made>,
) -> Vec<String> {
    made.reverse();
    made.retain(|made| !delete(connection, made));
    // A daemon that was killed comes back, and its connection does not.
    for _ in 0..ATTEMPTS {
        if made.is_empty() || connection.is_alive() {
            break;
        }
        thread::sleep(Duration::from_secs(1));
        if let Ok(connection) = again() {
            // A volume that was being made when the daemon died is found when its pool is looked at.
            let _ = connection.refresh_pools();
            made.retain(|made| !delete(&connection, made));
            break;
        }
    }
    made.iter()
        .map(|made| match made {
            Made::Volume { pool, name } => format!("the volume '{name}' of the pool '{pool}'"),
            Made::Domain(uuid) => format!("the domain {uuid}"),
            Made::Pool(name) => format!("the pool '{name}'"),
            Made::Redefined { name, .. } => format!("the definition of '{name}'"),
        })
        .collect()
}

/// Deletes one thing; whether it is gone.
fn delete(connection: &Connection, made: &Made) -> bool {
    match made {
        Made::Volume { pool, name } => delete_volume(connection, pool, name),
        Made::Pool(name) => match connection.stop_pool(name) {
            Ok(()) => true,
            Err(error) => error.is_no_storage(),
        },
        Made::Redefined { xml, .. } => connection.define(StoredKind::Domain, xml, false).is_ok(),
        Made::Domain(uuid) => {
            let domain = match connection.domain(*uuid) {
                Ok(domain) => domain,
                Err(error) => return error.is_no_domain(),
            };
            if domain.state().is_ok_and(|(state, _)| state.is_active()) {
                let _ = domain.act(&DomainVerb::Destroy { graceful: false });
            }
            let undefine = DomainVerb::Undefine(Undefine {
                nvram: NvramChoice::Delete,
                ..Undefine::default()
            });
            match domain.act(&undefine) {
                Ok(()) => true,
                Err(error) => error.is_no_domain(),
            }
        }
    }
}

fn delete_volume(connection: &Connection, pool: &str, name: &str) -> bool {
    for _ in 0..PATIENCE {
        match connection.volume_of_pool(pool, name) {
            Ok(volume) => match volume.delete() {
                Ok(()) => return true,
                // The host copies to the end whatever happens to the one who asked.
                Err(error) if error.is_being_built() => thread::sleep(Duration::from_secs(1)),
                Err(_) => return false,
            },
            Err(error) => return !error.is_of_transport() && connection.is_alive(),
        }
    }
    false
}
