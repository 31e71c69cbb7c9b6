//! Measures what README's table of figures holds, against real libvirt daemons of the lab.
//!
//! Every budget is printed beside its figure. A figure over its budget is said and is no failure: machines differ and
//! are shared. Where it can be, a figure is a ratio of two things measured in the same run, the best of three rounds.
//!
//! `make bench` runs all; `make bench BENCH='keys events'` some. With `VIRTTY_BENCH_HOST` the name of a lab host that
//! holds 1,000 domains already (`tests/lab/lab populate 1000 30 NAME`), no host is made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made ends the run"
)]

mod commands;
mod consoles;
mod displays;
mod documents;
mod editing;
mod events;
mod frames;
mod ground;
mod history;
mod keys;
mod process;
mod refresh;
mod report;
#[path = "../../tests/app/session.rs"]
mod session;
#[path = "../../tests/app/snapshots.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the ground of the tests is ours too, the tests are not"
)]
mod snapshots;
mod snapshots_page;
mod start;
mod steady;
#[path = "../../tests/support/mod.rs"]
mod support;
mod terminal;
mod volumes;

use ground::Ground;
use report::Report;

type Measure = fn(&Ground, &mut Report);

/// What can be measured, in the order of running: the cheap and steady ones first.
const ALL: [(&str, Measure); 15] = [
    ("documents", documents::measure),
    ("frames", frames::measure),
    ("displays", displays::measure),
    ("consoles", consoles::measure),
    ("snapshots", snapshots_page::measure),
    ("editing", editing::measure),
    ("history", history::measure),
    ("commands", commands::measure),
    ("refresh", refresh::measure),
    ("start", start::measure),
    ("events", events::measure),
    ("keys", keys::measure),
    ("many", keys::many),
    ("volumes", volumes::measure),
    ("steady", steady::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if arguments
        .first()
        .is_some_and(|first| first == history::CHILD)
    {
        return history::child(&arguments[1..]);
    }
    let ground = Ground::default();
    let mut report = Report::begin();
    for (name, measure) in ALL {
        if arguments.is_empty() || arguments.iter().any(|argument| argument == name) {
            measure(&ground, &mut report);
        }
    }
    report.end();
}
