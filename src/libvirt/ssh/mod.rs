//! One ssh connection for everything that goes to a host.
//!
//! libvirt starts an ssh for each of its connections, on the terminal this program draws on: that one would log in
//! anew each time, and read the keys typed for the screen as its password. So a *master* logs in first, in a session
//! without a terminal, and asks through [`super::askpass`]; libvirt is sent through a program that goes over it and
//! never asks. The master ends with the connection of the user, not with libvirt's: a restarted daemon is found again
//! without a login.

mod folder;
mod login;
mod master;
mod parameters;
mod programs;
mod said;
#[cfg(test)]
mod tests;
mod watcher;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use self::login::Login;
use self::master::Master;
use super::ffi::{Error, Result};
use super::prompts::Prompts;
use crate::model::Uri;

/// Whether libvirt would run ssh for a URI.
pub fn is_for(uri: &Uri) -> bool {
    Login::of(uri).is_some()
}

/// Every master of this process.
static ALL: Mutex<Vec<Weak<Master>>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<Weak<Master>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all logins of this process and removes their files, for a way out on which nothing is dropped.
pub fn end_all() {
    for master in all().drain(..).filter_map(|master| master.upgrade()) {
        master.end();
    }
}

/// The way of one host's connections through ssh.
pub struct Ssh {
    uri: Uri,
    login: Login,
    prompts: Arc<Prompts>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    master: Option<Arc<Master>>,
    /// No more logins.
    closed: bool,
}

impl Ssh {
    /// The way for a URI for which libvirt would run ssh; `None` for all others.
    pub fn of(uri: &Uri, prompts: Arc<Prompts>) -> Option<Self> {
        Some(Self {
            login: Login::of(uri)?,
            uri: uri.clone(),
            prompts,
            slot: Mutex::default(),
        })
    }

    /// The URI to open instead of the user's, once ssh is logged in. Waits for that without a limit.
    ///
    /// # Errors
    /// ssh's words when it cannot log in, or that nobody answered it.
    pub fn uri(&self) -> Result<String> {
        Ok(parameters::through(&self.uri, &self.master()?.wrapper()))
    }

    /// The words of a command that runs ssh over the same login, with these options: `-W HOST:PORT` passes a port of
    /// the host through standard input and output. `None` while nobody is logged in.
    pub fn command(&self, options: &[&str]) -> Option<Vec<String>> {
        let master = self.slot().master.clone()?;
        let mut words = vec![master.is_ready().then(|| master.wrapper())?];
        words.extend(options.iter().map(|option| (*option).to_owned()));
        words.extend(self.login.words());
        Some(words)
    }

    /// `text` of libvirt with the user's words instead of those that were put into its mouth.
    pub fn in_users_words(&self, text: &str) -> String {
        let Some(master) = self.slot().master.clone() else {
            return text.to_owned();
        };
        let wrapper = master.wrapper();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        lines
            .join(" ")
            .replace(&parameters::through(&self.uri, &wrapper), self.uri.as_str())
            .replace(&wrapper, &self.login.program)
    }

    /// Ends the login, with all that goes over it; the next opening logs in anew.
    pub fn hang_up(&self) {
        let master = self.slot().master.take();
        if let Some(master) = master {
            master.end();
        }
    }

    /// Ends the login for good.
    pub fn close(&self) {
        self.slot().closed = true;
        self.hang_up();
    }

    /// The master that is logged in: the one that is, or a new one. Who comes meanwhile waits for the same.
    fn master(&self) -> Result<Arc<Master>> {
        let master = {
            let mut slot = self.slot();
            if slot.closed {
                return Err(Error::own("the connection is closed"));
            }
            match slot.master.as_ref().filter(|master| master.is_up()) {
                Some(master) => Arc::clone(master),
                None => {
                    let master = Arc::new(Master::start(&self.login, Arc::clone(&self.prompts))?);
                    slot.master = Some(Arc::clone(&master));
                    let mut all = all();
                    all.retain(|one| one.strong_count() > 0);
                    all.push(Arc::downgrade(&master));
                    master
                }
            }
        };
        master.wait()?;
        Ok(master)
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ssh {
    fn drop(&mut self) {
        self.close();
    }
}
