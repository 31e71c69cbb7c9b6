//! Documents that are not well-formed: where a parser stumbled, and where the mistake was made, which may be lines before.

use std::ops::Range;

use super::ffi::Message;
use super::{Finding, error, limits, line_start};
use crate::xml::scan::{Element, Kind, Word, elements_of, words};

/// What libxml2 says where it has no words.
const UNNAMED: &str = "Unregistered error message";

/// What a parser says first is the cause; what it is about may have begun earlier.
pub fn malformed(text: &str, messages: &[Message]) -> Vec<Finding> {
    let Some(message) = messages.first() else {
        return vec![error(1, 1, 0..1, "the document cannot be read".to_owned())];
    };
    let line = message.line.max(1);
    let start = line_start(text, line);
    let column = message.column.max(1);
    let at = text[start..]
        .char_indices()
        .nth(column - 1)
        .map_or(text.len(), |(offset, _)| start + offset);
    // The rest of a message quotes the document.
    let words = message.text.lines().next().unwrap_or_default().to_owned();
    let mut findings = vec![error(line, column, at..at + 1, words)];
    if let Some((range, message)) = origin(text, &message.text, at) {
        let (line, column) = limits::place(text.as_bytes(), range.start);
        let own = error(line, column, range, message);
        if line != findings[0].line {
            findings.insert(0, own);
        } else if own.message.contains("quote") || findings[0].message == UNNAMED {
            // On one line the quote that is missing says more than what then cannot be read.
            findings[0] = own;
        }
    }
    findings
}

/// Where it began.
fn origin(text: &str, message: &str, at: usize) -> Option<(Range<usize>, String)> {
    let words = words(text);
    if let Some(found) = words.iter().find_map(|word| unfinished(text, word)) {
        return Some(found);
    }
    let elements = elements_of(text, &words);
    let unended = |element: &&Element| {
        let tag = &text[element.start.clone()];
        element.start.start < at && !tag.ends_with('>')
    };
    if let Some(element) = elements.iter().find(unended) {
        let name = &text[element.name.clone()];
        let message = format!("the tag of <{name}> has no end");
        return Some((element.start.start..element.name.end, message));
    }
    // "Opening and ending tag mismatch: NAME line N and OTHER", "Premature end of data in tag NAME line N".
    let (before, after) = message.split_once(" line ")?;
    let name = before.rsplit(' ').next()?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let line: usize = digits.parse().ok()?;
    let element = elements.iter().find(|element| {
        text[element.name.clone()] == *name
            && limits::place(text.as_bytes(), element.start.start).0 <= line
            && limits::place(text.as_bytes(), element.start.end).0 >= line
            && element.end.as_ref().is_none_or(|end| end.start >= at)
            && !element.is_empty
    })?;
    let message = format!("<{name}> is not closed");
    Some((element.start.start..element.name.end, message))
}

/// A word that has no end.
fn unfinished(text: &str, word: &Word) -> Option<(Range<usize>, String)> {
    let piece = &text[word.range.clone()];
    let what = match word.kind {
        Kind::Value => {
            let quote = piece.chars().next()?;
            if piece.len() > 1 && piece.ends_with(quote) {
                return None;
            }
            "the value has no closing quote"
        }
        Kind::Comment if !piece.ends_with("-->") || piece.len() < 7 => "the comment has no end",
        Kind::Cdata if !piece.ends_with("]]>") => "the CDATA section has no end",
        Kind::Instruction if !piece.ends_with("?>") => "the processing instruction has no end",
        _ => return None,
    };
    let first = piece.lines().next().unwrap_or_default().len().max(1);
    Some((word.range.start..word.range.start + first, what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ffi::ParsedDocument;
    use std::ffi::CString;

    fn told(text: &str) -> Vec<(usize, String)> {
        let whole = CString::new(text).unwrap();
        let messages = ParsedDocument::read(&whole).err().unwrap();
        malformed(text, &messages)
            .into_iter()
            .map(|finding| (finding.line, finding.message))
            .collect()
    }

    #[test]
    fn a_mistake_is_told_where_it_was_made_too() {
        for (text, line, words) in [
            ("<a>\n<b>\n</a>", 2, "<b> is not closed"),
            ("<a>\n<b>\n", 2, "<b> is not closed"),
            ("<a>\n<b x='1>\n<c/>\n</b></a>", 2, "no closing quote"),
            ("<a>\n<b x='1'\n<c/>\n</a>", 2, "the tag of <b> has no end"),
            ("<a>\n<!-- b\n<c/>\n</a>", 2, "the comment has no end"),
            ("<a>\n<![CDATA[ b\n</a>", 2, "the CDATA section has no end"),
            ("<a>\n<?b\n</a>", 2, "the processing instruction has no end"),
        ] {
            let told = told(text);
            assert_eq!(told.len(), 2, "{told:?}");
            assert_eq!(told[0].0, line, "{told:?}");
            assert!(told[0].1.contains(words), "{told:?}");
        }
        assert_eq!(told("<a><![CDATA[")[0].1, "the CDATA section has no end");
        assert_eq!(told("<a>\n<b></c></a>").len(), 1);
        assert_eq!(told("<a>1 < 2</a>").len(), 1);
        assert_eq!(told("<a>\n&b;</a>")[0].0, 2);
    }
}
