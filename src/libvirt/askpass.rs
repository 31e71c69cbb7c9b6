//! The program that ssh starts when it needs to know something: this one, in another part.
//!
//! ssh runs what `SSH_ASKPASS` names with the question as its argument, and takes what it prints for the answer. This
//! part passes the question through a socket to the process that shows a dialog or asks on its terminal; so nothing
//! that asks ever reads the terminal the screen is on.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

/// The variable that names the socket, and makes this program play this part.
pub(super) const SOCKET: &str = "VIRTTY_ASKPASS";

/// The variable by which ssh tells what kind of answer it wants.
const KIND: &str = "SSH_ASKPASS_PROMPT";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Plays the part when ssh has started this program; `None` when it has not. To be called first thing: standard
/// output is ssh's.
#[must_use]
pub fn main_if_asked() -> Option<ExitCode> {
    let socket = env::var_os(SOCKET)?;
    let question = env::args_os().nth(1).unwrap_or_default();
    let kind = env::var_os(KIND).unwrap_or_default();
    match ask(&socket, &kind, &question) {
        Ok(Some(answer)) => {
            let printed = writeln!(io::stdout(), "{answer}");
            Some(printed.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS))
        }
        Ok(None) | Err(_) => Some(ExitCode::FAILURE),
    }
}

/// Has ssh start `program` instead of the running one, for programs that do not call [`main_if_asked`]: tests.
pub fn use_program(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

/// What ssh is to start.
pub(super) fn program() -> io::Result<PathBuf> {
    if let Some(program) = PROGRAM.get() {
        return Ok(program.clone());
    }
    let program = env::current_exe()?;
    if program.exists() {
        return Ok(program);
    }
    // Replaced by a newer one meanwhile: the kernel still has the old one, for as long as this process lives.
    Ok(PathBuf::from(format!("/proc/{}/exe", std::process::id())))
}

fn ask(socket: &OsStr, kind: &OsStr, question: &OsStr) -> io::Result<Option<String>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(Asked::to_bytes(kind, question).as_slice())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.strip_prefix('+').map(str::to_owned))
}

/// A question as it comes through the socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The question in ssh's words; untrusted.
    pub question: String,
    /// What is wanted.
    pub wants: Wants,
}

/// What ssh wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// A password or a passphrase: not to be seen.
    Secret,
    /// Not to be seen either, and good for one login only.
    Code,
    /// Yes, no, or a fingerprint.
    Word,
    /// Nothing but that a person reads it, such as to touch a security key.
    Attention,
}

/// The longest question that is read, in bytes.
const LONGEST: u64 = 16 * 1024;

impl Asked {
    fn to_bytes(kind: &OsStr, question: &OsStr) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt as _;
        [kind.as_bytes(), b"\n", question.as_bytes()].concat()
    }

    /// Reads one to its end.
    pub fn read(stream: impl io::Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.take(LONGEST).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let (kind, question) = text.split_once('\n').unwrap_or(("", &text));
        // Some have several lines, and a dialog wraps them in its own way.
        let lines: Vec<_> = question.lines().map(str::trim).collect();
        let question = lines.join(" ").trim_end().to_owned();
        let wants = match kind {
            "none" => Wants::Attention,
            "confirm" => Wants::Word,
            // ssh asks about an unknown host in no other way.
            _ if question.contains("yes/no") || question.contains("'yes'") => Wants::Word,
            _ if is_lasting(&question.to_lowercase()) => Wants::Secret,
            _ => Wants::Code,
        };
        Ok(Self { question, wants })
    }

    /// Writes the answer; `None` declines.
    pub fn reply(mut stream: impl io::Write, answer: Option<&str>) -> io::Result<()> {
        match answer {
            Some(answer) => stream.write_all(format!("+{answer}").as_bytes()),
            None => stream.write_all(b"-"),
        }
    }
}

impl Wants {
    /// Whether the answer is not to be seen.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Code)
    }
}

/// Whether the answer will be right the next time as well; in lower case.
fn is_lasting(question: &str) -> bool {
    ["password", "passphrase"]
        .iter()
        .any(|word| question.contains(word))
        && !["one-time", "otp", "verification"]
            .iter()
            .any(|word| question.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_wants_is_told_by_its_words() {
        for (kind, question, wants) in [
            ("", "lab@kvm1's password: ", Wants::Secret),
            (
                "",
                "Enter passphrase for key '/root/.ssh/id': ",
                Wants::Secret,
            ),
            (
                "",
                "The authenticity of host 'kvm1 (10.0.0.1)' can't be established.\n\
                 Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
                Wants::Word,
            ),
            (
                "",
                "Please type 'yes', 'no' or the fingerprint: ",
                Wants::Word,
            ),
            ("", "(lab@kvm1) Verification code: ", Wants::Code),
            ("", "One-time password (OATH) for `lab': ", Wants::Code),
            ("confirm", "Allow use of key?", Wants::Word),
            ("none", "Confirm user presence for key", Wants::Attention),
        ] {
            let bytes = Asked::to_bytes(kind.as_ref(), question.as_ref());
            let asked = Asked::read(bytes.as_slice()).unwrap();
            assert_eq!(asked.wants, wants, "{question}");
            assert_eq!(asked.question, question.trim_end().replace('\n', " "));
        }
    }
}
