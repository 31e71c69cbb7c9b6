//! What is wrong with a term, and where.

use std::fmt;
use std::ops::Range;

/// A term that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the line that are to blame, at borders of characters.
    pub at: Range<usize>,
    /// Why.
    pub wrong: Wrong,
}

/// Why a term cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// There is no term of this name; the one that was meant perhaps.
    Unknown(String, Option<&'static str>),
    /// There is no property of this name; the one that was meant perhaps.
    NoFlag(String, Option<&'static str>),
    /// Nothing stands behind the sign.
    Missing(&'static str),
    /// The quote has no end.
    OpenQuote,
    /// Text has no more and less.
    NoOrder(&'static str),
    /// Not one of the words that the field can hold; the one that was meant perhaps.
    NoWord(&'static str, String, Option<&'static str>),
    /// Not a number.
    NoNumber(String),
    /// The unit does not fit the figure, which has these.
    NoUnit(&'static str, &'static str),
    /// No moment.
    NoMoment(String),
    /// No part of an address or a network.
    NoAddress(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meant = match self {
            Self::Unknown(name, meant) => {
                write!(out, "there is no term `{name}`")?;
                meant
            }
            Self::NoFlag(name, meant) => {
                write!(
                    out,
                    "there is no property `{name}`; `!{name}` excludes a word"
                )?;
                meant
            }
            Self::NoWord(field, word, meant) => {
                write!(out, "`{word}` is no {field}")?;
                meant
            }
            Self::Missing(field) => return write!(out, "{field} of what?"),
            Self::OpenQuote => return write!(out, "the quote has no end"),
            Self::NoOrder(field) => {
                return write!(out, "{field} is text: only {field}: and {field}=");
            }
            Self::NoNumber(word) => return write!(out, "`{word}` is no number"),
            Self::NoUnit(field, units) => return write!(out, "{field} is counted in {units}"),
            Self::NoMoment(word) => {
                return write!(
                    out,
                    "`{word}` is no time: 10m, 2h, 3d, 14:30, 2026-01-31 or 2026-01-31T14:30"
                );
            }
            Self::NoAddress(word) => {
                return write!(out, "`{word}` is no part of an address and no network");
            }
        };
        match meant {
            Some(meant) => write!(out, " (did you mean `{meant}`?)"),
            None => Ok(()),
        }
    }
}
