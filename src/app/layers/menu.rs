//! A list to choose from: what to copy.

use super::moved;
use crate::action::Action;
use crate::app::{Effect, State};

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// What it is.
    pub label: String,
    /// The text that is copied, whole.
    pub text: String,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Its heading; untrusted names are in it.
    pub title: String,
    /// The choices.
    pub entries: Vec<MenuEntry>,
    /// The one that Enter takes.
    pub chosen: usize,
}

impl Menu {
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
        if let Some(chosen) = moved(action, self.chosen, self.entries.len()) {
            self.chosen = chosen;
            return Some(self);
        }
        match action {
            Action::Accept => {
                let entry = self.entries.get(self.chosen)?;
                state.copying = Some(entry.text.clone());
                effects.push(Effect::Copy(entry.text.clone()));
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}
