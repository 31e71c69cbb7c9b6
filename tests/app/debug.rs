//! The debug page.

use virtty::app::{CallColumn, DebugLine, Page, Target};
use virtty::model::ConnectionId;

use crate::material::counting;
use crate::session::Session;

fn lines(session: &Session) -> Vec<DebugLine> {
    match session.state.page() {
        Page::Debug(debug) => debug.lines(&session.state),
        other => panic!("{} is open", other.title()),
    }
}

fn calls(session: &Session) -> Vec<&'static str> {
    let lines = lines(session).into_iter();
    lines
        .filter_map(|line| match line {
            DebugLine::Call(row) => Some(row.call),
            _ => None,
        })
        .collect()
}

#[test]
fn round_trips_are_counted_by_refresh_and_kind() {
    let session = counting(120, 40);
    let sums: Vec<_> = lines(&session)
        .into_iter()
        .filter_map(|line| match line {
            DebugLine::Sum(row) => Some((row.kind, row.count, row.per_refresh)),
            _ => None,
        })
        .collect();
    assert_eq!(
        sums,
        [
            ("control", 11, Some(2.0)),
            ("monitor", 20, Some(4.0)),
            ("all", 31, Some(6.0)),
        ]
    );
}

#[test]
fn calls_are_sorted_by_the_chosen_column() {
    let mut session = counting(120, 40);
    assert_eq!(
        calls(&session)[..2],
        ["virDomainListGetStats", "virConnectOpenAuth"]
    );
    session.keys("<<>");
    assert_eq!(calls(&session)[0], "virConnectOpenAuth", "the slowest");
    session.click(Target::CallColumn(CallColumn::Kind));
    assert_eq!(calls(&session)[3], "virDomainListGetStats");
    session.keys("<<><<>>>>>>>>");
    assert_eq!(calls(&session)[0], "virDomainListGetStats");
}

#[test]
fn tab_goes_through_the_connections() {
    let mut session = counting(120, 40);
    let shown = |session: &Session| match session.state.page() {
        Page::Debug(debug) => debug.connection(&session.state).map(|c| c.id),
        _ => None,
    };
    assert_eq!(shown(&session), Some(ConnectionId(0)));
    session.keys("<Tab>");
    assert_eq!(shown(&session), Some(ConnectionId(1)));
    assert!(calls(&session).is_empty());
    session.keys("<Tab>");
    assert_eq!(shown(&session), Some(ConnectionId(0)));
    session.click(Target::Tab(1));
    assert_eq!(shown(&session), Some(ConnectionId(1)));
}

#[test]
fn scrolling_ends_with_the_last_line() {
    let mut session = counting(80, 10);
    session.keys("G<PgDn>jj");
    let Page::Debug(debug) = session.state.page() else {
        panic!("left");
    };
    assert_eq!(
        debug.top() + session.state.page_lines(),
        lines(&session).len()
    );
    session.keys("g");
    assert!(matches!(session.state.page(), Page::Debug(debug) if debug.top() == 0));
}
