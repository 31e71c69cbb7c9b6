//! The TOML file and its errors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::alerts::{Alerts, FileAlerts, alerts};
use super::commands::{FileCommand, OwnCommand, commands};
use super::display::{Display, FileDisplay, display};
use super::editor::{EditorSettings, FileEditor, editor};
use super::guest::{FileGuest, GuestSettings, guest};
use super::host::{FileHost, HostSettings};
use super::keys::{FileBindings, FileConfirm, confirm, keys};
use super::look::{FileTheme, ThemeChoice, theme};
use super::plans::{FilePlan, SavedPlan, plans};
use super::views::{FileView, SavedView, views};
use crate::action::Action;
use crate::keymap::Rebinding;
use crate::model::Uri;
use crate::text::nearest;
use crate::text::visible;

/// A commented file with every setting at its default, as `assets/config.example.toml`.
pub const EXAMPLE: &str = include_str!("../../assets/config.example.toml");

/// The names of the table's columns, as `app::Column` has them; a test keeps the two lists the same.
pub const COLUMNS: [&str; 24] = [
    "state",
    "name",
    "host",
    "cpu",
    "host-cpu",
    "memory",
    "disk",
    "net",
    "history",
    "display",
    "ip",
    "vcpus",
    "virt",
    "autostart",
    "persistence",
    "title",
    "tags",
    "notes",
    "uptime",
    "snapshots",
    "steal",
    "wait",
    "latency",
    "last-event",
];

/// Shortest and longest sampling interval in seconds.
const INTERVAL_SECONDS: std::ops::RangeInclusive<f64> = 0.5..=3600.0;

/// A saved connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedConnection {
    /// The name `-c` may use and the host column shows.
    pub name: Option<String>,
    /// Where it leads.
    pub uri: Uri,
    /// Open it read-only.
    pub readonly: bool,
    /// Open it at each start without `-c`.
    pub autoconnect: bool,
}

/// All settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Time from one refresh of the rows on screen to the next.
    pub interval: Duration,
    /// Colours.
    pub theme: ThemeChoice,
    /// Whether the mouse selects and scrolls; without it the terminal's own selection works as usual.
    pub mouse: bool,
    /// Names of the table's columns in order; `None` is the built-in choice.
    pub columns: Option<Vec<String>>,
    /// Column to sort by, with `-` before it for descending; `None` is the built-in choice.
    pub sort: Option<String>,
    /// Keys of the user's own.
    pub keys: Vec<Rebinding>,
    /// Actions that ask, or do not ask, before they are done, against the built-in choice.
    pub confirm: BTreeMap<Action, bool>,
    /// What calls for attention, and how.
    pub alerts: Alerts,
    /// Commands of the user's own, in the order of the file.
    pub commands: Vec<OwnCommand>,
    /// How displays of guests are shown and typed into.
    pub display: Display,
    /// The editor of documents.
    pub editor: EditorSettings,
    /// What may be done inside of guests.
    pub guest: GuestSettings,
    /// What may be read of hosts.
    pub host: HostSettings,
    /// Saved views in the order of the file.
    pub views: Vec<SavedView>,
    /// Power plans in the order of the file.
    pub plans: Vec<SavedPlan>,
    /// Saved connections in the order of the file.
    pub connections: Vec<SavedConnection>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            theme: ThemeChoice::Auto,
            mouse: true,
            columns: None,
            sort: None,
            keys: Vec::new(),
            confirm: BTreeMap::new(),
            alerts: Alerts::default(),
            commands: Vec::new(),
            display: Display::default(),
            editor: EditorSettings::default(),
            guest: GuestSettings::default(),
            host: HostSettings::default(),
            views: Vec::new(),
            plans: Vec::new(),
            connections: Vec::new(),
        }
    }
}

/// What is wrong with a settings file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ConfigError {
    /// The file; `None` for a text.
    pub path: Option<PathBuf>,
    /// Line from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The known word nearest to an unknown one.
    pub nearest: Option<String>,
}

impl ConfigError {
    fn sentence(&self) -> String {
        let mut out = String::new();
        match (&self.path, self.line) {
            // As compilers write it: editors jump by it.
            (Some(path), Some(line)) => {
                out.push_str(&format!("{}:{line}: ", visible(&path.to_string_lossy())));
            }
            (Some(path), None) => {
                out.push_str(&format!("{}: ", visible(&path.to_string_lossy())));
            }
            (None, Some(line)) => out.push_str(&format!("line {line}: ")),
            (None, None) => {}
        }
        let Some(nearest) = &self.nearest else {
            out.push_str(&visible(&self.message));
            return out;
        };
        // Before what there is besides: a short line cuts the end.
        let ends = ["; there are ", ", expected "];
        let end = ends.iter().find_map(|end| self.message.find(end));
        let (wrong, rest) = self.message.split_at(end.unwrap_or(self.message.len()));
        out.push_str(&visible(wrong));
        out.push_str(&format!(" (did you mean `{nearest}`?)"));
        out.push_str(&visible(rest));
        out
    }

    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        Self {
            path: None,
            line: Some(before.matches('\n').count() + 1),
            message: message.into(),
            nearest: None,
        }
    }
}

