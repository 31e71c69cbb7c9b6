use super::super::figures::MemorySource;
use super::super::history::TotalSeries;
use super::*;
use crate::model::Uuid;

fn empty(at: Instant) -> DomainSample {
    DomainSample {
        uuid: Uuid([7; 16]),
        at,
        state: None,
        cpu_time_ns: None,
        vcpu_count: None,
        vcpus: Vec::new(),
        balloon: None,
        blocks: None,
        nets: None,
    }
}

fn net(at: Instant, bytes: u64) -> DomainSample {
    DomainSample {
        nets: Some(vec![NetSample {
            name: "vnet0".to_owned(),
            rx_bytes: Some(bytes),
            ..NetSample::default()
        }]),
        ..empty(at)
    }
}

fn cpu(at: Instant, seconds: u64) -> DomainSample {
    DomainSample {
        cpu_time_ns: Some(seconds * 1_000_000_000),
        vcpu_count: Some(1),
        ..empty(at)
    }
}

#[test]
fn each_group_keeps_its_own_past() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let mut domain = Tracked::default();
    domain.accept(&cpu(at(0), 0), false);
    domain.accept(&net(at(2), 1000), false);
    domain.accept(&net(at(4), 3000), false);
    domain.accept(&cpu(at(10), 5), false);
    assert_eq!(domain.figures().cpu_percent(), Some(50.0));
    assert_eq!(domain.figures().net_rx_bps(), Some(1000.0));
    assert_eq!(domain.figures().nics_at, Some(at(4)));
    let totals = domain.history().totals().unwrap();
    let cpu = totals.cells(TotalSeries::Cpu as usize, at(0), at(10), 5);
    assert!(cpu.iter().all(Option::is_some), "{cpu:?}");
}

#[test]
fn no_rate_over_a_time_nobody_saw() {
    let start = Instant::now();
    let mut domain = Tracked::default();
    domain.accept(&cpu(start, 0), false);
    domain.accept(&cpu(start + Duration::from_secs(60), 30), false);
    assert_eq!(domain.figures().cpu_percent(), None);
    let mut slow = Tracked::with_longest(Duration::from_secs(90));
    slow.accept(&cpu(start, 0), false);
    slow.accept(&cpu(start + Duration::from_secs(60), 30), false);
    assert_eq!(slow.figures().cpu_percent(), Some(50.0));
}

#[test]
fn interruption_ends_figures_and_rates_but_not_the_past() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let mut domain = Tracked::default();
    domain.accept(&cpu(at(0), 0), false);
    domain.accept(&cpu(at(2), 1), false);
    domain.interrupt(at(4));
    assert_eq!(domain.figures(), &Figures::default());
    domain.accept(&cpu(at(6), 3), false);
    assert_eq!(
        domain.figures().cpu_percent(),
        None,
        "nothing to compare with"
    );
    domain.accept(&cpu(at(8), 4), false);
    let totals = domain.history().totals().unwrap();
    let cells = totals.cells(TotalSeries::Cpu as usize, at(0), at(8), 4);
    let known: Vec<_> = cells.iter().map(Option::is_some).collect();
    assert_eq!(known, [true, false, false, true]);
}

#[test]
fn guest_that_rebooted_into_smaller_counters_has_a_gap() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let mut domain = Tracked::default();
    domain.accept(&cpu(at(0), 50), false);
    domain.accept(&cpu(at(2), 51), false);
    domain.accept(&cpu(at(4), 0), false);
    assert_eq!(domain.figures().cpu_percent(), None);
    domain.accept(&cpu(at(6), 1), false);
    assert_eq!(domain.figures().cpu_percent(), Some(50.0));
}

#[test]
fn guests_word_on_memory_outlives_the_balloons_size() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let balloon = |at, usable_kib| DomainSample {
        balloon: Some(BalloonSample {
            current_kib: Some(1000),
            maximum_kib: Some(1000),
            usable_kib,
            ..BalloonSample::default()
        }),
        ..empty(at)
    };
    let mut domain = Tracked::default();
    domain.accept(&balloon(at(0), Some(400)), false);
    domain.accept(&balloon(at(2), None), false);
    let memory = domain.figures().memory.unwrap();
    assert_eq!(
        (memory.used_kib, memory.source),
        (Some(600), MemorySource::Guest)
    );
    domain.accept(&balloon(at(60), None), false);
    let memory = domain.figures().memory.unwrap();
    assert_eq!(
        (memory.used_kib, memory.source),
        (Some(1000), MemorySource::Balloon)
    );
}
