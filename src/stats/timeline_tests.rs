use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn values(figures: &[f64]) -> Vec<Reading> {
    figures
        .iter()
        .map(|figure| Reading::Value(*figure))
        .collect()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= right.abs() * 0.001 + 1e-6
}

/// A timeline fed every `step` seconds with one series.
fn fed(step: u64, figures: impl IntoIterator<Item = f64>) -> (Timeline, Instant, Instant) {
    let start = Instant::now();
    let mut line = Timeline::new(1, start);
    let mut at = start;
    for figure in figures {
        line.record(at, &[Reading::Value(figure)]);
        at += SECOND * u32::try_from(step).unwrap();
    }
    let last = line.last().unwrap();
    (line, start, last)
}

#[test]
fn figure_speaks_for_the_time_before_it() {
    let (line, start, last) = fed(2, [0.0, 10.0, 20.0]);
    let cells = line.cells(0, start, last, 4);
    let averages: Vec<_> = cells.iter().map(|cell| cell.unwrap().avg.round()).collect();
    assert_eq!(averages, [10.0, 10.0, 20.0, 20.0]);
}

#[test]
fn gap_is_never_bridged() {
    let start = Instant::now();
    let mut line = Timeline::new(1, start);
    let at = |second: u32| start + SECOND * second;
    line.record(at(0), &values(&[5.0]));
    line.record(at(2), &values(&[5.0]));
    line.gap(at(6));
    line.record(at(8), &values(&[5.0]));
    let cells = line.cells(0, start, at(8), 4);
    assert!(cells[0].is_some());
    assert_eq!(cells[1], None);
    assert_eq!(cells[2], None);
    assert!(cells[3].is_some());
}

#[test]
fn silence_is_a_gap_without_anybody_saying_so() {
    let start = Instant::now();
    let mut line = Timeline::new(2, start);
    let at = |second: u32| start + SECOND * second;
    // Series 1 goes on while nobody asks for series 0.
    for second in 0..100 {
        let memory = if !(10..=90).contains(&second) {
            Reading::Value(1.0)
        } else {
            Reading::Absent
        };
        line.record(at(second), &[memory, Reading::Value(2.0)]);
    }
    let cells = line.cells(0, at(0), at(100), 10);
    assert!(cells[0].is_some() && cells[9].is_some());
    assert!(cells[1..9].iter().all(Option::is_none), "{cells:?}");
    assert!(line.cells(1, at(0), at(99), 10).iter().all(Option::is_some));
}

#[test]
fn absent_reading_is_spoken_for_by_the_next() {
    let start = Instant::now();
    let mut line = Timeline::new(2, start);
    for second in 0..=30 {
        let slow = if second % 15 == 0 {
            Reading::Value(f64::from(second))
        } else {
            Reading::Absent
        };
        line.record(start + SECOND * second, &[slow, Reading::Value(1.0)]);
    }
    let cells = line.cells(0, start, start + SECOND * 30, 30);
    assert!(cells.iter().all(Option::is_some));
    assert!(near(cells[20].unwrap().avg, 30.0));
}

#[test]
fn two_tiers_of_one_tick_are_one_row() {
    let start = Instant::now();
    let mut line = Timeline::new(2, start);
    for tick in 0..10 {
        let at = start + SECOND * (2 * tick);
        line.record(at, &[Reading::Absent, Reading::Value(1.0)]);
        line.record(
            at + Duration::from_millis(120),
            &[Reading::Value(2.0), Reading::Absent],
        );
    }
    assert_eq!(line.full.len(), 10);
}

#[test]
fn a_day_is_kept_and_no_more() {
    let (line, start, last) = fed(10, (0..12_000).map(|tick| f64::from(tick % 100)));
    let first = line.first().unwrap();
    let kept = last - first;
    assert!(kept >= Duration::from_secs(23 * 3600), "{kept:?}");
    assert!(kept <= Duration::from_secs(24 * 3600 + 1200), "{kept:?}");
    assert!(first > start);
    let cells = line.cells(0, first, last, 200);
    assert!(cells.iter().all(Option::is_some), "no hole between tiers");
    for cell in cells.iter().flatten() {
        assert!(cell.min <= cell.avg && cell.avg <= cell.max);
    }
}

#[test]
fn memory_is_bounded() {
    let (line, ..) = fed(1, (0..100_000).map(f64::from));
    assert!(line.heap_bytes() < 12_000, "{}", line.heap_bytes());
    let (short, ..) = fed(2, [1.0]);
    assert!(short.heap_bytes() < 300, "{}", short.heap_bytes());
}

#[test]
fn a_jump_of_days_starts_anew() {
    let start = Instant::now();
    let mut line = Timeline::new(1, start);
    line.record(start, &values(&[1.0]));
    let later = start + SECOND * 400_000;
    line.record(later, &values(&[2.0]));
    line.record(later + SECOND, &values(&[3.0]));
    let cells = line.cells(0, later - SECOND, later + SECOND, 2);
    assert!(near(cells[1].unwrap().max, 3.0));
    assert_eq!(
        line.cells(0, start + SECOND, later - SECOND * 9, 5),
        [None; 5]
    );
}

