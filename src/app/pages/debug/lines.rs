//! What stands on the page.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Debug;
use crate::app::{Cell, Connection, State, Tone};
use crate::model::ConnectionState;
use crate::text;

/// One line of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum DebugLine {
    /// A word and what there is to say.
    Fact(&'static str, String, Tone),
    /// Nothing.
    Blank,
    /// The headings of the calls.
    Headings,
    /// One call.
    Call(CallRow),
    /// The calls of one kind of connection, or of all, together.
    Sum(CallRow),
}

/// The round trips of one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallRow {
    /// Kind of connection.
    pub kind: &'static str,
    /// libvirt's name of the call.
    pub call: &'static str,
    /// How many.
    pub count: u64,
    /// How many in one refresh; `None` while that cannot be told.
    pub per_refresh: Option<f64>,
    /// Time that all took together.
    pub total: Duration,
}

impl CallRow {
    /// Time that one took, in seconds.
    fn mean(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
        let count = self.count.max(1) as f64;
        self.total.as_secs_f64() / count
    }

    fn plus(&self, other: &Self) -> Self {
        Self {
            count: self.count + other.count,
            per_refresh: match (self.per_refresh, other.per_refresh) {
                (Some(one), Some(two)) => Some(one + two),
                _ => None,
            },
            total: self.total + other.total,
            ..*self
        }
    }
}

/// A column of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CallColumn {
    /// Kind of connection.
    Kind,
    /// libvirt's name of the call.
    Call,
    /// How many.
    Count,
    /// How many in one refresh.
    PerRefresh,
    /// Time that one took.
    Mean,
    /// Time that all took together.
    #[default]
    Total,
}

impl CallColumn {
    /// All of them, from left to right.
    pub const ALL: [Self; 6] = [
        Self::Kind,
        Self::Call,
        Self::Count,
        Self::PerRefresh,
        Self::Mean,
        Self::Total,
    ];

    /// Its heading.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Kind => "Kind",
            Self::Call => "Call",
            Self::Count => "Count",
            Self::PerRefresh => "/refresh",
            Self::Mean => "Mean",
            Self::Total => "Total",
        }
    }

    /// Its least and its largest width in terminal columns.
    #[must_use]
    pub fn width(self) -> (u16, u16) {
        match self {
            Self::Kind => (8, 8),
            Self::Call => (20, 40),
            Self::Count => (8, 8),
            Self::PerRefresh => (8, 8),
            Self::Mean | Self::Total => (7, 7),
        }
    }

    /// Whether its content stands on the right.
    #[must_use]
    pub fn right(self) -> bool {
        !matches!(self, Self::Kind | Self::Call)
    }

    /// The column `by` places further, as far as there are columns.
    pub(super) fn beside(self, by: isize) -> Self {
        let at = (self as usize).saturating_add_signed(by);
        Self::ALL[at.min(Self::ALL.len() - 1)]
    }

    /// What stands in its cell.
    #[must_use]
    pub fn cell(self, row: &CallRow) -> Cell {
        let time = |seconds: f64| Cell::new(text::nanoseconds(seconds * 1e9), Tone::Normal);
        match self {
            Self::Kind => Cell::new(row.kind, Tone::Dim),
            Self::Call => Cell::new(row.call, Tone::Normal),
            Self::Count => Cell::new(row.count.to_string(), Tone::Normal),
            Self::PerRefresh => row.per_refresh.map_or_else(Cell::unknown, |count| {
                let tone = if count < 0.05 {
                    Tone::Dim
                } else {
                    Tone::Normal
                };
                Cell::new(format!("{count:.1}"), tone)
            }),
            Self::Mean if row.count == 0 => Cell::unknown(),
            Self::Mean => time(row.mean()),
            Self::Total => time(row.total.as_secs_f64()),
        }
    }

    /// Sorts calls: words as they are, figures from the largest down.
    fn sort(self, rows: &mut [CallRow]) {
        rows.sort_by(|a, b| {
            let order = match self {
                // The kinds of connections come in their order.
                Self::Kind => return std::cmp::Ordering::Equal,
                Self::Call => a.call.cmp(b.call),
                Self::Count => b.count.cmp(&a.count),
                Self::PerRefresh => {
                    let figure = |row: &CallRow| row.per_refresh.unwrap_or(-1.0);
                    figure(b).total_cmp(&figure(a))
                }
                Self::Mean => b.mean().total_cmp(&a.mean()),
                Self::Total => b.total.cmp(&a.total),
            };
            order.then_with(|| a.call.cmp(b.call))
        });
    }
}

impl Debug {
    /// The lines of the page, from the top.
    #[must_use]
    pub fn lines(&self, state: &State) -> Vec<DebugLine> {
        let up = state.now.instant.saturating_duration_since(state.started);
        let version = env!("CARGO_PKG_VERSION");
        let program = format!("{version}, up {}", text::duration_short(up));
        let mut lines = vec![DebugLine::Fact("virtty", program, Tone::Normal)];
        let Some(connection) = self.connection(state) else {
            return lines;
        };
        lines.extend(facts(state, connection));
        let mut rows: Vec<CallRow> = connection
            .calls
            .counts()
            .rows
            .iter()
            .map(|(kind, call, count, total)| CallRow {
                kind,
                call,
                count: *count,
                per_refresh: connection
                    .calls
                    .per_second(kind, call)
                    .map(|calls| calls * connection.spec.interval.as_secs_f64()),
                total: *total,
            })
            .collect();
        let sums = sums(&rows);
        self.sort().sort(&mut rows);
        lines.push(DebugLine::Blank);
        lines.push(DebugLine::Headings);
        lines.extend(rows.into_iter().map(DebugLine::Call));
        lines.push(DebugLine::Blank);
        lines.extend(sums.into_iter().map(DebugLine::Sum));
        lines
    }
}

