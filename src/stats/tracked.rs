//! One domain's counters, figures and history, fed by samples that carry any combination of groups.

use std::time::{Duration, Instant};

use super::figures::Figures;
use super::history::History;
use super::rates::{self, Span};
use crate::model::{BalloonSample, BlockSample, DomainSample, NetSample, VcpuSample};

/// The longest time between two reads over which a rate is made, unless said otherwise: two rounds of the slowest
/// cadence and a little. A rate over more would speak of a past nobody saw.
const LONGEST: Duration = Duration::from_secs(40);

/// A domain as statistics see it. One that never ran takes no memory.
#[derive(Debug, Clone, Default)]
pub struct Tracked {
    known: Option<Box<Known>>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    last: Last,
    figures: Figures,
    history: History,
    longest: Option<Duration>,
}

/// Of a domain that never ran.
static NO_FIGURES: Figures = Figures::NONE;
static NO_HISTORY: History = History::NONE;

/// The last read of each group, with its moment.
#[derive(Debug, Clone, Default)]
struct Last {
    vcpu_count: Option<u32>,
    cpu: Option<(Instant, u64)>,
    vcpus: Option<(Instant, Vec<VcpuSample>)>,
    balloon: Option<(Instant, BalloonSample)>,
    blocks: Option<(Instant, Vec<BlockSample>)>,
    nets: Option<(Instant, Vec<NetSample>)>,
}

impl Tracked {
    /// Lets rates be made over up to `longest`: for intervals that are long themselves.
    #[must_use]
    pub fn with_longest(longest: Duration) -> Self {
        Self {
            known: Some(Box::new(Known {
                longest: Some(longest.max(LONGEST)),
                ..Known::default()
            })),
        }
    }

    /// Takes a sample in. Groups it does not carry keep their figures and their counters. `devices` says whether
    /// somebody looks at the domain, so that the history of its devices is kept as well.
    pub fn accept(&mut self, sample: &DomainSample, devices: bool) {
        self.known
            .get_or_insert_with(Box::default)
            .accept(sample, devices);
    }

    /// The domain stopped or its connection was lost: the figures go, the past stays and ends in a gap, and no rate
    /// will bridge the time until the next sample.
    pub fn interrupt(&mut self, at: Instant) {
        if let Some(known) = &mut self.known {
            known.last = Last::default();
            known.figures = Figures::NONE;
            known.history.gap(at);
        }
    }

    /// What is known now.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        self.known
            .as_ref()
            .map_or(&NO_FIGURES, |known| &known.figures)
    }

    /// What is known of the past.
    #[must_use]
    pub fn history(&self) -> &History {
        self.known
            .as_ref()
            .map_or(&NO_HISTORY, |known| &known.history)
    }
}

impl Known {
    fn accept(&mut self, sample: &DomainSample, devices: bool) {
        let read = self.read(sample);
        let longest = self.longest.unwrap_or(LONGEST);
        self.history.record(sample.at, &read, longest, devices);
        let figures = &mut self.figures;
        figures.cpu = read.cpu.or(figures.cpu);
        figures.memory = read.memory.or(figures.memory);
        if !read.vcpus.is_empty() {
            figures.vcpus = read.vcpus;
        }
        if read.disks_at.is_some() {
            (figures.disks_at, figures.disks) = (read.disks_at, read.disks);
        }
        if read.nics_at.is_some() {
            (figures.nics_at, figures.nics) = (read.nics_at, read.nics);
        }
    }

    /// Figures of the groups this sample carries, against the last read of each.
    fn read(&mut self, sample: &DomainSample) -> Figures {
        let at = sample.at;
        let longest = self.longest.unwrap_or(LONGEST);
        let last = &mut self.last;
        let span = |from: Instant| match at.checked_duration_since(from) {
            Some(passed) if passed <= longest => Span::between(from, at),
            _ => Span::UNKNOWN,
        };
        last.vcpu_count = sample
            .vcpu_count
            .or(rates::counted(sample.vcpus.len()))
            .or(last.vcpu_count);
        let mut read = Figures::default();
        if let Some(now) = sample.cpu_time_ns {
            let (span, before) = against(last.cpu.as_ref(), &span);
            read.cpu = Some(rates::cpu(span, before.copied(), now, last.vcpu_count, at));
            last.cpu = Some((at, now));
        }
        if !sample.vcpus.is_empty() {
            let (span, before) = against(last.vcpus.as_ref(), &span);
            read.vcpus = rates::each_vcpu(span, before.map_or(&[], Vec::as_slice), &sample.vcpus);
            last.vcpus = Some((at, sample.vcpus.clone()));
        }
        if let Some(now) = &sample.balloon {
            let now = with_guest_report(now, last.balloon.as_ref(), at, longest);
            read.memory = Some(rates::memory(&now.1, at));
            last.balloon = Some(now);
        }
        if let Some(now) = &sample.blocks {
            let (span, before) = against(last.blocks.as_ref(), &span);
            read.disks = rates::disks(span, before.map_or(&[], Vec::as_slice), now);
            read.disks_at = Some(at);
            last.blocks = Some((at, now.clone()));
        }
        if let Some(now) = &sample.nets {
            let (span, before) = against(last.nets.as_ref(), &span);
            read.nics = rates::nics(span, before.map_or(&[], Vec::as_slice), now);
            read.nics_at = Some(at);
            last.nets = Some((at, now.clone()));
        }
        read
    }
}

/// The time since the last read of a group, and what it gave.
fn against<'a, T>(
    last: Option<&'a (Instant, T)>,
    span: &impl Fn(Instant) -> Span,
) -> (Span, Option<&'a T>) {
    match last {
        Some((from, before)) => (span(*from), Some(before)),
        None => (Span::UNKNOWN, None),
    }
}

/// `virDomainGetInfo` tells the balloon's size alone, and more often than the monitor tells what the guest says:
/// the guest's word holds for a while, or the figure would jump between the two sources. Answers the sample with
/// the moment of the guest's word.
fn with_guest_report(
    now: &BalloonSample,
    last: Option<&(Instant, BalloonSample)>,
    at: Instant,
    longest: Duration,
) -> (Instant, BalloonSample) {
    let fresh = last.filter(|(said, before)| {
        before.usable_kib.is_some() && at.saturating_duration_since(*said) <= longest
    });
    match fresh {
        Some((said, before)) if now.usable_kib.is_none() => (
            *said,
            BalloonSample {
                current_kib: now.current_kib.or(before.current_kib),
                maximum_kib: now.maximum_kib.or(before.maximum_kib),
                ..before.clone()
            },
        ),
        _ => (at, now.clone()),
    }
}

#[cfg(test)]
#[path = "tracked_tests.rs"]
mod tests;
