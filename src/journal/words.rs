//! Events in words, those of `virsh event`.

use super::Grade;
use crate::model::{EventKind, EventObject, ObjectChange};

/// Words of `virDomainEventType` with those of their details, each in the order of libvirt's numbers
/// (libvirt-domain.h).
const LIFECYCLE: [(&str, &[&str]); 9] = [
    ("Defined", &["added", "updated", "renamed", "from snapshot"]),
    ("Undefined", &["removed", "renamed"]),
    (
        "Started",
        &[
            "booted",
            "migrated",
            "restored",
            "from snapshot",
            "event wakeup",
        ],
    ),
    (
        "Suspended",
        &[
            "paused",
            "migrated",
            "I/O error",
            "watchdog",
            "restored",
            "from snapshot",
            "API error",
            "post-copy",
            "post-copy failed",
        ],
    ),
    (
        "Resumed",
        &[
            "unpaused",
            "migrated",
            "from snapshot",
            "post-copy",
            "post-copy failed",
        ],
    ),
    (
        "Stopped",
        &[
            "shut down",
            "destroyed",
            "crashed",
            "migrated",
            "saved",
            "failed",
            "from snapshot",
        ],
    ),
    (
        "Shut down",
        &["finished", "on guest request", "on host request"],
    ),
    ("Suspended by its guest", &["to memory", "to disk"]),
    ("Crashed", &["panicked", "crashloaded"]),
];

/// `virDomainEventWatchdogAction`.
const WATCHDOG: [&str; 7] = [
    "nothing done",
    "paused",
    "reset",
    "powered off",
    "shut down",
    "noted",
    "NMI injected",
];

/// `virDomainEventIOErrorAction`.
const IO_ERROR: [&str; 3] = ["nothing done", "paused", "reported to the guest"];

/// `virDomainEventGraphicsPhase`.
const GRAPHICS: [&str; 3] = [
    "Viewer connected",
    "Viewer logged in",
    "Viewer disconnected",
];

/// `virDomainBlockJobType`.
const BLOCK_JOB: [&str; 6] = [
    "unknown",
    "pull",
    "copy",
    "commit",
    "active commit",
    "backup",
];

/// `virConnectDomainEventBlockJobStatus`.
const BLOCK_JOB_STATUS: [&str; 4] = ["completed", "failed", "canceled", "ready"];

/// Words of the events that say little more than their name.
const OTHERS: [(&str, &str); 12] = [
    ("disk-change", "Medium changed"),
    ("tray-change", "Tray moved"),
    ("pm-wakeup", "Woken up"),
    ("pm-suspend", "Suspended by its guest to memory"),
    ("pm-suspend-disk", "Suspended by its guest to disk"),
    (
        "device-removal-failed",
        "Device not removed, the guest refused",
    ),
    ("block-threshold", "A disk's threshold was crossed"),
    ("memory-failure", "Memory failure"),
    ("control-error", "The hypervisor is not under control"),
    ("migration-iteration", "Migration goes round"),
    (
        "memory-device-size-change",
        "Memory device has another size",
    ),
    ("nic-mac-change", "Hardware address changed"),
];

