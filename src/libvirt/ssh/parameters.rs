//! The parameters of a URI as libvirt reads them, and the URI that sends libvirt through the master.

use std::fmt::Write as _;

use crate::model::Uri;

/// Parameters that are replaced: which ssh libvirt runs, and whether that may ask.
const OURS: [&str; 2] = ["command", "no_tty"];

/// The decoded value of a parameter of `uri`; the last one counts, and the name's case does not, as in libvirt.
pub fn value(uri: &Uri, name: &str) -> Option<String> {
    pairs(uri.as_str())
        .filter(|(key, _)| decoded(key).eq_ignore_ascii_case(name))
        .last()
        .map(|(_, value)| decoded(value))
}

/// `uri` with `command` and `no_tty` set so that libvirt runs `program` and that never asks.
pub fn through(uri: &Uri, program: &str) -> String {
    let text = without_fragment(uri.as_str());
    let head = text.split_once('?').map_or(text, |(head, _)| head);
    let mut out = format!("{head}?no_tty=1&command={}", encoded(program));
    for (key, value) in pairs(text) {
        let name = decoded(key);
        if !OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            let _ = write!(out, "&{key}={value}");
        }
    }
    out
}

/// `text` with %XX read; what is no escape stays.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = (byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(value) => {
                bytes.push(value);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(text, _)| text)
}

/// Still encoded; libvirt takes `;` for `&`.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    without_fragment(text)
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}
