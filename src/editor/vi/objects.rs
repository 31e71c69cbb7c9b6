//! Text objects: a word, a value, a tag.

use std::ops::Range;

use super::super::motion::class;
use super::super::typing::Editor;
use crate::xml::scan::Kind;

/// The bytes of an object around a place; `around` takes its marks as well.
pub fn find(
    editor: &Editor,
    at: usize,
    object: char,
    around: bool,
    count: usize,
) -> Option<Range<usize>> {
    match object {
        'w' => Some(word(editor.text(), at, around)),
        't' => tag(editor, at, around, count),
        '"' | '\'' => value(editor, at, around),
        '<' | '>' => one_tag(editor, at, around),
        _ => None,
    }
}

fn word(text: &str, at: usize, around: bool) -> Range<usize> {
    let of = |c: char| if c == '\n' { 9 } else { class(c) };
    let Some(first) = text[at..].chars().next() else {
        return at..at;
    };
    let kind = of(first);
    let before: usize = text[..at]
        .chars()
        .rev()
        .take_while(|c| of(*c) == kind)
        .map(char::len_utf8)
        .sum();
    let behind: usize = text[at..]
        .chars()
        .take_while(|c| of(*c) == kind)
        .map(char::len_utf8)
        .sum();
    let blanks: usize = if around {
        text[at + behind..]
            .chars()
            .take_while(|c| of(*c) == 0)
            .map(char::len_utf8)
            .sum()
    } else {
        0
    };
    at - before..at + behind + blanks
}

/// The value of an attribute, without or with its quotes.
fn value(editor: &Editor, at: usize, around: bool) -> Option<Range<usize>> {
    let line = editor.buffer().line_range(editor.buffer().place(at).line);
    let words = editor.anatomy().words_in(line);
    let word = words
        .iter()
        .find(|word| word.kind == Kind::Value && word.range.end > at)?;
    let text = &editor.text()[word.range.clone()];
    let closed = text.len() > 1 && text.ends_with(['"', '\'']);
    if around {
        return Some(word.range.clone());
    }
    Some(word.range.start + 1..word.range.end - usize::from(closed))
}

/// An element, or what is in it; a count goes to the elements around.
fn tag(editor: &Editor, at: usize, around: bool, count: usize) -> Option<Range<usize>> {
    let anatomy = editor.anatomy();
    // On the blanks before an element, that one is meant.
    let text = editor.text();
    let blanks = text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    let ways = anatomy.around(at + blanks);
    let whole: Vec<usize> = ways
        .into_iter()
        .filter(|number| anatomy.whole(*number).is_some())
        .filter(|number| around || anatomy.elements()[*number].end.is_some())
        .collect();
    let number = whole.len().checked_sub(count)?;
    let number = whole[number];
    let element = &anatomy.elements()[number];
    if around {
        return anatomy.whole(number);
    }
    let end = element.end.as_ref()?;
    Some(element.start.end..end.start)
}

/// One tag with its attributes.
fn one_tag(editor: &Editor, at: usize, around: bool) -> Option<Range<usize>> {
    let tags = editor
        .anatomy()
        .elements()
        .iter()
        .flat_map(|element| std::iter::once(&element.start).chain(&element.end));
    let tag = tags.into_iter().find(|tag| tag.contains(&at))?.clone();
    if around {
        return Some(tag);
    }
    let words = &editor.text()[tag.clone()];
    let head = if words.starts_with("</") { 2 } else { 1 };
    let tail = if words.ends_with("/>") {
        2
    } else {
        usize::from(words.ends_with('>'))
    };
    Some(tag.start + head..tag.end - tail)
}
