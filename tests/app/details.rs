//! The details of one domain: sections, what they ask for, scrolling, graphs.

use std::sync::Arc;
use std::time::Duration;

use virtty::app::{Details, Page, Tab, Target};
use virtty::model::{ConnectionState, DomainState, EventKind};
use virtty::protocol::{Answer, DomainVerb, News, Verb, XmlKind};

use crate::furnished::{addresses, definition, facts, furnished, log, no_agent, xml};
use crate::session::{Session, lost, off, refused, running, uuid};

fn opened() -> Session {
    let mut session = Session::active(80, 24, vec![furnished(1, "web-1")]);
    session.keys("<Enter>").done();
    session
}

pub fn details(session: &Session) -> &Details {
    match session.state.page() {
        Page::Details(details) => details,
        other => panic!("{other:?}"),
    }
}

fn answer_xml(text: &str) -> Result<Answer, virtty::protocol::Failure> {
    Ok(Answer::Xml {
        text: text.to_owned(),
        kind: XmlKind::Live,
    })
}

#[test]
fn keys_and_clicks_show_sections() {
    let mut session = opened();
    let mut seen = vec![details(&session).tab];
    for _ in 0..9 {
        session.keys("<Tab>");
        seen.push(details(&session).tab);
    }
    let mut round = Tab::ALL.to_vec();
    round.push(Tab::Overview);
    assert_eq!(seen, round);
    session.keys("<BackTab>");
    assert_eq!(details(&session).tab, Tab::Log);
    session.keys("hl<Left><Right>");
    assert_eq!(details(&session).tab, Tab::Log);
    for (key, tab) in (1..=9).zip(Tab::ALL) {
        session.keys(&key.to_string());
        assert_eq!(details(&session).tab, tab);
    }
    session.click(Target::Tab(2));
    assert_eq!(details(&session).tab, Tab::Disks);
    session.click(Target::Tab(99));
    assert_eq!(details(&session).tab, Tab::Disks);
}

#[test]
fn a_section_asks_when_it_is_shown_and_only_then() {
    let mut session = opened();
    session.keys("235");
    assert_eq!(session.asked(), []);
    for (key, verb) in [
        ("8", Verb::ReadXml(uuid(1), XmlKind::Live)),
        ("4", Verb::ReadAddresses(uuid(1))),
        ("6", Verb::ReadGuest(uuid(1))),
        ("9", Verb::ReadLogTail(uuid(1))),
    ] {
        session.keys(key);
        assert_eq!(session.asked_once().1, verb);
    }
    session.keys("8469").sampled(1, 0).wait(1.0);
    assert_eq!(session.asked(), [], "each is under way");
}

#[test]
fn answers_are_kept_and_not_asked_for_again() {
    let mut session = opened();
    session.keys("8").answer_last(answer_xml(&xml(40)));
    session
        .keys("4")
        .answer_last(Ok(Answer::Addresses(addresses())));
    session.keys("6").answer_last(Ok(Answer::Guest(facts())));
    session.keys("9").answer_last(Ok(log(5)));
    assert_eq!(details(&session).xml().got().unwrap().lines.all().len(), 40);
    assert_eq!(details(&session).addresses.got(), Some(&addresses()));
    assert_eq!(details(&session).guest.got(), Some(&facts()));
    assert_eq!(details(&session).log.got().unwrap().lines.all().len(), 5);
    session.keys("8469").sampled(1, 1).wait(2.0);
    assert_eq!(session.asked(), []);
}

#[test]
fn a_stale_answer_is_dropped() {
    let mut session = opened();
    session.keys("8");
    let (stale, _) = session.asked_once();
    let defined = News::Defined(vec![(uuid(1), Ok(Arc::new(definition())))]);
    session.news(0, 1, defined);
    let (fresh, _) = session.asked_once();
    session.answer(stale, answer_xml("<stale/>"));
    assert!(details(&session).xml().got().is_none());
    session.answer(fresh, answer_xml("<fresh/>"));
    session.answer(stale, answer_xml("<stale/>"));
    let got = details(&session).xml().got().unwrap();
    assert_eq!(got.lines.all(), ["<fresh/>"]);
}

#[test]
fn both_definitions_are_read_and_kept() {
    let mut session = opened();
    session.keys("8");
    let (live, _) = session.asked_once();
    session.keys("x");
    let (inactive, verb) = session.asked_once();
    assert_eq!(verb, Verb::ReadXml(uuid(1), XmlKind::Inactive));
    let shown = |session: &Session| {
        let got = details(session).xml().got();
        got.map(|xml| xml.lines.all().join(""))
    };
    session.answer(live, answer_xml("<live/>"));
    assert_eq!(shown(&session), None);
    session.answer(inactive, answer_xml("<inactive/>"));
    assert_eq!(shown(&session).as_deref(), Some("<inactive/>"));
    session.keys("x");
    assert_eq!(shown(&session).as_deref(), Some("<live/>"));
    assert_eq!(session.asked(), []);
}

