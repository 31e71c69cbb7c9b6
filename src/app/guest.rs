//! One domain with everything that is known of it.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use nucleo_matcher::Utf32String;

use super::Connection;
use crate::model::{
    AddressSource, Domain, DomainEvent, DomainSample, DomainState, Endpoint, EventKind,
    GuestAddress,
};
use crate::protocol::Aside;
use crate::stats::{self, CpuFigures, MemorySource, TotalSeries, Tracked, VcpuFigures};
use crate::text;

/// Time that one column of a sparkline stands for.
const SPARK_STEP: Duration = Duration::from_secs(5);

/// CPU that moves by less than so many points stands still on the screen.
const STILL: f64 = 1.0;

/// Events kept of one domain.
const MOST_EVENTS: usize = 100;

/// Viewers kept of one domain: a display has few, and their addresses are the guest's clients' to choose.
const MOST_VIEWERS: usize = 16;

/// `VIR_DOMAIN_EVENT_GRAPHICS_CONNECT` and `VIR_DOMAIN_EVENT_GRAPHICS_DISCONNECT`.
pub(super) const VIEWER_CONNECTED: i32 = 0;
const VIEWER_GONE: i32 = 2;

/// `VIR_DOMAIN_EVENT_STARTED` and `VIR_DOMAIN_EVENT_STARTED_BOOTED`.
pub(super) const STARTED: i32 = 2;
const BOOTED: i32 = 0;

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Guest {
    /// What libvirt lists.
    pub domain: Domain,
    /// Its addresses, best source first.
    pub addresses: Vec<GuestAddress>,
    /// It does not answer its monitor, since then.
    pub silent_since: Option<Instant>,
    /// Its figures and their past.
    pub tracked: Tracked,
    /// The CPU that the screen shows.
    shown_cpu: Option<CpuFigures>,
    /// How many snapshots it has; `None` until read.
    pub snapshots: Option<u32>,
    /// When it was started; `None` where nobody told.
    pub started: Option<SystemTime>,
    /// An event told of a start whose row has not come yet.
    starting: bool,
    /// Its last events, oldest first.
    pub events: VecDeque<DomainEvent>,
    /// Who looks at its displays, as far as events told: addresses of viewers, untrusted.
    pub viewers: Vec<String>,
    /// When its state was last told, so that an older sample does not undo it.
    pub(super) told_at: Instant,
    /// Name and title, made ready for the filter.
    pub(super) haystack: Utf32String,
}

impl Guest {
    /// A domain just heard of.
    #[must_use]
    pub fn new(domain: Domain, now: Instant) -> Self {
        let haystack = haystack(&domain);
        Self {
            domain,
            addresses: Vec::new(),
            silent_since: None,
            tracked: Tracked::default(),
            shown_cpu: None,
            snapshots: None,
            started: None,
            starting: false,
            events: VecDeque::new(),
            viewers: Vec::new(),
            told_at: now,
            haystack,
        }
    }

    /// Takes what libvirt says now. A definition that is not told again is kept.
    pub fn replace(&mut self, mut domain: Domain, now: Instant) {
        if domain.definition.is_none() && domain.definition_error.is_none() {
            domain.definition = self.domain.definition.take();
        }
        if !domain.state.is_active() {
            self.silent_since = None;
            self.addresses.clear();
            self.viewers.clear();
            self.started = None;
            self.interrupt(now);
        }
        // Another run began while nobody looked.
        let runs = (self.domain.runtime_id, domain.runtime_id);
        if matches!(runs, (Some(before), Some(now)) if before != now) && !self.starting {
            self.started = None;
        }
        self.starting = false;
        self.domain = domain;
        self.told_at = now;
        self.haystack = haystack(&self.domain);
    }

    /// Takes a sample in; `devices` says whether somebody looks at its devices.
    pub(super) fn accept(&mut self, sample: &DomainSample, devices: bool) {
        self.tracked.accept(sample, devices);
        let now = self.tracked.figures().cpu;
        let percent = |cpu: Option<CpuFigures>| cpu.and_then(|cpu| cpu.guest_percent);
        let stands_still = match (percent(self.shown_cpu), percent(now)) {
            (Some(shown), Some(now)) => (now - shown).abs() < STILL,
            _ => false,
        };
        if !stands_still {
            self.shown_cpu = now;
        }
    }

    /// Nothing is known of it from here on until the next sample.
    pub(super) fn interrupt(&mut self, now: Instant) {
        self.tracked.interrupt(now);
        self.shown_cpu = None;
    }

