//! What became of what a person asked: failures stay until they are dismissed or tried again, and many requests of one wish
//! are told of once.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Layer, Level, Reader, ReaderLine, State, Tone, actions, bulk, comparing};
use crate::action::Action;
use crate::app::Effect;
use crate::model::DomainId;
use crate::protocol::{DomainVerb, Failure, JobId};
use crate::text;

/// Failures kept: with more, the oldest go.
const KEPT: usize = 2000;

/// Something that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its number, by which the selection follows it.
    pub number: u64,
    /// The domain.
    pub id: DomainId,
    /// Its name at that time; untrusted.
    pub name: String,
    /// What was wished.
    pub action: Action,
    /// With all that belongs to it.
    pub verb: DomainVerb,
    /// What libvirt said; untrusted.
    pub failure: Failure,
    /// When it was told.
    pub at: Instant,
}

/// A wish for several domains.
#[derive(Debug, Clone, Copy)]
struct Batch {
    action: Action,
    open: usize,
    done: usize,
    failed: usize,
}

/// A request under way.
#[derive(Debug, Clone)]
struct Asked {
    verb: DomainVerb,
    batch: Option<u64>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    failed: Vec<Failed>,
    asked: BTreeMap<JobId, Asked>,
    batches: BTreeMap<u64, Batch>,
    last: u64,
}

impl Outcomes {
    /// What failed and was neither dismissed nor tried again, oldest first.
    #[must_use]
    pub fn failed(&self) -> &[Failed] {
        &self.failed
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Failed> {
        self.failed.iter().find(|one| one.number == number)
    }

    /// Begins a wish for several domains.
    pub(super) fn begin(&mut self, action: Action) -> u64 {
        self.last += 1;
        let batch = Batch {
            action,
            open: 0,
            done: 0,
            failed: 0,
        };
        self.batches.insert(self.last, batch);
        self.last
    }

    /// Forgets a wish that came to no request.
    pub(super) fn end_if_empty(&mut self, batch: u64) {
        if self
            .batches
            .get(&batch)
            .is_some_and(|batch| batch.open == 0)
        {
            self.batches.remove(&batch);
        }
    }

    /// A request of a person went out. What failed of the same before is tried again by it.
    pub(super) fn asked(&mut self, job: JobId, id: DomainId, verb: DomainVerb, batch: Option<u64>) {
        self.failed.retain(|one| one.id != id || one.verb != verb);
        if let Some(batch) = batch.and_then(|number| self.batches.get_mut(&number)) {
            batch.open += 1;
        }
        self.asked.insert(job, Asked { verb, batch });
    }

    /// Drops a failure.
    fn dismiss(&mut self, number: u64) {
        self.failed.retain(|one| one.number != number);
    }
}

impl State {
    /// A person's request was answered: notes it, and says so. Requests of one wish are told of when the last is answered.
    pub(super) fn tell_outcome(
        &mut self,
        job: &super::Job,
        name: String,
        action: Action,
        failure: Option<&Failure>,
    ) {
        let asked = self.outcomes.asked.remove(&job.id);
        if let (None, Some(asked)) = (failure, &asked) {
            comparing::begin(self, job.target, &asked.verb, true);
        }
        if let Some(run) = &mut self.plans.run {
            let why = failure.map(|failure| failure.reason.as_str());
            run.answered(job.id, why, self.now.instant);
        }
        let batch = asked.as_ref().and_then(|asked| asked.batch);
        if let (Some(failure), Some(asked)) = (failure, asked) {
            self.outcomes.last += 1;
            self.outcomes.failed.push(Failed {
                number: self.outcomes.last,
                id: job.target,
                name: name.clone(),
                action,
                verb: asked.verb,
                failure: failure.clone(),
                at: self.now.instant,
            });
            let over = self.outcomes.failed.len().saturating_sub(KEPT);
            self.outcomes.failed.drain(..over);
        }
        let Some(number) = batch else {
            match failure {
                None => self.say(Level::Done, actions::accepted(action, &name)),
                Some(failure) => {
                    let text = text::visible(&failure.to_string()).into_owned();
                    let advice = failure.remedy.as_ref().map(|remedy| remedy.advice.clone());
                    self.messages.say(Level::Failed, text, advice, self.now);
                }
            }
            return;
        };
        let Some(batch) = self.outcomes.batches.get_mut(&number) else {
            return;
        };
        batch.open = batch.open.saturating_sub(1);
        match failure {
            None => batch.done += 1,
            Some(_) => batch.failed += 1,
        }
        if batch.open > 0 {
            return;
        }
        let Batch {
            action,
            done,
            failed,
            ..
        } = *batch;
        self.outcomes.batches.remove(&number);
        let label = action.row().label;
        if failed == 0 {
            self.say(Level::Done, format!("{label}: done for {done} domains."));
            return;
        }
        let key = self
            .keymap
            .hint(&[crate::action::Context::Global], Action::ShowJobs);
        let advice = key.map(|key| format!("{key} lists what failed, to be tried again."));
        let text = format!(
            "{label}: done for {done} of {}, {failed} failed.",
            done + failed
        );
        self.messages.say(Level::Failed, text, advice, self.now);
    }

