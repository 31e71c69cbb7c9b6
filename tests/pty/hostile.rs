//! Names, titles and descriptions that nobody chose in good faith, or that no terminal measures like another.

use std::fmt::Write as _;
use std::time::Duration;

use crate::harness::{Cell, Screen, Sequences, Session, Setup};

/// A domain of the test driver: its name as it is, and as XML text.
const NAMES: &[(&str, &str)] = &[
    ("tab\there", "tab&#9;here"),
    ("del\u{7f}", "del\u{7f}"),
    ("csi\u{9b}31m", "csi&#x9b;31m"),
    ("osc\u{9d}0;title\u{9c}", "osc&#x9d;0;title&#x9c;"),
    ("rtl\u{202e}gnp.exe", "rtl\u{202e}gnp.exe"),
    ("isolate\u{2066}x\u{2069}", "isolate\u{2066}x\u{2069}"),
    ("zero\u{200b}width", "zero\u{200b}width"),
    ("line\u{2028}separator", "line\u{2028}separator"),
    ("bom\u{feff}", "bom\u{feff}"),
    ("private\u{e000}use", "private\u{e000}use"),
    ("--all", "--all"),
    ("-rf", "-rf"),
    ("$(id)", "$(id)"),
    ("`reboot`", "`reboot`"),
    ("it's \"quoted\"", "it&apos;s &quot;quoted&quot;"),
    ("7", "7"),
    (
        "6f1d0c5e-0000-4000-8000-000000000001",
        "6f1d0c5e-0000-4000-8000-000000000001",
    ),
    ("仮想マシン", "仮想マシン"),
    ("한국어", "한국어"),
    ("vm 🚀", "vm 🚀"),
    (
        "family 👩\u{200d}👩\u{200d}👧\u{200d}👦",
        "family 👩\u{200d}👩\u{200d}👧\u{200d}👦",
    ),
    ("skin 👍\u{1f3fd}", "skin 👍\u{1f3fd}"),
    ("gear ⚙\u{fe0f}", "gear ⚙\u{fe0f}"),
    ("flag 🇩🇪", "flag 🇩🇪"),
    ("keycap 1\u{fe0f}\u{20e3}", "keycap 1\u{fe0f}\u{20e3}"),
    ("combining e\u{301}a\u{308}", "combining e\u{301}a\u{308}"),
    ("\u{301}starts with one", "\u{301}starts with one"),
    ("عربي", "عربي"),
    ("हिन्दी", "हिन्दी"),
];

/// Titles and descriptions, spread over the domains.
const TEXTS: &[&str] = &[
    "csi &#x9b;2J osc &#x9d;52;c;eA==&#x9c; end",
    "rtl \u{202e}edoc \u{202c} end",
    "wide 仮想マシン 👩\u{200d}👧 ⚙\u{fe0f} 👍\u{1f3fd} end",
    "zalgo e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308} end",
];

/// The document of a host with all of them, off.
fn node() -> String {
    let long = "long".repeat(61);
    let mut node = String::from(
        "<node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\
         <cpu><mhz>2400</mhz><model>x86_64</model><active>4</active><nodes>1</nodes>\
         <sockets>1</sockets><cores>4</cores><threads>1</threads></cpu><memory>8388608</memory>",
    );
    let names = NAMES.iter().map(|(_, xml)| *xml).chain([long.as_str()]);
    for (number, name) in names.enumerate() {
        let text = TEXTS[number % TEXTS.len()];
        write!(
            node,
            "<domain type='test'><name>{name}</name><uuid>{number:08x}-0000-4000-8000-000000000000</uuid>\
             <title>{text}</title><description>{text}&#10;{text}&#13;&#9;{text}</description>\
             <memory>524288</memory><vcpu>2</vcpu><os><type>hvm</type></os>\
             <devices><graphics type='vnc' port='{}' autoport='no' listen='127.0.0.1'/></devices>\
             <test:runstate>5</test:runstate></domain>",
            5901 + number
        )
        .unwrap();
    }
    node.push_str("</node>");
    node
}

fn console(columns: u16, lines: u16) -> Session {
    let setup = Setup::virtty(&["-c"]).size(columns, lines);
    let document = setup.home().write("node.xml", &node());
    let console = setup
        .argument(&format!("test://{}", document.display()))
        .start();
    console.wait_for("Shutoff");
    console.wait_until("all domains", |screen| {
        screen.has(&format!("0/{} running", NAMES.len() + 1))
    });
    console
}

/// The cells of a line from the first that begins `text` on.
fn column_of(cells: &[Cell], text: &str) -> Option<usize> {
    (0..cells.len()).find(|&column| {
        let rest: String = cells[column..].iter().map(|cell| &*cell.text).collect();
        !cells[column].text.is_empty() && rest.starts_with(text)
    })
}

fn selected(screen: &Screen) -> String {
    screen.line_with("▌")
}

