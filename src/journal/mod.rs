//! What happened on the hosts, in words, and kept in a file of the user's.
//!
//! The file has one line of JSON for each event, with control and bidi characters of names written visibly. It is bounded: a
//! large one is put aside in the place of the one before.

mod file;
mod wanted;
mod words;

pub use file::{append, read};
pub use wanted::Wanted;
pub use words::{change_name, change_words, event_grade, event_name, event_words};

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{DomainEvent, EventObject, ObjectEvent, Uuid};
use crate::text::visible;

/// What an event means to whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Nothing to look at.
    #[default]
    Normal,
    /// To know.
    Info,
    /// Something began.
    Good,
    /// Something ended.
    Warn,
    /// Something is wrong.
    Bad,
}

/// An event, ready to be shown, found and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Wall-clock time.
    pub time: SystemTime,
    /// URI of the host's connection.
    pub connection: String,
    /// How the host was called then.
    pub host: String,
    /// What it is about.
    pub object: EventObject,
    /// The name of that; untrusted.
    pub name: String,
    /// Its UUID, where it has one.
    pub uuid: Option<Uuid>,
    /// virsh's name of the event.
    pub event: String,
    /// What happened, in one line; untrusted names are in it.
    pub text: String,
    /// What it means.
    pub grade: Grade,
}

impl Told {
    /// An event of a domain.
    #[must_use]
    pub fn domain(connection: &str, host: &str, event: &DomainEvent) -> Self {
        Self {
            time: event.time,
            connection: connection.to_owned(),
            host: host.to_owned(),
            object: EventObject::Domain,
            name: event.name.clone(),
            uuid: Some(event.uuid),
            event: event_name(&event.kind).to_owned(),
            text: event_words(&event.kind),
            grade: event_grade(&event.kind),
        }
    }

    /// An event of something else.
    #[must_use]
    pub fn object(connection: &str, host: &str, event: &ObjectEvent) -> Self {
        Self {
            time: event.time,
            connection: connection.to_owned(),
            host: host.to_owned(),
            object: event.object,
            name: event.name.clone(),
            uuid: event.uuid,
            event: change_name(event.change).to_owned(),
            text: change_words(event.object, event.change),
            grade: Grade::Normal,
        }
    }

    /// The line of the file and of `virtty events --json`.
    #[must_use]
    pub fn line(&self) -> Line {
        let time: DateTime<Utc> = self.time.into();
        Line {
            time: time.to_rfc3339_opts(SecondsFormat::Millis, true),
            connection: visible(&self.connection).into_owned(),
            host: visible(&self.host).into_owned(),
            object: self.object.word().to_owned(),
            name: visible(&self.name).into_owned(),
            uuid: self.uuid.map(|uuid| uuid.to_string()),
            event: self.event.clone(),
            text: visible(&self.text).into_owned(),
            grade: self.grade,
        }
    }
}

/// An event as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// RFC 3339 in UTC.
    pub time: String,
    /// URI.
    pub connection: String,
    /// How the host was called.
    pub host: String,
    /// What it is about.
    pub object: String,
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Option<String>,
    /// virsh's name of the event.
    pub event: String,
    /// What happened.
    pub text: String,
    /// What it means.
    #[serde(default)]
    pub grade: Grade,
}

impl Line {
    /// The event; `None` for a line that cannot be one.
    #[must_use]
    pub fn told(self) -> Option<Told> {
        let time = DateTime::parse_from_rfc3339(&self.time).ok()?;
        Some(Told {
            time: time.into(),
            connection: self.connection,
            host: self.host,
            object: EventObject::from_word(&self.object)?,
            name: self.name,
            uuid: self.uuid.and_then(|uuid| uuid.parse().ok()),
            event: self.event,
            text: self.text,
            grade: self.grade,
        })
    }
}
