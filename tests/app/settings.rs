//! Settings: taken over at the start, and again while the program runs.

use virtty::action::Action;
use virtty::app::{Column, Effect, Event, Layer, Level, Reread};
use virtty::config::Config;
use virtty::protocol::{DomainVerb, Verb};

use crate::session::{Session, off, running};

fn session(settings: &str) -> Session {
    let mut session = Session::active(100, 24, vec![running(1, "web"), off(2, "db")]);
    session.state.configure(&Config::parse(settings).unwrap());
    session.done();
    session
}

fn reread(session: &mut Session, settings: &str, by_itself: bool) {
    let result = match Config::parse(settings) {
        Ok(config) => {
            let views = config.views.clone();
            Ok(Box::new(Reread {
                config,
                views,
                by_itself,
            }))
        }
        Err(error) => Err(error.to_string()),
    };
    session.event(Event::Reread(result));
}

fn said(session: &Session) -> Option<&str> {
    session
        .state
        .messages
        .current()
        .map(|message| message.text.as_str())
}

fn verbs(session: &mut Session) -> Vec<DomainVerb> {
    let verb = |effect| match effect {
        Effect::Send(_, request) => match request.verb {
            Verb::Domain(_, verb) => Some(verb),
            _ => None,
        },
        _ => None,
    };
    session.done().into_iter().filter_map(verb).collect()
}

#[test]
fn keys_of_ones_own_act_and_the_loser_is_told() {
    let mut session = session("[keys.domain]\npause = \"s\"");
    assert_eq!(
        said(&session),
        Some("By the settings s in [domain] is pause; start has no key there now.")
    );
    session.keys("/web<Enter>s");
    assert_eq!(verbs(&mut session), [DomainVerb::Suspend]);
    session.keys("p");
    assert!(verbs(&mut session).is_empty());
}

#[test]
fn who_asks_is_as_set() {
    let mut session = session("[confirm]\nshut-down = true\nforce-off = false");
    session.keys("/web<Enter>d");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    session.keys("y");
    assert_eq!(verbs(&mut session).len(), 1);
}

#[test]
fn what_is_dangerous_may_be_done_unasked_but_not_to_many() {
    let domains: Vec<_> = (1..=12).map(|n| running(n, &format!("vm-{n}"))).collect();
    let mut session = Session::active(100, 24, domains);
    session
        .state
        .configure(&Config::parse("[confirm]\nforce-off = false").unwrap());
    session.done();
    session.keys("D");
    assert_eq!(
        verbs(&mut session),
        [DomainVerb::Destroy { graceful: false }]
    );
    session.keys("*D");
    assert!(
        matches!(session.state.layers.last(), Some(Layer::Confirm(confirm)) if confirm.count.is_some())
    );
}

#[test]
fn a_silent_guest_is_asked_about_whatever_is_set() {
    let mut session = session("[confirm]\nforce-off = false");
    session.silent(&[(crate::session::uuid(1), 20)]);
    session.keys("/web<Enter>D");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
}

#[test]
fn reload_is_a_word_and_takes_all_over() {
    let mut session = session("");
    session.keys(":reload<Enter>");
    assert!(session.done().contains(&Effect::Reload));
    reread(
        &mut session,
        "sort = \"-cpu\"\n[keys.global]\nhelp = \"F4\"\n[confirm]\npause = true\n[alerts]\ncrash = false\n\
         [[view]]\nname = \"v\"\n",
        false,
    );
    let state = &session.state;
    assert_eq!(said(&session), Some("The settings are changed."));
    assert_eq!(state.table.sort, Column::Cpu);
    assert!(state.asks(Action::Pause) && !state.alerts.rules.crash);
    assert_eq!(state.views.len(), 1);
    session.keys("<F4>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Reader(_))
    ));
}

#[test]
fn a_mistake_changes_nothing_and_is_shown() {
    let mut session = session("[confirm]\npause = true");
    reread(&mut session, "[confirm]\npuase = false", true);
    let message = session.state.messages.current().unwrap();
    assert_eq!(message.level, Level::Failed);
    assert!(
        message.text.contains("stay as they were: line 2:")
            && message.text.contains("did you mean `pause`"),
        "{}",
        message.text
    );
    assert!(session.state.asks(Action::Pause));
}

#[test]
fn what_was_arranged_on_the_screen_stays() {
    let mut session = session("sort = \"name\"");
    session.keys(">");
    let chosen = session.state.table.sort;
    assert_ne!(chosen, Column::Name);
    reread(&mut session, "sort = \"name\"\nmouse = false", true);
    assert_eq!(session.state.table.sort, chosen);
    let before = session.state.messages.all().count();
    reread(&mut session, "sort = \"name\"\nmouse = false", true);
    assert_eq!(
        session.state.messages.all().count(),
        before,
        "nothing changed, nothing said"
    );
}

#[test]
fn the_first_line_names_the_keys_that_hold() {
    let mut session = session("[keys.global]\nhelp = \"F2\"");
    session.state.welcome();
    let text = said(&session).unwrap();
    assert!(text.len() < 76, "whole at 80 columns: {text}");
    assert!(text.starts_with("New here? F2 keys, / filter"), "{text}");
}
