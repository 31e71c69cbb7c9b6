//! Ends that nobody chose: signals, panics, errors. The terminal is as it was after each.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{Session, Setup, times};

const FATAL: [(Signal, i32); 4] = [
    (Signal::TERM, 143),
    (Signal::INT, 130),
    (Signal::HUP, 129),
    (Signal::QUIT, 131),
];

#[test]
fn signals_at_any_moment_of_the_start() {
    for round in 0..times(8, 100) {
        let (signal, code) = FATAL[round % FATAL.len()];
        let mut console = Setup::demo().start();
        thread::sleep(Duration::from_micros(fastrand::u64(..250_000)));
        console.signal(signal);
        assert_eq!(console.code(), code);
        console.assert_restored();
    }
}

#[test]
fn signals_while_frames_are_drawn() {
    for round in 0..times(8, 100) {
        let (signal, code) = FATAL[round % FATAL.len()];
        let mut console = Setup::demo().size(200, 60).start();
        console.wait_for("web-1");
        // Each Ctrl-L draws the whole screen, so that the signal meets a frame half written.
        console.send(&[12; 200]);
        thread::sleep(Duration::from_micros(fastrand::u64(..40_000)));
        console.signal(signal);
        assert_eq!(console.code(), code);
        console.assert_restored_and_empty();
    }
}

#[test]
fn a_second_signal_does_not_disturb_the_first() {
    for _ in 0..times(2, 50) {
        let mut console = Setup::demo().start();
        console.wait_for("web-1");
        for (signal, _) in FATAL {
            console.signal(signal);
        }
        assert!(console.code() > 128);
        console.assert_restored_and_empty();
    }
}

/// The console with an accident waiting for Ctrl-L.
fn provoked(what: &str) -> Session {
    let console = Setup::demo().variable("VIRTTY_PROVOKE", what).start();
    console.wait_for("web-1");
    console.press("<C-l>");
    console
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    for what in ["main", "input"] {
        let mut console = provoked(what);
        assert_eq!(console.code(), 101);
        let screen = console.assert_restored();
        assert!(screen.has("a provoked panic"), "{}", screen.text());
        assert!(screen.has("src/runtime/provoke.rs"), "{}", screen.text());
        // Nothing of a frame comes behind it, and lines begin at the left.
        let lines: Vec<_> = (0..screen.rows.len())
            .map(|line| screen.line(line))
            .collect();
        assert!(!screen.has("web-1"), "{}", screen.text());
        assert!(
            lines.iter().all(|line| !line.starts_with("    ")),
            "{lines:?}"
        );
    }
}

#[test]
fn a_panic_of_a_worker_is_told_on_the_screen_which_lives_on() {
    let mut console = provoked("worker");
    console.wait_for("Something in virtty failed");
    console.press("?");
    console.wait_for("The table of domains");
    assert!(
        console.home().log().contains("a provoked panic"),
        "{}",
        console.home().log()
    );
    console.press("<Esc>q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn an_error_of_the_terminal_ends_in_words() {
    let mut console = provoked("error");
    assert_eq!(console.code(), 1);
    let screen = console.assert_restored();
    assert_eq!(screen.text().trim(), "virtty: terminal: a provoked error");
}

#[test]
fn a_loop_that_hangs_can_be_ended_by_a_signal() {
    for (signal, code) in FATAL {
        let mut console = provoked("hang");
        thread::sleep(Duration::from_millis(50));
        console.signal(signal);
        assert_eq!(console.code(), code);
        console.assert_restored_and_empty();
    }
}

#[test]
fn what_libraries_print_goes_to_the_log() {
    let mut console = provoked("stderr");
    console.press("?");
    console.wait_for("The table of domains");
    console.press("<Esc>q");
    assert_eq!(console.code(), 0);
    assert!(!String::from_utf8_lossy(&console.raw()).contains("careless"));
    assert!(console.home().log().contains("a careless library"));
    console.assert_restored_and_empty();
}
