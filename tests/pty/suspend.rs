//! Put aside and taken up again.

use rustix::process::Signal;

use crate::harness::{PATIENCE, Session, Setup, process};
use crate::support::wait::{wait_for, wait_until};

fn below_a_shell() -> (Session, u32) {
    let shell = Setup::shell().start();
    shell.prompt();
    shell.press("stty -g<Enter>");
    shell.wait_until("the settings", |screen| !settings(screen).is_empty());
    shell.prompt();
    shell.press("\"$virtty\" --demo<Enter>");
    shell.wait_for("web-1");
    let pid = wait_for(PATIENCE, "virtty below the shell", || {
        process::children(shell.pid(), "virtty").first().copied()
    });
    (shell, pid)
}

/// The shell is there and works, with its own settings, cursor and screen.
#[track_caller]
fn assert_usable(shell: &Session) {
    shell.wait_for("Stopped");
    assert!(!shell.prompt().is_alternate());
    shell.press("echo $((40+2))-works; stty -g<Enter>");
    let screen = shell.wait_for("42-works");
    assert_eq!(screen.line_with("42-works"), "42-works");
    let screen = shell.wait_until("both settings", |screen| settings(screen).len() == 2);
    shell.prompt();
    let settings = settings(&screen);
    assert_eq!(settings[0], settings[1]);
}

fn settings(screen: &crate::harness::Screen) -> Vec<String> {
    (0..screen.rows.len())
        .map(|line| screen.line(line))
        .filter(|line| line.len() > 60 && line.contains(":0:0:0:0"))
        .collect()
}

/// Everything is drawn again.
#[track_caller]
fn assert_back(shell: &Session) {
    let screen = shell.wait_until("the whole console", |screen| {
        screen.is_alternate()
            && ["web-1", "router", "Name▲", "11/15 running", "q Quit"]
                .iter()
                .all(|text| screen.has(text))
    });
    assert!(!screen.has("42-works"), "{}", screen.text());
}

#[track_caller]
fn leave(mut shell: Session) {
    shell.press("q");
    shell.prompt();
    shell.press("echo code $?; exit<Enter>");
    shell.end();
    let screen = shell.screen();
    assert!(screen.has("code 0"), "{}", screen.text());
}

#[test]
fn ctrl_z_gives_the_shell_and_fg_draws_everything_again() {
    let (shell, _) = below_a_shell();
    for _ in 0..2 {
        shell.press("<C-z>");
        assert_usable(&shell);
        shell.press("clear; stty -g; fg<Enter>");
        assert_back(&shell);
    }
    // And keys are answered.
    shell.press("?");
    shell.wait_for("The table of domains");
    shell.press("<Esc>");
    leave(shell);
}

#[test]
fn another_size_meanwhile_is_noticed() {
    let (shell, _) = below_a_shell();
    shell.press("<C-z>");
    assert_usable(&shell);
    shell.resize(60, 15);
    shell.press("fg<Enter>");
    let screen = shell.wait_until("the footer on the last line", |screen| {
        screen.is_alternate() && screen.line(14).contains("q Quit")
    });
    assert!(screen.has("template-debian"), "{}", screen.text());
    leave(shell);
}

#[test]
fn a_stop_from_outside_is_like_ctrl_z() {
    let (shell, pid) = below_a_shell();
    crate::harness::signal_to(pid, Signal::TSTP);
    assert_usable(&shell);
    shell.press("fg<Enter>");
    assert_back(&shell);
    leave(shell);
}

#[test]
fn a_stop_by_force_is_survived() {
    let (shell, pid) = below_a_shell();
    crate::harness::signal_to(pid, Signal::STOP);
    // The program could not give anything back; bash puts its own settings right.
    shell.wait_for("Stopped");
    shell.prompt();
    shell.resize(90, 25);
    shell.press("clear; fg<Enter>");
    assert_back(&shell);
    shell.press("?");
    shell.wait_for("Mark the domain");
    shell.press("<Esc>");
    leave(shell);
}

#[test]
fn stopped_and_continued_from_outside_without_a_shell() {
    let mut console = Setup::demo().start();
    console.wait_for("web-1");
    let seen = console.count();
    console.signal(Signal::STOP);
    wait_until(PATIENCE, "it stands", || {
        process::look(console.pid()).is_some_and(|process| process.state == 'T')
    });
    console.signal(Signal::CONT);
    wait_until(PATIENCE, "a whole frame", || {
        String::from_utf8_lossy(&console.since(seen)).contains("web-1")
    });
    console.press("j?");
    console.wait_for("The table of domains");
    console.press("<Esc>q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn without_a_shell_ctrl_z_says_so_and_goes_on() {
    let mut console = Setup::demo().start();
    console.wait_for("web-1");
    for stop in ["<C-z>", "signal"] {
        match stop {
            "signal" => console.signal(Signal::TSTP),
            keys => console.press(keys),
        }
        console.wait_for("There is no shell to go back to");
        let process = process::look(console.pid()).unwrap();
        assert_ne!(process.state, 'T');
        console.press("?");
        console.wait_for("The table of domains");
        console.press("<Esc>");
        console.wait_gone("The table of domains");
    }
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn in_the_background_it_waits_for_the_foreground() {
    let (shell, pid) = below_a_shell();
    shell.press("<C-z>");
    assert_usable(&shell);
    shell.press("bg; echo in the back<Enter>");
    // It must not draw over the shell: the kernel stops what wants the terminal from the background.
    wait_until(PATIENCE, "stopped again", || {
        process::look(pid).is_some_and(|process| process.state == 'T')
    });
    shell.prompt();
    assert!(!shell.screen().is_alternate(), "{}", shell.screen().text());
    shell.press("clear; fg<Enter>");
    assert_back(&shell);
    leave(shell);
}

#[test]
fn below_another_program_of_the_same_job_both_stop() {
    // As in `make run`: the shell's job is make, the console its child.
    let shell = Setup::shell().start();
    shell.prompt();
    shell.press("sh -c '\"$virtty\" --demo; echo ended $?'<Enter>");
    shell.wait_for("web-1");
    shell.press("<C-z>");
    shell.wait_for("Stopped");
    shell.prompt();
    shell.press("clear; fg<Enter>");
    assert_back(&shell);
    shell.press("q");
    shell.wait_for("ended 0");
}
