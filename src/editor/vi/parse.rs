//! Keys as a command: counts, an operator, and the rest.

/// A command as far as it is typed.
pub(super) enum Parsed {
    /// More keys must follow.
    Unfinished,
    /// It is none.
    Nothing,
    /// Count, operator with its own count, and the rest.
    Whole(Option<usize>, Option<char>, Vec<char>),
}

/// Reads counts and an operator off the keys that were typed.
pub(super) fn parse(typed: &[char], selecting: bool) -> Parsed {
    let (count, rest) = number(typed);
    let Some(first) = rest.first().copied() else {
        return Parsed::Unfinished;
    };
    // Comments are an operator of two letters.
    if !selecting && rest.starts_with(&['g', 'c']) {
        return with_operator(count, '#', &rest[2..]);
    }
    if !selecting && matches!(first, 'd' | 'c' | 'y' | '>' | '<') {
        return with_operator(count, first, &rest[1..]);
    }
    if selecting && matches!(first, 'i' | 'a') && rest.len() == 1 {
        return Parsed::Unfinished;
    }
    match first {
        'g' | 'z' | 'Z' | ']' | '[' | 'r' | 'f' | 'F' | 't' | 'T' if rest.len() < 2 => {
            Parsed::Unfinished
        }
        _ => Parsed::Whole(count, None, rest.to_vec()),
    }
}

fn with_operator(count: Option<usize>, operator: char, rest: &[char]) -> Parsed {
    let (inner, rest) = number(rest);
    let count = match (count, inner) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(1).saturating_mul(b.unwrap_or(1))),
    };
    match rest {
        [] | ['g' | 'i' | 'a' | 'f' | 'F' | 't' | 'T'] => Parsed::Unfinished,
        rest if rest.len() > 2 => Parsed::Nothing,
        rest => Parsed::Whole(count, Some(operator), rest.to_vec()),
    }
}

/// The number that begins some keys; `0` alone is a motion.
fn number(typed: &[char]) -> (Option<usize>, &[char]) {
    if typed.first().is_none_or(|c| !('1'..='9').contains(c)) {
        return (None, typed);
    }
    let digits = typed.iter().take_while(|c| c.is_ascii_digit()).count();
    let text: String = typed[..digits].iter().collect();
    // However large a count is typed, no more is done than a text can have.
    let count = text.parse::<usize>().unwrap_or(usize::MAX).min(100_000);
    (Some(count), &typed[digits..])
}
