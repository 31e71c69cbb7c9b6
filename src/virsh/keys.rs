//! Keys as `send-key` takes them: Linux' numbers, or their names.

use super::WordError;
use crate::text::nearest;

/// Names of keys behind `KEY_`, and their numbers (`linux/input-event-codes.h`).
const NAMES: &[(&str, u16)] = &[
    ("ESC", 1),
    ("1", 2),
    ("2", 3),
    ("3", 4),
    ("4", 5),
    ("5", 6),
    ("6", 7),
    ("7", 8),
    ("8", 9),
    ("9", 10),
    ("0", 11),
    ("MINUS", 12),
    ("EQUAL", 13),
    ("BACKSPACE", 14),
    ("TAB", 15),
    ("Q", 16),
    ("W", 17),
    ("E", 18),
    ("R", 19),
    ("T", 20),
    ("Y", 21),
    ("U", 22),
    ("I", 23),
    ("O", 24),
    ("P", 25),
    ("LEFTBRACE", 26),
    ("RIGHTBRACE", 27),
    ("ENTER", 28),
    ("LEFTCTRL", 29),
    ("A", 30),
    ("S", 31),
    ("D", 32),
    ("F", 33),
    ("G", 34),
    ("H", 35),
    ("J", 36),
    ("K", 37),
    ("L", 38),
    ("SEMICOLON", 39),
    ("APOSTROPHE", 40),
    ("GRAVE", 41),
    ("LEFTSHIFT", 42),
    ("BACKSLASH", 43),
    ("Z", 44),
    ("X", 45),
    ("C", 46),
    ("V", 47),
    ("B", 48),
    ("N", 49),
    ("M", 50),
    ("COMMA", 51),
    ("DOT", 52),
    ("SLASH", 53),
    ("RIGHTSHIFT", 54),
    ("KPASTERISK", 55),
    ("LEFTALT", 56),
    ("SPACE", 57),
    ("CAPSLOCK", 58),
    ("F1", 59),
    ("F2", 60),
    ("F3", 61),
    ("F4", 62),
    ("F5", 63),
    ("F6", 64),
    ("F7", 65),
    ("F8", 66),
    ("F9", 67),
    ("F10", 68),
    ("NUMLOCK", 69),
    ("SCROLLLOCK", 70),
    ("KP7", 71),
    ("KP8", 72),
    ("KP9", 73),
    ("KPMINUS", 74),
    ("KP4", 75),
    ("KP5", 76),
    ("KP6", 77),
    ("KPPLUS", 78),
    ("KP1", 79),
    ("KP2", 80),
    ("KP3", 81),
    ("KP0", 82),
    ("KPDOT", 83),
    ("102ND", 86),
    ("F11", 87),
    ("F12", 88),
    ("KPENTER", 96),
    ("RIGHTCTRL", 97),
    ("KPSLASH", 98),
    ("SYSRQ", 99),
    ("RIGHTALT", 100),
    ("HOME", 102),
    ("UP", 103),
    ("PAGEUP", 104),
    ("LEFT", 105),
    ("RIGHT", 106),
    ("END", 107),
    ("DOWN", 108),
    ("PAGEDOWN", 109),
    ("INSERT", 110),
    ("DELETE", 111),
    ("MUTE", 113),
    ("VOLUMEDOWN", 114),
    ("VOLUMEUP", 115),
    ("POWER", 116),
    ("KPEQUAL", 117),
    ("PAUSE", 119),
    ("LEFTMETA", 125),
    ("RIGHTMETA", 126),
    ("COMPOSE", 127),
    ("MENU", 139),
    ("SLEEP", 142),
    ("WAKEUP", 143),
    ("F13", 183),
    ("F14", 184),
    ("F15", 185),
    ("F16", 186),
    ("F17", 187),
    ("F18", 188),
    ("F19", 189),
    ("F20", 190),
    ("F21", 191),
    ("F22", 192),
    ("F23", 193),
    ("F24", 194),
];

/// The largest number of a key (`KEY_MAX`).
const LARGEST: u16 = 0x2ff;

/// Keys that are pressed together at most (`VIR_DOMAIN_SEND_KEY_MAX_KEYS`).
const MOST: usize = 16;

/// Names of keys, without the `KEY_` that stands before them.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// The numbers of keys that a line names.
pub(super) fn read(words: &str) -> Result<Vec<u16>, WordError> {
    let keys: Vec<u16> = words
        .split_whitespace()
        .map(number)
        .collect::<Result<_, _>>()?;
    match keys.len() {
        0 => Err(WordError::Value(
            "which keys? As in KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE".to_owned(),
        )),
        count if count > MOST => Err(WordError::Value(format!(
            "{count} keys: at most {MOST} are pressed together"
        ))),
        _ => Ok(keys),
    }
}

fn number(word: &str) -> Result<u16, WordError> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let number = match word.strip_prefix("0x") {
            Some(digits) => u16::from_str_radix(digits, 16).ok(),
            None => word.parse().ok(),
        };
        return number
            .filter(|number| (1..=LARGEST).contains(number))
            .ok_or_else(|| {
                WordError::Value(format!("{word} is no key: they go from 1 to {LARGEST}"))
            });
    }
    let name = word.to_ascii_uppercase();
    let name = name.strip_prefix("KEY_").unwrap_or(&name);
    if let Some((_, number)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*number);
    }
    Err(WordError::Value(
        match nearest(name, NAMES.iter().map(|(known, _)| *known)) {
            Some(near) => format!("{word} is no key (did you mean KEY_{near}?)"),
            None => format!("{word} is no key, as in KEY_F1 or 59"),
        },
    ))
}

/// Keys as virsh takes them.
pub(super) fn write(keys: &[u16]) -> String {
    let words: Vec<String> = keys
        .iter()
        .map(|key| match NAMES.iter().find(|(_, number)| number == key) {
            Some((name, _)) => format!("KEY_{name}"),
            None => key.to_string(),
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_the_same_keys() {
        let keys = read("KEY_LEFTCTRL 56 key_delete 0x1c f12").unwrap();
        assert_eq!(keys, [29, 56, 111, 28, 88]);
        let written = write(&keys);
        assert_eq!(
            written,
            "KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE KEY_ENTER KEY_F12"
        );
        assert_eq!(read(&written), Ok(keys));
        assert_eq!(write(&[700]), "700");
    }

    #[test]
    fn what_is_no_key_is_named() {
        for (line, part) in [
            ("", "which keys?"),
            ("KEY_LEFTCRTL", "did you mean KEY_LEFTCTRL?"),
            ("0", "from 1 to 767"),
            ("99999", "from 1 to 767"),
            ("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "at most 16"),
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
