//! Stopping like any job of a shell.

use std::fs;

use rustix::process::{Pid, Signal, getpgrp, getpid, getsid, kill_current_process_group};

/// Whether somebody is there to let the program go on again: a process of the same session outside of its process
/// group, as a shell with job control is. Without one a stop would be for ever (POSIX calls the group orphaned).
pub fn can_stop() -> bool {
    let (Ok(session), group) = (getsid(None), getpgrp()) else {
        return false;
    };
    let mut process = getpid();
    // From parent to parent while they are of this group, as `make` is in `make run`.
    for _ in 0..64 {
        let Some(parent) = parent_of(process) else {
            return false;
        };
        if parent.session != session.as_raw_nonzero().get() {
            return false;
        }
        if parent.group != group.as_raw_nonzero().get() {
            return true;
        }
        process = parent.pid;
    }
    false
}

/// Stops this process and those that were started with it, until the shell lets them go on.
pub fn stop() {
    let _ = kill_current_process_group(Signal::STOP);
}

/// Does with this process what Ctrl-Z has done to a command that has the terminal: both stop, or, where nobody could let
/// them go on, the command goes on.
pub fn stop_with_command() {
    if can_stop() {
        stop();
    } else {
        let _ = kill_current_process_group(Signal::CONT);
    }
}

struct Parent {
    pid: Pid,
    group: i32,
    session: i32,
}

fn parent_of(process: Pid) -> Option<Parent> {
    let pid = Pid::from_raw(fields(process)?.first().copied()?)?;
    let [_, group, session] = fields(pid)?;
    Some(Parent {
        pid,
        group,
        session,
    })
}

/// Parent, process group and session of a process (`/proc/PID/stat`, proc(5): fields 4 to 6, behind the name in
/// brackets, which may hold anything).
fn fields(process: Pid) -> Option<[i32; 3]> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace().skip(1).map(str::parse);
    let mut next = || words.next()?.ok();
    Some([next()?, next()?, next()?])
}
