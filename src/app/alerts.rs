//! Calling for attention: what happened that somebody should look at now, told once, by bell, flash and command.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Local, Timelike as _};

use super::{Effect, Level, State, event_words};
use crate::config::{ALERT_WORDS, Alerts as Rules};
use crate::model::{ConnectionId, DomainEvent, DomainId, EventKind};
use crate::protocol::PoolFill;
use crate::text::visible;

/// The same alert of the same thing is not told again before.
const AGAIN: Duration = Duration::from_secs(5);
/// Alerts of one moment that call for attention; in a storm the others are in the messages alone.
const MOST_AT_ONCE: usize = 5;
/// How long a moment is.
const MOMENT: Duration = Duration::from_secs(10);
/// How long the header flashes.
const FLASH: Duration = Duration::from_millis(1500);
/// A pool has to fall so many points below the threshold before it is told again.
const BAND: f64 = 2.0;

/// What an alert is for, by the word of its setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlertKind {
    /// A domain crashed or its hypervisor died.
    Crash,
    /// A domain was paused by an I/O error.
    IoError,
    /// A watchdog fired.
    Watchdog,
    /// A pool is nearly full.
    Pool,
    /// A domain's CPUs are busy for long.
    Cpu,
    /// A guest's memory is used up for long.
    Memory,
    /// A connection was lost.
    ConnectionLost,
}

impl AlertKind {
    /// Its word in the settings and for the command.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::IoError => "io-error",
            Self::Watchdog => "watchdog",
            Self::Pool => "pool",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::ConnectionLost => "connection-lost",
        }
    }
}

/// What is watched for, and what was told.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// The settings.
    pub rules: Rules,
    /// Figures above their threshold: since when, and whether that was told.
    above: HashMap<(DomainId, AlertKind), (Instant, bool)>,
    /// Pools above the threshold.
    full: BTreeMap<(ConnectionId, String), ()>,
    /// When something was last told of whom.
    told: HashMap<(AlertKind, Subject), Instant>,
    /// When the present moment began, and how many alerts it had.
    moment: Option<(Instant, usize)>,
    /// Until when the header flashes.
    flashing: Option<Instant>,
}

/// Whom an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Domain(DomainId),
    Host(ConnectionId),
    Pool(ConnectionId, String),
}

impl Subject {
    fn host(&self) -> ConnectionId {
        match self {
            Self::Domain(id) => id.connection,
            Self::Host(id) | Self::Pool(id, _) => *id,
        }
    }
}

impl Alerts {
    /// Until when the header flashes.
    #[must_use]
    pub fn flashing(&self, now: Instant) -> Option<Instant> {
        self.flashing.filter(|until| *until > now)
    }

    /// Forgets what was measured of a host: no time goes on while it is away.
    pub(super) fn interrupt(&mut self, host: ConnectionId) {
        self.above.retain(|(id, _), _| id.connection != host);
    }

    /// Forgets domains that are no more.
    pub(super) fn gone(&mut self, domain: DomainId) {
        self.above.retain(|(id, _), _| *id != domain);
    }
}

/// Which alert an event is for.
fn of(kind: &EventKind) -> Option<AlertKind> {
    /// `VIR_DOMAIN_EVENT_SUSPENDED` and its siblings.
    const SUSPENDED: i32 = 3;
    const STOPPED: i32 = 5;
    const CRASHED: i32 = 8;
    match kind {
        // Stopped because it crashed (2), or because its hypervisor failed (5).
        EventKind::Lifecycle { event, detail } => match (*event, *detail) {
            (CRASHED, _) | (STOPPED, 2 | 5) => Some(AlertKind::Crash),
            (SUSPENDED, 2) => Some(AlertKind::IoError),
            (SUSPENDED, 3) => Some(AlertKind::Watchdog),
            _ => None,
        },
        // `VIR_DOMAIN_EVENT_IO_ERROR_PAUSE`
        EventKind::IoError { action: 1, .. } => Some(AlertKind::IoError),
        EventKind::Watchdog(_) => Some(AlertKind::Watchdog),
        _ => None,
    }
}

/// Looks at an event.
pub(super) fn event(
    state: &mut State,
    host: ConnectionId,
    event: &DomainEvent,
    effects: &mut Vec<Effect>,
) {
    let Some(kind) = of(&event.kind) else { return };
    let rules = &state.alerts.rules;
    let wanted = match kind {
        AlertKind::Crash => rules.crash,
        AlertKind::IoError => rules.io_error,
        _ => rules.watchdog,
    };
    if wanted {
        let id = DomainId {
            connection: host,
            uuid: event.uuid,
        };
        let text = format!("{}: {}", event.name, event_words(&event.kind));
        raise(
            state,
            kind,
            Subject::Domain(id),
            &event.name,
            &text,
            effects,
        );
    }
}

/// Looks at the figures of a domain that were just read.
pub(super) fn figures(state: &mut State, id: DomainId, effects: &mut Vec<Effect>) {
    let rules = &state.alerts.rules;
    let (cpu, memory) = (rules.cpu_above, rules.memory_above);
    if cpu.is_none() && memory.is_none() {
        return;
    }
    let Some(guest) = state.guests.get(&id) else {
        return;
    };
    let active = guest.domain.state.is_active();
    let name = guest.domain.name.clone();
    let read = [
        (AlertKind::Cpu, cpu, guest.cpu_percent()),
        (AlertKind::Memory, memory, guest.memory_percent()),
    ];
    for (kind, limit, percent) in read {
        let Some(limit) = limit else { continue };
        let key = (id, kind);
        let over = match percent {
            // A figure that is not known now says nothing about the time before.
            None if active => continue,
            None => None,
            Some(percent) => (percent > f64::from(limit)).then_some(percent),
        };
        let Some(percent) = over else {
            state.alerts.above.remove(&key);
            continue;
        };
        let now = state.now.instant;
        let long = Duration::from_secs(60 * u64::from(state.alerts.rules.minutes));
        let (since, told) = state.alerts.above.entry(key).or_insert((now, false));
        if *told || now.saturating_duration_since(*since) < long {
            continue;
        }
        *told = true;
        let what = if kind == AlertKind::Cpu {
            "CPU"
        } else {
            "memory"
        };
        let minutes = state.alerts.rules.minutes;
        let text = format!("{name}: {what} at {percent:.0} %, above {limit} % for {minutes} min");
        raise(state, kind, Subject::Domain(id), &name, &text, effects);
    }
}

