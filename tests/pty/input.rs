//! The mouse, pasted text, and whatever else comes in from a terminal.

use std::time::Duration;

use crate::harness::{Screen, Sequences, Session, Setup, times};

fn demo() -> Session {
    let console = Setup::demo().start();
    console.wait_for("web-1");
    console
}

/// Sends a button of the mouse going down at the first cell of `text` (SGR form, counted from 1).
fn click(console: &Session, button: u8, text: &str) {
    let screen = console.screen();
    let line = screen.number_of(text);
    let words = screen.line(line);
    let column = words[..words.find(text).unwrap()].chars().count();
    let place = format!("{};{}", column + 1, line + 1);
    console.send(format!("\u{1b}[<{button};{place}M\u{1b}[<{button};{place}m").as_bytes());
}

fn selected(screen: &Screen) -> String {
    screen.line_with("▌")
}

#[test]
fn the_mouse_selects_scrolls_and_opens() {
    let console = demo();
    click(&console, 0, "router");
    console.wait_until("the row is selected", |screen| {
        selected(screen).contains("router")
    });
    click(&console, 0, "router");
    console.wait_for("Overview");
    console.press("<Esc>");
    console.wait_for("Name▲");
    click(&console, 0, "Help");
    console.wait_for("The table of domains");
    // The wheel moves what is on top.
    click(&console, 65, "Keys");
    console.wait_gone("Enter l Right");
    click(&console, 64, "Keys");
    console.wait_for("Enter l Right");
    console.press("<Esc>");
    console.wait_gone("The table of domains");
    click(&console, 0, "Name▲");
    console.wait_for("Name▼");
    console.resize(100, 10);
    console.press("g");
    console.wait_until("the first rows", |screen| {
        screen.line(2).contains("Name▼") && !screen.has("router")
    });
    click(&console, 65, "Name");
    console.wait_for("router");
}

#[test]
fn a_large_paste_is_taken_at_once() {
    let mut console = demo();
    console.press("/");
    console.wait_for("15 of 15");
    let mut paste = b"\x1b[200~".to_vec();
    paste.extend(b"zyx".iter().cycle().take(200_000));
    paste.extend(b"\nq\x03\x1b[201~");
    console.send(&paste);
    console.wait_for("0 of 15");
    console.press("<Esc>");
    console.wait_for("1/15");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
}

#[test]
fn keys_that_come_at_once_are_all_taken() {
    let console = demo();
    for _ in 0..50 {
        console.press("jjjjjjjjjjkkkkkkkkkk");
    }
    console.press("jjj");
    console.wait_for("4/15");
    console.press("/web<Enter>");
    console.wait_for("of 15");
}

#[test]
fn noise_is_survived() {
    for _ in 0..times(8, 200) {
        let seed = fastrand::u64(..);
        eprintln!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        let mut console = demo();
        for _ in 0..40 {
            let bytes: Vec<u8> = (0..random.usize(1..60))
                .map(|_| match random.u8(..4) {
                    0 => 0x1b,
                    1 => random.u8(..),
                    _ => random.u8(b' '..127),
                })
                // What leaves or stops the program, and what would be another test.
                .filter(|byte| !matches!(byte, b'q' | 3 | 26))
                .collect();
            console.send(&bytes);
        }
        console.quiet(Duration::from_millis(50));
        // Whatever sequence has begun ends here: a report of the mouse or of the terminal, a paste.
        console.send(b"mmmmu\x1b[201~");
        // A serial console gives Ctrl-C to its guest; it is left first, where one is open.
        console.press("<Esc><C-]>d<C-c>");
        assert_eq!(console.code(), 0, "{}", console.screen().text());
        console.assert_restored();
        let mut sequences = Sequences::of(&console.raw());
        // It may have copied something.
        sequences.osc.retain(|number| number != "52");
        sequences.assert_harmless();
    }
}
