//! Doing something to a domain: looked up by UUID, checked again, and done; for the screen and for commands alike.

use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{Connection, Domain, Error};
use super::{agent, arranging, disk_jobs, hardware, snapshots, undefine};
use crate::create::clone::based;
use crate::model::{DomainState, Uuid};
use crate::protocol::{DomainVerb, XmlKind};

/// How often it is looked whether a guest has shut down.
const LOOK: Duration = Duration::from_millis(250);

/// What failed: the words for people, and libvirt's error.
pub type Failed = (String, Error);

/// virt-manager's word for a verb.
#[must_use]
pub fn label(verb: &DomainVerb) -> &'static str {
    match verb {
        DomainVerb::Start { .. } => "Start",
        DomainVerb::Shutdown { .. } => "Shut Down",
        DomainVerb::Reboot { .. } => "Reboot",
        DomainVerb::Reset => "Force Reset",
        DomainVerb::Destroy { .. } => "Force Off",
        DomainVerb::Suspend => "Pause",
        DomainVerb::Resume => "Resume",
        DomainVerb::ManagedSave { .. } => "Save",
        DomainVerb::ManagedSaveRemove => "Discard the saved state of",
        DomainVerb::SetAutostart(true) => "Autostart",
        DomainVerb::SetAutostart(false) => "Do not autostart",
        DomainVerb::Rename(_) => "Rename",
        DomainVerb::SetTitle(..) => "Set the title of",
        DomainVerb::SetDescription(..) => "Set the description of",
        DomainVerb::Describe(_) => "Describe",
        DomainVerb::SetMetadata { .. } => "Set metadata of",
        DomainVerb::InjectNmi => "Inject an NMI into",
        DomainVerb::SendKeys { .. } => "Press keys of",
        DomainVerb::CoreDump(_) => "Dump the memory of",
        DomainVerb::SetMemory { .. } => "Set the memory of",
        DomainVerb::SetMaxMemory { .. } => "Set the largest memory of",
        DomainVerb::SetVcpus { .. } => "Set the virtual CPUs of",
        DomainVerb::Pin { .. } => "Pin",
        DomainVerb::Tune { .. } | DomainVerb::Arrange(_) => "Tune",
        DomainVerb::Undefine(_) => "Delete",
        DomainVerb::SnapshotCreate(_) => "Take a snapshot of",
        DomainVerb::SnapshotRevert(_) => "Revert",
        DomainVerb::SnapshotDelete(_) => "Delete a snapshot of",
        DomainVerb::SnapshotEdit(_) => "Change a snapshot of",
        DomainVerb::CheckpointCreate(_) => "Take a checkpoint of",
        DomainVerb::CheckpointDelete(_) => "Delete a checkpoint of",
        DomainVerb::Backup(_) => "Back up",
        DomainVerb::Disk(verb) => disk_jobs::label(verb),
        DomainVerb::Hardware(verb) => hardware::label(verb),
        DomainVerb::Agent(verb) => agent::label(verb),
        DomainVerb::MendTexts => "Mend Title",
    }
}

