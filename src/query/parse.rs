//! Reading a line.

use std::ops::Range;

use super::field::STATES;
use super::lexer::{self, Value};
use super::quantity::{self, Refused};
use super::{Asks, Field, Figure, Flag, Mistake, Query, Relation, Term, Words, Wrong};
use crate::text::nearest;

/// Longest line that is read as terms; more was pasted by mistake.
const MOST_BYTES: usize = 4096;

impl Query {
    /// Reads a line. Never fails: see [`Query::mistakes`].
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut query = Self::default();
        let end = (0..=MOST_BYTES.min(line.len()))
            .rev()
            .find(|at| line.is_char_boundary(*at))
            .unwrap_or(0);
        for at in lexer::terms(&line[..end]) {
            match term(&line[at.clone()]) {
                Ok(term) => query.terms.push(term),
                Err((within, wrong)) => query.mistakes.push(Mistake {
                    at: at.start + within.start..at.start + within.end,
                    wrong,
                }),
            }
        }
        query
    }
}

type Read<T> = Result<T, (Range<usize>, Wrong)>;

fn term(raw: &str) -> Read<Term> {
    let begun = raw.trim_start_matches('!');
    let bangs = raw.len() - begun.len();
    // A lone sign is a word like any other.
    if begun.is_empty() {
        return Ok(plain(raw, false));
    }
    let negated = bangs % 2 == 1;
    let shift = |(at, wrong): (Range<usize>, Wrong)| (at.start + bangs..at.end + bangs, wrong);
    let asks = asks(begun, negated).map_err(shift)?;
    Ok(match asks {
        // `!autostart` is what `-autostart` is.
        (Asks::Flag(flag, wanted), more) => Term {
            negated: false,
            asks: Asks::Flag(flag, wanted != (negated != more)),
        },
        (asks, more) => Term {
            negated: negated != more,
            asks,
        },
    })
}

fn plain(word: &str, quoted: bool) -> Term {
    Term {
        negated: false,
        asks: Asks::Plain {
            word: word.to_owned(),
            quoted,
        },
    }
}

/// What the term asks for, and whether a sign of its own negates it.
fn asks(raw: &str, negated: bool) -> Read<(Asks, bool)> {
    let whole = 0..raw.len();
    if raw.starts_with('"') {
        let value = lexer::unquote(raw).ok_or((whole, Wrong::OpenQuote))?;
        let word = value.text;
        return Ok((Asks::Plain { word, quoted: true }, false));
    }
    if let Some(digits) = raw.strip_prefix(':')
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Ok((Asks::PortBegins(digits.to_owned()), false));
    }
    let sign = raw.find([':', '<', '>', '=']);
    if let Some(name) = raw.strip_prefix(['-', '+']).filter(|name| !name.is_empty()) {
        let minus = raw.starts_with('-');
        if let Some(flag) = Flag::of(name) {
            return Ok((Asks::Flag(flag, !minus), false));
        }
        if let Some(at) = sign.filter(|_| minus)
            && Field::of(&raw[1..at]).is_some()
        {
            let (asks, _) = asks_of_field(name, at - 1)
                .map_err(|(at, wrong)| (at.start + 1..at.end + 1, wrong))?;
            return Ok((asks, true));
        }
        // Names hold `-` and `+` too: what is no letter behind them is a word.
        if name.chars().all(|c| c.is_ascii_alphabetic()) {
            let meant = nearest(name, Flag::names())
                .or_else(|| Flag::names().find(|flag| flag.starts_with(name)));
            return Err((whole, Wrong::NoFlag(name.to_owned(), meant)));
        }
    }
    if negated && let Some(flag) = Flag::of(raw) {
        return Ok((Asks::Flag(flag, true), false));
    }
    match sign {
        // Addresses of IPv6 and hardware are words; a name is made of letters.
        Some(at)
            if at > 0
                && !is_address(raw)
                && raw[..at]
                    .chars()
                    .all(|c| c.is_ascii_alphabetic() || c == '-') =>
        {
            asks_of_field(raw, at)
        }
        _ => {
            if raw.contains('"') {
                let value = lexer::unquote(raw).ok_or((whole, Wrong::OpenQuote))?;
                return Ok((
                    Asks::Plain {
                        word: value.text,
                        quoted: true,
                    },
                    false,
                ));
            }
            let word = raw.to_owned();
            let quoted = false;
            Ok((Asks::Plain { word, quoted }, false))
        }
    }
}

