//! What the program itself is doing.

use crate::action::{Action, Context};
use crate::app::{Effect, State};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Debug,
    Context::List,
    Context::Global,
    Context::Always,
];

/// How far it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Debug {
    /// First line on the screen.
    pub top: usize,
}

impl Debug {
    pub(super) fn act(
        &mut self,
        _state: &mut State,
        _action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        false
    }
}
