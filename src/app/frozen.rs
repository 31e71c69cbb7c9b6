//! Guests whose file systems are frozen: told wherever one looks, and offered to be thawed before one turns away.

use std::time::Instant;

use super::{Confirm, Intent, Job, Layer, Purpose, State, actions};
use crate::action::{self, Action};
use crate::model::{ConnectionId, DomainId};
use crate::protocol::{Answer, Failure};
use crate::text;

impl State {
    /// Since when the guest of a domain is known to be frozen.
    #[must_use]
    pub fn frozen_since(&self, id: DomainId) -> Option<Instant> {
        self.frozen.get(&id).copied()
    }

    /// What the header says of frozen guests of a host; `None` without one.
    #[must_use]
    pub fn status_of_frozen(&self, host: ConnectionId) -> Option<String> {
        let mut frozen = self.frozen.keys().filter(|id| id.connection == host);
        let first = frozen.next()?;
        let name = self.guest(*first).map(|guest| &guest.domain.name)?;
        Some(match frozen.count() {
            0 => format!("{name} is FROZEN"),
            more => format!("{} guests are FROZEN", more + 1),
        })
    }

    /// What would be left behind, a sentence for each.
    pub(super) fn left_frozen(&self) -> impl Iterator<Item = String> {
        let names = self.frozen.keys().filter_map(|id| self.guest(*id));
        names.map(|guest| {
            format!(
                "{} is frozen: whatever writes in it hangs until it is thawed (virsh domfsthaw).",
                text::visible(&guest.domain.name)
            )
        })
    }

    /// Takes in what a request tells of it.
    pub(super) fn note_frozen(&mut self, job: &Job, result: &Result<Answer, Failure>) {
        let frozen = match (job.purpose, result) {
            (Purpose::Act(Action::FreezeGuest), Ok(_)) => true,
            (Purpose::Act(Action::ThawGuest), Ok(_)) => false,
            (_, Ok(Answer::Agent(report))) => report.frozen,
            _ => return,
        };
        if frozen {
            self.frozen.entry(job.target).or_insert(self.now.instant);
        } else {
            self.frozen.remove(&job.target);
        }
    }

    /// A guest that does not run is not frozen.
    pub(super) fn settle_frozen(&mut self) {
        let guests = &self.guests;
        self.frozen.retain(|id, _| {
            guests
                .get(id)
                .is_some_and(|guest| guest.domain.state.is_active())
        });
    }

    /// Somebody turns away from a guest: where it is frozen, it is asked whether it stays so.
    pub(super) fn turn_from(&mut self, id: DomainId) {
        if self.frozen_since(id).is_none()
            || actions::refusal(self, Action::ThawGuest, id).is_some()
        {
            return;
        }
        let (Some(guest), Some(connection)) = (self.guest(id), self.connection(id.connection))
        else {
            return;
        };
        let Some(verb) = action::verb(Action::ThawGuest) else {
            return;
        };
        let layer = Confirm {
            title: format!("{} is still frozen: thaw it?", guest.domain.name),
            body: vec![
                "Whatever writes in it hangs until then, and who logs in hangs too.".to_owned(),
            ],
            warning: None,
            command: actions::line(&verb, connection.uri(), guest, id),
            accept: Action::ThawGuest.row().label,
            // Nothing is lost by it.
            yes: true,
            count: None,
            typed: String::new(),
            intent: Intent::Domain(Action::ThawGuest, verb, id),
        };
        self.layers.push(Layer::Confirm(layer));
    }
}
