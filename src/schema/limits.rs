//! What is looked at before any parser sees a document.

use std::collections::HashMap;
use std::ffi::CString;

/// Largest document: what libvirt's protocol carries (`VIR_NET_MESSAGE_STRING_MAX`).
pub const LARGEST: usize = 4 * 1024 * 1024;
/// Most that the entities of a document may come to when they are written out.
const LARGEST_EXPANSION: usize = 1024 * 1024;

/// Most entities of a document; those of a definition have none.
const MOST_ENTITIES: usize = 1000;
/// Most attributes of one element; parsers compare each with all before it.
const MOST_ATTRIBUTES: usize = 1000;

/// A document that may be parsed: UTF-8, without NUL, not too large, its entities harmless.
///
/// # Errors
/// The place as a byte offset, and what is wrong.
pub fn accept(bytes: &[u8]) -> Result<(&str, CString), (usize, String)> {
    if bytes.len() > LARGEST {
        return Err((
            0,
            format!(
                "the document has {} bytes; libvirt takes {LARGEST} at most",
                bytes.len()
            ),
        ));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let what = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            "the document is UTF-16; it must be UTF-8".to_owned()
        } else {
            format!("a NUL character at byte {at}: libvirt would read no further")
        };
        return Err((at, what));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        (at, format!("byte {at} (0x{:02x}) is not UTF-8", bytes[at]))
    })?;
    if let Some(at) = crowded(bytes) {
        return Err((
            at,
            format!("an element with more than {MOST_ATTRIBUTES} attributes"),
        ));
    }
    if let Some((at, message)) = bomb(text) {
        return Err((at, message));
    }
    let whole = CString::new(bytes).map_err(|error| {
        let at = error.nul_position();
        (at, format!("a NUL character at byte {at}"))
    })?;
    Ok((text, whole))
}

/// Line and column, both from 1, of a byte; the column counts characters.
pub fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    (line, column)
}

/// Where a start tag has too many attributes.
fn crowded(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = find(bytes, at, b"<") {
        let rest = &bytes[start..];
        let skipped = [
            (&b"<!--"[..], &b"-->"[..]),
            (b"<![CDATA[", b"]]>"),
            (b"<?", b"?>"),
        ]
        .into_iter()
        .find(|(begin, _)| rest.starts_with(begin));
        if let Some((begin, end)) = skipped {
            at = find(bytes, start + begin.len(), end)? + end.len();
            continue;
        }
        let mut attributes = 0;
        at = start + 1;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' | b'\'' => {
                    attributes += 1;
                    at = find(bytes, at, std::slice::from_ref(byte))? + 1;
                }
                b'>' => break,
                // Not closed: the parser will say so.
                b'<' => {
                    at -= 1;
                    break;
                }
                _ => {}
            }
            if attributes > MOST_ATTRIBUTES {
                return Some(start);
            }
        }
    }
    None
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| from + at)
}

/// Entities that would grow out of all proportion, or go round in a circle.
fn bomb(text: &str) -> Option<(usize, String)> {
    let doctype = text.find("<!DOCTYPE")?;
    let mut entities: HashMap<&str, &str> = HashMap::new();
    let mut rest = &text[doctype..];
    while let Some(at) = rest.find("<!ENTITY") {
        rest = &rest[at + "<!ENTITY".len()..];
        let declaration = rest.trim_start();
        let Some(name_end) = declaration.find(char::is_whitespace) else {
            break;
        };
        let (name, value) = declaration.split_at(name_end);
        let value = value.trim_start();
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && let Some(end) = value[1..].find(quote)
        {
            entities.insert(name, &value[1..=end]);
        }
        if entities.len() > MOST_ENTITIES {
            let message = format!("the document declares more than {MOST_ENTITIES} entities");
            return Some((doctype, message));
        }
    }
    let mut sizes = HashMap::new();
    let mut total: usize = 0;
    for name in references(text) {
        if entities.contains_key(name) {
            match size(name, &entities, &mut sizes, 0) {
                Some(size) => total = total.saturating_add(size),
                None => return Some((doctype, format!("the entity '{name}' refers to itself"))),
            }
        }
    }
    (total > LARGEST_EXPANSION).then(|| {
        let message =
            format!("the entities of the document come to more than {LARGEST_EXPANSION} bytes");
        (doctype, message)
    })
}

