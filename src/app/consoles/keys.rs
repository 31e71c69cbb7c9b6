//! Keys as bytes, as xterm sends them.

use crate::app::Pointer;
use crate::console::Modes;
use crate::keymap::{Code, Key};

/// What a key sends to a guest that asked for `modes`; nothing for keys that no terminal sends.
#[must_use]
pub fn bytes(key: Key, modes: Modes) -> Vec<u8> {
    let modifiers = 1 + u8::from(key.shift) + 2 * u8::from(key.alt) + 4 * u8::from(key.ctrl);
    match key.code {
        Code::Char(c) => {
            let mut buffer = [0; 4];
            let plain = c.encode_utf8(&mut buffer).as_bytes();
            let control = [control(c).unwrap_or(0)];
            let sent: &[u8] = match (key.ctrl, control_exists(c)) {
                (true, true) => &control,
                // No terminal sends Ctrl with this character.
                (true, false) | (false, _) => plain,
            };
            with_alt(key.alt, sent)
        }
        Code::Enter if modes.new_line => with_alt(key.alt, b"\r\n"),
        Code::Enter => with_alt(key.alt, b"\r"),
        Code::Esc => with_alt(key.alt, b"\x1b"),
        Code::Tab => with_alt(key.alt, b"\t"),
        Code::BackTab => b"\x1b[Z".to_vec(),
        Code::Backspace => with_alt(key.alt, if key.ctrl { b"\x08" } else { b"\x7f" }),
        Code::Up => cursor(b'A', modifiers, modes),
        Code::Down => cursor(b'B', modifiers, modes),
        Code::Right => cursor(b'C', modifiers, modes),
        Code::Left => cursor(b'D', modifiers, modes),
        Code::Home => cursor(b'H', modifiers, modes),
        Code::End => cursor(b'F', modifiers, modes),
        Code::Insert => numbered(2, modifiers),
        Code::Delete => numbered(3, modifiers),
        Code::PageUp => numbered(5, modifiers),
        Code::PageDown => numbered(6, modifiers),
        Code::F(number) => function(number, modifiers),
    }
}

fn with_alt(alt: bool, sent: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(sent.len() + 1);
    if alt {
        out.push(0x1b);
    }
    out.extend(sent);
    out
}

fn control_exists(c: char) -> bool {
    control(c).is_some()
}

/// The control character of Ctrl with a character.
fn control(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '@' | '[' | '\\' | ']' | '^' | '_' => c as u8 & 0x1f,
        ' ' | '2' => 0,
        '3'..='7' => c as u8 - b'3' + 0x1b,
        '/' => 0x1f,
        '8' | '?' => 0x7f,
        _ => return None,
    })
}

fn cursor(letter: u8, modifiers: u8, modes: Modes) -> Vec<u8> {
    match (modifiers, modes.application_cursor) {
        (1, true) => vec![0x1b, b'O', letter],
        (1, false) => vec![0x1b, b'[', letter],
        _ => format!("\x1b[1;{modifiers}{}", char::from(letter)).into_bytes(),
    }
}

fn numbered(number: u8, modifiers: u8) -> Vec<u8> {
    match modifiers {
        1 => format!("\x1b[{number}~"),
        _ => format!("\x1b[{number};{modifiers}~"),
    }
    .into_bytes()
}

fn function(number: u8, modifiers: u8) -> Vec<u8> {
    match number {
        1..=4 => {
            let letter = char::from(b'P' + number - 1);
            match modifiers {
                1 => format!("\x1bO{letter}").into_bytes(),
                _ => format!("\x1b[1;{modifiers}{letter}").into_bytes(),
            }
        }
        // The numbers of VT220, with its gaps.
        5..=20 => {
            const NUMBERS: [u8; 16] = [
                15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
            ];
            numbered(NUMBERS[usize::from(number - 5)], modifiers)
        }
        _ => Vec::new(),
    }
}

