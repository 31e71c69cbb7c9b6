//! Where there is no terminal to draw on, or nobody to press keys.

use std::process::{Command, Output, Stdio};

use crate::harness::{Home, Setup};

/// The program without a terminal, in a session of its own that has none either.
fn without_terminal() -> Output {
    let home = Home::new();
    Command::new("setsid")
        .arg("--wait")
        .arg(env!("CARGO_BIN_EXE_virtty"))
        .arg("--demo")
        .env_clear()
        .envs(home.environment())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = without_terminal();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert_eq!(output.stdout, b"");
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.contains("is not a terminal"), "{words}");
    assert!(words.contains("virtty --help"), "{words}");
}

/// Runs a script in a terminal; gives all that stands on it, byte for byte.
fn printed(script: &str) -> (i32, String) {
    let mut shell = Setup::script(script).start();
    let code = shell.code();
    shell.quiet(std::time::Duration::from_millis(50));
    shell.assert_restored();
    (code, String::from_utf8(shell.raw()).unwrap())
}

#[track_caller]
fn assert_one_plain_line(words: &str) {
    assert_eq!(words.lines().count(), 1, "{words:?}");
    assert!(
        words.trim_end().chars().all(|c| !c.is_control()),
        "{words:?}"
    );
}

#[test]
fn a_dumb_terminal_is_refused() {
    let (code, words) = printed("TERM=dumb exec \"$virtty\" --demo");
    assert_eq!(code, 2);
    assert_one_plain_line(&words);
    assert!(words.contains("TERM is 'dumb'"), "{words}");
}

#[test]
fn output_into_a_file_is_refused() {
    let (code, words) = printed("exec \"$virtty\" --demo >out; cat out");
    assert_eq!(code, 2);
    assert_one_plain_line(&words);
    assert!(
        words.contains("standard output is not a terminal"),
        "{words}"
    );
    let (_, written) = printed("\"$virtty\" --demo >out 2>err; cat out");
    assert_eq!(written, "");
}

#[test]
fn without_a_keyboard_it_is_refused() {
    // Standard output is a terminal, but not that of the session, which has none.
    let script = "exec setsid --wait \"$virtty\" --demo </dev/null";
    let (code, words) = printed(script);
    assert_eq!(code, 2);
    assert_one_plain_line(&words);
    assert!(
        words.contains("there is no keyboard to read from"),
        "{words}"
    );
}

#[test]
fn keys_come_from_the_terminal_when_standard_input_is_taken() {
    let mut shell = Setup::script("echo text | \"$virtty\" --demo; echo ended $?").start();
    shell.wait_for("web-1");
    shell.press("?");
    shell.wait_for("The table of domains");
    shell.press("<Esc>q");
    shell.wait_for("ended 0");
    shell.end();
    shell.assert_restored();
}

#[test]
fn wrong_settings_and_arguments_are_told_before_the_screen_is_taken() {
    for (arguments, words, code) in [
        (
            &["--config", "/nonexistent/c.toml"][..],
            "/nonexistent/c.toml",
            1,
        ),
        (&["--log", "/proc/nosuch/l", "--demo"], "/proc/nosuch/l", 1),
        (&["-c", "nosuch"], "nosuch", 2),
        (&["--nosuch"], "--nosuch", 2),
    ] {
        let mut console = Setup::virtty(arguments).start();
        assert_eq!(console.code(), code, "{arguments:?}");
        console.wait_for(words);
        let raw = String::from_utf8(console.raw()).unwrap();
        assert!(!raw.contains("\u{1b}[?"), "{raw:?}");
        console.assert_restored();
    }
}
