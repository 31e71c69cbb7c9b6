//! Hosts that cannot be reached, that do not answer, and the page that helps.

use std::os::unix::net::UnixListener;
use std::thread;
use std::time::Duration;

use crate::harness::{Session, Setup, Terminal, leave};

/// A socket in the home whose owner takes connections and never says a word.
fn silent(setup: &Setup) -> (UnixListener, String) {
    let path = setup.home().path().join("silent");
    let listener = UnixListener::bind(&path).unwrap();
    let uri = format!("qemu+unix:///system?socket={}", path.display());
    (listener, uri)
}

/// Keys are answered.
#[track_caller]
fn assert_answers(console: &Terminal) {
    console.press("?");
    console.wait_for("─ Keys ─");
    console.press("<Esc>");
    console.wait_gone("─ Keys ─");
}

#[test]
fn the_first_frame_waits_for_nobody() {
    let setup = Setup::virtty(&["-c"]);
    let (_listener, uri) = silent(&setup);
    let console = setup.argument(&uri).start();
    let screen = console.wait_for("Connecting");
    assert!(screen.line(29).contains("Quit"), "{}", screen.text());
    assert_answers(&console);
    // The seconds count, and nothing else moves.
    console.wait_for("Connecting (1 s)");
    console.wait_for("Connecting (2 s)");
    assert_answers(&console);
    leave(console);
}

#[test]
fn one_host_that_is_silent_delays_no_other() {
    let setup = Setup::virtty(&["-c", "test:///default", "-c"]);
    let (_listener, uri) = silent(&setup);
    let console = setup.argument(&uri).start();
    let screen = console.wait_until("the other host", |screen| {
        screen.has("Active") && screen.has("Running")
    });
    assert!(screen.has("Connecting"), "{}", screen.text());
    console.press("p");
    console.wait_for("Paused");
    leave(console);
}

#[test]
fn what_fails_is_told_in_words_and_nothing_else_is_printed() {
    for (uri, words) in [
        (
            "qemu+unix:///system?socket=/nosuch/socket",
            "/nosuch/socket",
        ),
        ("qemu+tcp://127.0.0.1:1/system", "127.0.0.1"),
        ("qemu+tls://127.0.0.1:1/system", "127.0.0.1"),
        ("test:///nosuch/node.xml", "/nosuch/node.xml"),
        ("nosuch:///system", "nosuch:///system"),
        // In a message of libvirt's stands what it was given.
        ("test:///nosuch/%1b]0;title%07%c2%9b31m.xml", "nosuch"),
    ] {
        let console = Setup::virtty(&["-c", uri]).start();
        console.wait_for("No connection is open");
        console.wait_for(words);
        let screen = console.quiet(Duration::from_millis(100));
        assert!(screen.titles.is_empty());
        assert!(!screen.has("libvirt: "), "{}", screen.text());
        assert!(!screen.has("error :"), "{}", screen.text());
        leave(console);
    }
}

fn welcome() -> (Session, std::path::PathBuf) {
    let setup = Setup::virtty(&[]);
    let path = setup.home().path().join("missing");
    let uri = format!("qemu+unix:///system?socket={}", path.display());
    let console = setup.variable("LIBVIRT_DEFAULT_URI", &uri).start();
    let screen = console.wait_for("No connection is open");
    for text in [&uri, "r ", "e ", "o "] {
        assert!(screen.has(text), "{text}\n{}", screen.text());
    }
    (console, path)
}

#[test]
fn a_missing_daemon_is_explained_and_r_tries_again() {
    let (console, path) = welcome();
    let screen = console.wait_for("No such file or directory");
    assert!(screen.has("missing"), "{}", screen.text());
    // Now there is somebody.
    let listener = UnixListener::bind(&path).unwrap();
    let served = thread::spawn(move || listener.accept().map(|_| ()));
    console.press("r");
    served.join().unwrap().unwrap();
    leave(console);
}

#[test]
fn the_uri_can_be_edited() {
    let (console, path) = welcome();
    console.press("e");
    console.wait_for("─ ");
    let typed = path.display().to_string();
    console.wait_until("the URI to edit", |screen| screen.has(&typed[..20]));
    console.press("<C-u>test:///default<Enter>");
    let screen = console.wait_for("Active");
    assert!(screen.has("test:///default"), "{}", screen.text());
    console.wait_for("Running");
    leave(console);
}

#[test]
fn the_demo_host_is_a_key_away() {
    let (console, _) = welcome();
    console.press("o");
    console.wait_for("web-1");
    assert_answers(&console);
    leave(console);
}

#[test]
fn a_wrong_uri_is_told_where_it_is_typed() {
    let (console, _) = welcome();
    console.press("e");
    console.wait_for("─ ");
    console.press("<C-u>nonsense<Enter>");
    console.wait_for("nonsense");
    let screen = console.quiet(Duration::from_millis(100));
    assert!(screen.has("URI"), "{}", screen.text());
    console.press("<Esc>");
    console.press("o");
    console.wait_for("web-1");
    leave(console);
}

#[test]
fn what_is_pasted_is_clean_and_one_line() {
    let (console, _) = welcome();
    console.press("e");
    console.wait_for("─ ");
    console.press("<C-u>");
    console.send(
        "\u{1b}[200~test:///de\u{9b}31m\u{202e}fault\rq\n\u{1b}]0;x\u{7}\u{1b}[201~".as_bytes(),
    );
    console.wait_for("test:///de");
    leave(console);
}

#[test]
fn esc_gives_up_an_opening() {
    let setup = Setup::virtty(&["-c"]);
    let (_listener, uri) = silent(&setup);
    let console = setup.argument(&uri).start();
    console.wait_for("Connecting");
    console.press("<Esc>");
    console.wait_for("No connection is open");
    console.press("o");
    console.wait_for("web-1");
    leave(console);
}