    /// Takes what was read aside.
    pub(super) fn take_aside(&mut self, aside: Aside) {
        match aside {
            Aside::Snapshots(number) => self.snapshots = number,
            Aside::Started(at) if self.domain.state.is_active() => self.started = Some(at),
            Aside::Started(_) => {}
        }
    }

    /// Keeps an event, and follows from it who looks at the displays.
    pub fn note(&mut self, event: DomainEvent) {
        if let EventKind::Graphics { phase, remote } = &event.kind {
            match *phase {
                VIEWER_CONNECTED if self.viewers.len() < MOST_VIEWERS => {
                    self.viewers.push(remote.clone());
                }
                VIEWER_GONE => {
                    // Those of the host itself have no address each.
                    let gone = self.viewers.iter().position(|viewer| viewer == remote);
                    gone.map(|at| self.viewers.remove(at));
                }
                _ => {}
            }
        }
        if let EventKind::Lifecycle {
            event: STARTED,
            detail,
        } = event.kind
        {
            // One that came from elsewhere, or back from a file, began to run at a time that nobody told.
            self.started = (detail == BOOTED).then_some(event.time);
            self.starting = true;
        }
        if self.events.len() == MOST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Makes the filter's text anew, after name or title changed.
    pub(super) fn renamed(&mut self) {
        self.haystack = haystack(&self.domain);
    }

    /// `<title>`; untrusted.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.domain.definition.as_ref()?.title.as_deref()
    }

    /// Its tags in one text; untrusted.
    #[must_use]
    pub fn tags(&self) -> Option<String> {
        let tags = &self.domain.definition.as_ref()?.tags;
        (!tags.is_empty()).then(|| tags.join(", "))
    }

    /// Notes of the user; untrusted.
    #[must_use]
    pub fn notes(&self) -> Option<&str> {
        self.domain.definition.as_ref()?.notes.as_deref()
    }

