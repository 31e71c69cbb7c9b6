//! Memory of 10,000 domains with an hour behind them.

use std::process::Command;
use std::time::Duration;

use virtty::app;
use virtty::model::{ConnectionId, DomainSample};
use virtty::protocol::{Epoch, News, Report as Told};

use crate::frames::domains;
use crate::ground::{Ground, MANY};
use crate::process::memory_kib;
use crate::report::Report;
use crate::session::{Session, sample};
use crate::terminal::SIZE;

/// The argument of the process that is measured: memory must be counted in one that did nothing else.
pub const CHILD: &str = "memory-of-history";

/// Rows that nobody looks at are read so often.
const TURN: Duration = Duration::from_secs(11);

/// Runs the hour in a process of its own.
pub fn measure(_: &Ground, report: &mut Report) {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let kib: f64 = text.trim().parse().expect("the child's memory in KiB");
    report.line(
        &format!("resident memory: {MANY} domains with an hour of history"),
        kib * 1024.0 / 1e6,
        110.0,
        "MB",
        "reports of a third that runs, each 11 s; on the screen each 2 s",
    );
}

/// Lives through the hour and prints the resident memory in KiB.
pub fn child() {
    let _ = virtty::libvirt::initialise();
    let mut session = Session::active(SIZE.0, SIZE.1, domains());
    let seen: Vec<u32> = (0..138).step_by(3).collect();
    let far: Vec<u32> = (138..u32::try_from(MANY).unwrap()).step_by(3).collect();
    let begun = session.now.instant;
    let mut turn = begun;
    while session.now.instant < begun + Duration::from_secs(3600) {
        session.now.instant += Duration::from_secs(2);
        let mut numbers = seen.clone();
        if session.now.instant >= turn {
            turn = session.now.instant + TURN;
            numbers.extend(&far);
        }
        let at = session.now.instant;
        let passed = at.duration_since(begun).as_millis();
        let passed = u64::try_from(passed).unwrap();
        // Slices are small, as those of a host are.
        for slice in numbers.chunks(64) {
            let domains: Vec<DomainSample> = slice
                .iter()
                .map(|number| sample(*number, at, passed * u64::from(number % 90 + 5) / 100))
                .collect();
            let told = Told {
                connection: ConnectionId(0),
                epoch: Epoch(1),
                news: News::Sampled {
                    domains,
                    node: None,
                },
            };
            app::take_reports(&mut session.state, vec![told], session.now);
        }
    }
    println!("{}", memory_kib(std::process::id()).0);
    drop(session);
}
