//! Open consoles of one host. They outlive the incarnations of its connection: a console whose host was lost is opened
//! again when the host is back.
//!
//! Each has two threads: `line` talks to libvirt and may hang, `emulator` owns the terminal and may not. libvirt's event
//! thread puts the guest's bytes into the `inbox` between them, which keeps the newest.

mod emulator;
mod inbox;
mod line;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::ReportSender;
use super::ffi::Error;
use super::opener::Opener;
use super::remedies;
use crate::model::{ConnectionId, Uri};
use crate::protocol::{ConsoleId, ConsoleNews, ConsolePhase, ConsoleVerb, Epoch, News, Report};
use emulator::Emulator;
use inbox::{Inbox, Wish};
use line::{Line, Order};

/// Typed bytes that may wait for a host that does not take them.
const TYPED: usize = 256 * 1024;

/// A sender of one console's reports.
#[derive(Clone)]
struct Said {
    connection: ConnectionId,
    console: ConsoleId,
    reports: ReportSender,
}

impl Said {
    fn send(&self, news: ConsoleNews) {
        self.reports.send(Report {
            connection: self.connection,
            // A console is of no incarnation.
            epoch: Epoch::default(),
            news: News::Console(self.console, news),
        });
    }
}

struct Open {
    inbox: Arc<Inbox>,
    line: Sender<Order>,
    waiting: Arc<AtomicUsize>,
    said: Said,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.inbox.close();
        let _ = self.line.send(Order::Close);
    }
}

/// The consoles.
pub struct Consoles {
    connection: ConnectionId,
    uri: Option<Uri>,
    opener: Arc<Opener>,
    reports: ReportSender,
    open: Mutex<HashMap<ConsoleId, Open>>,
}

impl Consoles {
    /// None yet.
    pub fn new(
        connection: ConnectionId,
        uri: Option<Uri>,
        opener: Arc<Opener>,
        reports: ReportSender,
    ) -> Self {
        Self {
            connection,
            uri,
            opener,
            reports,
            open: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConsoleId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what is asked of a console; never blocks.
    pub fn ask(&self, id: ConsoleId, verb: ConsoleVerb) {
        if let ConsoleVerb::Open { .. } = verb {
            return self.begin(id, verb);
        }
        let mut open = self.lock();
        let Some(console) = open.get(&id) else {
            return;
        };
        match verb {
            ConsoleVerb::Open { .. } => {}
            ConsoleVerb::Type(bytes) => console.type_in(bytes),
            ConsoleVerb::TakeOver => drop(console.line.send(Order::TakeOver)),
            ConsoleVerb::Break => drop(console.line.send(Order::Break)),
            ConsoleVerb::Retry => drop(console.line.send(Order::Retry)),
            ConsoleVerb::Resize { columns, lines } => {
                console.inbox.wish(Wish::Resize { columns, lines });
            }
            ConsoleVerb::Watch(watched) => console.inbox.wish(Wish::Watch(watched)),
            ConsoleVerb::Look(motion) => console.inbox.wish(Wish::Look(motion)),
            ConsoleVerb::Copy => console.inbox.wish(Wish::Copy),
            ConsoleVerb::Log(log) => console.inbox.wish(Wish::Log(log)),
            ConsoleVerb::Close => drop(open.remove(&id)),
        }
    }

    fn begin(&self, id: ConsoleId, verb: ConsoleVerb) {
        let ConsoleVerb::Open {
            domain,
            device,
            access,
            columns,
            lines,
        } = verb
        else {
            return;
        };
        let said = Said {
            connection: self.connection,
            console: id,
            reports: self.reports.clone(),
        };
        let inbox = Arc::new(Inbox::default());
        let waiting = Arc::new(AtomicUsize::new(0));
        let (orders, receiver) = channel();
        let emulator = Emulator {
            inbox: Arc::clone(&inbox),
            line: orders.clone(),
            said: said.clone(),
            waiting: Arc::clone(&waiting),
        };
        let line = Line {
            opener: Arc::clone(&self.opener),
            uri: self.uri.clone(),
            domain,
            device,
            inbox: Arc::clone(&inbox),
            said: said.clone(),
            orders: orders.clone(),
            waiting: Arc::clone(&waiting),
        };
        let console = Open {
            inbox,
            line: orders,
            waiting,
            said: said.clone(),
        };
        let spawn = |name: &str| thread::Builder::new().name(format!("{name}-{}", id.0));
        let started = spawn("terminal")
            .spawn(move || emulator.run(columns, lines))
            .and_then(|_| spawn("console").spawn(move || line.run(access, &receiver)));
        match started {
            Ok(_) => drop(self.lock().insert(id, console)),
            Err(error) => {
                let error = Error::own(format!("cannot start a thread: {error}"));
                let failure = remedies::failure("open the console", &error, None);
                said.send(ConsoleNews::Phase(ConsolePhase::Refused(failure)));
            }
        }
    }
}

impl Open {
    fn type_in(&self, bytes: Vec<u8>) {
        if self.waiting.load(Ordering::Relaxed) + bytes.len() > TYPED {
            return self.said.send(ConsoleNews::NotTaken);
        }
        self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        let _ = self.line.send(Order::Type(bytes));
    }
}
