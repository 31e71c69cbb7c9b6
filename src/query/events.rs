//! The language of the filter over events: `kind:lifecycle host:web since:2h !pool "I/O error"`.

use std::ops::Range;

use super::{Mistake, Wrong, lexer};
use crate::text::nearest;

/// A filter over events, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    /// Its terms; all must hold.
    pub terms: Vec<EventTerm>,
    /// What could not be read; it filters nothing.
    pub mistakes: Vec<Mistake>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTerm {
    /// What it asks for must not hold.
    pub negated: bool,
    /// What it asks for.
    pub asks: EventAsks,
}

/// What a term asks for. Texts are in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventAsks {
    /// Anywhere in the event.
    Word(String),
    /// One of these texts, in a field.
    Text {
        /// Where.
        field: EventField,
        /// The field is this, not only holds it.
        whole: bool,
        /// Any of these.
        any: Vec<String>,
    },
    /// Not before.
    Since(Moment),
    /// Not after.
    Until(Moment),
}

/// A text of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventField {
    /// Of the domain, network, pool, …
    Name,
    /// How the host is called, or its URI.
    Host,
    /// virsh's name of the event: lifecycle, io-error, …
    Kind,
    /// What it is about: domain, network, pool, secret, nodedev.
    Object,
    /// What happened, in words.
    Text,
}

/// A moment, as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So many seconds ago.
    Ago(u64),
    /// The last time the clock showed this: seconds of the day.
    Clock(u32),
    /// A day and seconds of it, on the clock of who asks.
    Day {
        /// Year.
        year: i32,
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
        /// Seconds of the day; `None` for the whole day.
        clock: Option<u32>,
    },
}

const FIELDS: [(&str, Option<EventField>); 7] = [
    ("name", Some(EventField::Name)),
    ("host", Some(EventField::Host)),
    ("kind", Some(EventField::Kind)),
    ("object", Some(EventField::Object)),
    ("text", Some(EventField::Text)),
    ("since", None),
    ("until", None),
];

impl Moment {
    /// Reads `10m`, `2h`, `3d`, `14:30`, `2026-01-31`, `2026-01-31T14:30`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((day, clock)) = text.split_once(['T', 't']) {
            return Self::day(day, Some(seconds(clock)?));
        }
        if text.contains(':') {
            return seconds(text).map(Self::Clock);
        }
        if text.contains('-') {
            return Self::day(text, None);
        }
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: u64 = digits.parse().ok()?;
        let unit = match &text[digits.len()..] {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        number
            .checked_mul(unit)
            .filter(|ago| *ago < 1 << 32)
            .map(Self::Ago)
    }

    fn day(text: &str, clock: Option<u32>) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |most: usize| {
            let part = parts.next()?;
            let plain = part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|_| plain)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let known = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
        known.then_some(Self::Day {
            year: i32::try_from(year).ok()?,
            month,
            day,
            clock,
        })
    }
}

/// Seconds of the day of `14:30` or `14:30:05`.
fn seconds(text: &str) -> Option<u32> {
    let mut total = 0;
    let mut parts = text.split(':');
    for (unit, most) in [(3600, 23), (60, 59)] {
        let part: u32 = parts.next()?.parse().ok().filter(|part| *part <= most)?;
        total += part * unit;
    }
    if let Some(last) = parts.next() {
        total += last.parse().ok().filter(|part: &u32| *part <= 59)?;
    }
    parts.next().is_none().then_some(total)
}