#[test]
fn moment_in_the_past_counts_as_now() {
    let start = Instant::now() + SECOND * 100;
    let mut line = Timeline::new(1, start);
    line.record(start + SECOND * 4, &values(&[1.0]));
    line.record(start, &values(&[9.0]));
    assert!(near(
        line.summary(0, start, start + SECOND * 5).unwrap().max,
        9.0
    ));
    assert_eq!(line.last(), Some(start + SECOND * 4));
}

#[test]
fn answers_that_overtake_each_other_within_a_tick_are_taken() {
    let start = Instant::now();
    let mut line = Timeline::new(2, start);
    let at = |millis: u64| start + Duration::from_millis(millis);
    line.record(at(1000), &[Reading::Value(1.0), Reading::Absent]);
    // Joins the row of a moment ago, and is later than what comes next.
    line.record(at(1400), &[Reading::Absent, Reading::Value(2.0)]);
    line.record(at(1200), &[Reading::Value(3.0), Reading::Value(4.0)]);
    line.record(at(3000), &[Reading::Value(5.0), Reading::Value(6.0)]);
    let summary = line.summary(1, start, at(3000)).unwrap();
    assert!(near(summary.max, 6.0), "{summary:?}");
}

#[test]
fn summary_ends_with_the_newest_figure_or_none() {
    let (mut line, start, last) = fed(2, [4.0, 2.0, 8.0]);
    let summary = line.summary(0, start, last).unwrap();
    assert!(near(summary.min, 2.0) && near(summary.max, 8.0));
    assert!(near(summary.avg, 5.0), "{}", summary.avg);
    assert!(near(summary.last.unwrap(), 8.0));
    line.gap(last + SECOND);
    assert_eq!(line.summary(0, start, last + SECOND).unwrap().last, None);
    assert_eq!(line.summary(0, last + SECOND * 2, last + SECOND * 9), None);
}

proptest! {
    // Each case is most of an hour.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn thinning_keeps_minimum_average_and_maximum(
        figures in proptest::collection::vec(prop_oneof![Just(0.0), 0.01_f64..100.0, 1e3..1e12_f64], 3000..4000),
    ) {
        // One a second: the first 1,800 are long thinned by now.
        let (line, start, _) = fed(1, figures.iter().copied());
        for minute in [3_usize, 11, 29] {
            let part = &figures[minute * 60..(minute + 1) * 60];
            let from = start + SECOND * u32::try_from(minute * 60).unwrap();
            let cell = line.cells(0, from, from + SECOND * 60, 1)[0].unwrap();
            let min = part.iter().copied().fold(f64::INFINITY, f64::min);
            let max = part.iter().copied().fold(0.0, f64::max);
            let avg = part.iter().sum::<f64>() / 60.0;
            prop_assert!(near(cell.min, min), "min {} {min}", cell.min);
            prop_assert!(near(cell.max, max), "max {} {max}", cell.max);
            prop_assert!(near(cell.avg, avg), "avg {} {avg}", cell.avg);
        }
    }
}

proptest! {
    #[test]
    fn no_cell_leaves_the_bounds_of_what_was_recorded(
        readings in proptest::collection::vec((1_u64..90_000, 0_u8..6, 5.0_f64..50.0, 0_u64..900), 1..400),
        columns in 1_usize..200,
    ) {
        let start = Instant::now();
        let mut line = Timeline::new(2, start);
        let mut at = start;
        for (pause, kind, figure, back) in readings {
            at += Duration::from_millis(pause);
            let reading = match kind {
                0 => Reading::Absent,
                1 => Reading::Gap,
                _ => Reading::Value(figure),
            };
            line.record(at, &[reading, Reading::Absent]);
            // Another read of about the same moment, perhaps an earlier one.
            let other = at.checked_sub(Duration::from_millis(back)).unwrap_or(at);
            line.record(other, &[Reading::Absent, Reading::Value(1.0)]);
        }
        prop_assert!(line.heap_bytes() < 20_000);
        for (from, to) in [(start, at), (at - SECOND * 60, at), (start, at + SECOND * 100)] {
            for cell in line.cells(0, from, to, columns).into_iter().flatten() {
                prop_assert!(cell.min <= cell.avg && cell.avg <= cell.max);
                prop_assert!(cell.min > 4.9 && cell.max < 50.1);
            }
        }
    }

    #[test]
    fn nothing_is_drawn_where_nothing_was_known(
        before in 1_u32..600, hole in 41_u32..3000, after in 1_u32..600,
    ) {
        let start = Instant::now();
        let mut line = Timeline::new(1, start);
        for second in 0..before {
            line.record(start + SECOND * second, &values(&[1.0]));
        }
        for second in 0..after {
            line.record(start + SECOND * (before + hole + second), &values(&[1.0]));
        }
        // Thinned buckets are whole minutes and round the edges of the hole.
        let from = start + SECOND * (before + 60);
        let to = start + SECOND * (before + hole).saturating_sub(60).max(before + 60);
        if to > from {
            for cell in line.cells(0, from, to, 50) {
                prop_assert_eq!(cell, None);
            }
        }
    }
}
