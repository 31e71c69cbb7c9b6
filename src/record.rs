//! The record of what was done to domains: one line of JSON each in a file of the user's, and in the Log of the console.
//!
//! Appended in one write, readable by the user alone, put aside when it is large. Names are written with their control and
//! bidi characters escaped; nothing of a definition or a password is in it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::text::visible;

/// A file larger than this is put aside, replacing the one before.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Name of the file in the folder of the state.
const FILE: &str = "actions.log";

/// What stands before a call of libvirt that no command of virsh does.
pub const CALL: &str = "libvirt: ";

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was asked.
    pub time: SystemTime,
    /// URI of the connection.
    pub connection: String,
    /// Name of the domain, untrusted.
    pub domain: String,
    /// Its UUID.
    pub uuid: String,
    /// The command of virsh that does the same; where there is none, libvirt's call.
    pub line: String,
    /// How long it took.
    pub took: Duration,
    /// Why it failed; libvirt's words, untrusted.
    pub failure: Option<String>,
}

#[derive(Serialize)]
struct Row<'a> {
    time: String,
    user: &'a str,
    connection: &'a str,
    domain: &'a str,
    uuid: &'a str,
    command: &'a str,
    seconds: f64,
    result: &'a str,
    reason: Option<&'a str>,
}

impl Entry {
    /// The line of the file, without its end.
    #[must_use]
    pub fn json(&self, user: &str) -> String {
        let time: DateTime<Utc> = self.time.into();
        let reason = self.failure.as_deref().map(visible);
        let row = Row {
            time: time.to_rfc3339_opts(SecondsFormat::Millis, true),
            user,
            connection: &visible(&self.connection),
            domain: &visible(&self.domain),
            uuid: &self.uuid,
            command: &visible(&self.line),
            seconds: (self.took.as_secs_f64() * 1000.0).round() / 1000.0,
            result: if self.failure.is_none() {
                "ok"
            } else {
                "failed"
            },
            reason: reason.as_deref(),
        };
        serde_json::to_string(&row).unwrap_or_default()
    }
}

/// Adds an entry to the record in `folder`, which is made where it is not there.
///
/// # Errors
/// Of the file. What was done is done; a full disk must not stand in the way of it.
pub fn append(folder: &Path, entry: &Entry) -> io::Result<()> {
    append_lines(
        folder,
        FILE,
        &format!("{}\n", entry.json(&visible(&user()))),
    )
}

/// Who does it: the account of this process, with who became it by sudo.
fn user() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = account(&accounts, &uid)
        // Accounts of a directory service stand in no file.
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| format!("uid {uid}"));
    match variable("SUDO_USER") {
        Some(by) if by != name => format!("{name} (sudo by {by})"),
        _ => name,
    }
}

/// The name of a user's number in the lines of passwd(5).
fn account(accounts: &str, uid: &str) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

/// Adds whole lines to a file in `folder`, which is made where it is not there; both are for the user alone. A file that
/// has grown large is put aside under the ending `log.1`, in the place of the one before.
///
/// # Errors
/// Of the file.
pub fn append_lines(folder: &Path, file: &str, lines: &str) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let path = folder.join(file);
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        let _ = fs::rename(&path, path.with_extension("log.1"));
    }
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)?;
    // In one write, so that lines of several programs do not mix.
    file.write_all(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_account_is_found_by_its_number() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\nbroken\n\nann:x:1000:1000::/home/ann:/bin/sh\n";
        assert_eq!(account(accounts, "0").as_deref(), Some("root"));
        assert_eq!(account(accounts, "1000").as_deref(), Some("ann"));
        assert_eq!(account(accounts, "100"), None);
    }

    fn entry(domain: &str) -> Entry {
        Entry {
            time: SystemTime::UNIX_EPOCH,
            connection: "qemu:///system".to_owned(),
            domain: domain.to_owned(),
            uuid: "u".to_owned(),
            line: "virsh destroy -- a".to_owned(),
            took: Duration::from_millis(1500),
            failure: None,
        }
    }

    #[test]
    fn a_line_is_json_without_anything_that_a_terminal_obeys() {
        let mut hostile = entry("a\u{1b}[31m\u{202e}\u{9b}b\n");
        hostile.failure = Some("no\u{7}".to_owned());
        let line = hostile.json("root");
        assert!(!line.contains(|c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["time"], "1970-01-01T00:00:00.000Z");
        assert_eq!(value["seconds"], 1.5);
        assert_eq!(value["result"], "failed");
    }

    #[test]
    fn the_record_is_for_the_user_alone_and_is_put_aside_when_large() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("virtty");
        append(&folder, &entry("a")).unwrap();
        append(&folder, &entry("b")).unwrap();
        let path = folder.join(FILE);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        fs::write(&path, vec![b'x'; 4 * 1024 * 1024 + 1]).unwrap();
        append(&folder, &entry("c")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
        assert!(folder.join("actions.log.1").is_file());
    }
}