/// What the mouse sends to a guest that asked for it, at a column and a line of its screen, from 0; `held` is the button that is
/// down. `None` for what was not asked for or cannot be told: the old form has no cells beyond 222.
#[must_use]
pub fn mouse_bytes(
    pointer: Pointer,
    held: Option<u8>,
    (column, line): (u16, u16),
    modes: Modes,
) -> Option<Vec<u8>> {
    let (button, released) = match (pointer, held) {
        (Pointer::Pressed(button), _) => (button.min(2), false),
        (Pointer::Released(button), _) => (button.min(2), true),
        (Pointer::Moved, Some(button)) if modes.mouse_drag || modes.mouse_motion => {
            (32 + button.min(2), false)
        }
        (Pointer::Moved, None) if modes.mouse_motion => (35, false),
        (Pointer::Moved, _) => return None,
        (Pointer::WheelUp, _) => (64, false),
        (Pointer::WheelDown, _) => (65, false),
    };
    if modes.sgr_mouse {
        let end = if released { 'm' } else { 'M' };
        return Some(format!("\x1b[<{button};{};{}{end}", column + 1, line + 1).into_bytes());
    }
    let cell = |at: u16| u8::try_from(at + 33).ok();
    let button = if released { 3 } else { button };
    Some(vec![
        0x1b,
        b'[',
        b'M',
        button + 32,
        cell(column)?,
        cell(line)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(key: &str, modes: Modes) -> String {
        let bytes = bytes(key.parse().unwrap(), modes);
        bytes.escape_ascii().to_string()
    }

    #[test]
    fn keys_are_sent_as_xterm_does() {
        let plain = Modes::default();
        for (key, wanted) in [
            ("a", "a"),
            ("D", "D"),
            ("ctrl-c", r"\x03"),
            ("ctrl-]", r"\x1d"),
            ("ctrl-\\", r"\x1c"),
            ("ctrl-_", r"\x1f"),
            ("ctrl-Space", r"\x00"),
            ("alt-x", r"\x1bx"),
            ("ctrl-alt-d", r"\x1b\x04"),
            ("é", r"\xc3\xa9"),
            ("Enter", r"\r"),
            ("Esc", r"\x1b"),
            ("Tab", r"\t"),
            ("BackTab", r"\x1b[Z"),
            ("Backspace", r"\x7f"),
            ("Up", r"\x1b[A"),
            ("ctrl-Left", r"\x1b[1;5D"),
            ("shift-F3", r"\x1b[1;2R"),
            ("F1", r"\x1bOP"),
            ("F5", r"\x1b[15~"),
            ("F12", r"\x1b[24~"),
            ("PgUp", r"\x1b[5~"),
            ("alt-Delete", r"\x1b[3;3~"),
            ("Home", r"\x1b[H"),
        ] {
            assert_eq!(sent(key, plain), wanted, "{key}");
        }
    }

    #[test]
    fn modes_change_what_is_sent() {
        let modes = Modes {
            application_cursor: true,
            new_line: true,
            ..Modes::default()
        };
        assert_eq!(sent("Up", modes), r"\x1bOA");
        assert_eq!(sent("ctrl-Up", modes), r"\x1b[1;5A");
        assert_eq!(sent("Enter", modes), r"\r\n");
    }

    #[test]
    fn the_mouse_is_told_in_the_form_that_was_asked_for() {
        let told = |pointer, at, modes| {
            mouse_bytes(pointer, None, at, modes).map(|bytes| bytes.escape_ascii().to_string())
        };
        let sgr = Modes {
            mouse: true,
            sgr_mouse: true,
            ..Modes::default()
        };
        let old = Modes {
            mouse: true,
            ..Modes::default()
        };
        for (pointer, in_sgr, in_old) in [
            (Pointer::Pressed(0), r"\x1b[<0;5;3M", Some(r"\x1b[M %#")),
            (Pointer::Released(2), r"\x1b[<2;5;3m", Some(r"\x1b[M#%#")),
            (Pointer::WheelDown, r"\x1b[<65;5;3M", Some(r"\x1b[Ma%#")),
        ] {
            assert_eq!(told(pointer, (4, 2), sgr).as_deref(), Some(in_sgr));
            assert_eq!(told(pointer, (4, 2), old).as_deref(), in_old);
        }
        assert_eq!(told(Pointer::Pressed(0), (300, 2), old), None);
        assert_eq!(told(Pointer::Moved, (4, 2), sgr), None);
        let every = Modes {
            mouse_motion: true,
            ..sgr
        };
        let moved = told(Pointer::Moved, (4, 2), every);
        assert_eq!(moved.as_deref(), Some(r"\x1b[<35;5;3M"));
        let drag = Modes {
            mouse_drag: true,
            ..sgr
        };
        let moved = mouse_bytes(Pointer::Moved, Some(0), (4, 2), drag);
        assert_eq!(moved.as_deref(), Some(&b"\x1b[<32;5;3M"[..]));
    }
}
