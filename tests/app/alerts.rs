//! What calls for attention, and how often.

use std::time::Duration;

use virtty::app::{Effect, Level};
use virtty::config::Config;
use virtty::model::{DomainEvent, EventKind};
use virtty::protocol::{News, PoolFill};

use crate::session::{Session, lost, running, sample, uuid};

fn session(settings: &str) -> Session {
    let mut session = Session::active(100, 24, vec![running(1, "web"), running(2, "-rf $(id)")]);
    session.state.alerts.rules = Config::parse(settings).unwrap().alerts;
    session.done();
    session
}

fn event(session: &mut Session, number: u32, name: &str, kind: EventKind) {
    let news = News::Event(DomainEvent {
        uuid: uuid(number),
        name: name.to_owned(),
        time: session.now.wall,
        kind,
    });
    session.news(0, 1, news);
}

const CRASHED: EventKind = EventKind::Lifecycle {
    event: 5,
    detail: 5,
};

/// Bells and commands since they were last taken.
fn alerts(session: &mut Session) -> Vec<(bool, Vec<String>)> {
    let alert = |effect| match effect {
        Effect::Alert { bell, command } => Some((bell, command)),
        _ => None,
    };
    session.done().into_iter().filter_map(alert).collect()
}

fn said(session: &Session) -> Vec<&str> {
    let failed = session
        .state
        .messages
        .all()
        .filter(|message| message.level == Level::Failed);
    failed.map(|message| message.text.as_str()).collect()
}

#[test]
fn crash_and_io_error_alert_by_default_and_nothing_else() {
    let mut session = session("");
    event(&mut session, 1, "web", CRASHED);
    assert_eq!(alerts(&mut session), [(true, Vec::new())]);
    assert_eq!(said(&session), ["web: Stopped (failed)"]);
    assert!(session.state.alerts.flashing(session.now.instant).is_some());
    let wake = session.state.next_wake().unwrap();
    assert!(
        wake <= session.now.instant + Duration::from_secs(2),
        "the flash ends by itself"
    );
    session.wait(2.0);
    assert!(session.state.alerts.flashing(session.now.instant).is_none());

    // An I/O error tells itself twice: by its own event and by the pause.
    let disk = "vda".to_owned();
    let reason = "enospc".to_owned();
    event(
        &mut session,
        1,
        "web",
        EventKind::IoError {
            disk,
            action: 1,
            reason,
        },
    );
    event(
        &mut session,
        1,
        "web",
        EventKind::Lifecycle {
            event: 3,
            detail: 2,
        },
    );
    assert_eq!(alerts(&mut session).len(), 1);
    assert_eq!(
        said(&session).last(),
        Some(&"web: I/O error on vda (enospc): paused")
    );

    event(&mut session, 1, "web", EventKind::Watchdog(1));
    event(
        &mut session,
        1,
        "web",
        EventKind::Lifecycle {
            event: 5,
            detail: 0,
        },
    );
    session.news(0, 1, News::State(lost(1.0), None));
    assert!(alerts(&mut session).is_empty());
}

#[test]
fn the_command_is_an_argv_without_anything_a_terminal_obeys() {
    let mut session = session(
        "[alerts]\nbell = false\nflash = false\ncommand = [\"logger\", \"--\", \"$KIND $NAME\", \"$UUID\", \"$URI\", \"$\"]",
    );
    event(&mut session, 2, "-rf $(id)\u{1b}[31m", CRASHED);
    let command = [
        "logger",
        "--",
        "crash -rf $(id)\\x1b[31m",
        &uuid(2).to_string(),
        "qemu:///system",
        "$",
    ];
    let command: Vec<_> = command.map(str::to_owned).to_vec();
    assert_eq!(alerts(&mut session), [(false, command)]);
    assert!(session.state.alerts.flashing(session.now.instant).is_none());
}

#[test]
fn quiet_hours_keep_the_message_alone() {
    let mut session = session("[alerts]\nquiet = \"00:00-12:00\"\ncommand = [\"x\"]");
    event(&mut session, 1, "web", CRASHED);
    session.now.wall += Duration::from_secs(12 * 3600);
    event(&mut session, 2, "db", CRASHED);
    // Whatever the time zone, one of the two is in the quiet half of the day.
    assert_eq!(alerts(&mut session).len(), 1);
    assert_eq!(said(&session).len(), 2);
}

#[test]
fn a_storm_rings_a_few_times() {
    let mut session = session("[alerts]\ncommand = [\"x\"]");
    for number in 1..=1000 {
        event(&mut session, number, "many", CRASHED);
    }
    assert_eq!(alerts(&mut session).len(), 5);
    session.wait(11.0);
    event(&mut session, 1, "many", CRASHED);
    assert_eq!(alerts(&mut session).len(), 1);
}

#[test]
fn cpu_must_stay_above_for_the_minutes_and_is_told_once() {
    let mut session = session("[alerts]\ncpu-above = 90\nminutes = 2");
    let mut used = 0;
    let mut tick = |session: &mut Session, busy_ms: u64| {
        session.wait(30.0);
        used += busy_ms;
        let domains = vec![sample(1, session.now.instant, used)];
        session.news(
            0,
            1,
            News::Sampled {
                domains,
                node: None,
            },
        );
    };
    for _ in 0..4 {
        tick(&mut session, 59_000);
    }
    assert!(alerts(&mut session).is_empty());
    tick(&mut session, 30_000);
    for _ in 0..5 {
        tick(&mut session, 59_000);
    }
    assert_eq!(alerts(&mut session).len(), 1);
    assert_eq!(said(&session), ["web: CPU at 98 %, above 90 % for 2 min"]);
    for _ in 0..9 {
        tick(&mut session, 59_000);
    }
    assert!(alerts(&mut session).is_empty(), "once, as long as it stays");
    tick(&mut session, 1_000);
    for _ in 0..5 {
        tick(&mut session, 59_000);
    }
    assert_eq!(alerts(&mut session).len(), 1, "again, when it comes again");
}

#[test]
fn pools_are_read_and_told_only_when_asked_for() {
    let pool = |percent: u64| {
        News::Pools(vec![PoolFill {
            name: "default".to_owned(),
            capacity_bytes: 1000,
            available_bytes: 1000 - percent * 10,
        }])
    };
    let mut without = session("");
    without.news(0, 1, pool(99));
    assert!(alerts(&mut without).is_empty());
    let mut session = session("[alerts]\npool-above = 90");
    session.wait(1.0);
    for (percent, rings) in [
        (90, 0),
        (91, 1),
        (95, 0),
        (89, 0),
        (91, 0),
        (80, 0),
        (92, 1),
    ] {
        session.wait(60.0);
        session.news(0, 1, pool(percent));
        assert_eq!(alerts(&mut session).len(), rings, "{percent}");
    }
    assert_eq!(
        said(&session)[0],
        "storage pool default: 91 % full, above 90 %"
    );
}

#[test]
fn a_lost_connection_rings_when_wished() {
    let mut session = session("[alerts]\nconnection-lost = true\ncommand = [\"x\", \"$TEXT\"]");
    session.news(0, 1, News::State(lost(1.0), None));
    let calls = alerts(&mut session);
    assert_eq!(calls.len(), 1);
    assert!(calls[0].1[1].starts_with("connection to "), "{calls:?}");
    assert_eq!(said(&session).len(), 1, "said once");
}
