//! The page of snapshots of a domain that has 500 of them.

use std::time::Instant;

use virtty::protocol::DomainSnapshots;

use crate::frames::Screen;
use crate::ground::Ground;
use crate::report::{ROUNDS, Report, least, median, ms};
use crate::snapshots::{self as ground, page};
use crate::terminal::SIZE;

/// Snapshots of the domain.
const ALL: i64 = 500;

/// Keys in a round.
const KEYS: usize = 60;

/// A chain with a fork at every tenth.
fn tree() -> DomainSnapshots {
    let name = |at: i64| format!("nightly-{at:04}");
    let snapshots = (0..ALL).map(|at| {
        let parent = match at {
            0 => None,
            at if at % 10 == 9 => Some(name(at - 5)),
            at => Some(name(at - 1)),
        };
        ground::taken(&name(at), parent.as_deref(), at)
    });
    DomainSnapshots {
        snapshots: snapshots.collect(),
        ..ground::tree()
    }
}

/// The answer taken in and drawn, and a key.
pub fn measure(_: &Ground, report: &mut Report) {
    let mut screen = Screen::new();
    let opened = (0..ROUNDS).map(|_| {
        let read = tree();
        let begun = Instant::now();
        let session = page(SIZE.0, SIZE.1, read);
        screen.draw(&session);
        ms(begun.elapsed())
    });
    let opened = least(opened.collect::<Vec<_>>());
    report.line(
        &format!("page of {ALL} snapshots: key to drawn tree, beside libvirt's time"),
        opened,
        16.0,
        "ms",
        "table, key, answer, layout and frame",
    );
    let mut session = page(SIZE.0, SIZE.1, tree());
    let rounds = (0..ROUNDS).map(|_| {
        let mut times: Vec<f64> = (0..KEYS)
            .map(|at| {
                let begun = Instant::now();
                session.keys(if at % 2 == 0 { "j" } else { "G" });
                screen.draw(&session);
                ms(begun.elapsed())
            })
            .collect();
        median(&mut times)
    });
    let figure = least(rounds.collect::<Vec<_>>());
    report.line(
        &format!("page of {ALL} snapshots: a key and its frame"),
        figure,
        16.0,
        "ms",
        "the whole tree is laid out only when it was read",
    );
}
