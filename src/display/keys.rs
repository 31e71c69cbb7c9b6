//! Keys as X11 names them, which is how RFB tells them.

/// A key by its number (RFC 6143, section 7.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keysym(pub u32);

impl Keysym {
    /// Backspace.
    pub const BACKSPACE: Self = Self(0xff08);
    /// Tab.
    pub const TAB: Self = Self(0xff09);
    /// Enter.
    pub const RETURN: Self = Self(0xff0d);
    /// Escape.
    pub const ESCAPE: Self = Self(0xff1b);
    /// Print and SysRq.
    pub const PRINT: Self = Self(0xff61);
    /// The first of the function keys.
    pub const F1: Self = Self(0xffbe);
    /// Left Shift.
    pub const SHIFT: Self = Self(0xffe1);
    /// Left Control.
    pub const CONTROL: Self = Self(0xffe3);
    /// Left Alt.
    pub const ALT: Self = Self(0xffe9);
    /// Left Super, the key with a window on it.
    pub const SUPER: Self = Self(0xffeb);
    /// Delete.
    pub const DELETE: Self = Self(0xffff);
    /// Home, and behind it Left, Up, Right, Down, Page Up, Page Down, End.
    pub const HOME: Self = Self(0xff50);
    /// Insert.
    pub const INSERT: Self = Self(0xff63);

    /// The function key of a number from 1 on.
    #[must_use]
    pub fn function(number: u8) -> Self {
        Self(Self::F1.0 + u32::from(number.clamp(1, 24)) - 1)
    }
}

/// Keys that are held together: pressed in this order, let go in the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stroke(pub Vec<Keysym>);

/// The key that types a character.
#[must_use]
pub fn keysym_of(c: char) -> Keysym {
    match c {
        '\n' | '\r' => Keysym::RETURN,
        '\t' => Keysym::TAB,
        '\u{8}' | '\u{7f}' => Keysym::BACKSPACE,
        '\u{1b}' => Keysym::ESCAPE,
        '€' => Keysym(0x20ac),
        // Latin-1 has its own numbers.
        ' '..='\u{ff}' => Keysym(u32::from(c)),
        // The others stand behind this bit.
        _ => Keysym(0x0100_0000 | u32::from(c)),
    }
}

/// Names of keys that people write, in small letters.
const NAMES: &[(&str, Keysym)] = &[
    ("ctrl", Keysym::CONTROL),
    ("control", Keysym::CONTROL),
    ("alt", Keysym::ALT),
    ("altgr", Keysym(0xfe03)),
    ("shift", Keysym::SHIFT),
    ("super", Keysym::SUPER),
    ("win", Keysym::SUPER),
    ("meta", Keysym::SUPER),
    ("enter", Keysym::RETURN),
    ("return", Keysym::RETURN),
    ("esc", Keysym::ESCAPE),
    ("tab", Keysym::TAB),
    ("space", Keysym(0x20)),
    ("minus", Keysym(0x2d)),
    ("plus", Keysym(0x2b)),
    ("backspace", Keysym::BACKSPACE),
    ("del", Keysym::DELETE),
    ("delete", Keysym::DELETE),
    ("ins", Keysym::INSERT),
    ("insert", Keysym::INSERT),
    ("home", Keysym(0xff50)),
    ("left", Keysym(0xff51)),
    ("up", Keysym(0xff52)),
    ("right", Keysym(0xff53)),
    ("down", Keysym(0xff54)),
    ("pgup", Keysym(0xff55)),
    ("pgdn", Keysym(0xff56)),
    ("end", Keysym(0xff57)),
    ("sysrq", Keysym::PRINT),
    ("print", Keysym::PRINT),
    ("pause", Keysym(0xff13)),
    ("menu", Keysym(0xff67)),
    ("capslock", Keysym(0xffe5)),
    ("numlock", Keysym(0xff7f)),
    ("scrolllock", Keysym(0xff14)),
];

/// Keys of one stroke, at most.
const MOST_KEYS: usize = 8;

impl std::str::FromStr for Stroke {
    type Err = String;

    /// Reads keys that are held together, as in `ctrl-alt-Delete`, `alt-sysrq-b`, `super`.
    fn from_str(text: &str) -> Result<Self, String> {
        let keys: Result<Vec<_>, _> = text.split(['-', '+']).map(named).collect();
        let keys = keys?;
        if keys.len() > MOST_KEYS {
            return Err(format!("more than {MOST_KEYS} keys at once: {text}"));
        }
        Ok(Self(keys))
    }
}

