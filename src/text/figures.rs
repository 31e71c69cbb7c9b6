//! Figures with units, in few columns.

use std::time::Duration;

/// Bytes in binary units with at most three significant digits: `0`, `512`, `1.5K`, `10M`, `1.2G`.
#[must_use]
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];
    let mut unit = 0;
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut figure = value as f64;
    while figure >= 999.5 && unit + 1 < UNITS.len() {
        figure /= 1024.0;
        unit += 1;
    }
    if unit == 0 || figure >= 9.95 {
        format!("{figure:.0}{}", UNITS[unit])
    } else {
        format!("{figure:.1}{}", UNITS[unit])
    }
}

/// Bytes a second, like [`bytes`]; the unit `/s` stands in the header.
#[must_use]
pub fn rate(bytes_per_second: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what u64 holds"
    )]
    bytes(bytes_per_second.clamp(0.0, 1e18) as u64)
}

/// A count or a count a second in decimal units with at most three significant digits: `0`, `0.5`, `12`, `1.2k`, `35M`.
#[must_use]
pub fn count(value: f64) -> String {
    const UNITS: [&str; 5] = ["", "k", "M", "G", "T"];
    scaled(value, 1000.0, &UNITS)
}

/// A duration in ns with at most three significant digits: `850ns`, `1.2µs`, `35ms`, `2.0s`.
#[must_use]
pub fn nanoseconds(value: f64) -> String {
    const UNITS: [&str; 4] = ["ns", "µs", "ms", "s"];
    scaled(value, 1000.0, &UNITS)
}

/// `value` in the unit that leaves at most three digits before the point, each unit `base` of the one before.
fn scaled(value: f64, base: f64, units: &[&str]) -> String {
    let mut figure = if value.is_finite() {
        value.max(0.0)
    } else {
        0.0
    };
    let mut unit = 0;
    while figure >= 999.5 && unit + 1 < units.len() {
        figure /= base;
        unit += 1;
    }
    if !(0.05..9.95).contains(&figure) {
        format!("{figure:.0}{}", units[unit])
    } else {
        format!("{figure:.1}{}", units[unit])
    }
}

/// A percentage without decimals: ` 42%`.
#[must_use]
pub fn percent(value: f64) -> String {
    format!("{value:.0}%")
}

/// A duration in its largest unit, or two: `4s`, `3m`, `2h05m`, `3d4h`.
#[must_use]
pub fn duration_short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m", seconds / 60),
        3600..=86_399 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// A version as libvirt counts it (major * 1,000,000 + minor * 1,000 + release): `9.0.0`.
#[must_use]
pub fn version(number: u64) -> String {
    format!(
        "{}.{}.{}",
        number / 1_000_000,
        number / 1000 % 1000,
        number % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_three_digits() {
        assert_eq!(bytes(0), "0");
        assert_eq!(bytes(999), "999");
        assert_eq!(bytes(1023), "1.0K");
        assert_eq!(bytes(1536), "1.5K");
        assert_eq!(bytes(10 * 1024 * 1024), "10M");
        assert_eq!(bytes(u64::MAX), "16E");
    }

    #[test]
    fn counts_and_times_keep_three_digits() {
        assert_eq!(count(0.0), "0");
        assert_eq!(count(0.25), "0.2");
        assert_eq!(count(12.4), "12");
        assert_eq!(count(1234.0), "1.2k");
        assert_eq!(count(f64::NAN), "0");
        assert_eq!(nanoseconds(850.0), "850ns");
        assert_eq!(nanoseconds(1_250_000.0), "1.2ms");
        assert_eq!(nanoseconds(4e12), "4000s");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(duration_short(Duration::from_secs(59)), "59s");
        assert_eq!(duration_short(Duration::from_secs(7500)), "2h05m");
    }
}
