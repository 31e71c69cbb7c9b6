use super::*;
use crate::keymap::parse_keys;

/// What keys make of a text whose cursor stands where `|` is.
fn made(text: &str, keys: &str) -> String {
    let byte = text.find('|').unwrap();
    let mut editor = Editor::new(&text.replacen('|', "", 1)).unwrap();
    editor.move_to_byte(byte, false);
    let mut vi = Vi::default();
    for key in parse_keys(keys).unwrap() {
        if vi.press(key, &mut editor, 20) == ViDone::Passed {
            editor.press(key, 20);
        }
    }
    let mut text = editor.text().to_owned();
    text.insert(editor.buffer().at(), '|');
    text
}

#[test]
fn motions_and_counts() {
    assert_eq!(made("|one two three", "2w"), "one two |three");
    assert_eq!(made("one two |three", "b"), "one |two three");
    assert_eq!(made("|one two", "e"), "on|e two");
    assert_eq!(made("|a\nb\nc", "2j"), "a\nb\n|c");
    assert_eq!(made("|a\nb\nc", "G"), "a\nb\n|c");
    assert_eq!(made("a\nb\n|c", "gg"), "|a\nb\nc");
    assert_eq!(made("|a='1' b='2'", "f'"), "a=|'1' b='2'");
    assert_eq!(made("|a='1' b='2'", "f';;"), "a='1' b=|'2'");
    assert_eq!(made("<|a>1</a>", "%"), "<a>1</|a>");
    assert_eq!(made("|abc", "$"), "ab|c");
}

#[test]
fn operators_with_motions() {
    assert_eq!(made("|one two three", "dw"), "|two three");
    assert_eq!(made("|one two three", "d2w"), "|three");
    assert_eq!(made("|one two", "cwx<Esc>"), "|x two");
    assert_eq!(made("a\n|b\nc\nd", "2dd"), "a\n|d");
    assert_eq!(made("a\n|b", "dd"), "|a");
    assert_eq!(made("a|b\nc", "yyjp"), "ab\nc\n|ab");
    assert_eq!(made("|abc", "x"), "|bc");
    assert_eq!(made("ab|c", "x"), "a|b");
    assert_eq!(made("|abc", "rx"), "|xbc");
    assert_eq!(made("|ab\n  c", "J"), "ab| c".replace("ab| c", "ab |c"));
    assert_eq!(made("|a", "><>>".replace("<>", "").as_str()), "  |a");
}

#[test]
fn text_objects_of_tags() {
    assert_eq!(made("<a><b>1|2</b></a>", "dit"), "<a><b>|</b></a>");
    assert_eq!(made("<a><b>1|2</b></a>", "dat"), "<a>|</a>");
    assert_eq!(made("<a><b>1|2</b></a>", "d2at").replace('|', ""), "");
    assert_eq!(made("<a x='o|ne'/>", "ci'two<Esc>"), "<a x='tw|o'/>");
    assert_eq!(made("one t|wo", "ciwx<Esc>"), "one |x");
    assert_eq!(made("<a>|1</a>", "citx<Esc>"), "<a>|x</a>");
}

#[test]
fn changes_are_repeated_and_undone() {
    assert_eq!(made("|one two three", "cwx<Esc>w."), "x |x three");
    assert_eq!(made("|a b c", "dw."), "|c");
    assert_eq!(made("|a b", "dwu"), "|a b");
    assert_eq!(made("|a b c d e", "dw2."), "|d e");
    assert_eq!(made("|abc", "rul."), "u|uc");
    assert_eq!(made("|a.b.c", "dt..").replace('|', ""), ".c");
    assert_eq!(made("|a\nb\nc\nd\ne", "Vjd."), "|e");
    let twice = "<a><b>|1</b><b>2</b></a>";
    assert_eq!(made(twice, "citx<Esc>f2."), "<a><b>x</b><b>|x</b></a>");
    assert_eq!(made("|a", "ob<Esc>u"), "|a");
}

#[test]
fn what_is_selected_is_acted_on() {
    assert_eq!(made("|abc", "vld"), "|c");
    assert_eq!(made("|a\nb\nc", "Vjd"), "|c");
    assert_eq!(made("<a>1|2</a>", "vitd"), "<a>|</a>");
    assert_eq!(made("|ab\nc", "vy$p"), "ab|a\nc");
    assert_eq!(made("ab|c", "vhd"), "|a");
}

#[test]
fn inserting() {
    assert_eq!(made("|b", "ia<Esc>"), "|ab");
    assert_eq!(made("|b", "Ac<Esc>"), "b|c");
    assert_eq!(made("  |b", "Oa<Esc>"), "  |a\n  b");
}
