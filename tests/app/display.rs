//! Displays: what goes to the guest, what is a command, passwords, and the wall of screens.

use std::sync::Arc;

use virtty::app::{Effect, Event, Layer, Page, Pointer};
use virtty::display::{Area, Keysym, Layout, Picture, Stroke};
use virtty::protocol::{
    DisplayFrame, DisplayId, DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, News, Shown,
    WallWish,
};

use crate::session::{Session, id, in_state, running, uuid};

fn verbs(effects: &[Effect]) -> Vec<DisplayVerb> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Display(_, _, verb) => Some(verb.clone()),
            _ => None,
        })
        .collect()
}

fn press(session: &mut Session, keys: &str) -> Vec<DisplayVerb> {
    session.effects.clear();
    session.keys(keys);
    verbs(&session.effects)
}

fn report(session: &mut Session, news: DisplayNews) {
    session.news(0, 0, News::Display(DisplayId(0), news));
}

/// A frame of a guest of 720 by 400 pixels, made for 80 by 22 cells.
pub fn frame() -> DisplayNews {
    let pixels = (0..79 * 44).map(|at| at * 977 % 0x0100_0000).collect();
    DisplayNews::Frame(DisplayFrame {
        shown: Shown::Picture(Arc::new(Picture::of(79, 44, pixels).unwrap())),
        size: (720, 400),
        part: Area {
            x: 0,
            y: 0,
            width: 720,
            height: 400,
        },
        blank: false,
        bytes: 1000,
        ticket: Arc::new(()),
    })
}

/// The first domain's display, seen over VNC.
pub fn opened(width: u16, height: u16) -> Session {
    let mut session = Session::active(
        width,
        height,
        vec![running(1, "web-1"), running(2, "web-2")],
    );
    session.keys("v");
    report(
        &mut session,
        DisplayNews::Phase(DisplayPhase::Attached(DisplayWay::Vnc)),
    );
    report(&mut session, frame());
    session
}

fn keys(names: &[&str]) -> DisplayVerb {
    DisplayVerb::Press(names.iter().map(|name| name.parse().unwrap()).collect())
}

#[test]
fn a_display_is_told_how_much_room_there_is() {
    let mut session = Session::active(80, 24, vec![running(1, "web-1")]);
    let effects = press(&mut session, "v");
    let Some(DisplayVerb::Open { domain, look, .. }) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!((*domain, look.columns, look.lines), (uuid(1), 80, 22));
    assert!(look.text && look.corner.is_none());
    assert!(session.effects.contains(&Effect::FindPixels));
}

#[test]
fn keys_go_to_the_guest_and_nowhere_else() {
    let mut session = opened(80, 24);
    assert_eq!(
        press(&mut session, "q<ctrl-c><Esc>D<F1>"),
        [
            keys(&["q"]),
            keys(&["ctrl-c"]),
            keys(&["esc"]),
            DisplayVerb::Press(vec![Stroke(vec![Keysym::SHIFT, Keysym(0x44)])]),
            keys(&["F1"])
        ]
    );
    assert_eq!(
        press(&mut session, "<ctrl-]><ctrl-]>"),
        [keys(&["ctrl-]"])],
        "twice, the guest gets it once"
    );
    assert!(session.state.layers.is_empty());
}

#[test]
fn leaving_closes_the_display() {
    let mut session = opened(80, 24);
    assert_eq!(press(&mut session, "<ctrl-]>d"), [DisplayVerb::Close]);
    assert!(matches!(session.state.page(), Page::Domains));
    assert!(session.state.displays.all.is_empty());
}

#[test]
fn what_is_only_looked_at_gets_nothing() {
    let mut session = opened(80, 24);
    press(&mut session, "<ctrl-]>o");
    assert_eq!(press(&mut session, "a"), []);
    session.effects.clear();
    session.event(Event::Paste("text".to_owned()));
    session.event(Event::Pointed(Pointer::Pressed(0), 40, 12));
    assert_eq!(verbs(&session.effects), []);
    press(&mut session, "<ctrl-]>o");
    assert_eq!(press(&mut session, "a"), [keys(&["a"])]);
}

#[test]
fn keys_that_a_terminal_keeps_are_chosen_and_recorded() {
    let mut session = opened(80, 24);
    press(&mut session, "<ctrl-]>s");
    assert_eq!(press(&mut session, "<Enter>"), [keys(&["ctrl-alt-delete"])]);
    let entry = session.state.log.last().unwrap();
    assert!(
        entry.line.ends_with("send-key web-1 29 56 111"),
        "{}",
        entry.line
    );
    press(&mut session, "<ctrl-]>sG<Enter>");
    assert_eq!(
        press(&mut session, "ctrl-alt-F2 nokey<Enter>"),
        [],
        "a mistake is said"
    );
    let Some(Layer::Text(field)) = session.state.layers.last() else {
        panic!("the field is gone");
    };
    assert!(field.error.as_ref().unwrap().contains("nokey"));
    assert_eq!(
        press(
            &mut session,
            "<Backspace><Backspace><Backspace><Backspace><Backspace>Enter<Enter>"
        ),
        [keys(&["ctrl-alt-F2", "enter"])]
    );
}

