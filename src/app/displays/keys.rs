//! Keys of the terminal as keys of a keyboard.

use crate::display::{Keysym, Layout, Stroke, keysym_of};
use crate::keymap::{Code, Key};

/// The keys that are held for a key of the terminal, for a guest with this layout; `None` for a character that it has not.
#[must_use]
pub fn stroke(key: Key, layout: Layout) -> Option<Stroke> {
    let mut keys = Vec::with_capacity(4);
    if key.ctrl {
        keys.push(Keysym::CONTROL);
    }
    if key.alt {
        keys.push(Keysym::ALT);
    }
    if let Code::Char(c) = key.code {
        keys.extend(layout.stroke(c)?.0);
        return Some(Stroke(keys));
    }
    if key.shift || key.code == Code::BackTab {
        keys.push(Keysym::SHIFT);
    }
    let from_home = |number: u32| Keysym(Keysym::HOME.0 + number);
    keys.push(match key.code {
        Code::Char(c) => keysym_of(c),
        Code::F(number) => Keysym::function(number),
        Code::Enter => Keysym::RETURN,
        Code::Esc => Keysym::ESCAPE,
        Code::Tab | Code::BackTab => Keysym::TAB,
        Code::Backspace => Keysym::BACKSPACE,
        Code::Delete => Keysym::DELETE,
        Code::Insert => Keysym::INSERT,
        Code::Home => from_home(0),
        Code::Left => from_home(1),
        Code::Up => from_home(2),
        Code::Right => from_home(3),
        Code::Down => from_home(4),
        Code::PageUp => from_home(5),
        Code::PageDown => from_home(6),
        Code::End => from_home(7),
    });
    Some(Stroke(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_held_around_the_key() {
        for (text, keys) in [
            ("a", vec![0x61]),
            ("A", vec![0xffe1, 0x41]),
            ("?", vec![0xffe1, 0x3f]),
            ("ctrl-c", vec![0xffe3, 0x63]),
            ("ctrl-alt-Delete", vec![0xffe3, 0xffe9, 0xffff]),
            ("BackTab", vec![0xffe1, 0xff09]),
            ("shift-Up", vec![0xffe1, 0xff52]),
            ("F12", vec![0xffc9]),
            ("PgDn", vec![0xff56]),
            ("Enter", vec![0xff0d]),
        ] {
            let keysyms: Vec<_> = keys.into_iter().map(Keysym).collect();
            let found = stroke(text.parse().unwrap(), Layout::Us);
            assert_eq!(found, Some(Stroke(keysyms)), "{text}");
        }
    }
}