/// Does `verb` to a domain of `connection`. What waits for a guest, waits: the caller is a thread of its own. `pausing` is
/// called when all that is left is to wait, so that others may have this one's place.
///
/// # Errors
/// What failed, and why in libvirt's words or ours.
pub fn perform(
    connection: &Connection,
    uuid: Uuid,
    verb: &DomainVerb,
    pausing: impl FnOnce(),
) -> Result<(), Failed> {
    let what = label(verb);
    let domain = connection
        .domain(uuid)
        .map_err(|error| (what.to_owned(), error))?;
    let named = format!("{what} '{}'", domain.name().unwrap_or_default());
    let fail = |error: Error| (named.clone(), error);
    let (state, _) = domain.state().map_err(fail)?;
    if let Some(reason) = illegal(verb, state) {
        return Err(fail(Error::own(reason)));
    }
    if matches!(verb, DomainVerb::Start { .. }) {
        refuse_base(&domain).map_err(fail)?;
    }
    match verb {
        DomainVerb::Shutdown {
            force_after: Some(after),
            ..
        } => {
            // A guest that cannot even be asked is forced off all the same, as was wished.
            let asked = domain.act(verb);
            pausing();
            force_after(&domain, *after, asked.err()).map_err(fail)
        }
        DomainVerb::Undefine(choice) => undefine::perform(&domain, choice, verb).map_err(fail),
        DomainVerb::SnapshotCreate(wanted) => snapshots::create(&domain, wanted).map_err(fail),
        DomainVerb::SnapshotRevert(wanted) => snapshots::revert(&domain, wanted).map_err(fail),
        DomainVerb::SnapshotDelete(wanted) => snapshots::delete(&domain, wanted).map_err(fail),
        DomainVerb::SnapshotEdit(wanted) => snapshots::edit(&domain, wanted).map_err(fail),
        DomainVerb::CheckpointCreate(wanted) => {
            snapshots::create_checkpoint(&domain, wanted).map_err(fail)
        }
        DomainVerb::CheckpointDelete(wanted) => {
            snapshots::delete_checkpoint(&domain, wanted).map_err(fail)
        }
        DomainVerb::Arrange(wanted) => arranging::perform(&domain, wanted, pausing)
            .map(drop)
            .map_err(fail),
        DomainVerb::Backup(wanted) => snapshots::backup(&domain, wanted, pausing).map_err(fail),
        DomainVerb::Disk(verb) => disk_jobs::perform(&domain, verb, pausing).map_err(fail),
        DomainVerb::Hardware(verb) => hardware::perform(&domain, verb, pausing).map_err(fail),
        DomainVerb::SetVcpus {
            maximum: false,
            guest: false,
            ..
        } => hardware::set_vcpus(&domain, verb).map_err(fail),
        DomainVerb::Agent(verb) => agent::perform(&domain, verb, pausing).map_err(fail),
        _ => domain.act(verb).map_err(fail),
    }
}

/// Refuses the start of a domain whose disks others are based on: what it wrote would destroy them.
fn refuse_base(domain: &Domain) -> Result<(), Error> {
    // A definition that cannot be read is the business of libvirt, which says so.
    let Ok(xml) = domain.xml(XmlKind::Inactive) else {
        return Ok(());
    };
    let disks = based(&xml);
    if disks.is_empty() {
        return Ok(());
    }
    let name = domain.name().unwrap_or_default();
    Err(Error::own(format!(
        "its disks ({}) are the base of linked clones, which a start would destroy; start a clone of it, or free it when no clone \
         is left (virtty clone {} --free)",
        disks.join(", "),
        crate::text::shell_quote(&name)
    )))
}

/// Waits until a domain is off, and forces it off when it is not in time.
fn force_after(domain: &Domain, after: Duration, refused: Option<Error>) -> Result<(), Error> {
    let until = Instant::now() + after;
    loop {
        match domain.state() {
            Ok((state, _)) if !state.is_active() => return Ok(()),
            // A transient domain is gone when it is off.
            Err(error) if error.is_no_domain() => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        thread::sleep(left.min(LOOK));
    }
    match domain.act(&DomainVerb::DESTROY) {
        Err(error) if error.is_no_domain() => Ok(()),
        Err(error) => {
            // It may have gone by itself in this very moment.
            let off = domain.state().is_ok_and(|(state, _)| !state.is_active());
            if off {
                return Ok(());
            }
            Err(match refused {
                Some(refused) => Error::own(format!("{error}; asking it: {refused}")),
                None => error,
            })
        }
        Ok(()) => Ok(()),
    }
}

/// Why a verb makes no sense in a state; `None` where it does.
#[must_use]
pub fn illegal(verb: &DomainVerb, state: DomainState) -> Option<&'static str> {
    let active = state.is_active();
    match verb {
        DomainVerb::Start { .. } if active => Some("the domain is already running"),
        DomainVerb::Rename(_) if active => {
            Some("the domain is running: only one that is off can be renamed")
        }
        DomainVerb::Resume if state == DomainState::Running => {
            Some("the domain is already running")
        }
        DomainVerb::Suspend if state == DomainState::Paused => Some("the domain is already paused"),
        DomainVerb::Shutdown { .. }
        | DomainVerb::Reboot { .. }
        | DomainVerb::Reset
        | DomainVerb::Destroy { .. }
        | DomainVerb::Suspend
        | DomainVerb::Resume
        | DomainVerb::ManagedSave { .. }
        | DomainVerb::InjectNmi
        | DomainVerb::SendKeys { .. }
        | DomainVerb::CoreDump(_)
        | DomainVerb::Agent(_)
            if !active =>
        {
            Some("the domain is not running")
        }
        _ => None,
    }
}