#[test]
fn answers_of_a_page_that_was_left_reach_no_other() {
    let mut session = opened();
    session.keys("8");
    let (old, _) = session.asked_once();
    session.keys("<Esc><Enter>8");
    let (new, _) = session.asked_once();
    assert_ne!(old, new);
    session.answer(old, answer_xml("<old/>"));
    assert!(details(&session).xml().got().is_none());
}

#[test]
fn refreshing_keeps_what_is_there_and_asks_once() {
    let mut session = opened();
    session.keys("8").answer_last(answer_xml("<a/>"));
    session.keys("rrr");
    let (job, _) = session.asked_once();
    assert!(details(&session).xml().got().is_some());
    session.answer(job, answer_xml("<b/>"));
    assert_eq!(details(&session).xml().got().unwrap().lines.all(), ["<b/>"]);
    // After a failure as well.
    session.keys("6").answer_last(Err(no_agent()));
    assert_eq!(details(&session).guest.failure(), Some(&no_agent()));
    session.keys("r").answer_last(Ok(Answer::Guest(facts())));
    assert_eq!(details(&session).guest.got(), Some(&facts()));
    session.keys("1r").wait(1.0);
    assert_eq!(session.asked(), []);
}

#[test]
fn a_change_of_the_domain_makes_it_old() {
    let mut session = opened();
    session.keys("8").answer_last(answer_xml("<a/>"));
    let mut domain = furnished(1, "web-1");
    domain.state = DomainState::Paused;
    session.changed(domain.clone());
    session.answer_last(answer_xml("<b/>"));

    // An equal definition that was read again: the XML may differ all the same.
    let defined = News::Defined(vec![(uuid(1), Ok(Arc::new(definition())))]);
    session.news(0, 1, defined);
    session.answer_last(answer_xml("<c/>"));

    domain.name = "shop-1".to_owned();
    domain.definition = None;
    session.changed(domain);
    session.answer_last(answer_xml("<d/>"));
    assert_eq!(details(&session).xml().got().unwrap().lines.all(), ["<d/>"]);
    assert_eq!(session.asked(), []);
}

#[test]
fn nobody_asks_inside_a_domain_that_is_off() {
    let mut session = Session::active(80, 24, vec![off(1, "web-1")]);
    session.keys("<Enter>46").wait(1.0);
    assert_eq!(session.asked(), []);
    session.keys("8");
    assert_eq!(
        session.asked_once().1,
        Verb::ReadXml(uuid(1), XmlKind::Live)
    );
    session.keys("4").changed(furnished(1, "web-1"));
    assert_eq!(session.asked_once().1, Verb::ReadAddresses(uuid(1)));
}

#[test]
fn a_lost_connection_is_not_asked_until_it_is_back() {
    let mut session = opened();
    session.keys("8").answer_last(answer_xml("<a/>"));
    session.news(0, 1, News::State(lost(1.0), Some(refused())));
    session.keys("r469r").wait(2.0);
    assert_eq!(session.asked(), []);
    assert!(details(&session).xml().got().is_some(), "it stays");
    session.keys("8");
    session.news(0, 2, News::State(ConnectionState::Active, None));
    assert_eq!(
        session.asked_once().1,
        Verb::ReadXml(uuid(1), XmlKind::Live)
    );
    assert!(
        details(&session).xml().got().is_some(),
        "until it is answered"
    );
}

#[test]
fn an_answer_that_died_with_its_connection_is_asked_for_again() {
    let mut session = opened();
    session.keys("9");
    let (gone, _) = session.asked_once();
    session.news(0, 1, News::State(lost(1.0), Some(refused())));
    session.news(0, 2, News::State(ConnectionState::Active, None));
    let (job, verb) = session.asked_once();
    assert_eq!(verb, Verb::ReadLogTail(uuid(1)));
    assert_ne!(job, gone);
}

#[test]
fn waiting_is_counted_in_seconds() {
    let mut session = opened();
    session.keys("6");
    let second = Duration::from_secs(1);
    let wake = session.state.next_wake().unwrap();
    assert!(wake <= session.now.instant + second);
    session.wait(3.2);
    let loaded = &details(&session).guest;
    let lines = details(&session).waiting(&session.state, loaded, "facts");
    assert_eq!(lines, ["Reading facts … 3s"]);
    session.answer_last(Err(no_agent()));
    let loaded = &details(&session).guest;
    let lines = details(&session).waiting(&session.state, loaded, "facts");
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[2], "r tries again.");
}

