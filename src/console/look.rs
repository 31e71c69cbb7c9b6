//! Moving through what a console said.

/// A movement of the person who looks back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the movements")]
pub enum Motion {
    /// Begin to look, where the cursor is; keys no longer go to the guest.
    Begin,
    /// Back to the end and to the guest.
    End,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    LineStart,
    LineEnd,
    WordLeft,
    WordRight,
    /// Lines towards the beginning; negative ones towards the end.
    Scroll(i32),
    /// Begin to mark here, or stop it.
    Mark,
    /// Go to the next place before this one that holds the text, whatever its case.
    Find(String),
    /// The same text again, towards the beginning (`true`) or the end.
    FindAgain(bool),
}
