//! What the kernel says of the threads of a domain's QEMU.

use std::fs;
use std::process::Command;

/// CPUs that the thread of this name of a domain's QEMU may run on, by taskset.
pub fn affinity(domain: &str, thread: &str) -> Option<String> {
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if !String::from_utf8_lossy(&line).contains(&format!("guest={domain},")) {
            continue;
        }
        for task in fs::read_dir(process.path().join("task")).ok()?.flatten() {
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            if name.starts_with(thread) {
                let id = task.file_name().into_string().ok()?;
                let said = Command::new("taskset").args(["-cp", &id]).output().ok()?;
                let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
                return said.rsplit(' ').next().map(str::to_owned);
            }
        }
    }
    None
}
