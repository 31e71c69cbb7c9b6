//! Pins and parameters of a domain as one change: all of it or none, and back again after a while where that was wished.
//!
//! What is to be put back is written down before anything is changed, in a file that is locked for as long as its writer
//! lives. When virtty ends before the time is over, however it ends, the file stays, and whoever opens the host next takes over:
//! [`take_over`].

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::ffi::{Connection, Domain, Error, Result};
use crate::hostfacts::{Guest, Pin};
use crate::model::Uuid;
use crate::protocol::{Affect, Arrange, DomainVerb, Tuned, XmlKind};

/// Where changes that end by themselves are written down.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Sets the folder for changes that end by themselves; without one they end only while the program lives.
pub fn keep_in(folder: PathBuf) {
    let _ = FOLDER.set(folder);
}

/// Does all steps, or none; with a time, waits and puts back what held before. Gives the verbs that take it back.
///
/// # Errors
/// Why a step failed; what could not be taken back then is named.
pub fn perform(
    domain: &Domain,
    wanted: &Arrange,
    pausing: impl FnOnce(),
) -> Result<Vec<DomainVerb>> {
    let mut back = Vec::new();
    // A single change that holds for good is made also where its former value is not told.
    let alone = wanted.steps.len() == 1 && wanted.seconds.is_none();
    for step in &wanted.steps {
        back.push(match before(domain, step) {
            Err(error) if !alone || error.is_of_transport() => return Err(error),
            known => known.unwrap_or_default(),
        });
    }
    let all = || back.iter().rev().flatten().cloned().collect::<Vec<_>>();
    let note = match wanted.seconds {
        Some(seconds) => Note::write(domain, &all(), seconds)?,
        None => None,
    };
    for (at, step) in wanted.steps.iter().enumerate() {
        let Err(error) = domain.act(step) else {
            continue;
        };
        let left: Vec<String> = back[..at]
            .iter()
            .rev()
            .flatten()
            .filter_map(|verb| domain.act(verb).err().map(|error| error.to_string()))
            .collect();
        if let Some(note) = note {
            note.remove();
        }
        return Err(match (left.is_empty(), at) {
            (true, 0) => error,
            (true, _) => Error {
                message: format!("{}; what was changed before is as it was", error.message),
                ..error
            },
            (false, _) => Error {
                message: format!(
                    "{}; and not all could be taken back: {}",
                    error.message,
                    left.join("; ")
                ),
                ..error
            },
        });
    }
    let Some(seconds) = wanted.seconds else {
        return Ok(all());
    };
    pausing();
    thread::sleep(Duration::from_secs(seconds.into()));
    put_back(domain, &all())?;
    if let Some(note) = note {
        note.remove();
    }
    Ok(Vec::new())
}

