//! Any size, and sizes that change.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use crate::harness::{Session, Setup, times};

/// What may stand on the screen while the size changes: keys that open it, and words of it.
const SCREENS: [(&str, &str); 7] = [
    ("", "Name"),
    ("?", "The table of domains"),
    ("/web", "/web"),
    ("y", "Copy from"),
    ("a", "URI"),
    ("C", "Columns"),
    ("<Enter>", "Overview"),
];

/// A host on which nothing changes by itself.
fn opened(keys: &str, words: &str) -> Session {
    let mut node = "<node>".to_owned();
    for number in 1..40 {
        write!(
            node,
            "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
             <name>web-{number}</name><memory>524288</memory><os><type>hvm</type></os>\
             <test:runstate>5</test:runstate></domain>"
        )
        .unwrap();
    }
    node.push_str("</node>");
    let setup = Setup::virtty(&["-c"]);
    let document = setup.home().write("node.xml", &node);
    let console = setup
        .argument(&format!("test://{}", document.display()))
        .start();
    console.wait_for("web-1");
    console.press(keys);
    console.wait_for(words);
    console
}

/// It still runs, draws what was open, and leaves in order.
#[track_caller]
fn assert_alive(mut console: Session, words: &str) {
    console.resize(100, 30);
    console.wait_until(words, |screen| {
        screen.has(words) && !screen.line(0).is_empty()
    });
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn every_small_size_with_every_screen_open() {
    for (keys, words) in SCREENS {
        let console = opened(keys, words);
        for lines in [1, 2, 3, 5, 8, 13, 24] {
            for columns in [1, 2, 3, 5, 8, 13, 21, 40, 80] {
                console.resize(columns, lines);
                thread::sleep(Duration::from_millis(2));
            }
        }
        assert_alive(console, words);
    }
}

#[test]
fn a_terminal_without_a_size() {
    let console = opened("", "Name");
    console.resize(0, 0);
    console.press("j?");
    thread::sleep(Duration::from_millis(50));
    console.press("<Esc>");
    console.resize(0, 10);
    console.resize(10, 0);
    assert_alive(console, "web-1");
    // And from the start.
    let console = Setup::demo().size(0, 0).start();
    thread::sleep(Duration::from_millis(100));
    assert_alive(console, "web-1");
}

#[test]
fn starts_in_any_size() {
    for (columns, lines) in [(1, 1), (2, 1), (1, 2), (7, 3), (19, 4), (500, 200)] {
        let console = Setup::demo().size(columns, lines).start();
        thread::sleep(Duration::from_millis(150));
        // An Esc more would give up the connection where it is not open yet.
        console.press("jjk?<Esc>");
        assert_alive(console, "web-1");
    }
}

#[test]
fn a_storm_of_sizes_ends_in_the_right_frame() {
    for (keys, words) in SCREENS {
        let console = opened(keys, words);
        let sizes = times(100, 1000) / SCREENS.len();
        for _ in 0..sizes {
            console.resize(fastrand::u16(1..300), fastrand::u16(1..100));
            thread::sleep(Duration::from_micros(fastrand::u64(..3000)));
        }
        console.resize(90, 28);
        console.wait_until("all of it", |screen| screen.has(words));
        // The frame is the one that this size has when nothing was there before.
        let settled = console.quiet(Duration::from_millis(200));
        console.press("<C-l>");
        let whole = console.quiet(Duration::from_millis(200));
        assert_eq!(settled.text(), whole.text());
        assert_ne!(whole.line(27), "", "{}", whole.text());
        assert_alive(console, words);
    }
}
