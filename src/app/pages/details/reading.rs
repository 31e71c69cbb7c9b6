//! What the sections ask libvirt for, and what comes of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Details, Lines, Loaded, Log, Tab, XmlText};
use crate::action::Action;
use crate::app::{Connection, Effect, Purpose, State};
use crate::model::{Definition, DomainState};
use crate::protocol::{Answer, Epoch, Failure, JobId, Verb};
use crate::text;

/// What makes a section that was read out of date when it changes.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    epoch: Epoch,
    state: DomainState,
    runtime_id: Option<u32>,
    name: String,
    definition: Option<Arc<Definition>>,
}

impl Seen {
    fn is_same(&self, other: &Self) -> bool {
        let definition = match (&self.definition, &other.definition) {
            // A definition that was read again is another one: the XML may differ where the definition does not.
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (one, two) => one.is_none() && two.is_none(),
        };
        definition
            && (self.epoch, self.state, self.runtime_id)
                == (other.epoch, other.state, other.runtime_id)
            && self.name == other.name
    }
}

impl Details {
    /// Reads the present section anew, unless that is under way: a guest that hangs is not asked twice.
    pub(super) fn refresh(&mut self) {
        match self.tab {
            Tab::Xml => self.xml_mut().refresh(),
            Tab::Nics => self.addresses.refresh(),
            Tab::Guest => self.guest.refresh(),
            Tab::Log => self.log.refresh(),
            _ => {}
        }
    }

    /// Asks for what the present section lacks, and for what the domain's change has made old.
    pub(in crate::app) fn follow(&mut self, state: &mut State, effects: &mut Vec<Effect>) {
        let (Some(guest), Some(connection)) =
            (state.guest(self.id), state.connection(self.id.connection))
        else {
            return;
        };
        if !connection.is_live() {
            return;
        }
        let domain = &guest.domain;
        let seen = Seen {
            epoch: connection.epoch,
            state: domain.state,
            runtime_id: domain.runtime_id,
            name: domain.name.clone(),
            definition: domain.definition.clone(),
        };
        let same = |before: &Seen| before.is_same(&seen);
        if !self.seen.as_ref().is_some_and(same) {
            self.seen = Some(seen);
            self.xml.iter_mut().for_each(Loaded::forget);
            self.addresses.forget();
            self.guest.forget();
            self.log.forget();
        }
        let active = domain.state.is_active();
        let uuid = self.id.uuid;
        let verb = match self.tab {
            Tab::Xml if self.xml().is_wanted() => Verb::ReadXml(uuid, self.xml_kind),
            Tab::Nics if self.addresses.is_wanted() && active => Verb::ReadAddresses(uuid),
            Tab::Guest if self.guest.is_wanted() && active => Verb::ReadGuest(uuid),
            Tab::Log if self.log.is_wanted() => Verb::ReadLogTail(uuid),
            _ => return,
        };
        let job = state.ask(self.id, Purpose::Read, verb, effects);
        match self.tab {
            Tab::Xml => self.xml_mut().ask(job),
            Tab::Nics => self.addresses.ask(job),
            Tab::Guest => self.guest.ask(job),
            _ => self.log.ask(job),
        }
    }

    pub(in crate::app::pages) fn answered(&mut self, job: JobId, result: &Result<Answer, Failure>) {
        if let Some(xml) = self.xml.iter_mut().find(|xml| xml.asked() == Some(job)) {
            xml.take(result, |answer| match answer {
                Answer::Xml { text, .. } => Some(XmlText::new(text)),
                _ => None,
            });
        } else if self.addresses.asked() == Some(job) {
            self.addresses.take(result, |answer| match answer {
                Answer::Addresses(addresses) => Some(addresses.clone()),
                _ => None,
            });
        } else if self.guest.asked() == Some(job) {
            self.guest.take(result, |answer| match answer {
                Answer::Guest(facts) => Some(facts.clone()),
                _ => None,
            });
        } else if self.log.asked() == Some(job) {
            let first = self.log.got().is_none();
            self.log.take(result, |answer| match answer {
                Answer::LogTail { path, lines } => Some(Log {
                    path: path.clone(),
                    lines: Lines::new(lines.iter().map(String::as_str)),
                }),
                _ => None,
            });
            if first {
                // What happened last is what people look for.
                self.tops[Tab::Log as usize] = usize::MAX;
            }
        }
    }

    /// The request that the present section waits for with nothing else to show.
    fn pending(&self) -> Option<JobId> {
        match self.tab {
            Tab::Xml if self.xml().got().is_none() => self.xml().asked(),
            Tab::Nics if self.addresses.got().is_none() => self.addresses.asked(),
            Tab::Guest if self.guest.got().is_none() => self.guest.asked(),
            Tab::Log if self.log.got().is_none() => self.log.asked(),
            _ => None,
        }
    }

    /// Since when the present section has had nothing to show but that it waits.
    pub(in crate::app) fn waits_since(&self, state: &State) -> Option<Instant> {
        state.jobs.since(self.pending()?)
    }

    /// What stands in place of something that is not there: that it is read, or why it cannot be.
    #[must_use]
    pub fn waiting<T>(&self, state: &State, loaded: &Loaded<T>, what: &str) -> Vec<String> {
        if let Some(failure) = loaded.failure() {
            let mut lines = vec![failure.to_string()];
            if let Some(remedy) = &failure.remedy {
                lines.push(remedy.advice.clone());
                lines.extend(remedy.command.as_ref().map(|command| {
                    let words: Vec<_> =
                        command.iter().map(|word| text::shell_quote(word)).collect();
                    words.join(" ")
                }));
            }
            if let Some(key) = state.keymap.hint(self.contexts(), Action::Refresh) {
                lines.push(format!("{key} tries again."));
            }
            return lines;
        }
        let connection = state.connection(self.id.connection);
        if !connection.is_some_and(Connection::is_live) {
            return vec![
                "Not read yet, and the host is not connected.".to_owned(),
                format!("It is asked for {what} as soon as it is back."),
            ];
        }
        let age = loaded
            .asked()
            .and_then(|job| state.jobs.since(job))
            .map(|since| state.now.instant.saturating_duration_since(since))
            .filter(|age| *age >= Duration::from_secs(1))
            .map_or_else(String::new, |age| format!(" {}", text::duration_short(age)));
        vec![format!("Reading {what} …{age}")]
    }
}
