//! Layouts of keyboards: which keys type a character for a guest that has one.
//!
//! QEMU's keyboard is one of the United States unless the display says otherwise, and knows its keys by what they type
//! there. What a guest makes of a key is its own layout's business: so a character is looked up in that, and the key told
//! by its name in the United States.

use super::{Keysym, Stroke, keysym_of};

/// The right Alt, which types the third character of a key.
const ALT_GR: Keysym = Keysym(0xfe03);

/// The characters of the keys, row by row, as they stand on a keyboard of the United States.
const UNITED_STATES: [&str; 4] = [
    "1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'`",
    "\\zxcvbnm,./",
];
const UNITED_STATES_SHIFTED: [&str; 4] = [
    "!@#$%^&*()_+",
    "QWERTYUIOP{}",
    "ASDFGHJKL:\"~",
    "|ZXCVBNM<>?",
];

/// Rows plain, with Shift, with AltGr. A blank is a key that types no character by itself.
type Rows = [[&'static str; 4]; 3];

const UNITED_KINGDOM: Rows = [
    [
        "1234567890-=",
        "qwertyuiop[]",
        "asdfghjkl;'`",
        "#zxcvbnm,./",
    ],
    [
        "!\"£$%^&*()_+",
        "QWERTYUIOP{}",
        "ASDFGHJKL:@¬",
        "~ZXCVBNM<>?",
    ],
    [
        "   €        ",
        "            ",
        "           ¦",
        "           ",
    ],
];

const GERMANY: Rows = [
    [
        "1234567890ß ",
        "qwertzuiopü+",
        "asdfghjklöä ",
        "#yxcvbnm,.-",
    ],
    [
        "!\"§$%&/()=? ",
        "QWERTZUIOPÜ*",
        "ASDFGHJKLÖÄ°",
        "'YXCVBNM;:_",
    ],
    [
        " ²³   {[]}\\ ",
        "@ €        ~",
        "            ",
        "       µ   ",
    ],
];

const FRANCE: Rows = [
    [
        "&é\"'(-è_çà)=",
        "azertyuiop $",
        "qsdfghjklmù²",
        "*wxcvbn,;:!",
    ],
    [
        "1234567890°+",
        "AZERTYUIOP £",
        "QSDFGHJKLM% ",
        "µWXCVBN?./§",
    ],
    [
        "  #{[| \\^@]}",
        "  €        ¤",
        "            ",
        "           ",
    ],
];

/// The layout that a guest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Of the United States.
    #[default]
    Us,
    /// Of the United Kingdom.
    Uk,
    /// Of Germany.
    De,
    /// Of France.
    Fr,
    /// The display knows it: characters are told as they are.
    Server,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Us, Self::Uk, Self::De, Self::Fr, Self::Server];

    /// Its word in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Uk => "uk",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Server => "server",
        }
    }

    /// The keys that type a character; `None` where none does.
    #[must_use]
    pub fn stroke(self, c: char) -> Option<Stroke> {
        if matches!(c, '\n' | '\r' | '\t' | ' ' | '\u{1b}' | '\u{8}') {
            return Some(Stroke(vec![keysym_of(c)]));
        }
        let find = |rows: &[&str; 4]| {
            rows.iter().enumerate().find_map(|(row, typed)| {
                let at = typed.chars().position(|one| one == c)?;
                let key = UNITED_STATES.get(row)?.chars().nth(at)?;
                Some(keysym_of(key))
            })
        };
        let rows = match self {
            Self::Server => {
                let shifted =
                    c.is_uppercase() || UNITED_STATES_SHIFTED.iter().any(|row| row.contains(c));
                let keys = shifted
                    .then_some(Keysym::SHIFT)
                    .into_iter()
                    .chain([keysym_of(c)]);
                return (!c.is_control()).then(|| Stroke(keys.collect()));
            }
            Self::Us => {
                if find(&UNITED_STATES).is_some() {
                    return Some(Stroke(vec![keysym_of(c)]));
                }
                return find(&UNITED_STATES_SHIFTED)
                    .map(|_| Stroke(vec![Keysym::SHIFT, keysym_of(c)]));
            }
            Self::Uk => &UNITED_KINGDOM,
            Self::De => &GERMANY,
            Self::Fr => &FRANCE,
        };
        let [plain, shifted, third] = rows;
        if let Some(key) = find(plain) {
            return Some(Stroke(vec![key]));
        }
        if let Some(key) = find(shifted) {
            return Some(Stroke(vec![Keysym::SHIFT, key]));
        }
        find(third).map(|key| Stroke(vec![ALT_GR, key]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_those_they_are_told_by() {
        for rows in [UNITED_KINGDOM, GERMANY, FRANCE] {
            for kind in rows.iter().chain([&UNITED_STATES_SHIFTED]) {
                for (row, model) in kind.iter().zip(UNITED_STATES) {
                    assert_eq!(row.chars().count(), model.chars().count(), "{row}");
                }
            }
        }
    }

    #[test]
    fn a_character_is_the_key_that_types_it_there() {
        let shift = Keysym::SHIFT;
        for (layout, c, keys) in [
            (Layout::Us, 'z', vec![Keysym(0x7a)]),
            (Layout::De, 'z', vec![Keysym(0x79)]),
            (Layout::De, 'Y', vec![shift, Keysym(0x7a)]),
            (Layout::De, '@', vec![ALT_GR, Keysym(0x71)]),
            (Layout::De, '/', vec![shift, Keysym(0x37)]),
            (Layout::Fr, 'a', vec![Keysym(0x71)]),
            (Layout::Fr, '1', vec![shift, Keysym(0x31)]),
            (Layout::Uk, '#', vec![Keysym(0x5c)]),
            (Layout::Server, 'é', vec![Keysym(0xe9)]),
            (Layout::Us, 'A', vec![shift, Keysym(0x41)]),
        ] {
            assert_eq!(layout.stroke(c), Some(Stroke(keys)), "{layout:?} {c}");
        }
        assert_eq!(Layout::Us.stroke('é'), None);
        assert_eq!(Layout::De.stroke('ø'), None);
    }
}