/// Each kind of connection in their order, then all together.
fn sums(rows: &[CallRow]) -> Vec<CallRow> {
    let empty = CallRow {
        kind: "all",
        call: "all calls",
        count: 0,
        per_refresh: Some(0.0),
        total: Duration::ZERO,
    };
    let mut order = Vec::new();
    let mut kinds: BTreeMap<&str, CallRow> = BTreeMap::new();
    let mut all = empty;
    for row in rows {
        if !order.contains(&row.kind) {
            order.push(row.kind);
        }
        let kind = kinds.entry(row.kind).or_insert(CallRow {
            kind: row.kind,
            ..empty
        });
        *kind = kind.plus(row);
        all = all.plus(row);
    }
    let mut sums: Vec<CallRow> = order
        .iter()
        .filter_map(|kind| kinds.get(kind).copied())
        .collect();
    sums.push(all);
    sums
}

fn facts(state: &State, connection: &Connection) -> Vec<DebugLine> {
    let now = state.now.instant;
    let age = text::duration_short(now.saturating_duration_since(connection.since));
    let (word, tone) = match connection.state {
        ConnectionState::Disconnected => ("Disconnected", Tone::Dim),
        ConnectionState::Connecting => ("Connecting", Tone::Info),
        ConnectionState::Active => ("Active", Tone::Good),
        ConnectionState::NotResponding => ("Not responding", Tone::Bad),
        ConnectionState::Lost { .. } => ("Lost", Tone::Bad),
    };
    let tried = match connection.state {
        ConnectionState::Lost { tries: 1, .. } => ", tried once since".to_owned(),
        ConnectionState::Lost { tries, .. } => format!(", tried {tries} times since"),
        _ => String::new(),
    };
    // One more at each opening and each loss.
    let openings = match connection.epoch.0.div_ceil(2) {
        1 => "once".to_owned(),
        openings => format!("{openings} times"),
    };
    let access = if connection.readonly() {
        "read-only"
    } else {
        "read and write"
    };
    let interval = connection.spec.interval.as_secs_f64();
    let mut facts = vec![
        DebugLine::Fact("Connection", connection.uri().to_owned(), Tone::Normal),
        DebugLine::Fact(
            "State",
            format!("{word} for {age}{tried}, opened {openings}"),
            tone,
        ),
        DebugLine::Fact(
            "Sampling",
            format!("every {interval} s, {access}"),
            Tone::Normal,
        ),
    ];
    let Some(opened) = &connection.opened else {
        return facts;
    };
    let version = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), text::version);
    facts.push(DebugLine::Fact(
        "Versions",
        format!(
            "libvirt {}, {} {}",
            version(opened.versions.libvirt),
            opened.driver,
            version(opened.versions.hypervisor)
        ),
        Tone::Normal,
    ));
    let features = [
        ("events", opened.features.events),
        ("keepalive", opened.features.keepalive),
        ("bulk statistics", opened.features.bulk_stats),
    ];
    let missing = features.iter().any(|(_, there)| !there);
    let words: Vec<_> = features
        .iter()
        .map(|(name, there)| format!("{}{name}", if *there { "" } else { "no " }))
        .collect();
    let tone = if missing { Tone::Warn } else { Tone::Normal };
    facts.push(DebugLine::Fact("Features", words.join(", "), tone));
    facts.push(domains(state, connection));
    facts.push(calls(connection));
    if let Some(why) = &connection.resting {
        facts.push(DebugLine::Fact("Resting", why.clone(), Tone::Warn));
    }
    facts
}

fn domains(state: &State, connection: &Connection) -> DebugLine {
    let (running, all) = state.running(connection.id);
    let own = || {
        let guests = state.guests.values();
        guests.filter(|guest| guest.domain.id.connection == connection.id)
    };
    let silent = own().filter(|guest| guest.silent_since.is_some()).count();
    let unread = own()
        .filter(|guest| guest.domain.definition.is_none())
        .count();
    let mut words = format!("{running} of {all} running");
    if unread > 0 {
        words.push_str(&format!(", XML of {unread} not read"));
    }
    if silent > 0 {
        words.push_str(&format!(", {silent} not responding"));
    }
    let tone = if silent > 0 { Tone::Warn } else { Tone::Normal };
    DebugLine::Fact("Domains", words, tone)
}

fn calls(connection: &Connection) -> DebugLine {
    let counts = connection.calls.counts();
    let (parked, lost) = (counts.parked, counts.lost_openings);
    let words = format!("{parked} without an answer for a second, {lost} openings left behind");
    let tone = if parked + lost > 0 {
        Tone::Warn
    } else {
        Tone::Normal
    };
    DebugLine::Fact("Parked", words, tone)
}
