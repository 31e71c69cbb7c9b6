//! A home of the test's own, so that nothing of the machine shows and nothing is left in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Home, XDG directories and a place for temporary files; gone when dropped.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let home = TempDir::with_prefix("virtty-pty-").unwrap();
        for name in ["config", "state", "cache", "data", "run", "tmp"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        // Nobody is here for the first time: the line that says so would stand where tests read.
        fs::create_dir(home.path().join("state/virtty")).unwrap();
        fs::write(home.path().join("state/virtty/welcomed"), "").unwrap();
        // Who uses the runtime directory checks that it is private.
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(home.path().join("run"), private).unwrap();
        Self(home)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The log that virtty writes without being asked.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("state/virtty/virtty.log")).unwrap_or_default()
    }

    /// Writes a file; gives its path.
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The whole environment of a program that lives here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let inside = |name: &str| self.path().join(name).to_str().unwrap().to_owned();
        let mut environment = vec![
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("HOME".to_owned(), inside("")),
        ];
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            environment.push((name.to_owned(), inside(folder)));
        }
        environment
    }
}
