use super::*;
use proptest::prelude::*;

fn editor(text: &str) -> Editor {
    Editor::new(text).unwrap()
}

/// An editor whose cursor stands where `|` is.
fn at(text: &str) -> Editor {
    let byte = text.find('|').unwrap();
    let mut editor = editor(&text.replacen('|', "", 1));
    editor.move_to_byte(byte, false);
    editor
}

fn shown(editor: &Editor) -> String {
    let mut text = editor.text().to_owned();
    text.insert(editor.buffer().at(), '|');
    text
}

fn typed(text: &str, keys: &str) -> String {
    let mut editor = at(text);
    for c in keys.chars() {
        match c {
            '\n' => editor.new_line(),
            '\u{8}' => editor.backspace(false),
            c => editor.type_char(c),
        }
    }
    shown(&editor)
}

#[test]
fn tags_are_closed_as_they_are_typed() {
    assert_eq!(typed("|", "<a>"), "<a>|</a>");
    assert_eq!(typed("|", "<a/>"), "<a/>|");
    assert_eq!(typed("<a>|</a>", "<a>"), "<a><a>|</a></a>");
    assert_eq!(typed("<a><b>1|</a>", "</"), "<a><b>1</b>|</a>");
    // Whoever types it all the same gets it once.
    assert_eq!(typed("<a><b>1|</a>", "</b>2"), "<a><b>1</b>2|</a>");
    assert_eq!(typed("<a>|", "</b"), "<a></a>b|");
    assert_eq!(typed("<a|></a>", ">"), "<a>|</a>");
    assert_eq!(typed("|", "<a b='1'>"), "<a b='1'>|</a>");
    assert_eq!(typed("<a b=|/>", "\"1\""), "<a b=\"1\"|/>");
    assert_eq!(typed("<a>it|</a>", "'s"), "<a>it's|</a>");
    assert_eq!(typed("<a b=|/>", "'\u{8}"), "<a b=|/>");
}

#[test]
fn lines_begin_as_deep_as_they_belong() {
    assert_eq!(typed("<a>|</a>", "\n"), "<a>\n  |\n</a>");
    assert_eq!(typed("  <a/>|\n", "\n<b>"), "  <a/>\n  <b>|</b>\n");
    assert_eq!(typed("  <a>|\n", "\n"), "  <a>\n    |\n");
    assert_eq!(
        typed("<a>\n    <b/>\n    |\n", "</"),
        "<a>\n    <b/>\n    </a>|\n"
    );
    assert_eq!(typed("    |", "\u{8}"), "  |");
}

#[test]
fn a_run_of_typing_is_one_step() {
    let mut editor = at("<a>|</a>");
    for c in "one two".chars() {
        editor.type_char(c);
    }
    assert_eq!(editor.text(), "<a>one two</a>");
    editor.undo();
    assert_eq!(editor.text(), "<a>one</a>");
    editor.undo();
    assert_eq!(editor.text(), "<a></a>");
    editor.redo();
    editor.redo();
    assert_eq!(editor.text(), "<a>one two</a>");
}

#[test]
fn the_way_to_the_cursor_is_told() {
    let editor = at("<domain><devices><disk/><disk><target d|ev='vdb'/></disk></devices></domain>");
    let path = editor.anatomy().path(editor.text(), editor.buffer().at());
    assert_eq!(path, ["domain", "devices", "disk[2]", "target"]);
}

#[test]
fn devices_are_found_by_name() {
    let text = "<domain>\n<memory>1</memory>\n<devices>\n<disk><target dev='vda'/></disk>\n\
        <interface><mac address='52:54:00:00:00:01'/></interface><graphics type='vnc' passwd='x'/></devices></domain>";
    let names: Vec<_> = editor(text)
        .anatomy()
        .outline(text)
        .into_iter()
        .map(|device| device.name)
        .collect();
    assert_eq!(
        names,
        [
            "memory 1",
            "devices",
            "disk vda",
            "interface 52:54:00:00:00:01",
            "graphics vnc"
        ]
    );
}

#[test]
fn folding_hides_lines_and_changes_nothing() {
    let text = "<a>\n  <b>\n    <c/>\n  </b>\n  <d/>\n</a>";
    let mut editor = editor(text);
    editor.move_to(Place { line: 2, column: 4 }, false);
    editor.toggle_fold();
    assert_eq!(editor.seen(10), [0, 1, 4, 5]);
    assert_eq!(editor.buffer().cursor().line, 1);
    editor.go(Motion::Down(1), false);
    assert_eq!(editor.buffer().cursor().line, 4);
    // Lines that come above move it along.
    editor.replace(0..0, "<!-- -->\n");
    assert_eq!(editor.seen(10), [0, 1, 2, 5, 6]);
    // Whoever goes inside opens it.
    editor.move_to(Place { line: 3, column: 0 }, false);
    assert_eq!(editor.seen(10).len(), 7);
    assert_eq!(editor.text(), format!("<!-- -->\n{text}"));
}

