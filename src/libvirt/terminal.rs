//! Questions on the terminal, for commands that have no screen.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use crate::text::visible;

/// One question at a time: several connections may be opening.
static ASKING: Mutex<()> = Mutex::new(());

/// Ctrl-C.
const INTERRUPT: u8 = 3;

/// Whether there is a terminal to ask on, wherever the standard streams lead.
#[must_use]
pub fn is_there() -> bool {
    open().is_ok()
}

/// Asks on the terminal: who asks, and what. `None` when there is none, or when it was given up by Ctrl-C or Ctrl-D.
#[must_use]
pub fn ask(place: &str, question: &str, masked: bool) -> Option<String> {
    let _one = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let question = question.trim_end().trim_end_matches(':');
    let end = if question.ends_with('?') { " " } else { ": " };
    let text = format!("{}: {}{end}", visible(place), visible(question));
    match read(&text, masked) {
        Ok(answer) => answer,
        Err(error) => {
            tracing::info!("nobody can be asked: {error}");
            None
        }
    }
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

fn read(text: &str, masked: bool) -> io::Result<Option<String>> {
    let mut terminal = open()?;
    let before = tcgetattr(&terminal)?;
    let mut asking = before.clone();
    if masked {
        asking.local_modes.remove(LocalModes::ECHO);
        asking.local_modes.insert(LocalModes::ECHONL);
    }
    // Ctrl-C ends the line instead of the process, which would leave the terminal without an echo.
    asking.local_modes.remove(LocalModes::ISIG);
    asking.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
    tcsetattr(&terminal, OptionalActions::Flush, &asking)?;
    let restore = Restore(terminal.try_clone()?, before);
    terminal.write_all(text.as_bytes())?;
    let mut line = Vec::new();
    let mut byte = [0];
    let is_whole = loop {
        if terminal.read(&mut byte)? == 0 || byte[0] == INTERRUPT {
            break false;
        }
        if byte[0] == b'\n' {
            break true;
        }
        line.push(byte[0]);
    };
    if !is_whole {
        let _ = terminal.write_all(b"\n");
    }
    drop(restore);
    Ok(is_whole.then(|| String::from_utf8_lossy(&line).into_owned()))
}

/// Gives the terminal back as it was.
struct Restore(File, Termios);

impl Drop for Restore {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.0, OptionalActions::Now, &self.1);
    }
}
