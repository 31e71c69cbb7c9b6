//! The commands without a screen, whole processes.

use std::process::Command;

use crate::ground::{DOMAINS, Ground};
use crate::process::wall;
use crate::report::{ROUNDS, Report, least, ms};

/// Runs of each in a round.
const RUNS: usize = 6;

/// `virtty list` beside `virsh list --all`.
pub fn measure(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let mut virtty = Command::new(env!("CARGO_BIN_EXE_virtty"));
            ours.push(ms(wall(virtty.args(["-c", &host.uri, "list"]))));
            theirs.push(ms(wall(&mut host.virsh_command(&["list", "--all"]))));
        }
        rounds.push((least(ours), least(theirs)));
    }
    let best = rounds
        .into_iter()
        .min_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)))
        .unwrap();
    report.line(
        &format!("virtty list : virsh list --all, {DOMAINS} domains"),
        best.0 / best.1,
        0.3,
        "",
        format!("{:.0} ms : {:.0} ms", best.0, best.1),
    );
}