#[test]
fn scrolling_ends_where_the_text_does() {
    let mut session = opened();
    session.keys("8").answer_last(answer_xml(&xml(100)));
    session.keys("G");
    let end = details(&session).top();
    session.keys("jjjjj<PgDn>k");
    assert_eq!(details(&session).top(), end - 1, "one key, one line");
    session.keys("gk");
    assert_eq!(details(&session).top(), 0);
    session.keys("<PgDn>");
    let page = details(&session).top();
    assert!(page > 10 && page < 24, "{page}");
    // Each section has its own place.
    session.keys("1").wheel_down().keys("8");
    assert_eq!(details(&session).top(), page);
    for section in ["1", "2", "3", "4", "5", "6", "7"] {
        session.keys(section).keys("Gjjj");
        let end = details(&session).top();
        session.keys("k");
        assert_eq!(details(&session).top(), end.saturating_sub(1), "{section}");
    }
}

#[test]
fn scrolling_sideways_ends_where_the_longest_line_does() {
    let mut session = opened();
    let long = format!("<a/>\n<b x='{}'/>", "0123456789".repeat(10));
    session.keys("8").answer_last(answer_xml(&long));
    session.keys(">>>>>>>>>>>>");
    // A hundred characters and eight around them, a number and a blank; 78 columns.
    assert_eq!(details(&session).across(), 100 + 9 + 2 - 78);
    session.keys("<shift-Left>");
    assert_eq!(details(&session).across(), 100 + 9 + 2 - 78 - 8);
    session.keys("<shift-Left><shift-Left><shift-Left><shift-Left><shift-Left><shift-Left>");
    assert_eq!(details(&session).across(), 0);
    session.keys("9>");
    assert_eq!(details(&session).across(), 0, "nothing was read");
}

#[test]
fn the_log_begins_at_its_end_and_stays_there() {
    let mut session = opened();
    session.keys("9").answer_last(Ok(log(100)));
    let place = |session: &Session| details(session).place(&session.state);
    let Some((_, last, all)) = place(&session) else {
        panic!("it does not fit");
    };
    assert_eq!((last, all), (100, 100));
    session.keys("r").answer_last(Ok(log(130)));
    assert_eq!(place(&session).map(|place| place.1), Some(130));
    // Whoever reads further up is left there.
    session.keys("<PgUp>");
    let (first, ..) = place(&session).unwrap();
    session.keys("r").answer_last(Ok(log(160)));
    assert_eq!(place(&session).map(|place| place.0), Some(first));
    session.keys("Gr").answer_last(Ok(log(170)));
    assert_eq!(place(&session).map(|place| place.1), Some(170));
}

#[test]
fn actions_and_copies_are_those_of_the_domain_shown() {
    let mut session = Session::active(80, 24, vec![off(2, "a-first"), off(1, "web-1")]);
    session.keys("j<Enter>s");
    assert_eq!(
        session.asked_once().1,
        Verb::Domain(uuid(1), DomainVerb::START)
    );
    session.keys("5y");
    assert!(!session.state.layers.is_empty());
}

#[test]
fn events_are_kept_for_the_page() {
    let mut session = opened();
    session.keys("7");
    for detail in 0..30 {
        session.happens(EventKind::Lifecycle { event: 5, detail });
    }
    assert_eq!(details(&session).place(&session.state), Some((1, 19, 30)));
    session.keys("G");
    assert_eq!(details(&session).place(&session.state), Some((12, 30, 30)));
}

#[test]
fn a_change_of_nothing_asks_for_nothing() {
    let domain = furnished(1, "web-1");
    let mut session = Session::active(80, 24, vec![domain.clone()]);
    session.keys("<Enter>").done();
    session.keys("8").answer_last(answer_xml("<a/>"));
    session.changed(domain).wait(2.0);
    assert_eq!(session.asked(), []);
}

#[test]
fn a_failure_is_not_asked_for_in_a_circle() {
    let mut session = opened();
    session.keys("9").answer_last(Err(refused()));
    assert_eq!(details(&session).log.failure(), Some(&refused()));
    let lines = details(&session).waiting(&session.state, &details(&session).log, "the log");
    assert!(lines.contains(&"systemctl enable --now libvirtd.socket".to_owned()));
    session.wait(5.0).sampled(1, 1);
    assert_eq!(session.asked(), []);
}

#[test]
fn the_page_of_a_domain_that_is_gone_closes() {
    let mut session = opened();
    session.news(0, 1, News::Gone(uuid(1)));
    let page = session.state.page();
    assert!(matches!(page, Page::Domains), "{page:?}");
}

#[test]
fn escape_leads_back_to_the_same_row() {
    let domains = vec![running(1, "a"), running(2, "b"), running(3, "c")];
    let mut session = Session::active(80, 24, domains);
    session.keys("j<Enter><Tab><Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
    assert_eq!(session.selected_name(), Some("b"));
}
