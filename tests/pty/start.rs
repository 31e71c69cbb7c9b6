//! Opening the console and leaving it again.

use std::path::Path;

use alacritty_terminal::term::TermMode;

use crate::harness::{Setup, Terminal};

#[test]
fn the_demo_host_opens_from_any_directory_and_q_gives_the_terminal_back() {
    for folder in ["/", "/proc", "/tmp"] {
        let mut console = Setup::demo().folder(Path::new(folder)).start();
        let screen = console.wait_until("the whole table", |screen| {
            [
                "web-1",
                "Running",
                "Shutoff",
                "vnc 127.0.0.1:5901",
                "11/15 running",
            ]
            .iter()
            .all(|text| screen.has(text))
        });
        assert!(screen.is_alternate());
        assert!(!screen.modes.contains(TermMode::SHOW_CURSOR));
        assert!(screen.modes.contains(
            TermMode::MOUSE_REPORT_CLICK | TermMode::SGR_MOUSE | TermMode::BRACKETED_PASTE
        ));
        console.press("q");
        assert_eq!(console.code(), 0);
        console.assert_restored_and_empty();
    }
}

#[test]
fn the_test_driver_opens_and_ctrl_c_leaves() {
    let mut console = Setup::virtty(&["-c", "test:///default"]).start();
    let screen = console.wait_for("Running");
    assert!(
        screen.line_with("Running").contains("test"),
        "{}",
        screen.text()
    );
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn ctrl_c_leaves_from_every_layer() {
    for keys in [
        "?", "/web", "y", "D", "C", "a", "m", "<Enter>", "P", "i", "<C-p>", "V",
    ] {
        let mut console = Setup::demo().start();
        console.wait_for("web-1");
        console.press(keys);
        console.quiet(std::time::Duration::from_millis(50));
        console.press("<C-c>");
        assert_eq!(console.code(), 0, "{keys}");
        console.assert_restored_and_empty();
    }
}

#[test]
fn what_was_on_the_screen_before_is_there_again() {
    let mut shell = Setup::script("echo before; \"$virtty\" --demo; echo after $?").start();
    shell.wait_for("web-1");
    shell.press("q");
    let screen = shell.wait_for("after 0");
    assert_eq!(screen.text().trim(), "before\nafter 0");
    shell.end();
}

#[test]
fn settings_of_an_unusual_terminal_come_back_too() {
    // Odd speeds, characters and modes that nobody would set by default.
    let script = "stty 9600 intr ^G erase ^H -echoctl min 3 time 7 ixany; stty -g; \"$virtty\" --demo; stty -g";
    let mut shell = Setup::script(script).start();
    shell.wait_for("web-1");
    shell.press("q");
    shell.end();
    let screen = shell.screen();
    assert!(!screen.line(0).is_empty());
    assert_eq!(screen.line(0), screen.line(1));
}

#[test]
fn without_the_mouse_in_the_settings_it_is_left_alone() {
    let setup = Setup::demo();
    setup
        .home()
        .write("config/virtty/config.toml", "mouse = false\n");
    let mut console = setup.start();
    let screen = console.wait_for("web-1");
    assert!(
        !screen
            .modes
            .intersects(TermMode::MOUSE_MODE | TermMode::SGR_MOUSE)
    );
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn only_these_sequences_are_written_around_the_screen() {
    let mut console = Setup::demo().start();
    console.wait_for("web-1");
    console.press("q");
    console.end();
    let raw = String::from_utf8(console.raw()).unwrap();
    let enter = "\u{1b}[?1049h\u{1b}[2J\u{1b}[?25l\u{1b}[?2004h\u{1b}[?1000h\u{1b}[?1006h";
    let leave = "\u{1b}[?1006l\u{1b}[?1000l\u{1b}[?2004l\u{1b}[0m\u{1b}[?1049l\u{1b}[?25h";
    assert!(raw.starts_with(enter), "{:?}", &raw[..80]);
    assert!(raw.ends_with(leave), "{:?}", &raw[raw.len() - 80..]);
}

/// The harness itself: settings that a program leaves behind are seen.
#[test]
fn the_harness_sees_what_is_left_behind() {
    let terminal = Terminal::new(80, 24);
    let before = terminal.settings();
    let mut settings = rustix::termios::tcgetattr(terminal.slave()).unwrap();
    settings.make_raw();
    rustix::termios::tcsetattr(
        terminal.slave(),
        rustix::termios::OptionalActions::Now,
        &settings,
    )
    .unwrap();
    assert_ne!(terminal.settings(), before);
}

#[test]
fn a_view_saved_from_the_screen_is_there_at_the_next_start() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path().to_str().unwrap();
    let setup = || Setup::demo().variable("XDG_STATE_HOME", state);
    let mut console = setup().start();
    console.wait_for("web-1");
    console.press("/state:paused<Enter>VSave<Enter>");
    console.wait_for("Save the view");
    console.press("halted<Enter>");
    console.wait_for("View 1 is saved in");
    console.press("q");
    assert_eq!(console.code(), 0);
    let console = setup().start();
    console.wait_for("web-1");
    console.press("1");
    let screen = console.wait_for("View 1: halted");
    assert!(!screen.has("web-1"), "{}", screen.text());
}

#[test]
fn the_demo_host_has_tags_to_filter_and_group_by() {
    let mut console = Setup::demo().start();
    console.wait_for("web-1");
    console.press("/tag:db cpuu>5");
    console.wait_for("did you mean `cpu`?");
    // Tags come with the definitions, which are read after the list.
    let screen = console.wait_for("2 of 15");
    assert!(
        screen.has("db-1") && !screen.has("web-1"),
        "{}",
        screen.text()
    );
    console.press("<Esc>ttt");
    console.wait_for("▾ prod  5/5 running");
    console.press("q");
    assert_eq!(console.code(), 0);
}
