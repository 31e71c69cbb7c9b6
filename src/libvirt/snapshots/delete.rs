//! Deleting snapshots, by libvirt where it can and by block commits where it cannot.

use super::commit;
use super::facts;
use super::pictures;
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::protocol::{DomainSnapshots, DomainVerb, SnapshotDelete};
use crate::snapshots::{self as rules, Step, Way};

/// Deletes one, or several that hang together: the lowest first, each whole before the next.
///
/// # Errors
/// libvirt's own, or why it cannot and the way round.
pub fn delete(domain: &Domain, delete: &SnapshotDelete) -> Result<()> {
    let known = facts(domain)?;
    let done = perform(domain, &known, delete);
    pictures::follow(domain, &known.snapshots, None);
    done
}

fn perform(domain: &Domain, known: &DomainSnapshots, delete: &SnapshotDelete) -> Result<()> {
    let steps = rules::deletion(known, delete).map_err(Error::own)?;
    if steps.is_empty() {
        return domain.delete_snapshot(delete);
    }
    if known.active || steps.iter().all(|step| step.way == Way::Libvirt) {
        return all(domain, known, &steps);
    }
    // Only a running hypervisor commits. Its guest does not run a single instruction.
    if known.managed_save {
        return Err(Error::own(
            "it has a saved state, which goes with the files as they are: start it, or discard that state, before",
        ));
    }
    domain.act(&DomainVerb::Start {
        paused: true,
        bypass_cache: false,
        force_boot: false,
    })?;
    let done = all(domain, known, &steps);
    let off = domain.act(&DomainVerb::DESTROY);
    done.and(off)
}

fn all(domain: &Domain, known: &DomainSnapshots, steps: &[Step]) -> Result<()> {
    for (at, step) in steps.iter().enumerate() {
        one(domain, known, step).map_err(|error| {
            let done: Vec<_> = steps[..at].iter().map(|step| step.name.as_str()).collect();
            match done.as_slice() {
                [] => error,
                done => Error::own(format!(
                    "deleted: {}; then '{}' failed: {error}",
                    done.join(", "),
                    step.name
                )),
            }
        })?;
    }
    Ok(())
}

fn one(domain: &Domain, known: &DomainSnapshots, step: &Step) -> Result<()> {
    let delete = SnapshotDelete {
        name: step.name.clone(),
        ..SnapshotDelete::default()
    };
    let snapshot = rules::named(known, &step.name).map_err(Error::own)?;
    match step.way {
        Way::Libvirt => domain.delete_snapshot(&delete)?,
        Way::Commit => {
            commit::down(domain, snapshot)?;
            domain.delete_snapshot(&SnapshotDelete {
                metadata: true,
                ..delete
            })?;
            commit::follow(domain, known, snapshot);
        }
    }
    if let Some(file) = &snapshot.memory_file {
        commit::remove(domain, file);
    }
    Ok(())
}
