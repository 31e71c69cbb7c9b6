use proptest::prelude::*;

use super::*;

fn fed(bytes: &[u8]) -> Terminal {
    let mut terminal = Terminal::new(20, 5);
    terminal.feed(bytes);
    terminal
}

#[test]
fn text_colours_and_attributes_become_cells() {
    let screen = fed(b"a\x1b[1;31mb\x1b[38;5;200;4mc\x1b[m\x1b[48;2;1;2;3md").screen();
    assert_eq!(screen.line(0), "abcd");
    let cell = |column| screen.cell(column, 0).unwrap();
    assert_eq!(cell(0).front, Colour::Default);
    assert_eq!(
        (cell(1).front, cell(1).look.bold),
        (Colour::Indexed(1), true)
    );
    assert_eq!(cell(2).front, Colour::Indexed(200));
    assert!(cell(2).look.underlined);
    assert_eq!(cell(3).back, Colour::Rgb(1, 2, 3));
    assert_eq!(screen.cursor, Some((4, 0)));
}

#[test]
fn wide_characters_take_two_cells() {
    let screen = fed("仮e\u{301}x".as_bytes()).screen();
    assert_eq!(screen.cell(0, 0).unwrap().wide, Wide::First);
    assert_eq!(screen.cell(1, 0).unwrap().wide, Wide::Second);
    assert_eq!(screen.line(0), "仮e\u{301}x");
}

#[test]
fn the_alternate_screen_leaves_the_lines_as_they_were() {
    let mut terminal = fed(b"shell\x1b[?1049h\x1b[2J\x1b[Hvi\x1b[?1h");
    let screen = terminal.screen();
    assert_eq!(screen.line(0), "vi");
    assert!(screen.modes.alternate_screen && screen.modes.application_cursor);
    terminal.feed(b"\x1b[?1l\x1b[?1049l");
    assert_eq!(terminal.screen().line(0), "shell");
}

#[test]
fn a_guest_learns_where_its_cursor_is_and_nothing_else() {
    let mut terminal = fed(b"\x1b[999;999H\x1b[6n");
    assert_eq!(terminal.replies(), b"\x1b[5;20R");
    terminal.feed(b"\x1b[18t");
    assert_eq!(
        terminal.replies(),
        b"\x1b[8;5;20t",
        "the size, for those who ask"
    );
    for asked in [
        "\x1b]52;c;?\x07",
        "\x1b]10;?\x07",
        "\x1b]4;1;?\x1b\\",
        "\x1b[21t",
        "\x1b[14t",
        "\x1b[?u",
        "\x1b_Ga=q,i=1;AAAA\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b[>q",
        "\x05",
    ] {
        terminal.feed(asked.as_bytes());
        let reply = terminal.replies();
        assert!(
            reply.is_empty(),
            "{asked:?} is answered with {:?}",
            String::from_utf8_lossy(&reply)
        );
    }
}

#[test]
fn replies_are_bounded() {
    let mut terminal = Terminal::new(20, 5);
    for _ in 0..100_000 {
        terminal.feed(b"\x1b[6n");
    }
    assert!(terminal.replies().len() <= REPLIES);
}

#[test]
fn lines_are_kept_up_to_a_bound_and_can_be_searched_and_copied() {
    let mut terminal = Terminal::new(20, 5);
    for number in 0..12_000 {
        terminal.feed(format!("line {number}\r\n").as_bytes());
    }
    assert_eq!(terminal.screen().history, SCROLLBACK_LINES);
    assert!(terminal.look(Motion::Find("LINE 5000".to_owned())));
    let screen = terminal.screen();
    assert!(screen.looking && screen.scrolled > 0);
    let (_, line) = screen.cursor.unwrap();
    assert_eq!(screen.line(line), "line 5000");
    terminal.look(Motion::Mark);
    terminal.look(Motion::Up);
    assert_eq!(terminal.copy(), "line 4999\nline 5000");
    assert!(!terminal.look(Motion::Find("nowhere".to_owned())));
    terminal.look(Motion::End);
    assert_eq!(terminal.screen().scrolled, 0);
    assert!(terminal.copy().ends_with("line 11999"));
}

#[test]
fn output_does_not_move_who_looks_back() {
    let mut terminal = Terminal::new(20, 5);
    for number in 0..50 {
        terminal.feed(format!("line {number}\r\n").as_bytes());
    }
    terminal.look(Motion::PageUp);
    terminal.look(Motion::PageUp);
    let before = terminal.screen().line(0);
    terminal.feed(b"more\r\nand more\r\n");
    assert_eq!(terminal.screen().line(0), before);
}

