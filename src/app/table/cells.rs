//! What stands in the cells of each column.

use super::fitted::{address_within, displays_within};
use super::{Cell, Column, Scene, Tone};
use crate::app::{Guest, event_tone, event_words};
use crate::model::DomainState;
use crate::text;

impl Column {
    /// What stands in its cell.
    #[must_use]
    pub fn cell(self, guest: &Guest, scene: &Scene<'_>, width: usize) -> Cell {
        let domain = &guest.domain;
        match self {
            Self::State => state_cell(guest, scene, width),
            Self::Name => Cell::new(text::visible(&domain.name).into_owned(), Tone::Strong),
            Self::Host => scene.connection(domain.id).map_or_else(Cell::unknown, |c| {
                Cell::new(text::visible(&c.label).into_owned(), Tone::Dim)
            }),
            Self::Cpu => percent_cell(guest.cpu_percent(), guest),
            Self::HostCpu => {
                percent_cell(guest.host_cpu_percent(scene.connection(domain.id)), guest)
            }
            Self::Memory => memory_cell(guest),
            Self::Disk => rate_cell(guest.disk_bps(), guest),
            Self::Net => rate_cell(guest.net_bps(), guest),
            // Drawn by who knows the terminal's characters.
            Self::History => Cell::blank(),
            Self::Display => display_cell(guest, width),
            Self::Ip => match guest.address() {
                Some(entry) => Cell::new(address_within(entry.address, width), Tone::Normal),
                None if domain.state.is_active() => Cell::unknown(),
                None => Cell::blank(),
            },
            Self::Vcpus => domain
                .vcpus
                .map_or_else(Cell::unknown, |n| Cell::new(n.to_string(), Tone::Normal)),
            Self::Virt => guest.virt_type().map_or_else(Cell::unknown, |word| {
                Cell::new(text::visible(word).into_owned(), Tone::Dim)
            }),
            Self::Autostart => match domain.autostart {
                Some(true) => Cell::new("yes", Tone::Normal),
                Some(false) => Cell::new("no", Tone::Dim),
                None => Cell::unknown(),
            },
            Self::Persistence => match domain.persistent {
                true => Cell::new("persistent", Tone::Dim),
                false => Cell::new("transient", Tone::Info),
            },
            Self::Title => words_cell(guest.title(), Tone::Dim),
            Self::Tags => words_cell(guest.tags().as_deref(), Tone::Info),
            Self::Notes => words_cell(
                guest.notes().and_then(|notes| notes.lines().next()),
                Tone::Dim,
            ),
            Self::Uptime => match guest.uptime(scene.wall) {
                Some(age) => Cell::new(text::duration_short(age), Tone::Normal),
                None => absent(guest),
            },
            Self::Snapshots => match guest.snapshots {
                Some(0) => Cell::new("0", Tone::Dim),
                Some(number) => Cell::new(number.to_string(), Tone::Normal),
                None => Cell::unknown(),
            },
            Self::Steal => percent_cell(guest.steal_percent(), guest),
            Self::Wait => percent_cell(guest.wait_percent(), guest),
            Self::Latency => match guest.latency_ns() {
                Some(ns) => Cell::new(text::nanoseconds(ns), Tone::Normal),
                None => absent(guest),
            },
            Self::LastEvent => event_cell(guest, scene),
        }
    }
}

/// Marker, word, reason where it tells something, and the age of an action under way.
fn state_cell(guest: &Guest, scene: &Scene<'_>, width: usize) -> Cell {
    let domain = &guest.domain;
    let (mark, tone) = match domain.state {
        DomainState::Running | DomainState::Blocked => ("●", Tone::Good),
        DomainState::Paused => ("‖", Tone::Warn),
        DomainState::PmSuspended => ("☾", Tone::Info),
        DomainState::ShuttingDown => ("◐", Tone::Warn),
        DomainState::ShutOff if domain.managed_save == Some(true) => ("◌", Tone::Info),
        DomainState::ShutOff => ("○", Tone::Dim),
        DomainState::Crashed => ("✗", Tone::Bad),
        DomainState::NoState | DomainState::Other(_) => ("?", Tone::Dim),
    };
    if let Some((action, job)) = scene.jobs.action_on(domain.id) {
        let age = scene.now.saturating_duration_since(job.since).as_secs();
        let label = action.row().label;
        let word = domain.state.label(domain.managed_save == Some(true));
        let whole = format!("{mark} {word}: {label} {age}s");
        // The mark still tells the state where the words do not fit.
        let fits = text::width(&whole) <= width;
        let words = if fits {
            whole
        } else {
            format!("{mark} {label} {age}s")
        };
        return Cell::new(words, Tone::Info);
    }
    if let Some(age) = scene
        .connection(domain.id)
        .and_then(|c| c.lost_for(scene.now))
    {
        let word = domain.state.label(domain.managed_save == Some(true));
        let age = text::duration_short(age);
        return Cell::new(format!("{mark} {word}, {age} old"), Tone::Dim);
    }
    if let Some(silence) = guest.silence(scene.now) {
        return Cell::new(format!("! not responding ({silence})"), Tone::Bad);
    }
    let word = domain.state.label(domain.managed_save == Some(true));
    match guest.notable_reason() {
        Some(reason) => Cell::new(format!("{mark} {word} ({reason})"), tone.at_least_warn()),
        None => Cell::new(format!("{mark} {word}"), tone),
    }
}

