//! How a command ends: exit codes, and one clear line for each error.

use std::fmt::Write as _;
use std::io;

use crate::protocol::Failure;
use crate::text::{shell_quote, visible};

/// Exit codes; the manual page lists them from [`EXIT_CODES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Something failed; standard error says what.
    Failed = 1,
    /// The command line is wrong (clap's code).
    Usage = 2,
    /// The domain is not running.
    NotRunning = 3,
    /// The domain has no VNC display, or one that nothing can connect to.
    NoVnc = 4,
    /// There is no such domain.
    NoDomain = 5,
    /// Another changed meanwhile what was to be replaced.
    Conflict = 6,
}

/// Exit codes and their meaning, for the manual page.
pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "All went well, or the reader of the output went away."),
    (
        1,
        "Something failed: a connection, a call of libvirt, a file, a value that cannot be true, a document that is not \
         valid or differs from the other. What could be read has been printed.",
    ),
    (
        2,
        "The command line is wrong; or a document could not be checked or compared (xml), a folder is not an export \
         (export), or what would be replaced needs --yes (import).",
    ),
    (3, "The domain is not running (vnc)."),
    (
        4,
        "The domain has no VNC display, or one that nothing can connect to: no port allocated yet, listen type \
         none (vnc).",
    ),
    (5, "There is no such domain (vnc, ports, show, stats)."),
    (
        6,
        "Another changed on the host what was to be replaced (xml apply --expect-base).",
    ),
];

/// Why a command failed.
#[derive(Debug)]
pub struct Error {
    /// With which code the program ends.
    pub exit: Exit,
    /// One line for people; made visible when it is printed.
    pub message: String,
}

impl Error {
    /// An error with its code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// Prints it on standard error.
    pub fn print(&self) {
        complain(&self.message);
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let mut message = failure.to_string();
        if let Some(remedy) = &failure.remedy {
            let advice = match &remedy.command {
                Some(_) => remedy.advice.trim_end_matches('.'),
                None => &remedy.advice,
            };
            let _ = write!(message, " ({advice}");
            if let Some(command) = &remedy.command {
                let words: Vec<_> = command.iter().map(|word| shell_quote(word)).collect();
                let _ = write!(message, ": {}", words.join(" "));
            }
            message.push(')');
        }
        Self::new(Exit::Failed, message)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failed, format!("standard output: {error}"))
    }
}

/// One line on standard error. A standard error that is closed is no reason to fail.
pub fn complain(message: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "virtty: {}", visible(message.trim_end()));
}
