//! A Linux guest of a test's own, looked at through its agent.

use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::lab::{Host, control, unique};
pub use super::wait::BOOT;
use super::watched::PATIENCE;

/// A running Linux guest of the test's own whose disk is `vda`, and where virtty keeps its record.
pub struct Guest<'a> {
    /// Its host.
    pub host: &'a Host,
    /// Its name.
    pub name: String,
    state: TempDir,
}

impl<'a> Guest<'a> {
    pub fn new(host: &'a Host) -> Self {
        let name = unique("disk");
        control(&["linux", &name, &host.name]);
        let guest = Self {
            host,
            name,
            state: tempfile::tempdir().unwrap(),
        };
        let until = Instant::now() + BOOT;
        let ping = [
            "qemu-agent-command",
            &guest.name,
            "{\"execute\":\"guest-ping\"}",
        ];
        while !guest.host.try_virsh(&ping).status.success() {
            assert!(Instant::now() < until, "the guest's agent does not answer");
            sleep(Duration::from_millis(200));
        }
        guest
    }

    pub fn virtty(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_virtty"))
            .args(["-c", &self.host.uri])
            .args(words)
            .env("XDG_STATE_HOME", self.state.path())
            .output()
            .unwrap()
    }

    #[track_caller]
    pub fn well(&self, words: &[&str]) -> String {
        let output = self.virtty(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?} {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub fn refused(&self, words: &[&str]) -> String {
        let output = self.virtty(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn agent(&self, command: &Value) -> Value {
        let said = self
            .host
            .virsh(&["qemu-agent-command", &self.name, &command.to_string()]);
        serde_json::from_str::<Value>(&said).unwrap()["return"].take()
    }

    /// What a shell in the guest says.
    #[track_caller]
    pub fn inside(&self, line: &str) -> String {
        let begun = self.agent(&json!({"execute": "guest-exec", "arguments": {
            "path": "/bin/busybox", "arg": ["sh", "-c", format!("{{ {line}; }} >/run/said 2>&1")]}}));
        let status = json!({"execute": "guest-exec-status", "arguments": {"pid": begun["pid"]}});
        let until = Instant::now() + PATIENCE;
        let ended = loop {
            let status = self.agent(&status);
            if status["exited"] == true {
                break status;
            }
            assert!(Instant::now() < until, "{line} does not end");
            sleep(Duration::from_millis(100));
        };
        let begun = self.agent(&json!({"execute": "guest-exec", "arguments": {
            "path": "/bin/busybox", "arg": ["cat", "/run/said"], "capture-output": true}}));
        let status = json!({"execute": "guest-exec-status", "arguments": {"pid": begun["pid"]}});
        loop {
            let said = self.agent(&status);
            if said["exited"] == true {
                let text = decode(said["out-data"].as_str().unwrap_or_default());
                assert_eq!(ended["exitcode"], 0, "{line}: {text}");
                return text;
            }
            assert!(Instant::now() < until);
            sleep(Duration::from_millis(100));
        }
    }

    /// Writes other data into the file system, and gives the checksum of the file.
    pub fn writes(&self, file: &str) -> String {
        self.inside(&format!(
            "dd if=/dev/urandom of=/mnt/{file} bs=64k count=64 && sync && echo 3 >/proc/sys/vm/drop_caches"
        ));
        self.checksum(file)
    }

    /// The checksum of a file as it is on the disk.
    pub fn checksum(&self, file: &str) -> String {
        self.inside("echo 3 >/proc/sys/vm/drop_caches");
        self.inside(&format!("sha256sum /mnt/{file}"))
    }

    /// The files of the chain of `vda`, the active one first.
    pub fn chain(&self) -> Vec<String> {
        let listed = self.well(&["domblklist", "--details", &self.name]);
        let lines = listed.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| line.split_whitespace().last().unwrap().to_owned())
            .collect()
    }

    /// The commands on record, as lines for a shell.
    pub fn record(&self) -> Vec<String> {
        let file = self.state.path().join("virtty/actions.log");
        let text = std::fs::read_to_string(file).unwrap();
        text.lines()
            .map(|line| {
                let entry: Value = serde_json::from_str(line).unwrap();
                entry["command"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    /// Runs a line of the record.
    #[track_caller]
    pub fn replay(&self, line: &str) {
        let output = Command::new("sh").args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.host.try_virsh(&["destroy", &self.name]);
        self.host
            .try_virsh(&["undefine", &self.name, "--snapshots-metadata"]);
        self.host.try_virsh(&["pool-refresh", "default"]);
        for end in [".qcow2", ".one", ".two", "-copy.qcow2", "-b.qcow2"] {
            let volume = format!("{}{end}", self.name);
            self.host
                .try_virsh(&["vol-delete", &volume, "--pool", "default"]);
        }
    }
}

fn decode(text: &str) -> String {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut out = Vec::new();
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    String::from_utf8(out).unwrap()
}
