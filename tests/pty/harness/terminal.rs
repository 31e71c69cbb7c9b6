//! A pseudo-terminal with somebody who reads it.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

use super::emulator::{Emulator, Screen};
use super::{PATIENCE, keys};

/// Between an Esc and the key behind it.
const AFTER_ESC: Duration = Duration::from_millis(50);

/// Both ends of the terminal, a thread that reads, and the emulator it feeds.
pub struct Terminal {
    /// The end of the emulator; `None` after a hang-up.
    master: Option<Arc<OwnedFd>>,
    /// The end of the program. Kept open, so that settings can be looked at when the program is gone.
    slave: OwnedFd,
    shown: Arc<Shown>,
    reader: Option<(JoinHandle<()>, OwnedFd)>,
}

struct Shown {
    emulator: Mutex<Emulator>,
    changed: Condvar,
}

impl Terminal {
    pub fn new(columns: u16, lines: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = Arc::new(openpt(flags).unwrap());
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = ioctl_tiocgptpeer(&master, flags).unwrap();
        tcsetwinsize(&master, winsize(columns, lines)).unwrap();
        let shown = Arc::new(Shown {
            emulator: Mutex::new(Emulator::new(columns, lines)),
            changed: Condvar::new(),
        });
        let mut terminal = Self {
            master: Some(master),
            slave,
            shown,
            reader: None,
        };
        terminal.read_again();
        terminal
    }

    /// Reads, as it does from the beginning, after [`Self::stop_reading`].
    pub fn read_again(&mut self) {
        let (stop, stopper) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let master = self.master.clone().expect("not hung up");
        let shown = self.shown.clone();
        let reader = thread::spawn(move || read(&master, &stop, &shown));
        self.reader = Some((reader, stopper));
    }

    /// The end of the program.
    pub fn slave(&self) -> &OwnedFd {
        &self.slave
    }

    /// All settings of the line discipline, every flag and special character.
    pub fn settings(&self) -> String {
        format!("{:?}", tcgetattr(&self.slave).unwrap())
    }

    pub fn resize(&self, columns: u16, lines: u16) {
        self.emulator().resize(columns, lines);
        tcsetwinsize(&self.slave, winsize(columns, lines)).unwrap();
    }

    /// Types keys written like `jj<Enter>`.
    pub fn press(&self, keys: &str) {
        for piece in keys::bytes(keys) {
            self.send(&piece);
            if piece.ends_with(b"\x1b") {
                thread::sleep(AFTER_ESC);
            }
        }
    }

    /// Sends bytes as they are.
    pub fn send(&self, mut bytes: &[u8]) {
        let master = self.master.as_ref().expect("not hung up");
        while !bytes.is_empty() {
            let count = rustix::io::write(master, bytes).unwrap();
            bytes = &bytes[count..];
        }
    }

    /// Closes the emulator's end, as when a connection breaks.
    pub fn hang_up(&mut self) {
        self.stop_reading();
        self.master = None;
    }

    /// Reads no more, as a terminal whose network is stuck.
    pub fn stop_reading(&mut self) {
        if let Some((reader, stopper)) = self.reader.take() {
            drop(stopper);
            // A reader that failed has said so itself, and a second panic on the way out of a test would hide it.
            let _ = reader.join();
        }
    }

    pub fn screen(&self) -> Screen {
        self.emulator().screen()
    }

    /// Number of bytes the program has written so far.
    pub fn count(&self) -> usize {
        self.emulator().count()
    }

    /// What the program has written since there were `count` bytes.
    pub fn since(&self, count: usize) -> Vec<u8> {
        self.emulator().since(count)
    }

    /// All that the program has written.
    pub fn raw(&self) -> Vec<u8> {
        self.since(0)
    }

    /// Waits for a text on one line of the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> Screen {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.has(text)
        })
    }

    /// Waits until a text is on no line of the screen.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) -> Screen {
        self.wait_until(&format!("no {text:?} on the screen"), |screen| {
            !screen.has(text)
        })
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut ready: impl FnMut(&Screen) -> bool) -> Screen {
        let end = Instant::now() + PATIENCE;
        let mut emulator = self.emulator();
        loop {
            let screen = emulator.screen();
            if ready(&screen) {
                return screen;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "not within {PATIENCE:?}: {what}\n{}",
                screen.text()
            );
            let count = emulator.count();
            (emulator, _) = self
                .shown
                .changed
                .wait_timeout_while(emulator, left, |emulator| emulator.count() == count)
                .unwrap();
        }
    }

    /// Waits for the prompt of [`Setup::shell`](super::Setup::shell): what is typed before it may be lost.
    #[track_caller]
    pub fn prompt(&self) -> Screen {
        self.wait_until("the shell's prompt", |screen| {
            let line = usize::try_from(screen.cursor.line.0).unwrap_or(0);
            screen.line(line) == "ready>"
        })
    }

    /// Waits until all is read that has been written so far.
    pub fn catch_up(&self) {
        while let Some(master) = &self.master
            && self.reader.is_some()
            && rustix::io::ioctl_fionread(master).is_ok_and(|waiting| waiting > 0)
        {
            thread::sleep(Duration::from_millis(1));
        }
        // The last bytes may be on their way into the emulator.
        self.quiet(Duration::from_millis(10));
    }

    /// Waits until nothing was written for a while; gives what stands there then.
    pub fn quiet(&self, span: Duration) -> Screen {
        let end = Instant::now() + PATIENCE;
        let mut emulator = self.emulator();
        loop {
            let count = emulator.count();
            let (next, waited) = self
                .shown
                .changed
                .wait_timeout_while(emulator, span, |emulator| emulator.count() == count)
                .unwrap();
            emulator = next;
            if waited.timed_out() {
                return emulator.screen();
            }
            assert!(Instant::now() < end, "never quiet for {span:?}");
        }
    }

    fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.shown.emulator()
    }
}

impl Shown {
    /// A test that fails does so while it looks at the screen.
    fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.hang_up();
    }
}

fn winsize(columns: u16, lines: u16) -> Winsize {
    Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

fn read(master: &OwnedFd, stop: &OwnedFd, shown: &Shown) {
    let mut writer = File::from(master.try_clone().unwrap());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let mut ready = [
            PollFd::new(master, PollFlags::IN),
            PollFd::new(stop, PollFlags::empty()),
        ];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => panic!("{error}"),
        }
        if !ready[1].revents().is_empty() {
            return;
        }
        let Ok(count) = rustix::io::read(master, &mut buffer) else {
            return;
        };
        let mut emulator = shown.emulator();
        emulator.take(&buffer[..count]);
        let replies = emulator.replies();
        drop(emulator);
        if !replies.is_empty() {
            writer.write_all(&replies).unwrap();
        }
        shown.changed.notify_all();
    }
}
