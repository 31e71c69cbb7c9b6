//! Writing the folder: whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use super::file_name;
use crate::model::{Stored, StoredXml};

/// The file that tells whose folder it is.
pub const MANIFEST: &str = "virtty-export.json";

/// What [`MANIFEST`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Form of the folder, 1.
    pub format: u32,
    /// URI of the connection.
    pub connection: String,
    /// When it was written, RFC 3339 in UTC.
    pub time: String,
    /// Whether passwords of displays are in it.
    pub security_info: bool,
    /// Every file, by its path in the folder, with the name of its object.
    pub files: BTreeMap<String, String>,
}

/// Why a folder was not written. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something in the way is not an export.
    #[error(
        "{} is not empty and {what}: it is left alone; give a new folder, an empty one or an earlier export",
        folder.display()
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// What is strange about it.
        what: String,
    },
    /// The system's reason.
    #[error("{}: {error}", path.display())]
    Io {
        /// Of which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    |error| WriteError::Io {
        path: path.to_owned(),
        error,
    }
}

/// Writes all definitions that have a text into `folder`, for the user alone to read. A folder that is an export already is
/// replaced in one step; any other that holds something is refused.
///
/// # Errors
/// See [`WriteError`].
pub fn write(
    folder: &Path,
    definitions: &[Stored],
    mut manifest: Manifest,
) -> Result<(), WriteError> {
    // A link stays what it is: the folder that it leads to is written.
    let folder = &fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let there = present(folder)?;
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::metadata(parent).map_err(at(parent))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let fresh = parent.join(format!(".{name}.virtty-{}", std::process::id()));
    let _ = fs::remove_dir_all(&fresh);
    let made = fill(&fresh, definitions, &mut manifest).and_then(|()| match there {
        Present::Nothing | Present::Empty => fs::rename(&fresh, folder).map_err(at(folder)),
        Present::Export => {
            let swap = RenameFlags::EXCHANGE;
            renameat_with(CWD, &fresh, CWD, folder, swap).map_err(|error| at(folder)(error.into()))
        }
    });
    // Either what was written in vain, or what was there before.
    if fresh.exists() {
        let _ = fs::remove_dir_all(&fresh);
    }
    made?;
    sync(parent);
    Ok(())
}

/// What stands where the folder goes.
enum Present {
    Nothing,
    Empty,
    /// An export and nothing else.
    Export,
}

fn present(folder: &Path) -> Result<Present, WriteError> {
    let foreign = |what: String| WriteError::Foreign {
        folder: folder.to_owned(),
        what,
    };
    let files = match files(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Present::Nothing),
        files => files.map_err(at(folder))?,
    };
    if files.is_empty() {
        return Ok(Present::Empty);
    }
    let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) else {
        return Err(foreign(format!("has no {MANIFEST}")));
    };
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| foreign(format!("its {MANIFEST} cannot be read ({error})")))?;
    let strange = files
        .iter()
        .find(|file| *file != MANIFEST && !manifest.files.contains_key(*file));
    match strange {
        Some(file) => Err(foreign(format!("holds {file}, which is of no export"))),
        None => Ok(Present::Export),
    }
}

/// Paths of what is in the folder and in the folders of it; of deeper ones their own.
fn files(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.file_type()?.is_dir() {
            found.insert(name);
            continue;
        }
        for inner in fs::read_dir(entry.path())? {
            found.insert(format!("{name}/{}", inner?.file_name().to_string_lossy()));
        }
    }
    Ok(found)
}

fn fill(folder: &Path, definitions: &[Stored], manifest: &mut Manifest) -> Result<(), WriteError> {
    private(folder).map_err(at(folder))?;
    for stored in definitions {
        let StoredXml::Text(text) = &stored.xml else {
            continue;
        };
        let kind = folder.join(stored.kind.plural());
        private(&kind).map_err(at(&kind))?;
        let name = file_name(&stored.name, stored.uuid);
        let path = kind.join(&name);
        save(&path, text.as_bytes()).map_err(at(&path))?;
        manifest.files.insert(
            format!("{}/{name}", stored.kind.plural()),
            stored.name.clone(),
        );
    }
    let path = folder.join(MANIFEST);
    let mut text = serde_json::to_string_pretty(manifest)
        .map_err(io::Error::from)
        .map_err(at(&path))?;
    text.push('\n');
    save(&path, text.as_bytes()).map_err(at(&path))?;
    for entry in fs::read_dir(folder).map_err(at(folder))?.flatten() {
        sync(&entry.path());
    }
    sync(folder);
    Ok(())
}

fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// After a loss of power the names must be there too. Where a folder cannot be synced, the files still are.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{StoredKind, Uuid};
    use std::os::unix::fs::PermissionsExt as _;

    fn manifest() -> Manifest {
        Manifest {
            format: 1,
            connection: "test:///default".to_owned(),
            time: "2026-01-01T00:00:00Z".to_owned(),
            security_info: false,
            files: BTreeMap::new(),
        }
    }

    fn domain(name: &str) -> Stored {
        Stored {
            kind: StoredKind::Domain,
            name: name.to_owned(),
            uuid: Uuid([7; 16]),
            xml: StoredXml::Text(format!("<domain><name>{name}</name></domain>")),
        }
    }

    #[test]
    fn an_export_replaces_an_export_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        write(&folder, &[domain("one"), domain("../two")], manifest()).unwrap();
        assert!(folder.join("domains/one.xml").is_file());
        assert!(folder.join("domains/%2E.%2Ftwo.xml").is_file());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("domains/one.xml")), 0o600);
        write(&folder, &[domain("three")], manifest()).unwrap();
        assert!(folder.join("domains/three.xml").is_file());
        assert!(!folder.join("domains/one.xml").exists());
        // Nothing of the work is left behind.
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);

        fs::write(folder.join("domains/notes.txt"), "mine").unwrap();
        let refused = write(&folder, &[domain("four")], manifest()).unwrap_err();
        assert!(refused.to_string().contains("notes.txt"), "{refused}");
        assert!(folder.join("domains/three.xml").is_file());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_foreign_folder_is_left_alone_and_an_empty_one_is_used() {
        let place = tempfile::tempdir().unwrap();
        let foreign = place.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        write(&foreign, &[domain("one")], manifest()).unwrap();
        fs::remove_file(foreign.join(MANIFEST)).unwrap();
        let refused = write(&foreign, &[], manifest()).unwrap_err();
        assert!(refused.to_string().contains("is left alone"), "{refused}");
        assert!(foreign.join("domains/one.xml").is_file());
        let nowhere = place.path().join("no/such/place");
        assert!(matches!(
            write(&nowhere, &[], manifest()),
            Err(WriteError::Io { .. })
        ));
    }

    #[test]
    fn a_link_stays_a_link() {
        let place = tempfile::tempdir().unwrap();
        let (real, link) = (place.path().join("real"), place.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, &[domain("one")], manifest()).unwrap();
        write(&link, &[domain("two")], manifest()).unwrap();
        assert!(real.join("domains/two.xml").is_file());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
