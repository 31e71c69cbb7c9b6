//! What becomes of domains that were made: said, and shown when that was asked for.

use super::{Arrival, Effect, Job, Level, Purpose, State};
use crate::model::DomainId;
use crate::protocol::{JobId, MadeDomains, Verb};
use crate::text::visible;

/// Names that a message tells.
const NAMED: usize = 4;

impl State {
    /// When the domain of this request is made, its display or its serial console is opened.
    pub(super) fn open_when_made(&mut self, job: JobId, shows: bool) {
        self.opened_when_made = Some((job, shows));
    }

    /// Domains were made.
    pub(super) fn made(&mut self, job: &Job, made: &MadeDomains) {
        let mut names: Vec<_> = made.names.iter().map(|name| visible(name)).collect();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let mut text = names.join(", ");
        if more > 0 {
            text = format!("{text} and {more} more");
        }
        let verb = if made.names.len() == 1 { "was" } else { "were" };
        let started = if made.started { " and started" } else { "" };
        self.say(Level::Done, format!("{text} {verb} made{started}."));
        if let Some((_, shows)) = self.opened_when_made.filter(|(of, _)| *of == job.id) {
            self.opened_when_made = None;
            self.arrival = made.first.map(|uuid| {
                let id = DomainId {
                    connection: job.target.connection,
                    uuid,
                };
                Arrival::Made(id, shows)
            });
        }
    }

    /// Asks the worker to stop a request at its next step.
    pub(super) fn stop_job(&mut self, job: JobId, effects: &mut Vec<Effect>) {
        let Some(target) = self.jobs.target(job) else {
            return;
        };
        self.ask(target, Purpose::Read, Verb::Stop(job), effects);
    }
}