    /// Tries again what failed.
    pub(super) fn retry_failed(&mut self, number: u64, effects: &mut Vec<Effect>) {
        let Some(one) = self.outcomes.get(number).cloned() else {
            return self.say(Level::Note, "It is no longer there.".to_owned());
        };
        if self.guest(one.id).is_none() {
            let text = format!("{} is gone: dismiss it.", text::visible(&one.name));
            return self.say(Level::Note, text);
        }
        if let Some(why) = actions::refusal(self, one.action, one.id) {
            return self.say(Level::Note, why);
        }
        actions::attempt(self, one.action, one.verb, one.id, effects);
    }

    /// Tries all again that failed, action by action.
    pub(super) fn retry_all_failed(&mut self, effects: &mut Vec<Effect>) {
        let mut wishes: Vec<(Action, Vec<(DomainId, DomainVerb)>)> = Vec::new();
        for one in &self.outcomes.failed {
            let wanted = (one.id, one.verb.clone());
            match wishes.iter_mut().find(|(action, _)| *action == one.action) {
                Some((_, list)) => list.push(wanted),
                None => wishes.push((one.action, vec![wanted])),
            }
        }
        if wishes.is_empty() {
            self.say(Level::Note, "Nothing has failed.".to_owned());
        }
        for (action, wanted) in wishes {
            bulk::attempt(self, action, wanted, effects);
        }
    }

    /// Takes a failure off the list, or all of them.
    pub(super) fn dismiss_failed(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.outcomes.dismiss(number),
            None => self.outcomes.failed.clear(),
        }
    }

    /// Shows a failure in full.
    pub(super) fn read_failed(&mut self, number: u64) {
        let Some(one) = self.outcomes.get(number) else {
            return;
        };
        let label = one.action.row().label;
        let mut lines = vec![ReaderLine::new("", &one.failure.to_string(), Tone::Bad)];
        if let Some(remedy) = &one.failure.remedy {
            lines.push(ReaderLine::new("", "", Tone::Normal));
            lines.push(ReaderLine::new("", &remedy.advice, Tone::Normal));
        }
        let command = self.guest(one.id).and_then(|guest| {
            let uri = self.connection(one.id.connection)?.uri();
            actions::line(&one.verb, uri, guest, one.id)
        });
        if let Some(command) = command {
            lines.push(ReaderLine::new("", "", Tone::Normal));
            lines.push(ReaderLine::new("", &command, Tone::Info));
        }
        let reader = Reader {
            title: format!("{label} of {}", text::visible(&one.name)),
            lines,
            top: 0,
            script: None,
        };
        self.layers.push(Layer::Reader(reader));
    }
}
