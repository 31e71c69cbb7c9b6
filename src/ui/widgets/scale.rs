//! Units, round tops of axes, and labels of the time axis.

use std::time::Duration;

use crate::text;

/// What the figures of a graph are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 0..=100.
    Percent,
    /// KiB of memory.
    Kibibytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Events a second: requests, packets, errors.
    PerSecond,
    /// Nanoseconds a request.
    Nanoseconds,
}

impl Unit {
    /// A figure with its unit, at most eight columns wide.
    #[must_use]
    pub fn show(self, figure: f64) -> String {
        match self {
            Self::Percent if figure < 9.95 => format!("{figure:.1}%"),
            Self::Percent => text::percent(figure),
            Self::Kibibytes => text::rate(figure * 1024.0),
            Self::BytesPerSecond if figure < 999.5 => format!("{}B/s", text::rate(figure)),
            Self::BytesPerSecond => format!("{}/s", text::rate(figure)),
            Self::PerSecond => format!("{}/s", text::count(figure)),
            Self::Nanoseconds => text::nanoseconds(figure),
        }
    }

    /// A figure with its unit, or a dash.
    #[must_use]
    pub fn show_or_dash(self, figure: Option<f64>) -> String {
        figure.map_or_else(|| "–".to_owned(), |figure| self.show(figure))
    }

    /// The round figure at the top of an axis that has to hold `max`.
    #[must_use]
    pub fn top(self, max: f64) -> f64 {
        match self {
            Self::Percent => 100.0,
            Self::Kibibytes => round_up(max, 1024.0, 1024.0),
            Self::BytesPerSecond => round_up(max, 1024.0, 1024.0),
            Self::PerSecond => round_up(max, 10.0, 1000.0),
            Self::Nanoseconds => round_up(max, 1000.0, 1000.0),
        }
    }

    /// A label of the axis: [`Unit::show`] of a round figure without needless digits.
    #[must_use]
    pub fn label(self, figure: f64) -> String {
        match self {
            Self::Percent => text::percent(figure),
            _ if figure <= 0.0 => "0".to_owned(),
            _ => self.show(figure).replace(".0", ""),
        }
    }
}

/// The least of 1, 2, 5, 10, 20, 50, 100, 200, 500 of a unit (each `base` of the one below) that holds `max`, and at
/// least `least`.
fn round_up(max: f64, least: f64, base: f64) -> f64 {
    let max = if max.is_finite() {
        max.max(least)
    } else {
        least
    };
    let mut unit = 1.0;
    while max >= base * unit {
        unit *= base;
    }
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]
        .into_iter()
        .map(|step| step * unit)
        .find(|top| *top >= max)
        .unwrap_or(base * unit)
}

/// The time axis in `columns`: ages at even distances, `now` (or `end`) at the right. Nothing overlaps.
#[must_use]
pub fn time_axis(span: Duration, end: &str, columns: usize) -> String {
    let mut axis: Vec<char> = vec![' '; columns];
    let mut put = |label: &str, from: usize| {
        for (place, c) in axis.iter_mut().skip(from).zip(label.chars()) {
            *place = c;
        }
    };
    let end_from = columns.saturating_sub(end.chars().count());
    if end.chars().count() <= columns {
        put(end, end_from);
    }
    let parts = match columns {
        0..20 => 1,
        20..48 => 2,
        48..120 => 4,
        _ => 6,
    };
    let mut free = 0;
    for part in 0..parts {
        let age = span * (parts - part) / parts;
        let label = format!("-{}", age_label(age));
        let at = columns * part as usize / parts as usize;
        if at >= free && at + label.len() < end_from {
            put(&label, at);
            free = at + label.len() + 1;
        }
    }
    axis.into_iter().collect()
}

/// A round age or span: `45s`, `2m30s`, `10m`, `1h30m`, `24h`.
#[must_use]
pub fn age_label(age: Duration) -> String {
    let seconds = age.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, rest) => format!("{minutes}m{rest:02}s"),
        (hours, 0, _) => format!("{hours}h"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SPANS;

    #[test]
    fn tops_are_round_and_hold_the_maximum() {
        let top = |unit: Unit, max: f64| unit.label(unit.top(max));
        assert_eq!(top(Unit::BytesPerSecond, 0.0), "1K/s");
        assert_eq!(top(Unit::BytesPerSecond, 1025.0), "2K/s");
        assert_eq!(top(Unit::BytesPerSecond, 900.0 * 1024.0), "1M/s");
        assert_eq!(top(Unit::BytesPerSecond, 3.3e9), "5G/s");
        assert_eq!(top(Unit::PerSecond, 3.0), "10/s");
        assert_eq!(top(Unit::PerSecond, 1500.0), "2k/s");
        assert_eq!(top(Unit::Nanoseconds, 730_000.0), "1ms");
        assert_eq!(top(Unit::Percent, 3.0), "100%");
        assert_eq!(top(Unit::Kibibytes, 700.0 * 1024.0), "1G");
        assert_eq!(top(Unit::BytesPerSecond, f64::NAN), "1K/s");
        for exponent in 0..50 {
            let max = 2_f64.powi(exponent) * 1.3;
            for unit in [Unit::BytesPerSecond, Unit::PerSecond, Unit::Nanoseconds] {
                assert!(unit.top(max) >= max);
                assert!(unit.show(max).chars().count() <= 8, "{}", unit.show(max));
            }
        }
    }

    #[test]
    fn time_axis_has_ages_and_an_end() {
        insta::assert_snapshot!(time_axis(SPANS[2], "now", 60), @"-10m           -7m30s         -5m            -2m30s      now");
        insta::assert_snapshot!(time_axis(SPANS[0], "now", 24), @"-1m         -30s     now");
        insta::assert_snapshot!(time_axis(SPANS[7], "now", 130));
        for columns in 0..40 {
            assert_eq!(time_axis(SPANS[1], "now", columns).chars().count(), columns);
        }
    }
}