impl Tone {
    /// A reason worth saying is worth seeing.
    fn at_least_warn(self) -> Self {
        match self {
            Self::Good | Self::Dim => Self::Warn,
            other => other,
        }
    }
}

fn percent_cell(value: Option<f64>, guest: &Guest) -> Cell {
    let Some(value) = value else {
        return absent(guest);
    };
    let tone = match value {
        v if v >= 90.0 => Tone::Bad,
        v if v >= 70.0 => Tone::Warn,
        v if v < 0.5 => Tone::Dim,
        _ => Tone::Normal,
    };
    Cell::new(text::percent(value), tone)
}

/// Untrusted words, or nothing.
fn words_cell(words: Option<&str>, tone: Tone) -> Cell {
    words.map_or_else(Cell::blank, |words| {
        Cell::new(text::visible(words).into_owned(), tone)
    })
}

/// How long ago, and what. Nothing happened since virtty looks where there is none.
fn event_cell(guest: &Guest, scene: &Scene<'_>) -> Cell {
    let Some(event) = guest.events.back() else {
        return Cell::blank();
    };
    let age = scene.wall.duration_since(event.time).unwrap_or_default();
    // Seconds would tick on every row.
    let age = match age.as_secs() {
        0..60 => "<1m".to_owned(),
        _ => text::duration_short(age),
    };
    let words = event_words(&event.kind);
    Cell::new(
        format!("{age} {}", text::visible(&words)),
        event_tone(&event.kind),
    )
}

fn rate_cell(value: Option<f64>, guest: &Guest) -> Cell {
    match value {
        Some(value) if value < 0.5 => Cell::new("0", Tone::Dim),
        Some(value) => Cell::new(text::rate(value), Tone::Normal),
        None => absent(guest),
    }
}

/// A dash for what a running domain should have, nothing for one that is off.
fn absent(guest: &Guest) -> Cell {
    if guest.domain.state.is_active() {
        Cell::unknown()
    } else {
        Cell::blank()
    }
}

/// Used and largest memory; `~` marks what the guest was given, where it does not say what it uses.
fn memory_cell(guest: &Guest) -> Cell {
    let size = |kib: u64| text::bytes(kib.saturating_mul(1024));
    let largest = guest.memory_max_kib();
    if !guest.domain.state.is_active() {
        return largest.map_or_else(Cell::blank, |kib| Cell::new(size(kib), Tone::Dim));
    }
    let Some(used) = guest.memory_used_kib() else {
        return largest.map_or_else(Cell::unknown, |kib| {
            Cell::new(format!("–/{}", size(kib)), Tone::Dim)
        });
    };
    let exact = guest.memory_is_used();
    let mark = if exact { "" } else { "~" };
    let words = match largest {
        Some(largest) => format!("{mark}{}/{}", size(used), size(largest)),
        None => format!("{mark}{}", size(used)),
    };
    let full = exact && largest.is_some_and(|largest| used as f64 >= largest as f64 * 0.9);
    let tone = match (full, exact) {
        (true, _) => Tone::Warn,
        (false, true) => Tone::Normal,
        (false, false) => Tone::Dim,
    };
    Cell::new(words, tone)
}

/// `vnc 127.0.0.1:5901`, several separated by commas; without addresses where both do not fit.
fn display_cell(guest: &Guest, width: usize) -> Cell {
    match displays_within(guest.endpoints(), width) {
        Some(words) => Cell::new(words, Tone::Normal),
        None if guest.domain.definition_error.is_some() => Cell::new("XML unreadable", Tone::Warn),
        None if guest.domain.definition.is_some() => Cell::blank(),
        None => absent(guest),
    }
}
