//! Daemons that ask who comes, and daemons that let nobody in.

use std::process::Command;
use std::time::Duration;

use virtty::model::ConnectionState;
use virtty::protocol::{DomainVerb, Failure, News, Prompt, Verb};

use crate::support::lab::Lab;
use crate::support::watched::Watched;

fn is_active(state: &ConnectionState) -> bool {
    *state == ConnectionState::Active
}

/// Answers each question as it comes until the connection is no longer being opened; the questions.
fn answering(watched: &mut Watched, answers: &[(&str, Option<&str>)]) -> Vec<Prompt> {
    let mut asked = Vec::new();
    for (part, answer) in answers {
        let known = asked.len();
        let prompt = watched.until("a question", |watched| {
            watched
                .history
                .iter()
                .filter_map(|news| match news {
                    News::Asked(prompt) => Some(prompt.clone()),
                    _ => None,
                })
                .nth(known)
        });
        assert!(prompt.text.contains(part), "{part}: {prompt:?}");
        watched
            .fleet
            .reply(watched.id, prompt.id, answer.map(str::to_owned));
        asked.push(prompt);
    }
    asked
}

fn failure(watched: &mut Watched) -> (Failure, Duration) {
    watched.until("a failure", |watched| {
        watched.history.iter().rev().find_map(|news| match news {
            News::State(ConnectionState::Lost { retry_in, .. }, Some(failure)) => {
                Some((failure.clone(), *retry_in))
            }
            _ => None,
        })
    })
}

fn questions(watched: &Watched) -> usize {
    let is_question = |news: &&News| matches!(news, News::Asked(_));
    watched.history.iter().filter(is_question).count()
}

#[test]
fn sasl_asks_once_for_user_and_password_and_comes_back_by_itself() {
    let host = Lab::get().own_host_of("sasl-right", "sasl");
    let mut watched = Watched::open(&host.uri);
    let asked = answering(
        &mut watched,
        &[("name", Some("lab")), ("password", Some("lab-pass"))],
    );
    assert_eq!(
        asked.iter().map(|prompt| prompt.masked).collect::<Vec<_>>(),
        [false, true]
    );
    watched.until_state("the opening", is_active);
    // The connection for actions logs in by what was typed.
    let refused = watched
        .ask(Verb::Domain(
            virtty::model::Uuid([7; 16]),
            DomainVerb::START,
        ))
        .unwrap_err();
    assert!(!refused.reason.contains("auth"), "{refused}");
    host.end_daemon();
    watched.until_state("the loss", |state| !is_active(state));
    host.start_daemon();
    watched.until_state("the return", is_active);
    assert_eq!(questions(&watched), 2);
    assert!(!format!("{:?}", watched.history).contains("lab-pass"));
}

#[test]
fn a_wrong_sasl_password_is_said_and_not_asked_for_again_until_a_person_wants_it() {
    let host = Lab::get().own_host_of("sasl-wrong", "sasl");
    let mut watched = Watched::open(&host.uri);
    answering(
        &mut watched,
        &[("name", Some("lab")), ("password", Some("wrong"))],
    );
    let (refused, retry_in) = failure(&mut watched);
    assert_eq!(refused.code, Some(45));
    assert!(refused.remedy.unwrap().advice.contains("saslpasswd2"));
    assert!(retry_in > Duration::from_secs(10), "{retry_in:?}");
    assert_eq!(questions(&watched), 2);
    watched.history.clear();
    watched.fleet.retry(watched.id);
    answering(
        &mut watched,
        &[("name", Some("lab")), ("password", Some("lab-pass"))],
    );
    watched.until_state("the opening", is_active);
}

#[test]
fn a_sasl_login_can_be_given_up() {
    let host = Lab::get().own_host_of("sasl-declined", "sasl");
    let mut watched = Watched::open(&host.uri);
    answering(&mut watched, &[("name", None)]);
    let (given_up, _) = failure(&mut watched);
    let remedy = given_up.remedy.unwrap();
    assert!(remedy.advice.contains("given up"), "{remedy:?}");
    assert_eq!(questions(&watched), 1);
}

#[test]
fn polkit_without_anybody_to_ask_is_told_of_the_group() {
    let host = Lab::get().own_host_of("polkit", "polkit");
    // Root needs no polkit; inside the host the socket is where everybody reaches it.
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab"))
        .args(["inside", &host.name, "setpriv", "--reuid=65534"])
        .args(["--regid=65534", "--clear-groups", "env", "-i", "HOME=/proc"])
        .args(["USER=nobody", env!("CARGO_BIN_EXE_virtty")])
        .args(["-c", "qemu:///system", "list"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("usermod -aG libvirt nobody"), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}

#[test]
fn tls_names_the_file_that_is_missing_and_a_stranger_for_what_it_is() {
    let host = Lab::get().own_host_of("tls", "tls");
    let mut watched = Watched::open(&host.uri);
    watched.until_state("the opening", is_active);
    let (place, _) = host.uri.split_once("?pkipath=").unwrap();
    let empty = tempfile::tempdir().unwrap();
    let mut watched = Watched::open(&format!("{place}?pkipath={}", empty.path().display()));
    let (missing, _) = failure(&mut watched);
    let advice = missing.remedy.unwrap().advice;
    assert!(advice.contains("cacert.pem"), "{advice}");
    let strange = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=another authority",
            "-keyout",
            "cakey.pem",
            "-out",
            "cacert.pem",
        ])
        .current_dir(strange.path())
        .output()
        .unwrap();
    assert!(made.status.success());
    let uri = format!("{place}?pkipath={}", strange.path().display());
    let mut watched = Watched::open(&uri);
    let (stranger, _) = failure(&mut watched);
    let advice = stranger.remedy.unwrap().advice;
    assert!(advice.contains("certificates"), "{advice}");
    // libvirt's own warnings stay off the terminal.
    let output = Command::new(env!("CARGO_BIN_EXE_virtty"))
        .args(["-c", &uri, "list"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}
