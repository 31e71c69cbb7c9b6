//! The ports of all domains.

use crate::action::{Action, Context};
use crate::app::{Effect, State};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Ports,
    Context::List,
    Context::Global,
    Context::Always,
];

/// What is shown of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ports {
    /// What must match.
    pub filter: String,
}

impl Ports {
    /// Changes what must match.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
    }

    pub(super) fn act(
        &mut self,
        _state: &mut State,
        _action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        false
    }
}
