//! Colours: the built-in themes, and those of the user's own.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::text::nearest;

/// Which colours are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// By `COLORFGBG` where the terminal sets it, else dark.
    #[default]
    Auto,
    /// A dark background.
    Dark,
    /// A light background.
    Light,
    /// A dark background, in colours as far from it as there are.
    Contrast,
    /// A dark background, in warm colours.
    Warm,
    /// The 16 colours of the terminal itself, whatever else it could show.
    Terminal,
    /// No colours, only bold, reverse and the like; as with `NO_COLOR`.
    Mono,
    /// Colours of the user's own.
    Own(Box<OwnTheme>),
}

impl ThemeChoice {
    /// The built-in ones by name.
    pub const BUILT_IN: [(&'static str, Self); 7] = [
        ("auto", Self::Auto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("contrast", Self::Contrast),
        ("warm", Self::Warm),
        ("terminal", Self::Terminal),
        ("mono", Self::Mono),
    ];
}

/// A theme of the settings: another one, with some of its colours changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTheme {
    /// What it starts from: a built-in one.
    pub base: ThemeChoice,
    /// Colours by their role.
    pub colours: Vec<(ColourRole, Colour)>,
    /// Colours of the lines of a graph, the first ones.
    pub graphs: Vec<Colour>,
}

/// What a colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourRole {
    /// Running, done, connected.
    Good,
    /// Paused, worth a look.
    Warn,
    /// Crashed, not responding, failed.
    Bad,
    /// Titles, keys, matches.
    Accent,
    /// On the way to another state.
    Change,
    /// Less important.
    Quiet,
    /// Behind the selected row.
    Selection,
    /// Behind the lines at the top and the bottom.
    Bar,
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Red, green, blue.
    Rgb(u8, u8, u8),
    /// One of the 16 of the terminal.
    Ansi(u8),
    /// One of xterm's 256.
    Indexed(u8),
}

/// Names of the 16, in the terminal's order.
const ANSI: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

impl Colour {
    /// Reads `#rrggbb`, the name of one of the 16, or a number up to 255.
    fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            let right = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let number = u32::from_str_radix(digits, 16).ok().filter(|_| right)?;
            let [_, red, green, blue] = number.to_be_bytes();
            return Some(Self::Rgb(red, green, blue));
        }
        let named = ANSI.iter().position(|name| *name == text);
        match named.and_then(|at| u8::try_from(at).ok()) {
            Some(at) => Some(Self::Ansi(at)),
            None => match text.parse::<u8>().ok()? {
                number @ 0..16 => Some(Self::Ansi(number)),
                number => Some(Self::Indexed(number)),
            },
        }
    }
}

/// A theme as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTheme {
    base: Option<Spanned<String>>,
    good: Option<Spanned<String>>,
    warn: Option<Spanned<String>>,
    bad: Option<Spanned<String>>,
    accent: Option<Spanned<String>>,
    change: Option<Spanned<String>>,
    quiet: Option<Spanned<String>>,
    selection: Option<Spanned<String>>,
    bar: Option<Spanned<String>>,
    #[serde(default)]
    graphs: Vec<Spanned<String>>,
}

/// Checks all themes, and finds the chosen one.
pub(super) fn theme(
    text: &str,
    chosen: Option<Spanned<String>>,
    themes: BTreeMap<Spanned<String>, FileTheme>,
) -> Result<ThemeChoice, ConfigError> {
    let mut own = BTreeMap::new();
    for (name, written) in themes {
        if ThemeChoice::BUILT_IN
            .iter()
            .any(|(known, _)| known == name.get_ref())
        {
            let words = format!("`{}` is built in: give yours another name", name.get_ref());
            return Err(ConfigError::at(text, name.span().start, words));
        }
        own.insert(name.into_inner(), own_theme(text, written)?);
    }
    let Some(chosen) = chosen else {
        return Ok(ThemeChoice::Auto);
    };
    if let Some(theme) = own.remove(chosen.get_ref()) {
        return Ok(ThemeChoice::Own(Box::new(theme)));
    }
    let names: Vec<_> = own.keys().map(String::as_str).collect();
    built_in(text, &chosen, &names)
}

