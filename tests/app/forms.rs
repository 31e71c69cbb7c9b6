//! Forms: filling in, errors at the field, and that nothing typed is lost.

use std::time::Duration;

use virtty::app::{Effect, Form, Layer};
use virtty::protocol::{
    Answer, AskMode, DomainVerb, DomainWords, DoomedVolume, Failure, JobId, News, NvramChoice,
    UndefinePlan, Verb,
};

use crate::material::define;
use crate::session::{Session, off, running};

fn form(session: &Session) -> &Form {
    match session.state.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

fn verbs(effects: &[Effect]) -> Vec<&Verb> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, request) => Some(&request.verb),
            _ => None,
        })
        .collect()
}

fn asked(effects: &[Effect]) -> JobId {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Send(_, request) if matches!(request.verb, Verb::ReadUndefine(_)) => {
                Some(request.job)
            }
            _ => None,
        })
        .unwrap()
}

#[test]
fn a_shut_down_is_chosen_with_the_keyboard_alone() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("<alt-f>");
    assert_eq!(form(&session).title, "Shut down web");
    session.keys("<Right><Right><Tab>9z<Enter>");
    let wrong = form(&session).field("force-after").unwrap().error.clone();
    assert_eq!(wrong.unwrap(), "'9z' is no whole number.");
    session.keys("<Backspace>0<Enter>");
    assert!(session.state.layers.is_empty());
    let effects = session.done();
    let sent: Vec<_> = verbs(&effects);
    let wanted = DomainVerb::Shutdown {
        mode: Some(AskMode::Agent),
        force_after: Some(Duration::from_secs(90)),
    };
    assert!(
        sent.iter()
            .any(|verb| matches!(verb, Verb::Domain(_, verb) if *verb == wanted)),
        "{sent:?}"
    );
}

#[test]
fn a_form_that_was_closed_comes_back_as_it_was_left() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("<alt-f><Tab>75<Esc>");
    assert!(session.state.layers.is_empty());
    session.keys("<alt-f>");
    assert_eq!(form(&session).text("force-after"), "75");
    session.keys("<ctrl-r>");
    assert_eq!(form(&session).text("force-after"), "");
    session.keys("<Esc><alt-f>");
    assert_eq!(form(&session).text("force-after"), "", "begun anew");
}

#[test]
fn the_marked_domains_are_shut_down_by_one_form() {
    let mut session = Session::active(80, 24, vec![running(1, "a"), running(2, "b"), off(3, "c")]);
    session.keys("*<alt-f>");
    assert_eq!(form(&session).title, "Shut down 3 domains");
    session.keys("<Enter>");
    let effects = session.done();
    let sent = verbs(&effects)
        .into_iter()
        .filter(|verb| matches!(verb, Verb::Domain(_, DomainVerb::Shutdown { .. })));
    assert_eq!(sent.count(), 2, "c is off");
}

/// The plan of a domain with all there can be.
pub fn plan() -> UndefinePlan {
    let volume = |target: &str, path: &str, refusal: Option<&str>| DoomedVolume {
        target: target.to_owned(),
        path: path.to_owned(),
        capacity_bytes: Some(20 << 30),
        readonly: target == "sda",
        refusal: refusal.map(str::to_owned),
    };
    UndefinePlan {
        active: false,
        persistent: true,
        managed_save: true,
        snapshots: 3,
        checkpoints: 1,
        nvram: Some("/var/lib/libvirt/qemu/nvram/web_VARS.fd".to_owned()),
        volumes: vec![
            volume("vda", "/srv/images/web.qcow2", None),
            volume(
                "vdb",
                "/srv/images/shared.raw",
                Some("used by the domain 'db' too"),
            ),
            volume("sda", "/srv/iso/debian.iso", None),
        ],
    }
}

#[test]
fn a_deletion_ticks_nothing_and_asks_again() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("<Delete>");
    let job = asked(&session.done());
    let answer = Answer::Undefine(Box::new(plan()));
    session.news(0, 1, News::JobFinished(job, Ok(answer)));
    assert_eq!(
        form(&session).command.as_deref(),
        Some("virsh -c qemu:///system undefine -- web")
    );
    // Each obstacle is named at its field.
    session.keys("<Enter>");
    for key in ["managed-save", "snapshots", "checkpoints", "nvram"] {
        assert!(form(&session).field(key).unwrap().error.is_some(), "{key}");
    }
    // What somebody else needs cannot be reached; the volume behind it can.
    session.keys("<Space><Tab><Space><Tab><Space><Tab><Right><Tab><Space><Tab>");
    assert!(
        form(&session).fields[form(&session).at]
            .label
            .contains("debian.iso")
    );
    session.keys("<Enter>");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("no question");
    };
    let doomed: Vec<_> = confirm
        .body
        .iter()
        .filter(|line| line.starts_with("DELETED"))
        .collect();
    assert_eq!(doomed, ["DELETED: /srv/images/web.qcow2 (vda)"]);
    session.keys("y");
    let effects = session.done();
    let Some(Verb::Domain(_, DomainVerb::Undefine(choice))) = verbs(&effects).pop() else {
        panic!("nothing sent");
    };
    assert!(choice.managed_save && choice.snapshots_metadata && choice.checkpoints_metadata);
    assert_eq!(choice.nvram, NvramChoice::Keep);
    assert_eq!(choice.volumes.len(), 1);
}

