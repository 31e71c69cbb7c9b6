//! Checks on a thread of their own, which is given up when a document takes too long.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::{Checked, Schemas, suspects};

/// How long a check may take. A document of a real domain takes a hundredth of it; one made to be slow, for ever.
const PATIENCE: Duration = Duration::from_millis(700);

/// Checks documents one after the other.
pub struct Checker {
    folder: PathBuf,
    worker: Option<(Sender<Vec<u8>>, Receiver<Checked>)>,
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
        let Some((documents, results)) = worker else {
            return unchecked("no thread could be started".to_owned());
        };
        if documents.send(bytes.to_vec()).is_ok()
            && let Ok(checked) = results.recv_timeout(PATIENCE)
        {
            self.worker = Some((documents, results));
            return checked;
        }
        // The thread is left behind; libxml2 cannot be stopped.
        let slow = format!(
            "it takes longer than {} ms to validate",
            PATIENCE.as_millis()
        );
        suspects(bytes, &self.folder).unwrap_or_else(|| unchecked(slow))
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

fn spawn(folder: PathBuf) -> Option<(Sender<Vec<u8>>, Receiver<Checked>)> {
    let (documents, incoming) = channel::<Vec<u8>>();
    let (outgoing, results) = channel();
    let run = move || {
        let mut schemas = Schemas::new(folder);
        for document in incoming {
            if outgoing.send(schemas.check(&document)).is_err() {
                return;
            }
        }
    };
    let spawned = thread::Builder::new().name("schema".to_owned()).spawn(run);
    spawned.is_ok().then_some((documents, results))
}
