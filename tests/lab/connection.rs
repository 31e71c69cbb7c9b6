//! Connections that fail, hang and come back, made with a real daemon.

use std::thread;
use std::time::{Duration, Instant};

use virtty::model::{ConnectionState, DomainState};
use virtty::protocol::{DomainVerb, News, Verb};

use crate::support::lab::Lab;
use crate::support::watched::Watched;

fn is_active(state: &ConnectionState) -> bool {
    *state == ConnectionState::Active
}

fn is_lost(state: &ConnectionState) -> bool {
    matches!(state, ConnectionState::Lost { .. })
}

#[test]
fn a_restarted_daemon_is_noticed_and_found_again_without_a_key() {
    let host = Lab::get().own_host("restart");
    let domain = host.tiny("stays");
    let mut watched = Watched::open(&host.uri);
    watched.until("the list", |watched| watched.row(&domain.name).map(drop));
    for _ in 0..3 {
        host.end_daemon();
        let noticed = watched.until_state("the loss", is_lost);
        assert!(noticed < Duration::from_millis(500), "after {noticed:?}");
        host.start_daemon();
        let found = watched.until_state("the return", is_active);
        assert!(found < Duration::from_secs(1), "after {found:?}");
        let lists = watched.history.len();
        watched.until("a new list", |watched| {
            watched.history[lists - 1..]
                .iter()
                .any(|news| matches!(news, News::Listed { .. }))
                .then_some(())
        });
        assert!(watched.row(&domain.name).is_some());
    }
}

#[test]
fn a_killed_daemon_is_tried_for_ever_with_growing_waits() {
    let host = Lab::get().own_host("kill");
    let mut watched = Watched::open(&host.uri);
    watched.until_state("the opening", is_active);
    host.kill_daemon();
    watched.until_state("the loss", is_lost);
    let mut waits = Vec::new();
    watched.until("six tries", |watched| {
        waits = watched
            .history
            .iter()
            .filter_map(|news| match news {
                News::State(ConnectionState::Lost { retry_in, .. }, failure) => {
                    assert!(failure.is_some(), "a loss says why");
                    Some(*retry_in)
                }
                _ => None,
            })
            .collect();
        (waits.len() >= 6).then_some(())
    });
    assert!(waits[0] <= Duration::from_millis(300), "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(5)));
    assert!(waits[4] > waits[0] * 8, "{waits:?}");
    host.start_daemon();
    watched.until_state("the return", is_active);
}

#[test]
fn a_retry_does_not_wait() {
    let host = Lab::get().own_host("retry");
    host.kill_daemon();
    let mut watched = Watched::open(&host.uri);
    watched.until("a long wait", |watched| {
        matches!(
            watched.state,
            ConnectionState::Lost { retry_in, .. } if retry_in > Duration::from_secs(3)
        )
        .then_some(())
    });
    host.start_daemon();
    watched.fleet.retry(watched.id);
    let found = watched.until_state("the return", is_active);
    assert!(found < Duration::from_secs(1), "after {found:?}");
}

#[test]
fn a_stopped_daemon_is_not_answering_until_it_goes_on() {
    let host = Lab::get().own_host("stop");
    let domain = host.tiny("stays");
    let mut watched = Watched::open(&host.uri);
    watched.until("the list", |watched| watched.row(&domain.name).map(drop));
    host.stop_daemon();
    let noticed = watched.until_state("not responding", |state| {
        *state == ConnectionState::NotResponding || is_lost(state)
    });
    assert!(noticed < Duration::from_secs(7), "after {noticed:?}");
    host.continue_daemon();
    watched.until_state("the return", is_active);
    assert!(watched.row(&domain.name).is_some());
}

#[test]
fn an_opening_that_hangs_is_given_up_and_another_host_does_not_notice() {
    let host = Lab::get().own_host("open");
    host.stop_daemon();
    let mut hung = Watched::open(&host.uri);
    let start = Instant::now();
    let mut other = Watched::open(Lab::get().uri());
    other.until("the other host", |watched| {
        (!watched.rows.is_empty()).then_some(())
    });
    assert!(start.elapsed() < Duration::from_secs(3));
    hung.until_state("the end of patience", is_lost);
    assert!(start.elapsed() > Duration::from_secs(9));
    assert!(start.elapsed() < Duration::from_secs(13));
    host.continue_daemon();
    hung.until_state("the return", is_active);
}

#[test]
fn a_silent_network_is_noticed() {
    let lab = Lab::get();
    let proxy = lab.main().proxy(0);
    let mut watched = Watched::open(&proxy.tcp_uri);
    watched.until("the list", |watched| {
        (!watched.rows.is_empty()).then_some(())
    });
    proxy.silent();
    let noticed = watched.until_state("silence", |state| !is_active(state));
    assert!(noticed < Duration::from_secs(7), "after {noticed:?}");
    proxy.talk();
    proxy.cut();
    watched.until_state("the return", is_active);
}

#[test]
fn a_hung_guest_is_forced_off_while_all_else_goes_on() {
    let lab = Lab::get();
    let host = lab.main();
    let (victim, other) = (host.running("hung"), host.running("well"));
    let mut watched = Watched::open(lab.uri());
    watched.until("both rows", |watched| {
        watched.row(&victim.name)?;
        watched.row(&other.name).map(drop)
    });
    let hang = victim.hang();
    let uuid = watched.uuid(&victim.name);
    let start = Instant::now();
    let off = watched.submit(Verb::Domain(uuid, DomainVerb::DESTROY));
    let again = watched.submit(Verb::Domain(uuid, DomainVerb::DESTROY));
    let refused = watched.answer(again).unwrap_err();
    assert!(refused.reason.contains("running"), "{refused}");
    let well = watched.uuid(&other.name);
    watched
        .ask(Verb::Domain(well, DomainVerb::Suspend))
        .unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "another guest's action waited"
    );
    watched.answer(off).unwrap();
    watched.until("the row", |watched| {
        (watched.row(&victim.name)?.state == DomainState::ShutOff).then_some(())
    });
    drop(hang);
}

