//! Displays: what goes to the guest, what is a command, passwords, and the wall of screens.

use virtty::app::{Effect, Event, Layer, Page, Pointer};
use virtty::display::{Area, Keysym, Layout, Stroke};
use virtty::model::{ConnectionId, DomainEvent, EventKind};
use virtty::protocol::{
    DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, News, Typing, WallWish,
};

use crate::screens::{frame, opened, report};
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

fn typed(text: &str) -> DisplayVerb {
    DisplayVerb::Type {
        text: text.to_owned(),
        layout: Layout::Us,
        per_second: 80,
    }
}

#[test]
fn a_text_that_is_being_typed_says_how_far_it_is_and_can_be_stopped() {
    let mut session = opened(80, 24);
    let heading = |session: &Session| session.state.displays.all[0].typing;
    assert_eq!(press(&mut session, "<ctrl-]>x"), [], "nothing is typed");
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains("No text"), "{words}");
    let part = Typing { done: 3, all: 90 };
    report(&mut session, DisplayNews::Typing(Some(part)));
    assert_eq!(heading(&session), Some(part));
    assert_eq!(press(&mut session, "<ctrl-]>x"), [DisplayVerb::StopTyping]);
    report(&mut session, DisplayNews::Typing(None));
    report(&mut session, DisplayNews::TypingStopped(part));
    assert_eq!(heading(&session), None);
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains("3 of 90 characters"), "{words}");
}

#[test]
fn a_display_that_its_host_keeps_to_itself_comes_with_the_line_of_a_tunnel() {
    let tunnel = "ssh -L 5901:127.0.0.1:5901 kvm7";
    for (uri, line) in [
        ("qemu+tcp://kvm7/system", Some(tunnel)),
        ("qemu+tls://kvm7/system", Some(tunnel)),
        ("qemu:///system", None),
        ("qemu+ssh://kvm7/system", None),
    ] {
        let mut session = Session::new(120, 30, &[uri]);
        session.open(0, false).list(0, vec![running(1, "web-1")]);
        session.keys("v");
        report(
            &mut session,
            DisplayNews::Phase(DisplayPhase::Attached(DisplayWay::Pictures(
                "its VNC display answers on its own host only".to_owned(),
            ))),
        );
        let said = session.state.messages.current().unwrap();
        let advice = said.advice.clone().unwrap();
        match line {
            Some(line) => assert_eq!(advice, line),
            None => assert!(advice.starts_with("virt-viewer -c "), "{advice}"),
        }
        session.effects.clear();
        session.keys("<ctrl-]>c");
        assert!(session.effects.contains(&Effect::Copy(advice)), "{uri}");
    }
}

