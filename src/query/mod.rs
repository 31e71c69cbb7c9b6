//! The language of the filter: terms such as `state:paused cpu>50 tag:prod -autostart title:"a b"`, and plain words.
//!
//! Terms stand between blanks and must all hold. Reading never fails: a term that cannot be read is kept with what is
//! wrong with it and where, and the others work all the same. Printing gives a line that reads as the same query.
//! Whether something holds is asked of whoever knows the domain (`app::table`).

mod error;
mod events;
mod field;
mod lexer;
mod parse;
mod print;
mod quantity;
#[cfg(test)]
mod tests;

pub use error::{Mistake, Wrong};
pub use events::{EventAsks, EventField, EventQuery, EventTerm, Moment};
pub use field::{Field, Figure, Flag, Words, completions};
pub use quantity::{Quantity, Unit};

/// A filter, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Its terms from left to right; all must hold.
    pub terms: Vec<Term>,
    /// What could not be read, from left to right; it filters nothing.
    pub mistakes: Vec<Mistake>,
}

/// One term.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What it asks for must not hold.
    pub negated: bool,
    /// What it asks for.
    pub asks: Asks,
}

/// What a term asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// These letters in name or title; digits also find the owner of a port. `quoted` words stand there as they are.
    Plain {
        /// What was typed.
        word: String,
        /// In quotes.
        quoted: bool,
    },
    /// A port that is this or begins so: `:5901`.
    PortBegins(String),
    /// One of these texts, in a field.
    Text {
        /// Where.
        field: Words,
        /// The field is this, not only holds it: `=`.
        whole: bool,
        /// Any of these, in small letters.
        any: Vec<String>,
    },
    /// A figure beside another.
    Figure {
        /// Which.
        field: Figure,
        /// How they compare.
        relation: Relation,
        /// With what.
        than: Quantity,
    },
    /// A property of a domain: `+autostart`; `-autostart` is its absence.
    Flag(Flag, bool),
}

/// How a figure compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`, of what the screen shows.
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Relation {
    /// As it is typed.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::More => ">",
        }
    }

    /// Whether `known` stands so to `than`.
    #[must_use]
    pub fn holds(self, known: f64, than: f64) -> bool {
        match self {
            Self::Less => known < than,
            Self::AtMost => known <= than,
            // As people read it: 49.6 % is 50 %.
            Self::Equal => (known - than).abs() <= 0.5,
            Self::AtLeast => known >= than,
            Self::More => known > than,
        }
    }
}

impl Query {
    /// The domains of one host.
    #[must_use]
    pub fn host(label: &str) -> Self {
        Self::whole(Words::Host, &[label])
    }

    /// The domains of which a field is one of these texts.
    #[must_use]
    pub fn whole(field: Words, any: &[&str]) -> Self {
        Self::text(field, true, any)
    }

    /// The domains of which a field holds one of these texts.
    #[must_use]
    pub fn part(field: Words, any: &[&str]) -> Self {
        Self::text(field, false, any)
    }

    fn text(field: Words, whole: bool, any: &[&str]) -> Self {
        let any = any.iter().map(|text| text.to_lowercase()).collect();
        let asks = Asks::Text { field, whole, any };
        Self {
            terms: vec![Term {
                negated: false,
                asks,
            }],
            mistakes: Vec::new(),
        }
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Figures that it asks for.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let figures = self.terms.iter().filter_map(|term| match &term.asks {
            Asks::Figure { field, .. } => Some(*field),
            _ => None,
        });
        figures.collect()
    }

    /// The plain words, joined as they would stand in a name.
    #[must_use]
    pub fn phrase(&self) -> String {
        let words: Vec<_> = self
            .terms
            .iter()
            .filter(|term| !term.negated)
            .filter_map(|term| match &term.asks {
                Asks::Plain { word, .. } => Some(word.as_str()),
                _ => None,
            })
            .collect();
        words.join(" ")
    }
}
