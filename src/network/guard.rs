//! Changing a host's links so that nobody cuts their own line: a process of its own makes the change, waits for somebody to
//! keep it, and takes it back when nobody does in time. It leads a session without a terminal, so that it outlives a login
//! that the change cuts. What is kept is written into the host's own file; what is not leaves that as it was.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::bridge::BridgePlan;
use super::keeper::FileChange;
use crate::model::PendingChange;

/// How long a change waits to be kept.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Name of the hidden command that is the process.
pub const COMMAND: &str = "bridge-guard";

/// How often it looks whether somebody has decided.
const LOOK: Duration = Duration::from_millis(100);

/// How long who decides waits for what comes of it.
const OUTCOME: Duration = Duration::from_secs(20);

/// The change under way, as it is kept in a file.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    title: String,
    process: u32,
    /// Seconds since 1970.
    until: u64,
    back: Vec<Vec<String>>,
    file: Option<FileChange>,
}

/// Where the change under way is kept.
fn folder() -> PathBuf {
    let named = std::env::var_os("VIRTTY_BRIDGE_DIR").filter(|folder| !folder.is_empty());
    named.map_or_else(|| PathBuf::from("/run/virtty"), PathBuf::from)
}

fn change_file(folder: &Path) -> PathBuf {
    folder.join("change.json")
}

/// The word of whoever decides.
fn word_file(folder: &Path) -> PathBuf {
    folder.join("word")
}

/// What became of the last change.
fn outcome_file(folder: &Path) -> PathBuf {
    folder.join("outcome")
}

fn read(folder: &Path) -> Option<Change> {
    let text = fs::read_to_string(change_file(folder)).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_alive(process: u32) -> bool {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.windows(COMMAND.len())
        .any(|part| part == COMMAND.as_bytes())
}

/// The change that waits to be kept, whoever made it.
#[must_use]
pub fn pending() -> Option<PendingChange> {
    let change = read(&folder())?;
    Some(PendingChange {
        is_guarded: is_alive(change.process),
        title: change.title,
        until: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(change.until))?,
    })
}

/// Makes a change, by a process that takes it back after `patience` unless it is kept meanwhile. Comes back when the change
/// is made.
///
/// # Errors
/// What failed, in words; the change was taken back then.
pub fn apply(plan: &BridgePlan, patience: Duration) -> Result<(), String> {
    let program = std::env::current_exe()
        .map_err(|error| format!("virtty's own program is not found: {error}"))?;
    let mut child = Command::new(program)
        .args([COMMAND, "--seconds", &patience.as_secs().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            format!("the process that would take it back cannot be started: {error}")
        })?;
    let text = serde_json::to_string(plan).map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(text.as_bytes())
            .map_err(|error| format!("the plan cannot be handed over: {error}"))?;
    }
    let mut said = String::new();
    if let Some(stdout) = child.stdout.take() {
        let _ = BufReader::new(stdout).read_line(&mut said);
    }
    // It goes on by itself; whoever started it takes note of its end, so that nothing of it is left.
    let reaper = thread::Builder::new().name("bridge".to_owned());
    let _ = reaper.spawn(move || child.wait());
    match said.trim_end() {
        "applied" => Ok(()),
        "" => Err("the process that would take it back ended without a word".to_owned()),
        why => Err(why.to_owned()),
    }
}

/// Keeps the change under way, or takes it back; says what became of it.
///
/// # Errors
/// That there is none, or what failed.
pub fn decide(keep: bool) -> Result<String, String> {
    let folder = folder();
    let Some(change) = read(&folder) else {
        return Err("no change of a bridge waits here".to_owned());
    };
    if !is_alive(change.process) {
        // Nobody else will do it any more.
        let said = settle(&change, keep);
        let _ = fs::remove_file(change_file(&folder));
        return said;
    }
    let _ = fs::remove_file(outcome_file(&folder));
    let word = if keep { "keep" } else { "back" };
    write(&word_file(&folder), word)
        .map_err(|error| format!("the change cannot be decided on from here: {error}"))?;
    let begun = Instant::now();
    while begun.elapsed() < OUTCOME {
        if !change_file(&folder).exists() {
            let said = fs::read_to_string(outcome_file(&folder)).unwrap_or_default();
            return match said.strip_prefix("failed: ") {
                Some(why) => Err(why.to_owned()),
                None => Ok(said),
            };
        }
        thread::sleep(LOOK);
    }
    Err("the process that made the change does not answer".to_owned())
}

