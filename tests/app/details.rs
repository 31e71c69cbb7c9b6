//! The details of one domain: its sections ask for what they show, once, and forget it when it is out of date.

use std::sync::Arc;

use virtty::app::{Details, Effect, Page, Tab, Target};
use virtty::model::{ConnectionState, Definition, Domain};
use virtty::protocol::{Answer, JobId, News, Request, Verb, XmlKind};

use crate::session::{Session, id, lost, off, opened, refused, running, sample};

/// What was asked for, with the number of the job.
fn asked(session: &mut Session) -> Vec<(JobId, Verb)> {
    session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, Request { job, verb }) => Some((job, verb)),
            _ => None,
        })
        .collect()
}

/// The one thing that was asked for.
fn one(session: &mut Session) -> (JobId, Verb) {
    let mut asked = asked(session);
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}

fn details(session: &Session) -> &Details {
    match session.state.page() {
        Page::Details(details) => details,
        other => panic!("not the details: {other:?}"),
    }
}

/// The details of one running domain in this section.
fn open(tab: Tab) -> Session {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("<Enter>");
    session.done();
    go(&mut session, tab);
    session
}

/// Goes to a section without passing others.
fn go(session: &mut Session, tab: Tab) {
    session.click(Target::Tab(tab as usize));
}

fn xml(lines: usize) -> Answer {
    Answer::Xml {
        text: "<domain>\n".repeat(lines),
        kind: XmlKind::Live,
    }
}

fn finish(session: &mut Session, job: JobId, answer: Answer) {
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
}

/// The same domain after a change of its definition.
fn redefined() -> Domain {
    let mut domain = running(1, "web");
    domain.definition = Some(Arc::new(Definition {
        title: Some("new".to_owned()),
        ..Definition::default()
    }));
    domain
}

#[test]
fn sections_go_round_and_each_keeps_its_place() {
    let mut session = open(Tab::Xml);
    let (job, _) = one(&mut session);
    finish(&mut session, job, xml(100));
    session.keys("jjj");
    assert_eq!(details(&session).top(), 3);
    session.keys("<Tab><Tab>");
    assert_eq!(details(&session).tab, Tab::Overview);
    assert_eq!(details(&session).top(), 0);
    session.keys("<BackTab><BackTab>");
    assert_eq!(details(&session).tab, Tab::Xml);
    assert_eq!(details(&session).top(), 3);
}

#[test]
fn a_section_asks_when_it_is_first_shown_and_not_again() {
    let mut session = open(Tab::Xml);
    let (job, verb) = one(&mut session);
    assert_eq!(verb, Verb::ReadXml(id(1).uuid, XmlKind::Live));
    go(&mut session, Tab::Overview);
    go(&mut session, Tab::Xml);
    session.wait(1.0);
    assert_eq!(asked(&mut session), [], "one is on its way");
    finish(&mut session, job, xml(3));
    go(&mut session, Tab::Overview);
    go(&mut session, Tab::Xml);
    session.wait(1.0);
    assert_eq!(asked(&mut session), []);
    assert_eq!(details(&session).xml.got().map(Vec::len), Some(3));
}

#[test]
fn refresh_asks_again_and_shows_what_was_known_until_then() {
    let mut session = open(Tab::Xml);
    let (job, _) = one(&mut session);
    finish(&mut session, job, xml(3));
    session.keys("<F5>");
    let (job, _) = one(&mut session);
    assert_eq!(details(&session).xml.got().map(Vec::len), Some(3));
    finish(&mut session, job, xml(5));
    assert_eq!(details(&session).xml.got().map(Vec::len), Some(5));
}

#[test]
fn a_change_of_the_domain_makes_what_was_read_old() {
    let mut session = open(Tab::Xml);
    let (stale, _) = one(&mut session);
    session.changed(redefined());
    let (fresh, _) = one(&mut session);
    finish(&mut session, stale, xml(9));
    assert!(details(&session).xml.got().is_none(), "the old answer");
    finish(&mut session, fresh, xml(4));
    assert_eq!(details(&session).xml.got().map(Vec::len), Some(4));
}

#[test]
fn a_change_of_nothing_asks_for_nothing() {
    let domain = running(1, "web");
    let mut session = Session::active(80, 24, vec![domain.clone()]);
    session.keys("<Enter>");
    go(&mut session, Tab::Xml);
    let (job, _) = one(&mut session);
    finish(&mut session, job, xml(3));
    session.changed(domain).wait(2.0);
    assert_eq!(asked(&mut session), []);
}

