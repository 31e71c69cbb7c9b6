//! A snapshot of one name of several domains: what came of each, and all of them taken back by one key.

use std::time::{Duration, Instant};

use super::Place;
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Effect, Level, List, State, Target, bulk};
use crate::model::DomainId;
use crate::protocol::{Answer, DomainVerb, Failure, JobId, Revert, SnapshotDelete};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Snapshots,
    Context::List,
    Context::Global,
    Context::Always,
];

/// What came of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepResult {
    /// It is under way.
    Waiting(JobId),
    /// It was taken, after so long.
    Taken(Duration),
    /// It was not even begun, for this reason.
    LeftOut(String),
    /// It failed, for this reason.
    Failed(String),
}

/// The page.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The name that all of them have.
    pub name: String,
    /// Each domain in the order it was asked, and what came of it.
    pub rows: Vec<(DomainId, SweepResult)>,
    begun: Option<Instant>,
    /// When it was last looked.
    now: Option<Instant>,
    list: List<DomainId>,
}

impl Sweep {
    /// A page without a domain yet.
    #[must_use]
    pub fn new(name: String) -> Self {
        Self {
            name,
            rows: Vec::new(),
            begun: None,
            now: None,
            list: List::default(),
        }
    }

    /// Enters a domain with its request, or why there is none.
    pub fn note(&mut self, id: DomainId, begun: Result<JobId, String>) {
        let result = match begun {
            Ok(job) => SweepResult::Waiting(job),
            Err(why) => SweepResult::LeftOut(why),
        };
        self.rows.push((id, result));
        self.list
            .replace(self.rows.iter().map(|(id, _)| *id).collect());
    }

    /// The lines and the selected one.
    #[must_use]
    pub fn list(&self) -> &List<DomainId> {
        &self.list
    }

    /// How many are taken, under way, and neither.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let taken = self.taken().count();
        let waiting = self
            .rows
            .iter()
            .filter(|(_, result)| matches!(result, SweepResult::Waiting(_)))
            .count();
        (taken, waiting, self.rows.len() - taken - waiting)
    }

    fn taken(&self) -> impl Iterator<Item = DomainId> {
        self.rows
            .iter()
            .filter(|(_, result)| matches!(result, SweepResult::Taken(_)))
            .map(|(id, _)| *id)
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        let all = self.rows.len();
        Place {
            at: self.list.position(),
            found: all,
            all,
            filter: "",
        }
    }

    pub(super) fn follow(&mut self, state: &State) {
        let now = state.now.instant;
        self.begun.get_or_insert(now);
        self.now = Some(now);
        // A connection that was lost has taken its requests with it.
        for (_, result) in &mut self.rows {
            if let SweepResult::Waiting(job) = result
                && state.jobs.since(*job).is_none()
            {
                *result = SweepResult::Failed(
                    "its connection was lost meanwhile: what came of it, its own page tells (z)"
                        .to_owned(),
                );
            }
        }
    }

    pub(super) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        let took = match (self.begun, self.now) {
            (Some(begun), Some(now)) => now.saturating_duration_since(begun),
            _ => Duration::ZERO,
        };
        for (_, known) in &mut self.rows {
            if *known == SweepResult::Waiting(job) {
                *known = match result {
                    Ok(_) => SweepResult::Taken(took),
                    Err(failure) => SweepResult::Failed(failure.reason.clone()),
                };
            }
        }
    }

    pub(super) fn settle(&mut self, height: usize) {
        self.list.settle(height);
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines()) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::SnapshotRevert | Action::SnapshotDelete => {
                let verb = match action {
                    Action::SnapshotRevert => DomainVerb::SnapshotRevert(Revert {
                        name: self.name.clone(),
                        ..Revert::default()
                    }),
                    _ => DomainVerb::SnapshotDelete(SnapshotDelete {
                        name: self.name.clone(),
                        ..SnapshotDelete::default()
                    }),
                };
                let wanted: Vec<_> = self.taken().map(|id| (id, verb.clone())).collect();
                if wanted.is_empty() {
                    state.say(Level::Note, "None of them was taken yet.".to_owned());
                } else {
                    bulk::attempt(state, action, wanted, effects);
                }
            }
            _ => return false,
        }
        true
    }
}