/// The process itself: reads a plan from its input, makes the change, says so, and waits.
///
/// # Errors
/// Of its input.
pub fn guard(patience: Duration) -> io::Result<()> {
    // Of a group of its own already, where somebody started it by hand.
    let _ = rustix::process::setsid();
    leave_login();
    // A host that goes down asks first: what nobody kept is taken back before.
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
    ] {
        signal_hook::flag::register(signal, Arc::clone(&ended))?;
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let plan: BridgePlan = serde_json::from_str(&text).map_err(io::Error::other)?;
    let folder = folder();
    match begin(&folder, &plan, patience) {
        Err(why) => say(&why),
        Ok(change) => {
            say("applied");
            let keep = wait(&folder, patience, &ended);
            let said = settle(&change, keep);
            let text = match said {
                Ok(said) => said,
                Err(why) => format!("failed: {why}"),
            };
            let _ = write(&outcome_file(&folder), &text);
            let _ = fs::remove_file(word_file(&folder));
            let _ = fs::remove_file(change_file(&folder));
        }
    }
    Ok(())
}

/// Leaves the control group of a login: systemd-logind kills what is in it when the login ends, where it is told to
/// (logind.conf(5), `KillUserProcesses`). Elsewhere, and where it may not, it stays.
fn leave_login() {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let is_of_login = |line: &&str| line.contains("/session-") || line.contains("/user@");
    for line in groups.lines().filter(is_of_login) {
        let controller = line.split(':').nth(1).unwrap_or_default();
        let root = match controller.strip_prefix("name=") {
            _ if controller.is_empty() => "/sys/fs/cgroup".to_owned(),
            named => format!("/sys/fs/cgroup/{}", named.unwrap_or(controller)),
        };
        let _ = fs::write(
            format!("{root}/cgroup.procs"),
            std::process::id().to_string(),
        );
    }
}

/// A line for whoever started it, who may be gone.
fn say(line: &str) {
    let mut out = io::stdout();
    let line = line.replace('\n', "; ");
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Writes down how to come back, then makes the change.
fn begin(folder: &Path, plan: &BridgePlan, patience: Duration) -> Result<Change, String> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    if let Some(other) = read(folder) {
        return Err(format!(
            "another change waits to be kept: {} (iface-commit keeps it, iface-rollback takes it back)",
            other.title
        ));
    }
    let _ = fs::remove_file(word_file(folder));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let change = Change {
        title: plan.title.clone(),
        process: std::process::id(),
        until: now.unwrap_or_default().as_secs() + patience.as_secs(),
        back: plan.back.clone(),
        file: plan.next_start.file.clone(),
    };
    let text = serde_json::to_string(&change).map_err(|error| error.to_string())?;
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(change_file(folder))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{}: {error}", change_file(folder).display()))?;
    for command in &plan.commands {
        if let Err(why) = run(command) {
            let undone = take_back(&change.back);
            let _ = fs::remove_file(change_file(folder));
            return Err(match undone {
                true => format!("{why}; all was taken back"),
                false => format!("{why}; it was taken back as far as that went"),
            });
        }
    }
    Ok(change)
}

/// Waits for a word; without one, and when it is asked to end, the change is not kept.
fn wait(folder: &Path, patience: Duration, ended: &AtomicBool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < patience && !ended.load(Ordering::Relaxed) {
        match fs::read_to_string(word_file(folder)).as_deref() {
            Ok("keep") => return true,
            Ok("back") => return false,
            _ => thread::sleep(LOOK),
        }
    }
    false
}

