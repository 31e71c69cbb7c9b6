//! A program that runs in a terminal.

use std::ops::{Deref, DerefMut};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::thread;

use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::{Color, NamedColor};
use rustix::process::{Pid, Signal, kill_process};

use super::{Home, PATIENCE, Screen, Sequences, Terminal};
use crate::support::wait::wait_for;

/// The program, its terminal, its home. Killed when dropped.
pub struct Session {
    terminal: Terminal,
    child: Child,
    home: Home,
    before: String,
    ended: Option<ExitStatus>,
}

impl Session {
    pub(super) fn new(terminal: Terminal, child: Child, home: Home, before: String) -> Self {
        Self {
            terminal,
            child,
            home,
            before,
            ended: None,
        }
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        signal_to(self.pid(), signal);
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        if let Some(status) = self.ended {
            return status;
        }
        let terminal = &self.terminal;
        let child = &mut self.child;
        let mut polls = 0;
        let status = wait_for(PATIENCE, "the program ends", || {
            polls += 1;
            if polls % 250 == 0 {
                eprintln!("still running:\n{}", terminal.screen().text());
            }
            child.try_wait().unwrap()
        });
        self.ended = Some(status);
        self.terminal.catch_up();
        status
    }

    /// Waits for its end; gives its code as a shell tells it.
    #[track_caller]
    pub fn code(&mut self) -> i32 {
        let status = self.end();
        status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap())
    }

    /// The terminal is as it was before the start: settings, screen, cursor, mouse, paste, colours.
    #[track_caller]
    pub fn assert_restored(&self) -> Screen {
        let screen = self
            .terminal
            .wait_until("the terminal given back", |screen| {
                !screen.is_alternate() && screen.modes.contains(TermMode::SHOW_CURSOR)
            });
        assert_eq!(
            self.terminal.settings(),
            self.before,
            "{}\nlog: {}",
            screen.text(),
            self.home.log()
        );
        let changed = screen.modes.symmetric_difference(TermMode::default());
        assert_eq!(changed, TermMode::NONE, "{}", screen.text());
        let plain = (
            Color::Named(NamedColor::Foreground),
            Color::Named(NamedColor::Background),
            Flags::empty(),
        );
        assert_eq!(screen.attributes, plain, "{}", screen.text());
        screen
    }

    /// The terminal is restored and nothing stands on it: the program left no traces.
    #[track_caller]
    pub fn assert_restored_and_empty(&self) {
        let screen = self.assert_restored();
        assert_eq!(screen.text().trim(), "");
        assert_eq!((screen.cursor.line.0, screen.cursor.column.0), (0, 0));
    }
}

/// Ends the program by its key; it leaves the terminal as it found it, and has written nothing that could harm it.
#[track_caller]
pub fn leave(mut console: Session) {
    console.press("<C-c>");
    assert_eq!(console.code(), 0);
    console.assert_restored_and_empty();
    Sequences::of(&console.raw()).assert_harmless();
}

/// Sends a signal to a process that may be gone.
pub fn signal_to(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = kill_process(pid, signal);
}

impl Deref for Session {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Terminal {
        &mut self.terminal
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if thread::panicking() {
            // A wait in vain is often for somebody who is no more.
            let status = self.child.try_wait();
            eprintln!("the program: {status:?}; its log: {}", self.home.log());
        }
        if self.ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
