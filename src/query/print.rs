//! Printing a query so that it reads as the same.

use std::fmt;

use super::lexer::quote;
use super::{Asks, Flag, Query, Term};

impl fmt::Display for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, term) in self.terms.iter().enumerate() {
            if number > 0 {
                out.write_str(" ")?;
            }
            write!(out, "{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            out.write_str("!")?;
        }
        match &self.asks {
            Asks::Plain { word, quoted: true } => out.write_str(&quote(word, true)),
            Asks::Plain { word, .. } => out.write_str(word),
            Asks::PortBegins(digits) => write!(out, ":{digits}"),
            Asks::Text { field, whole, any } => {
                let sign = if *whole { "=" } else { ":" };
                let words: Vec<_> = any.iter().map(|word| quote(word, false)).collect();
                write!(out, "{}{sign}{}", field.name(), words.join(","))
            }
            Asks::Figure {
                field,
                relation,
                than,
            } => {
                let than = than.print(field.units().0);
                write!(out, "{}{}{than}", field.name(), relation.sign())
            }
            Asks::Flag(flag, wanted) => {
                let sign = if *wanted { '+' } else { '-' };
                write!(out, "{sign}{}", Flag::name(*flag))
            }
        }
    }
}
