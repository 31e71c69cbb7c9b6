use super::super::figures::{CpuFigures, MemoryFigures, MemorySource};
use super::*;

const LONGEST: Duration = Duration::from_secs(40);

/// Everything a running guest shows; noisy, so that nothing is stored for free.
fn busy(at: Instant, tick: u32) -> Figures {
    let noise = f64::from(tick.wrapping_mul(2_654_435_761) >> 16);
    Figures {
        cpu: Some(CpuFigures {
            at,
            cores: None,
            guest_percent: Some(noise % 100.0),
        }),
        memory: Some(MemoryFigures {
            at,
            used_kib: Some(1_000_000 + u64::from(tick * 7919 % 100_000)),
            source: MemorySource::Guest,
            usable_kib: None,
            current_kib: None,
            maximum_kib: None,
            rss_kib: None,
        }),
        disks_at: Some(at),
        disks: vec![DiskFigures {
            name: "vda".to_owned(),
            read_bps: Some(noise),
            write_bps: Some(noise * 2.0),
            ..DiskFigures::default()
        }],
        nics_at: Some(at),
        nics: vec![NicFigures {
            name: "vnet0".to_owned(),
            rx_bps: Some(noise * 3.0),
            tx_bps: Some(noise * 5.0),
            ..NicFigures::default()
        }],
        vcpus: Vec::new(),
    }
}

fn after_an_hour(interval: u32, devices: bool) -> History {
    let start = Instant::now();
    let mut history = History::default();
    for tick in 0..3600 / interval {
        let at = start + Duration::from_secs(1) * (tick * interval);
        history.record(at, &busy(at, tick), LONGEST, devices);
    }
    history
}

#[test]
fn hour_of_ten_thousand_domains_fits() {
    // All of them busy and on screen at once would still be bounded ...
    let watched = after_an_hour(2, false).heap_bytes();
    assert!(watched < 8_500, "{watched}");
    // ... and off the screen, where the rest of ten thousand are, it is what the budget is made of.
    let others = after_an_hour(15, false).heap_bytes();
    assert!(others < 5_000, "{others}");
    let all = 100 * watched + 9_900 * others;
    assert!(all < 48 << 20, "{} MiB", all >> 20);
}

#[test]
fn domain_that_never_ran_keeps_nothing() {
    let mut history = History::default();
    history.gap(Instant::now());
    assert_eq!(history.heap_bytes(), 0);
    assert!(size_of::<History>() <= 16);
}

#[test]
fn devices_are_kept_while_somebody_looks() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let mut history = History::default();
    history.record(at(0), &busy(at(0), 0), LONGEST, false);
    assert!(history.disk("vda").is_none());
    history.record(at(2), &busy(at(2), 1), LONGEST, true);
    assert!(history.disk("vda").is_some() && history.nic("vnet0").is_some());
    history.record(at(4), &busy(at(4), 2), LONGEST, false);
    assert!(
        history.disk("vda").is_some(),
        "a glance away forgets nothing"
    );
    history.record(at(700), &busy(at(700), 3), LONGEST, false);
    assert!(history.disk("vda").is_none());
    assert!(history.totals().is_some());
}

#[test]
fn unplugged_disk_lingers_and_goes() {
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let mut history = History::default();
    history.record(at(0), &busy(at(0), 0), LONGEST, true);
    let without = |second| Figures {
        disks: Vec::new(),
        ..busy(at(second), 1)
    };
    history.record(at(2), &without(2), LONGEST, true);
    assert!(history.disk("vda").is_some());
    history.record(at(900), &without(900), LONGEST, true);
    assert!(history.disk("vda").is_none());
    assert!(history.nic("vnet0").is_some());
}
