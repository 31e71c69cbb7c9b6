//! What is typed for QEMU's monitor, and what it says.

use serde_json::{Map, Value, json};

use super::pretty;
use crate::text::visible;

/// Lines of one answer that are kept.
const MOST_LINES: usize = 20_000;
/// Longest line, in bytes.
const LONGEST: usize = 8192;

/// How the monitor is talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum MonitorKind {
    /// In words for people (HMP).
    #[default]
    Hmp,
    /// In JSON (QMP).
    Qmp,
}

impl MonitorKind {
    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hmp => "HMP",
            Self::Qmp => "QMP",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Hmp => Self::Qmp,
            Self::Qmp => Self::Hmp,
        }
    }
}

/// What is sent for a line, and in which language. JSON is QMP whatever was chosen; `name key=value` is made JSON for QMP.
#[must_use]
pub fn wire(line: &str, kind: MonitorKind) -> (String, MonitorKind) {
    let line = line.trim();
    if line.starts_with('{') {
        return (line.to_owned(), MonitorKind::Qmp);
    }
    if kind == MonitorKind::Hmp {
        return (line.to_owned(), kind);
    }
    let mut words = line.split_ascii_whitespace();
    let name = words.next().unwrap_or_default();
    let mut arguments = Map::new();
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, "true"));
        // A number, a yes or no and a list are what they look like; all else is text.
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        arguments.insert(key.to_owned(), value);
    }
    let command = match arguments.is_empty() {
        true => json!({ "execute": name }),
        false => json!({ "execute": name, "arguments": arguments }),
    };
    (command.to_string(), kind)
}

/// The lines of an answer, made visible; JSON indented where that is wanted.
#[must_use]
pub fn said(answer: &str, kind: MonitorKind, indented: bool) -> Vec<String> {
    let text = match (kind, indented) {
        (MonitorKind::Qmp, true) => pretty(answer),
        _ => answer.to_owned(),
    };
    let mut lines: Vec<String> = text
        .trim_end()
        .lines()
        .take(MOST_LINES)
        .map(|line| {
            let mut end = line.len().min(LONGEST);
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            // A tab is a blank that looks like more; a carriage return at the end of a line is none.
            let shown = line[..end].trim_end_matches('\r').replace('\t', "        ");
            let more = if end < line.len() { "…" } else { "" };
            format!("{}{more}", visible(&shown))
        })
        .collect();
    if text.lines().nth(MOST_LINES).is_some() {
        lines.push(format!("… cut after {MOST_LINES} lines"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_sent_as_it_is_meant() {
        let sent = |line: &str, kind| wire(line, kind);
        assert_eq!(
            sent(" info balloon ", MonitorKind::Hmp),
            ("info balloon".to_owned(), MonitorKind::Hmp)
        );
        assert_eq!(
            sent("{\"execute\":\"query-status\"}", MonitorKind::Hmp).1,
            MonitorKind::Qmp
        );
        assert_eq!(
            sent("query-status", MonitorKind::Qmp).0,
            "{\"execute\":\"query-status\"}"
        );
        assert_eq!(
            sent("balloon value=1073741824 name=x on", MonitorKind::Qmp).0,
            "{\"arguments\":{\"name\":\"x\",\"on\":true,\"value\":1073741824},\"execute\":\"balloon\"}"
        );
    }

    #[test]
    fn answers_are_harmless_and_bounded() {
        let lines = said("a\u{1b}[31mb\r\n\tc\n\n", MonitorKind::Hmp, true);
        assert_eq!(lines.len(), 2);
        assert!(!lines[0].contains('\u{1b}'), "{lines:?}");
        assert_eq!(lines[1], "        c");
        let many = "x\n".repeat(MOST_LINES + 5);
        let lines = said(&many, MonitorKind::Hmp, false);
        assert_eq!(lines.len(), MOST_LINES + 1);
        let wide = said(&"é".repeat(LONGEST), MonitorKind::Hmp, false);
        assert!(wide[0].ends_with('…') && wide[0].len() <= LONGEST + 3);
        let json = said("{\"return\":{\"actual\":1}}", MonitorKind::Qmp, true);
        assert_eq!(
            json,
            ["{", "  \"return\": {", "    \"actual\": 1", "  }", "}"]
        );
    }
}
