//! The events of all hosts.

use std::time::Duration;

use virtty::app::{Effect, Event, Layer, MOST_HAPPENED, Page, Target};
use virtty::journal::Told;
use virtty::model::{DomainEvent, EventKind, EventObject, ObjectChange, ObjectEvent, Uuid};
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
    let first = session.state.happened.oldest();
    let selected = |session: &Session| match session.state.page() {
        Page::Events(events) => events.list().selected().map(|number| number - first),
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
    session.click(Target::Event(first + 2)).keys("<Enter>");
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

#[test]
fn networks_pools_secrets_and_devices_have_events_too() {
    let mut session = hosts();
    session.keys("E");
    for (object, name, change) in [
        (
            EventObject::Network,
            "default",
            ObjectChange::Lifecycle {
                event: 2,
                detail: 0,
            },
        ),
        (EventObject::Pool, "images", ObjectChange::Refreshed),
        (EventObject::Secret, "ceph", ObjectChange::ValueChanged),
        (
            EventObject::NodeDevice,
            "usb_1",
            ObjectChange::Lifecycle {
                event: 1,
                detail: 0,
            },
        ),
    ] {
        let event = ObjectEvent {
            object,
            name: name.to_owned(),
            uuid: None,
            time: session.now.wall,
            change,
        };
        session.news(0, 1, News::ObjectEvent(event));
    }
    let told: Vec<_> = session
        .state
        .happened
        .kept()
        .iter()
        .map(|h| h.event.text.as_str())
        .collect();
    assert_eq!(
        told[3..],
        ["Started", "Refreshed", "Value changed", "Deleted"]
    );
    session.keys("/object:pool,secret<Enter>");
    assert_eq!(names(&session), ["ceph", "images"]);
    session.keys("<Enter>");
    assert!(
        matches!(session.state.page(), Page::Events(_)),
        "they have no details"
    );
}

#[test]
fn terms_ask_for_kind_host_and_time_and_mistakes_filter_nothing() {
    let mut session = hosts();
    session.wait(7200.0);
    let news = event(&session, uuid(1), "web", EventKind::Watchdog(0));
    session.news(0, 1, news);
    session.keys("E/since:1h<Enter>");
    assert_eq!(names(&session), ["web"]);
    session.keys("<Esc>/until:1h kind:reboot,watchdog<Enter>");
    assert_eq!(names(&session), ["db", "web"]);
    session.keys("<Esc>/!host:kvm2 !name:web<Enter>");
    assert_eq!(names(&session), ["db"]);
    session.keys("<Esc>/since:soon");
    assert_eq!(names(&session).len(), 4);
    session.keys("<Esc>/ki<Tab>");
    assert!(
        matches!(session.state.layers.last(), Some(Layer::Text(field)) if field.line.text() == "kind:")
    );
}

#[test]
fn events_are_kept_and_those_of_before_come_first() {
    let mut session = hosts();
    let kept = |effect: &Effect| matches!(effect, Effect::Journal(told) if told.connection == "qemu:///system");
    assert_eq!(
        session.done().iter().filter(|effect| kept(effect)).count(),
        2
    );
    session.keys("E");
    let before = |number: u32, name: &str, age: u64, connection: &str| {
        let event = DomainEvent {
            uuid: uuid(number),
            name: name.to_owned(),
            time: session.now.wall - Duration::from_secs(age),
            kind: EventKind::Reboot,
        };
        Told::domain(connection, "old-host", &event)
    };
    let events = vec![
        before(2, "db-of-before", 90, "qemu:///system"),
        before(1, "elsewhere", 60, "xen:///"),
    ];
    session.event(Event::Remembered(events));
    assert_eq!(
        names(&session),
        ["far", "db", "web", "elsewhere", "db-of-before"]
    );
    assert!(
        session.done().iter().all(|effect| !kept(effect)),
        "they are kept already"
    );
    // One of a domain that is still there opens its details, which know them too.
    session.keys("G<Enter>");
    let Page::Details(details) = session.state.page() else {
        panic!("no details");
    };
    let of: Vec<_> = session
        .state
        .events_of(details.id)
        .map(|told| told.name.as_str())
        .collect();
    assert_eq!(of, ["db-of-before", "db"]);
    session.keys("<Esc>k<Enter>");
    assert!(
        matches!(session.state.page(), Page::Events(_)),
        "another host's domain is not this one"
    );
}