#[test]
fn a_new_connection_reads_again() {
    let mut session = open(Tab::Xml);
    let (job, _) = one(&mut session);
    finish(&mut session, job, xml(3));
    session.news(0, 2, News::State(lost(2.0), Some(refused())));
    assert_eq!(asked(&mut session), [], "nobody to ask");
    assert!(details(&session).xml.got().is_some());
    session.news(0, 3, News::State(ConnectionState::Active, None));
    let news = News::Opened(Box::new(opened("qemu:///system", false)));
    session.news(0, 3, news);
    let news = News::Listed {
        domains: vec![running(1, "web")],
        truncated: None,
    };
    session.news(0, 3, news);
    let last = asked(&mut session).pop().unwrap();
    assert_eq!(last.1, Verb::ReadXml(id(1).uuid, XmlKind::Live));
}

#[test]
fn the_other_definition_is_read_when_asked_for() {
    let mut session = open(Tab::Xml);
    let (job, _) = one(&mut session);
    finish(&mut session, job, xml(3));
    session.keys("x");
    let (_, verb) = one(&mut session);
    assert_eq!(verb, Verb::ReadXml(id(1).uuid, XmlKind::Inactive));
    assert!(
        details(&session).xml.got().is_none(),
        "one definition is not the other"
    );
}

#[test]
fn a_failure_is_kept_for_its_section() {
    let mut session = open(Tab::Log);
    let job = asked(&mut session).pop().unwrap().0;
    session.news(0, 1, News::JobFinished(job, Err(refused())));
    assert_eq!(details(&session).log.failure(), Some(&refused()));
    session.wait(5.0);
    assert_eq!(asked(&mut session), [], "not in a circle");
    session.keys("<F5>");
    let (_, verb) = one(&mut session);
    assert_eq!(verb, Verb::ReadLogTail(id(1).uuid));
}

#[test]
fn the_log_opens_at_its_end_and_stays_where_it_is_scrolled_to() {
    let log = |count: usize| Answer::LogTail {
        path: "/var/log/libvirt/qemu/web.log".to_owned(),
        lines: vec!["line".to_owned(); count],
    };
    let mut session = open(Tab::Log);
    let job = asked(&mut session).pop().unwrap().0;
    finish(&mut session, job, log(200));
    session.keys("k");
    let top = details(&session).top();
    assert!((150..200).contains(&top), "{top}");
    session.keys("<F5>");
    let (job, _) = one(&mut session);
    finish(&mut session, job, log(210));
    assert_eq!(details(&session).top(), top);
}

#[test]
fn the_guest_of_a_domain_that_is_off_is_not_asked() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("<Enter><Tab><Tab><Tab><Tab><Tab>");
    assert_eq!(details(&session).tab, Tab::Guest);
    assert_eq!(asked(&mut session), []);
    session.changed(running(1, "web"));
    let (_, verb) = one(&mut session);
    assert_eq!(verb, Verb::ReadGuest(id(1).uuid));
}

#[test]
fn frozen_graphs_stand_still_while_the_domain_goes_on() {
    let mut session = open(Tab::Performance);
    let sampled = |session: &mut Session, cpu| {
        let domains = vec![sample(1, session.now.instant, cpu)];
        session.news(
            0,
            1,
            News::Sampled {
                domains,
                node: None,
            },
        );
        session.wait(2.0);
    };
    sampled(&mut session, 0);
    sampled(&mut session, 1000);
    session.keys("<Space>");
    let before = details(&session).frozen.clone().unwrap();
    sampled(&mut session, 3000);
    let frozen = details(&session).frozen.as_ref().unwrap();
    assert_eq!(frozen.at, before.at);
    assert_eq!(frozen.figures, before.figures);
    let live = session.state.guest(id(1)).unwrap().tracked.figures();
    assert_ne!(live, &before.figures);
    session.keys("<Space>");
    assert!(details(&session).frozen.is_none());
}

#[test]
fn zooming_stops_at_both_ends() {
    let mut session = open(Tab::Performance);
    session.keys("-----------");
    let widest = details(&session).span;
    session.keys("-");
    assert_eq!(details(&session).span, widest);
    session.keys("++++++++++++");
    assert_eq!(details(&session).span, 0);
}

#[test]
fn the_page_of_a_domain_that_is_gone_closes() {
    let mut session = open(Tab::Overview);
    session.news(0, 1, News::Gone(id(1).uuid));
    assert!(
        matches!(session.state.page(), Page::Domains),
        "{:?}",
        session.state.page()
    );
}

#[test]
fn escape_leads_back_to_the_same_row() {
    let domains = vec![running(1, "a"), running(2, "b"), running(3, "c")];
    let mut session = Session::active(80, 24, domains);
    session.keys("j<Enter><Tab><Esc>");
    assert!(matches!(session.state.page(), Page::Domains));
    assert_eq!(session.selected_name(), Some("b"));
}

#[test]
fn wide_lines_scroll_sideways_in_each_section_by_itself() {
    let mut session = open(Tab::Log);
    session.keys(">>><<>");
    assert_eq!(details(&session).across(), 16);
    go(&mut session, Tab::Xml);
    assert_eq!(details(&session).across(), 0);
    session.keys("<<><<>");
    assert_eq!(details(&session).across(), 0);
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