/// The first use of an entity that stands for a file or an address: its place and its name.
pub fn external(text: &str) -> Option<(usize, &str)> {
    let doctype = text.find("<!DOCTYPE")?;
    let declared: Vec<&str> = text[doctype..]
        .split("<!ENTITY")
        .skip(1)
        .filter_map(|rest| {
            let mut words = rest.split_whitespace();
            let name = words.next()?;
            matches!(words.next(), Some("SYSTEM" | "PUBLIC")).then_some(name)
        })
        .collect();
    text.match_indices('&').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let name = &rest[..rest.find(';')?];
        declared.contains(&name).then_some((at, name))
    })
}

fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split('&').skip(1).filter_map(|part| {
        let name = &part[..part.find(';')?];
        (!name.starts_with('#') && name.len() < 256).then_some(name)
    })
}

/// Bytes of an entity that is written out; `None` when it refers to itself.
fn size<'a>(
    name: &'a str,
    entities: &HashMap<&'a str, &'a str>,
    sizes: &mut HashMap<&'a str, usize>,
    depth: usize,
) -> Option<usize> {
    if depth > entities.len() {
        return None;
    }
    if let Some(known) = sizes.get(name) {
        return Some(*known);
    }
    let Some(value) = entities.get(name) else {
        return Some(0);
    };
    let mut total = value.len();
    for inner in references(value) {
        total = total.saturating_add(size(inner, entities, sizes, depth + 1)?);
    }
    sizes.insert(name, total);
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_parser_should_see_is_told_with_its_place() {
        assert!(accept(b"<a>\0</a>").is_err_and(|(at, _)| at == 3));
        let (at, message) = accept(b"<a>\n\xff</a>").unwrap_err();
        assert_eq!((at, message.as_str()), (4, "byte 4 (0xff) is not UTF-8"));
        assert_eq!(place(b"<a>\n\xff</a>", 4), (2, 1));
        assert!(accept(&vec![b' '; LARGEST + 1]).is_err());
        assert!(accept("\u{feff}<a/>".as_bytes()).is_ok());
        assert!(accept(b"\xff\xfe<\0a\0").unwrap_err().1.contains("UTF-16"));
    }

    #[test]
    fn attributes_are_counted_in_tags_alone() {
        let many = format!("<d {}/>", "a='1' ".repeat(1001));
        assert!(accept(many.as_bytes()).is_err());
        for harmless in [
            format!("<d><!-- {} --></d>", "a='1' ".repeat(1001)),
            format!("<d>{}</d>", "'".repeat(4002)),
            "<d/>".repeat(3000),
        ] {
            assert!(accept(harmless.as_bytes()).is_ok());
        }
    }

    #[test]
    fn what_stands_for_a_file_is_found_where_it_is_used() {
        let text = "<!DOCTYPE d [<!ENTITY i 'x'><!ENTITY f SYSTEM 'file:///x'>]>\n<d>&i;\n&f;</d>";
        assert_eq!(external(text), text.find("&f;").map(|at| (at, "f")));
        assert_eq!(external("<d>&f;</d>"), None);
        let many: String = (0..1001).map(|n| format!("<!ENTITY a{n} 'x'>")).collect();
        assert!(accept(format!("<!DOCTYPE d [{many}]><d/>").as_bytes()).is_err());
    }

    #[test]
    fn entities_may_not_explode() {
        let mut text = String::from("<!DOCTYPE d [<!ENTITY a0 \"0123456789\">");
        for level in 1..10 {
            let inner = format!("&a{};", level - 1).repeat(10);
            text.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
        }
        text.push_str("]><d>&a9;</d>");
        assert!(accept(text.as_bytes()).unwrap_err().1.contains("more than"));
        let circle = "<!DOCTYPE d [<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">]><d>&a;</d>";
        assert!(accept(circle.as_bytes()).unwrap_err().1.contains("itself"));
        assert!(accept(b"<!DOCTYPE d [<!ENTITY a \"x\">]><d>&a;</d>").is_ok());
    }
}
