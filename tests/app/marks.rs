//! Marks, and acting on all that is marked.

use virtty::app::{Effect, Layer};
use virtty::model::{Domain, DomainId};
use virtty::protocol::{Affect, Answer, DomainVerb, Failure, News, Request, Verb};

use crate::session::{Session, id, off, running, uuid};

fn sent(session: &mut Session) -> Vec<(DomainVerb, DomainId)> {
    session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(
                connection,
                Request {
                    verb: Verb::Domain(uuid, verb),
                    ..
                },
            ) => Some((verb, DomainId { connection, uuid })),
            _ => None,
        })
        .collect()
}

fn session(domains: Vec<Domain>) -> Session {
    let mut session = Session::active(100, 30, domains);
    session.done();
    session
}

fn three() -> Session {
    session(vec![running(1, "a"), off(2, "b"), running(3, "c")])
}

#[test]
fn space_marks_and_goes_on_and_the_marks_outlive_a_filter() {
    let mut session = three();
    session.keys("<Space>");
    assert_eq!(session.selected_name(), Some("b"));
    session.keys("/c<Enter><Space><Esc>");
    assert_eq!(session.state.marked_targets(), [id(1), id(3)]);
    session.keys("<Esc>");
    assert!(session.state.marked.is_empty());
    session.keys("*");
    assert_eq!(session.state.marked.len(), 3);
    session.keys("*");
    assert!(session.state.marked.is_empty());
}

#[test]
fn what_is_not_possible_is_left_out_and_told() {
    let mut session = three();
    session.keys("*d");
    assert_eq!(
        sent(&mut session),
        [(DomainVerb::SHUTDOWN, id(1)), (DomainVerb::SHUTDOWN, id(3))]
    );
    let said = &session.state.messages.current().unwrap().text;
    assert!(
        said.contains("One is left out") && said.contains("not running"),
        "{said}"
    );
}

#[test]
fn a_dangerous_action_asks_once_and_names_the_targets() {
    let mut session = three();
    session.keys("*D");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it was not asked");
    };
    assert_eq!(confirm.title, "Force Off 2 domains?");
    assert_eq!(confirm.body[0], "a, c");
    assert_eq!(confirm.count, None);
    assert!(sent(&mut session).is_empty());
    session.keys("y");
    assert_eq!(
        sent(&mut session),
        [(DomainVerb::DESTROY, id(1)), (DomainVerb::DESTROY, id(3))]
    );
}

#[test]
fn more_than_ten_want_their_number_typed() {
    let domains = (1..=12).map(|n| running(n, &format!("d{n:02}"))).collect();
    let mut session = session(domains);
    session.keys("*Dy");
    assert!(sent(&mut session).is_empty(), "without the number");
    session.keys("13y");
    assert!(sent(&mut session).is_empty(), "with another number");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("the question is gone");
    };
    assert!(
        confirm.body[0].ends_with("d10, and 2 more"),
        "{:?}",
        confirm.body
    );
    session.keys("<Backspace>2y");
    assert_eq!(sent(&mut session).len(), 12);
    assert!(session.state.layers.is_empty());
}

#[test]
fn a_command_without_a_name_is_for_all_marked() {
    let mut session = three();
    session.keys("*:setmem 2G --config<Enter>");
    let verb = DomainVerb::SetMemory {
        kib: 2 << 20,
        affect: Affect::Config,
    };
    assert_eq!(
        sent(&mut session),
        [(verb.clone(), id(1)), (verb.clone(), id(2)), (verb, id(3))]
    );
    session.keys(":domrename x<Enter>");
    assert!(sent(&mut session).is_empty());
    let Some(Layer::Command(line)) = session.state.layers.last() else {
        panic!("the line is gone");
    };
    assert!(
        line.error
            .as_deref()
            .unwrap()
            .contains("3 domains are marked")
    );
}

#[test]
fn what_is_marked_is_sampled_and_what_is_gone_is_marked_no_more() {
    let mut session = three();
    session.keys("<Space>");
    session.news(0, 1, News::Gone(uuid(1)));
    assert!(session.state.marked.is_empty());
}

