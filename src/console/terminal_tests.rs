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

/// What a guest may send that is meant for the terminal behind virtty, each with what it would do there.
pub(super) fn hostile_sequences() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        // Clipboard, titles, palette, links, notifications, directory, shell integration, pictures, pointer.
        "\x1b]52;c;aGk=\x07",
        "\x1b]52;c;?\x1b\\",
        "\x1b]52;;!\x07",
        "\x1b]0;title\x07",
        "\x1b]2;title\x1b\\",
        "\x1b]l title\x1b\\",
        "\x1b]4;1;?\x07",
        "\x1b]4;1;rgb:00/00/00\x07",
        "\x1b]10;?\x07",
        "\x1b]11;#000\x07",
        "\x1b]104\x07",
        "\x1b]8;;http://host/\x1b\\text\x1b]8;;\x1b\\",
        "\x1b]9;notice\x07",
        "\x1b]777;notify;a;b\x07",
        "\x1b]99;i=1;a\x1b\\",
        "\x1b]7;file://host/\x07",
        "\x1b]133;A\x07",
        "\x1b]633;E;rm\x07",
        "\x1b]1337;File=inline=1:AAAA\x07",
        "\x1b]1337;SetUserVar=a=Yg==\x07",
        "\x1b]22;wait\x07",
        "\x1b]50;font\x07",
        "\x1b]5522;type=write\x1b\\",
        // Questions.
        "\x1b[c",
        "\x1b[>c",
        "\x1b[=c",
        "\x1b[5n",
        "\x1b[6n",
        "\x1b[?6n",
        "\x1b[?15n",
        "\x1b[?996n",
        "\x1b[x",
        "\x1b[>q",
        "\x1b[11t",
        "\x1b[14t",
        "\x1b[18t",
        "\x1b[19t",
        "\x1b[20t",
        "\x1b[21t",
        "\x1b[22;0t",
        "\x1b[?2026$p",
        "\x1b[4$p",
        "\x1b[1$w",
        "\x1b[?u",
        "\x1b[1;1;1;1;1;1*y",
        "\x05",
        "\x1bZ",
        // Keyboards and mice.
        "\x1b[>1u",
        "\x1b[=31;1u",
        "\x1b[<u",
        "\x1b[>4;2m",
        "\x1b[?1003h\x1b[?1006h\x1b[?1016h",
        "\x1b[?2004h",
        "\x1b[?1004h",
        "\x1b[?9001h",
        // Strings.
        "\x1bP+q544e\x1b\\",
        "\x1bP$qm\x1b\\",
        "\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\",
        "\x1bP1000p%begin\x1b\\",
        "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\",
        "\x1b_Ga=T,f=100;AAAA\x1b\\",
        "\x1b_Ga=q,i=1,s=1,v=1,f=24;AAAA\x1b\\",
        "\x1b_Ga=d\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstart\x1b\\",
        "\x1bk title\x1b\\",
        // Windows, printers, resets, charsets, the screen's own switches.
        "\x1b[8;999;999t",
        "\x1b[3;0;0t",
        "\x1b[2t",
        "\x1b[5i",
        "\x1b[?5i",
        "\x1bc",
        "\x1b[!p",
        "\x1b[?1049h\x1b[?47h",
        "\x1b[?5h",
        "\x1b[?3h",
        "\x1b[?1l",
        "\x1b#8",
        "\x1b%@",
        "\x1b%G",
        "\x1b(0lqk\x1b(B",
        "\x0e\x0f\x1bn\x1bo\x1b|\x1b}",
        "\x1b[2;4r\x1b[?6h\x1b[9999;9999H",
        "\x1b[99999999999999999999C",
        "\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34m",
        "\x1b[38;2;300;-1;::m",
        "\x1b[?2026h",
        "\x1b[999999999S\x1b[999999999T\x1b[999999999L\x1b[999999999X\x1b[999999999b",
        // C1 as characters, what hides, what turns the direction.
        "\u{9b}31m\u{9d}0;title\u{9c}\u{90}q\u{9c}\u{9f}Ga=q\u{9c}\u{9e}p\u{9c}\u{98}s\u{9c}\u{85}\u{84}",
        "a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{061c}f\u{202c}",
        "a\u{200b}b\u{feff}c\u{2060}d\u{ad}e\u{180e}f\u{2028}g\u{2029}h",
        "\u{e000}\u{f0000}\u{10fffd}\u{fffe}\u{e0001}\u{e0041}",
        "👩\u{200d}👩\u{200d}👧 ⚙\u{fe0f} 🇩🇪 e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    let raw: [&[u8]; 10] = [
        // C1 in eight bits.
        b"\x9b31mred\x9d0;title\x9c\x90q\x9c\x9fGa=q\x9c\x9e\x98\x85\x84\x8d\x8e\x8f",
        // ESC, CSI and NUL in more bytes than they need, surrogates, beyond the last character, what never ends.
        b"\xc0\x9b]52;c;aGk=\x07",
        b"\xe0\x80\x9b]0;title\x07",
        b"\xf0\x80\x80\x9b]0;title\x07",
        b"\xc1\x9b\xc0\x80\xc0\xae",
        b"\xed\xa0\x80\xed\xbf\xbf",
        b"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\xfe\xff",
        b"\xc2\x1b]52;c;aGk=\x07\xe2\x82\x1b[c",
        b"\x1b]0;\xff\xfe\x9c\xc2\x9c\x07\x1b[\xffm\x1bP\xff\x1b\\",
        b"\x1b\x1b\x1b]\x1b\x18]52;c;aGk=\x07\x1b[\x1b]0;t\x1a\x7f\x00\x08\x0b\x0c",
    ];
    all.extend(raw.map(<[u8]>::to_vec));
    all
}

