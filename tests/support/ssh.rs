//! A host of the lab behind an ssh server of its own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::lab::{Lab, OwnHost, control};

/// The password of the user `lab`, and the passphrase of the locked key.
pub const PASSWORD: &str = "lab-pass";

/// A host with an ssh server, and what a client of it needs. The user's own keys and files are left alone.
pub struct SshHost {
    pub host: OwnHost,
    address: String,
    keys: PathBuf,
    client: tempfile::TempDir,
}

impl SshHost {
    pub fn up(purpose: &str) -> Self {
        Self::with(purpose, &[])
    }

    /// One that finds neither netcat nor virt-ssh-helper.
    pub fn bare(purpose: &str) -> Self {
        Self::with(purpose, &["bare"])
    }

    fn with(purpose: &str, options: &[&str]) -> Self {
        // ssh must not start the test program to ask.
        virtty::libvirt::askpass::use_program(env!("CARGO_BIN_EXE_virtty").into());
        let host = Lab::get().own_host(purpose);
        let told = control(&[&["ssh", "up", &host.name], options].concat());
        let (address, keys) = told.trim().split_once('\n').unwrap();
        let this = Self {
            address: address.to_owned(),
            keys: keys.into(),
            client: tempfile::tempdir().unwrap(),
            host,
        };
        fs::copy(this.keys.join("known_hosts"), this.known_hosts()).unwrap();
        let script = format!(
            "#!/bin/sh\nexec ssh -F none -o UserKnownHostsFile={} -o GlobalKnownHostsFile=none \
             -o IdentityAgent=none -o IdentitiesOnly=yes \"$@\"\n",
            this.known_hosts().display()
        );
        let program = this.client.path().join("ssh");
        // By another process: a program that this one has open for writing cannot be started, and for a moment a child
        // of another test has open what this one has.
        let mut writer = Command::new("install")
            .args(["-m", "0700", "/dev/stdin"])
            .arg(&program)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = writer.stdin.take().unwrap();
        input.write_all(script.as_bytes()).unwrap();
        drop(input);
        assert!(writer.wait().unwrap().success());
        this
    }

    /// The file of the client's that holds the host's key.
    pub fn known_hosts(&self) -> PathBuf {
        self.client.path().join("known_hosts")
    }

    /// A login by password.
    pub fn by_password(&self) -> String {
        format!(
            "qemu+ssh://lab@{}:2222/system?command={}",
            self.address,
            self.client.path().join("ssh").display()
        )
    }

    /// A login by a key that asks for nothing.
    pub fn by_key(&self) -> String {
        self.by_file("key")
    }

    /// A login by a key with a passphrase.
    pub fn by_locked_key(&self) -> String {
        self.by_file("locked")
    }

    fn by_file(&self, name: &str) -> String {
        let file = self.keys.join(name);
        format!("{}&keyfile={}", self.by_password(), file.display())
    }

    /// ssh to it by the key that asks for nothing, to run a command there.
    pub fn client(&self, command: &str) -> Command {
        let mut ssh = Command::new(self.client.path().join("ssh"));
        let key = self.keys.join("key");
        ssh.args(["-p", "2222", "-l", "lab", "-o", "BatchMode=yes", "-i"])
            .arg(key)
            .args(["--", &self.address, command])
            .stdin(Stdio::null());
        ssh
    }

    /// Readers of its files that this process has started.
    pub fn readers(&self) -> Vec<u32> {
        let own = std::process::id().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let parent = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1));
            let words = words_of(&entry.path());
            let has = |wanted: &str| words.iter().any(|word| word == wanted);
            if parent == Some(own.as_str()) && has("exec sh -s") && has(&self.address) {
                found.push(id);
            }
        }
        found
    }

    /// Lines of the server's log that hold `text`.
    pub fn logged(&self, text: &str) -> usize {
        fs::read_to_string(self.keys.join("log"))
            .unwrap()
            .matches(text)
            .count()
    }

    /// How many logged in so far.
    pub fn logins(&self) -> usize {
        self.logged("Accepted publickey for") + self.logged("Accepted password for")
    }

    /// Kills the server and all who are logged in.
    pub fn go_down(&self) {
        control(&["ssh", "down", &self.host.name]);
    }

    /// Starts it again.
    pub fn come_up(&self) {
        control(&["ssh", "up", &self.host.name]);
    }

    /// Process ids of the ssh clients that are logged in to it, or about to be.
    pub fn masters(&self) -> Vec<u32> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            let words = words_of(&entry.path());
            let has = |wanted: &str| words.iter().any(|word| word == wanted);
            if has("-N") && has(&self.address) {
                found.push(id);
            }
        }
        found
    }
}

fn words_of(process: &Path) -> Vec<String> {
    fs::read(process.join("cmdline"))
        .unwrap_or_default()
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}
