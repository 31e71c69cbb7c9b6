//! A private folder for the files of one master, gone with it; what a killed process left behind is swept away.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, FlockOperation, OFlags, access, flock};

/// How the folders begin.
const PREFIX: &str = "virtty-";

/// The file whose lock says that the folder is in use.
const LOCK: &str = "lock";

/// The longest path of a folder: the path of a socket has 107 bytes at most, and ssh makes its own first under a name
/// that is 17 bytes longer.
const LONGEST: usize = 80;

/// A folder that only this user may enter. Removed when dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes one below `XDG_RUNTIME_DIR`, or below the folder for temporary files: in the first of them where a program
    /// can be started.
    ///
    /// # Errors
    /// The last one's, when it can be made nowhere.
    pub fn new() -> io::Result<Self> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let places = [runtime, Some(std::env::temp_dir()), Some("/tmp".into())];
        let mut result = Err(io::ErrorKind::NotFound.into());
        for place in places.iter().flatten().filter(|place| place.is_absolute()) {
            sweep(place);
            result = Self::below(place);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn below(place: &Path) -> io::Result<Self> {
        let name: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(8)
            .collect();
        let path = place.join(format!("{PREFIX}{name}"));
        if path.as_os_str().len() > LONGEST {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        let made = Self::locked(&path).and_then(|lock| {
            // A file system may forbid to start programs from it.
            access(lock_file(&path), Access::EXEC_OK)?;
            Ok(lock)
        });
        match made {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                Err(error)
            }
        }
    }

    /// Locks the file before it has its name: who sees the name sees the lock.
    fn locked(path: &Path) -> io::Result<File> {
        let unnamed = path.join("lock.new");
        let lock = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o700)
            .open(&unnamed)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        fs::rename(unnamed, lock_file(path))?;
        Ok(lock)
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a program into it.
    ///
    /// # Errors
    /// The file system's.
    pub fn program(&self, name: &str, text: &str) -> io::Result<()> {
        use std::io::Write as _;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o700)
            .open(self.file(name))?
            .write_all(text.as_bytes())
    }

    /// Removes it before its time.
    pub fn remove(&self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

fn lock_file(path: &Path) -> PathBuf {
    path.join(LOCK)
}

/// Removes the folders of processes that are no more.
fn sweep(place: &Path) {
    let own = rustix::process::geteuid().as_raw();
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && fs::symlink_metadata(&path).is_ok_and(|file| file.is_dir() && file.uid() == own);
        if !is_ours {
            continue;
        }
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let lock = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(lock_file(&path));
        if let Ok(lock) = lock
            && flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_is_private_and_goes_with_its_owner() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::below(place.path()).unwrap();
        folder.program("ssh", "#!/bin/sh\n").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path), 0o700);
        assert_eq!(mode(&folder.file("ssh")), 0o700);
        drop(folder);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_what_the_dead_left_is_swept() {
        let place = tempfile::tempdir().unwrap();
        let living = Folder::below(place.path()).unwrap();
        let dead = place.path().join("virtty-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(lock_file(&dead), "").unwrap();
        let other = place.path().join("virtty-without-a-lock");
        fs::create_dir(&other).unwrap();
        sweep(place.path());
        assert!(living.path.is_dir() && other.is_dir() && !dead.exists());
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("d".repeat(LONGEST));
        fs::create_dir(&deep).unwrap();
        assert!(Folder::below(&deep).is_err());
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 0);
    }
}
