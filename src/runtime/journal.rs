//! Writing events down on a thread of its own: a disk that is slow or hangs must not hold the screen up.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::MOST_HAPPENED;
use crate::config;
use crate::journal::{self, Told};

/// Events that may wait for the disk; more are dropped, and the log says so.
const WAITING: usize = 8192;
/// How long the end of the program waits for the disk.
const PATIENCE: Duration = Duration::from_millis(300);

/// The way to the thread, and what it found in the file.
pub struct Journal {
    events: Option<SyncSender<Told>>,
    before: UnboundedReceiver<Vec<Told>>,
    full: bool,
    /// Says that the thread has ended.
    ended: Receiver<()>,
}

impl Journal {
    /// Starts the thread; without a folder for the state nothing is kept.
    pub fn start() -> Self {
        let (events, waiting) = sync_channel(WAITING);
        let (sender, before) = unbounded_channel();
        let (ending, ended) = sync_channel(1);
        let started = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                work(&waiting, &sender);
                let _ = ending.send(());
            });
        Self {
            events: started.is_ok().then_some(events),
            before,
            full: false,
            ended,
        }
    }

    /// Keeps an event; never waits.
    pub fn keep(&mut self, event: Told) {
        let Some(events) = &self.events else { return };
        let full = events.try_send(event).is_err();
        if full && !self.full {
            tracing::warn!("events are not written down: the disk does not keep up");
        }
        self.full = full;
    }

    /// Lets the thread write what it has, for a moment: a disk that hangs must not keep the program.
    pub fn finish(&mut self) {
        self.events = None;
        let _ = self.ended.recv_timeout(PATIENCE);
    }

    /// The events of before, once they are read.
    pub async fn remembered(&mut self) -> Option<Vec<Told>> {
        self.before.recv().await
    }
}

fn work(waiting: &Receiver<Told>, before: &UnboundedSender<Vec<Told>>) {
    let Some(folder) = config::state_dir() else {
        return;
    };
    let kept = journal::read(&folder, MOST_HAPPENED);
    if !kept.is_empty() {
        let _ = before.send(kept);
    }
    let mut told = false;
    while let Ok(first) = waiting.recv() {
        let mut events = vec![first];
        events.extend(waiting.try_iter());
        if let Err(error) = journal::append(&folder, &events)
            && !told
        {
            told = true;
            tracing::warn!("the file of events: {error}");
        }
    }
}
