//! The terminal goes away: a broken connection, a closed window.

use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Session, Setup, process, times};
use crate::support::wait::wait_for;

/// What is promised. The only tests with a limit of their own, because a process that stays is the fault itself.
const GONE: Duration = Duration::from_secs(1);
const CPU: Duration = Duration::from_millis(100);

/// Closes the terminal and watches what becomes of `pid`.
#[track_caller]
fn hang_up(console: &mut Session, pid: u32) {
    let before = process::look(pid).unwrap().cpu;
    let mut last = before;
    let start = Instant::now();
    console.hang_up();
    while let Some(process) = process::look(pid) {
        last = process.cpu;
        if process.state == 'Z' {
            break;
        }
        assert!(start.elapsed() < GONE, "still there after {GONE:?}");
        thread::sleep(Duration::from_millis(2));
    }
    let used = last.saturating_sub(before);
    assert!(used < CPU, "used {used:?} of a processor to end");
}

fn virtty_of(console: &Session) -> u32 {
    wait_for(crate::harness::PATIENCE, "virtty below the shell", || {
        process::children(console.pid(), "virtty").first().copied()
    })
}

#[test]
fn it_ends_with_its_terminal() {
    for _ in 0..times(3, 50) {
        let mut console = Setup::demo().start();
        console.wait_for("web-1");
        let pid = console.pid();
        hang_up(&mut console, pid);
        assert_eq!(console.code(), 129);
    }
}

#[test]
fn it_ends_without_the_signal_too() {
    // The shell that leads the session ignores the signal, and with it everything that it starts; nothing but the
    // terminal itself tells.
    for _ in 0..times(2, 50) {
        let mut console = Setup::script("trap '' HUP; \"$virtty\" --demo; sleep 60").start();
        console.wait_for("web-1");
        let pid = virtty_of(&console);
        hang_up(&mut console, pid);
    }
}

#[test]
fn it_ends_in_the_middle_of_everything() {
    for keys in ["?", "/web", "yj", "<Enter>", "D"] {
        let mut console = Setup::demo().start();
        console.wait_for("web-1");
        console.send(&[12; 50]);
        console.press(keys);
        let pid = console.pid();
        hang_up(&mut console, pid);
    }
}

#[test]
fn it_ends_when_it_was_put_aside() {
    let mut console = Setup::shell().start();
    console.prompt();
    console.press("\"$virtty\" --demo<Enter>");
    console.wait_for("web-1");
    let pid = virtty_of(&console);
    console.press("<C-z>");
    console.wait_for("Stopped");
    hang_up(&mut console, pid);
}

#[test]
fn a_terminal_that_takes_nothing_delays_the_end_only_a_little() {
    let mut console = Setup::demo().size(200, 60).start();
    console.wait_for("web-1");
    console.stop_reading();
    console.send(&[12; 200]);
    thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    console.signal(rustix::process::Signal::TERM);
    assert_eq!(console.code(), 143);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}
