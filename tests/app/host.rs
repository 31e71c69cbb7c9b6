//! The page of a host.

use std::collections::BTreeSet;

use virtty::app::{Compared, CpuMark, Effect, Event, Form, HostTab, Layer, Page, Target};
use virtty::hostfacts::{Files, Guest, HostReport, HostWish, Knob, Pin, Thread, Told, Verdict};
use virtty::model::{ConnectionId, Uuid};
use virtty::protocol::{
    Affect, Answer, Arrange, DomainVerb, HostFiles, HostLoad, JobId, News, Verb,
};

use crate::session::{Session, id, running};

/// What a recorded host with one running domain tells.
pub fn report(tree: &str) -> HostReport {
    let root = format!("{}/tests/fixtures/hosts/{tree}", env!("CARGO_MANIFEST_DIR"));
    let web = &format!(
        "<domain type='kvm'><name>web-01</name><uuid>{}</uuid>\
        <memory>1048576</memory><vcpu>2</vcpu><iothreads>1</iothreads>\
        <cputune><vcpupin vcpu='0' cpuset='2'/></cputune><os><type machine='pc-q35-9.0'>hvm</type></os></domain>",
        id(1).uuid
    );
    let db = &format!(
        "<domain type='kvm'><name>db-01</name><uuid>{}</uuid>\
        <memory>2097152</memory><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='2-3'/></cputune></domain>",
        id(2).uuid
    );
    let mut guests: Vec<Guest> = [web, db]
        .into_iter()
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
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHost(_)));
    let answer = Answer::Host(Box::new(report(tree)));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    for (busy, seconds) in [(0, 3.0), (60, 0.0)] {
        let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHostLoad(_)));
        let cpus = (0..8)
            .map(|cpu| (cpu, busy * u64::from(cpu) / 4, 200 * busy.min(1)))
            .collect();
        session.news(
            0,
            1,
            News::JobFinished(
                job,
                Ok(Answer::HostLoad(HostLoad {
                    cpus,
                    threads: Vec::new(),
                })),
            ),
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
    assert_eq!(mark(3, 2), CpuMark::HereOverlap);
    assert_eq!(mark(1, 0), CpuMark::Free);
    // The second virtual CPU of db-01 to CPU 1 and no other.
    session.keys("jl<Space>");
    assert_eq!(host(&session).chosen, BTreeSet::from([1]));
    session.keys("<Enter>");
    let command = form(&session).command.clone().unwrap();
    assert_eq!(
        command,
        "virsh -c qemu:///system vcpupin --live --config -- db-01 1 1"
    );
    let shown = said(form(&session));
    assert!(
        shown.contains("taskset -cp 1 ") && shown.contains("live migration"),
        "{shown}"
    );
    // A set that this host does not have holds it up.
    session.keys("9");
    assert!(form(&session).hold.is_some(), "{}", said(form(&session)));
    session.keys("<Backspace>");
    session.done();
    session.keys("<Enter>");
    let (_, _, wanted) = arranged(&mut session);
    let one = DomainVerb::Pin {
        pin: Pin::Vcpu(1),
        cpus: BTreeSet::from([1]),
        affect: Affect::Both,
    };
    assert_eq!(wanted.steps, [one]);
}

#[test]
fn where_each_part_runs_and_how_busy_it_is_comes_with_the_load() {
    let mut session = page(100, 24, "intel");
    session.keys("<Tab><Tab>");
    let thread = |pin, on, ticks| Thread {
        uuid: id(1).uuid,
        pin,
        id: 70,
        on,
        ticks,
    };
    for ticks in [100, 150] {
        session.wait(3.0).event(Event::Tick);
        let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHostLoad(_)));
        let load = HostLoad {
            cpus: vec![(0, ticks, ticks)],
            threads: vec![
                thread(Pin::Emulator, 3, ticks / 2),
                thread(Pin::Vcpu(1), 1, ticks),
            ],
        };
        session.news(0, 1, News::JobFinished(job, Ok(Answer::HostLoad(load))));
    }
    let rows = host(&session).map_rows();
    let row = |pin| {
        let row = rows
            .iter()
            .find(|row| row.name == "web-01" && row.pin == pin)
            .unwrap();
        (row.on, row.load.map(f64::round))
    };
    assert_eq!(row(Pin::Emulator), (Some(3), Some(25.0)));
    assert_eq!(row(Pin::Vcpu(1)), (Some(1), Some(50.0)));
    // What the host's files do not show is not guessed.
    assert_eq!(row(Pin::IoThread(1)), (None, None));
}

