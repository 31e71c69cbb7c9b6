//! Copying through the terminal (OSC 52).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{PATIENCE, Sequences, Session, Setup};
use crate::support::wait::wait_until;

fn web_1(setup: Setup) -> Session {
    let console = setup.start();
    console.wait_for("vnc 127.0.0.1:5901");
    console.press("/web-1<Enter>");
    console.wait_for("1 of 15");
    console
}

/// Copies the choice that stands under the cursor after `keys`; gives its text.
fn copied(console: &Session, keys: &str) -> String {
    let before = console.screen().copies.len();
    console.press("y");
    console.wait_for("Copy from web-1");
    console.press(keys);
    console.press("<Enter>");
    let screen = console.wait_until("a copy", |screen| screen.copies.len() > before);
    screen.copies.last().unwrap().clone()
}

#[test]
fn the_address_of_the_display_comes_first_and_all_choices_arrive() {
    let console = web_1(Setup::demo());
    let text = copied(&console, "");
    assert_eq!(text, "127.0.0.1:5901");
    // Shown in full too, for terminals that do not copy.
    console.wait_for("Copied: 127.0.0.1:5901");
    let mut texts = Vec::new();
    for down in 0..10 {
        texts.push(copied(&console, &"j".repeat(down)));
    }
    for wanted in [
        "vnc://127.0.0.1:5901",
        "eeb388fc-f3df-59ad-838d-0fe99b01143c",
    ] {
        assert!(
            texts.iter().any(|text| text == wanted),
            "{wanted} in {texts:?}"
        );
    }
    assert!(
        texts.iter().any(|text| text.starts_with("virt-viewer ")),
        "{texts:?}"
    );
}

#[test]
fn over_ssh_the_tunnel_is_ready_to_be_pasted() {
    let console = web_1(Setup::demo().variable("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22"));
    console.press("y");
    let screen = console.wait_for("ssh -L");
    let line = screen.number_of("ssh -L");
    let first = screen.number_of("╭") + 1;
    console.press("<Esc>");
    let text = copied(&console, &"j".repeat(line - first));
    assert!(text.starts_with("ssh -L "), "{text}");
    assert!(text.contains(":127.0.0.1:5901 "), "{text}");
    assert!(text.contains("192.0.2.1"), "{text}");
}

#[test]
fn inside_tmux_tmux_is_told_too() {
    // A stand-in, because a real tmux server has settings of its own.
    let setup = Setup::demo();
    let home = setup.home().path().to_owned();
    let script = format!(
        "#!/bin/sh\n[ \"$*\" = 'load-buffer -w -' ] || exit 1\ncat > '{}/buffer'\necho noise; echo noise >&2\n",
        home.display()
    );
    let program = setup.home().write("bin/tmux", &script);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}/bin:{}", home.display(), std::env::var("PATH").unwrap());
    let console = web_1(
        setup
            .variable("PATH", &path)
            .variable("TMUX", "/tmp/nosuch,1,0"),
    );
    let text = copied(&console, "");
    assert_eq!(text, "127.0.0.1:5901");
    wait_until(PATIENCE, "the text in tmux", || {
        fs::read_to_string(home.join("buffer")).is_ok_and(|buffer| buffer == text)
    });
    console.press("j");
    assert!(!console.screen().has("noise"));
}

#[test]
fn inside_screen_the_sequence_is_wrapped() {
    let console = web_1(Setup::demo().variable("STY", "1234.pts-0.host"));
    let before = console.count();
    console.press("y");
    console.wait_for("Copy from web-1");
    console.press("<Enter>");
    console.wait_for("Copied: 127.0.0.1:5901");
    let raw = console.since(before);
    let wrapped = b"\x1bP\x1b]52;c;MTI3LjAuMC4xOjU5MDE=";
    assert!(raw.windows(wrapped.len()).any(|bytes| bytes == wrapped));
}

#[test]
fn nothing_else_is_sent_with_it() {
    let console = web_1(Setup::demo());
    copied(&console, "");
    console.wait_for("Copied: ");
    let sequences = Sequences::of(&console.raw());
    assert_eq!(sequences.osc, ["52"]);
    assert!(sequences.other.is_empty(), "{:?}", sequences.other);
}
