//! Questions for the person at the terminal, asked by the threads that open connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ffi::Credential;
use super::host::Command;

/// Asks questions and remembers the answers for the other connections of the same host, in memory alone.
pub struct Prompts {
    asks: Asks,
    may_ask: AtomicBool,
    /// Questions that a person has before them now.
    open: AtomicUsize,
    /// A question was not asked since nobody may be asked.
    unasked: AtomicBool,
    answers: Mutex<HashMap<String, String>>,
}

/// How a person is asked.
enum Asks {
    /// On the screen, by the supervisor of the host.
    Screen(Sender<Command>),
    /// By a function that asks and waits.
    Directly(Box<Direct>),
}

/// Asks and waits; `None` gives the login up.
type Direct = dyn Fn(&Credential) -> Option<String> + Send + Sync;

/// A question on its way to the screen.
pub struct Question {
    /// What is asked.
    pub credential: Credential,
    /// Where the answer goes; `None` gives the login up.
    pub answer: SyncSender<Option<String>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The person gave the login up.
    GivenUp,
    /// Nobody may be asked now.
    NotAsked,
}

impl Prompts {
    /// Questions go to the supervisor of the host.
    pub fn new(supervisor: Sender<Command>) -> Self {
        Self::by(Asks::Screen(supervisor))
    }

    /// Questions are asked by `ask`, which waits for the answer.
    pub fn directly(ask: impl Fn(&Credential) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::by(Asks::Directly(Box::new(ask)))
    }

    fn by(asks: Asks) -> Self {
        Self {
            asks,
            may_ask: AtomicBool::new(true),
            open: AtomicUsize::new(0),
            unasked: AtomicBool::new(false),
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

    /// Whether a person has a question before them: the time they take is nobody's fault.
    pub fn is_asking(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Whether a question went unasked since this was last looked at.
    pub fn take_unasked(&self) -> bool {
        self.unasked.swap(false, Ordering::Relaxed)
    }

    /// Forgets the answers, after a login was refused with them.
    pub fn forget(&self) {
        self.lock().clear();
    }

    /// The answer to a question: remembered, or typed by a person, for whom this waits without a limit.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ask(&self, credential: &Credential) -> Result<String, NoAnswer> {
        if let Some(answer) = self.lock().get(&credential.prompt) {
            return Ok(answer.clone());
        }
        let answer = self.ask_anew(credential)?;
        self.lock()
            .insert(credential.prompt.clone(), answer.clone());
        Ok(answer)
    }

    /// Like [`Self::ask`] for a question that comes again, whose answer was wrong.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ask_again(&self, credential: &Credential) -> Result<String, NoAnswer> {
        self.lock().remove(&credential.prompt);
        let answer = self.ask_anew(&Credential {
            prompt: format!("Not accepted. {}", credential.prompt),
            ..credential.clone()
        })?;
        self.lock()
            .insert(credential.prompt.clone(), answer.clone());
        Ok(answer)
    }

    /// Asks a person in any case, and remembers nothing.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask_anew(&self, credential: &Credential) -> Result<String, NoAnswer> {
        if !self.may_ask() {
            self.unasked.store(true, Ordering::Relaxed);
            return Err(NoAnswer::NotAsked);
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        let answer = match &self.asks {
            Asks::Screen(supervisor) => on_screen(supervisor, credential),
            Asks::Directly(ask) => ask(credential).ok_or(NoAnswer::GivenUp),
        };
        self.open.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn on_screen(supervisor: &Sender<Command>, credential: &Credential) -> Result<String, NoAnswer> {
    let (answer, answered) = sync_channel(1);
    supervisor
        .send(Command::Ask(Question {
            credential: credential.clone(),
            answer,
        }))
        .map_err(|_| NoAnswer::NotAsked)?;
    // Without an answer the opening has ended while the question stood.
    match answered.recv() {
        Ok(answer) => answer.ok_or(NoAnswer::GivenUp),
        Err(_) => Err(NoAnswer::NotAsked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn password() -> Credential {
        Credential {
            prompt: "Password".to_owned(),
            masked: true,
            default: None,
        }
    }

    /// Prompts that a person answers with 1, 2, 3 …
    fn counting() -> (Prompts, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let prompts = Prompts::directly(move |_| {
            Some((count.fetch_add(1, Ordering::Relaxed) + 1).to_string())
        });
        (prompts, asked)
    }

    #[test]
    fn a_person_is_asked_once_for_all_connections() {
        let (prompts, asked) = counting();
        for _ in 0..3 {
            assert_eq!(prompts.ask(&password()).as_deref(), Ok("1"));
        }
        prompts.set_may_ask(false);
        assert_eq!(prompts.ask(&password()).as_deref(), Ok("1"));
        assert!(!prompts.take_unasked());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_question_that_comes_again_replaces_the_answer() {
        let (prompts, _) = counting();
        assert_eq!(prompts.ask(&password()).as_deref(), Ok("1"));
        assert_eq!(prompts.ask_again(&password()).as_deref(), Ok("2"));
        assert_eq!(prompts.ask(&password()).as_deref(), Ok("2"));
    }

    #[test]
    fn nobody_is_asked_when_nobody_may_be() {
        let (prompts, asked) = counting();
        prompts.set_may_ask(false);
        assert_eq!(prompts.ask(&password()), Err(NoAnswer::NotAsked));
        assert!(prompts.take_unasked() && !prompts.take_unasked());
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn giving_up_is_not_remembered() {
        let prompts = Prompts::directly(|_| None);
        assert_eq!(prompts.ask(&password()), Err(NoAnswer::GivenUp));
        assert!(!prompts.take_unasked());
    }
}