#[test]
fn the_test_driver_is_asked_for_a_pin_as_it_takes_one() {
    let mut session = Session::new(100, 24, &["test:///default"]);
    session.open(0, false);
    session.list(0, vec![running(1, "web-01"), running(2, "db-01")]);
    session.done();
    session.keys("H");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHost(_)));
    let answer = Answer::Host(Box::new(report("numa")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("<Tab><Tab>l<Space><Enter>");
    let command = form(&session).command.clone().unwrap();
    assert_eq!(command, "virsh -c test:///default vcpupin -- db-01 0 1-3");
    session.done();
    session.keys("<Enter>");
    let (_, _, wanted) = arranged(&mut session);
    let DomainVerb::Pin { affect, .. } = wanted.steps[0] else {
        panic!("{wanted:?}");
    };
    assert_eq!(affect, Affect::Current);
}

#[test]
fn a_value_of_the_host_is_set_after_a_question_and_taken_back() {
    let mut session = page(100, 24, "intel");
    session.keys("<Tab><Tab><Tab><Tab>");
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
    let set = Verb::TuneHost(
        HostWish::Set(Knob::KsmRun, "1".to_owned()),
        HostFiles::OfThisMachine,
    );
    let job = asked(&mut session, |verb| *verb == set);
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHost(_)));
    let answer = Answer::Host(Box::new(report("intel")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("uy");
    let back = Verb::TuneHost(
        HostWish::Set(Knob::KsmRun, "0".to_owned()),
        HostFiles::OfThisMachine,
    );
    asked(&mut session, |verb| *verb == back);
}

#[test]
fn a_read_only_host_is_not_tuned() {
    let mut session = Session::new(100, 24, &["qemu:///system"]);
    session.open(0, true);
    session.list(0, Vec::new());
    session.done();
    session.keys("H");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHost(_)));
    let answer = Answer::Host(Box::new(report("intel")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("<Tab><Tab><Tab><Tab><Enter>");
    assert!(session.state.layers.is_empty());
    let said = session.state.messages.all().last().unwrap();
    assert!(said.text.contains("read-only"), "{}", said.text);
}

#[test]
fn capabilities_are_searched_and_say_why_a_model_is_not_usable() {
    let mut session = page(100, 24, "intel");
    session.click(Target::Tab(5));
    session.keys("/milan<Enter>");
    let lines = host(&session).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].value, "the CPU lacks pku");
}

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn said(form: &Form) -> String {
    let lines = form.preview.iter().map(|(_, line)| line.as_str());
    lines.collect::<Vec<_>>().join("\n")
}

/// The change of a domain that is asked for, and its request.
fn arranged(session: &mut Session) -> (JobId, Uuid, Arrange) {
    let found = session.done().into_iter().find_map(|effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(uuid, DomainVerb::Arrange(wanted)) => Some((request.job, uuid, *wanted)),
            _ => None,
        },
        _ => None,
    });
    found.expect("a change is asked for")
}

#[test]
fn a_suggested_set_is_shown_applied_and_taken_back() {
    let mut session = page(120, 40, "intel");
    session.keys("<Tab><Tab>p");
    let shown = said(form(&session));
    assert!(
        shown.contains("db-01") && shown.contains("vCPU 0"),
        "{shown}"
    );
    assert!(
        shown.contains("live migration") && shown.contains("overcommit"),
        "{shown}"
    );
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("vcpupin") && command.contains("emulatorpin"),
        "{command}"
    );
    // Both parts of the other domain are seen: a core each is not to be had on this host.
    session.keys("<Right>");
    assert!(form(&session).hold.is_some(), "{}", said(form(&session)));
    session.keys("<Right>");
    session.done();
    session.keys("<Enter>");
    let (job, uuid, wanted) = arranged(&mut session);
    assert!(session.state.layers.is_empty());
    assert_eq!(wanted.steps.len(), 3, "two virtual CPUs and the emulator");
    assert_eq!(wanted.seconds, None);
    let back = vec![DomainVerb::Pin {
        pin: Pin::Vcpu(0),
        cpus: BTreeSet::from([2, 3]),
        affect: Affect::Live,
    }];
    session.news(
        0,
        1,
        News::JobFinished(job, Ok(Answer::Arranged(uuid, back.clone()))),
    );
    assert!(host(&session).compares || session.state.measured.newest(ConnectionId(0)).is_some());
    session.keys("u");
    session.done();
    session.keys("y");
    let (job, _, undo) = arranged(&mut session);
    assert_eq!(undo.steps, back);
    session.news(
        0,
        1,
        News::JobFinished(job, Ok(Answer::Arranged(uuid, Vec::new()))),
    );
    session.keys("u");
    assert!(session.state.layers.is_empty(), "all is taken back");
}