#[test]
fn pasted_text_is_typed_for_the_guests_layout() {
    let mut session = opened(80, 24);
    session.effects.clear();
    session.event(Event::Paste("ls -l\n".to_owned()));
    assert_eq!(
        verbs(&session.effects),
        [DisplayVerb::Type("ls -l\n".to_owned(), Layout::Us)]
    );
    report(&mut session, DisplayNews::NotTyped("é→".to_owned()));
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains('2') && words.contains("é→"), "{words}");
}

#[test]
fn the_pointer_is_where_the_mouse_is() {
    let mut session = opened(80, 24);
    session.effects.clear();
    // 79 by 22 cells in a room of 80 by 22, below the heading.
    session.event(Event::Pointed(Pointer::Pressed(0), 0, 1));
    session.event(Event::Pointed(Pointer::Moved, 78, 22));
    session.event(Event::Pointed(Pointer::Released(0), 79, 22));
    session.event(Event::Pointed(Pointer::WheelDown, 39, 12));
    let points: Vec<_> = verbs(&session.effects)
        .into_iter()
        .map(|verb| match verb {
            DisplayVerb::Point { x, y, buttons } => (x, y, buttons),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        points,
        [
            (4, 9, 1),
            (715, 390, 1),
            (715, 390, 0),
            (360, 209, 16),
            (360, 209, 0)
        ]
    );
}

#[test]
fn a_password_is_asked_for_hidden() {
    let mut session = opened(80, 24);
    report(&mut session, DisplayNews::Phase(DisplayPhase::Locked(None)));
    assert!(matches!(session.state.layers.last(), Some(Layer::Text(_))));
    assert_eq!(
        press(&mut session, "secret<Enter>"),
        [DisplayVerb::Password("secret".to_owned())]
    );
    assert!(session.state.layers.is_empty());
    let told = format!("{:?} {:?}", session.state.messages, session.state.log);
    assert!(!told.contains("secret"));
}

#[test]
fn one_to_one_is_moved_by_arrows() {
    let mut session = opened(80, 24);
    press(&mut session, "<ctrl-]>z");
    let corner = |session: &Session| match session.state.page() {
        Page::Display(page) => page.corner,
        other => panic!("{}", other.title()),
    };
    assert_eq!(corner(&session), Some((0, 0)));
    let DisplayNews::Frame(mut seen) = frame() else {
        return;
    };
    seen.part = Area {
        x: 0,
        y: 0,
        width: 80,
        height: 44,
    };
    report(&mut session, DisplayNews::Frame(seen));
    press(&mut session, "<ctrl-]><Right><Right><Down>");
    assert_eq!(corner(&session), Some((80, 22)));
}

#[test]
fn pictures_say_why_they_are_pictures() {
    let mut session = opened(80, 24);
    let why = "its display is SPICE, not VNC".to_owned();
    let phase = DisplayPhase::Attached(DisplayWay::Pictures(why));
    report(&mut session, DisplayNews::Phase(phase));
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains("SPICE"), "{words}");
    assert_eq!(press(&mut session, "a"), [keys(&["a"])]);
    session.effects.clear();
    session.event(Event::Pointed(Pointer::Pressed(0), 40, 12));
    assert_eq!(verbs(&session.effects), [], "libvirt has no pointer");
}

#[test]
fn a_display_that_went_away_says_so_and_takes_nothing() {
    let mut session = opened(80, 24);
    report(
        &mut session,
        DisplayNews::Phase(DisplayPhase::Lost("gone\u{1b}[2J".to_owned())),
    );
    let words = &session.state.messages.current().unwrap().text;
    assert!(
        words.contains("gone") && !words.contains('\u{1b}'),
        "{words}"
    );
    assert_eq!(press(&mut session, "a"), []);
}

#[test]
fn nothing_is_shown_to_who_may_only_read() {
    let mut session = Session::new(80, 24, &["qemu:///system"]);
    session.open(0, true).list(0, vec![running(1, "web-1")]);
    assert_eq!(press(&mut session, "v"), []);
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains("read-only"), "{words}");
}

#[test]
fn the_wall_looks_at_what_can_be_seen_and_answers() {
    let mut domains: Vec<_> = (1..=30)
        .map(|number| running(number, &format!("web-{number:02}")))
        .collect();
    domains.push(in_state(31, "off", virtty::model::DomainState::ShutOff, 0));
    let mut session = Session::active(80, 24, domains);
    session.silent(&[(uuid(2), 9)]);
    let wishes = |session: &Session| -> Vec<WallWish> {
        session
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Wall(_, wish) => Some(wish.clone()),
                _ => None,
            })
            .collect()
    };
    session.effects.clear();
    session.keys("W");
    let seen = wishes(&session);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].domains.contains(&uuid(1)), "{seen:?}");
    assert!(!seen[0].domains.contains(&uuid(2)), "it does not answer");
    assert!(!seen[0].domains.contains(&uuid(30)), "nobody sees it");
    session.effects.clear();
    session.keys("G");
    assert!(wishes(&session)[0].domains.contains(&uuid(30)));
    assert_eq!(session.state.target(), Some(id(30)));
    session.effects.clear();
    session.keys("<Enter>");
    assert!(matches!(session.state.page(), Page::Display(_)));
    assert_eq!(
        wishes(&session),
        [WallWish::default()],
        "nobody sees the wall now"
    );
}

#[test]
fn strokes_of_the_menu_are_all_keys() {
    let stroke: Stroke = "alt-sysrq-b".parse().unwrap();
    assert_eq!(stroke.0.len(), 3);
}