impl EventQuery {
    /// Reads a line. Never fails: see [`EventQuery::mistakes`].
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut query = Self::default();
        for at in lexer::terms(line) {
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

    /// Terms that the last word of a line may become.
    #[must_use]
    pub fn completions(line: &str) -> Vec<String> {
        let word = line
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .trim_start_matches('!');
        if word.contains(':') {
            return Vec::new();
        }
        let names = FIELDS.iter().map(|(name, _)| *name);
        names
            .filter(|name| name.starts_with(word))
            .map(|name| format!("{name}:"))
            .collect()
    }
}

impl std::fmt::Display for EventQuery {
    /// A line that reads as the same query.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, term) in self.terms.iter().enumerate() {
            let blank = if at > 0 { " " } else { "" };
            let bang = if term.negated { "!" } else { "" };
            write!(out, "{blank}{bang}")?;
            match &term.asks {
                EventAsks::Word(word) => out.write_str(&lexer::quote(word, true))?,
                EventAsks::Text { field, whole, any } => {
                    let name = FIELDS.iter().find(|(_, known)| *known == Some(*field));
                    let name = name.map_or("", |(name, _)| *name);
                    let sign = if *whole { '=' } else { ':' };
                    let any: Vec<_> = any.iter().map(|text| lexer::quote(text, false)).collect();
                    write!(out, "{name}{sign}{}", any.join(","))?;
                }
                EventAsks::Since(moment) => write!(out, "since:{moment}")?,
                EventAsks::Until(moment) => write!(out, "until:{moment}")?,
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |clock: &u32| {
            format!(
                "{:02}:{:02}:{:02}",
                clock / 3600,
                clock / 60 % 60,
                clock % 60
            )
        };
        match self {
            Self::Ago(seconds) => write!(out, "{seconds}s"),
            Self::Clock(seconds) => out.write_str(&clock(seconds)),
            Self::Day {
                year,
                month,
                day,
                clock: time,
            } => {
                write!(out, "{year:04}-{month:02}-{day:02}")?;
                match time {
                    Some(time) => write!(out, "T{}", clock(time)),
                    None => Ok(()),
                }
            }
        }
    }
}

fn term(raw: &str) -> Result<EventTerm, (Range<usize>, Wrong)> {
    let begun = raw.strip_prefix('!').filter(|rest| !rest.is_empty());
    let (negated, body) = match begun {
        Some(body) => (true, body),
        None => (false, raw),
    };
    let shift = raw.len() - body.len();
    let asks = asks(body).map_err(|(at, wrong)| (at.start + shift..at.end + shift, wrong))?;
    Ok(EventTerm { negated, asks })
}

fn asks(body: &str) -> Result<EventAsks, (Range<usize>, Wrong)> {
    let whole_term = 0..body.len();
    let sign = body
        .find([':', '='])
        .filter(|at| *at > 0 && body[..*at].bytes().all(|byte| byte.is_ascii_alphabetic()));
    let unquoted = |text: &str| lexer::unquote(text).ok_or((whole_term.clone(), Wrong::OpenQuote));
    let Some(at) = sign else {
        return Ok(EventAsks::Word(unquoted(body)?.text.to_lowercase()));
    };
    let (name, rest) = (&body[..at], &body[at + 1..]);
    let known = FIELDS
        .iter()
        .find(|(known, _)| *known == name.to_ascii_lowercase());
    let Some((name, field)) = known else {
        let meant = nearest(name, FIELDS.iter().map(|(name, _)| *name));
        return Err((0..at, Wrong::Unknown(name.to_owned(), meant)));
    };
    let value = unquoted(rest)?;
    if value.text.is_empty() {
        return Err((whole_term, Wrong::Missing(name)));
    }
    if let Some(field) = field {
        let any = value.alternatives();
        if any.is_empty() {
            return Err((whole_term, Wrong::Missing(name)));
        }
        let whole = body.as_bytes()[at] == b'=';
        return Ok(EventAsks::Text {
            field: *field,
            whole,
            any,
        });
    }
    match Moment::parse(&value.text) {
        Some(moment) if *name == "since" => Ok(EventAsks::Since(moment)),
        Some(moment) => Ok(EventAsks::Until(moment)),
        None => Err((at + 1..body.len(), Wrong::NoMoment(value.text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terms_are_read() {
        let query = EventQuery::parse(
            "web kind:lifecycle,io-error !host=far since:2h until:14:30 \"I/O error\"",
        );
        assert_eq!(query.mistakes, []);
        let asks: Vec<_> = query
            .terms
            .iter()
            .map(|term| (term.negated, term.asks.clone()))
            .collect();
        let text = |field, whole, any: &[&str]| EventAsks::Text {
            field,
            whole,
            any: any.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(
            asks,
            [
                (false, EventAsks::Word("web".to_owned())),
                (
                    false,
                    text(EventField::Kind, false, &["lifecycle", "io-error"])
                ),
                (true, text(EventField::Host, true, &["far"])),
                (false, EventAsks::Since(Moment::Ago(7200))),
                (false, EventAsks::Until(Moment::Clock(52_200))),
                (false, EventAsks::Word("i/o error".to_owned())),
            ]
        );
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let day = |clock| Moment::Day {
            year: 2026,
            month: 1,
            day: 31,
            clock,
        };
        for (text, moment) in [
            ("90s", Some(Moment::Ago(90))),
            ("10m", Some(Moment::Ago(600))),
            ("3d", Some(Moment::Ago(259_200))),
            ("08:05", Some(Moment::Clock(29_100))),
            ("08:05:09", Some(Moment::Clock(29_109))),
            ("2026-01-31", Some(day(None))),
            ("2026-01-31T23:59", Some(day(Some(86_340)))),
            ("yesterday", None),
            ("10", None),
            ("25:00", None),
            ("2026-13-01", None),
            ("99999999999d", None),
        ] {
            assert_eq!(Moment::parse(text), moment, "{text}");
        }
    }

    #[test]
    fn mistakes_have_a_place_and_leave_the_rest_at_work() {
        let query = EventQuery::parse("web since:soon hots:a kind:");
        assert_eq!(query.terms.len(), 1);
        let places: Vec<_> = query
            .mistakes
            .iter()
            .map(|mistake| mistake.at.clone())
            .collect();
        assert_eq!(places, [10..14, 15..19, 22..27]);
        assert!(matches!(
            query.mistakes[1].wrong,
            Wrong::Unknown(_, Some("host"))
        ));
        assert_eq!(EventQuery::completions("a !ho"), ["host:"]);
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_the_same(line in "[a-zA-Z0-9:=!\"\\\\, /\\-仮]{0,40}") {
            let query = EventQuery::parse(&line);
            let again = EventQuery::parse(&query.to_string());
            prop_assert_eq!(&again.terms, &query.terms, "{}", query);
            prop_assert_eq!(again.mistakes, []);
        }
    }
}
