//! What the way to the terminal takes, and what a display costs.

use std::time::{Duration, Instant};

/// From this time for a frame on, colours are coarser; below the other they are fine again.
const SLOW: Duration = Duration::from_millis(150);
const SLOWER: Duration = Duration::from_millis(400);
const FAST: Duration = Duration::from_millis(40);

/// The way to the terminal, as it was found while frames were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link {
    bytes: u64,
    took: Duration,
    coarse: u8,
}

impl Link {
    /// A frame of so many bytes was written in this time.
    pub fn wrote(&mut self, bytes: u64, took: Duration) {
        self.bytes += bytes;
        // The mean of the last few.
        self.took = (self.took * 3 + took) / 4;
        self.coarse = if self.took > SLOWER {
            4
        } else if self.took > SLOW {
            self.coarse.max(3)
        } else if self.took < FAST {
            0
        } else {
            self.coarse
        };
    }

    /// Bytes that were written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bits of each colour to leave out: fewer cells change then, and in fewer colours.
    #[must_use]
    pub fn coarse(&self) -> u8 {
        self.coarse
    }
}

/// Frames and bytes a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meter {
    since: Option<(Instant, u64, u64)>,
    frames: u32,
    /// The last second: frames, bytes from the host, bytes to the terminal.
    pub last: Option<(u32, u64, u64)>,
}

impl Meter {
    /// A frame came, with what the host and the terminal have had so far.
    pub fn frame(&mut self, from_host: u64, to_terminal: u64, now: Instant) {
        self.frames += 1;
        let (since, host, terminal) = *self.since.get_or_insert((now, from_host, to_terminal));
        let passed = now.saturating_duration_since(since);
        if passed < Duration::from_secs(1) {
            return;
        }
        let a_second = |count: u64| {
            let rate = count as f64 / passed.as_secs_f64();
            rate.round() as u64
        };
        self.last = Some((
            u32::try_from(a_second(u64::from(self.frames))).unwrap_or(u32::MAX),
            a_second(from_host.saturating_sub(host)),
            a_second(to_terminal.saturating_sub(terminal)),
        ));
        self.since = Some((now, from_host, to_terminal));
        self.frames = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_way_makes_colours_coarser_until_it_is_fast_again() {
        let mut link = Link::default();
        for _ in 0..8 {
            link.wrote(100, Duration::from_millis(300));
        }
        assert_eq!((link.coarse(), link.bytes()), (3, 800));
        for _ in 0..8 {
            link.wrote(100, Duration::from_millis(900));
        }
        assert_eq!(link.coarse(), 4);
        for _ in 0..20 {
            link.wrote(100, Duration::from_millis(5));
        }
        assert_eq!(link.coarse(), 0);
    }

    #[test]
    fn rates_are_of_the_last_second() {
        let mut meter = Meter::default();
        let start = Instant::now();
        for number in 0..=10_u32 {
            meter.frame(
                u64::from(number) * 1000,
                u64::from(number) * 10,
                start + Duration::from_millis(100) * number,
            );
        }
        assert_eq!(meter.last, Some((11, 10_000, 100)));
    }
}
