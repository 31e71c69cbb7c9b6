//! The events of all hosts.

use virtty::app::{MOST_HAPPENED, Page, Target};
use virtty::model::{DomainEvent, EventKind, Uuid};
use virtty::protocol::News;

use crate::session::{Session, running, uuid};

fn event(session: &Session, who: Uuid, name: &str, kind: EventKind) -> News {
    News::Event(DomainEvent {
        uuid: who,
        name: name.to_owned(),
        time: session.now.wall,
        kind,
    })
}

fn hosts() -> Session {
    let uris = ["qemu:///system", "qemu+ssh://root@kvm2/system"];
    let mut session = Session::new(100, 24, &uris);
    session.open(0, false).open(1, true);
    session.list(0, vec![running(1, "web"), running(2, "db")]);
    session.list(1, Vec::new());
    for (host, number, name, kind) in [
        (0, 1, "web", EventKind::Reboot),
        (0, 2, "db", EventKind::Watchdog(1)),
        (1, 9, "far", EventKind::JobCompleted),
    ] {
        let news = event(&session, uuid(number), name, kind);
        session.news(host, 1, news);
    }
    session
}

fn names(session: &Session) -> Vec<&str> {
    let Page::Events(events) = session.state.page() else {
        panic!("{} is open", session.state.page().title());
    };
    let rows = events.list().rows().iter();
    rows.filter_map(|number| Some(session.state.happened.get(*number)?.event.name.as_str()))
        .collect()
}

#[test]
fn events_of_all_hosts_come_newest_first() {
    let mut session = hosts();
    session.keys("E");
    assert_eq!(names(&session), ["far", "db", "web"], "unlisted ones too");
    session.keys("E<Esc>");
    assert!(matches!(session.state.page(), Page::Domains), "once only");
}

#[test]
fn each_word_of_the_filter_must_stand_somewhere() {
    let mut session = hosts();
    session.keys("E/watch<Enter>");
    assert_eq!(names(&session), ["db"]);
    session.keys("<Esc>/KVM2<Enter>");
    assert_eq!(names(&session), ["far"], "hosts, whatever the case");
    session.keys("<Esc>/watch web<Enter>");
    assert!(names(&session).is_empty());
    let news = event(&session, uuid(1), "web", EventKind::Watchdog(0));
    session.news(0, 1, news);
    assert_eq!(names(&session), ["web"], "what comes later is filtered too");
    session.keys("<Esc>");
    assert_eq!(names(&session).len(), 4);
}

#[test]
fn the_selection_follows_its_event_and_the_newest_at_the_top() {
    let mut session = hosts();
    session.keys("E");
    let selected = |session: &Session| match session.state.page() {
        Page::Events(events) => events.list().selected(),
        _ => None,
    };
    let news = event(&session, uuid(1), "web", EventKind::Reboot);
    session.news(0, 1, news);
    assert_eq!(selected(&session), Some(3), "the newest");
    session.keys("jj");
    let news = event(&session, uuid(1), "web", EventKind::Reboot);
    session.news(0, 1, news);
    assert_eq!(selected(&session), Some(1), "its event");
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Details(_)));
    session.keys("<Esc>");
    session.click(Target::Event(2)).keys("<Enter>");
    assert!(
        matches!(session.state.page(), Page::Events(_)),
        "a domain that is not there has no details"
    );
}

#[test]
fn a_storm_drops_the_oldest() {
    let mut session = hosts();
    session.keys("E");
    for _ in 0..MOST_HAPPENED {
        let news = event(&session, uuid(1), "web", EventKind::Reboot);
        session.news(0, 1, news);
    }
    assert_eq!(session.state.happened.kept().len(), MOST_HAPPENED);
    assert_eq!(names(&session).len(), MOST_HAPPENED);
    assert!(!names(&session).contains(&"db"));
}
