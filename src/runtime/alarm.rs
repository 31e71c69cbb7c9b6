//! Calling for attention: the bell, and a program of the user's in the background.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::terminal::Out;

/// Programs that run at the same time: one that hangs must not pile up.
const MOST: usize = 4;

/// Programs that are running.
#[derive(Debug, Clone, Default)]
pub struct Alarms {
    running: Arc<AtomicUsize>,
}

/// Rings the bell of the terminal.
pub fn ring() {
    let _ = Out.write_all(b"\x07");
}

impl Alarms {
    /// Starts a program with these arguments, away from the terminal; a thread waits for its end.
    ///
    /// # Errors
    /// A sentence, when it cannot be started or too many still run.
    pub fn start(&self, command: &[String]) -> Result<(), String> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(());
        };
        if self.running.fetch_add(1, Ordering::SeqCst) >= MOST {
            self.running.fetch_sub(1, Ordering::SeqCst);
            return Err(format!(
                "{program}: {MOST} of them have not ended yet; it was not started again"
            ));
        }
        let spawned = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let ended = self.clone();
        let result = spawned.and_then(|mut child| {
            thread::Builder::new()
                .name("alarm".to_owned())
                .spawn(move || {
                    match child.wait() {
                        Ok(status) if status.success() => {}
                        Ok(status) => tracing::warn!("the command of [alerts]: {status}"),
                        Err(error) => tracing::warn!("the command of [alerts]: {error}"),
                    }
                    ended.running.fetch_sub(1, Ordering::SeqCst);
                })
        });
        match result {
            Ok(_) => Ok(()),
            Err(error) => {
                self.running.fetch_sub(1, Ordering::SeqCst);
                Err(format!("{program}: {error}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn arguments_meet_no_shell_and_what_cannot_start_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("$(touch x)");
        let alarms = Alarms::default();
        alarms
            .start(&words(&["touch", "--", path.to_str().unwrap()]))
            .unwrap();
        while alarms.running.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
        assert!(path.exists());
        assert!(
            alarms
                .start(&words(&["/nonexistent/x"]))
                .unwrap_err()
                .contains("/nonexistent/x")
        );
        assert_eq!(alarms.start(&[]), Ok(()));
    }

    #[test]
    fn programs_that_hang_do_not_pile_up() {
        let alarms = Alarms::default();
        alarms.running.store(MOST, Ordering::SeqCst);
        assert!(
            alarms
                .start(&words(&["true"]))
                .unwrap_err()
                .contains("not ended")
        );
        assert_eq!(alarms.running.load(Ordering::SeqCst), MOST);
    }
}
