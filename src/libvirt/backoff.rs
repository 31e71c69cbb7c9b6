//! How long to wait before a lost connection is opened again.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_millis(250);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// A fifth more or less, so that many clients of one daemon do not come back at the same moment.
const JITTER: f64 = 0.2;

/// The wait before try number `tries` (0 is the first after the loss), never longer than 5 s. `chance` is evenly
/// spread over `0.0..1.0`.
pub fn wait(tries: u32, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << tries.min(8)).min(LONGEST);
    let factor = 1.0 - JITTER + 2.0 * JITTER * chance.clamp(0.0, 1.0);
    doubled.mul_f64(factor).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_seconds_and_never_end() {
        let middle = |tries| wait(tries, 0.5).as_millis();
        assert_eq!(
            (0..6).map(middle).collect::<Vec<_>>(),
            [250, 500, 1000, 2000, 4000, 5000]
        );
        assert_eq!(middle(u32::MAX), 5000);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for tries in 0..20 {
            for chance in [0.0, 0.3, 0.99, 1.0] {
                let (wait, plain) = (wait(tries, chance), wait(tries, 0.5));
                assert!(wait >= plain.mul_f64(0.79) && wait <= plain.mul_f64(1.21));
                assert!(wait <= LONGEST);
            }
        }
    }
}
