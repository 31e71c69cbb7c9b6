//! What the console calls for attention for, and how.

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::text::nearest;

/// Words with a `$` before them that stand in the command for what happened.
pub const ALERT_WORDS: [&str; 6] = ["TEXT", "KIND", "NAME", "UUID", "HOST", "URI"];

/// The section `[alerts]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// A domain crashed or its hypervisor died.
    pub crash: bool,
    /// A domain was paused by an I/O error.
    pub io_error: bool,
    /// A watchdog fired.
    pub watchdog: bool,
    /// A connection was lost.
    pub connection_lost: bool,
    /// A storage pool is fuller than this, in percent.
    pub pool_above: Option<u8>,
    /// The CPUs of a domain are busier than this for [`Self::minutes`], in percent.
    pub cpu_above: Option<u8>,
    /// The guest uses more of its memory than this for [`Self::minutes`], in percent.
    pub memory_above: Option<u8>,
    /// How long CPU or memory must stay above.
    pub minutes: u16,
    /// Ring the terminal's bell.
    pub bell: bool,
    /// Let the header flash.
    pub flash: bool,
    /// Program and arguments to start; none when empty. Never through a shell.
    pub command: Vec<String>,
    /// The time of day in which nothing rings, flashes or is started.
    pub quiet: Option<QuietHours>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            crash: true,
            io_error: true,
            watchdog: false,
            connection_lost: false,
            pool_above: None,
            cpu_above: None,
            memory_above: None,
            minutes: 5,
            bell: true,
            flash: true,
            command: Vec::new(),
            quiet: None,
        }
    }
}

/// From one minute of the day to before another; over midnight when the end is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: u16,
    to: u16,
}

impl QuietHours {
    /// Reads `22:00-07:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            if !digits(hour) || !digits(minute) {
                return None;
            }
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(Self { from, to })
    }

    /// Whether a minute of the day (0 to 1439) lies in them.
    #[must_use]
    pub fn contains(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// The section as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FileAlerts {
    crash: Option<bool>,
    io_error: Option<bool>,
    watchdog: Option<bool>,
    connection_lost: Option<bool>,
    pool_above: Option<Spanned<i64>>,
    cpu_above: Option<Spanned<i64>>,
    memory_above: Option<Spanned<i64>>,
    minutes: Option<Spanned<i64>>,
    bell: Option<bool>,
    flash: Option<bool>,
    command: Option<Spanned<Vec<Spanned<String>>>>,
    quiet: Option<Spanned<String>>,
}

/// Checks the section.
pub(super) fn alerts(text: &str, file: FileAlerts) -> Result<Alerts, ConfigError> {
    let default = Alerts::default();
    let percent = |name: &str, value: Option<Spanned<i64>>| {
        number(text, name, value, 1..=99, "percent").map(|found| found.map(|n| n as u8))
    };
    let quiet = match file.quiet {
        None => None,
        Some(written) => match QuietHours::parse(written.get_ref()) {
            Some(hours) => Some(hours),
            None => {
                let words = format!(
                    "quiet must be two times of the day such as \"22:00-07:00\", not \"{}\"",
                    written.get_ref()
                );
                return Err(ConfigError::at(text, written.span().start, words));
            }
        },
    };
    let minutes = number(text, "minutes", file.minutes, 1..=1440, "minutes")?;
    Ok(Alerts {
        crash: file.crash.unwrap_or(default.crash),
        io_error: file.io_error.unwrap_or(default.io_error),
        watchdog: file.watchdog.unwrap_or(default.watchdog),
        connection_lost: file.connection_lost.unwrap_or(default.connection_lost),
        pool_above: percent("pool-above", file.pool_above)?,
        cpu_above: percent("cpu-above", file.cpu_above)?,
        memory_above: percent("memory-above", file.memory_above)?,
        minutes: minutes.map_or(default.minutes, |minutes| minutes as u16),
        bell: file.bell.unwrap_or(default.bell),
        flash: file.flash.unwrap_or(default.flash),
        command: file
            .command
            .map_or_else(|| Ok(Vec::new()), |words| command(text, words))?,
        quiet,
    })
}