/// Puts back what held before. A domain that is off by then starts with its own values again.
fn put_back(domain: &Domain, back: &[DomainVerb]) -> Result<()> {
    match domain.state() {
        Ok((state, _)) if !state.is_active() => return Ok(()),
        Err(error) if error.is_no_domain() => return Ok(()),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    for verb in back {
        domain.act(verb).map_err(|error| Error {
            message: format!(
                "the change still holds, it could not be taken back: {}",
                error.message
            ),
            ..error
        })?;
    }
    Ok(())
}

/// What takes a step back, one verb for each definition that it changes.
fn before(domain: &Domain, step: &DomainVerb) -> Result<Vec<DomainVerb>> {
    let active = domain.state()?.0.is_active();
    let of = |affect: Affect| match affect {
        Affect::Both if active => vec![Affect::Live, Affect::Config],
        Affect::Both => vec![Affect::Config],
        one => vec![one],
    };
    match step {
        DomainVerb::Pin { pin, affect, .. } => {
            let verbs = of(*affect).into_iter().map(|affect| {
                Ok(DomainVerb::Pin {
                    pin: *pin,
                    cpus: pinned(domain, *pin, affect)?,
                    affect,
                })
            });
            verbs.collect()
        }
        DomainVerb::Tune {
            set,
            values,
            affect,
        } => {
            let verbs = of(*affect).into_iter().map(|affect| {
                let now = domain.tuned(set, affect)?;
                Ok(DomainVerb::Tune {
                    set: set.clone(),
                    values: former(set, values, &now),
                    affect,
                })
            });
            // A value that libvirt does not tell cannot be put back, and is not asked for.
            let has_values = |verb: &Result<DomainVerb>| !matches!(verb, Ok(DomainVerb::Tune { values, .. }) if values.is_empty());
            verbs.filter(has_values).collect()
        }
        _ => Err(Error::own("this is neither a pin nor a limit")),
    }
}

/// The former values of those that are changed.
fn former(
    set: &Tuned,
    changed: &[(String, String)],
    now: &[(String, String)],
) -> Vec<(String, String)> {
    // Totals and the limits of one direction exclude each other: what held of the group is put back as a whole.
    let group = |name: &str| match set {
        Tuned::Disk(_) if name.contains("bytes") => "bytes",
        Tuned::Disk(_) if name.contains("iops") => "iops",
        _ => "",
    };
    let mut back: Vec<(String, String)> = Vec::new();
    for (name, _) in changed {
        let mut mates: Vec<_> = now
            .iter()
            .filter(|(known, value)| {
                let group = group(name);
                known == name
                    || !group.is_empty()
                        && known.ends_with("_sec")
                        && known.contains(group)
                        && value != "0"
            })
            .cloned()
            .collect();
        if mates
            .iter()
            .any(|(known, value)| known != name && value != "0")
        {
            mates.retain(|(_, value)| value != "0");
        }
        for mate in mates {
            if !back.contains(&mate) {
                back.push(mate);
            }
        }
    }
    back
}

/// The CPUs that something may run on in a definition; all of the host's where it is not pinned.
fn pinned(domain: &Domain, pin: Pin, affect: Affect) -> Result<BTreeSet<u32>> {
    let (kind, running) = match affect {
        Affect::Config => (XmlKind::Inactive, false),
        // The present one: that of the next start where it is off.
        _ => (XmlKind::Live, true),
    };
    let guest = Guest::read(&domain.xml(kind)?, running, false)
        .ok_or_else(|| Error::own("its definition cannot be read"))?;
    match guest.pinned(pin) {
        Some(cpus) => Ok(cpus.clone()),
        None => Ok((0..domain.connection().node_info()?.cpus).collect()),
    }
}

/// A change that ends by itself, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    uri: String,
    uuid: String,
    name: String,
    /// When it ends, in seconds since 1970.
    until: u64,
    #[serde(default)]
    back: Vec<Back>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    set: String,
    #[serde(default)]
    device: String,
    values: Vec<(String, String)>,
}

impl Back {
    fn of(verb: &DomainVerb) -> Option<Self> {
        let DomainVerb::Tune { set, values, .. } = verb else {
            return None;
        };
        let (word, device) = match set {
            Tuned::Scheduler => ("scheduler", ""),
            Tuned::Numa => ("numa", ""),
            Tuned::Blkio => ("blkio", ""),
            Tuned::Memory => ("memory", ""),
            Tuned::Disk(device) => ("disk", device.as_str()),
            Tuned::Interface(device) => ("interface", device.as_str()),
        };
        Some(Self {
            set: word.to_owned(),
            device: device.to_owned(),
            values: values.clone(),
        })
    }

    fn verb(&self) -> Option<DomainVerb> {
        let set = match self.set.as_str() {
            "scheduler" => Tuned::Scheduler,
            "numa" => Tuned::Numa,
            "blkio" => Tuned::Blkio,
            "memory" => Tuned::Memory,
            "disk" => Tuned::Disk(self.device.clone()),
            "interface" => Tuned::Interface(self.device.clone()),
            _ => return None,
        };
        Some(DomainVerb::Tune {
            set,
            values: self.values.clone(),
            affect: Affect::Live,
        })
    }
}

/// The file of a change, locked.
struct Note {
    path: PathBuf,
    _lock: File,
}

impl Note {
    /// Writes a change down; `None` without a folder.
    fn write(domain: &Domain, back: &[DomainVerb], seconds: u32) -> Result<Option<Self>> {
        let Some(folder) = FOLDER.get() else {
            return Ok(None);
        };
        let written = Written {
            uri: domain.connection().uri()?,
            uuid: domain.uuid()?.to_string(),
            name: domain.name()?,
            until: now() + u64::from(seconds),
            back: back.iter().filter_map(Back::of).collect(),
        };
        let failed = |error: std::io::Error| {
            Error::own(format!(
                "what is to be put back cannot be written down in {}: {error}",
                folder.display()
            ))
        };
        Self::put(folder, &written).map(Some).map_err(failed)
    }

