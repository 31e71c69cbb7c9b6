//! Cutting a line into terms at blanks outside of quotes.

use std::ops::Range;

/// The bytes of each term.
pub(super) fn terms(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut begun, mut quoted, mut escaped) = (None, false, false);
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !quoted {
            found.extend(begun.take().map(|from| from..at));
            escaped = false;
            continue;
        }
        begun.get_or_insert(at);
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    found.extend(begun.map(|from| from..line.len()));
    found
}

/// A value with its quotes taken off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Without quotes and escapes.
    pub text: String,
    /// Some of it was quoted.
    pub quoted: bool,
    /// Where commas outside of quotes cut it, in bytes of `text`.
    pub cuts: Vec<usize>,
}

/// Takes the quotes off; `None` when one has no end.
pub(super) fn unquote(raw: &str) -> Option<Value> {
    let mut value = Value {
        text: String::new(),
        quoted: false,
        cuts: Vec::new(),
    };
    let (mut open, mut escaped) = (false, false);
    for c in raw.chars() {
        match c {
            _ if escaped => {
                value.text.push(c);
                escaped = false;
            }
            '\\' if open => escaped = true,
            '"' => {
                open = !open;
                value.quoted = true;
            }
            ',' if !open => {
                value.cuts.push(value.text.len());
                value.text.push(c);
            }
            c => value.text.push(c),
        }
    }
    (!open && !escaped).then_some(value)
}

impl Value {
    /// The alternatives between commas outside of quotes; empty ones are left out.
    pub(super) fn alternatives(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut from = 0;
        for cut in &self.cuts {
            found.push(&self.text[from..*cut]);
            from = cut + 1;
        }
        found.push(&self.text[from..]);
        found
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(str::to_lowercase)
            .collect()
    }
}

/// A text in quotes where it would be read otherwise without.
pub(super) fn quote(text: &str, always: bool) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | ',' | '\\');
    let signed = text.starts_with(['<', '>', '=']);
    if !always && !signed && !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut out = String::from('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