#[test]
fn what_was_lost_ends_what_had_begun() {
    let mut terminal = fed(b"a\x1b[31");
    terminal.skip(1000);
    terminal.feed(b"mb");
    let screen = terminal.screen();
    assert_eq!(screen.line(0), "amb");
    assert_eq!(screen.dropped, 1000);
}

#[test]
fn an_endless_frame_is_shown_all_the_same() {
    assert_eq!(fed(b"\x1b[?2026hshown").screen().line(0), "shown");
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        (0_u32..100_000, 0_u32..100_000, 0x40_u8..0x7f).prop_map(|(a, b, end)| format!(
            "\x1b[{a};{b}{}",
            char::from(end)
        )
        .into_bytes()),
        (0_u32..3000, any::<bool>()).prop_map(|(mode, on)| {
            format!("\x1b[?{mode}{}", if on { 'h' } else { 'l' }).into_bytes()
        }),
        Just("仮".repeat(9).into_bytes()),
        Just("e\u{301}\u{302}\u{202e}\u{200d}".repeat(9).into_bytes()),
        Just(b"\x1b[2;4r\x1bM\x1b[L\x1b[5P\x1b[9@".to_vec()),
        Just(b"\x1b]0;\x1b]52;c;AAAA".to_vec()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn motions() -> impl Strategy<Value = Motion> {
    prop_oneof![
        Just(Motion::Begin),
        Just(Motion::End),
        Just(Motion::PageUp),
        Just(Motion::PageDown),
        Just(Motion::First),
        Just(Motion::Last),
        Just(Motion::WordLeft),
        Just(Motion::WordRight),
        Just(Motion::Left),
        Just(Motion::Right),
        Just(Motion::Up),
        Just(Motion::Down),
        Just(Motion::LineStart),
        Just(Motion::LineEnd),
        Just(Motion::Mark),
        Just(Motion::Find("e".to_owned())),
        Just(Motion::FindAgain(false)),
        any::<i32>().prop_map(Motion::Scroll),
    ]
}

#[test]
fn words_are_walked_over_the_ends_of_lines() {
    let mut terminal = Terminal::new(6, 3);
    terminal.feed("ab cd\r\n\u{4eae}\u{4eae}x y".as_bytes());
    terminal.look(Motion::First);
    terminal.look(Motion::LineStart);
    let mut places = Vec::new();
    for motion in [
        Motion::WordRight,
        Motion::WordRight,
        Motion::Right,
        Motion::WordRight,
        Motion::WordLeft,
        Motion::Left,
        Motion::WordLeft,
        Motion::WordLeft,
        Motion::WordLeft,
    ] {
        terminal.look(motion);
        places.push(terminal.screen().cursor.unwrap());
    }
    let wanted = [
        (3, 0),
        (0, 1),
        (2, 1),
        (0, 2),
        (0, 1),
        (0, 1),
        (3, 0),
        (0, 0),
        (0, 0),
    ];
    assert_eq!(places, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_a_guest_sends_panics_or_leaves_the_cells(
        steps in proptest::collection::vec((hostile(), 0_u16..120, 0_u16..60, motions()), 1..6)
    ) {
        let mut terminal = Terminal::new(80, 24);
        for (bytes, columns, lines, motion) in steps {
            terminal.feed(&bytes);
            terminal.resize(columns, lines);
            terminal.look(motion);
            let screen = terminal.screen();
            let room = usize::from(screen.columns) * usize::from(screen.lines);
            prop_assert_eq!(screen.cells.len(), room);
            if let Some((column, line)) = screen.cursor {
                prop_assert!(column < screen.columns && line < screen.lines);
            }
            for (at, cell) in screen.cells.iter().enumerate() {
                prop_assert!(!text::is_hidden(cell.symbol), "{:?}", cell.symbol);
                let whole = format!("{}{}", cell.symbol, cell.marks.as_deref().unwrap_or(""));
                let wanted = if cell.wide == Wide::First { 2 } else { 1 };
                prop_assert_eq!(text::width(&whole), wanted, "{:?}", whole);
                prop_assert_eq!(text::visible(&whole), &*whole);
                if cell.wide == Wide::First {
                    let next = &screen.cells[at + 1];
                    prop_assert_eq!(next.wide, Wide::Second);
                }
            }
            let copied = terminal.copy();
            prop_assert!(copied.chars().all(|c| c == '\n' || !text::is_hidden(c)));
        }
    }
}
