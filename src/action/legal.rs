//! Which actions libvirt would accept for a domain in its present state.

use super::Action;
use crate::model::{Domain, DomainState};
use crate::protocol::{AgentVerb, DiskVerb, DomainVerb, GuestTime};

/// The verb that an action sends to libvirt; `None` for what concerns only the screen.
#[must_use]
pub fn verb(action: Action) -> Option<DomainVerb> {
    Some(match action {
        Action::Start => DomainVerb::START,
        Action::ShutDown => DomainVerb::SHUTDOWN,
        Action::Reboot => DomainVerb::REBOOT,
        Action::Pause => DomainVerb::Suspend,
        Action::Resume => DomainVerb::Resume,
        Action::ForceReset => DomainVerb::Reset,
        Action::ForceOff => DomainVerb::DESTROY,
        Action::MendTexts => DomainVerb::MendTexts,
        Action::Save => DomainVerb::MANAGED_SAVE,
        Action::DiscardSaved => DomainVerb::ManagedSaveRemove,
        Action::InjectNmi => DomainVerb::InjectNmi,
        Action::CancelJob => DomainVerb::Disk(DiskVerb::AbortJob),
        Action::FreezeGuest => DomainVerb::Agent(AgentVerb::Freeze(Vec::new())),
        Action::ThawGuest => DomainVerb::Agent(AgentVerb::Thaw(Vec::new())),
        Action::TrimGuest => DomainVerb::Agent(AgentVerb::Trim {
            mountpoint: None,
            minimum_bytes: 0,
        }),
        Action::SyncTime => DomainVerb::Agent(AgentVerb::SetTime(GuestTime::Now)),
        _ => return None,
    })
}

/// Whether an action needs more than its name: then the line of its words is opened, to be filled in.
#[must_use]
pub fn needs_words(action: Action) -> bool {
    matches!(
        action,
        Action::Autostart
            | Action::Rename
            | Action::Describe
            | Action::CoreDump
            | Action::SetMemory
            | Action::SetMaxMemory
            | Action::SetVcpus
            | Action::SnapshotCreate
            | Action::SnapshotRevert
            | Action::SnapshotDelete
            | Action::SnapshotEdit
            | Action::CheckpointCreate
            | Action::CheckpointDelete
            | Action::Backup
            | Action::SetShares
            | Action::SetCells
            | Action::SetWeight
            | Action::LimitDisk
            | Action::LimitInterface
            | Action::PinVcpu
            | Action::PinEmulator
            | Action::PinIoThread
            | Action::AttachDisk
            | Action::DetachDisk
            | Action::ChangeMedia
            | Action::ResizeDisk
            | Action::CommitDisk
            | Action::PullDisk
            | Action::CopyDisk
            | Action::BlockJob
            | Action::AttachNic
            | Action::DetachNic
            | Action::AttachDevice
            | Action::UpdateDevice
            | Action::RemoveHardware
            | Action::SetLink
            | Action::GuestCpus
            | Action::LimitMemory
            | Action::Delete
    )
}

/// Why `action` makes no sense for a domain in this state; `None` when it does.
///
/// The worker asks libvirt again: between this and the call the domain may have changed.
#[must_use]
pub fn illegal(action: Action, domain: &Domain) -> Option<&'static str> {
    use DomainState as S;
    let state = domain.state;
    let wrong = match action {
        Action::Start => match state {
            S::Crashed if domain.runtime_id.is_some() => {
                "it crashed and is kept as it was: Force Off comes first"
            }
            S::ShutOff | S::Crashed | S::NoState | S::Other(_) => return None,
            S::Paused => "it is paused: resume it",
            S::PmSuspended => "it is suspended by its guest",
            S::ShuttingDown => "it is still shutting down",
            S::Running | S::Blocked => "it is running already",
        },
        Action::ShutDown | Action::ShutDownWith | Action::Reboot => match state {
            S::Running | S::Blocked | S::ShuttingDown | S::NoState | S::Other(_) => return None,
            S::Paused => "its guest is paused and cannot answer: resume it first, or use Force Off",
            S::PmSuspended => "its guest is suspended and cannot answer",
            S::ShutOff | S::Crashed => "it is not running",
        },
        Action::Pause => match state {
            S::Running | S::Blocked | S::ShuttingDown | S::NoState | S::Other(_) => return None,
            S::Paused => "it is paused already",
            S::PmSuspended => "it is suspended by its guest",
            S::ShutOff | S::Crashed => "it is not running",
        },
        Action::Resume => match state {
            S::Paused | S::NoState | S::Other(_) => return None,
            S::PmSuspended => "its guest suspended itself: it must be woken up, not resumed",
            S::Running | S::Blocked | S::ShuttingDown => "it is not paused",
            S::ShutOff | S::Crashed => "it is not running",
        },
        Action::ForceReset => match state {
            S::ShutOff | S::Crashed => "it is not running",
            _ => return None,
        },
        Action::ForceOff => match state {
            S::ShutOff => "it is off already",
            // A crashed domain may be kept by its on_crash setting with its process alive.
            S::Crashed if domain.runtime_id.is_none() => "it is not running",
            _ => return None,
        },
        Action::Save
        | Action::CheckpointCreate
        | Action::Backup
        | Action::InjectNmi
        | Action::CoreDump
        | Action::ResizeDisk
        | Action::CommitDisk
        | Action::PullDisk
        | Action::CopyDisk
        | Action::BlockJob
        | Action::PivotJob
        | Action::GuestCpus
        | Action::FreezeGuest
        | Action::ThawGuest
        | Action::TrimGuest
        | Action::SyncTime
        | Action::SetPassword
        | Action::AddKey
        | Action::RemoveKey
        | Action::RunInGuest
        | Action::CancelJob => match state {
            S::ShutOff | S::Crashed => "it is not running",
            _ => return None,
        },
        Action::DiscardSaved => match domain.managed_save {
            Some(false) => "it has no saved state",
            _ => return None,
        },
        Action::Clone => match state {
            S::ShutOff | S::NoState | S::Other(_) => return None,
            S::Crashed if domain.runtime_id.is_none() => return None,
            _ => "its disks change while it runs: shut it down first",
        },
        Action::Rename => match state {
            S::ShutOff | S::Crashed | S::NoState | S::Other(_) => return None,
            _ => "it is running: only a domain that is off can be renamed",
        },
        Action::MendTexts => {
            let broken = domain
                .definition
                .as_ref()
                .is_some_and(|definition| definition.breaks_at_restart);
            if broken {
                return None;
            }
            "its title and description are sound"
        }
        _ => return None,
    };
    Some(wrong)
}
