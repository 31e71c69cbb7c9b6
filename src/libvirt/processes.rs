//! Since when hypervisor processes of this machine run: QEMU's command line names the domain's UUID.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::model::Uuid;

/// When the process of each QEMU domain of this machine was started. Empty where `/proc` does not tell.
pub fn started() -> HashMap<Uuid, SystemTime> {
    let mut found = HashMap::new();
    let Some(booted) = booted() else {
        return found;
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return found;
    };
    for process in processes.flatten() {
        let folder = process.path();
        let is_process = process
            .file_name()
            .to_str()
            .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_process {
            continue;
        }
        let uuid = fs::read(folder.join("cmdline")).ok();
        let Some(uuid) = uuid.and_then(|line| uuid_of(&line)) else {
            continue;
        };
        if let Some(after) = after_boot(&folder) {
            found.insert(uuid, booted + after);
        }
    }
    found
}

/// The argument behind `-uuid` of a command line whose arguments end in NUL.
fn uuid_of(line: &[u8]) -> Option<Uuid> {
    let mut arguments = line.split(|byte| *byte == 0);
    arguments.find(|argument| *argument == b"-uuid")?;
    std::str::from_utf8(arguments.next()?).ok()?.parse().ok()
}

/// When this machine was started.
fn booted() -> Option<SystemTime> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(line.trim().parse().ok()?))
}

/// How long after the boot a process was started: the 22nd field of its `stat`, in ticks.
fn after_boot(folder: &Path) -> Option<Duration> {
    let text = fs::read_to_string(folder.join("stat")).ok()?;
    let ticks = start_ticks(&text)?;
    let each = rustix::param::clock_ticks_per_second();
    Some(Duration::from_secs(ticks.checked_div(each)?))
}

fn start_ticks(stat: &str) -> Option<u64> {
    // The second field is the program's name, which may hold blanks and parentheses.
    let behind = stat.rsplit_once(')')?.1;
    behind.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_names_its_domain() {
        let line = b"qemu\0-name\0guest=a -uuid b\0-uuid\0c7a5fdbd-edaf-9455-926a-d65c16db1809\0";
        let uuid = "c7a5fdbd-edaf-9455-926a-d65c16db1809".parse().unwrap();
        assert_eq!(uuid_of(line), Some(uuid));
        assert_eq!(uuid_of(b"qemu\0-uuid"), None);
    }

    #[test]
    fn the_time_of_the_start_is_behind_the_name() {
        let stat = "12 (a ) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20";
        assert_eq!(start_ticks(stat), Some(777));
        let own = Path::new("/proc/self");
        assert!(after_boot(own).is_some() && booted().is_some());
    }
}
