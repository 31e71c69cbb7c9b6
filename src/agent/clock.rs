//! The guest's clock beside that of this machine.

use std::time::{Duration, SystemTime};

use chrono::DateTime;

/// 365 days, in ms.
const YEAR_MS: u64 = 365 * 24 * 3600 * 1000;

/// What a guest's clock said, and how far that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GuestClock {
    /// Seconds since 1970, by the guest.
    pub seconds: i64,
    /// And nanoseconds.
    pub nanoseconds: u32,
    /// How far it is ahead of this machine, in ms; negative for one that is behind.
    pub drift_ms: i64,
    /// How much of that may be the way there and back, in ms.
    pub margin_ms: i64,
}

impl GuestClock {
    /// Compares what the guest said to a question asked at `asked` by this machine's clock, whose answer took `took`.
    #[must_use]
    pub fn compare(said: (i64, u32), asked: SystemTime, took: Duration) -> Self {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let half = ms(took) / 2;
        let here = match asked.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => ms(since),
            Err(before) => -ms(before.duration()),
        };
        let there = said
            .0
            .saturating_mul(1000)
            .saturating_add(i64::from(said.1 / 1_000_000));
        Self {
            seconds: said.0,
            nanoseconds: said.1,
            drift_ms: there.saturating_sub(here.saturating_add(half)),
            margin_ms: half + 1,
        }
    }

    /// Whether it is right, as far as can be told.
    #[must_use]
    pub fn is_right(&self) -> bool {
        // A second is what people set clocks by, and what most agents and networks keep to.
        self.drift_ms.saturating_abs() <= self.margin_ms.saturating_add(1000)
    }

    /// What it shows, in UTC.
    #[must_use]
    pub fn utc(&self) -> String {
        match DateTime::from_timestamp(self.seconds, self.nanoseconds.min(999_999_999)) {
            Some(time) => time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            None => format!("{} s since 1970", self.seconds),
        }
    }

    /// How far it is off, in words.
    #[must_use]
    pub fn drift(&self) -> String {
        let off = self.drift_ms.unsigned_abs();
        if self.drift_ms.saturating_abs() <= self.margin_ms {
            return format!("right to ±{} ms", self.margin_ms);
        }
        let words = match off {
            0..10_000 => format!("{:.1} s", off as f64 / 1000.0),
            off if off < 2 * YEAR_MS => crate::text::duration_short(Duration::from_millis(off)),
            off => format!("{} years", off / YEAR_MS),
        };
        let side = if self.drift_ms > 0 {
            "ahead of"
        } else {
            "behind"
        };
        format!("{words} {side} this machine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(guest: (i64, u32), took_ms: u64) -> GuestClock {
        let asked = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        GuestClock::compare(guest, asked, Duration::from_millis(took_ms))
    }

    #[test]
    fn half_of_the_way_is_taken_off_and_is_the_margin() {
        let right = clock((1_700_000_000, 50_000_000), 100);
        assert_eq!((right.drift_ms, right.margin_ms), (0, 51));
        assert_eq!(right.drift(), "right to ±51 ms");
        assert!(right.is_right());
        assert_eq!(right.utc(), "2023-11-14 22:13:20 UTC");
        let ahead = clock((1_700_000_003, 0), 2);
        assert_eq!(ahead.drift(), "3.0 s ahead of this machine");
        assert!(!ahead.is_right());
        let behind = clock((1_699_996_400, 0), 2);
        assert_eq!(behind.drift(), "1h00m behind this machine");
    }

    #[test]
    fn nonsense_is_told_as_it_is() {
        for seconds in [i64::MAX, i64::MIN] {
            let wild = clock((seconds, u32::MAX), 10);
            assert!(!wild.is_right());
            assert!(wild.utc().ends_with("s since 1970"), "{}", wild.utc());
            assert!(!wild.drift().is_empty());
        }
    }
}
