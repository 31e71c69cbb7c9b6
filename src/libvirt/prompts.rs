//! Questions for the person at the terminal, asked by the threads that open connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ffi::Credential;
use super::host::Command;

/// Asks questions and remembers the answers for the other connections of the same host, in memory alone.
pub struct Prompts {
    supervisor: Sender<Command>,
    may_ask: AtomicBool,
    answers: Mutex<HashMap<String, String>>,
}

/// A question on its way to the screen.
pub struct Question {
    /// What is asked.
    pub credential: Credential,
    /// Where the answer goes; `None` gives the login up.
    pub answer: SyncSender<Option<String>>,
}

impl Prompts {
    /// Questions go to the supervisor of the host.
    pub fn new(supervisor: Sender<Command>) -> Self {
        Self {
            supervisor,
            may_ask: AtomicBool::new(true),
            answers: Mutex::default(),
        }
    }

    /// Whether a person may be asked: at the first opening and when they asked for a retry, never by themselves when a
    /// lost connection comes back.
    pub fn set_may_ask(&self, may_ask: bool) {
        self.may_ask.store(may_ask, Ordering::Relaxed);
    }

    /// Whether a person may be asked now.
    pub fn may_ask(&self) -> bool {
        self.may_ask.load(Ordering::Relaxed)
    }

    /// Forgets the answers, after a login was refused with them.
    pub fn forget(&self) {
        self.lock().clear();
    }

    /// The answer to a question: remembered, or typed by a person, for whom this waits without a limit.
    pub fn ask(&self, credential: &Credential) -> Option<String> {
        if let Some(answer) = self.lock().get(&credential.prompt) {
            return Some(answer.clone());
        }
        if !self.may_ask() {
            return None;
        }
        let (answer, answered) = sync_channel(1);
        self.supervisor
            .send(Command::Ask(Question {
                credential: credential.clone(),
                answer,
            }))
            .ok()?;
        let answer = answered.recv().ok()??;
        self.lock()
            .insert(credential.prompt.clone(), answer.clone());
        Some(answer)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