/// Looks at the storage pools of a host.
pub(super) fn pools(
    state: &mut State,
    host: ConnectionId,
    pools: &[PoolFill],
    effects: &mut Vec<Effect>,
) {
    let Some(limit) = state.alerts.rules.pool_above else {
        return;
    };
    for pool in pools {
        let Some(percent) = pool.percent() else {
            continue;
        };
        let key = (host, pool.name.clone());
        if percent <= f64::from(limit) {
            if percent < f64::from(limit) - BAND {
                state.alerts.full.remove(&key);
            }
        } else if state.alerts.full.insert(key, ()).is_none() {
            let text = format!(
                "storage pool {}: {percent:.0} % full, above {limit} %",
                pool.name
            );
            let subject = Subject::Pool(host, pool.name.clone());
            raise(state, AlertKind::Pool, subject, &pool.name, &text, effects);
        }
    }
}

/// A connection was lost. What is said of it stands in the messages already.
pub(super) fn lost(state: &mut State, host: ConnectionId, effects: &mut Vec<Effect>) {
    state.alerts.interrupt(host);
    if state.alerts.rules.connection_lost {
        let kind = AlertKind::ConnectionLost;
        let label = state
            .connection(host)
            .map(|c| c.label.clone())
            .unwrap_or_default();
        let text = format!("connection to {label} lost");
        call(state, kind, &Subject::Host(host), &label, &text, effects);
    }
}

/// Says it and calls for attention, unless it was just said.
fn raise(
    state: &mut State,
    kind: AlertKind,
    subject: Subject,
    name: &str,
    text: &str,
    effects: &mut Vec<Effect>,
) {
    let now = state.now.instant;
    let told = &mut state.alerts.told;
    told.retain(|_, at| now.saturating_duration_since(*at) < AGAIN);
    if told.insert((kind, subject.clone()), now).is_some() {
        return;
    }
    let several = state.connections.len() > 1;
    let host = state
        .connection(subject.host())
        .map(|c| c.label.clone())
        .unwrap_or_default();
    let said = if several {
        format!("{text} (on {host})")
    } else {
        text.to_owned()
    };
    state.say(Level::Failed, visible(&said).into_owned());
    call(state, kind, &subject, name, text, effects);
}

/// Bell, flash and command, outside of the quiet hours and not without an end.
fn call(
    state: &mut State,
    kind: AlertKind,
    subject: &Subject,
    name: &str,
    text: &str,
    effects: &mut Vec<Effect>,
) {
    let now = state.now;
    if state
        .alerts
        .rules
        .quiet
        .is_some_and(|quiet| quiet.contains(minute_of_day(now.wall)))
    {
        return;
    }
    let fresh = (now.instant, 0);
    let (since, count) = state.alerts.moment.unwrap_or(fresh);
    let (since, count) = if now.instant.saturating_duration_since(since) < MOMENT {
        (since, count)
    } else {
        fresh
    };
    state.alerts.moment = Some((since, count + 1));
    if count >= MOST_AT_ONCE {
        return;
    }
    if state.alerts.rules.flash {
        state.alerts.flashing = Some(now.instant + FLASH);
    }
    let connection = state.connection(subject.host());
    let host = connection.map(|c| c.label.as_str()).unwrap_or_default();
    let uri = connection.map(super::Connection::uri).unwrap_or_default();
    let uuid = match subject {
        Subject::Domain(id) => id.uuid.to_string(),
        Subject::Host(_) | Subject::Pool(..) => String::new(),
    };
    let values = [text, kind.word(), name, &uuid, host, uri];
    let command: Vec<String> = state
        .alerts
        .rules
        .command
        .iter()
        .map(|word| filled(word, &values))
        .collect();
    let bell = state.alerts.rules.bell;
    if bell || !command.is_empty() {
        effects.push(Effect::Alert { bell, command });
    }
}

/// A word of the command with what happened in the places of [`ALERT_WORDS`]. What is put in is not looked at again, and
/// holds nothing that a terminal could act on.
fn filled(word: &str, values: &[&str; ALERT_WORDS.len()]) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let end = behind
            .find(|c: char| !c.is_ascii_uppercase())
            .unwrap_or(behind.len());
        match ALERT_WORDS
            .iter()
            .position(|known| *known == &behind[..end])
        {
            Some(which) => out.push_str(&visible(values[which])),
            None => {
                out.push('$');
                out.push_str(&behind[..end]);
            }
        }
        rest = &behind[end..];
    }
    out.push_str(rest);
    out
}

/// The minute of the day on the clock of who looks.
fn minute_of_day(time: SystemTime) -> u16 {
    let local: DateTime<Local> = time.into();
    u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_once_and_visibly() {
        let values = ["t $NAME\u{1b}", "crash", "web 1", "u", "h", "q:///"];
        assert_eq!(filled("$NAME: $TEXT$", &values), "web 1: t $NAME\\x1b$");
        assert_eq!(filled("a$KIND-$URI", &values), "acrash-q:///");
        assert_eq!(filled("$5 $nothing", &values), "$5 $nothing");
    }
}
