//! Checks on a thread of their own, which is given up when a document takes too long.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::ffi::leave_behind;
use super::patience::{Patience, ThreadClock};
use super::{Checked, Schemas};

/// How long a check may take of a processor. A document of a real domain takes a hundredth of it.
const LIMIT: Duration = Duration::from_millis(850);

/// Checks documents one after the other.
pub struct Checker {
    folder: PathBuf,
    worker: Option<Worker>,
}

struct Worker {
    documents: Sender<Vec<u8>>,
    results: Receiver<Checked>,
    clock: Option<ThreadClock>,
}

impl Checker {
    /// By the schemas of a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            worker: None,
        }
    }

    /// Checks a document in a bounded time.
    pub fn check(&mut self, bytes: &[u8]) -> Checked {
        let folder = self.folder.clone();
        let worker = self.worker.take().or_else(|| spawn(folder));
        let Some(worker) = worker else {
            return unchecked("no thread could be started".to_owned());
        };
        let mut patience = Patience::new(LIMIT, worker.clock.clone());
        if worker.documents.send(bytes.to_vec()).is_err() {
            return unchecked("the thread that checks has ended".to_owned());
        }
        loop {
            match worker.results.recv_timeout(patience.rest()) {
                Ok(checked) => {
                    self.worker = Some(worker);
                    return checked;
                }
                Err(RecvTimeoutError::Timeout) if !patience.is_over() => {}
                Err(_) => break,
            }
        }
        // The thread is left behind; libxml2 cannot be stopped.
        leave_behind();
        let limit = LIMIT.as_millis();
        unchecked(format!("it takes longer than {limit} ms to validate"))
    }

    /// The folder of the schemas.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn unchecked(why: String) -> Checked {
    Checked {
        kind: None,
        findings: Vec::new(),
        unchecked: Some(why),
    }
}

fn spawn(folder: PathBuf) -> Option<Worker> {
    let (documents, incoming) = channel::<Vec<u8>>();
    let (outgoing, results) = channel();
    let (tell, clock) = channel();
    let run = move || {
        let _ = tell.send(ThreadClock::of_this());
        let mut schemas = Schemas::new(folder);
        for document in incoming {
            if outgoing.send(schemas.check(&document)).is_err() {
                return;
            }
        }
    };
    let spawned = thread::Builder::new().name("schema".to_owned()).spawn(run);
    spawned.ok()?;
    Some(Worker {
        documents,
        results,
        clock: clock.recv().ok().flatten(),
    })
}
