//! The host's own files over the connection's own login: one process there, for as long as somebody looks.
//!
//! It is a small shell program ([`READER`]) that goes over the ssh that all connections of the host share, so nobody logs in
//! again. It is asked by line and answers up to a lone dot. When it ends, or does not answer, the files are *lost* with the reason;
//! the next look starts another.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::opener::Opener;
use crate::hostfacts::{Files, Listed, READER};
use crate::text;

/// How long an answer may take: thousands of files on a slow host.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest answer that is taken, in bytes.
const LONGEST: usize = 32 << 20;

/// The longest line of it.
const LONGEST_LINE: u64 = 1 << 20;

/// What is kept of what it said on its standard error, in bytes.
const SAID: u64 = 4096;

/// The place of a host's reader: none until it is wanted.
pub struct HostReader {
    opener: Arc<Opener>,
    running: Mutex<Option<Running>>,
}

impl HostReader {
    /// Without a process.
    pub fn new(opener: Arc<Opener>) -> Self {
        Self {
            opener,
            running: Mutex::default(),
        }
    }

    /// All files that the host's facts are made of, as they are now.
    pub fn files(&self) -> Files {
        self.listed("all\n")
    }

    /// The one file that the load is made of.
    pub fn load(&self) -> Files {
        self.listed("load\n")
    }

    /// What the networks of the host are made of.
    pub fn links(&self) -> Files {
        self.listed("links\n")
    }

    fn listed(&self, wish: &str) -> Files {
        match self.ask(wish) {
            Ok(lines) => Files::Listed(Arc::new(Listed::parse(lines.iter().map(String::as_str)))),
            Err(why) => Files::Lost(why),
        }
    }

    /// Writes a value into a file of the kernel's.
    ///
    /// # Errors
    /// The host's reason, or that of the reader.
    pub fn set(&self, path: &str, value: &str) -> Result<(), Undone> {
        one_line(&[path, value])?;
        self.done(&format!("set\n{path}\n{value}\n"))
    }

