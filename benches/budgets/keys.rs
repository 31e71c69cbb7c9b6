//! From a key to the last byte of its answer.

use std::time::{Duration, Instant};

use crate::ground::{Ground, MANY};
use crate::process::memory_kib;
use crate::report::{ROUNDS, Report, ms, quantile};
use crate::support::lab::control;
use crate::terminal::{Console, has_figures, is_complete};

/// Keys of each kind in a round.
const TIMES: usize = 12;

/// On a real host, while guests hang, and at 50 ms of network.
pub fn measure(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let mut console = Console::open(&host.uri);
    console.until("a table", has_figures);
    scenario("1,000 domains", &mut console, report);

    let victims = ["vm-00011", "vm-00012"];
    for victim in victims {
        control(&["fault", "hang", victim, &host.name]);
    }
    console.until("guests that do not answer", |console| {
        console.screen().matches("not responding").count() == victims.len()
    });
    scenario("two guests hang", &mut console, report);
    for victim in victims {
        control(&["fault", "resume", victim, &host.name]);
    }
    console.until("guests that answer", |console| {
        !console.screen().contains("not responding")
    });
    drop(console);

    let proxy = host.proxy(50);
    let mut console = Console::open(&proxy.uri);
    console.until("a table", has_figures);
    scenario("50 ms of network", &mut console, report);
}

/// While 10,000 domains refresh; and what those cost.
pub fn many(ground: &Ground, report: &mut Report) {
    let mut console = Console::open(&ground.many());
    let shown = console.until("a table", is_complete);
    let opened = shown.duration_since(console.begun);
    scenario("10,000 domains refresh", &mut console, report);
    // All definitions have been read when the screen and the memory no longer move.
    let mut before = memory_kib(console.pid()).0;
    loop {
        console.watch(Duration::from_secs(3));
        let now = memory_kib(console.pid()).0;
        if now < before + 500 {
            break;
        }
        before = now;
    }
    let (resident, own) = memory_kib(console.pid());
    report.line(
        &format!("resident memory: {MANY} domains on a connection, no history yet"),
        resident as f64 * 1024.0 / 1e6,
        110.0,
        "MB",
        format!(
            "{:.1} MB its own; the daemon took {:.0} ms to list them",
            own as f64 * 1024.0 / 1e6,
            ms(opened)
        ),
    );
}

/// Best of the rounds of all kinds of keys.
fn scenario(what: &str, console: &mut Console, report: &mut Report) {
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let mut times = round(console);
            (quantile(&mut times, 0.5), quantile(&mut times, 0.99))
        })
        .collect();
    let best = |of: fn(&(f64, f64)) -> f64| crate::report::least(rounds.iter().map(of));
    report.line(
        &format!("key to last byte, p50: {what}"),
        best(|r| r.0),
        5.0,
        "ms",
        "",
    );
    report.line(
        &format!("key to last byte, p99: {what}"),
        best(|r| r.1),
        20.0,
        "ms",
        "",
    );
}

fn round(console: &mut Console) -> Vec<f64> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        console.until("a selected row", |console| console.selected().is_some());
        let at = console.selected().unwrap();
        times.push(time(console, "j", |console| {
            console.selected() == Some(at + 1)
        }));
        times.push(time(console, "k", |console| console.selected() == Some(at)));
        let first = console.first();
        times.push(time(console, "\x1b[6~", |console| console.first() != first));
        times.push(time(console, "g", |console| console.first() == first));
        times.push(time(console, "?", |console| {
            console.screen().contains("ctrl-z")
        }));
        times.push(time(console, "q", |console| {
            !console.screen().contains("ctrl-z")
        }));
        times.push(time(console, "/", |console| console.line(49).contains('/')));
        times.push(time(console, "9", |console| {
            console.first().is_some_and(|name| name.contains('9'))
        }));
        times.push(time(console, "\x7f", |console| console.first() == first));
        // Escape is told from the beginning of a longer key by what follows: nothing may, until it is answered.
        times.push(time(console, "\x1b", |console| {
            console.line(49).contains("Quit")
        }));
        times.push(time(console, "\r", |console| console.first() != first));
        times.push(time(console, "\x7f", |console| console.first() == first));
    }
    times
}

/// Presses a key and waits for its answer, in ms.
fn time(console: &mut Console, key: &str, answered: impl FnMut(&Console) -> bool) -> f64 {
    // People do not type in step with the refresh, and neither does this.
    console.watch(Duration::from_millis(fastrand::u64(12..35)));
    let pressed: Instant = console.press(key);
    let shown = console.until(&format!("the answer to {key:?}"), answered);
    ms(shown.duration_since(pressed))
}