    /// Displays and serial lines; those of a domain that is off are none, whatever its XML names.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        match &self.domain.definition {
            Some(definition) if self.domain.state.is_active() => &definition.endpoints,
            _ => &[],
        }
    }

    /// For how long it has not answered.
    #[must_use]
    pub fn silent_for(&self, now: Instant) -> Option<Duration> {
        self.silent_since
            .map(|since| now.saturating_duration_since(since))
    }

    /// [`Self::silent_for`] in words: seconds as long as they can be counted.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Option<String> {
        self.silent_for(now).map(|age| match age.as_secs() {
            seconds @ ..1000 => format!("{seconds} s"),
            _ => text::duration_short(age),
        })
    }

    /// `domain/@type`; untrusted.
    #[must_use]
    pub fn virt_type(&self) -> Option<&str> {
        let word = self.domain.definition.as_ref()?.virt_type.as_str();
        (!word.is_empty()).then_some(word)
    }

    /// CPU of its vCPUs, 0..=100, true to a point: an idle guest's must not flicker, nor the order of rows by it.
    #[must_use]
    pub fn cpu_percent(&self) -> Option<f64> {
        self.shown_cpu?.guest_percent
    }

    /// Host CPUs that it keeps busy, of the same read.
    #[must_use]
    pub fn cores(&self) -> Option<f64> {
        self.shown_cpu?.cores
    }

    /// CPU of its host, 0..=100, of the same read as [`Self::cpu_percent`].
    #[must_use]
    pub fn host_cpu_percent(&self, host: Option<&Connection>) -> Option<f64> {
        let cpus = host?.opened.as_ref()?.node.as_ref()?.cpus;
        self.shown_cpu?.host_percent(cpus)
    }

    /// Bytes a second of all disks.
    #[must_use]
    pub fn disk_bps(&self) -> Option<f64> {
        self.tracked.figures().disk_bps()
    }

    /// Bytes a second of all NICs.
    #[must_use]
    pub fn net_bps(&self) -> Option<f64> {
        self.tracked.figures().net_bps()
    }

    /// Memory in use in KiB, or what the guest was given where it does not say.
    #[must_use]
    pub fn memory_used_kib(&self) -> Option<u64> {
        let sampled = self.tracked.figures().memory.as_ref();
        sampled
            .and_then(|memory| memory.used_kib)
            .or(self.domain.memory_kib)
    }

    /// Whether [`Self::memory_used_kib`] is what the guest itself says it uses.
    #[must_use]
    pub fn memory_is_used(&self) -> bool {
        let sampled = self.tracked.figures().memory.as_ref();
        sampled
            .is_some_and(|memory| memory.used_kib.is_some() && memory.source == MemorySource::Guest)
    }

    /// Used part of the largest memory, 0..=100, where the guest says what it uses: what it was given is most often all.
    #[must_use]
    pub fn memory_percent(&self) -> Option<f64> {
        if !self.domain.state.is_active() || !self.memory_is_used() {
            return None;
        }
        let most = self.memory_max_kib().filter(|most| *most > 0)?;
        Some((self.memory_used_kib()? as f64 * 100.0 / most as f64).min(100.0))
    }

    /// Time since it was started, where somebody told.
    #[must_use]
    pub fn uptime(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.started?).ok()
    }

    /// Time that its vCPUs were ready and the host did not run them, in % of their time: the mean of those known.
    #[must_use]
    pub fn steal_percent(&self) -> Option<f64> {
        self.mean_of_vcpus(|vcpu| vcpu.steal_percent)
    }

    /// Time that its vCPUs waited, in % of their time: the mean of those known.
    #[must_use]
    pub fn wait_percent(&self) -> Option<f64> {
        self.mean_of_vcpus(|vcpu| vcpu.wait_percent)
    }

    fn mean_of_vcpus(&self, of: impl Fn(&VcpuFigures) -> Option<f64>) -> Option<f64> {
        let known: Vec<f64> = self.tracked.figures().vcpus.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }

    /// Mean time of a read or write in ns, of the slowest disk.
    #[must_use]
    pub fn latency_ns(&self) -> Option<f64> {
        let disks = self.tracked.figures().disks.iter();
        disks
            .flat_map(|disk| [disk.read_latency_ns, disk.write_latency_ns])
            .flatten()
            .reduce(f64::max)
    }

    /// Largest memory in KiB.
    #[must_use]
    pub fn memory_max_kib(&self) -> Option<u64> {
        let sampled = self.tracked.figures().memory.as_ref();
        sampled
            .and_then(|memory| memory.maximum_kib)
            .or(self.domain.max_memory_kib)
    }

    /// CPU of the last minutes in `columns` parts of `SPARK_STEP` each, oldest first; `None` where nothing is known.
    #[must_use]
    pub fn recent_cpu(&self, columns: usize) -> Vec<Option<stats::Cell>> {
        let Some(line) = self.tracked.history().totals() else {
            return Vec::new();
        };
        // Of this series: the others are read more often, and a last column without a figure would come and go.
        let cpu = TotalSeries::Cpu as usize;
        let (Some(first), Some(last)) = (line.first(), line.last_of(cpu)) else {
            return Vec::new();
        };
        // Steps stand still while time goes on, so that an idle guest's line costs nothing to redraw.
        let steps = last.duration_since(first).as_secs() / SPARK_STEP.as_secs() + 1;
        let to = first + SPARK_STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
        let span = SPARK_STEP.saturating_mul(u32::try_from(columns).unwrap_or(u32::MAX));
        let from = to.checked_sub(span).unwrap_or(first);
        line.cells(cpu, from, to, columns)
    }

    /// The reason of its state where that tells more than the state itself.
    #[must_use]
    pub fn notable_reason(&self) -> Option<&'static str> {
        let reason = self.domain.reason.label(self.domain.state)?;
        let notable = match self.domain.state {
            DomainState::Paused | DomainState::Crashed => true,
            DomainState::Running => matches!(reason, "Crashed" | "Post-copy" | "Post-copy failed"),
            DomainState::ShutOff => matches!(reason, "Crashed" | "Failed" | "Migrated"),
            _ => false,
        };
        notable.then_some(reason)
    }

    /// The address to show: of the best source; IPv4 before IPv6, and neither loopback nor link-local.
    #[must_use]
    pub fn address(&self) -> Option<&GuestAddress> {
        let rank = |source| match source {
            AddressSource::Agent => 0,
            AddressSource::Lease => 1,
            AddressSource::Arp => 2,
        };
        self.addresses
            .iter()
            .filter(|entry| !entry.address.is_loopback() && !is_link_local(entry.address))
            .min_by_key(|entry| (rank(entry.source), entry.address.is_ipv6()))
    }
}

fn is_link_local(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => v4.is_link_local(),
        std::net::IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn haystack(domain: &Domain) -> Utf32String {
    let title = domain
        .definition
        .as_ref()
        .and_then(|definition| definition.title.as_deref());
    match title {
        Some(title) => Utf32String::from(format!("{} {title}", domain.name)),
        None => Utf32String::from(domain.name.as_str()),
    }
}
