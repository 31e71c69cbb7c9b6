//! The demo host: a node document of libvirt's test driver, embedded in the program.
//!
//! The test driver reads its host from a file, once for each connection. The file has no name: it is removed as soon
//! as it is open, and libvirt opens it again through `/proc/self/fd`, so nothing stays behind however the program ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The host's document.
pub const NODE: &str = include_str!("../assets/demo/node.xml");

/// The demo host, there as long as this value is.
#[derive(Debug)]
pub struct Host {
    document: File,
}

impl Host {
    /// Puts the document where the test driver can read it.
    ///
    /// # Errors
    /// When no directory for temporary files can be written; names the last one tried.
    pub fn new() -> io::Result<Self> {
        let mut last = io::Error::other("there is no directory for temporary files");
        for directory in directories() {
            match nameless(&directory) {
                Ok(document) => return Ok(Self { document }),
                Err(error) => {
                    last =
                        io::Error::new(error.kind(), format!("{}: {error}", directory.display()));
                }
            }
        }
        Err(last)
    }

    /// The URI of the host, valid in this process while this value lives.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("test:///proc/self/fd/{}", self.document.as_raw_fd())
    }
}

fn directories() -> Vec<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime
        .into_iter()
        .chain([
            std::env::temp_dir(),
            PathBuf::from("/dev/shm"),
            PathBuf::from("/var/tmp"),
        ])
        .filter(|path| path.is_absolute())
        .collect()
}

/// A file with the document that only this process can reach.
fn nameless(directory: &Path) -> io::Result<File> {
    let path = directory.join(format!("virtty-demo-{:016x}", fastrand::u64(..)));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    let written = file.write_all(NODE.as_bytes());
    fs::remove_file(&path)?;
    written.map(|()| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_read_again_and_again_and_leaves_no_name() {
        let host = Host::new().unwrap();
        let uri = host.uri();
        let path = uri.strip_prefix("test://").unwrap();
        for _ in 0..2 {
            assert_eq!(fs::read_to_string(path).unwrap(), NODE);
        }
        let target = fs::read_link(path).unwrap();
        assert!(
            target.to_string_lossy().ends_with(" (deleted)"),
            "{target:?}"
        );
    }
}
