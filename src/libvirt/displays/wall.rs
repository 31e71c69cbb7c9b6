//! Small pictures of many screens, taken one after the other, never faster than a host can bear.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::frame::thumbnail;
use crate::display::Picture;
use crate::libvirt::ReportSender;
use crate::libvirt::ffi::{Domain, Error};
use crate::libvirt::meter::Kind;
use crate::libvirt::opener::{OnDemand, Opener};
use crate::model::{ConnectionId, Uuid};
use crate::protocol::{Epoch, News, Report, WallWish};

/// A screen is looked at no more often than this.
const EACH: Duration = Duration::from_secs(2);

/// A call without an answer for this long is left alone, and the others go on without that domain.
const STUCK: Duration = Duration::from_secs(4);

/// Threads that may be stuck at a time.
const MOST_STUCK: usize = 3;

#[derive(Default)]
struct Inner {
    wish: WallWish,
    taken: HashMap<Uuid, Instant>,
    /// What each thread is busy with, by its number.
    busy: HashMap<u64, (Uuid, Instant)>,
    /// The thread that may take the next picture.
    current: u64,
    running: bool,
}

/// The pictures of a host.
pub struct Wall {
    connection: ConnectionId,
    opener: Arc<Opener>,
    reports: ReportSender,
    inner: Mutex<Inner>,
    more: Condvar,
}

impl Wall {
    /// None are taken yet.
    pub fn new(connection: ConnectionId, opener: Arc<Opener>, reports: ReportSender) -> Arc<Self> {
        Arc::new(Self {
            connection,
            opener,
            reports,
            inner: Mutex::default(),
            more: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes pictures of these from now on; never blocks.
    pub fn ask(self: &Arc<Self>, wish: WallWish) {
        let mut inner = self.lock();
        inner.wish = wish;
        let now = Instant::now();
        let stuck = |since: &Instant| now.saturating_duration_since(*since) > STUCK;
        let current_stuck = inner
            .busy
            .get(&inner.current)
            .is_some_and(|(_, since)| stuck(since));
        let start = !inner.wish.domains.is_empty()
            && (!inner.running || current_stuck && inner.busy.len() <= MOST_STUCK);
        if start {
            inner.current += 1;
            inner.running = true;
            let number = inner.current;
            let wall = Arc::clone(self);
            let started = thread::Builder::new()
                .name("wall".to_owned())
                .spawn(move || wall.run(number));
            inner.running = started.is_ok();
        }
        drop(inner);
        self.more.notify_all();
    }

    fn run(self: Arc<Self>, number: u64) {
        let connection = OnDemand::new(Arc::clone(&self.opener), Kind::Streams);
        while let Some((uuid, width, height)) = self.next(number) {
            let began = Instant::now();
            let made = connection
                .get()
                .and_then(|open| open.domain(uuid))
                .and_then(|domain| shoot(&domain))
                .map(|picture| thumbnail(&picture, width, height))
                .map_err(|error| error.message);
            self.lock().busy.remove(&number);
            let made = match made {
                Ok(Some(picture)) => Ok(Arc::new(picture)),
                Ok(None) => Err("nothing to see".to_owned()),
                Err(why) => Err(why),
            };
            self.reports.send(Report {
                connection: self.connection,
                epoch: Epoch::default(),
                news: News::Thumbnail(uuid, made),
            });
            // At most a third of the time.
            thread::sleep(began.elapsed() * 2);
        }
    }

    /// The next screen to look at; `None` when this thread is not wanted any more.
    fn next(&self, number: u64) -> Option<(Uuid, u16, u16)> {
        let mut inner = self.lock();
        loop {
            if inner.current != number {
                return None;
            }
            if inner.wish.domains.is_empty() {
                inner.running = false;
                return None;
            }
            let now = Instant::now();
            let stuck: Vec<_> = inner.busy.values().map(|(uuid, _)| *uuid).collect();
            let due = |uuid: &Uuid| inner.taken.get(uuid).map_or(now, |at| *at + EACH);
            let oldest = inner
                .wish
                .domains
                .iter()
                .filter(|uuid| !stuck.contains(uuid))
                .min_by_key(|uuid| due(uuid))
                .copied();
            let wait = oldest.map_or(EACH, |uuid| due(&uuid).saturating_duration_since(now));
            if let Some(uuid) = oldest
                && wait.is_zero()
            {
                let wanted = inner.wish.domains.clone();
                inner.taken.retain(|known, _| wanted.contains(known));
                inner.taken.insert(uuid, now);
                inner.busy.insert(number, (uuid, now));
                return Some((uuid, inner.wish.width, inner.wish.height));
            }
            inner = self
                .more
                .wait_timeout(inner, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

fn shoot(domain: &Domain) -> Result<Picture, Error> {
    let (kind, bytes) = domain.screenshot(0)?;
    Picture::read(&bytes)
        .map_err(|why| Error::own(format!("the picture ({kind}) cannot be read: {why}")))
}
