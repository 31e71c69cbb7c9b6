//! The page of a host.

use std::collections::BTreeSet;

use virtty::app::{CpuMark, Effect, Event, HostTab, Layer, Page, Target};
use virtty::hostfacts::{Files, Guest, HostReport, Knob, Told, Verdict};
use virtty::protocol::{Answer, HostLoad, JobId, News, Verb};

use crate::session::{Session, running};

/// What a recorded host with one running domain tells.
pub fn report(tree: &str) -> HostReport {
    let root = format!("{}/tests/fixtures/hosts/{tree}", env!("CARGO_MANIFEST_DIR"));
    let web = "<domain type='kvm'><name>web-01</name><uuid>00000001-0000-0000-0000-000000000000</uuid>\
        <memory>1048576</memory><vcpu>2</vcpu><iothreads>1</iothreads>\
        <cputune><vcpupin vcpu='0' cpuset='2'/></cputune><os><type machine='pc-q35-9.0'>hvm</type></os></domain>";
    let db = "<domain type='kvm'><name>db-01</name><uuid>00000002-0000-0000-0000-000000000000</uuid>\
        <memory>2097152</memory><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='2-3'/></cputune></domain>";
    let mut guests: Vec<Guest> = [web, db]
        .iter()
        .filter_map(|xml| Guest::read(xml, true, false))
        .collect();
    guests[0].placed = vec![(0, 2), (1, 0)];
    let capabilities = "<domainCapabilities><machine>pc-q35-7.2</machine><vcpu max='288'/><cpu><mode name='custom' supported='yes'>\
        <model usable='yes'>qemu64</model><model usable='no'>EPYC-Milan</model>\
        <blockers model='EPYC-Milan'><feature name='pku'/></blockers></mode></cpu>\
        <devices><disk supported='yes'><enum name='bus'><value>virtio</value><value>sata</value></enum></disk></devices></domainCapabilities>";
    let told = Told {
        guests,
        guests_known: true,
        domain_capabilities: Some(capabilities.to_owned()),
        ..Told::default()
    };
    HostReport::new(told, &Files::At(root.into()))
}

fn asked(session: &mut Session, wanted: impl Fn(&Verb) -> bool) -> JobId {
    let found = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) if wanted(&request.verb) => Some(request.job),
        _ => None,
    });
    found.expect("it is asked for")
}

/// The page with what was read of a host and its load.
pub fn page(width: u16, height: u16, tree: &str) -> Session {
    let mut session = Session::active(
        width,
        height,
        vec![running(1, "web-01"), running(2, "db-01")],
    );
    session.done();
    session.keys("H");
    let job = asked(&mut session, |verb| *verb == Verb::ReadHost);
    let answer = Answer::Host(Box::new(report(tree)));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    for (busy, seconds) in [(0, 3.0), (60, 0.0)] {
        let job = asked(&mut session, |verb| *verb == Verb::ReadHostLoad);
        let cpus = (0..8)
            .map(|cpu| (cpu, busy * u64::from(cpu) / 4, 200 * busy.min(1)))
            .collect();
        session.news(
            0,
            1,
            News::JobFinished(job, Ok(Answer::HostLoad(HostLoad { cpus }))),
        );
        if seconds > 0.0 {
            session.wait(seconds).event(Event::Tick);
        }
    }
    session
}

fn host(session: &Session) -> &virtty::app::Host {
    match session.state.page() {
        Page::Host(host) => host,
        page => panic!("{} is open", page.title()),
    }
}

#[test]
fn the_page_reads_the_host_once_and_its_load_again_and_again() {
    let session = page(100, 24, "intel");
    assert_eq!(host(&session).count(Verdict::Fail), 0);
    assert!(host(&session).count(Verdict::Ok) > 20);
    assert!(host(&session).load(1).is_some());
}

#[test]
fn a_pin_is_written_as_virshs_line_and_marks_what_overlaps() {
    let mut session = page(100, 24, "intel");
    session.keys("<Tab><Tab>");
    assert_eq!(host(&session).tab, HostTab::Map);
    let rows = host(&session).map_rows();
    let names: Vec<_> = rows
        .iter()
        .map(|row| format!("{} {}", row.name, row.part()))
        .collect();
    assert_eq!(
        names,
        [
            "db-01 vCPU 0",
            "db-01 vCPU 1",
            "db-01 emulator",
            "web-01 vCPU 0",
            "web-01 vCPU 1",
            "web-01 emulator",
            "web-01 iothread 1",
        ]
    );
    let mark = |row: usize, cpu| host(&session).mark(&rows[row], &rows, cpu, false);
    assert_eq!(mark(0, 2), CpuMark::Overlap);
    assert_eq!(mark(0, 3), CpuMark::Pinned);
    assert_eq!(mark(0, 0), CpuMark::Never);
    assert_eq!(mark(3, 2), CpuMark::Here);
    assert_eq!(mark(1, 0), CpuMark::Free);
    // The second virtual CPU of db-01 to CPU 1 and no other.
    session.keys("jl<Space>");
    assert_eq!(host(&session).chosen, BTreeSet::from([1]));
    session.keys("<Enter>");
    let Some(Layer::Command(line)) = session.state.layers.last() else {
        panic!("the line of the command is open");
    };
    assert_eq!(line.line.text(), "vcpupin db-01 1 1 --live --config");
    session.done();
    session.keys("<Enter>");
    asked(&mut session, |verb| matches!(verb, Verb::Domain(..)));
}

#[test]
fn a_value_of_the_host_is_set_after_a_question_and_taken_back() {
    let mut session = page(100, 24, "intel");
    session.keys("<Tab><Tab><Tab>");
    assert_eq!(host(&session).knobs()[0], (Knob::KsmRun, "0".to_owned()));
    session.keys("<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("a question is open");
    };
    assert_eq!(
        confirm.command.as_deref(),
        Some("echo 1 > /sys/kernel/mm/ksm/run")
    );
    assert!(
        confirm
            .body
            .iter()
            .any(|line| line.contains("/etc/tmpfiles.d/"))
    );
    session.done();
    session.keys("y");
    let set = Verb::TuneHost(Knob::KsmRun, "1".to_owned());
    let job = asked(&mut session, |verb| *verb == set);
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    let job = asked(&mut session, |verb| *verb == Verb::ReadHost);
    let answer = Answer::Host(Box::new(report("intel")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("uy");
    let back = Verb::TuneHost(Knob::KsmRun, "0".to_owned());
    asked(&mut session, |verb| *verb == back);
}

#[test]
fn a_read_only_host_is_not_tuned() {
    let mut session = Session::new(100, 24, &["qemu:///system"]);
    session.open(0, true);
    session.list(0, Vec::new());
    session.done();
    session.keys("H");
    let job = asked(&mut session, |verb| *verb == Verb::ReadHost);
    let answer = Answer::Host(Box::new(report("intel")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("<Tab><Tab><Tab><Enter>");
    assert!(session.state.layers.is_empty());
    let said = session.state.messages.all().last().unwrap();
    assert!(said.text.contains("read-only"), "{}", said.text);
}

#[test]
fn capabilities_are_searched_and_say_why_a_model_is_not_usable() {
    let mut session = page(100, 24, "intel");
    session.click(Target::Tab(4));
    session.keys("/milan<Enter>");
    let lines = host(&session).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].value, "the CPU lacks pku");
}
