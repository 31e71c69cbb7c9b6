//! Before and after: what a change did to a domain and to its host, measured.
//!
//! Of each domain that is sampled in full the last moments are kept. A change takes their mean as what was before, and from then
//! on gathers what comes after; the first seconds are left out, since the change itself costs something.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::State;
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{DiskVerb, DomainVerb};
use crate::stats::Figures;

/// How long before a change counts.
const BEFORE: Duration = Duration::from_secs(60);

/// What is left out after a change.
const SETTLES: Duration = Duration::from_secs(3);

/// How long after a change is gathered.
const AFTER: Duration = Duration::from_secs(300);

/// Comparisons that are kept.
const KEPT: usize = 20;

/// Figures that are compared.
pub const MEASURES: usize = 6;

/// Their headings.
pub const HEADINGS: [&str; MEASURES] = [
    "CPU %", "steal %", "wait %", "read ms", "write ms", "host %",
];

/// One look at a domain; in the order of [`HEADINGS`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment {
    at: Instant,
    values: [Option<f64>; MEASURES],
}

/// A mean that grows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

/// What was measured on one side of a change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Means([Mean; MEASURES]);

impl Means {
    fn add(&mut self, values: &[Option<f64>; MEASURES]) {
        for (mean, value) in self.0.iter_mut().zip(values) {
            if let Some(value) = value {
                mean.sum += value;
                mean.count += 1;
            }
        }
    }

    /// The means, in the order of [`HEADINGS`].
    #[must_use]
    pub fn values(&self) -> [Option<f64>; MEASURES] {
        self.0
            .map(|mean| (mean.count > 0).then(|| mean.sum / f64::from(mean.count)))
    }
}

/// What a change is compared of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// One domain.
    Domain(DomainId),
    /// The mean of all domains of a host that are sampled in full.
    Host(ConnectionId),
}

/// A change, with what was before and what came after.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What was changed; untrusted names are in it.
    pub what: String,
    /// Of what.
    pub of: Compared,
    /// When.
    pub at: Instant,
    /// The mean of the time before.
    pub before: Means,
    /// That of the time after, so far.
    pub after: Means,
}

/// The moments of all domains, and the changes.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    moments: BTreeMap<DomainId, VecDeque<Moment>>,
    comparisons: Vec<Comparison>,
}

impl Measured {
    /// The newest comparison of a host or of one of its domains.
    #[must_use]
    pub fn newest(&self, host: ConnectionId) -> Option<&Comparison> {
        let of_host = |one: &&Comparison| match one.of {
            Compared::Domain(id) => id.connection == host,
            Compared::Host(id) => id == host,
        };
        self.comparisons.iter().rev().find(of_host)
    }

    fn note(&mut self, id: DomainId, moment: Moment) {
        let kept = self.moments.entry(id).or_default();
        kept.push_back(moment);
        while kept
            .front()
            .is_some_and(|old| moment.at.saturating_duration_since(old.at) > BEFORE)
        {
            kept.pop_front();
        }
        for one in &mut self.comparisons {
            let meant = match one.of {
                Compared::Domain(of) => of == id,
                Compared::Host(of) => of == id.connection,
            };
            let since = moment.at.saturating_duration_since(one.at);
            if meant && since >= SETTLES && since <= AFTER {
                one.after.add(&moment.values);
            }
        }
    }

    fn begin(&mut self, what: String, of: Compared, at: Instant) {
        let mut before = Means::default();
        for (id, moments) in &self.moments {
            let meant = match of {
                Compared::Domain(of) => of == *id,
                Compared::Host(of) => of == id.connection,
            };
            for moment in moments.iter().filter(|_| meant) {
                before.add(&moment.values);
            }
        }
        // What is changed again is compared with what holds since.
        self.comparisons.retain(|one| one.of != of);
        if self.comparisons.len() == KEPT {
            self.comparisons.remove(0);
        }
        self.comparisons.push(Comparison {
            what,
            of,
            at,
            before,
            after: Means::default(),
        });
    }
}

fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut all = Mean::default();
    for value in values.flatten() {
        all.sum += value;
        all.count += 1;
    }
    (all.count > 0).then(|| all.sum / f64::from(all.count))
}

fn values(figures: &Figures, host: Option<f64>) -> [Option<f64>; MEASURES] {
    const MS: f64 = 1e6;
    [
        figures.cpu_percent(),
        mean(figures.vcpus.iter().map(|vcpu| vcpu.steal_percent)),
        mean(figures.vcpus.iter().map(|vcpu| vcpu.wait_percent)),
        mean(figures.disks.iter().map(|disk| disk.read_latency_ns)).map(|ns| ns / MS),
        mean(figures.disks.iter().map(|disk| disk.write_latency_ns)).map(|ns| ns / MS),
        host,
    ]
}