    /// Writes a file of its own, whole or not at all.
    ///
    /// # Errors
    /// The host's reason, or that of the reader.
    pub fn put(&self, path: &str, content: &str) -> Result<(), Undone> {
        one_line(&[path])?;
        if content.lines().any(|line| line == ".") {
            return Err(Undone::Refused("a line of it is a lone dot".to_owned()));
        }
        self.done(&format!(
            "put\n{path}\n{}\n.\n",
            content.trim_end_matches('\n')
        ))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// The host's reason, or that of the reader.
    pub fn remove(&self, path: &str) -> Result<(), Undone> {
        one_line(&[path])?;
        self.done(&format!("remove\n{path}\n"))
    }

    fn done(&self, wish: &str) -> Result<(), Undone> {
        let lines = self.ask(wish).map_err(Undone::Lost)?;
        match lines.first().map(String::as_str) {
            Some("ok") => Ok(()),
            Some(line) => {
                let why = line.strip_prefix("no ").unwrap_or(line);
                Err(Undone::Refused(why.to_owned()))
            }
            None => Err(Undone::Lost("it said nothing".to_owned())),
        }
    }

    fn ask(&self, wish: &str) -> Result<Vec<String>, String> {
        let mut slot = self.slot();
        let mut running = match slot.take() {
            Some(running) => running,
            None => {
                let words = self.opener.ssh_command(&["-T"]);
                Running::start(words.ok_or("nobody is logged in to the host by ssh")?)?
            }
        };
        // One that failed is not kept: it is killed here, and the next question starts another.
        let answer = running.ask(wish)?;
        *slot = Some(running);
        Ok(answer)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why something was not done.
#[derive(Debug)]
pub enum Undone {
    /// The host refused it, with this reason.
    Refused(String),
    /// The reader is no more, for this reason: it may have been done all the same.
    Lost(String),
}

fn one_line(words: &[&str]) -> Result<(), Undone> {
    match words.iter().any(|word| word.contains(['\n', '\r', '\0'])) {
        true => Err(Undone::Refused("a value has more than one line".to_owned())),
        false => Ok(()),
    }
}

/// The process. Killed when dropped.
struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<Vec<String>>,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Running {
    fn start(mut words: Vec<String>) -> Result<Self, String> {
        // The login shell of the host may be any; its own sh is not.
        words.push("exec sh -s".to_owned());
        let program = words.remove(0);
        let failed = |error: std::io::Error| format!("{program} cannot be started: {error}");
        let mut child = Command::new(&program)
            .args(&words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let parts = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = parts else {
            return Err("it has no standard streams".to_owned());
        };
        let (send, answers) = sync_channel(1);
        let said = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&said);
        let reads = thread::Builder::new()
            .name("host-files".to_owned())
            .spawn(move || {
                read(BufReader::new(output), |answer| send.send(answer).is_ok());
            });
        let complains = thread::Builder::new()
            .name("host-errors".to_owned())
            .spawn(move || {
                let mut words = Vec::new();
                let _ = errors.take(SAID).read_to_end(&mut words);
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = words;
            });
        let mut running = Self {
            child,
            input,
            answers,
            said,
        };
        if let Err(error) = reads.and(complains) {
            return Err(format!("cannot start a thread: {error}"));
        }
        // Asked only when it has read itself whole: a shell may read more of its input than it needs.
        running.ask(READER)?;
        Ok(running)
    }

    fn ask(&mut self, wish: &str) -> Result<Vec<String>, String> {
        let sent = self
            .input
            .write_all(wish.as_bytes())
            .and_then(|()| self.input.flush());
        if sent.is_err() {
            return Err(self.ended());
        }
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "the reader on the host did not answer within {} s",
                PATIENCE.as_secs()
            )),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// Why it is no more.
    fn ended(&mut self) -> String {
        let _ = self.child.kill();
        let status = self.child.wait();
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = text::visible(String::from_utf8_lossy(&said).trim()).into_owned();
        match (status, said.is_empty()) {
            (Ok(status), true) => format!("the reader on the host ended ({status})"),
            (_, true) => "the reader on the host ended".to_owned(),
            (_, false) => format!("the reader on the host ended: {said}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands on answers until the end, or until nobody wants them.
fn read(mut output: impl std::io::BufRead, mut take: impl FnMut(Vec<String>) -> bool) {
    let mut lines = Vec::new();
    let mut size = 0;
    loop {
        let mut line = Vec::new();
        match (&mut output)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
        {
            Ok(0) | Err(_) => return,
            Ok(count) => size += count,
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches('\n');
        if line == "." {
            if !take(std::mem::take(&mut lines)) {
                return;
            }
            size = 0;
        } else if size <= LONGEST {
            lines.push(line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Running {
        let words = ["sh", "-c"].map(str::to_owned).to_vec();
        Running::start(words).unwrap()
    }

    #[test]
    fn it_reads_itself_whole_before_it_is_asked() {
        let mut running = here();
        let lines = running.ask("load\n").unwrap();
        assert!(lines.iter().any(|line| line.starts_with("F /proc/stat")));
        assert!(lines.iter().any(|line| line.starts_with(" cpu0 ")));
        // And again, by the same process.
        let process = running.child.id();
        let lines = running.ask("links\n").unwrap();
        assert!(lines.iter().any(|line| line == "F ip/links"));
        assert!(lines.iter().any(|line| line.contains("\"ifname\"")));
        assert!(!running.ask("all\n").unwrap().is_empty());
        assert_eq!(running.child.id(), process);
    }

    #[test]
    fn one_that_dies_says_so() {
        let mut running = here();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        let why = running.ask("load\n").unwrap_err();
        assert!(why.contains("ended"), "{why}");
    }

    #[test]
    fn one_that_cannot_be_started_says_what_it_said() {
        let words = ["sh", "-c", "echo no such host >&2; exit 255", "x"];
        let why = match Running::start(words.map(str::to_owned).to_vec()) {
            Ok(_) => panic!("it runs"),
            Err(why) => why,
        };
        assert!(why.contains("ended"), "{why}");
    }
}