#[test]
fn pasted_text_is_typed_for_the_guests_layout() {
    let mut session = opened(80, 24);
    session.effects.clear();
    session.event(Event::Paste("ls -l\n".to_owned()));
    assert_eq!(verbs(&session.effects), [typed("ls -l\n")]);
    report(&mut session, DisplayNews::NotTyped("é→".to_owned()));
    let words = &session.state.messages.current().unwrap().text;
    assert!(words.contains("no key types it: é→"), "{words}");
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
    let corner = |session: &Session| session.state.displays.all[0].corner;
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

/// Somebody came to the display of the first domain, or went.
fn viewer(session: &mut Session, phase: i32, remote: &str) {
    let event = DomainEvent {
        uuid: uuid(1),
        name: "web-1".to_owned(),
        time: session.now.wall,
        kind: EventKind::Graphics {
            phase,
            remote: remote.to_owned(),
        },
    };
    session.news(0, 1, News::Event(event));
}

fn said(session: &Session) -> &str {
    session
        .state
        .messages
        .current()
        .map_or("", |message| message.text.as_str())
}

#[test]
fn who_else_looks_is_said_and_oneself_is_nobody_else() {
    let mut session = opened(80, 24);
    let others = |session: &Session| -> Vec<String> {
        let display = &session.state.displays.all[0];
        let others = session.state.other_viewers(display).into_iter();
        others.map(str::to_owned).collect()
    };
    viewer(&mut session, 0, "127.0.0.1:4000");
    assert_eq!(said(&session), "");
    assert_eq!(others(&session), [""; 0]);
    viewer(&mut session, 0, "10.0.0.7:5000");
    assert!(
        said(&session).contains("10.0.0.7:5000"),
        "{}",
        said(&session)
    );
    assert_eq!(others(&session), ["10.0.0.7:5000"]);
    viewer(&mut session, 2, "10.0.0.7:5000");
    assert_eq!(others(&session), [""; 0]);

    // Two that the host has no address for are two.
    let mut session = opened(80, 24);
    for _ in 0..2 {
        viewer(&mut session, 0, "a program on the host");
    }
    assert_eq!(others(&session), ["a program on the host"]);
}

#[test]
fn clipboards_go_both_ways_only_when_asked() {
    let mut session = opened(80, 24);
    let copied = |session: &Session| -> Vec<String> {
        let effects = session.effects.iter();
        effects
            .filter_map(|effect| match effect {
                Effect::Copy(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    };
    session.effects.clear();
    report(
        &mut session,
        DisplayNews::Cut("one\x1b]52;\ntwo".to_owned()),
    );
    assert_eq!(copied(&session), [""; 0], "nothing by itself");
    assert!(said(&session).contains("ctrl-] Y"), "{}", said(&session));
    session.keys("<ctrl-]>Y");
    let taken = copied(&session);
    assert!(taken[0].starts_with("one") && taken[0].ends_with("\ntwo"));
    assert!(!taken[0].contains('\x1b'), "{taken:?}");

    assert_eq!(press(&mut session, "<ctrl-]>V"), []);
    assert_eq!(
        press(&mut session, "given<Enter>"),
        [DisplayVerb::Cut("given".to_owned())]
    );
    press(&mut session, "<ctrl-]>o");
    assert_eq!(press(&mut session, "<ctrl-]>Vgiven<Enter>"), []);
    assert!(said(&session).contains("Not sent"), "{}", said(&session));
}

#[test]
fn that_a_display_was_opened_is_on_record_once() {
    let mut session = Session::new(80, 24, &["test:///default"]);
    session.open(0, false).list(0, vec![running(1, "web-1")]);
    session.keys("v");
    let way = || DisplayWay::Pictures("it has none".to_owned());
    for _ in 0..2 {
        report(
            &mut session,
            DisplayNews::Phase(DisplayPhase::Attached(way())),
        );
        let lines: Vec<_> = session.state.log.iter().map(|entry| &entry.line).collect();
        let expected = format!("virt-viewer -c test:///default --uuid {}", uuid(1));
        assert_eq!(lines, [&expected]);
    }
}

#[test]
fn a_domain_that_moved_to_another_host_is_looked_at_there() {
    let mut session = Session::new(80, 24, &["qemu:///system", "qemu+tcp://b/system"]);
    session.open(0, false).list(0, vec![running(1, "web-1")]);
    session.open(1, false).list(1, Vec::new());
    session.keys("v");
    report(
        &mut session,
        DisplayNews::Phase(DisplayPhase::Attached(DisplayWay::Vnc)),
    );
    session.effects.clear();
    session.news(0, 1, News::Gone(uuid(1)));
    assert_eq!(verbs(&session.effects), [], "it may come back");
    let mut there = running(1, "web-1");
    there.id.connection = ConnectionId(1);
    session.list(1, vec![there]);
    let moved: Vec<_> = session
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Display(connection, id, verb) => Some((connection.0, id.0, verb.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(moved[0], (0, 0, DisplayVerb::Close));
    assert!(matches!(&moved[1], (1, 0, DisplayVerb::Open { domain, .. }) if *domain == uuid(1)));
    assert_eq!(
        session.state.page().domain().unwrap().connection,
        ConnectionId(1)
    );
    assert!(
        said(&session).contains("looked at there"),
        "{}",
        said(&session)
    );
}

#[test]
fn what_no_key_types_is_asked_about_before_anything_is_typed() {
    let mut session = opened(80, 24);
    session.effects.clear();
    session.event(Event::Paste("pässwört".to_owned()));
    assert_eq!(verbs(&session.effects), []);
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    assert_eq!(press(&mut session, "n"), []);
    session.event(Event::Paste("pässwört".to_owned()));
    assert_eq!(press(&mut session, "y"), [typed("pässwört")]);
    let told = format!("{:?}", session.state.log);
    assert!(!told.contains("pässwört"), "it may be a password");
}

#[test]
fn one_key_saves_the_screen_under_a_name_of_its_own() {
    let mut session = opened(80, 24);
    let verbs = press(&mut session, "<ctrl-]>p");
    let [DisplayVerb::Save(path)] = verbs.as_slice() else {
        panic!("{verbs:?}");
    };
    let name = path.to_string_lossy();
    assert!(
        name.starts_with("web-1-20") && name.ends_with(".png"),
        "{name}"
    );
}

#[test]
fn a_refused_display_is_tried_again_when_its_domain_starts() {
    let mut session = opened(80, 24);
    let refused = virtty::protocol::Failure {
        what: "open the display".to_owned(),
        reason: "garbage".to_owned(),
        code: None,
        remedy: None,
    };
    report(
        &mut session,
        DisplayNews::Phase(DisplayPhase::Refused(refused)),
    );
    session.effects.clear();
    let event = DomainEvent {
        uuid: uuid(1),
        name: "web-1".to_owned(),
        time: session.now.wall,
        kind: EventKind::Lifecycle {
            event: 2,
            detail: 0,
        },
    };
    session.news(0, 1, News::Event(event));
    assert_eq!(verbs(&session.effects), [DisplayVerb::Retry]);
}
