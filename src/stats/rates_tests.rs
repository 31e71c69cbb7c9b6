use super::*;
use crate::model::Uuid;

fn sample(at: Instant) -> DomainSample {
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

fn later(at: Instant) -> Instant {
    at + Duration::from_secs(2)
}

#[test]
fn cpu_is_a_part_of_the_vcpus_and_of_the_host() {
    let at = Instant::now();
    let before = DomainSample {
        cpu_time_ns: Some(5_000_000_000),
        vcpu_count: Some(2),
        ..sample(at)
    };
    let now = DomainSample {
        cpu_time_ns: Some(7_000_000_000),
        ..sample(later(at))
    };
    let cpu = rates(&before, &now).cpu.unwrap();
    assert_eq!(cpu.cores, Some(1.0));
    assert_eq!(cpu.guest_percent, Some(50.0));
    assert_eq!(cpu.host_percent(8), Some(12.5));
    assert_eq!(cpu.host_percent(0), None);
}

#[test]
fn cpu_never_passes_a_hundred() {
    let at = Instant::now();
    let before = DomainSample {
        cpu_time_ns: Some(0),
        vcpu_count: Some(1),
        ..sample(at)
    };
    let now = DomainSample {
        cpu_time_ns: Some(9_000_000_000),
        ..sample(later(at))
    };
    assert_eq!(rates(&before, &now).cpu_percent(), Some(100.0));
}

#[test]
fn no_rate_without_time_or_from_a_counter_that_went_back() {
    let at = Instant::now();
    let with = |at, ns| DomainSample {
        cpu_time_ns: Some(ns),
        vcpu_count: Some(1),
        ..sample(at)
    };
    assert_eq!(rates(&with(at, 1), &with(at, 5)).cpu_percent(), None);
    assert_eq!(rates(&with(later(at), 1), &with(at, 5)).cpu_percent(), None);
    assert_eq!(rates(&with(at, 5), &with(later(at), 1)).cpu_percent(), None);
    assert_eq!(
        rates(&sample(at), &with(later(at), 1)).cpu_percent(),
        None,
        "the group was not read before"
    );
}

#[test]
fn vcpu_count_falls_back_to_the_list_and_is_needed() {
    let at = Instant::now();
    let with = |at, ns, count| DomainSample {
        cpu_time_ns: Some(ns),
        vcpus: (0..count)
            .map(|number| VcpuSample {
                number,
                time_ns: ns,
                wait_ns: Some(ns / 2),
                delay_ns: None,
            })
            .collect(),
        ..sample(at)
    };
    let figures = rates(&with(at, 0, 4), &with(later(at), 1_000_000_000, 4));
    assert_eq!(figures.cpu_percent(), Some(12.5));
    assert_eq!(figures.vcpus[3].percent, Some(50.0));
    assert_eq!(figures.vcpus[3].wait_percent, Some(25.0));
    assert_eq!(figures.vcpus[3].steal_percent, None);
    let figures = rates(&with(at, 0, 0), &with(later(at), 1_000_000_000, 0));
    assert_eq!(figures.cpu.unwrap().cores, Some(0.5));
    assert_eq!(figures.cpu_percent(), None);
}

#[test]
fn plugged_vcpu_has_no_figure_yet() {
    let vcpu = |number, time_ns| VcpuSample {
        number,
        time_ns,
        wait_ns: None,
        delay_ns: None,
    };
    let at = Instant::now();
    let figures = each_vcpu(
        Span::between(at, later(at)),
        &[vcpu(0, 0)],
        &[vcpu(1, 9), vcpu(0, 2_000_000_000)],
    );
    assert_eq!(figures[0].percent, Some(100.0));
    assert_eq!((figures[1].number, figures[1].percent), (1, None));
}

#[test]
fn memory_says_who_counted() {
    let at = Instant::now();
    let guest = BalloonSample {
        current_kib: Some(1000),
        maximum_kib: Some(2000),
        available_kib: Some(900),
        usable_kib: Some(600),
        last_update: Some(1_700_000_000),
        ..BalloonSample::default()
    };
    let figures = memory(&guest, at);
    assert_eq!(figures.used_kib, Some(300));
    assert_eq!(figures.usable_kib, Some(600));
    assert_eq!(figures.source, MemorySource::Guest);
    assert_eq!(figures.percent(), Some(15.0));

    let silent = BalloonSample {
        last_update: Some(0),
        ..guest.clone()
    };
    assert_eq!(memory(&silent, at).source, MemorySource::Balloon);
    assert_eq!(memory(&silent, at).used_kib, Some(1000));

    let absurd = BalloonSample {
        usable_kib: Some(5000),
        ..guest
    };
    assert_eq!(memory(&absurd, at).source, MemorySource::Balloon);
    assert_eq!(memory(&BalloonSample::default(), at).used_kib, None);
}

fn disk(name: &str, factor: u64) -> BlockSample {
    BlockSample {
        name: name.to_owned(),
        read_bytes: Some(factor * 4096),
        read_requests: Some(factor),
        read_time_ns: Some(factor * 1_000_000),
        write_bytes: Some(0),
        write_requests: Some(0),
        write_time_ns: Some(0),
        ..BlockSample::default()
    }
}

#[test]
fn disk_gives_rates_and_latency_by_its_name() {
    let at = Instant::now();
    let figures = disks(
        Span::between(at, later(at)),
        &[disk("vda", 100), disk("vdb", 5)],
        &[disk("vdb", 5), disk("vda", 300)],
    );
    assert_eq!(figures[1].name, "vda");
    assert_eq!(figures[1].read_bps, Some(200.0 * 4096.0 / 2.0));
    assert_eq!(figures[1].read_iops, Some(100.0));
    assert_eq!(figures[1].read_latency_ns, Some(1_000_000.0));
    assert_eq!(figures[0].read_bps, Some(0.0));
    assert_eq!(
        figures[0].read_latency_ns, None,
        "no request has no latency"
    );
}

#[test]
fn renamed_device_starts_anew_and_a_removed_one_is_gone() {
    let at = Instant::now();
    let figures = disks(
        Span::between(at, later(at)),
        &[disk("vda", 100), disk("vdb", 5)],
        &[disk("vdc", 300)],
    );
    assert_eq!(figures.len(), 1);
    assert_eq!(figures[0].read_bps, None);
}

#[test]
fn totals_add_what_is_known() {
    let figures = Figures {
        disks: vec![
            DiskFigures {
                read_bps: Some(3.0),
                ..DiskFigures::default()
            },
            DiskFigures::default(),
        ],
        ..Figures::default()
    };
    assert_eq!(figures.disk_read_bps(), Some(3.0));
    assert_eq!(figures.disk_write_bps(), None);
    assert_eq!(figures.disk_bps(), Some(3.0));
    assert_eq!(figures.net_bps(), None);
}

#[test]
fn nic_counts_packets_errors_and_drops() {
    let nic = |factor: u64| NetSample {
        name: "vnet0".to_owned(),
        rx_bytes: Some(factor * 1000),
        rx_packets: Some(factor * 10),
        rx_errors: Some(factor),
        rx_drops: Some(0),
        tx_bytes: Some(factor * 10),
        tx_packets: None,
        tx_errors: Some(1),
        tx_drops: None,
    };
    let at = Instant::now();
    let figures = nics(Span::between(at, later(at)), &[nic(2)], &[nic(4)]);
    assert_eq!(figures[0].rx_bps, Some(1000.0));
    assert_eq!(figures[0].rx_pps, Some(10.0));
    assert_eq!(figures[0].tx_pps, None);
    assert_eq!(figures[0].rx_eps, Some(1.0));
    assert_eq!(figures[0].errors, Some(5));
    assert_eq!(figures[0].drops, Some(0));
}