/// What happened, in one line; names in it are untrusted.
#[must_use]
pub fn event_words(kind: &EventKind) -> String {
    match kind {
        EventKind::Lifecycle { event, detail } => {
            let Some((word, details)) = of(&LIFECYCLE, *event) else {
                return format!("Lifecycle event {event}");
            };
            match of(details, *detail) {
                Some(detail) => format!("{word} ({detail})"),
                None => (*word).to_owned(),
            }
        }
        EventKind::Reboot => "Rebooted".to_owned(),
        EventKind::RtcChange(offset) => format!("Clock set, offset {offset} s"),
        EventKind::Watchdog(action) => with("Watchdog fired", of(&WATCHDOG, *action)),
        EventKind::IoError {
            disk,
            action,
            reason,
        } => {
            let reason = if reason.is_empty() {
                String::new()
            } else {
                format!(" ({reason})")
            };
            let done = of(&IO_ERROR, *action).map_or_else(String::new, |done| format!(": {done}"));
            format!("I/O error on {disk}{reason}{done}")
        }
        EventKind::Graphics { phase, remote } => {
            let word = of(&GRAPHICS, *phase).copied().unwrap_or("Viewer");
            format!("{word}: {remote}")
        }
        EventKind::BalloonChange(kib) => {
            let size = crate::text::bytes(kib.saturating_mul(1024));
            format!("Memory is now {size}")
        }
        EventKind::DeviceAdded(alias) => format!("Device added: {alias}"),
        EventKind::DeviceRemoved(alias) => format!("Device removed: {alias}"),
        EventKind::AgentLifecycle { connected: true } => "Guest agent connected".to_owned(),
        EventKind::AgentLifecycle { connected: false } => "Guest agent disconnected".to_owned(),
        EventKind::MetadataChange => "Title, description or metadata changed".to_owned(),
        EventKind::Tunable => "Tuning changed".to_owned(),
        EventKind::BlockJob { disk, kind, status } => {
            let kind = of(&BLOCK_JOB, *kind).copied().unwrap_or("unknown");
            let words = format!("Block job ({kind}) on {disk}");
            match of(&BLOCK_JOB_STATUS, *status) {
                Some(status) => format!("{words}: {status}"),
                None => words,
            }
        }
        EventKind::JobCompleted => "Job completed".to_owned(),
        EventKind::Other(name, about) => {
            let words = OTHERS.iter().find(|(known, _)| known == name);
            let words = words.map_or(*name, |(_, words)| *words);
            if about.is_empty() {
                words.to_owned()
            } else {
                format!("{words}: {about}")
            }
        }
    }
}

/// virsh's name of an event of a domain.
#[must_use]
pub fn event_name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Lifecycle { .. } => "lifecycle",
        EventKind::Reboot => "reboot",
        EventKind::RtcChange(_) => "rtc-change",
        EventKind::Watchdog(_) => "watchdog",
        EventKind::IoError { .. } => "io-error",
        EventKind::Graphics { .. } => "graphics",
        EventKind::BalloonChange(_) => "balloon-change",
        EventKind::DeviceAdded(_) => "device-added",
        EventKind::DeviceRemoved(_) => "device-removed",
        EventKind::AgentLifecycle { .. } => "agent-lifecycle",
        EventKind::MetadataChange => "metadata-change",
        EventKind::Tunable => "tunable",
        EventKind::BlockJob { .. } => "block-job",
        EventKind::JobCompleted => "job-completed",
        EventKind::Other(name, _) => name,
    }
}

/// virsh's name of an event of another object.
#[must_use]
pub fn change_name(change: ObjectChange) -> &'static str {
    match change {
        ObjectChange::Lifecycle { .. } => "lifecycle",
        ObjectChange::Refreshed => "refresh",
        ObjectChange::Updated => "update",
        ObjectChange::ValueChanged => "value-changed",
    }
}

/// What happened to another object, in one line.
#[must_use]
pub fn change_words(object: EventObject, change: ObjectChange) -> String {
    let event = match change {
        ObjectChange::Lifecycle { event, .. } => event,
        ObjectChange::Refreshed => return "Refreshed".to_owned(),
        ObjectChange::Updated => return "Updated".to_owned(),
        ObjectChange::ValueChanged => return "Value changed".to_owned(),
    };
    // Words of virNetworkEventLifecycleType and its like, in the order of libvirt's numbers.
    let words: &[&str] = match object {
        EventObject::Pool => &[
            "Defined",
            "Undefined",
            "Started",
            "Stopped",
            "Created",
            "Deleted",
        ],
        EventObject::NodeDevice => &["Created", "Deleted", "Defined", "Undefined"],
        _ => &["Defined", "Undefined", "Started", "Stopped"],
    };
    match of(words, event) {
        Some(word) => (*word).to_owned(),
        None => format!("Lifecycle event {event}"),
    }
}

