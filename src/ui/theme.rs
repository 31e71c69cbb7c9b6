//! Colours by role, for dark and light backgrounds and for what the terminal can show.
//!
//! Colour is never the only carrier of a meaning: every state is a word as well, the selection has a mark, and
//! [`Depth::Mono`] shows all pages without any colour.

use ratatui::style::{Modifier, Style};

use super::palette::{Hue, Palette, colour};
use super::widgets::Symbols;
use crate::config::ThemeChoice;

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, dim, reverse and underline only.
    Mono,
    /// The 16 of ANSI, in the shades of the user's terminal.
    Ansi16,
    /// The 256 of xterm.
    Xterm256,
    /// 24 bits.
    True,
}

/// The background the colours are chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

/// Styles by role. Roles only set what they change, so they may be patched over one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// Less important: units, ages, columns' rules.
    pub dim: Style,
    /// Emphasis without a judgement: names in titles, the filter's matches.
    pub accent: Style,
    /// Titles of pages and boxes.
    pub title: Style,
    /// Names of columns.
    pub header: Style,
    /// The bars at the top and the bottom.
    pub bar: Style,
    /// The bar at the top while it flashes.
    pub alarm: Style,
    /// A key in a hint.
    pub key: Style,
    /// Lines around boxes.
    pub border: Style,
    /// The selected row.
    pub selected: Style,
    /// Letters that a filter matched.
    pub matched: Style,
    /// Running, done, connected.
    pub good: Style,
    /// Paused, wildcard listen, worth a look.
    pub warn: Style,
    /// Crashed, not responding, failed.
    pub bad: Style,
    /// On the way to another state: shutting down, starting.
    pub change: Style,
    /// Off, saved, without figures.
    pub off: Style,
    /// Figures and rows that have grown old.
    pub stale: Style,
    /// Lines of a graph, in order.
    pub series: [Style; 6],
    /// What graphs and bars are drawn with.
    pub symbols: Symbols,
    /// How many colours there are, for what brings colours of its own.
    pub depth: Depth,
}

impl Theme {
    /// The built-in theme for a background and what the terminal can show.
    #[must_use]
    pub fn new(background: Background, depth: Depth) -> Self {
        Self::of(&Palette::for_background(background), depth)
    }

    /// The theme of a palette.
    fn of(palette: &Palette, depth: Depth) -> Self {
        if depth == Depth::Mono {
            return Self::mono();
        }
        let plain = Style::new();
        let fg = |hue: Hue| plain.fg(colour(hue, depth));
        let bold = Modifier::BOLD;
        // The 16 have no shade that is quiet on every terminal: their bars and selection are reversed.
        let (bar, selected) = if depth == Depth::Ansi16 || palette.reversed {
            (
                plain.add_modifier(Modifier::REVERSED),
                plain.add_modifier(Modifier::REVERSED),
            )
        } else {
            (
                plain.bg(colour(palette.bar, depth)),
                plain
                    .bg(colour(palette.selection, depth))
                    .add_modifier(bold),
            )
        };
        Self {
            text: plain,
            dim: fg(palette.quiet),
            accent: fg(palette.accent),
            title: fg(palette.accent).add_modifier(bold),
            header: plain.add_modifier(bold),
            bar,
            alarm: fg(palette.bad).add_modifier(bold | Modifier::REVERSED),
            key: fg(palette.accent).add_modifier(bold),
            border: fg(palette.quiet),
            selected,
            matched: fg(palette.accent).add_modifier(bold | Modifier::UNDERLINED),
            good: fg(palette.good),
            warn: fg(palette.warn),
            bad: fg(palette.bad).add_modifier(bold),
            change: fg(palette.change),
            off: fg(palette.quiet),
            stale: fg(palette.quiet).add_modifier(Modifier::ITALIC),
            series: palette.series.map(fg),
            symbols: Symbols::default(),
            depth,
        }
    }

    /// No colours at all.
    #[must_use]
    pub fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            dim,
            accent: bold,
            title: bold,
            header: bold,
            bar: reversed,
            alarm: reversed.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            key: bold,
            border: dim,
            selected: reversed,
            matched: bold.add_modifier(Modifier::UNDERLINED),
            good: plain,
            warn: bold,
            bad: bold.add_modifier(Modifier::UNDERLINED),
            change: plain,
            off: dim,
            stale: dim,
            series: [plain; 6],
            symbols: Symbols::default(),
            depth: Depth::Mono,
        }
    }

    /// The theme of the settings, with what the environment says of the terminal (`variable` looks one up).
    pub fn detect(choice: &ThemeChoice, variable: impl Fn(&str) -> Option<String>) -> Self {
        let background = background_of(&variable);
        let theme = Palette::chosen(choice, background).map_or_else(Self::mono, |palette| {
            Self::of(&palette, depth_of(&variable))
        });
        Self {
            symbols: Symbols::detect(&variable),
            ..theme
        }
    }
}

/// `COLORFGBG` is `foreground;background` as numbers of the 16; set by rxvt, Konsole and others. No terminal is asked,
/// since an answer that never comes would delay the first frame.
fn background_of(variable: impl Fn(&str) -> Option<String>) -> Background {
    let last = variable("COLORFGBG").and_then(|value| {
        value
            .rsplit(';')
            .next()
            .and_then(|number| number.parse::<u8>().ok())
    });
    match last {
        Some(7 | 9..=15) => Background::Light,
        _ => Background::Dark,
    }
}

/// <https://no-color.org>, then `COLORTERM`, then `TERM`.
fn depth_of(variable: impl Fn(&str) -> Option<String>) -> Depth {
    if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Depth::Mono;
    }
    let term = variable("TERM").unwrap_or_default();
    let colorterm = variable("COLORTERM").unwrap_or_default();
    if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color")
        || matches!(term.as_str(), "xterm-kitty" | "alacritty" | "foot")
    {
        Depth::Xterm256
    } else if term.starts_with("vt") {
        Depth::Mono
    } else {
        Depth::Ansi16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(pairs: &[(&str, &str)]) -> Depth {
        depth_of(|name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn environment_tells_the_depth() {
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Xterm256);
        assert_eq!(
            depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Ansi16);
        assert_eq!(depth(&[("TERM", "vt100")]), Depth::Mono);
        assert_eq!(
            depth(&[("COLORTERM", "24bit"), ("NO_COLOR", "1")]),
            Depth::Mono
        );
        assert_eq!(
            depth(&[("TERM", "screen"), ("NO_COLOR", "")]),
            Depth::Ansi16
        );
    }

    #[test]
    fn colorfgbg_tells_the_background() {
        let of = |value: &str| background_of(|_: &str| Some(value.to_owned()));
        assert_eq!(of("15;0"), Background::Dark);
        assert_eq!(of("0;15"), Background::Light);
        assert_eq!(of("0;default;15"), Background::Light);
        assert_eq!(of("nonsense"), Background::Dark);
        assert_eq!(background_of(|_: &str| None), Background::Dark);
    }

    #[test]
    fn mono_has_no_colour() {
        let Theme {
            text,
            dim,
            accent,
            title,
            header,
            bar,
            alarm,
            key,
            border,
            selected,
            matched,
            good,
            warn,
            bad,
            change,
            off,
            stale,
            series,
            symbols: _,
            depth: _,
        } = Theme::mono();
        let roles = [
            text, dim, accent, title, header, bar, alarm, key, border, selected, matched, good,
            warn, bad, change, off, stale,
        ];
        for style in roles.into_iter().chain(series) {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }
}
