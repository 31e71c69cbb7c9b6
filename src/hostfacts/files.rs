//! The host's own files, of this machine, of a recorded tree, or none at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::listed::Listed;

/// Longest file that is read: those of /proc and /sys are small, and one that never ends is not read for ever.
const LONGEST: u64 = 1 << 20;

/// Why a file says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blind {
    /// The host's files cannot be seen from here.
    Unseen,
    /// They could be seen, and cannot any more, for this reason.
    Lost(String),
    /// It is not there.
    Absent,
    /// It is there and cannot be read, for this reason.
    Refused(String),
}

impl Blind {
    /// In words, behind the name of a file.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unseen => "not visible from here".to_owned(),
            Self::Lost(why) => format!("not visible from here: {why}"),
            Self::Absent => "not there".to_owned(),
            Self::Refused(why) => format!("cannot be read: {why}"),
        }
    }
}

/// Where the host's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Below this folder, which stands for `/`.
    At(PathBuf),
    /// As a program on the host listed them.
    Listed(Arc<Listed>),
    /// Nowhere that could be read.
    Unseen,
    /// On the host, whose program has ended or could not be started, for this reason.
    Lost(String),
}

/// Owner and rights of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Rights, as of chmod.
    pub mode: u32,
    /// It is a device, and not a file that stands for one in a recorded tree.
    pub device: bool,
}

impl Files {
    /// Whether anything can be read.
    #[must_use]
    pub fn are_seen(&self) -> bool {
        matches!(self, Self::At(_) | Self::Listed(_))
    }

    /// The path below the folder that stands for `/`.
    pub(super) fn path(&self, path: &str) -> Result<PathBuf, Blind> {
        match self {
            Self::At(root) => Ok(root.join(path.trim_start_matches('/'))),
            Self::Listed(_) => Err(Blind::Refused("it is on another machine".to_owned())),
            Self::Unseen => Err(Blind::Unseen),
            Self::Lost(why) => Err(Blind::Lost(why.clone())),
        }
    }

    /// A file's text, without the blanks around it.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn text(&self, path: &str) -> Result<String, Blind> {
        if let Self::Listed(listed) = self {
            return listed.text(path);
        }
        let mut bytes = Vec::new();
        fs::File::open(self.path(path)?)
            .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
            .map_err(|error| blind(&error))?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// The beginning of an image of a disk, which is a file or a block device and nothing that could let one wait.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn image_header(&self, path: &str, most: u64) -> Result<Vec<u8>, Blind> {
        let path = self.path(path)?;
        let kind = fs::metadata(&path)
            .map_err(|error| blind(&error))?
            .file_type();
        if !kind.is_file() && !kind.is_block_device() {
            return Err(Blind::Refused("it is no image".to_owned()));
        }
        let mut bytes = Vec::new();
        fs::File::open(path)
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(|error| blind(&error))?;
        Ok(bytes)
    }

    /// A file that holds one number.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<u64> {
        self.text(path).ok()?.parse().ok()
    }

    /// Names in a folder, in order, numbers by their value; without those that are hidden.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn names(&self, path: &str) -> Result<Vec<String>, Blind> {
        let mut names: Vec<String> = match self {
            Self::Listed(listed) => listed.names(path)?,
            _ => {
                let entries = fs::read_dir(self.path(path)?).map_err(|error| blind(&error))?;
                let named = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
                named.filter(|name| !name.starts_with('.')).collect()
            }
        };
        names.sort_by_key(|name| {
            let at = name
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(name.len());
            let digits = name[at..].split(|c: char| !c.is_ascii_digit()).next();
            let number = digits.and_then(|digits| digits.parse::<u64>().ok());
            (name[..at].to_owned(), number, name.clone())
        });
        Ok(names)
    }

    /// Whether there is something of this name; `None` where it cannot be known.
    #[must_use]
    pub fn exists(&self, path: &str) -> Option<bool> {
        if let Self::Listed(listed) = self {
            return Some(listed.exists(path));
        }
        match fs::symlink_metadata(self.path(path).ok()?) {
            Ok(_) => Some(true),
            Err(error) => (blind(&error) == Blind::Absent).then_some(false),
        }
    }

    /// Owner and rights.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn owner(&self, path: &str) -> Result<Owner, Blind> {
        if let Self::Listed(listed) = self {
            return listed.owner(path);
        }
        let found = fs::metadata(self.path(path)?).map_err(|error| blind(&error))?;
        Ok(Owner {
            uid: found.uid(),
            gid: found.gid(),
            mode: found.mode() & 0o7777,
            device: found.file_type().is_char_device(),
        })
    }
}

