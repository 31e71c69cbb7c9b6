//! A question before something that cannot be undone.

use crate::action::Action;
use crate::app::{Effect, State, actions, bulk};
use crate::keymap::{Code, Key};
use crate::model::{ConnectionId, DomainId};
use crate::protocol::DomainVerb;

/// What is done when the answer is yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Act on a domain.
    Domain(Action, DomainVerb, DomainId),
    /// Act on several domains.
    Domains(Action, Vec<(DomainId, DomainVerb)>),
    /// Run the command that mends a connection, then try it again.
    Remedy(ConnectionId, Vec<String>),
}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What is asked; untrusted names are in it.
    pub title: String,
    /// What it means.
    pub body: Vec<String>,
    /// Something to consider.
    pub warning: Option<String>,
    /// The command line that does the same.
    pub command: Option<String>,
    /// The word on the button.
    pub accept: &'static str,
    /// The button that Enter presses.
    pub yes: bool,
    /// How many domains it is about, to be typed before a yes counts.
    pub count: Option<usize>,
    /// The digits typed so far.
    pub typed: String,
    /// What a yes does.
    pub intent: Intent,
}

impl Confirm {
    /// Whether the number was typed, where one is wanted.
    #[must_use]
    pub fn counted(&self) -> bool {
        self.count
            .is_none_or(|count| self.typed == count.to_string())
    }

    /// Takes a digit of the number, or the last one back.
    pub(super) fn press(&mut self, key: Key) {
        if self.count.is_none() {
            return;
        }
        match key.code {
            Code::Char(digit) if digit.is_ascii_digit() && self.typed.len() < 6 => {
                self.typed.push(digit);
            }
            Code::Backspace => {
                self.typed.pop();
            }
            _ => {}
        }
    }

    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        match action {
            Action::NextButton => self.yes = !self.yes,
            Action::Accept if !self.yes => return None,
            Action::Accept | Action::Yes if !self.counted() => {}
            Action::Accept | Action::Yes => {
                match self.intent {
                    Intent::Domain(action, verb, id) => {
                        actions::begin(state, action, verb, id, effects);
                    }
                    Intent::Domains(action, chosen) => {
                        bulk::begin(state, action, &chosen, effects);
                    }
                    Intent::Remedy(connection, command) => {
                        state.remedy = Some(connection);
                        effects.push(Effect::Run(command));
                    }
                }
                return None;
            }
            Action::Cancel => return None,
            _ => {}
        }
        Some(self)
    }
}
