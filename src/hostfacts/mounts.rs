//! Which file system a path of the host is on.

use super::files::{Blind, Files};

/// File systems that write elsewhere what is overwritten.
const COPIES: [&str; 3] = ["btrfs", "zfs", "bcachefs"];

/// File systems whose data come over the network.
const NETWORK: [&str; 8] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "ceph",
    "fuse.glusterfs",
    "fuse.sshfs",
    "9p",
];

/// A kind of file system, by the kernel's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind<'a>(pub &'a str);

impl Kind<'_> {
    /// It writes elsewhere what is overwritten.
    pub fn copies(self) -> bool {
        COPIES.contains(&self.0)
    }

    /// Its data come over the network.
    pub fn is_network(self) -> bool {
        NETWORK.contains(&self.0)
    }
}

/// What is mounted where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mounts(Vec<(String, String)>);

impl Mounts {
    /// Reads /proc/self/mounts.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn read(files: &Files) -> Result<Self, Blind> {
        let text = files.text("/proc/self/mounts")?;
        let mounts = text.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((unescaped(words.next()?), words.next()?.to_owned()))
        });
        Ok(Self(mounts.collect()))
    }

    /// The file system that a path is on; of two at one place the later one covers the other.
    pub fn kind_of(&self, path: &str) -> Option<Kind<'_>> {
        let covers = |place: &str| {
            let place = place.trim_end_matches('/');
            path.strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.0
            .iter()
            .filter(|(place, _)| covers(place))
            .max_by_key(|(place, _)| place.trim_end_matches('/').len())
            .map(|(_, kind)| Kind(kind))
    }
}

/// A place as it is: the kernel writes blanks and the like as three octal digits.
fn unescaped(place: &str) -> String {
    let mut out = Vec::new();
    let mut rest = place.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match (first, code) {
            (b'\\', Some(code)) => {
                out.push(code);
                rest = &after[3..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_with_blanks_are_understood() {
        assert_eq!(unescaped(r"/mnt/a\040b"), "/mnt/a b");
        assert_eq!(unescaped(r"/mnt/a\9"), r"/mnt/a\9");
    }

    #[test]
    fn a_path_is_on_the_nearest_and_latest_of_its_mounts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proc/self")).unwrap();
        std::fs::write(
            folder.path().join("proc/self/mounts"),
            "a / ext4 rw 0 0\nb /var/lib btrfs rw 0 0\nc /v ext4 rw 0 0\nd /v nfs4 rw 0 0\nbroken\n",
        )
        .unwrap();
        let mounts = Mounts::read(&Files::At(folder.path().to_owned())).unwrap();
        let kind = |path| mounts.kind_of(path).map(|kind| kind.0);
        assert_eq!(kind("/var/lib/x"), Some("btrfs"));
        assert_eq!(kind("/var/library"), Some("ext4"));
        assert_eq!(kind("/v/x"), Some("nfs4"));
        assert_eq!(kind("relative"), None);
    }
}
