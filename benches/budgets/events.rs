//! From a lifecycle event to the row that shows it.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::ground::Ground;
use crate::report::{ROUNDS, Report, least, ms, quantile};
use crate::terminal::{Console, has_figures};

/// Changes in a round.
const CHANGES: usize = 40;

/// The time from telling a virsh that runs already to pause or resume a guest, to the row that says so: the call itself
/// is in it. And the bytes that a changed row costs.
pub fn measure(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let name = "vm-00004";
    let mut virsh = host
        .virsh_command(&[])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut tell = virsh.stdin.take().unwrap();
    let mut console = Console::open(&host.uri);
    console.until("a table", has_figures);
    let mut rounds = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..ROUNDS {
        let mut times = Vec::new();
        for number in 0..CHANGES {
            console.watch(Duration::from_millis(fastrand::u64(80..200)));
            let (verb, word) = match number % 2 {
                0 => ("suspend", "Paused"),
                _ => ("resume", "Running"),
            };
            let before = console.bytes;
            let told = Instant::now();
            writeln!(tell, "{verb} {name}").unwrap();
            let shown = console.until(word, |console| {
                console.row_of(name).is_some_and(|row| row.contains(word))
            });
            times.push(ms(shown.duration_since(told)));
            bytes.push((console.bytes - before) as f64);
        }
        rounds.push(quantile(&mut times, 0.95));
    }
    drop(tell);
    let _ = virsh.wait();
    report.line(
        "event to changed row, p95, the call included",
        least(rounds),
        30.0,
        "ms",
        "",
    );
    // Frames of the interval fall into some of them.
    let bytes = crate::report::median(&mut bytes);
    report.line("bytes of a changed row, median", bytes, 250.0, "B", "");
}
