//! The colours that themes are made of.

use ratatui::style::Color;

use super::theme::{Background, Depth};
use crate::config::{Colour, ColourRole, ThemeChoice};

/// One colour of a palette: exact, and its nearest relative among the 16.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hue {
    rgb: (u8, u8, u8),
    ansi: Color,
    /// Taken as it is where the terminal shows it: the user's own choice of a numbered colour.
    exact: Option<Color>,
}

const fn hue(rgb: u32, ansi: Color) -> Hue {
    #[allow(clippy::cast_possible_truncation, reason = "each is masked to a byte")]
    Hue {
        rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        ansi,
        exact: None,
    }
}

/// The colours a theme is made of.
#[derive(Debug, Clone)]
pub(super) struct Palette {
    pub good: Hue,
    pub warn: Hue,
    pub bad: Hue,
    pub accent: Hue,
    pub change: Hue,
    pub quiet: Hue,
    pub selection: Hue,
    pub bar: Hue,
    pub series: [Hue; 6],
    /// Bars and the selection are reversed text instead of a colour.
    pub reversed: bool,
}

const DARK: Palette = Palette {
    good: hue(0x7e_c6_99, Color::Green),
    warn: hue(0xe5_c0_7b, Color::Yellow),
    bad: hue(0xf0_71_78, Color::LightRed),
    accent: hue(0x6c_b6_ff, Color::LightCyan),
    change: hue(0xc6_92_e9, Color::LightMagenta),
    quiet: hue(0x8b_94_9e, Color::DarkGray),
    selection: hue(0x2a_3f_5a, Color::Blue),
    bar: hue(0x21_28_33, Color::Black),
    series: [
        hue(0x6c_b6_ff, Color::LightBlue),
        hue(0x7e_c6_99, Color::LightGreen),
        hue(0xe5_c0_7b, Color::LightYellow),
        hue(0xc6_92_e9, Color::LightMagenta),
        hue(0x5f_d7_d7, Color::LightCyan),
        hue(0xf0_71_78, Color::LightRed),
    ],
    reversed: false,
};

const LIGHT: Palette = Palette {
    good: hue(0x1a_7f_37, Color::Green),
    warn: hue(0x8a_5a_00, Color::Yellow),
    bad: hue(0xc4_1f_2a, Color::Red),
    accent: hue(0x09_58_b0, Color::Blue),
    change: hue(0x7a_35_b0, Color::Magenta),
    quiet: hue(0x5f_68_72, Color::DarkGray),
    selection: hue(0xcf_e3_fa, Color::Cyan),
    bar: hue(0xe8_ec_f0, Color::Gray),
    series: [
        hue(0x09_58_b0, Color::Blue),
        hue(0x1a_7f_37, Color::Green),
        hue(0x8a_5a_00, Color::Yellow),
        hue(0x7a_35_b0, Color::Magenta),
        hue(0x0b_6e_74, Color::Cyan),
        hue(0xc4_1f_2a, Color::Red),
    ],
    reversed: false,
};

const CONTRAST: Palette = Palette {
    good: hue(0x00_ff_87, Color::LightGreen),
    warn: hue(0xff_ff_00, Color::LightYellow),
    bad: hue(0xff_6b_6b, Color::LightRed),
    accent: hue(0x5f_ff_ff, Color::LightCyan),
    change: hue(0xff_87_ff, Color::LightMagenta),
    quiet: hue(0xd0_d0_d0, Color::Gray),
    selection: hue(0x00_00_d7, Color::Blue),
    bar: hue(0x30_30_30, Color::Black),
    series: [
        hue(0x5f_ff_ff, Color::LightCyan),
        hue(0xff_ff_00, Color::LightYellow),
        hue(0x00_ff_87, Color::LightGreen),
        hue(0xff_87_ff, Color::LightMagenta),
        hue(0xff_ff_ff, Color::White),
        hue(0xff_6b_6b, Color::LightRed),
    ],
    reversed: false,
};

