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
use crate::terminal::{ROWS, SIZE};

/// The argument of the process that is measured: memory must be counted in one that did nothing else.
pub const CHILD: &str = "memory-of-history";

/// Rows that nobody looks at are read so often.
const TURN: Duration = Duration::from_secs(11);

/// Runs the hour in a process of its own, which stands beside a real connection to as many domains.
pub fn measure(_: &Ground, report: &mut Report) {
    for (part, what) in [(3, "a third of them runs"), (1, "all of them run")] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([CHILD, &part.to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> = text
            .split_whitespace()
            .map(|word| word.parse::<f64>().unwrap() * 1024.0 / 1e6)
            .collect();
        let [before, after] = figures[..] else {
            panic!("the child said {text:?}");
        };
        report.line(
            &format!("memory: table of {MANY} domains, an hour of history, {what}"),
            after,
            110.0,
            "MB",
            format!("{before:.1} MB before the hour; no connection"),
        );
    }
}

/// Lives through the hour and prints the resident memory in KiB before and after it.
pub fn child(arguments: &[String]) {
    let part: usize = arguments.first().unwrap().parse().unwrap();
    let _ = virtty::libvirt::initialise();
    let mut session = Session::active(SIZE.0, SIZE.1, domains(part));
    let runs: Vec<u32> = (0..u32::try_from(MANY).unwrap()).step_by(part).collect();
    let (seen, far) = runs.split_at(ROWS.div_ceil(part));
    let resident = || memory_kib(std::process::id()).0;
    let before = resident();
    let begun = session.now.instant;
    let mut turn = begun;
    while session.now.instant < begun + Duration::from_secs(3600) {
        session.now.instant += Duration::from_secs(2);
        let mut numbers = seen.to_vec();
        if session.now.instant >= turn {
            turn = session.now.instant + TURN;
            numbers.extend(far);
        }
        let at = session.now.instant;
        let passed = at.duration_since(begun).as_millis();
        let passed = u64::try_from(passed).unwrap();
        // Slices are small, as those of a host are.
        for slice in numbers.chunks(64) {
            let domains: Vec<DomainSample> = slice
                .iter()
                .map(|number| busy(*number, at, passed))
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
    println!("{before} {}", resident());
    drop(session);
}

/// A sample whose figures move: a series that stands still costs no memory.
fn busy(number: u32, at: std::time::Instant, passed_ms: u64) -> DomainSample {
    let wave = (passed_ms / 1000 + u64::from(number)) % 97;
    let mut sample = sample(
        number,
        at,
        passed_ms * u64::from(number % 90 + 5) / 100 + wave * 3,
    );
    if let Some(balloon) = &mut sample.balloon {
        balloon.usable_kib = Some((1 << 20) + wave * 512);
    }
    sample
}