/// What an event means to whoever watches over the domain.
#[must_use]
pub fn event_grade(kind: &EventKind) -> Grade {
    /// `VIR_DOMAIN_EVENT_STARTED` and its siblings.
    const STARTED: i32 = 2;
    const SUSPENDED: i32 = 3;
    const RESUMED: i32 = 4;
    const STOPPED: i32 = 5;
    const CRASHED: i32 = 8;
    match kind {
        EventKind::Lifecycle { event, detail } => match (*event, *detail) {
            (CRASHED, _) | (STOPPED, 2 | 5) | (SUSPENDED, 2 | 3 | 6 | 8) | (RESUMED, 4) => {
                Grade::Bad
            }
            (STARTED | RESUMED, _) => Grade::Good,
            (SUSPENDED | STOPPED, _) => Grade::Warn,
            _ => Grade::Normal,
        },
        EventKind::IoError { .. }
        | EventKind::Watchdog(_)
        | EventKind::Other("memory-failure" | "control-error", _) => Grade::Bad,
        EventKind::Other("device-removal-failed" | "block-threshold", _) => Grade::Warn,
        EventKind::BlockJob { status: 1, .. } => Grade::Bad,
        EventKind::Graphics { .. } | EventKind::AgentLifecycle { .. } => Grade::Info,
        _ => Grade::Normal,
    }
}

fn of<T>(words: &[T], number: i32) -> Option<&T> {
    words.get(usize::try_from(number).ok()?)
}

fn with(word: &str, detail: Option<&&str>) -> String {
    match detail {
        Some(detail) => format!("{word}: {detail}"),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_libvirt_are_told_in_words() {
        for (kind, words) in [
            (
                EventKind::Lifecycle {
                    event: 5,
                    detail: 1,
                },
                "Stopped (destroyed)",
            ),
            (
                EventKind::Lifecycle {
                    event: 3,
                    detail: 2,
                },
                "Suspended (I/O error)",
            ),
            (
                EventKind::Lifecycle {
                    event: 2,
                    detail: 99,
                },
                "Started",
            ),
            (
                EventKind::Lifecycle {
                    event: -1,
                    detail: 0,
                },
                "Lifecycle event -1",
            ),
            (
                EventKind::IoError {
                    disk: "vda".to_owned(),
                    action: 1,
                    reason: "enospc".to_owned(),
                },
                "I/O error on vda (enospc): paused",
            ),
            (
                EventKind::Graphics {
                    phase: 2,
                    remote: "127.0.0.1:40000".to_owned(),
                },
                "Viewer disconnected: 127.0.0.1:40000",
            ),
        ] {
            assert_eq!(event_words(&kind), words);
        }
    }

    #[test]
    fn the_other_events_say_what_they_are_about() {
        let other = |name, about: &str| event_words(&EventKind::Other(name, about.to_owned()));
        assert_eq!(other("disk-change", "ide0-1-0"), "Medium changed: ide0-1-0");
        assert_eq!(other("pm-wakeup", ""), "Woken up");
        assert_eq!(other("unheard-of", ""), "unheard-of");
    }

    #[test]
    fn grades_tell_what_wants_looking_at() {
        let lifecycle = |event, detail| event_grade(&EventKind::Lifecycle { event, detail });
        assert_eq!(lifecycle(2, 0), Grade::Good);
        assert_eq!(lifecycle(3, 0), Grade::Warn);
        // Suspended by an I/O error, stopped by a crash, panicked.
        for (event, detail) in [(3, 2), (5, 2), (8, 0)] {
            assert_eq!(lifecycle(event, detail), Grade::Bad);
        }
        assert_eq!(lifecycle(99, 0), Grade::Normal);
        assert_eq!(event_grade(&EventKind::Watchdog(2)), Grade::Bad);
    }
}