/// Whether a reply is numbers alone, in the forms of a report of place, kind, mode or size.
fn is_of_numbers(reply: &[u8]) -> bool {
    let text = String::from_utf8_lossy(reply);
    text.split_inclusive(|c: char| c.is_ascii_alphabetic())
        .all(|one| {
            let inner = one
                .strip_prefix("\x1b[")
                .and_then(|rest| rest.strip_suffix(['R', 'n', 'c', 't', 'y']));
            inner.is_some_and(|inner| {
                let numbers = inner.trim_start_matches(['?', '>']).trim_end_matches('$');
                numbers.chars().all(|c| c.is_ascii_digit() || c == ';')
            })
        })
}

fn assert_plain(screen: &Screen, sent: &[u8]) {
    for cell in &screen.cells {
        let whole = format!("{}{}", cell.symbol, cell.marks.as_deref().unwrap_or(""));
        assert_eq!(text::visible(&whole), &*whole, "{}", sent.escape_ascii());
    }
}

#[test]
fn hostile_sequences_are_dropped_or_shown_wherever_they_are_cut() {
    for sent in hostile_sequences() {
        let whole = [b"before ".as_slice(), &sent, b" after"].concat();
        let mut terminal = fed(&whole);
        let reply = terminal.replies();
        assert!(
            is_of_numbers(&reply),
            "{} is answered with {}",
            sent.escape_ascii(),
            reply.escape_ascii()
        );
        let screen = terminal.screen();
        assert_plain(&screen, &sent);
        for cut in 1..whole.len() {
            let mut terminal = fed(&whole[..cut]);
            assert_plain(&terminal.screen(), &whole[..cut]);
            terminal.feed(&whole[cut..]);
            assert_eq!(
                terminal.screen(),
                screen,
                "{} at {cut}",
                sent.escape_ascii()
            );
            assert_eq!(
                terminal.replies(),
                reply,
                "{} at {cut}",
                sent.escape_ascii()
            );
            // One that is cut off for ever: the next bytes are another's.
            let mut terminal = fed(&whole[..cut]);
            terminal.skip(1);
            terminal.feed(b"x");
            assert_plain(&terminal.screen(), &whole[..cut]);
            assert!(is_of_numbers(&terminal.replies()));
        }
    }
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
        proptest::sample::select(hostile_sequences()),
        (
            proptest::sample::select(hostile_sequences()),
            any::<proptest::sample::Index>()
        )
            .prop_map(|(mut bytes, cut)| {
                bytes.truncate(cut.index(bytes.len()));
                bytes
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
            prop_assert!(is_of_numbers(&terminal.replies()));
            let copied = terminal.copy();
            prop_assert!(copied.chars().all(|c| c == '\n' || !text::is_hidden(c)));
        }
    }
}
