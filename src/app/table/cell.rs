//! What stands in one cell.

use std::borrow::Cow;

/// The meaning of a colour. The text says the same: colour never carries it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Normal,
    /// What matters less.
    Dim,
    /// A name, or what keys act on.
    Strong,
    /// Running, well.
    Good,
    /// To be looked at.
    Warn,
    /// Broken, or at its limit.
    Bad,
    /// Paused, waiting, to know.
    Info,
    /// A graph.
    Graph,
}

/// Text fit for the screen, and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The text; already made visible.
    pub text: Cow<'static, str>,
    /// Its meaning.
    pub tone: Tone,
}

impl Cell {
    /// A cell.
    pub fn new(text: impl Into<Cow<'static, str>>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }

    /// What is not known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::new("–", Tone::Dim)
    }

    /// Nothing to show.
    #[must_use]
    pub fn blank() -> Self {
        Self::default()
    }
}
