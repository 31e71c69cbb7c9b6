//! A pool of ten thousand volumes.

use std::fs::File;

use crate::ground::Ground;
use crate::report::{ROUNDS, Report, least, ms};
use crate::support::lab::Lab;
use crate::terminal::Console;

/// Volumes of the pool.
const VOLUMES: usize = 10_000;

/// From the key that opens the pool to its first rows with sizes; every tenth of a second a slice follows.
pub fn measure(_: &Ground, report: &mut Report) {
    let host = Lab::get().own_host("volumes");
    let folder = tempfile::tempdir().unwrap();
    for number in 0..VOLUMES {
        let file = File::create(folder.path().join(format!("v{number:05}.img"))).unwrap();
        file.set_len(1 << 20).unwrap();
    }
    let target = folder.path().to_str().unwrap();
    host.virsh(&["pool-define-as", "many", "dir", "--target", target]);
    host.virsh(&["pool-start", "many"]);
    let mut first = Vec::new();
    for _ in 0..ROUNDS {
        let mut console = Console::open(&host.uri);
        console.until("a frame", |console| console.screen().contains("Active"));
        console.press("S");
        console.until("the pool", |console| console.screen().contains("10000"));
        let pressed = console.press("\r");
        let shown = console.until("sizes of volumes", |console| {
            let screen = console.screen();
            let row = screen.lines().find(|line| line.contains("v00000.img"));
            row.is_some_and(|row| row.contains("1.0M"))
        });
        first.push(ms(shown.duration_since(pressed)));
    }
    report.line(
        &format!("pool of {VOLUMES} volumes: key to first rows with sizes"),
        least(first),
        300.0,
        "ms",
        "",
    );
}