/// The key of a name or a character.
fn named(name: &str) -> Result<Keysym, String> {
    let small = name.to_ascii_lowercase();
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == small) {
        return Ok(*key);
    }
    let number = small.strip_prefix('f').and_then(|rest| rest.parse().ok());
    if let Some(number @ 1..=24) = number {
        return Ok(Keysym::function(number));
    }
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) if !c.is_control() => Ok(keysym_of(c.to_ascii_lowercase())),
        _ => Err(format!(
            "'{name}' is no key, as in ctrl-alt-Delete, alt-sysrq-b, super, F12"
        )),
    }
}

impl Stroke {
    /// One key alone.
    #[must_use]
    pub fn of(key: Keysym) -> Self {
        Self(vec![key])
    }
}

/// The row of characters of a keyboard of the United States from a number of Linux' keycodes on, plain and with Shift
/// (`linux/input-event-codes.h`).
const ROWS: &[(u16, &str, &str)] = &[
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", ""),
];

/// Linux' numbers of the other keys.
const OTHERS: &[(Keysym, u16)] = &[
    (Keysym::ESCAPE, 1),
    (Keysym::BACKSPACE, 14),
    (Keysym::TAB, 15),
    (Keysym::RETURN, 28),
    (Keysym::CONTROL, 29),
    (Keysym::SHIFT, 42),
    (Keysym::ALT, 56),
    (Keysym::PRINT, 99),
    (Keysym::SUPER, 125),
    // AltGr by its two names, Caps Lock, Num Lock, Scroll Lock, Pause, Menu.
    (Keysym(0xfe03), 100),
    (Keysym(0xffea), 100),
    (Keysym(0xffe5), 58),
    (Keysym(0xff7f), 69),
    (Keysym(0xff14), 70),
    (Keysym(0xff13), 119),
    (Keysym(0xff67), 127),
    (Keysym::DELETE, 111),
    (Keysym::INSERT, 110),
    (Keysym(0xff50), 102),
    (Keysym(0xff51), 105),
    (Keysym(0xff52), 103),
    (Keysym(0xff53), 106),
    (Keysym(0xff54), 108),
    (Keysym(0xff55), 104),
    (Keysym(0xff56), 109),
    (Keysym(0xff57), 107),
];

/// Linux' numbers of the keys of a stroke, on a keyboard of the United States; `None` for a key that it does not have.
#[must_use]
pub fn keycodes(stroke: &Stroke) -> Option<Vec<u16>> {
    let mut codes: Vec<u16> = Vec::new();
    for key in &stroke.0 {
        let (code, shifted) = keycode(*key)?;
        if shifted && !codes.contains(&42) {
            codes.push(42);
        }
        codes.push(code);
    }
    Some(codes)
}

/// A key's number, and whether Shift is held for it.
fn keycode(key: Keysym) -> Option<(u16, bool)> {
    if let Some((_, code)) = OTHERS.iter().find(|(sym, _)| *sym == key) {
        return Some((*code, false));
    }
    let function = key.0.wrapping_sub(Keysym::F1.0);
    match u16::try_from(function).ok() {
        Some(number @ 0..=9) => return Some((59 + number, false)),
        Some(number @ 10..=11) => return Some((87 + number - 10, false)),
        _ => {}
    }
    let c = char::from_u32(key.0)?;
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let at = |row: &str| row.chars().position(|one| one == c);
        let place = |at: usize| u16::try_from(at).ok().map(|at| first + at);
        match (at(plain), at(shifted)) {
            (Some(at), _) => Some((place(at)?, false)),
            (None, Some(at)) => Some((place(at)?, true)),
            (None, None) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_keys_of_x11_and_of_linux() {
        for (c, sym, codes) in [
            ('a', 0x61, Some(vec![30])),
            ('Z', 0x5a, Some(vec![42, 44])),
            ('\\', 0x5c, Some(vec![43])),
            ('?', 0x3f, Some(vec![42, 53])),
            ('\n', 0xff0d, Some(vec![28])),
            ('ü', 0xfc, None),
            ('€', 0x20ac, None),
            ('→', 0x0100_2192, None),
        ] {
            assert_eq!(keysym_of(c), Keysym(sym), "{c}");
            assert_eq!(keycodes(&Stroke::of(keysym_of(c))), codes, "{c}");
        }
        let stroke: Stroke = "Ctrl+alt-F12".parse().unwrap();
        assert_eq!(keycodes(&stroke), Some(vec![29, 56, 88]));
        let stroke: Stroke = "alt-SysRq-B".parse().unwrap();
        assert_eq!(keycodes(&stroke), Some(vec![56, 99, 48]));
        for bad in ["", "ctrl-", "ctrl-nokey", "F25", "a-b-c-d-e-f-g-h-i"] {
            assert!(bad.parse::<Stroke>().is_err(), "{bad}");
        }
    }
}
