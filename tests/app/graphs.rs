//! The graphs of one domain: freezing, zooming, paging, and what is kept for them.

use std::time::Duration;

use virtty::app::Effect;
use virtty::protocol::News;
use virtty::stats::TotalSeries;

use crate::details::details;
use crate::furnished::{furnished, measured};
use crate::session::{Session, id, off, running, sample, uuid};

#[test]
fn freezing_holds_the_picture_while_data_is_collected() {
    let mut session = measured(80, 24);
    session.keys("2<Space>");
    let frozen_at = session.now.instant;
    let last = |session: &Session| {
        let (history, _) = details(session).pictured(&session.state).unwrap();
        history.totals().and_then(|totals| totals.last()).unwrap()
    };
    let before = last(&session);
    for tick in 60..70 {
        session.sampled(1, tick).wait(2.0);
    }
    assert_eq!(last(&session), before);
    assert!(last(&session) <= frozen_at);
    let guest = session.state.guest(id(1)).unwrap();
    let collected = guest.tracked.history().totals().unwrap();
    assert!(collected.last().unwrap() > frozen_at);
    let cpu = TotalSeries::Cpu as usize;
    assert!(
        collected
            .summary(cpu, frozen_at, session.now.instant)
            .is_some()
    );
    // Other sections show the present all the while; the picture is there on coming back.
    session.keys("12");
    assert_eq!(last(&session), before);
    session.keys("<Space>");
    assert!(last(&session) > frozen_at);
}

#[test]
fn a_frozen_picture_survives_the_end_of_its_domain() {
    let mut session = measured(80, 24);
    session.keys("2<Space>");
    let rows = details(&session).graph_rows(&session.state, 78).len();
    session.changed(off(1, "web-1"));
    assert_eq!(details(&session).graph_rows(&session.state, 78).len(), rows);
    session.keys("<Space>");
    // The past still knows the devices.
    assert_eq!(details(&session).graph_rows(&session.state, 78).len(), rows);
}

#[test]
fn zooming_goes_from_a_minute_to_everything() {
    let mut session = measured(80, 24);
    session.keys("2");
    let span = |session: &Session| virtty::app::SPANS[details(session).span];
    session.keys("+++++++++");
    assert_eq!(span(&session), Duration::from_secs(60));
    session.keys("-");
    assert_eq!(span(&session), Duration::from_secs(300));
    session.keys("---------");
    assert_eq!(span(&session), Duration::from_secs(24 * 3600));
    session.keys("1+");
    assert_eq!(
        span(&session),
        Duration::from_secs(24 * 3600),
        "a key of the graphs alone"
    );
}

#[test]
fn graphs_are_paged_by_rows() {
    let mut session = measured(80, 24);
    session.keys("2");
    let rows = details(&session).graph_rows(&session.state, 78).len();
    // Totals, two disks, two NICs, two vCPUs.
    assert_eq!(rows, 4 + 2 * 3 + 2 * 3 + 2 * 2);
    session.keys("j");
    assert_eq!(details(&session).top(), 1);
    session.keys("<PgDn>");
    assert_eq!(details(&session).top(), 4);
    session.keys("Gj");
    assert_eq!(details(&session).top(), rows - 3);
    let wide = measured(200, 60);
    assert!(details(&wide).graph_rows(&wide.state, 198).len() < rows / 2);
}

#[test]
fn devices_are_measured_while_the_page_is_open() {
    let mut session = Session::active(80, 24, vec![furnished(1, "web-1")]);
    session.effects.clear();
    session.keys("<Enter>");
    let graphed = |effects: &[Effect]| {
        effects.iter().rev().find_map(|effect| match effect {
            Effect::Interest(_, interest) => Some(interest.graphed.clone()),
            _ => None,
        })
    };
    assert!(graphed(&session.effects).unwrap().contains(&uuid(1)));
    session.keys("<Esc>");
    assert!(graphed(&session.effects).unwrap().is_empty());
}

#[test]
fn devices_have_a_past_when_their_row_was_on_the_screen() {
    let numbers = 1..=40;
    let domains = numbers.map(|number| running(number, &format!("vm-{number:02}")));
    let mut session = Session::active(80, 24, domains.collect());
    for tick in 0..3 {
        let at = session.now.instant;
        let domains = vec![sample(1, at, tick * 1000), sample(40, at, tick * 1000)];
        let node = None;
        session.news(0, 1, News::Sampled { domains, node });
        session.wait(2.0);
    }
    let past = |number| {
        let guest = session.state.guest(id(number)).unwrap();
        guest.tracked.history().disk("vda").is_some()
    };
    assert!(past(1));
    assert!(!past(40), "below the screen");
}
