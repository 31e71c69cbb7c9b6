//! Where this process runs.

use std::env;
use std::fs;

use crate::ports::Here;

/// Reads who and where we are from the environment, for lines that are to work from the reader's own machine.
#[must_use]
pub fn here() -> Here {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    Here {
        user: variable("USER").or_else(|| variable("LOGNAME")),
        hostname: fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty()),
        ssh_connection: variable("SSH_CONNECTION"),
    }
}
