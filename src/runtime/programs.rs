//! Programs of the user's own in the background: started away from the terminal, their end and last words told.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::app::Ended;

/// Bytes of what a program writes that are kept: the last ones.
const KEPT: usize = 4096;

/// How often, and how long each time, it is waited for the rest of what an ended program wrote. A child of it may hold its
/// output open for ever.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(10);

/// Starts a program; `told` hears of its end on a thread of its own.
///
/// # Errors
/// Why it could not be started.
pub fn start(
    argv: &[String],
    told: impl FnOnce(Result<Ended, String>) + Send + 'static,
) -> Result<(), String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err("there is no program".to_owned());
    };
    let because = |error: std::io::Error| format!("{program}: {error}");
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(because)?;
    thread::Builder::new()
        .name("own-command".to_owned())
        .spawn(move || told(wait(child)))
        .map(|_| ())
        .map_err(because)
}

fn wait(mut child: Child) -> Result<Ended, String> {
    let tail = Arc::new(Mutex::new(Vec::new()));
    let readers: Vec<JoinHandle<()>> = [
        child.stdout.take().and_then(|out| reader(out, &tail)),
        child.stderr.take().and_then(|out| reader(out, &tail)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let status = child.wait().map_err(|error| error.to_string())?;
    for _ in 0..LOOKS {
        if readers.iter().all(JoinHandle::is_finished) {
            break;
        }
        thread::sleep(LOOK);
    }
    let tail = tail.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let text = String::from_utf8_lossy(&tail);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Ok(Ended {
        code: status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal))
            .unwrap_or(128),
        said: last.unwrap_or_default().trim().to_owned(),
    })
}

fn reader(
    mut from: impl Read + Send + 'static,
    tail: &Arc<Mutex<Vec<u8>>>,
) -> Option<JoinHandle<()>> {
    let tail = Arc::clone(tail);
    let read = move || {
        let mut piece = [0; 1024];
        while let Ok(count) = from.read(&mut piece) {
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                return;
            };
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend_from_slice(read);
            let surplus = tail.len().saturating_sub(KEPT);
            tail.drain(..surplus);
        }
    };
    thread::Builder::new()
        .name("own-output".to_owned())
        .spawn(read)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn run(argv: &[&str]) -> Result<Ended, String> {
        let (sender, receiver) = mpsc::channel();
        let argv: Vec<_> = argv.iter().map(|word| (*word).to_owned()).collect();
        start(&argv, move |ended| {
            let _ = sender.send(ended);
        })?;
        receiver.recv().map_err(|error| error.to_string())?
    }

    #[test]
    fn the_end_and_the_last_words_are_told() {
        let ended = run(&["sh", "-c", "echo one; echo 'two $(x)'; exit 3"]).unwrap();
        assert_eq!((ended.code, ended.said.as_str()), (3, "two $(x)"));
        let ended = run(&["sh", "-c", "kill -9 $$"]).unwrap();
        assert_eq!(ended.code, 137);
        assert!(
            run(&["/nonexistent/x"])
                .unwrap_err()
                .contains("/nonexistent/x")
        );
    }

    #[test]
    fn much_is_not_kept_and_bad_bytes_are_taken() {
        let ended = run(&[
            "sh",
            "-c",
            "head -c 1000000 /dev/zero | tr '\\0' x; printf '\\n\\377end\\n\\n'",
        ])
        .unwrap();
        assert_eq!(ended.said, "\u{fffd}end");
    }

    #[test]
    fn a_child_that_keeps_the_output_open_holds_nobody_up() {
        let ended = run(&["sh", "-c", "sleep 30 & echo on"]).unwrap();
        assert_eq!((ended.code, ended.said.as_str()), (0, "on"));
    }
}
