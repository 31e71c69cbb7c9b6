//! What happened on all hosts, the newest last: in this session, and as far as it was kept, before.

use std::collections::VecDeque;

use super::{Connection, State, Tone};
use crate::journal::{Grade, Told, event_grade};
use crate::model::{DomainId, EventKind, Uuid};

/// Events kept of all hosts. A storm drops the oldest.
pub const MOST_HAPPENED: usize = 5_000;

/// The number of the first event of a session; those of before count down from it.
const FIRST: u64 = 1 << 40;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its number in this session; never given twice.
    pub number: u64,
    /// What happened to whom, where.
    pub event: Told,
}

/// The last events of all hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLog {
    kept: VecDeque<Happened>,
    next: u64,
    /// One more whenever events of before came in.
    turned: u64,
}

impl Default for EventLog {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            next: FIRST,
            turned: 0,
        }
    }
}

impl EventLog {
    /// Keeps an event.
    pub(super) fn note(&mut self, event: Told) {
        if self.kept.len() == MOST_HAPPENED {
            self.kept.pop_front();
        }
        self.kept.push_back(Happened {
            number: self.next,
            event,
        });
        self.next += 1;
    }

    /// Puts events of before in front, as far as there is room; oldest first.
    pub(super) fn remember(&mut self, events: Vec<Told>) {
        let mut number = self.oldest();
        for event in events.into_iter().rev() {
            if self.kept.len() == MOST_HAPPENED || number == 0 {
                break;
            }
            number -= 1;
            self.kept.push_front(Happened { number, event });
        }
        self.turned += 1;
    }

    /// Those that are kept, oldest first.
    #[must_use]
    pub fn kept(&self) -> &VecDeque<Happened> {
        &self.kept
    }

    /// Those of a domain, oldest first.
    pub fn of<'a>(
        &'a self,
        connection: &'a str,
        uuid: Uuid,
    ) -> impl DoubleEndedIterator<Item = &'a Told> {
        let is_its =
            move |event: &&Told| event.uuid == Some(uuid) && event.connection == connection;
        self.kept
            .iter()
            .map(|happened| &happened.event)
            .filter(is_its)
    }

    /// The number that the next one gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Changes when events of before came in.
    #[must_use]
    pub fn turned(&self) -> u64 {
        self.turned
    }

    /// The number of the oldest that is kept.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.kept.front().map_or(self.next, |first| first.number)
    }

    /// The event of this number; `None` when it was dropped.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Happened> {
        let at = number.checked_sub(self.oldest())?;
        self.kept.get(usize::try_from(at).ok()?)
    }

    /// Those from this number on, oldest first.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Happened> {
        let skipped = number.saturating_sub(self.oldest());
        self.kept
            .iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
    }
}

impl State {
    /// What happened to a domain, oldest first: in this session and before.
    pub fn events_of(&self, id: DomainId) -> impl DoubleEndedIterator<Item = &Told> {
        let uri = self.connection(id.connection).map_or("", Connection::uri);
        self.happened.of(uri, id.uuid)
    }
}

/// The meaning of an event of a domain.
#[must_use]
pub fn event_tone(kind: &EventKind) -> Tone {
    grade_tone(event_grade(kind))
}

/// The meaning of a grade on the screen.
#[must_use]
pub fn grade_tone(grade: Grade) -> Tone {
    match grade {
        Grade::Normal => Tone::Normal,
        Grade::Info => Tone::Info,
        Grade::Good => Tone::Good,
        Grade::Warn => Tone::Warn,
        Grade::Bad => Tone::Bad,
    }
}
