//! Types of text: those of XML Schema part 2 that libvirt's schemas use.

use std::cell::RefCell;
use std::collections::HashMap;

use super::ffi::Expression;
use super::grammar::DataType;

/// Whether a text is of the type. One that is not known here allows everything: the verdict is not ours.
pub fn allows(data: &DataType, text: &str) -> bool {
    let trimmed = text.trim();
    let fits = match data.name.as_str() {
        "unsignedInt" => number(trimmed).is_some_and(|n| (0..=i128::from(u32::MAX)).contains(&n)),
        "unsignedLong" => number(trimmed).is_some_and(|n| (0..=i128::from(u64::MAX)).contains(&n)),
        "unsignedShort" => number(trimmed).is_some_and(|n| (0..=i128::from(u16::MAX)).contains(&n)),
        "int" => number(trimmed).is_some_and(|n| i32::try_from(n).is_ok()),
        "long" => number(trimmed).is_some_and(|n| i64::try_from(n).is_ok()),
        "short" => number(trimmed).is_some_and(|n| i16::try_from(n).is_ok()),
        "integer" => number(trimmed).is_some(),
        "positiveInteger" => number(trimmed).is_some_and(|n| n > 0),
        "nonNegativeInteger" => number(trimmed).is_some_and(|n| n >= 0),
        "double" | "float" | "decimal" => trimmed.parse::<f64>().is_ok(),
        "NCName" => is_name(trimmed),
        _ => true,
    };
    fits && data
        .params
        .iter()
        .all(|(name, value)| holds(data, name, value, text))
}

/// A name without a colon (Namespaces in XML 1.0, production 4), as far as letters are told by their Unicode class.
fn is_name(text: &str) -> bool {
    let mut all = text.chars();
    let first = all.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first
        && all.all(|c| {
            c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}') || !c.is_ascii()
        })
}

fn holds(data: &DataType, name: &str, value: &str, text: &str) -> bool {
    // Numbers are compared without the blanks around them, texts with.
    let text = if data.name == "string" {
        text
    } else {
        text.trim()
    };
    match name {
        "pattern" => is_like(value, text),
        "minInclusive" => compare(text, value).is_none_or(|order| order.is_ge()),
        "maxInclusive" => compare(text, value).is_none_or(|order| order.is_le()),
        "minExclusive" => compare(text, value).is_none_or(|order| order.is_gt()),
        "maxExclusive" => compare(text, value).is_none_or(|order| order.is_lt()),
        "minLength" => value
            .parse()
            .is_ok_and(|least: usize| text.chars().count() >= least),
        "maxLength" => value
            .parse()
            .is_ok_and(|most: usize| text.chars().count() <= most),
        "length" => value
            .parse()
            .is_ok_and(|length: usize| text.chars().count() == length),
        _ => true,
    }
}

thread_local! {
    /// Expressions that were read already; `None` for those that are wrong.
    static EXPRESSIONS: RefCell<HashMap<String, Option<Expression>>> = RefCell::default();
}

/// Whether a text is like a regular expression; one that is wrong allows everything.
fn is_like(expression: &str, text: &str) -> bool {
    EXPRESSIONS.with_borrow_mut(|known| {
        if !known.contains_key(expression) {
            known.insert(expression.to_owned(), Expression::new(expression));
        }
        let found = known.get(expression).and_then(Option::as_ref);
        found.is_none_or(|expression| expression.matches(text))
    })
}

fn number(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn compare(one: &str, other: &str) -> Option<std::cmp::Ordering> {
    match (number(one.trim()), number(other.trim())) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one
            .trim()
            .parse::<f64>()
            .ok()?
            .partial_cmp(&other.trim().parse().ok()?),
    }
}

/// The type in words, for a message.
pub fn describe(data: &DataType) -> String {
    let param = |name: &str| {
        data.params
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let kind = match data.name.as_str() {
        "unsignedInt" | "unsignedLong" | "unsignedShort" | "nonNegativeInteger" => {
            "a whole number from 0"
        }
        "positiveInteger" => "a whole number from 1",
        "int" | "long" | "short" | "integer" => "a whole number",
        "double" | "float" | "decimal" => "a number",
        "dateTime" => "a date and time",
        "anyURI" => "a URI",
        _ => "a text",
    };
    let kind = if param("minInclusive").is_some() {
        kind.trim_end_matches(" from 0").trim_end_matches(" from 1")
    } else {
        kind
    };
    let mut words = kind.to_owned();
    if let Some(least) = param("minInclusive") {
        words.push_str(&format!(" from {least}"));
    }
    if let Some(most) = param("maxInclusive") {
        words.push_str(&format!(" to {most}"));
    }
    if let Some(pattern) = param("pattern") {
        words.push_str(&format!(" like {pattern}"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(name: &str, params: &[(&str, &str)]) -> DataType {
        DataType {
            name: name.to_owned(),
            params: params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn numbers_have_their_ranges() {
        let port = data("unsignedShort", &[("maxInclusive", "4095")]);
        assert!(allows(&port, " 17 ") && !allows(&port, "4096") && !allows(&port, "-1"));
        assert!(!allows(&data("unsignedInt", &[]), "1,024"));
        assert!(allows(&data("int", &[("minInclusive", "-1")]), "-1"));
        assert!(!allows(&data("positiveInteger", &[]), "0"));
    }

    #[test]
    fn patterns_hold_for_the_whole_text() {
        let hex = data("string", &[("pattern", "(0x)?[0-9a-fA-F]{1,4}")]);
        assert!(allows(&hex, "0xBEEF") && !allows(&hex, "0x10000") && !allows(&hex, " 1"));
    }
}