#[test]
fn nothing_hidden_reaches_the_terminal_and_columns_hold() {
    let console = console(120, 20);
    console.resize(120, 40);
    let screen = console.wait_for("한국어");
    for shown in [
        "tab\\there",
        "del\\x7f",
        "csi\\x9b31m",
        "rtl\\u{202e}gnp.exe",
        "--all",
        "$(id)",
        "仮想マシン",
    ] {
        assert!(screen.has(shown), "{shown}\n{}", screen.text());
    }
    assert_columns(&screen);
    console.resize(120, 20);
    console.wait_until("drawn in the new size", |screen| {
        screen.line(19).contains("? Help")
    });
    // Scrolled by lines, sorted, filtered, so that each name comes to stand where each other stood.
    let scrolled = std::iter::repeat_n("j", NAMES.len());
    for keys in ["G", "g", ">", "o", "<", "/a<Enter>", "/<Esc>", "g"]
        .into_iter()
        .chain(scrolled)
    {
        console.press(keys);
        let changed = console.quiet(Duration::from_millis(120));
        assert_columns(&changed);
        // What is left over of a name stands there until everything is drawn again.
        console.press("<C-l>");
        let whole = console.quiet(Duration::from_millis(120));
        assert_eq!(changed.text(), whole.text(), "after {keys}");
    }
    Sequences::of(&console.raw()).assert_harmless();
}

/// States and displays stand below each other, cell by cell.
#[track_caller]
fn assert_columns(screen: &Screen) {
    for text in ["Shutoff", "512M"] {
        let columns: Vec<_> = screen
            .rows
            .iter()
            .filter_map(|cells| column_of(cells, text))
            .collect();
        assert!(!columns.is_empty(), "{}", screen.text());
        assert!(
            columns.iter().all(|column| *column == columns[0]),
            "{text} at {columns:?}\n{}",
            screen.text()
        );
    }
}

/// Boxes are closed: their right borders stand below each other, cell by cell.
#[track_caller]
fn assert_box(screen: &Screen) {
    let top = screen.number_of("╭");
    let corner = |line: usize, corner: &str| {
        screen.rows[line]
            .iter()
            .position(|cell| cell.text == corner)
    };
    let (left, right) = (corner(top, "╭").unwrap(), corner(top, "╮").unwrap());
    let bottom = screen.number_of("╰");
    assert!(bottom > top + 1, "{}", screen.text());
    for line in top + 1..bottom {
        for column in [left, right] {
            assert_eq!(
                screen.rows[line][column].text,
                "│",
                "line {line}, column {column}\n{}",
                screen.text()
            );
        }
    }
    assert_eq!(
        (corner(bottom, "╰"), corner(bottom, "╯")),
        (Some(left), Some(right))
    );
}

#[test]
fn every_one_can_be_started_and_forced_off() {
    let console = console(110, 40);
    console.press("g");
    for number in 0..=NAMES.len() {
        console.wait_until("the row selected", |screen| {
            screen
                .line(39)
                .ends_with(&format!("{}/{}", number + 1, NAMES.len() + 1))
        });
        let row = selected(&console.screen());
        assert!(row.contains("Shutoff"), "{row}");
        console.press("s");
        console.wait_until("it runs", |screen| selected(screen).contains("Running"));
        console.press("D");
        let screen = console.wait_for("virsh -c ");
        assert_box(&screen);
        assert!(screen.has("destroy -- "), "{}", screen.text());
        console.press("y");
        console.wait_until("it is off", |screen| {
            !screen.has("╭") && selected(screen).contains("Shutoff")
        });
        console.press("j");
    }
    Sequences::of(&console.raw()).assert_harmless();
}

#[test]
fn their_details_and_menus_are_whole() {
    let console = console(100, 30);
    console.press("g");
    for number in 0..=NAMES.len() {
        console.wait_until("the row selected", |screen| {
            screen
                .line(29)
                .ends_with(&format!("{}/{}", number + 1, NAMES.len() + 1))
        });
        console.press("y");
        assert_box(&console.wait_for("Copy from "));
        console.press("<Esc>");
        console.wait_gone("Copy from ");
        console.press("<Enter>");
        let screen = console.wait_for("Overview");
        assert!(screen.has("end"), "{}", screen.text());
        // Once through all sections.
        if number % 7 == 0 {
            for _ in 0..9 {
                console.press("<Tab>");
                console.quiet(Duration::from_millis(30));
            }
        }
        console.press("<Esc>");
        console.wait_for("Name▲");
        console.press("j");
    }
    Sequences::of(&console.raw()).assert_harmless();
}

#[test]
fn messages_about_them_are_harmless() {
    let console = console(80, 24);
    for name in ["csi", "rtl", "tab", "仮想"] {
        console.press(&format!("/{name}<Enter>"));
        console.wait_for(&format!("/{name} "));
        console.press("s");
        console.wait_until("it runs and that is said", |screen| {
            screen.has("was started") && selected(screen).contains("Running")
        });
        console.press("D");
        console.wait_for("virsh -c ");
        console.press("y");
        console.wait_for("was forced off");
        console.press("/<Esc>");
    }
    console.press("m");
    console.wait_for("was started");
    Sequences::of(&console.raw()).assert_harmless();
}
