//! Messages to the person: one line that fades, and the list of all of them.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use super::Now;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something went as wished.
    Done,
    /// Something to know, such as why a key did nothing.
    Note,
    /// Something failed.
    Failed,
}

impl Level {
    /// How long it stays on the screen.
    fn life(self) -> Duration {
        Duration::from_secs(match self {
            Self::Done => 4,
            Self::Note => 6,
            Self::Failed => 15,
        })
    }
}

/// One message. Its text may hold what libvirt or a guest said: untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How grave.
    pub level: Level,
    /// One line.
    pub text: String,
    /// The way out, where there is one.
    pub advice: Option<String>,
    /// When it was said.
    pub time: SystemTime,
    /// When it leaves the screen.
    pub until: Instant,
}

/// The last messages, newest last.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    list: VecDeque<Message>,
    /// The newest still stands on the screen.
    shown: bool,
}

impl Messages {
    /// How many are kept.
    const KEPT: usize = 500;

    /// Says something.
    pub fn say(&mut self, level: Level, text: String, advice: Option<String>, now: Now) {
        if self.list.len() == Self::KEPT {
            self.list.pop_front();
        }
        self.list.push_back(Message {
            level,
            text,
            advice,
            time: now.wall,
            until: now.instant + level.life(),
        });
        self.shown = true;
    }

    /// The message on the screen.
    #[must_use]
    pub fn current(&self) -> Option<&Message> {
        self.list.back().filter(|_| self.shown)
    }

    /// Takes the message from the screen: its time has come, or a key was pressed after it was read.
    pub fn fade(&mut self, now: Instant) {
        if self.list.back().is_some_and(|message| message.until <= now) {
            self.shown = false;
        }
    }

    /// Takes the message from the screen at once.
    pub fn dismiss(&mut self) {
        self.shown = false;
    }

    /// All that are kept, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.list.iter()
    }
}
