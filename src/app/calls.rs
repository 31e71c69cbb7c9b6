//! The round trips of a connection, and how many of them fall on a refresh.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::protocol::CallCounts;

/// The time that rates are taken over.
const WINDOW: Duration = Duration::from_secs(30);

/// What was counted last, and what had been counted before.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// Oldest first; all but the first within the window.
    counted: VecDeque<(Instant, CallCounts)>,
    nothing: CallCounts,
}

impl Calls {
    /// Takes in what was counted so far.
    pub fn accept(&mut self, counts: CallCounts, now: Instant) {
        self.counted.push_back((now, counts));
        while self
            .counted
            .get(1)
            .is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW)
        {
            self.counted.pop_front();
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> &CallCounts {
        self.counted
            .back()
            .map_or(&self.nothing, |(_, counts)| counts)
    }

    /// Calls a second of one kind of connection and one name, over the last half minute; `None` while too little was
    /// counted to tell.
    #[must_use]
    pub fn per_second(&self, kind: &str, call: &str) -> Option<f64> {
        let ((from, before), (to, after)) = (self.counted.front()?, self.counted.back()?);
        let seconds = to.saturating_duration_since(*from).as_secs_f64();
        if seconds <= 0.0 {
            return None;
        }
        let count = |counts: &CallCounts| {
            let row = counts
                .rows
                .iter()
                .find(|row| row.0 == kind && row.1 == call);
            row.map_or(0, |row| row.2)
        };
        #[allow(clippy::cast_precision_loss, reason = "a difference of a few seconds")]
        let more = count(after).checked_sub(count(before))? as f64;
        Some(more / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(count: u64) -> CallCounts {
        CallCounts {
            rows: vec![("control", "virNodeGetInfo", count, Duration::ZERO)],
            ..CallCounts::default()
        }
    }

    #[test]
    fn rates_are_those_of_the_last_half_minute() {
        let start = Instant::now();
        let mut calls = Calls::default();
        assert_eq!(calls.per_second("control", "virNodeGetInfo"), None);
        calls.accept(counts(1000), start);
        assert_eq!(calls.per_second("control", "virNodeGetInfo"), None);
        for second in 1..=60 {
            calls.accept(
                counts(1000 + second * 2),
                start + Duration::from_secs(second),
            );
        }
        assert_eq!(calls.per_second("control", "virNodeGetInfo"), Some(2.0));
        assert_eq!(calls.per_second("control", "another"), Some(0.0));
        assert_eq!(calls.counts().rows[0].2, 1120);
        assert!(calls.counted.len() <= 32);
    }

    #[test]
    fn a_count_that_went_back_gives_no_rate() {
        let start = Instant::now();
        let mut calls = Calls::default();
        calls.accept(counts(9), start);
        calls.accept(counts(1), start + Duration::from_secs(2));
        assert_eq!(calls.per_second("control", "virNodeGetInfo"), None);
    }
}
