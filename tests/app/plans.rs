//! Power plans, and what becomes of what was asked.

use virtty::app::{Effect, JobRow, Layer, Page, Phase};
use virtty::config::Config;
use virtty::model::{DomainState, Uuid};
use virtty::protocol::{Answer, DomainVerb, Failure, JobId, News, Verb};

use crate::session::{Session, in_state, off, running, uuid};

fn sent(effects: &[Effect]) -> Vec<(JobId, Uuid, DomainVerb)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => match &request.verb {
                Verb::Domain(uuid, verb) => Some((request.job, *uuid, verb.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn failure(reason: &str) -> Failure {
    Failure {
        what: "Start".to_owned(),
        reason: reason.to_owned(),
        code: None,
        remedy: None,
    }
}

fn done(session: &mut Session, job: JobId) {
    session.news(0, 1, News::JobFinished(job, Ok(Answer::Done)));
}

fn planned(text: &str) -> Session {
    let domains = vec![
        off(1, "db"),
        off(2, "web-1"),
        off(3, "web-2"),
        running(4, "mail"),
    ];
    let mut session = Session::active(80, 24, domains);
    session.state.configure(&Config::parse(text).unwrap());
    session.keys("O");
    session
}

fn phase(session: &Session) -> &Phase {
    &session.state.plans.run().unwrap().phase
}

const UP: &str = "[[plan]]\nname = \"up\"\n[[plan.step]]\naction = \"start\"\ndomains = \"name:db\"\ndelay = 5\n\
    [[plan.step]]\naction = \"start\"\ndomains = \"name:web\"\n";

#[test]
fn steps_wait_for_each_other() {
    let mut session = planned(UP);
    session.keys("<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("not asked");
    };
    assert!(
        confirm.body[1].contains("web-1, web-2"),
        "{:?}",
        confirm.body
    );
    session.keys("y");
    let first = sent(&session.done());
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].1, &first[0].2), (uuid(1), &DomainVerb::START));
    done(&mut session, first[0].0);
    assert!(sent(&session.done()).is_empty(), "it does not run yet");
    session.changed(running(1, "db"));
    assert!(sent(&session.done()).is_empty(), "it rests");
    session.wait(5.5);
    let second = sent(&session.done());
    assert_eq!(second.len(), 2);
    for (job, ..) in &second {
        done(&mut session, *job);
    }
    session.changed(running(2, "web-1"));
    session.changed(running(3, "web-2"));
    session.wait(1.0);
    assert_eq!(*phase(&session), Phase::Done);
}

#[test]
fn a_failure_stops_the_plan_and_it_is_resumed_there() {
    let mut session = planned(UP);
    session.keys("<Enter>y");
    let first = sent(&session.done());
    session.news(
        0,
        1,
        News::JobFinished(first[0].0, Err(failure("no memory"))),
    );
    session.wait(6.0);
    assert!(matches!(phase(&session), Phase::Stopped(why) if why.contains("db: no memory")));
    assert!(sent(&session.done()).is_empty());
    session.keys("r");
    let again = sent(&session.done());
    assert_eq!(again[0].1, uuid(1));
    done(&mut session, again[0].0);
    session.changed(running(1, "db"));
    session.wait(6.0);
    assert_eq!(sent(&session.done()).len(), 2);
    // Given up: nothing more is asked, and what was asked goes on.
    session.keys("K");
    assert_eq!(*phase(&session), Phase::Aborted);
}

#[test]
fn what_does_not_come_in_time_has_failed() {
    let plan = "[[plan]]\nname = \"up\"\n[[plan.step]]\naction = \"start\"\ndomains = \"name:mail\"\nwait = \"agent\"\n\
        timeout = 30\n";
    let mut session = planned(plan);
    session.keys("<Enter>y");
    assert!(sent(&session.done()).is_empty(), "it runs already");
    session.wait(31.0);
    let Phase::Stopped(why) = phase(&session) else {
        panic!("{:?}", phase(&session));
    };
    assert!(
        why.contains("mail: its guest agent does not answer after 30 s"),
        "{why}"
    );
}

#[test]
fn everything_on_a_host_is_shut_down_and_started_again() {
    let mut session = planned("");
    assert!(matches!(session.state.page(), Page::Plans(_)));
    session.keys("<Enter>y");
    let all = sent(&session.done());
    assert_eq!(all.len(), 1);
    assert!(
        matches!(all[0].2, DomainVerb::Shutdown { force_after: Some(after), .. } if after.as_secs() == 120)
    );
    done(&mut session, all[0].0);
    session.changed(in_state(4, "mail", DomainState::ShutOff, 0));
    session.wait(1.0);
    assert_eq!(*phase(&session), Phase::Done);
    let names: Vec<_> = session
        .state
        .plans()
        .into_iter()
        .map(|plan| plan.name)
        .collect();
    assert!(names[1].starts_with("Start again what ran on"), "{names:?}");
    session.keys("<Down><Enter>y");
    let again = sent(&session.done());
    assert_eq!((again.len(), again[0].1), (1, uuid(4)));
}

#[test]
fn many_requests_are_told_of_once_and_failures_are_tried_again() {
    let domains = (1..=5).map(|n| off(n, &format!("vm-{n}"))).collect();
    let mut session = Session::active(80, 24, domains);
    session.keys("*s");
    let all = sent(&session.done());
    assert_eq!(all.len(), 5);
    for (job, ..) in &all[..3] {
        done(&mut session, *job);
    }
    for (job, ..) in &all[3..] {
        session.news(0, 1, News::JobFinished(*job, Err(failure("no memory"))));
    }
    let said = &session.state.messages.current().unwrap().text;
    assert!(said.contains("done for 3 of 5, 2 failed"), "{said}");
    session.keys("J");
    let rows = session.state.long_jobs();
    assert_eq!(rows.len(), 2);
    assert!(matches!(rows[0], JobRow::Failed(_)));
    // One alone, then all that is left.
    session.keys("<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Reader(_))
    ));
    session.keys("<Esc>r");
    assert_eq!(sent(&session.done()).len(), 1);
    assert_eq!(session.state.outcomes.failed().len(), 1);
    session.keys("R");
    assert_eq!(sent(&session.done()).len(), 1);
    assert!(session.state.outcomes.failed().is_empty());
}

#[test]
fn a_failure_stays_until_it_is_dismissed() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("s");
    let (job, ..) = sent(&session.done()).pop().unwrap();
    session.news(
        0,
        1,
        News::JobFinished(job, Err(failure("no\u{1b}[2J memory"))),
    );
    session.wait(600.0);
    assert_eq!(session.state.outcomes.failed().len(), 1);
    session.keys("Jx");
    assert!(session.state.outcomes.failed().is_empty());
}