/// A number within its bounds, which fit into what it is made of.
#[allow(clippy::needless_pass_by_value, reason = "it is what the file gives")]
fn number(
    text: &str,
    name: &str,
    value: Option<Spanned<i64>>,
    bounds: std::ops::RangeInclusive<i64>,
    unit: &str,
) -> Result<Option<i64>, ConfigError> {
    match value {
        None => Ok(None),
        Some(value) if bounds.contains(value.get_ref()) => Ok(Some(*value.get_ref())),
        Some(value) => {
            let words = format!(
                "{name} must be {} to {} {unit}",
                bounds.start(),
                bounds.end()
            );
            Err(ConfigError::at(text, value.span().start, words))
        }
    }
}

/// A program and its arguments, in which every `$WORD` is known.
fn command(text: &str, words: Spanned<Vec<Spanned<String>>>) -> Result<Vec<String>, ConfigError> {
    let start = words.span().start;
    let words = words.into_inner();
    if words
        .first()
        .is_none_or(|program| program.get_ref().trim().is_empty())
    {
        let none = "command names no program; leave it out to start none";
        return Err(ConfigError::at(text, start, none));
    }
    for word in &words {
        let unknown = variables(word.get_ref()).find(|name| !ALERT_WORDS.contains(name));
        if let Some(name) = unknown {
            let known = ALERT_WORDS.join("`, `$");
            let message = format!("there is no `${name}`; there are `${known}`");
            return Err(ConfigError {
                nearest: nearest(name, ALERT_WORDS).map(|word| format!("${word}")),
                ..ConfigError::at(text, word.span().start, message)
            });
        }
    }
    Ok(words.into_iter().map(Spanned::into_inner).collect())
}

/// The names behind each `$` of a word: capitals.
fn variables(word: &str) -> impl Iterator<Item = &str> {
    word.split('$').skip(1).filter_map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_uppercase())
            .unwrap_or(rest.len());
        let name = &rest[..end];
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let night = QuietHours::parse("22:00-07:30").unwrap();
        for (minute, quiet) in [
            (22 * 60, true),
            (0, true),
            (449, true),
            (450, false),
            (720, false),
        ] {
            assert_eq!(night.contains(minute), quiet, "{minute}");
        }
        let noon = QuietHours::parse("12:00 - 13:00").unwrap();
        assert!(noon.contains(720) && !noon.contains(780) && !noon.contains(0));
        for bad in [
            "",
            "22-7",
            "24:00-01:00",
            "01:60-02:00",
            "08:00-08:00",
            "1:00-2:00",
            "22:00",
        ] {
            assert_eq!(QuietHours::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_section_is_read_and_its_mistakes_have_a_line() {
        let text = "[alerts]\npool-above = 90\nminutes = 10\nquiet = \"22:00-07:00\"\n\
            command = [\"logger\", \"--\", \"$NAME: $TEXT\"]\n";
        let alerts = Config::parse(text).unwrap().alerts;
        assert_eq!((alerts.pool_above, alerts.minutes), (Some(90), 10));
        assert_eq!(alerts.command, ["logger", "--", "$NAME: $TEXT"]);
        assert!(alerts.crash && alerts.io_error && !alerts.watchdog);
        for (text, line, near) in [
            ("[alerts]\ncrush = true", 2, Some("crash")),
            ("[alerts]\npool-above = 100", 2, None),
            ("[alerts]\nminutes = 0", 2, None),
            ("[alerts]\nquiet = \"late\"", 2, None),
            ("[alerts]\ncommand = []", 2, None),
            ("[alerts]\ncommand = [\"x\",\n \"$NAM\"]", 3, Some("$NAME")),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(
                (error.line, error.nearest.as_deref()),
                (Some(line), near),
                "{error}"
            );
        }
        assert!(Config::parse("[alerts]\ncommand = [\"x\", \"5$ $\"]").is_ok());
    }
}