#[test]
fn an_event_of_another_client_changes_the_row_at_once() {
    let lab = Lab::get();
    let domain = lab.main().running("event");
    let mut watched = Watched::open(lab.uri());
    watched.until("the row", |watched| watched.row(&domain.name).map(drop));
    thread::sleep(Duration::from_millis(300));
    let mut delays = Vec::new();
    for (command, state) in [
        ("suspend", DomainState::Paused),
        ("resume", DomainState::Running),
    ]
    .repeat(10)
    {
        lab.main().virsh(&[command, &domain.name]);
        // virsh takes milliseconds to end after libvirt has sent the event, so that this is an upper bound.
        delays.push(watched.until_row(&domain.name, state));
    }
    delays.sort();
    assert!(
        delays[18] < Duration::from_millis(30),
        "p95 over 30 ms: {delays:?}"
    );
}

#[test]
fn a_read_only_connection_reads_everything_and_changes_nothing() {
    let lab = Lab::get();
    let mut watched = Watched::open_as(lab.uri_ro(), true);
    watched.until("definitions", |watched| {
        (watched.rows.len() > 5 && watched.rows.values().all(|row| row.definition.is_some()))
            .then_some(())
    });
    let row = watched.row("vnc-password").unwrap();
    assert_eq!(
        row.definition.as_ref().unwrap().endpoints[0].password,
        None,
        "a read-only connection cannot know"
    );
    let uuid = watched.uuid("tiny-1");
    let refused = watched
        .ask(Verb::Domain(uuid, DomainVerb::Suspend))
        .unwrap_err();
    assert!(refused.reason.contains("read-only"), "{refused}");
    assert_eq!(watched.row("tiny-1").unwrap().state, DomainState::Running);
}

#[test]
fn whether_a_display_has_a_password_is_learned_and_the_password_is_not() {
    let lab = Lab::get();
    let mut watched = Watched::open(lab.uri());
    watched.until("definitions", |watched| {
        (watched.rows.len() > 5 && watched.rows.values().all(|row| row.definition.is_some()))
            .then_some(())
    });
    let password = |name| {
        watched
            .row(name)
            .unwrap()
            .definition
            .as_ref()
            .unwrap()
            .endpoints
            .iter()
            .find(|endpoint| endpoint.port.is_some())
            .unwrap()
            .password
    };
    assert_eq!(password("vnc-password"), Some(true));
    assert_eq!(password("vnc-fixed"), Some(false));
    assert!(!format!("{:?}", watched.history).contains("lab-pass"));
}

#[test]
fn waiting_for_a_hung_daemon_can_be_given_up_and_begun_again() {
    let host = Lab::get().own_host("cancel");
    host.stop_daemon();
    let mut watched = Watched::open(&host.uri);
    watched.until_state("the opening", |state| *state == ConnectionState::Connecting);
    watched.fleet.cancel(watched.id);
    watched.until_state("the end of it", |state| {
        *state == ConnectionState::Disconnected
    });
    host.continue_daemon();
    // Nothing is opened until somebody asks.
    thread::sleep(Duration::from_millis(600));
    watched.pump();
    assert_eq!(watched.state, ConnectionState::Disconnected);
    watched.fleet.retry(watched.id);
    watched.until_state("the return", is_active);
}

#[test]
fn the_ports_that_the_next_start_wants_are_learned_of_running_domains_too() {
    let host = Lab::get().own_host("ahead");
    let video = "<video><model type='vga' vram='1024'/></video>";
    let display = |attributes: &str| format!("<graphics type='vnc' {attributes}/>{video}");
    // Its address is left to the host's configuration; the live XML has it.
    let domain = host.tiny_with("ahead", &display("port='23987' autoport='no'"));
    domain.start();
    let mut watched = Watched::open(&host.uri);
    let until_fixed = |watched: &mut Watched, wanted: &[(u16, Option<&str>)]| {
        watched.until("fixed ports", |watched| {
            let row = watched.row(&domain.name)?;
            let fixed = &row.definition.as_ref()?.fixed_ports;
            let fixed: Vec<_> = fixed.iter().map(|f| (f.port, f.host.as_deref())).collect();
            (fixed == wanted).then_some(())
        });
    };
    until_fixed(&mut watched, &[(23987, None)]);
    // What is changed for the next start is no part of the live XML.
    let devices = display("port='23986' autoport='no' websocket='23985' listen='127.0.0.1'");
    let uuid = domain.uuid();
    let xml = crate::support::lab::tiny_xml(&domain.name, &devices)
        .replace("</name>", &format!("</name><uuid>{uuid}</uuid>"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), xml).unwrap();
    host.virsh(&["define", file.path().to_str().unwrap()]);
    let local = Some("127.0.0.1");
    until_fixed(&mut watched, &[(23986, local), (23985, local)]);
    let row = watched.row(&domain.name).unwrap();
    let live = &row.definition.as_ref().unwrap().endpoints[0];
    assert_eq!((live.port, live.host.as_deref()), (Some(23987), local));
}
