//! Ways to do something, one of which is chosen: how to go back to a snapshot, what of it goes.

use crate::action::Action;
use crate::app::{Effect, State, actions};
use crate::model::DomainId;
use crate::protocol::DomainVerb;

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is, a few words.
    pub label: String,
    /// What it means, a sentence.
    pub meaning: String,
    /// What it does.
    pub action: Action,
    /// How.
    pub verb: DomainVerb,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Its heading; untrusted names are in it.
    pub title: String,
    /// The domain that it is done to.
    pub target: DomainId,
    /// The ways.
    pub entries: Vec<Choice>,
    /// The one that Enter takes.
    pub chosen: usize,
}

impl Choices {
    /// Points at a line.
    pub(super) fn point(&mut self, index: usize) {
        self.chosen = index.min(self.entries.len().saturating_sub(1));
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        let last = self.entries.len().saturating_sub(1);
        match action {
            Action::Down => self.chosen = (self.chosen + 1).min(last),
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::First | Action::PageUp => self.chosen = 0,
            Action::Last | Action::PageDown => self.chosen = last,
            Action::Accept => {
                let Choice { action, verb, .. } = self.entries.into_iter().nth(self.chosen)?;
                // What may not be done any more is said; what is dangerous is asked.
                match actions::refusal(state, action, self.target) {
                    Some(why) => state.say(crate::app::Level::Note, why),
                    None => actions::attempt(state, action, verb, self.target, effects),
                }
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}