#[test]
fn what_stops_the_look_is_said_in_the_form() {
    let mut session = Session::active(80, 24, vec![off(1, "web")]);
    session.keys("<Delete>");
    let job = asked(&session.done());
    let failure = Failure {
        what: "look at what is in the way".to_owned(),
        reason: "Cannot recv data".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    let error = form(&session).error.clone().unwrap();
    assert!(error.contains("Cannot recv data"), "{error}");
    // Nothing can be deleted blindly.
    session.keys("<Enter>");
    assert!(matches!(session.state.layers.last(), Some(Layer::Form(_))));
}

fn described(session: &mut Session) -> Vec<DomainWords> {
    let effects = session.done();
    let words = verbs(&effects).into_iter().filter_map(|verb| match verb {
        Verb::Domain(_, DomainVerb::Describe(words)) => Some((**words).clone()),
        _ => None,
    });
    words.collect()
}

#[test]
fn what_is_said_of_a_domain_is_changed_in_one_form() {
    let web = define(running(1, "web"), |definition| {
        definition.title = Some("Web".to_owned());
        definition.description = Some("one\ntwo \\ three".to_owned());
        definition.tags = vec!["prod".to_owned(), "old".to_owned()];
        definition.notes = Some("call Ann".to_owned());
    });
    let mut session = Session::active(80, 24, vec![web]);
    session.keys("<alt-d>");
    assert_eq!(form(&session).title, "Describe web");
    assert_eq!(form(&session).text("description"), "one\\ntwo \\\\ three");
    assert_eq!(form(&session).text("tags"), "prod, old");
    // As it is there is nothing to do.
    assert!(form(&session).hold.is_some() && form(&session).command.is_none());
    session.keys("<ctrl-u>A \"b\"<Tab><Tab><ctrl-u>prod, web ,web<Tab><End>\\nthen Bob");
    let line = form(&session).command.clone().unwrap();
    for part in [
        "desc --live --config --title -- web 'A \"b\"' && ",
        "metadata --live --config --key virtty --set",
        "<tag>prod</tag><tag>web</tag><notes>call Ann\\012then Bob</notes>",
        "https://virtty.dev/xmlns/domain/1",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("two"), "the description stays: {line}");
    session.keys("<Enter>");
    let words = described(&mut session).remove(0);
    assert_eq!(words.title.as_deref(), Some("A \"b\""));
    assert_eq!(words.description, None);
    assert_eq!(words.notes.as_deref(), Some("call Ann\nthen Bob"));
    assert_eq!(words.add_tags, ["web"]);
    assert_eq!(words.drop_tags, ["old"]);
}

#[test]
fn a_description_that_libvirt_refuses_stays_in_the_form() {
    let mut session = Session::active(80, 24, vec![running(1, "web")]);
    session.keys("<alt-d>two\\nlines<Enter>");
    let wrong = form(&session).field("title").unwrap().error.clone();
    assert_eq!(wrong.as_deref(), Some("A title has one line."));
    session.keys("<ctrl-u>T<Enter>");
    let effects = session.done();
    let job = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Send(_, request) if matches!(request.verb, Verb::Domain(..)) => {
                Some(request.job)
            }
            _ => None,
        })
        .unwrap();
    let failure = Failure {
        what: "Describe 'web'".to_owned(),
        reason: "no room left".to_owned(),
        code: None,
        remedy: None,
    };
    session.news(0, 1, News::JobFinished(job, Err(failure)));
    assert!(
        form(&session)
            .error
            .as_ref()
            .unwrap()
            .contains("no room left")
    );
    assert_eq!(form(&session).text("title"), "T");
}

#[test]
fn marked_domains_get_tags_and_lose_them() {
    let mut session = Session::active(80, 24, vec![running(1, "a"), off(2, "b")]);
    session.keys("*<alt-d>");
    assert_eq!(form(&session).title, "Tags of 2 domains");
    session.keys("prod<Tab>prod<Enter>");
    assert!(form(&session).field("drop").unwrap().error.is_some());
    session.keys("<ctrl-u>old<Enter>");
    let words = described(&mut session);
    assert_eq!(words.len(), 2);
    assert!(
        words
            .iter()
            .all(|one| one.add_tags == ["prod"] && one.drop_tags == ["old"])
    );
}
