//! What the terminal can show decides what is drawn.

use std::collections::BTreeSet;

use alacritty_terminal::vte::ansi::{Color, NamedColor};

use crate::harness::{Screen, Session, Setup};

fn table(setup: Setup) -> (Session, Screen) {
    let console = setup.start();
    console.wait_for("vnc 127.0.0.1:5901");
    let screen = console.wait_for("web-1");
    (console, screen)
}

fn colours(screen: &Screen) -> Vec<Color> {
    screen
        .rows
        .iter()
        .flatten()
        .flat_map(|cell| [cell.fg, cell.bg])
        .collect()
}

#[test]
fn without_colours_every_state_is_still_a_word() {
    let (_console, screen) = table(Setup::demo().variable("NO_COLOR", "1"));
    let default = [
        Color::Named(NamedColor::Foreground),
        Color::Named(NamedColor::Background),
    ];
    assert!(
        colours(&screen)
            .iter()
            .all(|colour| default.contains(colour))
    );
    for word in ["Running", "Paused", "Crashed", "Shutoff", "Saved", "▌"] {
        assert!(screen.has(word), "{word}\n{}", screen.text());
    }
}

#[test]
fn colours_are_those_that_the_terminal_has() {
    let (_console, screen) = table(Setup::demo().variable("COLORTERM", "truecolor"));
    assert!(
        colours(&screen)
            .iter()
            .any(|colour| matches!(colour, Color::Spec(_)))
    );
    let (_console, screen) = table(Setup::demo());
    assert!(
        colours(&screen)
            .iter()
            .any(|colour| matches!(colour, Color::Indexed(_)))
    );
    assert!(
        !colours(&screen)
            .iter()
            .any(|colour| matches!(colour, Color::Spec(_)))
    );
    let (_console, screen) = table(Setup::demo().variable("TERM", "xterm"));
    let beyond = colours(&screen)
        .into_iter()
        .filter(|colour| matches!(colour, Color::Spec(_) | Color::Indexed(16..)))
        .count();
    assert_eq!(beyond, 0);
}

#[test]
fn a_terminal_that_is_not_in_utf_8_gets_ascii_alone() {
    let setup = Setup::demo().variable("LANG", "C").variable("LC_ALL", "C");
    let mut console = setup.start();
    console.wait_for("vnc 127.0.0.1:5901");
    console.press("?");
    console.wait_for("The table of domains");
    console.press("<Esc><Enter>");
    console.wait_for("Overview");
    console.press("<Esc>q");
    assert_eq!(console.code(), 0);
    let beyond: BTreeSet<_> = console
        .raw()
        .into_iter()
        .filter(|byte| !byte.is_ascii())
        .collect();
    assert_eq!(beyond, BTreeSet::new());
}

#[test]
fn any_name_of_a_terminal_will_do() {
    for term in [
        "vt100",
        "linux",
        "screen-256color",
        "tmux-256color",
        "nosuch",
        "",
    ] {
        let (mut console, _) = table(Setup::demo().variable("TERM", term));
        console.press("q");
        assert_eq!(console.code(), 0, "{term}");
        console.assert_restored_and_empty();
    }
    let (mut console, _) = table(Setup::demo().without_variable("TERM"));
    console.press("q");
    assert_eq!(console.code(), 0);
}
