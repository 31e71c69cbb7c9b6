//! Consoles: what goes to the guest, what is a command, and what becomes of a console that nobody sees.

use std::sync::Arc;
use std::time::Duration;

use virtty::app::{Effect, Event, Page};
use virtty::console::{Modes, Screen, Terminal};
use virtty::model::ConnectionState;
use virtty::protocol::{ConsoleFrame, ConsoleId, ConsoleNews, ConsolePhase, ConsoleVerb, News};

use crate::session::{Session, running};

/// The verbs that an effect has for consoles.
fn verbs(effects: &[Effect]) -> Vec<(u32, ConsoleVerb)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Console(_, id, verb) => Some((id.0, verb.clone())),
            _ => None,
        })
        .collect()
}

fn typed(effects: &[Effect]) -> Vec<(u32, String)> {
    verbs(effects)
        .into_iter()
        .filter_map(|(id, verb)| match verb {
            ConsoleVerb::Type(bytes) => Some((id, bytes.escape_ascii().to_string())),
            _ => None,
        })
        .collect()
}

pub fn frame(screen: Screen, bytes: u64) -> ConsoleNews {
    ConsoleNews::Frame(ConsoleFrame {
        screen: Arc::new(screen),
        bells: 0,
        bytes,
        ticket: Arc::new(()),
    })
}

/// What a guest's terminal of this size shows after these bytes.
pub fn shown(columns: u16, lines: u16, bytes: &[u8]) -> Screen {
    let mut terminal = Terminal::new(columns, lines);
    terminal.feed(bytes);
    terminal.screen()
}

fn two() -> Session {
    Session::active(80, 24, vec![running(1, "web-1"), running(2, "web-2")])
}

/// Presses keys; gives what came of them.
fn press(session: &mut Session, keys: &str) -> Vec<Effect> {
    session.effects.clear();
    session.keys(keys);
    std::mem::take(&mut session.effects)
}

fn report(session: &mut Session, id: u32, news: ConsoleNews) {
    session.news(0, 0, News::Console(ConsoleId(id), news));
}

/// The first domain's console, attached.
fn opened() -> Session {
    let mut session = two();
    session.keys("c");
    report(&mut session, 0, ConsoleNews::Phase(ConsolePhase::Attached));
    session
}

fn page(session: &Session) -> &virtty::app::ConsolePage {
    match session.state.page() {
        Page::Console(page) => page,
        other => panic!("{} is open", other.title()),
    }
}

#[test]
fn keys_go_to_the_guest_and_nowhere_else() {
    let mut session = opened();
    assert_eq!(
        typed(&press(&mut session, "q<ctrl-c><ctrl-z><Esc>D<Up>")),
        ["q", r"\x03", r"\x1a", r"\x1b", "D", r"\x1b[A"].map(|bytes| (0, bytes.to_owned()))
    );
    assert!(session.state.layers.is_empty());
    page(&session);
}

#[test]
fn the_screen_of_the_console_has_the_size_of_the_page() {
    let mut session = two();
    let effects = press(&mut session, "c");
    let size = verbs(&effects)
        .into_iter()
        .find_map(|(_, verb)| match verb {
            ConsoleVerb::Resize { columns, lines } => Some((columns, lines)),
            _ => None,
        });
    let screen = session.state.size;
    assert_eq!(
        size,
        Some((screen.width, screen.height - 2)),
        "heading and footer"
    );
}

#[test]
fn modes_of_the_guest_change_what_keys_send() {
    let mut session = opened();
    let screen = Screen {
        modes: Modes {
            application_cursor: true,
            bracketed_paste: true,
            ..Modes::default()
        },
        ..Screen::default()
    };
    report(&mut session, 0, frame(screen, 1));
    assert_eq!(typed(&press(&mut session, "<Up>"))[0].1, r"\x1bOA");
    session.effects.clear();
    session.event(Event::Paste("a\u{1b}[201~b\n".to_owned()));
    let effects = session.effects.clone();
    assert_eq!(typed(&effects)[0].1, r"\x1b[200~a[201~b\r\x1b[201~");
    let said = session.state.messages.current().unwrap();
    assert!(said.text.contains("1 control character"), "{}", said.text);
}

#[test]
fn the_leader_key_makes_a_command_and_twice_it_is_the_guests() {
    let mut session = opened();
    assert_eq!(
        typed(&press(&mut session, "<ctrl-]><ctrl-]>"))[0].1,
        r"\x1d"
    );
    session.keys("<ctrl-]>d");
    assert!(session.state.pages.is_empty());
    assert_eq!(session.state.consoles.all.len(), 1, "it stays open");
    session.keys("c");
    assert_eq!(session.state.consoles.all.len(), 1, "the same is shown");
    let effects = press(&mut session, "<ctrl-]>q");
    assert!(verbs(&effects).contains(&(0, ConsoleVerb::Close)));
    assert!(session.state.pages.is_empty() && session.state.consoles.all.is_empty());
}

#[test]
fn what_cannot_be_sent_is_said() {
    let mut session = two();
    session.keys("c");
    assert!(typed(&press(&mut session, "x")).is_empty());
    let said = session.state.messages.current().unwrap();
    assert!(said.text.contains("web-1"), "{}", said.text);
}