fn settle(change: &Change, keep: bool) -> Result<String, String> {
    let title = &change.title;
    if !keep {
        return match take_back(&change.back) {
            true => Ok(format!("{title}: taken back.")),
            false => Err(format!(
                "{title}: taken back, but not every command of that succeeded"
            )),
        };
    }
    let Some(file) = &change.file else {
        return Ok(format!("{title}: kept until the host's next start."));
    };
    keep_file(file)
        .map(|()| format!("{title}: kept, and written into {}.", file.path))
        .map_err(|why| {
            format!(
                "{title}: kept until the host's next start, but {} is not written: {why}",
                file.path
            )
        })
}

/// Writes the host's own file in one step, unless somebody else changed it meanwhile.
fn keep_file(change: &FileChange) -> Result<(), String> {
    let path = Path::new(&change.path);
    let present = match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.to_string()),
    };
    if present != change.before {
        return Err("it was changed meanwhile".to_owned());
    }
    let mode = fs::metadata(path).map_or(0o644, |found| found.permissions().mode() & 0o7777);
    let new = PathBuf::from(format!("{}.virtty-new", change.path));
    let written = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(mode)
        .open(&new)
        .and_then(|mut file| {
            file.write_all(change.after.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&new, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&new);
        error.to_string()
    })
}

/// What `ip` says of something that was to go and is not there.
const GONE: [&str; 3] = [
    "Cannot find device",
    "Cannot assign requested address",
    "Address not found",
];

/// Runs every command of the way back, whatever becomes of the others; whether all is as it was. What was to go and never
/// came, because the change failed before it, is as it was.
fn take_back(commands: &[Vec<String>]) -> bool {
    let failed = |command: &&Vec<String>| {
        let removes = command.iter().any(|word| word == "delete");
        let is_gone = |why: &str| removes && GONE.iter().any(|said| why.contains(said));
        run(command).is_err_and(|why| !is_gone(&why))
    };
    // All of them: none is left out because another failed.
    let failed: Vec<_> = commands.iter().filter(failed).collect();
    failed.is_empty()
}

/// Runs a command without a shell.
fn run(command: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let line = command.join(" ");
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{line}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{line}: {}", said.trim()))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_file_is_written_only_when_nobody_else_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("interfaces");
        fs::write(&path, "old\n").unwrap();
        let change = |before: Option<&str>| FileChange {
            path: path.to_str().unwrap().to_owned(),
            before: before.map(str::to_owned),
            after: "new\n".to_owned(),
        };
        assert!(
            keep_file(&change(Some("other\n")))
                .unwrap_err()
                .contains("meanwhile")
        );
        assert!(keep_file(&change(None)).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
        keep_file(&change(Some("old\n"))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
        fs::remove_file(&path).unwrap();
        keep_file(&change(None)).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_change_that_fails_halfway_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let (made, gone) = (folder.path().join("made"), folder.path().join("kept"));
        let words = |line: &[&str]| line.iter().map(|word| (*word).to_owned()).collect();
        let plan = BridgePlan {
            title: "bridge br0".to_owned(),
            commands: vec![
                words(&["touch", made.to_str().unwrap()]),
                words(&["false"]),
                words(&["touch", gone.to_str().unwrap()]),
            ],
            back: vec![words(&["rm", made.to_str().unwrap()])],
            next_start: super::super::keeper::NextStart::default(),
            remarks: Vec::new(),
            cuts_ssh: false,
        };
        let own = folder.path().join("run");
        let why = begin(&own, &plan, PATIENCE).unwrap_err();
        assert!(why.contains("false") && why.contains("taken back"), "{why}");
        assert!(!made.exists() && !gone.exists() && !change_file(&own).exists());
        let good = BridgePlan {
            commands: vec![words(&["touch", made.to_str().unwrap()])],
            ..plan
        };
        let change = begin(&own, &good, PATIENCE).unwrap();
        assert!(
            begin(&own, &good, PATIENCE)
                .unwrap_err()
                .contains("another change waits")
        );
        write(&word_file(&own), "back").unwrap();
        assert!(!wait(&own, PATIENCE, &AtomicBool::new(false)));
        // A word to end is one to take it back.
        write(&word_file(&own), "").unwrap();
        assert!(!wait(&own, PATIENCE, &AtomicBool::new(true)));
        assert!(settle(&change, false).unwrap().contains("taken back"));
        assert!(!made.exists());
    }
}
