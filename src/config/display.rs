//! How displays of guests are shown and typed into.

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use crate::display::{Layout, PixelWay};
use crate::text::nearest;

/// The section `[display]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The layout of the guests' keyboards.
    pub layout: Layout,
    /// KiB a second that pictures may take on the way to the terminal.
    pub max_kib_per_s: Option<u32>,
    /// How pixels go to the terminal; `None` finds out.
    pub pixels: Option<PixelWay>,
    /// A display's password is read from libvirt where that tells it, before a person is asked.
    pub password_from_xml: bool,
    /// Characters a second of a text that is typed in a guest: a guest's keyboard has a small buffer.
    pub type_per_s: u16,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            layout: Layout::default(),
            max_kib_per_s: None,
            pixels: None,
            password_from_xml: false,
            type_per_s: 80,
        }
    }
}

/// The section as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FileDisplay {
    layout: Option<Spanned<String>>,
    #[serde(alias = "max_kib_per_s")]
    max_kib_per_s: Option<Spanned<i64>>,
    pixels: Option<Spanned<String>>,
    password_from_xml: Option<bool>,
    type_per_s: Option<Spanned<i64>>,
}

/// Checks the section.
pub(super) fn display(text: &str, file: FileDisplay) -> Result<Display, ConfigError> {
    let default = Display::default();
    let layout = match file.layout {
        None => default.layout,
        Some(word) => {
            let words = Layout::ALL.map(Layout::word);
            let at = words.iter().position(|known| known == word.get_ref());
            match at.and_then(|at| Layout::ALL.get(at)) {
                Some(layout) => *layout,
                None => return Err(unknown(text, "layout", &word, &words)),
            }
        }
    };
    let pixels = match file.pixels {
        None => None,
        Some(word) if word.get_ref() == "auto" => None,
        Some(word) => {
            let found = PixelWay::ALL
                .into_iter()
                .find(|way| way.word() == word.get_ref());
            match found {
                Some(way) => Some(way),
                None => {
                    let words = [["auto"].as_slice(), &PixelWay::ALL.map(PixelWay::word)].concat();
                    return Err(unknown(text, "pixels", &word, &words));
                }
            }
        }
    };
    let max_kib_per_s = match file.max_kib_per_s {
        None => None,
        Some(number) => match u32::try_from(*number.get_ref()) {
            Ok(number @ 8..=1_000_000) => Some(number),
            _ => {
                let why = "max-kib-per-s must be 8 to 1000000 KiB a second";
                return Err(ConfigError::at(text, number.span().start, why));
            }
        },
    };
    let type_per_s = match file.type_per_s {
        None => default.type_per_s,
        Some(number) => match u16::try_from(*number.get_ref()) {
            Ok(number @ 1..=1000) => number,
            _ => {
                let why = "type-per-s must be 1 to 1000 characters a second";
                return Err(ConfigError::at(text, number.span().start, why));
            }
        },
    };
    Ok(Display {
        layout,
        max_kib_per_s,
        pixels,
        password_from_xml: file.password_from_xml.unwrap_or(default.password_from_xml),
        type_per_s,
    })
}

fn unknown(text: &str, key: &str, word: &Spanned<String>, words: &[&str]) -> ConfigError {
    let message = format!(
        "{key} cannot be `{}`; there are {}",
        word.get_ref(),
        words.join(", ")
    );
    ConfigError {
        nearest: nearest(word.get_ref(), words.iter().copied()).map(str::to_owned),
        ..ConfigError::at(text, word.span().start, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_section_is_read_and_checked() {
        let text = "[display]\nlayout = \"de\"\nmax-kib-per-s = 200\npixels = \"sixel\"\npassword-from-xml = true\ntype-per-s = 12";
        let display = Config::parse(text).unwrap().display;
        assert_eq!(display.layout, Layout::De);
        assert_eq!(display.max_kib_per_s, Some(200));
        assert_eq!(display.pixels, Some(PixelWay::Sixel));
        assert!(display.password_from_xml);
        assert_eq!(display.type_per_s, 12);
        let as_in_c = Config::parse("[display]\nmax_kib_per_s = 50").unwrap();
        assert_eq!(as_in_c.display.max_kib_per_s, Some(50));
        for (wrong, part) in [
            ("layout = \"dee\"", "did you mean `de`"),
            ("max-kib-per-s = 0", "8 to 1000000"),
            ("type-per-s = 0", "1 to 1000"),
            ("type-per-s = 5000", "1 to 1000"),
            ("pixels = \"sixels\"", "did you mean `sixel`"),
        ] {
            let error = Config::parse(&format!("[display]\n{wrong}")).unwrap_err();
            assert_eq!(error.line, Some(2), "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
