//! Displays, consoles beside them, and the wall.

use std::sync::Arc;

use virtty::app::Event;
use virtty::console::Terminal;
use virtty::display::Picture;
use virtty::model::{DomainState, Uuid};
use virtty::protocol::{
    ConsoleFrame, ConsoleId, ConsoleNews, ConsolePhase, DisplayNews, DisplayPhase, DisplayWay,
    Failure, News,
};

use crate::pages::snapshot;
use crate::screens::{attached, frame, letters, opened, report};
use crate::session::{Session, in_state, running, uuid};

const PROMPT: [&str; 4] = [
    "Debian GNU/Linux 12 web-1 tty1",
    "",
    "web-1 login: root",
    "root@web-1:~# ",
];

fn text(width: u16, height: u16) -> Session {
    let mut session = opened(width, height);
    report(&mut session, letters(&PROMPT));
    session
}

/// The console of the first domain with this on it.
fn console(session: &mut Session, bytes: &[u8]) {
    let phase = ConsoleNews::Phase(ConsolePhase::Attached);
    session.news(0, 0, News::Console(ConsoleId(0), phase));
    let tile = session
        .state
        .tile_of(virtty::app::Pane::Console(ConsoleId(0)))
        .unwrap();
    let mut terminal = Terminal::new(tile.width, tile.height);
    terminal.feed(bytes);
    let frame = ConsoleNews::Frame(ConsoleFrame {
        screen: Arc::new(terminal.screen()),
        bells: 0,
        bytes: 1,
        ticket: Arc::new(()),
    });
    session.news(0, 0, News::Console(ConsoleId(0), frame));
}

#[test]
fn a_text_screen() {
    snapshot("display-text", text);
}

#[test]
fn a_picture() {
    snapshot("display-picture", |width, height| {
        let mut session = opened(width, height);
        session.keys("<ctrl-]>i<ctrl-]>o");
        session.changed(in_state(1, "web-1", DomainState::Paused, 1));
        session
    });
}

#[test]
fn pictures_of_libvirt() {
    snapshot("display-pictures", |width, height| {
        let mut session = opened(width, height);
        let why = "its display is SPICE, not VNC".to_owned();
        let phase = DisplayPhase::Attached(DisplayWay::Pictures(why));
        report(&mut session, DisplayNews::Phase(phase));
        report(&mut session, frame());
        session.wait(60.0);
        session
    });
}

#[test]
fn displays_that_show_nothing() {
    let phase = |phase: DisplayPhase| {
        move |width, height| {
            let mut session = text(width, height);
            report(&mut session, DisplayNews::Phase(phase.clone()));
            session.wait(60.0);
            session
        }
    };
    snapshot("display-off", phase(DisplayPhase::Off));
    snapshot(
        "display-lost",
        phase(DisplayPhase::Lost("no\u{1b}[2Jroute to host".to_owned())),
    );
    snapshot(
        "display-refused",
        phase(DisplayPhase::Refused(Failure {
            what: "open the display".to_owned(),
            reason: "what the display sends is not VNC as it should be: garbage".to_owned(),
            code: None,
            remedy: None,
        })),
    );
    snapshot("display-password", |width, height| {
        let mut session = Session::active(width, height, vec![running(1, "web-1")]);
        session.keys("v");
        report(&mut session, DisplayNews::Phase(DisplayPhase::Locked(None)));
        session.keys("secret");
        session
    });
}

#[test]
fn the_keys_behind_the_leader() {
    snapshot("display-leading", |width, height| {
        let mut session = text(width, height);
        session.keys("<ctrl-]>");
        session
    });
}

#[test]
fn a_display_and_a_console_beside_the_table() {
    snapshot("split", |width, height| {
        let mut session = text(width, height);
        session.keys("<ctrl-]>W<ctrl-]>C");
        console(
            &mut session,
            b"\x1b[32mweb-1\x1b[m login: root\r\n\x1b[1mroot@web-1\x1b[m:~# tail -f log",
        );
        report(&mut session, letters(&PROMPT));
        session.wait(60.0);
        session
    });
}

#[test]
fn the_wall() {
    snapshot("wall", |width, height| {
        let mut domains: Vec<_> = (1..=6)
            .map(|number| running(number, &format!("web-{number}")))
            .collect();
        domains.push(in_state(7, "still\u{202e}", DomainState::Paused, 1));
        let mut session = Session::active(width, height, domains);
        session.silent(&[(uuid(2), 9)]);
        session.keys("W");
        let mut shot = |uuid: Uuid, made: Result<Arc<Picture>, String>| {
            session.news(0, 0, News::Thumbnail(uuid, made));
        };
        let pixels = (0..36 * 20)
            .map(|at| {
                if at / 36 % 4 < 2 {
                    0x00ff_ffff
                } else {
                    0x0020_40a0
                }
            })
            .collect();
        let picture = Arc::new(Picture::of(36, 20, pixels).unwrap());
        shot(uuid(1), Ok(Arc::clone(&picture)));
        shot(uuid(3), Err("no\u{1b}]0;screen".to_owned()));
        shot(uuid(7), Ok(picture));
        session
    });
    snapshot("wall-empty", |width, height| {
        let mut session = Session::active(
            width,
            height,
            vec![in_state(1, "off", DomainState::ShutOff, 1)],
        );
        session.keys("W");
        session.event(Event::Tick);
        session
    });
}

#[test]
fn somebody_else_and_attached_again() {
    let mut session = opened(80, 24);
    report(&mut session, DisplayNews::Phase(DisplayPhase::Off));
    assert!(crate::screen::text(&session.state).contains("the domain is off"));
    report(&mut session, attached());
    report(&mut session, letters(&PROMPT));
    assert!(!crate::screen::text(&session.state).contains("the domain is off"));
}
