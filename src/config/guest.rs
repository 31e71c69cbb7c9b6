//! What may be done inside of guests.

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;

/// Shortest and longest wait for a command in a guest, in seconds.
const WAIT_S: std::ops::RangeInclusive<i64> = 1..=86_400;

/// The section `[guest]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestSettings {
    /// Commands may be run in guests by their agents, and passed on to the agents as they are.
    pub run_commands: bool,
    /// How long the end of such a command is waited for, in seconds.
    pub wait_s: u32,
}

impl Default for GuestSettings {
    fn default() -> Self {
        Self {
            run_commands: false,
            wait_s: 60,
        }
    }
}

/// The section as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FileGuest {
    run_commands: Option<bool>,
    wait: Option<Spanned<i64>>,
}

/// Checks the section.
pub(super) fn guest(text: &str, file: FileGuest) -> Result<GuestSettings, ConfigError> {
    let default = GuestSettings::default();
    let wait_s = match file.wait {
        None => default.wait_s,
        Some(seconds) if WAIT_S.contains(seconds.get_ref()) => {
            u32::try_from(*seconds.get_ref()).unwrap_or(default.wait_s)
        }
        Some(seconds) => {
            let why = format!(
                "wait must be {} to {} seconds",
                WAIT_S.start(),
                WAIT_S.end()
            );
            return Err(ConfigError::at(text, seconds.span().start, why));
        }
    };
    Ok(GuestSettings {
        run_commands: file.run_commands.unwrap_or(default.run_commands),
        wait_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn commands_are_off_until_the_section_allows_them() {
        let read = |text: &str| Config::parse(text).unwrap().guest;
        assert_eq!(read(""), GuestSettings::default());
        assert!(!read("").run_commands);
        let allowed = read("[guest]\nrun-commands = true\nwait = 5");
        assert_eq!((allowed.run_commands, allowed.wait_s), (true, 5));
        let error = Config::parse("[guest]\nwait = 0").unwrap_err();
        assert_eq!(error.line, Some(2), "{error}");
    }
}
