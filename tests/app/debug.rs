//! What the program itself is doing.

use std::time::Duration;

use virtty::app::{CallOrder, Debug, Page};
use virtty::protocol::{CallCounts, News};

use crate::session::{Session, running};

fn debug(session: &Session) -> &Debug {
    match session.state.page() {
        Page::Debug(debug) => debug,
        other => panic!("not the debug page: {other:?}"),
    }
}

fn calls(session: &Session) -> Vec<&'static str> {
    let page = debug(session);
    let shown = page.shown(&session.state).unwrap();
    page.rows(shown).iter().map(|row| row.call).collect()
}

fn open(uris: &[&str]) -> Session {
    let mut session = Session::new(120, 40, uris);
    session.open(0, false).list(0, vec![running(1, "web")]);
    let rows = vec![
        (
            "control",
            "virDomainGetXMLDesc",
            4,
            Duration::from_millis(90),
        ),
        (
            "monitor",
            "virConnectGetAllDomainStats",
            30,
            Duration::from_millis(20),
        ),
    ];
    session.news(0, 1, News::Calls(CallCounts { rows, parked: 0 }));
    session.keys("i");
    session
}

#[test]
fn calls_are_sorted_by_count_or_by_time() {
    let mut session = open(&["qemu:///system"]);
    assert_eq!(
        calls(&session),
        ["virConnectGetAllDomainStats", "virDomainGetXMLDesc"]
    );
    session.keys(">");
    assert_eq!(debug(&session).order, CallOrder::Time);
    assert_eq!(
        calls(&session),
        ["virDomainGetXMLDesc", "virConnectGetAllDomainStats"]
    );
}

#[test]
fn tab_goes_round_the_connections() {
    let mut session = open(&["qemu:///system", "test:///default"]);
    let shown = |session: &Session| {
        debug(session)
            .shown(&session.state)
            .unwrap()
            .uri()
            .to_owned()
    };
    assert_eq!(shown(&session), "qemu:///system");
    session.keys("<Tab>");
    assert_eq!(shown(&session), "test:///default");
    assert_eq!(calls(&session), [] as [&str; 0]);
    session.keys("<Tab>");
    assert_eq!(shown(&session), "qemu:///system");
}
