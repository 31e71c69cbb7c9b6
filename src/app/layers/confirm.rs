//! A question before something that cannot be undone.

use crate::action::Action;
use crate::app::{Effect, State, actions};
use crate::model::{ConnectionId, DomainId};
use crate::protocol::DomainVerb;

/// What is done when the answer is yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Act on a domain.
    Domain(Action, DomainVerb, DomainId),
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
    /// What a yes does.
    pub intent: Intent,
}

impl Confirm {
    pub(super) fn act(
        mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Option<Self> {
        match action {
            Action::NextButton => self.yes = !self.yes,
            Action::Accept if !self.yes => return None,
            Action::Accept | Action::Yes => {
                match self.intent {
                    Intent::Domain(action, verb, id) => {
                        actions::begin(state, action, verb, id, effects);
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
