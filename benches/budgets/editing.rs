//! The editor: a key at 5,000 lines, and opening a domain's document.

use std::process::Command;
use std::time::{Duration, Instant};

use virtty::app::{Effect, Event};
use virtty::keymap::parse_keys;
use virtty::protocol::{Answer, Document, News, Private, Verb};

use crate::frames::Screen;
use crate::ground::Ground;
use crate::report::{ROUNDS, Report, ms, quantile};
use crate::session::{Session, running};
use crate::terminal::{Console, has_figures};

/// Lines of the document.
const LINES: usize = 5_000;

/// A domain of so many lines, with a password.
fn domain() -> String {
    let mut text = String::from(
        "<domain type='kvm'>\n  <name>big</name>\n  <memory unit='KiB'>1048576</memory>\n  <vcpu>2</vcpu>\n  <devices>\n",
    );
    let mut number = 0;
    while text.lines().count() < LINES - 8 {
        text.push_str(&format!(
            "    <disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2' cache='none'/>\n      \
             <source file='/images/{number}.qcow2'/>\n      <target dev='vd{number}' bus='virtio'/>\n      \
             <serial>{number}</serial>\n    </disk>\n"
        ));
        number += 1;
    }
    text.push_str("    <graphics type='vnc' passwd='secret'/>\n  </devices>\n</domain>\n");
    text
}

/// Both.
pub fn measure(ground: &Ground, report: &mut Report) {
    keys(report);
    opening(ground, report);
}

/// Update and drawing of a key, on a screen of 200x50.
fn keys(report: &mut Report) {
    let text = domain();
    let mut session = Session::active(200, 50, vec![running(1, "big")]);
    session.done();
    session.keys("e");
    let job = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if matches!(request.verb, Verb::OpenDocument(_)) => {
            Some(request.job)
        }
        _ => None,
    });
    let document = Document {
        name: "big".to_owned(),
        text: Private::new(text.as_str()),
        is_whole: true,
        live: None,
        is_persistent: true,
    };
    let answer = Answer::Document(Some(Box::new(document)));
    session.news(0, 1, News::JobFinished(job.unwrap(), Ok(answer)));
    session.keys("<ctrl-g>2500<Enter><End>");
    let mut screen = Screen::new();
    screen.draw(&session);
    let typed = parse_keys("<Enter><<>serial>new<Down><End><Backspace><Up><BackTab>").unwrap();
    let rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let mut times: Vec<f64> = Vec::new();
            for _ in 0..8 {
                for key in &typed {
                    let begun = Instant::now();
                    session.event(Event::Key(*key));
                    screen.draw(&session);
                    times.push(ms(begun.elapsed()));
                    session.done();
                }
            }
            quantile(&mut times, 0.99)
        })
        .collect();
    let best = rounds.into_iter().fold(f64::MAX, f64::min);
    report.line(
        "editor: a key at 5,000 lines, update and drawing, 99th percentile",
        best,
        16.0,
        "ms",
        "200x50",
    );
}

/// From the key to the text, beside `virsh dumpxml` of the same domain.
fn opening(ground: &Ground, report: &mut Report) {
    let host = ground.host();
    let mut console = Console::open(&host.uri);
    console.until("a table", has_figures);
    let name = host.virsh(&["list", "--all", "--name"]);
    let mut names: Vec<&str> = name
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    let first = names.first().copied().unwrap_or_default().to_owned();
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let output = Command::new("virsh")
            .args([
                "-c",
                &host.uri,
                "dumpxml",
                "--security-info",
                "--inactive",
                &first,
            ])
            .output()
            .unwrap();
        assert!(output.status.success());
        best.1 = best.1.min(ms(begun.elapsed()));
        console.press("g");
        console.watch(Duration::from_millis(300));
        let begun = Instant::now();
        console.press("e");
        let shown = console.until("the text", |console| {
            console.screen().contains("<domain type=")
        });
        best.0 = best.0.min(ms(shown.duration_since(begun)));
        console.press("\x11");
        console.until("the table", |console| {
            !console.screen().contains("<domain type=")
        });
    }
    report.line(
        "editor: opening, of what virsh dumpxml takes",
        best.0 / best.1,
        1.5,
        "times",
        format!("{:.1} ms; virsh {:.1} ms", best.0, best.1),
    );
}
