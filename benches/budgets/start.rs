//! From the command to a whole table.

use crate::ground::{DOMAINS, Ground};
use crate::process::wall;
use crate::report::{ROUNDS, Report, least, ms};
use crate::terminal::{Console, has_figures, is_complete};

/// Starts in a round.
const RUNS: usize = 3;

/// The first table with state and name of every row, and CPU and memory of every running one.
pub fn measure(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let (mut first, mut tables, mut figures, mut theirs) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS * RUNS {
        theirs.push(ms(wall(
            &mut host.virsh_command(&["list", "--all", "--name"]),
        )));
        let mut console = Console::open(&host.uri);
        let since =
            |console: &Console, at: std::time::Instant| ms(at.duration_since(console.begun));
        let frame = console.until("a frame", |console| !console.line(0).is_empty());
        first.push(since(&console, frame));
        let table = console.until("a whole table", is_complete);
        tables.push(since(&console, table));
        let figure = console.until("figures of all rows", has_figures);
        figures.push(since(&console, figure));
    }
    let (table, theirs) = (least(tables), least(theirs));
    report.line("first frame", least(first), 50.0, "ms", "");
    report.line(
        &format!("first whole table : virsh list --all --name, {DOMAINS} domains"),
        table / theirs,
        3.0,
        "",
        format!("{table:.0} ms : {theirs:.0} ms"),
    );
    report.line(
        "CPU and memory of all rows on the screen",
        least(figures),
        500.0,
        "ms",
        "",
    );
}
