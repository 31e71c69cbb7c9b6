//! Consoles and displays side by side: who has the keys, how much room each gets, where the mouse goes.

use virtty::app::{Beside, Effect, Event, Page, Pane, Pointer};
use virtty::console::{Modes, Screen};
use virtty::protocol::{
    ConsoleFrame, ConsoleId, ConsoleNews, ConsolePhase, ConsoleVerb, DisplayId, DisplayVerb, News,
};

use crate::screens::{attached, opened, report_of};
use crate::session::Session;

const CONSOLE: Pane = Pane::Console(ConsoleId(0));
const DISPLAY: Pane = Pane::Display(DisplayId(0));

/// The first domain's display, and its console beside it, which has the keys.
fn both(width: u16, height: u16) -> Session {
    let mut session = opened(width, height);
    session.keys("<ctrl-]>C");
    let attached = ConsoleNews::Phase(ConsolePhase::Attached);
    session.news(0, 0, News::Console(ConsoleId(0), attached));
    session
}

fn looks(session: &Session) -> Vec<(u16, u16)> {
    let effects = session.effects.iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Display(_, _, DisplayVerb::Look(look)) => Some((look.columns, look.lines)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_console_opened_from_a_display_stands_beside_it() {
    let mut session = both(120, 40);
    assert_eq!(session.state.pane(), Some(CONSOLE));
    let tiles = session.state.tiles();
    assert_eq!(tiles.len(), 2);
    assert_eq!(looks(&session).last(), Some(&(60, 38)));
    assert_eq!(tiles[0].width + tiles[1].width, 119);

    // The keys go where the focus is.
    session.effects.clear();
    session.keys("a<ctrl-]>na");
    assert_eq!(session.state.pane(), Some(DISPLAY));
    let kinds: Vec<_> = session
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Console(_, _, ConsoleVerb::Type(_)) => Some("console"),
            Effect::Display(_, _, DisplayVerb::Press(_)) => Some("display"),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["console", "display"]);

    // As tabs, the other is not seen, and costs nothing.
    session.effects.clear();
    session.keys("<ctrl-]>T<ctrl-]>n");
    assert_eq!(session.state.tiles().len(), 1);
    assert_eq!(looks(&session), [(120, 38), (0, 0)]);
}

#[test]
fn the_table_stands_beside_a_display() {
    let mut session = opened(200, 50);
    session.effects.clear();
    session.keys("<ctrl-]>W");
    assert_eq!(session.state.split.beside, Beside::Table);
    assert_eq!(looks(&session), [(119, 48)]);
    session.keys("<ctrl-]>I");
    assert_eq!(session.state.split.beside, Beside::Details);
    session.keys("<ctrl-]>I");
    assert_eq!(looks(&session).last(), Some(&(200, 48)));
}

#[test]
fn closing_one_gives_the_keys_to_the_other() {
    let mut session = both(120, 40);
    session.keys("<ctrl-]>q");
    assert_eq!(session.state.pane(), Some(DISPLAY));
    session.effects.clear();
    session.keys("<ctrl-]>q");
    assert!(matches!(session.state.page(), Page::Domains));
    assert!(
        session
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Display(_, _, DisplayVerb::Close)))
    );
}

#[test]
fn what_is_kept_stays_and_the_rest_is_closed_with_its_page() {
    let mut session = opened(120, 40);
    session.effects.clear();
    session.keys("<ctrl-]>b");
    assert!(matches!(session.state.page(), Page::Domains));
    assert_eq!(session.state.displays.all.len(), 1);
    assert_eq!(looks(&session), [(0, 0)], "nobody sees it");
    session.keys("jv");
    assert_eq!(session.state.displays.all.len(), 2);
    session.keys("<ctrl-]>T");
    assert_eq!(session.state.tiles().len(), 2);
    // The second is closed with the page, the first stays, and is found again.
    session.keys("<ctrl-]>b");
    session.keys("kv");
    assert_eq!(session.state.pane(), Some(DISPLAY));
    assert_eq!(session.state.displays.all.len(), 2);
}

#[test]
fn the_mouse_gives_the_keys_and_goes_to_who_wants_it() {
    let mut session = both(120, 40);
    report_of(&mut session, 0, attached());
    let tiles = session.state.tiles();
    assert!(
        !session.state.points_in_guest(0, 0),
        "a heading is nobody's"
    );
    assert!(session.state.points_in_guest(tiles[1].x, 1));
    let to_consoles = |session: &Session| -> Vec<ConsoleVerb> {
        let effects = session.effects.iter();
        effects
            .filter_map(|effect| match effect {
                Effect::Console(_, _, verb @ ConsoleVerb::Type(_)) => Some(verb.clone()),
                _ => None,
            })
            .collect()
    };
    // A guest that did not ask is told nothing.
    session.effects.clear();
    session.event(Event::Pointed(Pointer::Pressed(0), 3, 4));
    assert_eq!(to_consoles(&session), []);
    let screen = Screen {
        columns: 59,
        lines: 38,
        modes: Modes {
            mouse: true,
            sgr_mouse: true,
            ..Modes::default()
        },
        ..Screen::default()
    };
    let frame = ConsoleNews::Frame(ConsoleFrame {
        screen: screen.into(),
        bells: 0,
        bytes: 1,
        ticket: ().into(),
    });
    session.news(0, 0, News::Console(ConsoleId(0), frame));
    session.event(Event::Pointed(Pointer::Pressed(0), 3, 4));
    let told = ConsoleVerb::Type(b"\x1b[<0;4;4M".to_vec());
    assert_eq!(to_consoles(&session), [told]);

    session.event(Event::Pointed(Pointer::Pressed(0), tiles[1].x + 5, 20));
    assert_eq!(session.state.pane(), Some(DISPLAY));
}