fn built_in(text: &str, name: &Spanned<String>, own: &[&str]) -> Result<ThemeChoice, ConfigError> {
    let find = ThemeChoice::BUILT_IN
        .into_iter()
        .find(|(known, _)| known == name.get_ref());
    if let Some((_, theme)) = find {
        return Ok(theme);
    }
    let known: Vec<_> = ThemeChoice::BUILT_IN
        .iter()
        .map(|(name, _)| *name)
        .chain(own.iter().copied())
        .collect();
    let words = format!(
        "there is no theme `{}`; there are `{}`",
        name.get_ref(),
        known.join("`, `")
    );
    Err(ConfigError {
        nearest: nearest(name.get_ref(), known).map(str::to_owned),
        ..ConfigError::at(text, name.span().start, words)
    })
}

fn own_theme(text: &str, file: FileTheme) -> Result<OwnTheme, ConfigError> {
    let base = match file.base {
        Some(base) => built_in(text, &base, &[])?,
        None => ThemeChoice::Auto,
    };
    let written = [
        (ColourRole::Good, file.good),
        (ColourRole::Warn, file.warn),
        (ColourRole::Bad, file.bad),
        (ColourRole::Accent, file.accent),
        (ColourRole::Change, file.change),
        (ColourRole::Quiet, file.quiet),
        (ColourRole::Selection, file.selection),
        (ColourRole::Bar, file.bar),
    ];
    let mut colours = Vec::new();
    for (role, value) in written {
        if let Some(value) = value {
            colours.push((role, colour(text, &value)?));
        }
    }
    if let Some(seventh) = file.graphs.get(6) {
        let words = "a graph has six lines at most";
        return Err(ConfigError::at(text, seventh.span().start, words));
    }
    let graphs = file
        .graphs
        .iter()
        .map(|value| colour(text, value))
        .collect::<Result<_, _>>()?;
    Ok(OwnTheme {
        base,
        colours,
        graphs,
    })
}

fn colour(text: &str, value: &Spanned<String>) -> Result<Colour, ConfigError> {
    Colour::parse(value.get_ref()).ok_or_else(|| {
        let words = format!(
            "`{}` is no colour: write `#rrggbb`, a number from 0 to 255, or one of `{}`",
            value.get_ref(),
            ANSI.join("`, `")
        );
        ConfigError {
            nearest: nearest(value.get_ref(), ANSI).map(str::to_owned),
            ..ConfigError::at(text, value.span().start, words)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_theme_of_ones_own_changes_another() {
        let text = "theme = \"mine\"\n[themes.mine]\nbase = \"light\"\ngood = \"#0a0B0c\"\nbad = \"bright-red\"\nbar = \"236\"\n\
            graphs = [\"3\"]\n[themes.other]\n";
        let ThemeChoice::Own(own) = Config::parse(text).unwrap().theme else {
            panic!("another theme");
        };
        assert_eq!(own.base, ThemeChoice::Light);
        assert_eq!(
            own.colours,
            [
                (ColourRole::Good, Colour::Rgb(10, 11, 12)),
                (ColourRole::Bad, Colour::Ansi(9)),
                (ColourRole::Bar, Colour::Indexed(236)),
            ]
        );
        assert_eq!(own.graphs, [Colour::Ansi(3)]);
        for (name, theme) in ThemeChoice::BUILT_IN {
            assert_eq!(
                Config::parse(&format!("theme = \"{name}\"")).unwrap().theme,
                theme
            );
        }
    }

    #[test]
    fn mistakes_have_a_line_and_the_nearest() {
        for (text, line, near) in [
            ("theme = \"miine\"\n[themes.mine]", 1, Some("mine")),
            ("[themes.mine]\nbase = \"drak\"", 2, Some("dark")),
            (
                "[themes.mine]\ngood = \"bright-rde\"",
                2,
                Some("bright-red"),
            ),
            ("[themes.mine]\ngood = \"#12345\"", 2, None),
            ("[themes.mine]\ngoood = \"red\"", 2, Some("good")),
            ("[themes.dark]\ngood = \"red\"", 1, None),
            (
                "[themes.mine]\ngraphs = [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\n\"7\"]",
                3,
                None,
            ),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(
                (error.line, error.nearest.as_deref()),
                (Some(line), near),
                "{text}: {error}"
            );
        }
    }
}
