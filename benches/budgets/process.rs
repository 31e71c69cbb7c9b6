//! What a process costs, as the kernel counts it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// USER_HZ, which is 100 wherever Linux runs today.
const TICK: Duration = Duration::from_millis(10);

/// Time from the start of a command to its end. Its output is thrown away.
pub fn wall(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begun = Instant::now();
    let status = command.status().unwrap();
    let passed = begun.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    passed
}

/// CPU time of a process so far, threads that have ended included.
pub fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u32 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    TICK * ticks
}

/// Resident memory of a process in KiB: all of it, and what is the process's own.
pub fn memory_kib(pid: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap_or(0)
    };
    (field("VmRSS:"), field("RssAnon:"))
}

/// CPU time so far of all that runs beside a daemon: its guests above all.
pub struct HostCpu {
    pids: Vec<u32>,
}

impl HostCpu {
    /// Of the lab host whose libvirtd this is: everything in its PID namespace.
    pub fn of(daemon: u32) -> Self {
        let namespace = |pid: &str| fs::read_link(Path::new("/proc").join(pid).join("ns/pid")).ok();
        let wanted = namespace(&daemon.to_string());
        assert!(wanted.is_some(), "no process {daemon}");
        let pids = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| namespace(name) == wanted)
            .filter_map(|name| name.parse().ok())
            .collect();
        Self { pids }
    }

    /// So far.
    pub fn total(&self) -> Duration {
        self.pids.iter().map(|pid| cpu(*pid)).sum()
    }
}