impl Files {
    /// Writes a file of virtty's own, whole or not at all.
    ///
    /// # Errors
    /// Why not, naming the file.
    pub fn put(&self, path: &str, text: &str) -> Result<(), String> {
        let failed = |error: &std::io::Error| format!("{path}: {error}");
        let to = self.own(path)?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        let beside = to.with_extension("virtty-new");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &to));
        written.map_err(|error| {
            let _ = fs::remove_file(&beside);
            failed(&error)
        })
    }

    /// Removes a file of virtty's own.
    ///
    /// # Errors
    /// Why not, naming the file.
    pub fn remove(&self, path: &str) -> Result<(), String> {
        fs::remove_file(self.own(path)?).map_err(|error| format!("{path}: {error}"))
    }

    fn own(&self, path: &str) -> Result<PathBuf, String> {
        if !super::is_own_file(path) {
            return Err(format!("{path}: it is no file of virtty's own"));
        }
        self.path(path)
            .map_err(|why| format!("{path}: {}", why.words()))
    }
}

fn blind(error: &std::io::Error) -> Blind {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Blind::Absent,
        _ => Blind::Refused(error.to_string()),
    }
}

/// The word in brackets of a choice such as `always [madvise] never`; a lone word is it.
pub(super) fn chosen(text: &str) -> Option<String> {
    let word = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix('[')?.strip_suffix(']'));
    word.or_else(|| Some(text).filter(|text| !text.is_empty() && !text.contains(' ')))
        .map(str::to_owned)
}

/// Most numbers of a set that are believed.
const MOST: u32 = 65_536;

/// A set in the kernel's and libvirt's notation: `0-3,8,^2`.
#[must_use]
pub fn cpu_set(text: &str) -> BTreeSet<u32> {
    let mut set = BTreeSet::new();
    for part in text.trim().split(',').map(str::trim) {
        let (part, without) = match part.strip_prefix('^') {
            Some(part) => (part, true),
            None => (part, false),
        };
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else {
            continue;
        };
        for number in from..=to.min(MOST) {
            if without {
                set.remove(&number);
            } else {
                set.insert(number);
            }
        }
    }
    set
}

/// A set in the kernel's and libvirt's notation: `0-3,8`.
#[must_use]
pub fn set_words(set: &BTreeSet<u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in set {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let words = runs.iter().map(|(from, to)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    });
    words.collect::<Vec<_>>().join(",")
}

/// The times of a line of /proc/stat, in clock ticks, and their sum: user nice system idle iowait irq softirq steal. What
/// guests take, behind these, stands in user already (proc_stat(5)).
pub(super) fn ticks(times: &str) -> (Vec<u64>, u64) {
    let times: Vec<u64> = times
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let first = times.iter().take(8);
    let all = first.fold(0, |sum: u64, one| sum.saturating_add(*one));
    (times, all)
}

/// (CPU, busy time, idle time) of each CPU since the start of the host, in clock ticks; `None` where they cannot be read.
#[must_use]
pub fn cpu_times(files: &Files) -> Option<Vec<(u32, u64, u64)>> {
    let text = files.text("/proc/stat").ok()?;
    let times = text.lines().filter_map(|line| {
        let (name, times) = line.strip_prefix("cpu")?.split_once(' ')?;
        let number = name.parse().ok()?;
        let (times, all) = ticks(times);
        let idle = times.get(3)?.saturating_add(*times.get(4)?);
        Some((number, all.saturating_sub(idle), idle))
    });
    Some(times.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_libvirt_writes_them() {
        let set = |text| cpu_set(text).into_iter().collect::<Vec<_>>();
        assert_eq!(set("0-3,8,^2"), [0, 1, 3, 8]);
        assert_eq!(set(" 5\n"), [5]);
        assert_eq!(set(""), [0_u32; 0]);
        assert_eq!(set_words(&cpu_set("0-3,8,^2")), "0-1,3,8");
        assert_eq!(set("x,3-1,4294967295"), [0_u32; 0]);
        assert_eq!(set("0-4294967295").len(), 65_537);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert_eq!(Files::Unseen.text("/proc/stat"), Err(Blind::Unseen));
        let none = Files::At("/nonexistent".into());
        assert_eq!(none.text("/proc/stat"), Err(Blind::Absent));
        assert_eq!(none.exists("/proc/stat"), Some(false));
        assert_eq!(Files::Unseen.exists("/proc/stat"), None);
    }
}
