//! Events in words, those of `virsh event`.

use super::Tone;
use crate::model::EventKind;

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
        EventKind::Other(name) => (*name).to_owned(),
    }
}

/// What an event means to whoever watches over the domain.
#[must_use]
pub fn event_tone(kind: &EventKind) -> Tone {
    /// `VIR_DOMAIN_EVENT_STARTED` and its siblings.
    const STARTED: i32 = 2;
    const SUSPENDED: i32 = 3;
    const RESUMED: i32 = 4;
    const STOPPED: i32 = 5;
    const CRASHED: i32 = 8;
    match kind {
        EventKind::Lifecycle { event, detail } => match (*event, *detail) {
            (CRASHED, _) | (STOPPED, 2 | 5) | (SUSPENDED, 2 | 3 | 6 | 8) | (RESUMED, 4) => {
                Tone::Bad
            }
            (STARTED | RESUMED, _) => Tone::Good,
            (SUSPENDED | STOPPED, _) => Tone::Warn,
            _ => Tone::Normal,
        },
        EventKind::IoError { .. } | EventKind::Watchdog(_) => Tone::Bad,
        EventKind::BlockJob { status: 1, .. } => Tone::Bad,
        EventKind::Graphics { .. } | EventKind::AgentLifecycle { .. } => Tone::Info,
        _ => Tone::Normal,
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
    fn tones_tell_what_wants_looking_at() {
        let lifecycle = |event, detail| event_tone(&EventKind::Lifecycle { event, detail });
        assert_eq!(lifecycle(2, 0), Tone::Good);
        assert_eq!(lifecycle(3, 0), Tone::Warn);
        // Suspended by an I/O error, stopped by a crash, panicked.
        for (event, detail) in [(3, 2), (5, 2), (8, 0)] {
            assert_eq!(lifecycle(event, detail), Tone::Bad);
        }
        assert_eq!(lifecycle(99, 0), Tone::Normal);
        assert_eq!(event_tone(&EventKind::Watchdog(2)), Tone::Bad);
    }
}
