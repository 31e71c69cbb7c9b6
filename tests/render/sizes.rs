//! Every page and dialog in every size.

use virtty::app::{Column, Event, Size};
use virtty::model::DomainState;
use virtty::protocol::{Answer, News, XmlKind};

use crate::furnished::{addresses, facts, log, measured, xml};
use crate::screen::{draw, text};
use crate::session::{Session, in_state, lost, off, refused, running, uuid};

fn domains() -> Vec<virtty::model::Domain> {
    vec![
        running(1, "web"),
        off(2, "仮想マシン-データベース"),
        in_state(3, "\u{202e}evil\u{1b}[31m", DomainState::Paused, 5),
        in_state(4, "", DomainState::Crashed, 1),
        running(5, &"long".repeat(60)),
    ]
}

/// Keys that lead to a page or a dialog.
const WAYS: &[&str] = &[
    "",
    "<Enter>",
    "<Enter>2",
    "<Enter>3",
    "<Enter>4",
    "<Enter>5",
    "<Enter>6",
    "<Enter>7",
    "<Enter>8",
    "<Enter>9",
    "P",
    "i",
    "?",
    "m",
    "/web",
    "D",
    "y",
    "c",
    "a",
    "<Enter>?",
    "P<Tab>",
    "P/59",
    "Py",
    "i<Tab>",
    "/stat:x cpu>",
    "/title:仮",
    "t",
    "ttt",
    "tt<Left>",
    "V",
    "VSave<Enter>",
    "<ctrl-p>",
    "<ctrl-p>we",
    "<ctrl-p>zzz",
];

const SIZES: [(u16, u16); 13] = [
    (0, 0),
    (1, 1),
    (2, 1),
    (1, 2),
    (3, 3),
    (5, 2),
    (10, 4),
    (20, 5),
    (40, 8),
    (79, 23),
    (80, 24),
    (200, 50),
    (500, 200),
];

#[test]
fn nothing_panics_in_any_size() {
    for ways in WAYS {
        for (width, height) in SIZES {
            let mut session = Session::active(width, height, domains());
            session.silent(&[(uuid(1), 7)]).keys(ways);
            draw(&session.state, width, height);
            // The terminal was resized and the program does not know yet.
            draw(&session.state, 7, 3);
            session.event(Event::Resize(Size {
                width: 3,
                height: 2,
            }));
            draw(&session.state, 3, 2);
        }
    }
}

#[test]
fn no_section_of_a_measured_domain_panics_in_any_size() {
    let answers = || {
        [
            ("4", Answer::Addresses(addresses())),
            ("6", Answer::Guest(facts())),
            (
                "8",
                Answer::Xml {
                    text: xml(300),
                    kind: XmlKind::Live,
                },
            ),
            ("9", log(300)),
        ]
    };
    // The largest is drawn above; here every key is a picture.
    for (width, height) in SIZES.into_iter().filter(|(width, _)| *width <= 200) {
        let mut session = measured(width, height);
        session.done();
        for (section, answer) in answers() {
            session.keys(section).answer_last(Ok(answer));
        }
        for section in 1..=9 {
            session.keys(&section.to_string());
            for keys in [
                "",
                "G",
                ">>>>",
                "<PgUp>kkk",
                "-------",
                "<Space>",
                "+++++++",
                "<Space>",
            ] {
                session.keys(keys);
                draw(&session.state, width, height);
                draw(&session.state, 7, 3);
            }
        }
    }
}

#[test]
fn the_way_in_does_not_panic_in_any_size() {
    for (width, height) in [(0, 0), (1, 1), (6, 4), (12, 13), (30, 10), (80, 24)] {
        let mut session = Session::new(width, height, &["qemu:///system", "xen:///"]);
        for connection in 0..2 {
            session.news(connection, 1, News::State(lost(2.0), Some(refused())));
        }
        draw(&session.state, width, height);
        session.keys("e");
        draw(&session.state, width, height);
    }
}

#[test]
fn drawing_the_same_state_gives_the_same_cells() {
    let mut session = Session::active(120, 40, domains());
    let before = draw(&session.state, 120, 40).backend().buffer().clone();
    // Less than the age at which data counts as old.
    session.wait(4.0);
    let after = draw(&session.state, 120, 40).backend().buffer().clone();
    assert_eq!(before, after, "time alone changed the screen");
}

#[test]
fn no_hidden_character_reaches_a_cell() {
    let session = Session::active(200, 50, domains());
    let screen = text(&session.state);
    assert!(screen.contains("\\u{202e}evil\\x1b[31m"), "{screen}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!screen.contains(control), "{screen:?}");
    let mut tagged = running(9, "tagged");
    let definition = std::sync::Arc::make_mut(tagged.definition.as_mut().unwrap());
    definition.tags = vec!["\u{202e}tag\u{1b}[31m".to_owned()];
    definition.notes = Some("note\u{9b}\u{200b}\tend".to_owned());
    let mut session = Session::active(200, 50, vec![tagged]);
    let columns = [Column::Name, Column::Tags, Column::Notes];
    session.state.table.configure(&columns, Column::Tags, false);
    session.keys("ttt<ctrl-p>");
    let screen = text(&session.state) + &text(&session.keys("<Esc>").state);
    assert!(screen.contains("\\u{202e}tag\\x1b[31m"), "{screen}");
    let hidden = |c: char| control(c) || matches!(c, '\u{202e}' | '\u{200b}');
    assert!(!screen.contains(hidden), "{screen:?}");
}