#[test]
fn comments_come_and_go() {
    let mut editor = at("<a>\n  <b>|\n    <c x='--'/>\n  </b>\n</a>");
    let text = editor.text().to_owned();
    editor.toggle_comment();
    assert_eq!(
        editor.text(),
        "<a>\n  <!-- <b>\n    <c x='- -'/>\n  </b> -->\n</a>"
    );
    editor.toggle_comment();
    assert_eq!(editor.text(), text);
}

#[test]
fn blocks_move_over_elements() {
    let mut editor = at("<a>\n<b>|\n</b>\n<c>\n</c>\n</a>");
    editor.move_block(true);
    assert_eq!(shown(&editor), "<a>\n<c>\n</c>\n<b>|\n</b>\n</a>");
    editor.move_block(false);
    assert_eq!(shown(&editor), "<a>\n<b>|\n</b>\n<c>\n</c>\n</a>");
}

#[test]
fn tags_lead_to_each_other() {
    let mut editor = at("<a><|b>1</b></a>");
    editor.go(Motion::OtherTag, false);
    assert_eq!(shown(&editor), "<a><b>1</|b></a>");
    editor.go(Motion::OtherTag, false);
    assert_eq!(shown(&editor), "<a><|b>1</b></a>");
}

#[test]
fn expressions_find_and_replace() {
    let mut editor = editor("<a x='1'/>\n<a x='22'/>");
    let pattern = Pattern::new("x='(\\d+)'").unwrap();
    assert_eq!(editor.find(&pattern, false, true), Some((1, 2)));
    assert_eq!(editor.find(&pattern, false, false), Some((2, 2)));
    assert_eq!(editor.find(&pattern, false, false), Some((1, 2)));
    assert_eq!(editor.find(&pattern, true, false), Some((2, 2)));
    editor.unselect();
    assert_eq!(editor.replace_all(&pattern, "y=\"$1\"").count, 2);
    assert_eq!(editor.text(), "<a y=\"1\"/>\n<a y=\"22\"/>");
    editor.undo();
    assert_eq!(editor.text(), "<a x='1'/>\n<a x='22'/>");
    assert!(Pattern::new("(").is_err());
}

#[test]
fn ends_of_lines_are_kept() {
    let buffer = Buffer::new("\u{feff}<a>\r\n</a>\r\n").unwrap();
    assert_eq!(buffer.text(), "<a>\n</a>\n");
    assert_eq!(buffer.written(), "<a>\r\n</a>\r\n");
    assert!(Buffer::new(&"\n".repeat(MOST_LINES)).is_err());
}

#[test]
fn whole_lines_are_cut_and_put_back() {
    let mut editor = at("one\nt|wo\nthree");
    editor.copy(true);
    assert_eq!(shown(&editor), "one\n|three");
    editor.paste_clip();
    assert_eq!(editor.text(), "one\ntwo\nthree");
}

proptest! {
    /// The text beside the widget is the widget's, whatever is done.
    #[test]
    fn the_text_is_what_the_widget_has(
        start in "[a\u{e9}<>\n ]{0,20}",
        steps in prop::collection::vec((0..60usize, 0..8usize, "[b\u{301}\n>'\u{4e2d}]{0,4}", 0..5u8), 0..12),
    ) {
        let mut buffer = Buffer::new(&start).unwrap();
        let mut texts = vec![buffer.text().to_owned()];
        for (from, length, with, kind) in steps {
            let edge = |at: usize| {
                let mut at = at.min(buffer.text().len());
                while !buffer.text().is_char_boundary(at) { at -= 1; }
                at
            };
            let range = edge(from)..edge(from + length);
            match kind {
                0 => { buffer.undo(); }
                1 => { buffer.redo(); }
                2 => { buffer.set_text(&with); }
                3 => { buffer.type_in(range, &with); }
                _ => { buffer.replace(range, &with); }
            }
            prop_assert_eq!(buffer.text(), buffer.lines().join("\n"));
            prop_assert_eq!(buffer.place(buffer.at()), buffer.cursor());
            texts.push(buffer.text().to_owned());
        }
        while buffer.undo() {}
        prop_assert_eq!(buffer.text(), &texts[0]);
    }
}
