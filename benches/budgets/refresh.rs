//! One refresh of a host: what it takes, and what it costs the host.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use virtty::app::{self, Effect, Now, Options, Size, State};
use virtty::libvirt::{Fleet, ReportReceiver, channel, initialise};
use virtty::model::{ConnectionId, Uuid};
use virtty::protocol::{News, Report as Told};

use crate::ground::{DOMAINS, Ground, RUNNING};
use crate::process::HostCpu;
use crate::report::{ROUNDS, Report, least, median, ms};
use crate::session::spec;
use crate::terminal::SIZE;

/// Refreshes in a round.
const TIMES: u32 = 10;
/// Between two of them, so that each meets a daemon at rest; less than an interval, which begins anew with each.
const PAUSE: Duration = Duration::from_millis(250);

/// The table's model with its connection, without a terminal.
struct Model {
    state: State,
    fleet: Fleet,
    reports: ReportReceiver,
    id: ConnectionId,
}

fn now() -> Now {
    Now {
        instant: Instant::now(),
        wall: SystemTime::now(),
    }
}

impl Model {
    /// Open, listed, and with two samples of every running domain. `height` lines decide how many rows are seen.
    fn open(uri: &str, height: u16) -> Self {
        initialise().unwrap();
        let (sender, reports) = channel();
        let size = Size {
            width: SIZE.0,
            height,
        };
        let spec = spec(0, uri);
        let id = spec.id;
        let mut model = Self {
            state: State::new(Options::default(), size, now()),
            fleet: Fleet::new(sender),
            reports,
            id,
        };
        let effects = model.state.start(vec![spec]);
        model.perform(effects);
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end || model.running().len() != RUNNING {
            model.take();
        }
        model
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open(spec) => self.fleet.open(spec),
                Effect::Interest(id, interest) => self.fleet.interest(id, interest),
                _ => {}
            }
        }
    }

    /// Takes in what waits, at least one report; gives what was told.
    fn take(&mut self) -> Vec<Told> {
        let mut told: Vec<Told> = self.reports.blocking_recv().into_iter().collect();
        while let Some(report) = self.reports.try_recv() {
            told.push(report);
        }
        let effects = app::take_reports(&mut self.state, told.clone(), now());
        self.perform(effects);
        told
    }

    fn running(&self) -> HashSet<Uuid> {
        let guests = self.state.guests.values();
        guests
            .filter(|guest| guest.domain.state.is_active())
            .map(|guest| guest.domain.id.uuid)
            .collect()
    }

    fn seen_running(&self) -> HashSet<Uuid> {
        let rows = app::Areas::of(&self.state).table_rows();
        let seen = self.state.table.visible(rows).into_iter().map(|id| id.uuid);
        let running = self.running();
        seen.filter(|uuid| running.contains(uuid)).collect()
    }

    /// Reads everything anew: until all states are told, and the counters of all running domains on the screen.
    fn refresh(&mut self) -> Duration {
        while let Some(report) = self.reports.try_recv() {
            app::take_reports(&mut self.state, vec![report], now());
        }
        let mut missing = self.seen_running();
        let mut listed = false;
        let begun = Instant::now();
        self.fleet.retry(self.id);
        while !(listed && missing.is_empty()) {
            for report in self.take() {
                match report.news {
                    News::Listed { domains, .. } => listed |= domains.len() == DOMAINS,
                    News::Sampled { domains, .. } => {
                        for sample in domains {
                            if sample.at >= begun && !sample.vcpus.is_empty() {
                                missing.remove(&sample.uuid);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        begun.elapsed()
    }
}

/// One `virConnectGetAllDomainStats` of all domains over the same groups; nothing is made of what it answers.
struct Bulk(virt::connect::Connect);

impl Bulk {
    fn open(uri: &str) -> Self {
        initialise().unwrap();
        Self(virt::connect::Connect::open(Some(uri)).unwrap())
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "it leaks its answer, which a bench can bear, and is safe to call"
    )]
    fn call(&self) -> Duration {
        let groups = virt_sys::VIR_DOMAIN_STATS_STATE
            | virt_sys::VIR_DOMAIN_STATS_CPU_TOTAL
            | virt_sys::VIR_DOMAIN_STATS_BALLOON
            | virt_sys::VIR_DOMAIN_STATS_VCPU
            | virt_sys::VIR_DOMAIN_STATS_INTERFACE
            | virt_sys::VIR_DOMAIN_STATS_BLOCK;
        let begun = Instant::now();
        let records = self.0.all_domain_stats(groups, 0).unwrap();
        let passed = begun.elapsed();
        assert_eq!(records.len(), DOMAINS);
        passed
    }
}

/// Runs `work` again and again; gives the time of the middle one and the host's CPU time of each, in ms. What the
/// host's guests burn by themselves is taken off.
fn costs(host: &HostCpu, idle: f64, mut work: impl FnMut() -> Duration) -> (f64, f64) {
    let (begun, before) = (Instant::now(), host.total());
    let mut times = Vec::new();
    for _ in 0..TIMES {
        times.push(ms(work()));
        thread::sleep(PAUSE);
    }
    let used = ms(host.total() - before) - ms(begun.elapsed()) * idle;
    (median(&mut times), used / f64::from(TIMES))
}

/// Beside one bulk call: time, CPU of daemon and guests; and over a slow network.
pub fn measure(ground: &Ground, report: &mut Report) {
    let uri = &ground.host().uri;
    let host = HostCpu::of(ground.daemon());
    let bulk = Bulk::open(uri);
    let (begun, before) = (Instant::now(), host.total());
    thread::sleep(Duration::from_secs(4));
    let idle = ms(host.total() - before) / ms(begun.elapsed());

    let mut all = Model::open(uri, SIZE.1);
    let (mut time, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = costs(&host, idle, || all.refresh());
        let theirs = costs(&host, idle, || bulk.call());
        time.push((ours.0, theirs.0));
        cpu.push((ours.1, theirs.1));
    }
    drop(all);
    let mut few = Model::open(uri, 14);
    let seen = few.seen_running().len();
    let mut cpu_few = Vec::new();
    for _ in 0..ROUNDS {
        let ours = costs(&host, idle, || few.refresh());
        let theirs = costs(&host, idle, || bulk.call());
        cpu_few.push((ours.1, theirs.1));
    }
    drop(few);
    let fleet = format!("{DOMAINS} domains, {RUNNING} running");
    ratio(
        report,
        &format!("one refresh : one bulk call, {fleet}"),
        time.clone(),
        0.6,
    );
    ratio(report, "CPU of the host for it", cpu, 0.75);
    ratio(
        report,
        &format!("CPU of the host, {seen} running on the screen"),
        cpu_few,
        0.4,
    );

    let proxy = ground.host().proxy(50);
    let mut slow = Model::open(&proxy.uri, SIZE.1);
    let slow = least((0..TIMES).map(|_| {
        let passed = ms(slow.refresh());
        thread::sleep(PAUSE);
        passed
    }));
    let local = least(time.iter().map(|(ours, _)| *ours));
    report.line(
        "round trips of 50 ms that a refresh takes longer",
        (slow - local) / 50.0,
        3.0,
        "",
        format!("{local:.0} ms, at 50 ms of network {slow:.0} ms"),
    );
}

/// The best round.
fn ratio(report: &mut Report, what: &str, rounds: Vec<(f64, f64)>, budget: f64) {
    let best = rounds
        .into_iter()
        .min_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)))
        .unwrap();
    let detail = format!("{:.0} ms : {:.0} ms", best.0, best.1);
    report.line(what, best.0 / best.1, budget, "", detail);
}
