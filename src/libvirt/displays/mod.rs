//! Open displays of one host. They outlive the incarnations of its connection: a display whose host was lost is opened
//! again when the host is back.
//!
//! Each has two threads: `calls` talks to libvirt and may hang; `viewer` talks to the VNC server, keeps the picture, makes
//! what is shown of it, and calls nothing that blocks.

mod calls;
mod frame;
mod viewer;
mod wall;
mod ways;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::ReportSender;
use super::ffi::Error;
use super::opener::Opener;
use super::remedies;
use crate::model::{ConnectionId, Uri};
use crate::protocol::{
    DisplayId, DisplayNews, DisplayPhase, DisplayVerb, Epoch, News, Report, WallWish,
};
use calls::Calls;
pub(super) use frame::thumbnail;
use viewer::Viewer;
use wall::Wall;

/// A sender of one display's reports.
#[derive(Clone)]
struct Said {
    connection: ConnectionId,
    display: DisplayId,
    reports: ReportSender,
}

impl Said {
    fn send(&self, news: DisplayNews) {
        self.reports.send(Report {
            connection: self.connection,
            // A display is of no incarnation.
            epoch: Epoch::default(),
            news: News::Display(self.display, news),
        });
    }
}

impl Drop for Displays {
    fn drop(&mut self) {
        self.wall.ask(WallWish::default());
    }
}

/// The displays.
pub struct Displays {
    connection: ConnectionId,
    uri: Option<Uri>,
    opener: Arc<Opener>,
    reports: ReportSender,
    wall: Arc<Wall>,
    /// Dropping a sender closes its display.
    open: Mutex<HashMap<DisplayId, UnboundedSender<DisplayVerb>>>,
}

impl Displays {
    /// None yet.
    pub fn new(
        connection: ConnectionId,
        uri: Option<Uri>,
        opener: Arc<Opener>,
        reports: ReportSender,
    ) -> Self {
        let wall = Wall::new(connection, Arc::clone(&opener), reports.clone());
        Self {
            connection,
            uri,
            opener,
            reports,
            wall,
            open: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DisplayId, UnboundedSender<DisplayVerb>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which screens are wanted as small pictures; never blocks.
    pub fn wall(&self, wish: WallWish) {
        self.wall.ask(wish);
    }

    /// Passes on what is asked of a display; never blocks.
    pub fn ask(&self, id: DisplayId, verb: DisplayVerb) {
        match verb {
            DisplayVerb::Open {
                domain,
                look,
                reads_password,
            } => {
                let said = Said {
                    connection: self.connection,
                    display: id,
                    reports: self.reports.clone(),
                };
                let (asks, asked) = mpsc::channel();
                let (answers, answered) = unbounded_channel();
                let (orders, ordered) = unbounded_channel();
                let calls = Calls {
                    opener: Arc::clone(&self.opener),
                    uri: self.uri.clone(),
                    domain,
                    answers,
                };
                let viewer = Viewer::new(asks, said.clone(), look, reads_password);
                let spawn = |name: &str| thread::Builder::new().name(format!("{name}-{}", id.0));
                let started = spawn("display-calls")
                    .spawn(move || calls.run(&asked))
                    .and_then(|_| {
                        spawn("display").spawn(move || viewer::run(viewer, ordered, answered))
                    });
                match started {
                    Ok(_) => drop(self.lock().insert(id, orders)),
                    Err(error) => {
                        let error = Error::own(format!("cannot start a thread: {error}"));
                        let failure = remedies::failure("open the display", &error, None);
                        said.send(DisplayNews::Phase(DisplayPhase::Refused(failure)));
                    }
                }
            }
            DisplayVerb::Close => drop(self.lock().remove(&id)),
            verb => {
                if let Some(orders) = self.lock().get(&id) {
                    let _ = orders.send(verb);
                }
            }
        }
    }
}