#[test]
fn a_console_in_use_is_taken_over_after_a_question_that_names_it() {
    let mut session = two();
    session.keys("c");
    let reason = "operation failed: Active console session exists for this domain";
    report(
        &mut session,
        0,
        ConsoleNews::Phase(ConsolePhase::InUse(reason.to_owned())),
    );
    assert!(verbs(&press(&mut session, "<ctrl-]>f")).is_empty());
    let effects = press(&mut session, "y");
    assert!(verbs(&effects).contains(&(0, ConsoleVerb::TakeOver)));
}

#[test]
fn that_a_console_was_opened_is_on_record_once() {
    let mut session = opened();
    let lines = |session: &Session| {
        let log = session.state.log.iter();
        log.map(|entry| entry.line.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&session),
        ["virsh -c qemu:///system console -- web-1"]
    );
    report(
        &mut session,
        0,
        ConsoleNews::Phase(ConsolePhase::Lost("gone".to_owned())),
    );
    report(&mut session, 0, ConsoleNews::Phase(ConsolePhase::Attached));
    assert_eq!(lines(&session).len(), 1);
}

#[test]
fn what_a_hidden_console_says_is_marked() {
    let mut session = opened();
    session.keys("<ctrl-]>dj");
    session.keys("c");
    report(&mut session, 1, ConsoleNews::Phase(ConsolePhase::Attached));
    report(&mut session, 0, frame(shown(80, 24, b"hello"), 5));
    let first = session.state.consoles.get(ConsoleId(0)).unwrap();
    assert!(first.news_since.is_some());
    session.keys("<ctrl-]>n");
    assert_eq!(page(&session).focus, ConsoleId(0));
    let first = session.state.consoles.get(ConsoleId(0)).unwrap();
    assert!(first.news_since.is_none());
}

#[test]
fn a_broadcast_reaches_the_marked_and_only_them() {
    let mut session = opened();
    session.keys("<ctrl-]>B");
    assert!(!session.state.consoles.broadcast, "nobody is marked");
    session.keys("<ctrl-]><Space><ctrl-]>dj");
    session.keys("c");
    report(&mut session, 1, ConsoleNews::Phase(ConsolePhase::Attached));
    session.keys("<ctrl-]><Space><ctrl-]>B");
    assert_eq!(session.state.broadcast_names().unwrap(), "web-1, web-2");
    assert_eq!(
        typed(&press(&mut session, "x")),
        [(0, "x".to_owned()), (1, "x".to_owned())]
    );
    session.keys("<ctrl-]>B");
    assert_eq!(typed(&press(&mut session, "x")), [(1, "x".to_owned())]);
}

#[test]
fn a_domain_that_goes_does_not_turn_keys_into_commands() {
    let mut session = opened();
    let uuid = session.state.consoles.all[0].domain.uuid;
    session.news(0, 1, News::Gone(uuid));
    page(&session);
    assert!(
        press(&mut session, "D")
            .iter()
            .all(|effect| matches!(effect, Effect::Console(..)))
    );
    session.keys("<ctrl-]>q");
    assert!(session.state.pages.is_empty());
}

#[test]
fn a_connection_that_is_lost_leaves_its_consoles() {
    let mut session = opened();
    let lost = ConnectionState::Lost {
        retry_in: Duration::from_secs(1),
        tries: 1,
    };
    session.news(0, 2, News::State(lost, None));
    report(
        &mut session,
        0,
        ConsoleNews::Phase(ConsolePhase::Lost("gone".to_owned())),
    );
    page(&session);
    report(&mut session, 0, ConsoleNews::Phase(ConsolePhase::Attached));
    let said = session.state.messages.current().unwrap();
    assert!(said.text.contains("attached again"), "{}", said.text);
}

#[test]
fn tiles_share_the_screen_and_each_console_learns_its_size() {
    let mut session = opened();
    session.keys("<ctrl-]>dj");
    session.keys("c<ctrl-]>t");
    let tiles = session.state.tiles();
    assert_eq!(tiles.len(), 2);
    let width = session.state.size.width;
    assert!(tiles.iter().map(|tile| tile.width).sum::<u16>() < width);
    session.keys("<ctrl-]>w");
    assert!(session.state.beside_columns() > 0 || width < 80);
}

#[test]
fn a_break_is_sent_after_a_question_and_recorded() {
    let mut session = opened();
    assert!(verbs(&press(&mut session, "<ctrl-]>K")).is_empty());
    let effects = press(&mut session, "y");
    assert!(verbs(&effects).contains(&(0, ConsoleVerb::Break)));
    let line = &session.state.log.last().unwrap().line;
    assert!(
        line.contains("qemu-monitor-command web-1") && line.contains("charserial0"),
        "{line}"
    );
    report(
        &mut session,
        0,
        ConsoleNews::Broke(Err("no\x1b[2J".to_owned())),
    );
    let said = session.state.messages.current().unwrap();
    assert!(said.text.contains("No break") && !said.text.contains('\x1b'));
}
