//! Which characters a terminal's font can be trusted with.

/// The characters graphs, bars and lines are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symbols {
    /// Braille patterns: two by four dots a cell.
    #[default]
    Braille,
    /// Block elements: eight heights a cell, for fonts without braille such as the Linux console's.
    Blocks,
    /// ASCII alone, for terminals that are not in UTF-8.
    Ascii,
}

impl Symbols {
    /// By `LC_ALL`, `LC_CTYPE` and `LANG` (the first that is set counts) and `TERM`; `variable` looks one up.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(&variable)
            .find(|value| !value.is_empty());
        let charset = locale.map(|locale| locale.to_ascii_lowercase().replace('-', ""));
        match (charset, variable("TERM").as_deref()) {
            // A locale that names another charset, or "C" itself, promises ASCII. None at all is common in
            // containers and over SSH, where every terminal of today shows UTF-8.
            (Some(charset), _) if !charset.contains("utf8") => Self::Ascii,
            (_, Some("linux")) => Self::Blocks,
            _ => Self::Braille,
        }
    }

    /// Columns of data that stand in one cell of the screen.
    #[must_use]
    pub fn dots_across(self) -> usize {
        match self {
            Self::Braille => 2,
            Self::Blocks | Self::Ascii => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(pairs: &[(&str, &str)]) -> Symbols {
        Symbols::detect(|name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn locale_and_terminal_tell_the_symbols() {
        assert_eq!(detect(&[("LANG", "de_DE.UTF-8")]), Symbols::Braille);
        assert_eq!(
            detect(&[("LC_ALL", ""), ("LANG", "C.utf8")]),
            Symbols::Braille
        );
        assert_eq!(
            detect(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]),
            Symbols::Ascii
        );
        assert_eq!(detect(&[("LANG", "de_DE.ISO-8859-1")]), Symbols::Ascii);
        assert_eq!(
            detect(&[("LANG", "C.UTF-8"), ("TERM", "linux")]),
            Symbols::Blocks
        );
        assert_eq!(detect(&[]), Symbols::Braille);
    }
}
