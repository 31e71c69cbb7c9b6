//! Statistics of real guests, some of which do not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use virtty::model::{DomainSample, Uuid};
use virtty::protocol::{Interest, News};

use crate::support::lab::{Host, Lab, OwnHost, control};
use crate::support::watched::Watched;

/// A host of a test's own with running guests, and what its sampler says of them.
struct Guests {
    watched: Watched,
    host: OwnHost,
    names: Vec<String>,
    read: usize,
    /// When the monitor figures of a guest last came, and all that came.
    monitor: BTreeMap<Uuid, Vec<DomainSample>>,
    /// When figures of any kind last came.
    any: BTreeMap<Uuid, Instant>,
    hung: BTreeMap<Uuid, Instant>,
    resting: Option<String>,
}

fn names_of(host: &Host) -> Vec<String> {
    host.virsh(&["list", "--name"])
        .lines()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Guests {
    fn new(
        purpose: &str,
        total: usize,
        running: usize,
        before: impl FnOnce(&OwnHost, &[String]),
    ) -> Self {
        let host = Lab::get().own_host(purpose);
        control(&[
            "populate",
            &total.to_string(),
            &running.to_string(),
            &host.name,
        ]);
        let names = names_of(&host);
        assert_eq!(names.len(), running);
        before(&host, &names);
        let watched = Watched::open(&host.uri);
        let mut guests = Self {
            watched,
            host,
            names,
            read: 0,
            monitor: BTreeMap::new(),
            any: BTreeMap::new(),
            hung: BTreeMap::new(),
            resting: None,
        };
        guests.watched.until("the list", |watched| {
            (watched.rows.len() == total).then_some(())
        });
        let visible: BTreeSet<Uuid> = guests
            .names
            .iter()
            .map(|name| guests.watched.uuid(name))
            .collect();
        guests.watched.fleet.interest(
            guests.watched.id,
            Interest {
                visible,
                ..Interest::default()
            },
        );
        guests
    }

    fn uuid(&self, name: &str) -> Uuid {
        self.watched.uuid(name)
    }

    fn read(&mut self) {
        for (news, at) in self.watched.history[self.read..]
            .iter()
            .zip(&self.watched.times[self.read..])
        {
            match news {
                News::Sampled { domains, .. } => {
                    for sample in domains {
                        if sample.cpu_time_ns.is_some() {
                            self.any.insert(sample.uuid, *at);
                        }
                        if !sample.vcpus.is_empty() {
                            self.monitor
                                .entry(sample.uuid)
                                .or_default()
                                .push(sample.clone());
                        }
                    }
                }
                News::NotResponding { domains, resting } => {
                    self.hung = domains
                        .iter()
                        .map(|domain| (domain.uuid, domain.since))
                        .collect();
                    self.resting.clone_from(resting);
                }
                _ => {}
            }
        }
        self.read = self.watched.history.len();
    }

    /// Watches for so long; `each` sees every moment.
    fn watch(&mut self, span: Duration, mut each: impl FnMut(&Self)) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            self.watched.pump();
            self.read();
            each(self);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn hang(&self, name: &str) {
        control(&["fault", "hang", name, &self.host.name]);
    }

    fn go_on(&self, name: &str) {
        control(&["fault", "resume", name, &self.host.name]);
    }

    fn age(&self, name: &str) -> Duration {
        self.any
            .get(&self.uuid(name))
            .map_or(Duration::MAX, Instant::elapsed)
    }
}

/// The default interval.
const INTERVAL: Duration = Duration::from_secs(2);

/// The sampler's limits are promised; the machine that runs this test is small and shared.
const LOADED: Duration = Duration::from_millis(1500);

impl Guests {
    /// Hangs these and watches until all are said not to respond, and as long again; no other row gets old meanwhile.
    fn hang_and_watch(&mut self, victims: &[String]) {
        for name in victims {
            self.hang(name);
        }
        let asked = Instant::now() + INTERVAL;
        let victims: BTreeSet<Uuid> = victims.iter().map(|name| self.uuid(name)).collect();
        let mut said = None;
        self.watch(INTERVAL * 5, |guests| {
            if said.is_none()
                && victims
                    .iter()
                    .all(|victim| guests.hung.contains_key(victim))
            {
                said = Some(Instant::now());
            }
            guests.assert_others_fresh(&victims);
        });
        let said = said.expect("each victim is said not to respond");
        let late = said.saturating_duration_since(asked);
        assert!(
            late <= Duration::from_secs(3) + LOADED,
            "said after {late:?}"
        );
        let hung: BTreeSet<Uuid> = self.hung.keys().copied().collect();
        assert_eq!(hung, victims, "and nobody else");
    }

    /// No row but the victims' is older than three intervals.
    fn assert_others_fresh(&self, victims: &BTreeSet<Uuid>) {
        for name in &self.names {
            let age = self.age(name);
            assert!(
                victims.contains(&self.uuid(name)) || age <= INTERVAL * 3,
                "{name} answers, and its row is {age:?} old"
            );
        }
    }

    /// All go on, and every row has new monitor figures within two intervals.
    fn all_go_on(&mut self) {
        let counts = |guests: &Self| -> Vec<usize> {
            let uuids = guests.names.iter().map(|name| guests.uuid(name));
            uuids
                .map(|uuid| guests.monitor.get(&uuid).map_or(0, Vec::len))
                .collect()
        };
        self.read();
        let before = counts(self);
        for name in &self.names {
            self.go_on(name);
        }
        let mut alive = None;
        let start = Instant::now();
        self.watch(INTERVAL * 2 + LOADED, |guests| {
            let all = counts(guests)
                .iter()
                .zip(&before)
                .all(|(now, then)| now > then);
            if alive.is_none() && all && guests.hung.is_empty() {
                alive = Some(start.elapsed());
            }
        });
        assert!(
            alive.is_some(),
            "rows live again within two intervals: {:?}",
            self.hung
        );
        assert_eq!(self.resting, None);
    }
}

#[test]
fn guests_that_hang_stop_nobody_else_and_come_back() {
    let mut guests = Guests::new("hung", 30, 30, |host, names| {
        for name in &names[3..5] {
            control(&["fault", "hang", name, &host.name]);
        }
    });
    // Two of thirty were hung before the start.
    let names = guests.names.clone();
    guests.watch(INTERVAL * 3, |_| {});
    guests.hang_and_watch(&names[3..5]);
    guests.all_go_on();
    for count in [1, 5] {
        guests.hang_and_watch(&names[7..7 + count]);
        guests.all_go_on();
    }
    // With twenty, eight calls (seven here and one that looks for jobs) are left hanging at most, then the monitor figures rest and the others live on.
    for name in &names[..20] {
        guests.hang(name);
    }
    let victims: BTreeSet<Uuid> = names[..20].iter().map(|name| guests.uuid(name)).collect();
    let mut rested = false;
    guests.watch(INTERVAL * 6, |guests| {
        guests.assert_others_fresh(&victims);
        rested |= guests.resting.is_some();
        let calls = guests
            .watched
            .history
            .iter()
            .rev()
            .find_map(|news| match news {
                News::Calls(calls) => Some(calls.parked),
                _ => None,
            });
        assert!(calls.unwrap_or(0) <= 8, "{calls:?} calls hang");
    });
    assert!(rested, "the header says that guest statistics rest");
    assert!(guests.hung.len() >= 7);
    guests.all_go_on();
}

/// `virsh domstats` of one domain by its parameters, and when it was read.
fn domstats(host: &Host, name: &str) -> (Instant, BTreeMap<String, u64>) {
    let text = host.virsh(&["domstats", "--nowait", name]);
    let at = Instant::now();
    let parameters = text.lines().filter_map(|line| {
        let (key, value) = line.trim().split_once('=')?;
        Some((key.to_owned(), value.parse().ok()?))
    });
    (at, parameters.collect())
}

#[test]
fn counters_agree_with_virsh() {
    let lab = Lab::get();
    let mut watched = Watched::open(lab.uri());
    let name = "tiny-2";
    watched.until("a row", |watched| watched.row(name).map(drop));
    let uuid = watched.uuid(name);
    let visible = BTreeSet::from([uuid]);
    watched.fleet.interest(
        watched.id,
        Interest {
            visible,
            ..Interest::default()
        },
    );
    let samples = |watched: &Watched| -> Vec<DomainSample> {
        let of_all = watched.history.iter().filter_map(|news| match news {
            News::Sampled { domains, .. } => Some(domains),
            _ => None,
        });
        of_all
            .flatten()
            .filter(|sample| sample.uuid == uuid)
            .cloned()
            .collect()
    };
    let whole = |watched: &Watched, count: usize| {
        let found = samples(watched);
        let monitor: Vec<_> = found
            .iter()
            .filter(|sample| sample.blocks.is_some())
            .cloned()
            .collect();
        (monitor.len() >= count).then(|| monitor[count - 1].clone())
    };
    let first = watched.until("a first sample", |watched| whole(watched, 1));
    let (virsh_first_at, virsh_first) = domstats(lab.main(), name);
    let second = watched.until("a fourth sample", |watched| whole(watched, 4));
    let (virsh_second_at, virsh_second) = domstats(lab.main(), name);

    let rate = |from: u64, to: u64, span: Duration| (to - from) as f64 / span.as_secs_f64() / 1e9;
    let ours = rate(
        first.cpu_time_ns.unwrap(),
        second.cpu_time_ns.unwrap(),
        second.at - first.at,
    );
    let theirs = rate(
        virsh_first["cpu.time"],
        virsh_second["cpu.time"],
        virsh_second_at - virsh_first_at,
    );
    assert!(
        (ours - theirs).abs() < 0.1 + theirs * 0.1,
        "CPU {ours} and {theirs}"
    );

    let balloon = second.balloon.unwrap();
    assert_eq!(balloon.current_kib, Some(virsh_second["balloon.current"]));
    assert_eq!(balloon.maximum_kib, Some(virsh_second["balloon.maximum"]));
    assert_eq!(second.vcpu_count, Some(1));
    assert!(second.vcpus[0].time_ns <= virsh_second["vcpu.0.time"]);
    let disk = &second.blocks.as_ref().unwrap()[0];
    for (mine, theirs) in [
        (disk.read_bytes, "block.0.rd.bytes"),
        (disk.read_requests, "block.0.rd.reqs"),
        (disk.read_time_ns, "block.0.rd.times"),
        (disk.write_bytes, "block.0.wr.bytes"),
        (disk.capacity_bytes, "block.0.capacity"),
        (disk.physical_bytes, "block.0.physical"),
    ] {
        assert_eq!(mine, Some(virsh_second[theirs]), "{theirs}");
    }
    let net = samples(&watched)
        .into_iter()
        .rev()
        .find_map(|sample| sample.nets)
        .unwrap();
    if let Some(rx) = virsh_second.get("net.0.rx.bytes") {
        assert!(net[0].rx_bytes.unwrap() <= rx + 4096);
    }
}
