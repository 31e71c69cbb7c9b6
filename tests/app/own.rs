//! Commands of the user's own.

use virtty::app::{Effect, Ended, Event, Intent, Jump, Layer};
use virtty::config::Config;

use crate::material::define;
use crate::session::{Session, id, off, running, vnc};

const SETTINGS: &str = r#"
[[command]]
label = "SSH"
key = "alt-s"
argv = ["ssh", "root@$NAME", "echo $$HOME"]
run = "terminal"

[[command]]
label = "Ping"
key = "Z"
argv = ["ping", "-c1", "$NAME"]

[[command]]
label = "View"
argv = ["vncviewer", "$HOST::$PORT"]

[[command]]
label = "Wipe"
key = "ctrl-c"
argv = ["wipe", "--uri", "$URI", "--uuid=$UUID"]
ask = true
"#;

fn session() -> Session {
    let web = define(running(1, "web"), |definition| {
        definition.endpoints = vec![vnc(5901)];
    });
    let mut session = Session::active(100, 30, vec![web, running(2, "db"), off(3, "--all")]);
    session.state.configure(&Config::parse(SETTINGS).unwrap());
    session.done();
    session
}

fn started(session: &mut Session) -> Vec<(u64, String)> {
    let effects = session.done().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Start(number, argv) => Some((number, argv.join("|"))),
            _ => None,
        })
        .collect()
}

fn said(session: &Session) -> &str {
    &session.state.messages.current().unwrap().text
}

/// Opens the menu of what can be done and takes what is typed.
fn choose(session: &mut Session, words: &str) {
    session.keys("x");
    session.event(Event::Paste(words.to_owned()));
    session.keys("<Enter>");
}

#[test]
fn a_key_gives_the_terminal_to_a_command_and_the_log_has_it() {
    let mut session = session();
    session.state.table.select(id(1));
    session.keys("<alt-s>");
    let effects = session.done();
    let argv = ["ssh", "root@web", "echo $HOME"]
        .map(str::to_owned)
        .to_vec();
    assert!(effects.contains(&Effect::Run(argv)), "{effects:?}");
    session.wait(3.0);
    session.event(Event::Ran(Ok(0)));
    assert_eq!(said(&session), "SSH of web is done.");
    let entry = session.state.log.last().unwrap();
    assert_eq!(entry.line, "ssh root@web 'echo $HOME'");
    assert_eq!((entry.took.as_secs(), entry.failure.as_ref()), (3, None));
    let recorded = session.done();
    assert!(
        recorded
            .iter()
            .any(|effect| matches!(effect, Effect::Record(_)))
    );
    assert!(recorded.contains(&Effect::Redraw));
    session.keys("<alt-s>");
    session.event(Event::Ran(Ok(255)));
    assert_eq!(said(&session), "SSH of web: exit code 255");
    assert!(session.state.log.last().unwrap().failure.is_some());
}

#[test]
fn marked_domains_each_have_one_and_few_run_at_once() {
    let mut domains: Vec<_> = (1..=6).map(|n| running(n, &format!("d{n}"))).collect();
    domains.push(off(7, "--all"));
    let mut session = Session::active(100, 30, domains);
    session.state.configure(&Config::parse(SETTINGS).unwrap());
    session.keys("*");
    session.done();
    session.keys("Z");
    let first = started(&mut session);
    let lines: Vec<_> = first.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(
        lines,
        ["ping|-c1|d1", "ping|-c1|d2", "ping|-c1|d3", "ping|-c1|d4"]
    );
    // A name that would be an option is not passed on; the others are.
    let all: Vec<_> = session
        .state
        .messages
        .all()
        .map(|m| m.text.clone())
        .collect();
    assert!(
        all.iter()
            .any(|text| text.contains("Ping of --all was not run") && text.contains("dash")),
        "{all:?}"
    );
    session.event(Event::Ended(
        first[1].0,
        Ok(Ended {
            code: 0,
            said: "1 packet\u{1b}[31m".to_owned(),
        }),
    ));
    assert_eq!(said(&session), "Ping of d2: 1 packet\\x1b[31m");
    assert_eq!(started(&mut session)[0].1, "ping|-c1|d5");
    session.event(Event::Ended(first[0].0, Err("ping: not found".to_owned())));
    assert!(said(&session).contains("ping: not found"));
    assert_eq!(started(&mut session)[0].1, "ping|-c1|d6");
    // One that is not known ends nothing.
    session.event(Event::Ended(999, Err(String::new())));
    assert!(started(&mut session).is_empty());
}

#[test]
fn commands_stand_in_the_menu_with_what_they_run() {
    let mut session = session();
    session.state.table.select(id(1));
    session.keys("x");
    let Some(Layer::Finder(finder)) = session.state.layers.last() else {
        panic!("no menu");
    };
    let own: Vec<_> = finder
        .found()
        .filter(|place| matches!(place.jump, Jump::Own(_)))
        .map(|place| format!("{}: {}", place.name, place.about))
        .collect();
    assert!(
        own.iter()
            .any(|one| one.contains("SSH: alt-s") && one.contains("ssh root@web")),
        "{own:?}"
    );
    assert!(
        own.iter()
            .any(|one| one.contains("vncviewer localhost::5901")),
        "{own:?}"
    );
    session.keys("<Esc>");
    choose(&mut session, "View");
    assert_eq!(started(&mut session)[0].1, "vncviewer|localhost::5901");
    // Without a display there is no port: it is said, and nothing runs.
    session.state.table.select(id(3));
    choose(&mut session, "View");
    assert!(started(&mut session).is_empty());
    assert!(said(&session).contains("no $PORT"), "{}", said(&session));
}

#[test]
fn one_that_asks_names_its_targets_and_no_key_of_the_way_out_is_taken() {
    let mut session = session();
    let told: Vec<_> = session
        .state
        .messages
        .all()
        .map(|m| m.text.clone())
        .collect();
    assert!(
        told.iter()
            .any(|text| text.contains("ctrl-c") && text.contains("Wipe")),
        "{told:?}"
    );
    session.state.table.select(id(1));
    choose(&mut session, "Wipe");
    let Some(Layer::Confirm(confirm)) = session.state.layers.last() else {
        panic!("it is not asked for");
    };
    assert_eq!(confirm.title, "Wipe web?");
    assert!(matches!(confirm.intent, Intent::Own(_)));
    let line = confirm.command.clone().unwrap();
    assert!(
        line.starts_with("wipe --uri qemu:///system --uuid="),
        "{line}"
    );
    assert!(started(&mut session).is_empty());
    session.keys("<Esc>");
    assert!(started(&mut session).is_empty());
    choose(&mut session, "Wipe");
    session.keys("y");
    assert_eq!(started(&mut session).len(), 1);
    session.keys("<ctrl-c>");
    assert!(session.done().contains(&Effect::Quit));
}

#[test]
fn a_key_that_is_taken_from_another_is_told() {
    let mut session = Session::active(100, 30, vec![running(1, "web")]);
    let text = "[[command]]\nlabel = \"Mine\"\nkey = \"D\"\nargv = [\"true\"]";
    session.state.configure(&Config::parse(text).unwrap());
    let told: Vec<_> = session
        .state
        .messages
        .all()
        .map(|m| m.text.clone())
        .collect();
    assert!(
        told.iter()
            .any(|text| text.contains("Mine") && text.contains("Force Off")),
        "{told:?}"
    );
    session.done();
    session.keys("D");
    assert_eq!(started(&mut session).len(), 1);
    assert!(session.state.layers.is_empty());
}