/// The file as it is written; unknown keys are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    interval: Option<Spanned<f64>>,
    theme: Option<Spanned<String>>,
    mouse: Option<bool>,
    columns: Option<Spanned<Vec<Spanned<String>>>>,
    sort: Option<Spanned<String>>,
    #[serde(default)]
    themes: BTreeMap<Spanned<String>, FileTheme>,
    #[serde(default)]
    keys: FileBindings,
    #[serde(default)]
    confirm: FileConfirm,
    #[serde(default)]
    alerts: FileAlerts,
    #[serde(default)]
    command: Vec<FileCommand>,
    #[serde(default)]
    display: FileDisplay,
    #[serde(default)]
    editor: FileEditor,
    #[serde(default)]
    guest: FileGuest,
    #[serde(default)]
    host: FileHost,
    #[serde(default)]
    view: Vec<FileView>,
    #[serde(default)]
    plan: Vec<FilePlan>,
    #[serde(default)]
    connection: Vec<FileConnection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileConnection {
    name: Option<String>,
    uri: Spanned<String>,
    #[serde(default)]
    readonly: bool,
    #[serde(default)]
    autoconnect: bool,
}

impl Config {
    /// Reads the file at `path`. Without a path the user's own file is read, and its absence is no error.
    ///
    /// # Errors
    /// When a named file cannot be read, or a file holds what it may not.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(file) = path.map(Path::to_owned).or_else(super::config_file) else {
            return Ok(Self::default());
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text).map_err(|error| ConfigError {
                path: Some(file),
                ..error
            }),
            Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => Err(ConfigError {
                path: Some(file),
                line: None,
                message: error.to_string(),
                nearest: None,
            }),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| explain(text, &error))?;
        let default = Self::default();
        let interval = match file.interval {
            None => default.interval,
            Some(seconds) if INTERVAL_SECONDS.contains(seconds.get_ref()) => {
                Duration::from_secs_f64(seconds.into_inner())
            }
            Some(seconds) => {
                return Err(ConfigError::at(
                    text,
                    seconds.span().start,
                    format!(
                        "interval must be {} to {} seconds",
                        INTERVAL_SECONDS.start(),
                        INTERVAL_SECONDS.end()
                    ),
                ));
            }
        };
        let connections = file
            .connection
            .into_iter()
            .map(|saved| {
                let uri = saved.uri.get_ref().parse().map_err(|error| {
                    ConfigError::at(text, saved.uri.span().start, format!("{error}"))
                })?;
                Ok(SavedConnection {
                    name: saved.name,
                    uri,
                    readonly: saved.readonly,
                    autoconnect: saved.autoconnect,
                })
            })
            .collect::<Result<_, ConfigError>>()?;
        Ok(Self {
            interval,
            theme: theme(text, file.theme, file.themes)?,
            mouse: file.mouse.unwrap_or(default.mouse),
            columns: file.columns.map(|names| columns(text, names)).transpose()?,
            sort: file.sort.map(|word| sort(text, word)).transpose()?,
            keys: keys(text, file.keys)?,
            confirm: confirm(text, file.confirm)?,
            alerts: alerts(text, file.alerts)?,
            commands: commands(text, file.command)?,
            display: display(text, file.display)?,
            editor: editor(text, file.editor)?,
            guest: guest(text, file.guest)?,
            host: file.host.into(),
            views: views(text, file.view)?,
            plans: plans(text, file.plan)?,
            connections,
        })
    }
}

/// The names of columns, each known and named once.
pub(super) fn columns(
    text: &str,
    names: Spanned<Vec<Spanned<String>>>,
) -> Result<Vec<String>, ConfigError> {
    let whole = names.span().start;
    let mut known: Vec<String> = Vec::new();
    for name in names.into_inner() {
        let at = name.span().start;
        let name = name.into_inner();
        check_column(text, at, &name)?;
        if known.contains(&name) {
            let twice = format!("the column `{name}` is named twice");
            return Err(ConfigError::at(text, at, twice));
        }
        known.push(name);
    }
    if known.is_empty() {
        let none = "columns names none; leave it out for the built-in choice";
        return Err(ConfigError::at(text, whole, none));
    }
    Ok(known)
}

/// The name of a column, with `-` before it or without.
pub(super) fn sort(text: &str, word: Spanned<String>) -> Result<String, ConfigError> {
    let name = word.get_ref();
    let name = name.strip_prefix('-').unwrap_or(name);
    check_column(text, word.span().start, name)?;
    Ok(word.into_inner())
}