#[test]
fn a_set_is_saved_and_applied_to_what_is_marked() {
    let mut session = page(120, 40, "intel");
    session.keys("<Tab><Tab>p<Right><Right>");
    // The last field is the name.
    session.keys("<BackTab>quiet<Enter>");
    let effects = session.done();
    let saved = effects.iter().find_map(|effect| match effect {
        Effect::SavePinning(pinning) => Some(pinning.clone()),
        _ => None,
    });
    let pinned = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) if matches!(request.verb, Verb::Domain(..)) => Some(request.job),
        _ => None,
    });
    let done = News::JobFinished(pinned.expect("it is pinned"), Ok(Answer::Done));
    session.news(0, 1, done);
    let saved = saved.expect("it is kept");
    assert_eq!((saved.name.as_str(), saved.vcpus.len()), ("quiet", 2));
    // The page read the host once more after the change.
    session.done();
    session.keys("<Esc>*H<Tab><Tab>");
    let job = asked(&mut session, |verb| matches!(verb, Verb::ReadHost(_)));
    let answer = Answer::Host(Box::new(report("intel")));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    session.keys("p");
    assert!(
        form(&session).title.contains("2 domains"),
        "{}",
        form(&session).title
    );
    session.keys("<Left>");
    assert_eq!(form(&session).text("way"), "saved:quiet");
    let shown = said(form(&session));
    assert!(
        shown.contains("db-01") && shown.contains("web-01"),
        "{shown}"
    );
    session.done();
    session.keys("<Enter>");
    let asked = session.done();
    let changes = asked.iter().filter(|effect| matches!(effect, Effect::Send(_, request) if matches!(&request.verb, Verb::Domain(_, DomainVerb::Arrange(_)))));
    assert_eq!(changes.count(), 2);
}

#[test]
fn a_limit_for_a_while_is_asked_for_and_missed_when_one_leaves() {
    let mut session = page(120, 40, "intel");
    session.keys("<Tab><Tab><Tab>");
    assert_eq!(host(&session).tab, HostTab::Domains);
    assert_eq!(host(&session).guests()[0].name, "db-01");
    session.keys("<Enter>");
    assert!(form(&session).hold.is_some(), "nothing is changed yet");
    session.keys("<Tab>2048");
    assert!(said(form(&session)).contains("15 minutes"));
    let command = form(&session).command.clone().unwrap();
    assert!(
        command.contains("schedinfo")
            && command.contains("cpu_shares=2048")
            && command.contains("--for 900"),
        "{command}"
    );
    session.done();
    session.keys("<Enter>");
    let (_, _, wanted) = arranged(&mut session);
    assert_eq!(wanted.seconds, Some(900));
    // It goes on without the page, and is told of when one leaves.
    session.keys("<Esc>q");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("a question is open");
    };
    assert!(
        confirm.body[0].contains("opens the host again"),
        "{:?}",
        confirm.body
    );
}

#[test]
fn a_value_is_kept_by_a_file_of_its_own_and_kept_no_more() {
    let mut session = page(120, 40, "intel");
    session.keys("<Tab><Tab><Tab><Tab>K");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("a question is open");
    };
    assert!(
        confirm.body[0].contains("/etc/tmpfiles.d/virtty-ksm.conf"),
        "{:?}",
        confirm.body
    );
    assert!(
        confirm
            .command
            .as_ref()
            .unwrap()
            .contains("systemd-tmpfiles --create")
    );
    session.done();
    session.keys("y");
    let job = asked(
        &mut session,
        |verb| matches!(verb, Verb::TuneHost(HostWish::Keep(file), _) if file.text.contains("/sys/kernel/mm/ksm/run - - - - 0")),
    );
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    session.keys("u");
    session.done();
    session.keys("y");
    asked(
        &mut session,
        |verb| matches!(verb, Verb::TuneHost(HostWish::Forget(path), _) if path == "/etc/tmpfiles.d/virtty-ksm.conf"),
    );
}

#[test]
fn what_a_change_did_is_measured() {
    let mut session = page(120, 40, "intel");
    session.keys("<Tab><Tab><Tab><Tab><Enter>y");
    let job = asked(&mut session, |verb| matches!(verb, Verb::TuneHost(..)));
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
    let compared = session.state.measured.newest(ConnectionId(0)).unwrap();
    assert_eq!(compared.what, "echo 1 > /sys/kernel/mm/ksm/run");
    assert_eq!(compared.of, Compared::Host(ConnectionId(0)));
}

#[test]
fn kernel_pages_are_set_by_virshs_word() {
    let mut session = page(120, 40, "intel");
    session.keys(":node-memory-tune --shm-pages-to-scan 250");
    session.done();
    session.keys("<Enter>");
    let set = HostWish::Set(Knob::Shm("shm_pages_to_scan"), "250".to_owned());
    let wanted = Verb::TuneHost(set, HostFiles::OfThisMachine);
    asked(&mut session, |verb| *verb == wanted);
    session.keys(":node-memory-tune<Enter>");
    let Some(Layer::Command(line)) = session.state.layers.last() else {
        panic!("the line stays");
    };
    assert!(
        line.error
            .as_ref()
            .is_some_and(|why| why.contains("--shm-pages-to-scan"))
    );
}
