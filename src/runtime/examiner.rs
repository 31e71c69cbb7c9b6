//! The schemas on a thread of their own: asked at each key, answered for the last one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::{Examination, Examine, ExamineQuestion as Question, Examined};
use crate::checks;
use crate::schema::{Checker, Schemas};
use crate::xml::Tree;

/// How long after a key the text is checked, unless another follows: what is half typed is not worth a word.
const PAUSE: Duration = Duration::from_millis(80);

/// The way to the thread.
pub struct Examiner {
    shared: Arc<Shared>,
    answers: UnboundedReceiver<Examined>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// The text to check, and when.
    check: Option<(Examine, Instant)>,
    /// What a person waits for.
    question: Option<Examine>,
    folder: Option<String>,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Examiner {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.more.notify_all();
    }
}

impl Examiner {
    /// Starts the thread. The schemas are read when they are first needed.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let (sender, answers) = unbounded_channel();
        let worker = Arc::clone(&shared);
        let started = thread::Builder::new()
            .name("examiner".to_owned())
            .spawn(move || work(&worker, &sender));
        if let Err(error) = started {
            tracing::warn!("texts are not checked: {error}");
        }
        Self { shared, answers }
    }

    /// Says where the schemas are.
    pub fn set_folder(&self, folder: &str) {
        self.shared.lock().folder = Some(folder.to_owned());
    }

    /// Asks; never waits. A newer question takes the place of one that is not answered yet.
    pub fn ask(&self, examine: Examine) {
        let mut waiting = self.shared.lock();
        match examine.question {
            Question::Check => waiting.check = Some((examine, Instant::now() + PAUSE)),
            Question::Complete(_) | Question::Help(_) => waiting.question = Some(examine),
        }
        drop(waiting);
        self.shared.more.notify_all();
    }

    /// The next answer.
    pub async fn answered(&mut self) -> Option<Examined> {
        self.answers.recv().await
    }
}

/// What is to be done next; `None` at the end.
fn next(shared: &Shared) -> Option<(Examine, Option<String>)> {
    let mut waiting = shared.lock();
    loop {
        if waiting.ended {
            return None;
        }
        let folder = waiting.folder.clone();
        if let Some(question) = waiting.question.take() {
            return Some((question, folder));
        }
        let now = Instant::now();
        let due = waiting.check.as_ref().map(|(_, at)| *at);
        waiting = match due {
            Some(at) if at <= now => {
                let (check, _) = waiting.check.take()?;
                return Some((check, folder));
            }
            Some(at) => {
                let wait = shared.more.wait_timeout(waiting, at - now);
                wait.unwrap_or_else(PoisonError::into_inner).0
            }
            None => shared
                .more
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner),
        };
    }
}

fn work(shared: &Shared, answers: &UnboundedSender<Examined>) {
    let mut folder = crate::schema::FOLDER.to_owned();
    let mut checker = Checker::new(&folder);
    let mut schemas = Schemas::new(&folder);
    while let Some((examine, wanted)) = next(shared) {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != folder) {
            folder = wanted;
            checker = Checker::new(&folder);
            schemas = Schemas::new(&folder);
        }
        let text = examine.text.text();
        let answer = match examine.question {
            Question::Check => {
                let mut checked = checker.check(text.as_bytes());
                if let Ok(tree) = Tree::parse(text) {
                    let found = checks::check(&tree, examine.host.as_deref());
                    checked.findings.extend(found);
                    checked
                        .findings
                        .sort_by_key(|finding| (finding.line, finding.column, finding.severity));
                }
                Examination::Checked(checked)
            }
            Question::Complete(at) => {
                Examination::Offers(schemas.complete(text, at, &examine.facts))
            }
            Question::Help(at) => Examination::Help(schemas.help(text, at).map(Box::new)),
        };
        let examined = Examined {
            editor: examine.editor.clone(),
            revision: examine.revision,
            answer,
        };
        if answers.send(examined).is_err() {
            return;
        }
    }
}
