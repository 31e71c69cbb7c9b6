//! A question or a text above the editor, with its answers by letters.

use crate::app::Tone;

/// What a dialog is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogKind {
    /// The text was changed and one wants to leave.
    Leave,
    /// Another changed the object meanwhile.
    Merge,
    /// libvirt would not have it.
    Rejected,
    /// It would make or replace another object.
    Refused,
    /// A draft of before was found.
    Draft,
    /// What libvirt made of it.
    Made,
    /// What QEMU would be started with.
    DryRun,
}

/// A dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// What about.
    pub kind: DialogKind,
    /// Heading; untrusted.
    pub title: String,
    /// Lines, masked and untrusted.
    pub lines: Vec<(String, Tone)>,
    /// Letters with what they do; Esc closes.
    pub answers: Vec<(char, &'static str)>,
    /// First line on the screen.
    pub top: usize,
}

impl Dialog {
    /// Without lines yet.
    #[must_use]
    pub fn new(kind: DialogKind, title: String, answers: &[(char, &'static str)]) -> Self {
        Self {
            kind,
            title,
            lines: Vec::new(),
            answers: answers.to_vec(),
            top: 0,
        }
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>, tone: Tone) -> Self {
        self.lines.push((text.into(), tone));
        self
    }

    /// Moves through the lines.
    pub fn scroll(&mut self, lines: isize) {
        let last = self.lines.len().saturating_sub(1);
        self.top = self.top.saturating_add_signed(lines).min(last);
    }
}
