//! A key as people write it: `s`, `D`, `ctrl-c`, `alt-x`, `PgDn`, `F12`, `Space`.

use std::fmt;
use std::str::FromStr;

/// Which key, without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the keys")]
pub enum Code {
    /// What the key types; an upper-case letter includes its Shift.
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Control.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift, for keys other than characters (those carry it in themselves).
    pub shift: bool,
}

/// Why a text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a key, as in s, D, ctrl-c, alt-x, Enter, PgDn, F12")]
pub struct KeyError(pub String);

/// Names of the keys that type nothing, and of the blank.
const NAMES: &[(&str, Code)] = &[
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("BackTab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Insert", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("Space", Code::Char(' ')),
];

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// The key that types `c`.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// The character it types into a text field; `None` for commands.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if self.shift {
            f.write_str("shift-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(number) => write!(f, "F{number}"),
            // Every other code has a name above.
            other => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = || KeyError(text.to_owned());
        let mut key = Self::plain(Code::Esc);
        let mut rest = text;
        loop {
            // The prefix must leave something: `-` and `ctrl--` are keys.
            let (flag, after) = if let Some(after) = rest.strip_prefix("ctrl-") {
                (&mut key.ctrl, after)
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (&mut key.alt, after)
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (&mut key.shift, after)
            } else {
                break;
            };
            *flag = true;
            rest = after;
        }
        key.code = code(rest).ok_or_else(refuse)?;
        // Terminals do not tell Shift apart for a character: `shift-a` could never be pressed.
        if key.shift && matches!(key.code, Code::Char(_)) {
            return Err(refuse());
        }
        Ok(key)
    }
}

fn code(text: &str) -> Option<Code> {
    if let Some((_, code)) = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
    {
        return Some(*code);
    }
    let mut chars = text.chars();
    match (chars.next()?, chars.as_str()) {
        (c, "") if !c.is_control() => Some(Code::Char(c)),
        ('F' | 'f', number) => number
            .parse()
            .ok()
            .filter(|number| (1..=24).contains(number))
            .map(Code::F),
        _ => None,
    }
}

/// Keys in a row, for tests and scripts: characters stand for themselves, others stand in `<…>`, as in
/// `jj<Enter><ctrl-c>`; `<<>` is the key `<`.
///
/// # Errors
/// Names the first thing in angle brackets that is no key.
pub fn parse_keys(text: &str) -> Result<Vec<Key>, KeyError> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c != '<' {
            keys.push(Key::char(c));
            rest = &rest[c.len_utf8()..];
            continue;
        }
        if let Some(after) = rest.strip_prefix("<<>") {
            keys.push(Key::char('<'));
            rest = after;
            continue;
        }
        let (name, after) = rest[1..]
            .split_once('>')
            .ok_or_else(|| KeyError(rest.to_owned()))?;
        keys.push(name.parse()?);
        rest = after;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_print_what_they_parsed() {
        for text in [
            "s",
            "D",
            "<",
            "-",
            "ctrl-c",
            "ctrl--",
            "alt-x",
            "Enter",
            "PgDn",
            "F12",
            "Space",
            "shift-Tab",
            "ctrl-alt-Delete",
            "é",
        ] {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "ctrl-", "xx", "F0", "F99", "shift-a", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn rows_of_keys_are_parsed() {
        let keys = parse_keys("j<Enter><<>>").unwrap();
        let texts: Vec<_> = keys.iter().map(Key::to_string).collect();
        assert_eq!(texts, ["j", "Enter", "<", ">"]);
        assert!(parse_keys("<Nokey>").is_err());
    }
}