const WARM: Palette = Palette {
    good: hue(0xb0_c0_5a, Color::Green),
    warn: hue(0xf2_b6_3d, Color::Yellow),
    bad: hue(0xf2_6b_50, Color::LightRed),
    accent: hue(0xf0_a0_60, Color::LightYellow),
    change: hue(0xd8_96_b0, Color::LightMagenta),
    quiet: hue(0xa0_93_82, Color::DarkGray),
    selection: hue(0x50_3c_2c, Color::Blue),
    bar: hue(0x32_2a_24, Color::Black),
    series: [
        hue(0xf0_a0_60, Color::LightYellow),
        hue(0xb0_c0_5a, Color::LightGreen),
        hue(0x7f_b8_b0, Color::LightCyan),
        hue(0xd8_96_b0, Color::LightMagenta),
        hue(0xe8_d0_90, Color::White),
        hue(0xf2_6b_50, Color::LightRed),
    ],
    reversed: false,
};

impl Palette {
    /// The built-in one for a background.
    pub(super) fn for_background(background: Background) -> Self {
        match background {
            Background::Dark => DARK,
            Background::Light => LIGHT,
        }
    }

    /// The one that the settings choose; `None` for no colours.
    pub(super) fn chosen(choice: &ThemeChoice, background: Background) -> Option<Self> {
        Some(match choice {
            ThemeChoice::Auto => Self::for_background(background),
            ThemeChoice::Dark => DARK,
            ThemeChoice::Light => LIGHT,
            ThemeChoice::Contrast => CONTRAST,
            ThemeChoice::Warm => WARM,
            ThemeChoice::Terminal => Self::for_background(background).of_the_terminal(),
            ThemeChoice::Mono => return None,
            ThemeChoice::Own(own) => {
                let mut palette = Self::chosen(&own.base, background)
                    .unwrap_or_else(|| Self::for_background(background));
                for (role, colour) in &own.colours {
                    palette.set(*role, *colour);
                }
                for (hue, colour) in palette.series.iter_mut().zip(&own.graphs) {
                    *hue = own_hue(*colour);
                }
                palette
            }
        })
    }

    /// The same in the 16 colours of the terminal, whatever else it shows.
    fn of_the_terminal(mut self) -> Self {
        let Self {
            good,
            warn,
            bad,
            accent,
            change,
            quiet,
            selection,
            bar,
            series,
            reversed,
        } = &mut self;
        for hue in [good, warn, bad, accent, change, quiet, selection, bar] {
            hue.exact = Some(hue.ansi);
        }
        for hue in series {
            hue.exact = Some(hue.ansi);
        }
        *reversed = true;
        self
    }

    fn set(&mut self, role: ColourRole, colour: Colour) {
        let hue = match role {
            ColourRole::Good => &mut self.good,
            ColourRole::Warn => &mut self.warn,
            ColourRole::Bad => &mut self.bad,
            ColourRole::Accent => &mut self.accent,
            ColourRole::Change => &mut self.change,
            ColourRole::Quiet => &mut self.quiet,
            ColourRole::Selection => &mut self.selection,
            ColourRole::Bar => &mut self.bar,
        };
        *hue = own_hue(colour);
        // Who chose a colour for them wants to see it.
        if matches!(role, ColourRole::Selection | ColourRole::Bar) {
            self.reversed = false;
        }
    }
}

/// The 16 as they are named.
const ANSI: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The 16 as xterm shows them, to find the nearest.
const SHADES: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// A colour of the user's own, with its nearest relative for terminals that do not show it.
fn own_hue(colour: Colour) -> Hue {
    match colour {
        Colour::Rgb(red, green, blue) => Hue {
            rgb: (red, green, blue),
            ansi: nearest_ansi((red, green, blue)),
            exact: None,
        },
        Colour::Ansi(number) => {
            let at = usize::from(number) % ANSI.len();
            Hue {
                rgb: SHADES[at],
                ansi: ANSI[at],
                exact: Some(ANSI[at]),
            }
        }
        Colour::Indexed(number) => Hue {
            rgb: rgb_of(number),
            ansi: nearest_ansi(rgb_of(number)),
            exact: Some(Color::Indexed(number)),
        },
    }
}

fn nearest_ansi(rgb: (u8, u8, u8)) -> Color {
    let nearest = SHADES
        .iter()
        .zip(ANSI)
        .min_by_key(|(shade, _)| distance(rgb, **shade));
    nearest.map_or(Color::Reset, |(_, colour)| colour)
}

fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    part(one.0, other.0) + part(one.1, other.1) + part(one.2, other.2)
}