    fn put(folder: &Path, written: &Written) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let name: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(12)
            .collect();
        let path = folder.join(format!("{name}.toml"));
        let beside = folder.join(format!("{name}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        // Locked before it has its name: who sees the name sees the lock.
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let text = toml::to_string(written).map_err(std::io::Error::other)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        Ok(Self { path, _lock: file })
    }

    /// One that a dead writer left of the host at `uri`, locked now.
    fn adopt(path: &Path, uri: &str) -> Option<(Self, Written)> {
        let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
        let written: Written = toml::from_str(&fs::read_to_string(path).ok()?).ok()?;
        let note = Self {
            path: path.to_owned(),
            _lock: file,
        };
        (written.uri == uri).then_some((note, written))
    }

    fn remove(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("{}: {error}", self.path.display());
        }
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Whether anything at all is written down, of whatever host.
pub fn has_notes() -> bool {
    let entries = FOLDER.get().and_then(|folder| fs::read_dir(folder).ok());
    entries.is_some_and(|mut entries| entries.next().is_some())
}

/// Puts back what former runs of virtty promised for this host and did not live to do: at once what is due. With `waits`, a
/// thread stays for what is not due yet. Gives the names of the domains that were put back now; untrusted.
pub fn take_over(connection: &Connection, waits: bool) -> Vec<String> {
    let Some(folder) = FOLDER.get() else {
        return Vec::new();
    };
    let (Ok(entries), Ok(uri)) = (fs::read_dir(folder), connection.uri()) else {
        return Vec::new();
    };
    let mut done = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let Some((note, written)) = Note::adopt(&path, &uri) else {
            continue;
        };
        let left = Duration::from_secs(written.until.saturating_sub(now()));
        if left.is_zero() {
            done.extend(finish(connection, note, &written).then_some(written.name));
        } else if waits {
            let connection = connection.clone();
            let wait = move || {
                thread::sleep(left);
                finish(&connection, note, &written);
            };
            let spawned = thread::Builder::new()
                .name("put-back".to_owned())
                .spawn(wait);
            if let Err(error) = spawned {
                tracing::warn!("{}: {error}", path.display());
            }
        }
    }
    done
}

/// Whether it was put back. When the connection is gone, the file stays for the next.
fn finish(connection: &Connection, note: Note, written: &Written) -> bool {
    let Ok(uuid) = written.uuid.parse::<Uuid>() else {
        note.remove();
        return false;
    };
    let back: Vec<_> = written.back.iter().filter_map(Back::verb).collect();
    let result = match connection.domain(uuid) {
        Ok(domain) => put_back(&domain, &back),
        Err(error) if error.is_no_domain() => Ok(()),
        Err(error) => Err(error),
    };
    match result {
        Err(error) if error.is_of_transport() => false,
        result => {
            if let Err(error) = &result {
                tracing::warn!(domain = written.name, "{error}");
            }
            note.remove();
            result.is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_limit_of_a_disk_is_put_back_with_its_group() {
        let set = Tuned::Disk("vda".to_owned());
        let changed = values(&[("total_bytes_sec", "1000")]);
        let now = values(&[
            ("total_bytes_sec", "0"),
            ("read_bytes_sec", "7"),
            ("write_bytes_sec", "0"),
            ("total_iops_sec", "9"),
            ("size_iops_sec", "0"),
        ]);
        assert_eq!(
            former(&set, &changed, &now),
            values(&[("read_bytes_sec", "7")])
        );
        let free = values(&[("total_bytes_sec", "0"), ("read_bytes_sec", "0")]);
        assert_eq!(
            former(&set, &changed, &free),
            values(&[("total_bytes_sec", "0")])
        );
        let shares = former(
            &Tuned::Scheduler,
            &values(&[("cpu_shares", "2")]),
            &values(&[("cpu_shares", "1024"), ("vcpu_quota", "-1")]),
        );
        assert_eq!(shares, values(&[("cpu_shares", "1024")]));
    }

    #[test]
    fn what_a_dead_writer_left_is_taken_over_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let written = Written {
            uri: "qemu:///system".to_owned(),
            uuid: "00000001-0000-0000-0000-000000000000".to_owned(),
            name: "a \"b\"".to_owned(),
            until: 5,
            back: vec![Back {
                set: "disk".to_owned(),
                device: "vda".to_owned(),
                values: values(&[("total_bytes_sec", "0")]),
            }],
        };
        let note = Note::put(folder.path(), &written).unwrap();
        let path = note.path.clone();
        assert!(
            Note::adopt(&path, "qemu:///system").is_none(),
            "its writer lives"
        );
        drop(note);
        assert!(
            Note::adopt(&path, "qemu:///session").is_none(),
            "another host"
        );
        let (mine, read) = Note::adopt(&path, "qemu:///system").unwrap();
        assert_eq!(read, written);
        assert!(Note::adopt(&path, "qemu:///system").is_none(), "taken");
        assert!(matches!(
            read.back[0].verb(),
            Some(DomainVerb::Tune {
                affect: Affect::Live,
                ..
            })
        ));
        mine.remove();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
