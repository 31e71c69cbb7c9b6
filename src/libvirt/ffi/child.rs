//! Children of this program that must not share its terminal, and must not outlive it.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal, setsid};

/// Has `command` start as the leader of a session and process group of its own, without a controlling terminal, and
/// has the kernel kill it when the *thread* that spawns it ends, however this program ends.
pub fn detach(command: &mut Command) {
    let parent = getpid();
    let prepare = move || {
        setsid()?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the kernel was told.
        if getppid() != Some(parent) {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        Ok(())
    };
    // SAFETY: between fork and exec `prepare` makes three system calls and neither allocates nor takes a lock.
    unsafe { command.pre_exec(prepare) };
}
