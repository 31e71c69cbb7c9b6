//! The log: a file, never the terminal.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use tracing::level_filters::LevelFilter;

use crate::config;

/// A log larger than this at the start is put aside, replacing the one before.
const LARGEST: u64 = 1024 * 1024;

/// Where standard error goes while the screen is up.
static SINK: OnceLock<File> = OnceLock::new();

/// Starts logging to `path`, with everything, or to the user's own log, with warnings. Without a place to write there
/// is no log, which is an error only for a path that was asked for.
///
/// # Errors
/// In words, naming the file.
pub fn start(path: Option<&Path>) -> Result<(), String> {
    let opened = match path {
        Some(path) => {
            let file = open(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some((file, LevelFilter::DEBUG))
        }
        None => own().map(|file| (file, LevelFilter::WARN)),
    };
    let Some((file, level)) = opened else {
        return Ok(());
    };
    if let Ok(sink) = file.try_clone() {
        let _ = SINK.set(sink);
    }
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(level)
        .with_writer(Mutex::new(file))
        .finish();
    // A second start in one process keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

fn own() -> Option<File> {
    let path = config::log_file()?;
    let folder = path.parent()?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .ok()?;
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        let _ = fs::rename(&path, path.with_extension("log.1"));
    }
    open(&path).ok()
}

/// Names and errors of a host are nobody else's business.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

/// Sends standard error to the log, or to nowhere; gives back where it went before.
pub fn divert_stderr() -> Option<OwnedFd> {
    let before = io::stderr().as_fd().try_clone_to_owned().ok()?;
    let diverted = match SINK.get() {
        Some(log) => rustix::stdio::dup2_stderr(log),
        None => {
            let nowhere = OpenOptions::new().write(true).open("/dev/null").ok()?;
            rustix::stdio::dup2_stderr(&nowhere)
        }
    };
    diverted.ok().map(|()| before)
}