/// Whether it is an address of hardware or of IPv6, or the beginning of one: no field has two colons.
fn is_address(raw: &str) -> bool {
    raw.matches(':').count() > 1
        && raw
            .bytes()
            .all(|byte| byte == b':' || byte.is_ascii_hexdigit())
}

/// A name, a sign at `at`, and a value.
fn asks_of_field(raw: &str, at: usize) -> Read<(Asks, bool)> {
    let name = &raw[..at];
    let Some(field) = Field::of(name) else {
        // What was begun is nearer than what is spelt alike.
        let lower = name.to_lowercase();
        let begun = Field::names().find(|known| known.starts_with(&lower));
        let meant = begun.or_else(|| nearest(name, Field::names()));
        return Err((0..at, Wrong::Unknown(name.to_owned(), meant)));
    };
    let (sign, relation) = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("<", Relation::Less),
        (">", Relation::More),
        ("=", Relation::Equal),
        (":", Relation::Equal),
    ]
    .into_iter()
    .find(|(sign, _)| raw[at..].starts_with(sign))
    .unwrap_or((":", Relation::Equal));
    // `cpu:>50` is how others write it.
    let mut behind = at + sign.len();
    let mut relation = relation;
    let mut colon = sign == ":";
    if colon && field.figure.is_some() {
        for (sign, other) in [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("<", Relation::Less),
            (">", Relation::More),
        ] {
            if raw[behind..].starts_with(sign) {
                (relation, colon) = (other, false);
                behind += sign.len();
                break;
            }
        }
    }
    let value_at = behind..raw.len();
    let value = lexer::unquote(&raw[behind..]).ok_or((value_at.clone(), Wrong::OpenQuote))?;
    let textual = relation == Relation::Equal && field.words.is_some();
    if value.text.is_empty() && !(value.quoted && !colon && textual) {
        return Err((0..raw.len(), Wrong::Missing(field.name)));
    }
    let within = |wrong| (value_at.clone(), wrong);
    match (field.words, field.figure) {
        (Some(words), _) if relation == Relation::Equal => {
            text(words, !colon, &value).map_err(within)
        }
        (_, Some(figure)) => number(figure, relation, &value).map_err(within),
        _ => Err((at..raw.len(), Wrong::NoOrder(field.name))),
    }
    .map(|asks| (asks, false))
}

fn text(field: Words, whole: bool, value: &Value) -> Result<Asks, Wrong> {
    let mut any = value.alternatives();
    if any.is_empty() {
        if !whole {
            return Err(Wrong::Missing(field.name()));
        }
        any.push(String::new());
    }
    for word in &mut any {
        match field {
            Words::State if !whole && !STATES.iter().any(|state| state.starts_with(&**word)) => {
                let meant = nearest(word, STATES.iter().copied());
                return Err(Wrong::NoWord(field.name(), word.clone(), meant));
            }
            Words::State if whole && !word.is_empty() && !STATES.contains(&&**word) => {
                let meant = nearest(word, STATES.iter().copied());
                return Err(Wrong::NoWord(field.name(), word.clone(), meant));
            }
            Words::Ip if !is_address_part(word) => return Err(Wrong::NoAddress(word.clone())),
            Words::Mac => *word = word.replace('-', ":"),
            _ => {}
        }
    }
    Ok(Asks::Text { field, whole, any })
}

/// Digits of an address, or a network that can be read.
fn is_address_part(word: &str) -> bool {
    match word.split_once('/') {
        Some((address, prefix)) => {
            let most = match address.parse() {
                Ok(std::net::IpAddr::V4(_)) => 32,
                Ok(std::net::IpAddr::V6(_)) => 128,
                Err(_) => return false,
            };
            // A prefix still being typed is none.
            prefix.parse::<u8>().is_ok_and(|prefix| prefix <= most)
        }
        None => word
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | ':')),
    }
}

fn number(field: Figure, relation: Relation, value: &Value) -> Result<Asks, Wrong> {
    let (units, words) = field.units();
    let than = quantity::read(&value.text, units).map_err(|refused| match refused {
        Refused::Number => Wrong::NoNumber(value.text.clone()),
        Refused::Unit => Wrong::NoUnit(field.name(), words),
    })?;
    if units == [super::Unit::None] && than.value.fract() != 0.0 {
        return Err(Wrong::NoUnit(field.name(), words));
    }
    Ok(Asks::Figure {
        field,
        relation,
        than,
    })
}
