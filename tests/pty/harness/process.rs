//! Processes from outside (proc(5)).

use std::fs;
use std::time::Duration;

/// What `/proc/PID/stat` says.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// `R`unning, `S`leeping, s`T`opped, `Z` ended and not yet waited for …
    pub state: char,
    pub parent: u32,
    /// Time on a processor so far, of all threads.
    pub cpu: Duration,
}

/// Ticks of the processor times in a second, the same on all machines that Linux shows to programs.
const TICKS: u64 = 100;

/// A process, ended ones that nobody waited for included; `None` when there is none.
pub fn look(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let words: Vec<_> = rest.split_whitespace().collect();
    let ticks: u64 = words[11].parse::<u64>().ok()? + words[12].parse::<u64>().ok()?;
    Some(Process {
        state: words[0].chars().next()?,
        parent: words[1].parse().ok()?,
        cpu: Duration::from_millis(ticks * 1000 / TICKS),
    })
}

/// Whether it has ended.
pub fn is_gone(pid: u32) -> bool {
    look(pid).is_none_or(|process| process.state == 'Z')
}

/// Its children named `name`.
pub fn children(parent: u32, name: &str) -> Vec<u32> {
    let named = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == name)
    };
    all_children(parent).into_iter().filter(named).collect()
}

/// All its children.
pub fn all_children(parent: u32) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| look(*pid).is_some_and(|process| process.parent == parent))
        .collect()
}
