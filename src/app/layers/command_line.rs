//! The command line: what is typed, what it can become, and what was typed before.

use crate::action::Action;
use crate::app::command::{self, offers, usage};
use crate::app::{Effect, Line, Offer, State};
use crate::virsh::{completion, is_private};

/// The line behind `:`.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandLine {
    /// What is typed.
    pub line: Line,
    /// What was wrong with it when it was accepted last.
    pub error: Option<String>,
    /// What the word at the cursor can become.
    pub offers: Vec<Offer>,
    /// The offer that stands in the line.
    pub chosen: Option<usize>,
    /// What the command at hand takes.
    pub usage: Option<String>,
    /// What stood before the cursor and behind it when the first offer was taken, and where the word begins.
    base: (String, String, usize),
    /// Which line of the history stands here, by its age.
    recalled: Option<usize>,
    /// What was typed before a line of the history was brought back.
    draft: String,
}

impl CommandLine {
    /// An empty line.
    #[must_use]
    pub fn new(state: &State) -> Self {
        Self::with(state, "")
    }

    /// A line that begins as `text`.
    #[must_use]
    pub fn with(state: &State, text: &str) -> Self {
        let mut line = Self {
            line: Line::new(text),
            error: None,
            offers: Vec::new(),
            chosen: None,
            usage: None,
            base: Default::default(),
            recalled: None,
            draft: String::new(),
        };
        line.look(state);
        line
    }

    /// After a key: the text changed, or only the cursor moved.
    pub(super) fn edited(&mut self, state: &State, changed: bool) {
        if changed {
            self.error = None;
            self.recalled = None;
        }
        self.look(state);
    }

    /// Finds what the word at the cursor can become.
    fn look(&mut self, state: &State) {
        let (before, behind) = self.line.parts();
        let found = completion(before);
        self.offers = offers(state, &found, self.line.text());
        self.usage = usage(&found);
        self.base = (before.to_owned(), behind.to_owned(), found.start);
        self.chosen = None;
    }

    /// Puts an offer into the line.
    pub(super) fn point(&mut self, index: usize) {
        let Some(offer) = self.offers.get(index) else {
            return;
        };
        let (before, behind, start) = &self.base;
        let kept = before.get(..*start).unwrap_or_default();
        self.line
            .set_parts(&format!("{kept}{}", offer.word), behind);
        self.chosen = Some(index);
        self.error = None;
    }

    /// Takes the next offer, or the one before. A single one is settled with a blank behind it.
    fn complete(&mut self, state: &State, forward: bool) {
        let count = self.offers.len();
        if count == 0 {
            return;
        }
        let next = match (self.chosen, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        self.point(next);
        if count == 1 {
            let (before, behind) = self.line.parts();
            let (before, behind) = (before.to_owned(), behind.to_owned());
            let blank = if behind.starts_with(' ') { "" } else { " " };
            self.line.set_parts(&format!("{before}{blank}"), &behind);
            self.look(state);
        }
    }

    /// Brings back an older or a newer line that begins as what was typed.
    fn recall(&mut self, state: &State, older: bool) {
        if self.recalled.is_none() {
            self.line.text().clone_into(&mut self.draft);
        }
        let next = state.history.next(self.recalled, older, &self.draft);
        if older && next.is_none() {
            return;
        }
        self.recalled = next;
        let text = next
            .and_then(|age| state.history.line(age))
            .unwrap_or(&self.draft);
        self.line = Line::new(text);
        self.error = None;
        self.look(state);
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        match action {
            Action::CompleteNext => self.complete(state, true),
            Action::CompletePrevious => self.complete(state, false),
            Action::RecallOlder => self.recall(state, true),
            Action::RecallNewer => self.recall(state, false),
            Action::Cancel => {
                // What was typed can be brought back.
                if !is_private(self.line.text()) {
                    state.history.add(self.line.text());
                }
                return None;
            }
            Action::Accept => {
                let text = self.line.text().to_owned();
                if text.trim().is_empty() {
                    return None;
                }
                match command::run(state, &text, effects) {
                    Ok(()) => {
                        // What holds a password is kept nowhere.
                        if !is_private(&text) && state.history.add(&text) {
                            effects.push(Effect::Remember(text));
                        }
                        return None;
                    }
                    Err(why) => self.error = Some(why),
                }
            }
            _ => {}
        }
        Some(self)
    }
}
