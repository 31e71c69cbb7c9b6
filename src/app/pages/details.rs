//! The details of one domain.

use crate::action::{Action, Context};
use crate::app::{Effect, State};
use crate::model::DomainId;
use crate::protocol::{Answer, Failure, JobId};

/// Which domain, and what of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The domain.
    pub id: DomainId,
}

impl Details {
    /// The details of a domain.
    #[must_use]
    pub fn new(id: DomainId) -> Self {
        Self { id }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        &[
            Context::Details,
            Context::List,
            Context::Domain,
            Context::Global,
            Context::Always,
        ]
    }

    pub(super) fn act(
        &mut self,
        _state: &mut State,
        _action: Action,
        _effects: &mut Vec<Effect>,
    ) -> bool {
        false
    }

    pub(super) fn answered(&mut self, _job: JobId, _result: &Result<Answer, Failure>) {}
}
