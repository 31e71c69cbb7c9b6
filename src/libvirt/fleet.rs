//! All hosts of this process.

use std::collections::HashMap;

use super::ReportSender;
use super::host::{self, Host};
use crate::model::ConnectionId;
use crate::protocol::{
    ConnectionSpec, ConsoleId, ConsoleVerb, DisplayId, DisplayVerb, Epoch, Interest, News, Report,
    Request, WallWish,
};

/// Opens connections and passes on what is asked of them. No function here blocks or makes a libvirt call.
pub struct Fleet {
    reports: ReportSender,
    hosts: HashMap<ConnectionId, Host>,
}

impl Fleet {
    /// A fleet without hosts whose reports go to `reports`.
    #[must_use]
    pub fn new(reports: ReportSender) -> Self {
        Self {
            reports,
            hosts: HashMap::new(),
        }
    }

    /// Starts opening a connection, replacing the one of the same number.
    pub fn open(&mut self, spec: ConnectionSpec) {
        let id = spec.id;
        self.hosts.remove(&id);
        if let Some(host) = Host::start(spec, self.reports.clone()) {
            self.hosts.insert(id, host);
        }
    }

    /// Closes a connection; its last report says that it is disconnected.
    pub fn close(&mut self, id: ConnectionId) {
        self.hosts.remove(&id);
    }

    /// Opens a lost connection at once instead of after its wait; questions may be asked again. An open one reads its
    /// list and the figures of the present round now, and reports [`News::Listed`].
    pub fn retry(&self, id: ConnectionId) {
        if let Some(host) = self.hosts.get(&id) {
            host.retry();
        }
    }

    /// Gives up a connection that is being opened; `retry` begins anew.
    pub fn cancel(&self, id: ConnectionId) {
        if let Some(host) = self.hosts.get(&id) {
            host.cancel();
        }
    }

    /// Asks something of a connection; the answer is a `JobFinished` in every case.
    pub fn send(&self, id: ConnectionId, request: Request) {
        match self.hosts.get(&id) {
            Some(host) => host.send(request),
            None => self.reports.send(Report {
                connection: id,
                epoch: Epoch::default(),
                news: News::JobFinished(request.job, Err(host::not_connected())),
            }),
        }
    }

    /// Asks something of a console; what comes of it is reported as [`News::Console`].
    pub fn console(&self, id: ConnectionId, console: ConsoleId, verb: ConsoleVerb) {
        if let Some(host) = self.hosts.get(&id) {
            host.console(console, verb);
        }
    }

    /// Asks something of a display; what comes of it is reported as [`News::Display`].
    pub fn display(&self, id: ConnectionId, display: DisplayId, verb: DisplayVerb) {
        if let Some(host) = self.hosts.get(&id) {
            host.display(display, verb);
        }
    }

    /// Says which screens are wanted as small pictures, each of which is reported as [`News::Thumbnail`].
    pub fn wall(&self, id: ConnectionId, wish: WallWish) {
        if let Some(host) = self.hosts.get(&id) {
            host.wall(wish);
        }
    }

    /// Says what the screen looks at on a connection.
    pub fn interest(&self, id: ConnectionId, interest: Interest) {
        if let Some(host) = self.hosts.get(&id) {
            host.interest(interest);
        }
    }

    /// Answers a prompt; `None` gives it up.
    pub fn reply(&self, id: ConnectionId, prompt: u64, answer: Option<String>) {
        if let Some(host) = self.hosts.get(&id) {
            host.reply(prompt, answer);
        }
    }

    /// The words of a command that runs ssh over the login of a connection, with these options of ssh: `-W HOST:PORT`
    /// passes a port of the host through standard input and output. `None` while it is not open, or where it is not
    /// reached by the program ssh.
    #[must_use]
    pub fn ssh_command(&self, id: ConnectionId, options: &[&str]) -> Option<Vec<String>> {
        self.hosts.get(&id)?.ssh_command(options)
    }
}