fn check_column(text: &str, at: usize, name: &str) -> Result<(), ConfigError> {
    if COLUMNS.contains(&name) {
        return Ok(());
    }
    let known = COLUMNS.join("`, `");
    Err(ConfigError {
        nearest: nearest(name, COLUMNS).map(str::to_owned),
        ..ConfigError::at(
            text,
            at,
            format!("there is no column `{name}`; there are `{known}`"),
        )
    })
}

/// serde names an unknown word and the known ones in back quotes; the nearest of them is what was meant.
pub(super) fn explain(text: &str, error: &toml::de::Error) -> ConfigError {
    let message = error.message().trim().to_owned();
    let quoted: Vec<_> = message.split('`').skip(1).step_by(2).collect();
    let meant = match quoted.split_first() {
        Some((word, known)) if message.starts_with("unknown") => {
            nearest(word, known.iter().copied()).map(str::to_owned)
        }
        _ => None,
    };
    let mut explained = match error.span() {
        Some(span) => ConfigError::at(text, span.start, message),
        None => ConfigError {
            path: None,
            line: None,
            message,
            nearest: None,
        },
    };
    explained.nearest = meant;
    explained
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn the_example_is_the_default_and_names_every_key() {
        assert_eq!(Config::parse(EXAMPLE).unwrap(), Config::default());
        // Every line that looks like a setting, un-commented, is still a valid file and sets something.
        let active: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("#").unwrap_or(line))
            .filter(|line| !line.starts_with(' '))
            .map(|line| format!("{line}\n"))
            .collect();
        let config = Config::parse(&active).unwrap();
        assert_eq!(config.connections.len(), 2);
        assert_eq!(config.views.len(), 1);
        assert_eq!(config.commands.len(), 2);
        let keys = [
            "interval",
            "crash",
            "io-error",
            "watchdog",
            "connection-lost",
            "pool-above",
            "cpu-above",
            "memory-above",
            "minutes",
            "bell",
            "flash",
            "command",
            "quiet",
            "theme",
            "mouse",
            "columns",
            "sort",
            "label",
            "key",
            "argv",
            "run",
            "ask",
            "query",
            "group",
            "name",
            "uri",
            "readonly",
            "autoconnect",
        ];
        for key in keys {
            assert!(
                active
                    .lines()
                    .any(|line| line.starts_with(&format!("{key} = "))),
                "{key} is missing in the example"
            );
        }
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest() {
        let error = Config::parse("mouse = true\nintervall = 3\n").unwrap_err();
        assert_eq!(error.line, Some(2));
        assert_eq!(error.nearest.as_deref(), Some("interval"));
        assert!(error.to_string().contains("`intervall`"), "{error}");
        let error =
            Config::parse("\n\n[[connection]]\nuri = \"test:///default\"\nread_only = true")
                .unwrap_err();
        assert_eq!(
            (error.line, error.nearest.as_deref()),
            (Some(5), Some("readonly"))
        );
        let error = Config::parse("theme = \"drak\"").unwrap_err();
        assert_eq!(
            (error.line, error.nearest.as_deref()),
            (Some(1), Some("dark"))
        );
    }

    #[test]
    fn bad_values_name_their_line() {
        for (text, line) in [
            ("interval = 0.01", 1),
            ("interval = \"fast\"", 1),
            ("mouse = true\n[[connection]]\nuri = \"qemu\"", 3),
            ("mouse = true\nmouse = false", 2),
            ("mouse = true\n\nthis is no toml", 3),
            ("\nsort = \"-cpuu\"", 2),
            ("mouse = true\ncolumns = [\"name\",\n\"graph\"]", 3),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
        }
    }

    #[test]
    fn unknown_columns_name_their_line_and_the_nearest() {
        let error = Config::parse("columns = [\n  \"name\",\n  \"memry\",\n]").unwrap_err();
        assert_eq!(
            (error.line, error.nearest.as_deref()),
            (Some(3), Some("memory"))
        );
        let error = Config::parse("mouse = true\nsort = \"-cpus\"").unwrap_err();
        assert_eq!(
            (error.line, error.nearest.as_deref()),
            (Some(2), Some("cpu"))
        );
        for text in [
            "columns = []",
            "columns = [\"cpu\", \"cpu\"]",
            "sort = \"-\"",
        ] {
            assert_eq!(Config::parse(text).unwrap_err().line, Some(1), "{text}");
        }
        let config = Config::parse("columns = [\"name\", \"cpu\"]\nsort = \"-cpu\"").unwrap();
        assert_eq!(config.columns.unwrap(), ["name", "cpu"]);
        assert_eq!(config.sort.as_deref(), Some("-cpu"));
    }

    #[test]
    fn a_named_file_must_exist() {
        let error = Config::load(Some(Path::new("/nonexistent/virtty.toml"))).unwrap_err();
        assert!(
            error.to_string().starts_with("/nonexistent/virtty.toml: "),
            "{error}"
        );
    }

    #[test]
    fn hostile_words_are_shown_escaped() {
        let error = Config::parse("\"a\\u001b[31m\" = 1").unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
    }
}
