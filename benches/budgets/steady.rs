//! What it costs to leave the program open.

use std::time::{Duration, Instant};

use crate::ground::{DOMAINS, Ground, RUNNING};
use crate::process::{cpu, memory_kib};
use crate::report::{ROUNDS, Report, least, ms};
use crate::terminal::{Console, has_figures};

/// The default interval.
const INTERVAL: Duration = Duration::from_secs(2);

/// CPU, memory, bytes to the terminal and round trips.
pub fn measure(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let mut console = Console::open(&host.uri);
    console.until("figures", has_figures);
    // The lines of the CPU's past are as long as their column after a while; until then each of them grows.
    console.watch(Duration::from_secs(57));

    let (mut per_refresh, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (before, begun, written) = (cpu(console.pid()), Instant::now(), console.bytes);
        console.watch(INTERVAL * 10);
        let refreshes = begun.elapsed().as_secs_f64() / INTERVAL.as_secs_f64();
        per_refresh.push(ms(cpu(console.pid()) - before) / refreshes);
        let minutes = begun.elapsed().as_secs_f64() / 60.0;
        bytes.push((console.bytes - written) as f64 / 1000.0 / minutes);
    }
    let each = least(per_refresh);
    let fleet = format!("{DOMAINS} domains, {RUNNING} running, 2 s");
    report.line(&format!("CPU of a refresh: {fleet}"), each, 10.0, "ms", "");
    report.line(
        "CPU, part of a core",
        each / ms(INTERVAL) * 100.0,
        0.5,
        "%",
        "",
    );
    let (resident, own) = memory_kib(console.pid());
    report.line(
        &format!("resident memory: {fleet}"),
        resident as f64 * 1024.0 / 1e6,
        36.0,
        "MB",
        format!("{:.1} MB its own", own as f64 * 1024.0 / 1e6),
    );
    report.line(
        "bytes to a 200x50 terminal, idle guests",
        least(bytes),
        5.0,
        "KB/min",
        "",
    );

    let mut redraws = Vec::new();
    for _ in 0..ROUNDS * 2 {
        console.settle(Duration::from_millis(100));
        let before = console.bytes;
        console.press("\x0c");
        console.until("a redraw", |console| console.bytes > before + 2000);
        redraws.push((console.bytes - before) as f64 / 1000.0);
    }
    report.line("bytes of a full redraw", least(redraws), 12.0, "KB", "");
    drop(console);
    round_trips(ground, report);
}

fn round_trips(ground: &Ground, report: &mut Report) {
    let proxy = ground.host().proxy(0);
    let mut console = Console::open(&proxy.uri);
    console.until("figures", has_figures);
    // The definitions of a thousand domains are read in the background first.
    let mut before = proxy.round_trips();
    loop {
        console.watch(INTERVAL);
        let now = proxy.round_trips();
        if now - before < 30 {
            break;
        }
        before = now;
    }
    let before = proxy.calls();
    console.watch(INTERVAL * 15);
    let after = proxy.calls();
    let made = |(kind, count): (&(u32, u32), &u64)| {
        let made = count - before.get(kind).unwrap_or(&0);
        (made > 0).then(|| format!("{} x {}", made, kind.1))
    };
    let kinds: Vec<_> = after.iter().filter_map(made).collect();
    let sum = |calls: &std::collections::BTreeMap<_, u64>| calls.values().sum::<u64>();
    let each = (sum(&after) - sum(&before)) as f64 / 15.0;
    report.line(
        "round trips of a refresh, the reconciliation included",
        each,
        10.0,
        "",
        format!("procedures of 15 refreshes: {}", kinds.join(", ")),
    );
}
