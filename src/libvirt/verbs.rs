//! Doing something to a domain: looked up by UUID, checked again, and done; for the screen and for commands alike.

use std::thread;
use std::time::{Duration, Instant};

use super::ffi::{Connection, Domain, Error};
use super::volumes;
use crate::model::{DomainState, Uuid};
use crate::protocol::{DomainVerb, Undefine};

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
        DomainVerb::SetTags(_) => "Set the tags of",
        DomainVerb::SetNotes(_) => "Set the notes of",
        DomainVerb::InjectNmi => "Inject an NMI into",
        DomainVerb::CoreDump(_) => "Dump the memory of",
        DomainVerb::SetMemory { .. } => "Set the memory of",
        DomainVerb::SetMaxMemory { .. } => "Set the largest memory of",
        DomainVerb::SetVcpus { .. } => "Set the virtual CPUs of",
        DomainVerb::Undefine(_) => "Delete",
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
        DomainVerb::Undefine(choice) => undefine(&domain, choice, verb).map_err(fail),
        _ => domain.act(verb).map_err(fail),
    }
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

/// Deletes the definition and then the chosen volumes; all of them are looked at before anything is deleted.
fn undefine(domain: &Domain, choice: &Undefine, verb: &DomainVerb) -> Result<(), Error> {
    let doomed = volumes::chosen(domain, &choice.volumes)?;
    domain.act(verb)?;
    let mut failed = Vec::new();
    for volume in doomed {
        if let Err(error) = volume.delete() {
            failed.push(format!("{}: {error}", volume.path()));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::own(format!(
        "the definition is deleted, but not every volume: {}",
        failed.join("; ")
    )))
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
        | DomainVerb::CoreDump(_)
            if !active =>
        {
            Some("the domain is not running")
        }
        _ => None,
    }
}
