//! Saved sets of pins, applied to other domains later. They are kept in a file of their own in the state directory.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::kept;

/// A saved set; CPUs as libvirt writes them, such as `2-3,8`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinning {
    /// Its name.
    pub name: String,
    /// CPUs of each virtual CPU; a domain with more begins again with the first.
    pub vcpus: Vec<String>,
    /// CPUs of the emulator.
    pub emulator: Option<String>,
    /// CPUs of each I/O thread.
    #[serde(default)]
    pub iothreads: Vec<String>,
    /// NUMA cells of the memory.
    pub memory: Option<String>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pinning: Vec<Pinning>,
}

/// Where they are kept; `None` where nothing can be kept.
#[must_use]
pub fn pinnings_file() -> Option<PathBuf> {
    Some(super::state_dir()?.join("pinnings.toml"))
}

/// The saved sets.
///
/// # Errors
/// In words, with the file.
pub fn load_pinnings(path: &Path) -> Result<Vec<Pinning>, String> {
    Ok(kept::load::<File>(path)?.pinning)
}

/// Adds one to the file, in the place of one of the same name.
///
/// # Errors
/// In words. A file that cannot be read is left as it is.
pub fn save_pinning(path: &Path, pinning: &Pinning) -> Result<(), String> {
    let mut all = load_pinnings(path)?;
    all.retain(|known| known.name != pinning.name);
    all.push(pinning.clone());
    let what =
        "Sets of pins, saved from virtty's host page. The file is written anew at each of them.";
    kept::save(path, what, &File { pinning: all })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/pinnings.toml");
        let mut pinning = Pinning {
            name: "db \"x\"".to_owned(),
            vcpus: vec!["2".to_owned(), "3".to_owned()],
            emulator: None,
            iothreads: Vec::new(),
            memory: Some("1".to_owned()),
        };
        save_pinning(&path, &pinning).unwrap();
        pinning.emulator = Some("0".to_owned());
        save_pinning(&path, &pinning).unwrap();
        assert_eq!(load_pinnings(&path), Ok(vec![pinning]));
        fs::write(&path, "pinning = 3").unwrap();
        assert!(load_pinnings(&path).unwrap_err().contains("pinnings.toml"));
    }
}