#[test]
fn what_was_done_is_on_record_as_the_command_that_does_the_same() {
    let mut session = three();
    session.keys("d");
    let effects = session.done();
    let job = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, Request { job, .. }) => Some(*job),
        _ => None,
    });
    session.news(0, 1, News::JobFinished(job.unwrap(), Ok(Answer::Done)));
    let entry = session.done().into_iter().find_map(|effect| match effect {
        Effect::Record(entry) => Some(entry),
        _ => None,
    });
    let entry = entry.unwrap();
    assert_eq!(entry.line, "virsh -c qemu:///system shutdown -- a");
    assert_eq!((entry.domain.as_str(), entry.failure), ("a", None));
    session.keys("L");
    let Some(Layer::Reader(reader)) = session.state.layers.last() else {
        panic!("no log");
    };
    assert_eq!(reader.lines[0].text, entry.line);
}

#[test]
fn the_log_is_copied_as_a_script_in_which_failures_are_comments() {
    let mut session = three();
    for (keys, result) in [("d", Ok(Answer::Done)), ("jjp", Err(failure("it is busy")))] {
        session.keys(keys);
        let effects = session.done();
        let job = effects.iter().find_map(|effect| match effect {
            Effect::Send(_, Request { job, .. }) => Some(*job),
            _ => None,
        });
        session.news(0, 1, News::JobFinished(job.unwrap(), result));
    }
    session.done();
    session.keys("Ly");
    let copied = session.done().into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    assert_eq!(
        copied.unwrap(),
        "#!/bin/sh\nset -e\nvirsh -c qemu:///system shutdown -- a\n# failed: it is busy\n\
         # virsh -c qemu:///system suspend -- c\n"
    );
}

fn failure(reason: &str) -> Failure {
    Failure {
        what: "Pause 'c'".to_owned(),
        reason: reason.to_owned(),
        code: None,
        remedy: None,
    }
}

#[test]
fn a_pattern_marks_beside_what_is_marked_and_takes_marks_off() {
    let mut session = session(vec![
        running(1, "web-1"),
        off(2, "Web-20"),
        running(3, "db-1"),
        running(4, "old-web-1"),
    ]);
    session.keys("%web-?<Enter>");
    assert_eq!(session.state.marked_targets(), [id(1)]);
    session.keys("%WEB-*<Enter>");
    assert_eq!(session.state.marked_targets(), [id(2), id(1)]);
    session.keys("%state:running<Enter>");
    assert_eq!(session.state.marked.len(), 4);
    let said = &session.state.messages.current().unwrap().text;
    assert_eq!(said, "2 marked, 4 marked in all.");
    session.keys("%- *-1<Enter>");
    assert_eq!(session.state.marked_targets(), [id(2)]);
    // What is wrong is told where it was typed, and the text stays.
    session.keys("%stat:running<Enter>");
    let Some(Layer::Text(field)) = session.state.layers.last() else {
        panic!("the line is gone");
    };
    assert!(field.error.is_some());
    assert_eq!(field.line.text(), "stat:running");
    session.keys("<Esc>%nothing*here<Enter>");
    let Some(Layer::Text(field)) = session.state.layers.last() else {
        panic!("the line is gone");
    };
    assert_eq!(field.error.as_deref(), Some("No domain fits nothing*here."));
    assert_eq!(session.state.marked_targets(), [id(2)]);
}

#[test]
fn a_menu_has_all_that_can_be_done_with_its_command_and_the_rest_with_its_reason() {
    let mut session = three();
    session.keys("x");
    let Some(Layer::Finder(menu)) = session.state.layers.last() else {
        panic!("no menu");
    };
    assert_eq!(menu.title, "Act on a");
    let lines: Vec<_> = menu
        .found()
        .map(|place| format!("{} {}", place.name, place.about))
        .collect();
    let at = |text: &str| {
        lines
            .iter()
            .position(|line| line.starts_with(text))
            .unwrap()
    };
    assert!(
        lines[at("Shut Down")].contains("virsh shutdown -- a"),
        "{lines:#?}"
    );
    assert!(lines[at("Start ")].contains("not now: "), "{lines:#?}");
    assert!(
        at("Force Off") < at("Start "),
        "what is possible comes first"
    );
    session.keys("pau<Enter>");
    assert_eq!(sent(&mut session), [(DomainVerb::Suspend, id(1))]);
    assert!(session.state.layers.is_empty());
    // For all that is marked.
    let mut session = three();
    session.keys("<Space>j<Space>x");
    let Some(Layer::Finder(menu)) = session.state.layers.last() else {
        panic!("no menu");
    };
    assert_eq!(menu.title, "Act on 2 marked domains");
    session.keys("shut<Enter>");
    assert_eq!(sent(&mut session).len(), 2);
}