/// Notes what was just read of a domain, where that was more than its state.
pub(super) fn note(state: &mut State, id: DomainId) {
    let host = state
        .connection(id.connection)
        .and_then(|connection| connection.node.figures()?.cpu_percent);
    let Some(guest) = state.guest(id) else {
        state.measured.moments.remove(&id);
        return;
    };
    let figures = guest.tracked.figures();
    if figures.vcpus.is_empty() && figures.cpu.is_none() {
        return;
    }
    let moment = Moment {
        at: state.now.instant,
        values: values(figures, host),
    };
    state.measured.note(id, moment);
}

/// Whether a verb is one whose effect is worth measuring.
fn is_compared(verb: &DomainVerb) -> bool {
    matches!(
        verb,
        DomainVerb::Pin { .. }
            | DomainVerb::Tune { .. }
            | DomainVerb::Arrange(_)
            | DomainVerb::SetMemory { .. }
            | DomainVerb::SetVcpus { .. }
            | DomainVerb::Hardware(_)
            | DomainVerb::Disk(DiskVerb::Throttle { .. })
    )
}

/// Whether a verb holds from when it is asked for, and is answered when it has ended.
fn ends_by_itself(verb: &DomainVerb) -> bool {
    match verb {
        DomainVerb::Arrange(wanted) => wanted.seconds.is_some(),
        DomainVerb::Disk(DiskVerb::Throttle { .. }) => true,
        _ => false,
    }
}

/// A verb was asked for, or was done: begins to compare, where that is the moment from which it holds.
pub(super) fn begin(state: &mut State, id: DomainId, verb: &DomainVerb, done: bool) {
    if !is_compared(verb) || ends_by_itself(verb) && done {
        return;
    }
    if !ends_by_itself(verb) && !done {
        return;
    }
    let Some(guest) = state
        .guest(id)
        .filter(|guest| guest.domain.state.is_active())
    else {
        return;
    };
    let uri = state
        .connection(id.connection)
        .map(|host| host.uri().to_owned());
    let line = uri.and_then(|uri| super::actions::line(verb, &uri, guest, id));
    let what = line.unwrap_or_else(|| guest.domain.name.clone());
    let now = state.now.instant;
    state.measured.begin(what, Compared::Domain(id), now);
}

/// Something of a host was set.
pub(super) fn begin_host(state: &mut State, host: ConnectionId, what: String) {
    let now = state.now.instant;
    state.measured.begin(what, Compared::Host(host), now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Uuid;

    #[test]
    fn a_change_has_its_before_and_its_after() {
        let id = |uuid| DomainId {
            connection: ConnectionId(0),
            uuid: Uuid([uuid; 16]),
        };
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let moment = |seconds, cpu: f64| Moment {
            at: at(seconds),
            values: [Some(cpu), None, Some(1.0), None, None, Some(50.0)],
        };
        let mut measured = Measured::default();
        measured.note(id(1), moment(0, 90.0));
        measured.note(id(1), moment(70, 40.0));
        measured.note(id(1), moment(72, 60.0));
        measured.note(id(2), moment(72, 10.0));
        measured.begin("pin".to_owned(), Compared::Domain(id(1)), at(73));
        // Too old, too soon, another's, too late: none of these counts.
        for (who, seconds, cpu) in [
            (1, 74, 0.0),
            (2, 80, 0.0),
            (1, 80, 30.0),
            (1, 82, 20.0),
            (1, 900, 0.0),
        ] {
            measured.note(id(who), moment(seconds, cpu));
        }
        let one = measured.newest(ConnectionId(0)).unwrap();
        assert_eq!(
            one.before.values(),
            [Some(50.0), None, Some(1.0), None, None, Some(50.0)]
        );
        assert_eq!(one.after.values()[0], Some(25.0));
        assert_eq!(measured.newest(ConnectionId(1)), None);
        // Of a whole host: all of its domains.
        measured.begin("thp".to_owned(), Compared::Host(ConnectionId(0)), at(901));
        measured.note(id(1), moment(910, 10.0));
        measured.note(id(2), moment(910, 30.0));
        assert_eq!(
            measured.newest(ConnectionId(0)).unwrap().after.values()[0],
            Some(20.0)
        );
    }
}
