//! Commands that virtty runs in its terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use alacritty_terminal::term::TermMode;

use crate::harness::{Home, PATIENCE, Session, Setup, process};
use crate::support::wait::wait_until;

/// What virtty may want to run to start a daemon, whatever this machine has.
const PROGRAMS: [&str; 4] = ["libvirtd", "virtqemud", "systemctl", "sudo"];

/// Stands in for all of them; gives the PATH that finds it.
fn stand_in(home: &Home, script: &str) -> String {
    for program in PROGRAMS {
        let path = home.write(&format!("bin/{program}"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!(
        "{}/bin:{}",
        home.path().display(),
        std::env::var("PATH").unwrap()
    )
}

/// The welcome page of a host without a daemon, and a way to mend that.
fn broken(setup: Setup, script: &str) -> Setup {
    let path = stand_in(setup.home(), script);
    let uri = format!(
        "qemu+unix:///system?socket={}/missing",
        setup.home().path().display()
    );
    setup
        .variable("PATH", &path)
        .variable("LIBVIRT_DEFAULT_URI", &uri)
}

/// Says yes to running the command.
fn run(console: &Session) {
    console.wait_for("No such file or directory");
    console.press("x");
    console.wait_for("Run this command?");
    console.press("y");
}

#[test]
fn a_command_has_the_terminal_to_itself_and_gives_it_back() {
    let script =
        "stty -a | grep -q ' icanon' && echo cooked; read line; echo \"got <$line>\"; exit 3";
    let mut console = broken(Setup::virtty(&[]), script).start();
    run(&console);
    let screen = console.wait_for("cooked");
    assert!(!screen.is_alternate());
    assert!(screen.modes.contains(TermMode::SHOW_CURSOR));
    assert!(
        !screen
            .modes
            .intersects(TermMode::MOUSE_MODE | TermMode::BRACKETED_PASTE)
    );
    console.press("jq?<Enter>");
    console.wait_for("got <jq?>");
    console.wait_for("[Enter] back to virtty");
    console.press("<Enter>");
    let screen = console.wait_for("exit code 3");
    assert!(
        screen.is_alternate() && screen.has("No connection is open"),
        "{}",
        screen.text()
    );
    console.press("q");
    assert_eq!(console.code(), 0);
    // What the command printed is on the screen that was there before, as after any command.
    let screen = console.assert_restored();
    assert!(
        screen.has("got <jq?>") && !screen.has("No connection"),
        "{}",
        screen.text()
    );
}

#[test]
fn ctrl_c_ends_the_command_and_not_virtty() {
    let mut console = broken(Setup::virtty(&[]), "echo waiting; exec sleep 60").start();
    run(&console);
    console.wait_for("waiting");
    // A shell may miss the signal while it begins a command.
    wait_until(PATIENCE, "the command itself", || {
        !process::children(console.pid(), "sleep").is_empty()
    });
    console.press("<C-c>");
    console.wait_for("[Enter] back to virtty");
    console.press("<Enter>");
    console.wait_for("No connection is open");
    console.press("o");
    console.wait_for("web-1");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn ctrl_z_stops_both_below_a_shell() {
    let shell = broken(
        Setup::shell(),
        "echo waiting; read line; echo \"got <$line>\"",
    )
    .start();
    shell.prompt();
    shell.press("\"$virtty\"<Enter>");
    run(&shell);
    shell.wait_for("waiting");
    shell.press("<C-z>");
    shell.wait_for("Stopped");
    shell.prompt();
    // A process that is about to stop may take a last key.
    let virtty = process::children(shell.pid(), "virtty")[0];
    wait_until(PATIENCE, "the command has stopped", || {
        process::all_children(virtty)
            .into_iter()
            .filter_map(process::look)
            .all(|process| process.state == 'T')
    });
    shell.press("echo $((40+2))-works; fg<Enter>");
    shell.wait_for("42-works");
    shell.press("words<Enter>");
    shell.wait_for("got <words>");
    shell.wait_for("[Enter] back to virtty");
    shell.press("<Enter>");
    shell.wait_for("No connection is open");
    shell.press("q");
    shell.prompt();
    shell.press("echo code $?<Enter>");
    shell.wait_for("code 0");
}

#[test]
fn ctrl_z_without_a_shell_is_as_if_it_was_not_pressed() {
    let mut console = broken(
        Setup::virtty(&[]),
        "echo waiting; read line; echo \"got <$line>\"",
    )
    .start();
    run(&console);
    console.wait_for("waiting");
    console.press("<C-z>");
    console.press("words<Enter>");
    console.wait_for("got <words>");
    console.wait_for("[Enter] back to virtty");
    console.press("<Enter>");
    console.wait_for("No connection is open");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn a_signal_meanwhile_ends_virtty() {
    let mut console = broken(Setup::virtty(&[]), "echo waiting; exec sleep 60").start();
    run(&console);
    console.wait_for("waiting");
    console.signal(rustix::process::Signal::TERM);
    assert_eq!(console.code(), 143);
    console.assert_restored();
}

#[test]
fn another_size_meanwhile_is_noticed() {
    let console = broken(Setup::virtty(&[]), "echo waiting; read line").start();
    run(&console);
    console.wait_for("waiting");
    console.resize(60, 20);
    console.press("<Enter>");
    console.wait_for("[Enter] back to virtty");
    console.press("<Enter>");
    console.wait_until("the footer on the last line", |screen| {
        screen.is_alternate() && screen.line(19).contains("Quit")
    });
}