/// One of xterm's colours 16 to 255: a cube of six levels a channel, and 24 greys.
fn rgb_of(index: u8) -> (u8, u8, u8) {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        16..=231 => {
            let cube = index - 16;
            let level = |at: u8| LEVELS[usize::from(at % 6)];
            (level(cube / 36), level(cube / 6), level(cube))
        }
        index => {
            let grey = 8 + 10 * index.saturating_sub(232);
            (grey, grey, grey)
        }
    }
}

/// A hue as the terminal can show it.
pub(super) fn colour(hue: Hue, depth: Depth) -> Color {
    match hue.exact {
        Some(exact @ Color::Indexed(_)) if depth >= Depth::Xterm256 => return exact,
        Some(exact) if !matches!(exact, Color::Indexed(_)) => return exact,
        _ => {}
    }
    let (red, green, blue) = hue.rgb;
    match depth {
        Depth::Mono => Color::Reset,
        Depth::Ansi16 => hue.ansi,
        Depth::Xterm256 => Color::Indexed(nearest_indexed(red, green, blue)),
        Depth::True => Color::Rgb(red, green, blue),
    }
}

/// A guest's colour in what the terminal shows: one of xterm's 256, or an exact one. `None` without colours.
#[must_use]
pub(super) fn shown_colour(depth: Depth, index: u8, exact: Option<(u8, u8, u8)>) -> Option<Color> {
    let rgb = match (exact, index) {
        (None, 0..=15) if depth != Depth::Mono => return Some(ANSI[usize::from(index)]),
        (None, index) => rgb_of(index),
        (Some(exact), _) => exact,
    };
    match depth {
        Depth::Mono => None,
        Depth::Ansi16 => Some(nearest_ansi(rgb)),
        Depth::Xterm256 if exact.is_some() => {
            Some(Color::Indexed(nearest_indexed(rgb.0, rgb.1, rgb.2)))
        }
        Depth::True if exact.is_some() => Some(Color::Rgb(rgb.0, rgb.1, rgb.2)),
        Depth::Xterm256 | Depth::True => Some(Color::Indexed(index)),
    }
}

/// The nearest of xterm's colours 16 to 255.
fn nearest_indexed(red: u8, green: u8, blue: u8) -> u8 {
    (16..=255)
        .min_by_key(|index| distance((red, green, blue), rgb_of(*index)))
        .unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn nearest_finds_exact_colours() {
        assert_eq!(nearest_indexed(0, 0, 0), 16);
        assert_eq!(nearest_indexed(255, 255, 255), 231);
        assert_eq!(nearest_indexed(95, 135, 175), 67);
        assert_eq!(nearest_indexed(8, 8, 8), 232);
    }

    #[test]
    fn own_colours_are_shown_as_the_terminal_can() {
        let text = "theme = \"mine\"\n[themes.mine]\nbase = \"terminal\"\ngood = \"#00fe01\"\nbad = \"208\"\nwarn = \"cyan\"\n\
            graphs = [\"bright-white\"]";
        let choice = Config::parse(text).unwrap().theme;
        let palette = Palette::chosen(&choice, Background::Dark).unwrap();
        for (hue, depth, shown) in [
            (palette.good, Depth::True, Color::Rgb(0, 254, 1)),
            (palette.good, Depth::Xterm256, Color::Indexed(46)),
            (palette.good, Depth::Ansi16, Color::LightGreen),
            (palette.bad, Depth::True, Color::Indexed(208)),
            (palette.bad, Depth::Ansi16, Color::Yellow),
            (palette.warn, Depth::True, Color::Cyan),
            (palette.accent, Depth::True, Color::LightCyan),
            (palette.series[0], Depth::Xterm256, Color::White),
        ] {
            assert_eq!(colour(hue, depth), shown, "{hue:?} at {depth:?}");
        }
        assert!(palette.reversed);
        assert!(Palette::chosen(&ThemeChoice::Mono, Background::Dark).is_none());
    }

    #[test]
    fn every_theme_stays_within_what_the_terminal_shows() {
        let is_of_16 = |colour: Color| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
        for (name, choice) in ThemeChoice::BUILT_IN {
            let Some(palette) = Palette::chosen(&choice, Background::Dark) else {
                continue;
            };
            for hue in palette
                .series
                .into_iter()
                .chain([palette.good, palette.bar, palette.quiet])
            {
                assert!(is_of_16(colour(hue, Depth::Ansi16)), "{name}");
                assert!(
                    !matches!(colour(hue, Depth::Xterm256), Color::Rgb(..)),
                    "{name}"
                );
            }
        }
    }
}
