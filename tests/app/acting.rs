//! Acting on domains.

use virtty::app::{Effect, Layer};
use virtty::model::{ConnectionId, DomainState};
use virtty::protocol::{Answer, DomainVerb, News, Request, Verb};

use crate::session::{Session, id, in_state, off, running, uuid};

fn sent(effects: &[Effect]) -> Vec<(DomainVerb, u8)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(
                _,
                Request {
                    verb: Verb::Domain(uuid, verb),
                    ..
                },
            ) => Some((verb.clone(), uuid.0[3])),
            _ => None,
        })
        .collect()
}

fn job(effects: &[Effect]) -> virtty::protocol::JobId {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Send(_, request) => Some(request.job),
            _ => None,
        })
        .unwrap()
}

fn said(session: &Session) -> &str {
    &session.state.messages.current().unwrap().text
}

#[test]
fn start_goes_out_at_once_and_the_row_waits_for_libvirt() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("s");
    let effects = session.done();
    assert_eq!(sent(&effects), [(DomainVerb::START, 1)]);
    session.news(0, 1, News::JobFinished(job(&effects), Ok(Answer::Done)));
    let state = session.state.guest(id(1)).unwrap().domain.state;
    assert_eq!(state, DomainState::ShutOff, "only an event changes the row");
    session.changed(running(1, "web"));
    let state = session.state.guest(id(1)).unwrap().domain.state;
    assert_eq!(state, DomainState::Running);
}

#[test]
fn force_off_asks_with_name_and_virsh_line_and_enter_alone_does_nothing() {
    let mut session = Session::active(80, 24, vec![running(1, "my web")]);
    session.keys("D");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("no question");
    };
    assert!(confirm.title.contains("my web"));
    assert_eq!(
        confirm.command.as_deref(),
        Some("virsh -c qemu:///system destroy -- 'my web'")
    );
    session.keys("<Enter>");
    assert!(sent(&session.done()).is_empty());
    session.keys("Dy");
    assert_eq!(sent(&session.done()), [(DomainVerb::DESTROY, 1)]);
}

#[test]
fn a_second_action_on_the_same_domain_is_refused_with_the_age_of_the_first() {
    let mut session = Session::active(80, 24, vec![running(1, "web"), running(2, "zdb")]);
    session.keys("d").wait(3.0).keys("d");
    assert_eq!(sent(&session.done()).len(), 1);
    assert!(said(&session).contains("3 s"), "{}", said(&session));
    session.keys("jd");
    assert_eq!(sent(&session.done()), [(DomainVerb::SHUTDOWN, 2)]);
}

#[test]
fn illegal_actions_say_why() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("p");
    assert!(sent(&session.done()).is_empty());
    assert!(said(&session).contains("not running"));
}

#[test]
fn read_only_connections_hint_nothing_that_mutates_and_say_why() {
    let mut session = Session::new(80, 24, &["qemu:///system"]);
    session.open(0, true).list(0, vec![running(1, "web")]);
    assert!(!session.state.offers(virtty::action::Action::ShutDown));
    session.keys("dDy");
    assert!(sent(&session.done()).is_empty());
    assert!(said(&session).contains("read-only"));
}

#[test]
fn a_silent_guest_is_asked_about_first() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.silent(&[(uuid(1), 12)]).keys("d");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("no question");
    };
    assert!(confirm.warning.as_deref().unwrap().contains("12 s"));
    session.keys("y");
    assert_eq!(sent(&session.done()), [(DomainVerb::SHUTDOWN, 1)]);
}

#[test]
fn a_confirmed_action_is_checked_again() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("D").changed(off(1, "web")).keys("y");
    assert!(sent(&session.done()).is_empty());
    assert!(said(&session).contains("off already"));
}

#[test]
fn the_question_keeps_its_domain_when_the_selection_moves() {
    let mut session = Session::active(80, 24, vec![running(1, "a"), running(2, "b")]);
    session.keys("D").news(0, 1, News::Gone(uuid(1))).keys("y");
    assert!(sent(&session.done()).is_empty(), "b was not meant");
}

#[test]
fn what_became_of_actions_on_a_lost_connection_is_said() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("d");
    session.open_again();
    assert!(said(&session).contains("web"), "{}", said(&session));
    assert!(session.state.jobs.action_on(id(1)).is_none());
}

#[test]
fn pausing_and_resuming_follow_the_state() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("p");
    let effects = session.done();
    assert_eq!(sent(&effects), [(DomainVerb::Suspend, 1)]);
    session.news(0, 1, News::JobFinished(job(&effects), Ok(Answer::Done)));
    session
        .changed(in_state(1, "web", DomainState::Paused, 1))
        .keys("u");
    assert_eq!(sent(&session.done()), [(DomainVerb::Resume, 1)]);
}

#[test]
fn waiting_for_a_host_ends_with_esc_and_begins_again_with_r() {
    let mut session = Session::new(80, 24, &["qemu+tcp://192.0.2.1/system"]);
    session.done();
    session.keys("<Esc>");
    assert_eq!(session.done(), [Effect::Cancel(ConnectionId(0))]);
    let failure = Some(crate::session::refused());
    let news = News::State(virtty::model::ConnectionState::Disconnected, failure);
    session.news(0, 1, news);
    assert!(session.state.is_welcome());
    session.keys("r");
    assert_eq!(session.done(), [Effect::Retry(ConnectionId(0))]);
}

#[test]
fn r_reads_an_open_host_anew() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.done();
    session.keys("r");
    let anew = [Effect::Retry(ConnectionId(0)), Effect::Redraw];
    assert_eq!(session.done(), anew);
}

impl Session {
    fn open_again(&mut self) {
        let uri = "qemu:///system";
        let opened = crate::session::opened(uri, false);
        self.news(0, 2, News::Opened(Box::new(opened)));
        assert_eq!(self.state.connections[0].id, ConnectionId(0));
    }
}
