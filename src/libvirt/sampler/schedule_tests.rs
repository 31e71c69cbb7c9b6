//! A schedule against a simulated daemon with a clock of its own.

use proptest::prelude::*;

use super::super::simulation::{Change, Simulation};
use super::*;

const INTERVAL: Duration = Duration::from_secs(2);

fn seconds(number: f64) -> Duration {
    Duration::from_secs_f64(number)
}

#[test]
fn a_refresh_of_thirty_running_domains_takes_few_calls() {
    let mut host = Simulation::new(30, 0..30, INTERVAL);
    host.run(seconds(20.0), &[]);
    let before = host.round_trips();
    host.run(seconds(20.0), &[]);
    let each = (host.round_trips() - before) as f64 / 10.0;
    assert!(each <= 10.0, "{each} round trips a refresh");
    assert!(
        host.oldest_seen() <= INTERVAL + seconds(0.5),
        "{:?}",
        host.oldest_seen()
    );
}

#[test]
fn a_refresh_takes_few_calls_with_a_thousand_running_domains() {
    let mut host = Simulation::new(1000, 0..50, INTERVAL);
    host.run(seconds(20.0), &[]);
    let before = host.round_trips();
    host.run(seconds(40.0), &[]);
    let each = (host.round_trips() - before) as f64 / 20.0;
    assert!(each <= 10.0, "{each} round trips a refresh");
    assert!(
        host.oldest_of_all() <= seconds(15.0),
        "{:?}",
        host.oldest_of_all()
    );
}

#[test]
fn hung_guests_are_named_and_the_others_go_on() {
    for count in [1_u8, 2, 5] {
        for before_start in [true, false] {
            let mut host = Simulation::new(30, 0..30, INTERVAL);
            let victims: Vec<u16> = (0..u16::from(count)).map(|n| n * 5 + 2).collect();
            if !before_start {
                host.run(seconds(7.0), &[]);
            }
            let now = host.elapsed();
            let hang: Vec<_> = victims.iter().map(|n| (now, Change::Hang(*n))).collect();
            host.run(seconds(20.0), &hang);
            assert_eq!(host.said_not_to_respond(), victims, "hung {before_start}");
            host.check_promises();
            let cont: Vec<_> = victims
                .iter()
                .map(|n| (host.elapsed(), Change::Continue(*n)))
                .collect();
            host.run(seconds(10.0), &cont);
            assert_eq!(host.said_not_to_respond(), Vec::<u16>::new());
            assert!(host.oldest_seen() <= INTERVAL + seconds(0.5));
            host.check_promises();
        }
    }
}

#[test]
fn five_neighbours_in_one_slice_are_found_in_time() {
    let mut host = Simulation::new(30, 0..30, INTERVAL);
    let hang: Vec<_> = (0..5).map(|n| (Duration::ZERO, Change::Hang(n))).collect();
    host.run(seconds(8.0), &hang);
    assert_eq!(host.said_not_to_respond(), vec![0, 1, 2, 3, 4]);
    host.check_promises();
}

#[test]
fn twenty_of_thirty_make_the_monitor_statistics_rest_until_they_continue() {
    let mut host = Simulation::new(30, 0..30, INTERVAL);
    let hang: Vec<_> = (0..20).map(|n| (seconds(5.0), Change::Hang(n))).collect();
    host.run(seconds(30.0), &hang);
    assert!(host.rests());
    host.check_promises();
    let cont: Vec<_> = (0..20)
        .map(|n| (host.elapsed(), Change::Continue(n)))
        .collect();
    host.run(seconds(4.0), &cont);
    assert!(!host.rests());
    assert_eq!(host.said_not_to_respond(), Vec::<u16>::new());
    assert!(
        host.oldest_seen() <= INTERVAL * 2,
        "{:?}",
        host.oldest_seen()
    );
    host.check_promises();
}

#[test]
fn a_guest_held_by_another_client_is_said_not_to_respond_without_a_call_of_ours() {
    let mut host = Simulation::new(10, 0..10, INTERVAL);
    host.run(seconds(10.0), &[(seconds(1.0), Change::HeldByOther(3))]);
    assert_eq!(host.said_not_to_respond(), vec![3]);
    assert_eq!(host.most_stuck(), 0);
}

#[test]
fn a_lost_monitor_connection_is_opened_again() {
    let mut host = Simulation::new(10, 0..10, INTERVAL);
    host.run(seconds(20.0), &[(seconds(5.0), Change::LoseMonitors)]);
    assert!(host.oldest_seen() <= INTERVAL + seconds(0.5));
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0_u16..30).prop_map(Change::Hang),
        4 => (0_u16..30).prop_map(Change::Continue),
        1 => (0_u16..30).prop_map(Change::Stop),
        1 => (0_u16..30).prop_map(Change::Start),
        1 => Just(Change::ContinueAll),
        1 => Just(Change::LoseMonitors),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever hangs, continues, stops and starts: the limits hold at every moment, and when all continue, every row
    /// lives again.
    #[test]
    fn limits_hold_and_all_comes_back(
        script in prop::collection::vec((0_u64..40_000, change()), 0..60),
        seen in 1_u16..30,
    ) {
        let mut script: Vec<_> = script
            .into_iter()
            .map(|(at, change)| (Duration::from_millis(at), change))
            .collect();
        script.sort_by_key(|(at, _)| *at);
        let mut host = Simulation::new(30, 0..seen, INTERVAL);
        host.run(seconds(40.0), &script);
        prop_assert!(host.most_stuck() <= 8);
        host.run(seconds(6.0), &[(host.elapsed(), Change::ContinueAll)]);
        prop_assert_eq!(host.said_not_to_respond(), Vec::<u16>::new());
        prop_assert!(host.oldest_seen() <= INTERVAL * 2, "{:?}", host.oldest_seen());
        host.run(seconds(12.0), &[]);
        prop_assert!(host.oldest_of_all() <= seconds(15.0), "{:?}", host.oldest_of_all());
    }
}
