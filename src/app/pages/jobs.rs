//! Everything that takes long, on all hosts, whoever began it.

use super::{Bench, Details, Page, Place};
use crate::action::{Action, Context};
use crate::app::list::steps;
use crate::app::{Effect, JobRow, Level, List, Purpose, State, Target, actions, forms};
use crate::model::{DiskFacts, DomainId};
use crate::protocol::{DiskVerb, DomainVerb, JobId, LongKind, Verb};

pub(super) const CONTEXTS: &[Context] = &[
    Context::Jobs,
    Context::List,
    Context::Global,
    Context::Always,
];

/// The list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobsPage {
    list: List<JobRow>,
}

impl JobsPage {
    /// The rows, and the one that keys act on.
    #[must_use]
    pub fn list(&self) -> &List<JobRow> {
        &self.list
    }

    /// Where in the list it stands.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::of(&self.list, "")
    }

    pub(super) fn settle(&mut self, state: &State, height: usize) {
        self.list.replace(state.long_jobs());
        self.list.settle(height);
    }

    pub(super) fn click(&mut self, target: Target) {
        if let Target::Choice(index) = target
            && let Some(row) = self.list.rows().get(index)
        {
            self.list.select(*row);
        }
    }

    /// The domain of the selected job.
    fn domain(&self, state: &State) -> Option<DomainId> {
        Some(match self.list.selected()? {
            JobRow::Running(number) => state.running_job(number)?.target,
            JobRow::Asked(id) => state.asked_job(id)?.1.target,
            JobRow::Failed(number) => state.outcomes.get(number)?.id,
        })
    }

    /// Whether an action makes sense for the selected job.
    pub(in crate::app) fn offers(&self, state: &State, action: Action) -> bool {
        let of_failed = matches!(action, Action::RetryFailed | Action::DismissFailed);
        let one = match self.list.selected() {
            Some(JobRow::Failed(_)) => return of_failed || action == Action::Open,
            _ if of_failed => return false,
            Some(JobRow::Running(number)) => state.running_job(number),
            Some(JobRow::Asked(id)) => {
                let can_end = state.jobs.progress(id).is_some();
                return action == Action::Open || action == Action::CancelJob && can_end;
            }
            None => None,
        };
        one.is_some_and(|one| match (action, &one.job.kind) {
            (Action::BlockJob, LongKind::Block(..)) => !one.job.ready,
            (Action::PivotJob, LongKind::Block(..)) => one.job.ready,
            (Action::BlockJob | Action::PivotJob, LongKind::Domain(_)) => false,
            _ => true,
        })
    }

    /// Opens what tells more: the disks for a job on one, the details of the domain for another.
    fn open(&self, state: &mut State) {
        let Some(id) = self.domain(state) else {
            return;
        };
        let number = match self.list.selected() {
            Some(JobRow::Running(number)) => Some(number),
            _ => None,
        };
        let job = number.and_then(|number| state.running_job(number));
        if job.is_some_and(|one| matches!(one.job.kind, LongKind::Block(..))) {
            state.pages.push(Page::Bench(Box::new(Bench::new(id))));
        } else {
            let details = Details::new(id, state.now.instant);
            state.pages.push(Page::Details(Box::new(details)));
        }
    }

    pub(super) fn act(
        &mut self,
        state: &mut State,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some(steps) = steps(action, state.page_lines_below(1)) {
            self.list.step(steps);
            return true;
        }
        match action {
            Action::Open if let Some(JobRow::Failed(number)) = self.list.selected() => {
                state.read_failed(number);
            }
            Action::RetryFailed | Action::DismissFailed => match self.list.selected() {
                Some(JobRow::Failed(number)) if action == Action::RetryFailed => {
                    state.retry_failed(number, effects);
                }
                Some(JobRow::Failed(number)) => state.dismiss_failed(Some(number)),
                _ => state.say(Level::Note, "That has not failed.".to_owned()),
            },
            Action::RetryAllFailed => state.retry_all_failed(effects),
            Action::DismissAllFailed => state.dismiss_failed(None),
            Action::Open => self.open(state),
            Action::CancelJob | Action::PivotJob | Action::BlockJob => match self.list.selected() {
                Some(JobRow::Running(number)) => manage(state, number, action, effects),
                Some(JobRow::Asked(id))
                    if action == Action::CancelJob && state.jobs.progress(id).is_some() =>
                {
                    give_up(state, id, effects);
                }
                Some(JobRow::Asked(_)) => state.say(
                    Level::Note,
                    "libvirt tells no job of it: it cannot be given up, only waited for."
                        .to_owned(),
                ),
                Some(JobRow::Failed(_)) => {
                    state.say(Level::Note, "It has ended: it failed.".to_owned());
                }
                None => state.say(Level::Note, "There is no job.".to_owned()),
            },
            _ => return false,
        }
        true
    }
}

/// Lets a transfer of this program end before its end.
fn give_up(state: &mut State, id: JobId, effects: &mut Vec<Effect>) {
    let Some((_, job)) = state.asked_job(id) else {
        return;
    };
    state.ask(job.target, Purpose::Read, Verb::GiveUp(id), effects);
    state.say(Level::Note, "The transfer is given up.".to_owned());
}

/// Gives a job up, pivots it, or opens the form of its limit.
pub(super) fn manage(state: &mut State, number: u64, action: Action, effects: &mut Vec<Effect>) {
    let Some(one) = state.running_job(number).cloned() else {
        return state.say(Level::Note, "The job has ended.".to_owned());
    };
    if let Some(why) = actions::refusal(state, action, one.target) {
        return state.say(Level::Note, why);
    }
    let LongKind::Block(kind, disk) = &one.job.kind else {
        return match action {
            Action::CancelJob => {
                let verb = DomainVerb::Disk(DiskVerb::AbortJob);
                actions::attempt(state, action, verb, one.target, effects);
            }
            _ => state.say(
                Level::Note,
                "Only jobs on a disk have a limit and a pivot.".to_owned(),
            ),
        };
    };
    match action {
        Action::CancelJob => {
            let verb = DomainVerb::Disk(DiskVerb::EndJob {
                target: disk.clone(),
                pivot: false,
                in_background: false,
            });
            actions::attempt(state, action, verb, one.target, effects);
        }
        Action::PivotJob if !kind.pivots() => state.say(
            Level::Note,
            format!(
                "{} ends by itself: there is nothing to pivot to.",
                kind.label()
            ),
        ),
        Action::PivotJob if !one.job.ready => state.say(
            Level::Note,
            "Both sides are not the same yet: it cannot pivot before.".to_owned(),
        ),
        Action::PivotJob => {
            let verb = DomainVerb::Disk(DiskVerb::EndJob {
                target: disk.clone(),
                pivot: true,
                in_background: false,
            });
            actions::attempt(state, action, verb, one.target, effects);
        }
        _ => {
            let facts = DiskFacts {
                target: disk.clone(),
                ..DiskFacts::default()
            };
            let seen = forms::SeenDisk {
                job_limit: one.job.limit_bps,
                ..forms::SeenDisk::default()
            };
            forms::open_disk(state, one.target, action, facts, seen, effects);
        }
    }
}
