//! Questions of a host: a dialog for each, and nothing typed into one is ever taken for a command.

use virtty::app::{Effect, Layer};
use virtty::model::ConnectionState;
use virtty::protocol::{News, Prompt};

use crate::session::Session;

fn asked() -> Session {
    let mut session = Session::new(80, 24, &["qemu+ssh://root@kvm1/system"]);
    session.news(0, 0, News::State(ConnectionState::Connecting, None));
    session.done();
    ask(&mut session, 1);
    session
}

fn ask(session: &mut Session, id: u64) {
    session.news(
        0,
        0,
        News::Asked(Prompt {
            id,
            text: "root@kvm1's password:".to_owned(),
            masked: true,
        }),
    );
}

fn lost() -> News {
    News::State(
        ConnectionState::Lost {
            retry_in: std::time::Duration::from_secs(30),
            tries: 1,
        },
        None,
    )
}

fn answers(session: &mut Session) -> Vec<(u64, Option<String>)> {
    session
        .done()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Reply { prompt, text, .. } => Some((prompt, text)),
            _ => None,
        })
        .collect()
}

#[test]
fn what_is_typed_is_the_answer_and_escape_gives_up() {
    let mut session = asked();
    session.keys("jjk:q<Enter>");
    assert_eq!(answers(&mut session), [(1, Some("jjk:q".to_owned()))]);
    ask(&mut session, 2);
    session.keys("<Esc>");
    assert_eq!(answers(&mut session), [(2, None)]);
    assert!(session.state.layers.is_empty());
}

#[test]
fn a_question_that_nobody_waits_for_any_more_goes_away() {
    let mut session = asked();
    session.news(0, 0, lost());
    assert!(session.state.layers.is_empty());
    assert!(session.state.connections[0].prompts.is_empty());
}

#[test]
fn a_question_that_is_being_answered_stays_so_that_no_key_becomes_a_command() {
    let mut session = asked();
    session.keys("pass");
    session.news(0, 0, lost());
    let Some(Layer::Text(field)) = session.state.layers.last() else {
        panic!("the dialog is gone");
    };
    assert_eq!(field.error.as_deref(), Some("This is no longer asked."));
    session.keys("q<Esc>");
    assert!(session.state.layers.is_empty());
    assert!(!session.done().contains(&Effect::Quit));
}
