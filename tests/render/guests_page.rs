//! The agent in a guest, and QEMU's monitor.

use virtty::protocol::{AgentReport, Answer, News};

use crate::guests::{answer, page, requests, session};
use crate::pages::snapshot;

#[test]
fn all_that_the_agent_tells() {
    snapshot("agent-told", page);
}

#[test]
fn a_domain_without_a_channel() {
    snapshot("agent-no-channel", |width, height| {
        let mut session = session(width, height, None);
        session.keys("A");
        session
    });
}

#[test]
fn an_agent_that_does_not_answer() {
    snapshot("agent-hung", |width, height| {
        let mut session = session(width, height, Some(true));
        session.keys("A");
        answer(
            &mut session,
            Err("Guest agent is not responding: Guest agent not available for now"),
        );
        session
    });
}

#[test]
fn a_frozen_guest() {
    snapshot("agent-frozen", |width, height| {
        let mut session = page(width, height);
        session.wait(11.0);
        let frozen = AgentReport {
            frozen: true,
            ..AgentReport::default()
        };
        answer(&mut session, Ok(frozen));
        session.wait(5.0);
        session
    });
}

#[test]
fn hostile_words_of_a_guest() {
    snapshot("agent-hostile", |width, height| {
        let mut session = session(width, height, Some(true));
        session.keys("A");
        let mut report = crate::guests::report();
        report.info.hostname = Some("a\u{1b}[31m\u{202e}gnp\u{9b}".to_owned());
        report.info.file_systems[1].mountpoint = format!("/{}", "仮想".repeat(60));
        report.info.file_systems[0].total_bytes = Some(0);
        report.info.users[0].name = "x\r\ny\u{7}".to_owned();
        report.info.nics[1].addresses = vec!["fe80::1/64".to_owned(); 40];
        report.missing = vec![("its CPUs", "\u{1b}]0;title\u{7} very ".repeat(30))];
        answer(&mut session, Ok(report));
        session
    });
}

#[test]
fn the_monitor() {
    snapshot("monitor-said", |width, height| {
        let mut session = session(width, height, None);
        session.keys("<alt-q>info<Space>balloon<Enter>y");
        let (job, _) = requests(&mut session)[0].clone();
        let said = Answer::Said("balloon: actual=256\r\n".to_owned());
        session.news(0, 1, News::JobFinished(job, Ok(said)));
        session.keys("<ctrl-t>query-balloon<Enter>");
        let (job, _) = requests(&mut session)[0].clone();
        let said =
            Answer::Said("{\"return\":{\"actual\":268435456},\"id\":\"libvirt-9\"}".to_owned());
        session.news(0, 1, News::JobFinished(job, Ok(said)));
        session.keys("query-");
        session
    });
}

#[test]
fn the_monitor_before_its_first_command() {
    snapshot("monitor-warning", |width, height| {
        let mut session = session(width, height, None);
        session.keys("<alt-q>info<Space>balloon<Enter>");
        session
    });
}

#[test]
fn the_form_of_a_command() {
    snapshot("agent-run-form", |width, height| {
        let mut session = page(width, height);
        crate::guests::allow(&mut session);
        session.keys("R/usr/bin/journalctl<Space>-n<Space>20<Space>--password=x");
        session
    });
}
