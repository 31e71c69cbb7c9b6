//! Where this process runs.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use crate::ports::{Here, is_established};

/// Reads who and where we are, for lines that are to work from the reader's own machine, and for what would cut their line.
#[must_use]
pub fn here() -> Here {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    Here {
        user: variable("USER").or_else(|| variable("LOGNAME")),
        hostname: fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty()),
        ssh_connection: ssh_connection(),
    }
}

/// The SSH connection of whoever sits before this process. sudo and su take the variable away, and within tmux it is that of
/// the login that began it: so those of the processes above are asked too, and those of tmux's clients, and one that still
/// stands goes before one that does not.
fn ssh_connection() -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    let mut tmux = env::var("TMUX").ok();
    found.extend(env::var("SSH_CONNECTION").ok());
    let mut process = std::process::id();
    // Nobody is that far above, and a file that lies must not keep us.
    for _ in 0..64 {
        found.extend(of_environment(process, "SSH_CONNECTION"));
        tmux = tmux.or_else(|| of_environment(process, "TMUX"));
        match parent(process) {
            Some(above) if above > 1 => process = above,
            _ => break,
        }
    }
    found.retain(|one| !one.is_empty());
    if let Some(tmux) = tmux {
        let clients = clients(&tmux).into_iter();
        let of_clients = clients.filter_map(|client| of_environment(client, "SSH_CONNECTION"));
        // Whoever looks at it now, before those who looked at it once.
        found = of_clients.chain(found).collect();
    }
    let tables: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    let stands = |one: &&String| tables.iter().any(|table| is_established(table, one));
    found.iter().find(stands).or(found.first()).cloned()
}

/// A variable of another process's environment, as it was when that was started (proc(5)).
fn of_environment(process: u32, name: &str) -> Option<String> {
    let all = fs::read(format!("/proc/{process}/environ")).ok()?;
    let all = String::from_utf8_lossy(&all).into_owned();
    let mut pairs = all.split('\0').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// The process above another (proc(5), `stat`: behind the name in brackets, which may hold anything).
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Processes of tmux's clients; `tmux` is the variable that it sets: socket, process, session.
fn clients(tmux: &str) -> Vec<u32> {
    let socket = tmux.split(',').next().unwrap_or_default();
    let output = Command::new("tmux")
        .args([
            "-S",
            socket,
            "list-clients",
            "-F",
            "#{client_activity} #{client_pid}",
        ])
        .stdin(Stdio::null())
        .output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let said = said.unwrap_or_default();
    let mut found: Vec<(u64, u32)> = said
        .lines()
        .filter_map(|line| {
            let (active, process) = line.split_once(' ')?;
            Some((active.parse().ok()?, process.parse().ok()?))
        })
        .collect();
    // Whoever typed last is first.
    found.sort_by_key(|(active, _)| std::cmp::Reverse(*active));
    found.into_iter().map(|(_, process)| process).collect()
}
