//! What a domain's screen showed when a snapshot was taken: a PNG for each in the folder of the user's data, for nobody else to
//! read. A snapshot is told by its name and the second it was taken, so that none gets the picture of another.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::list;
use crate::display::Picture;
use crate::libvirt::ffi::Domain;
use crate::model::{Snapshot, Uuid};

/// The largest file that is read: more than any display makes.
const MOST: u64 = 64 * 1024 * 1024;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Keeps pictures in this folder from now on; without one none are. It counts once for the process.
pub fn keep_in(folder: PathBuf) {
    let _ = FOLDER.set(folder);
}

/// What the screen of a domain shows, as a PNG. `None` without a display, and where nobody keeps it.
pub fn shoot(domain: &Domain) -> Option<Vec<u8>> {
    FOLDER.get()?;
    let (_, bytes) = domain.screenshot(0).ok()?;
    Picture::read(&bytes).ok()?.png().ok()
}

/// Keeps the picture of the snapshot that was just taken: it is the current one. It is no failure when that does not work.
pub fn keep(domain: &Domain, png: &[u8]) {
    let place = || {
        let name = domain.current_snapshot().ok()??;
        let taken = list(domain)
            .ok()?
            .into_iter()
            .find(|one| one.name == name)?;
        place(
            FOLDER.get()?,
            domain.uuid().ok()?,
            &taken.name,
            taken.created?,
        )
    };
    if let Some(place) = place()
        && let Err(error) = write(&place, png)
    {
        tracing::warn!("{}: {error}", place.display());
    }
}

/// The picture of a snapshot; `None` where there is none.
#[must_use]
pub fn read(uuid: Uuid, name: &str, created: i64) -> Option<Picture> {
    load(&place(FOLDER.get()?, uuid, name, created)?)
}

/// Snapshots that were there are gone, or have another name: so do their pictures.
pub fn follow(domain: &Domain, before: &[Snapshot], renamed: Option<(&str, &str)>) {
    let (Some(folder), Ok(uuid), Ok(now)) = (FOLDER.get(), domain.uuid(), list(domain)) else {
        return;
    };
    for old in before {
        let is_there = now
            .iter()
            .any(|one| (&one.name, one.created) == (&old.name, old.created));
        let from = old
            .created
            .and_then(|at| place(folder, uuid, &old.name, at));
        let Some(from) = from.filter(|_| !is_there) else {
            continue;
        };
        let to = renamed
            .filter(|(name, _)| *name == old.name)
            .and_then(|(_, new)| place(folder, uuid, new, old.created?));
        let _ = match to {
            Some(to) => fs::rename(from, to),
            None => fs::remove_file(from),
        };
    }
}

/// Pictures of snapshots that somebody else deleted go too. `now` are all that there are.
pub fn sweep(domain: &Domain, now: &[Snapshot]) {
    if let (Some(folder), Ok(uuid)) = (FOLDER.get(), domain.uuid()) {
        let kept = now
            .iter()
            .filter_map(|one| place(folder, uuid, &one.name, one.created?));
        sweep_in(&folder.join(uuid.to_string()), &kept.collect());
    }
}

/// What is written to or taken just now is younger than the list it is compared with.
const YOUNG: Duration = Duration::from_secs(120);

fn sweep_in(folder: &Path, kept: &HashSet<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let age = entry
            .metadata()
            .and_then(|facts| facts.modified())
            .ok()
            .and_then(|at| at.elapsed().ok());
        let is_picture = path.extension().is_some_and(|ending| ending == "png");
        if is_picture && !kept.contains(&path) && age.is_some_and(|age| age >= YOUNG) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The domain is no more, and with it all its snapshots.
pub fn forget(uuid: Uuid) {
    if let Some(folder) = FOLDER.get() {
        let _ = fs::remove_dir_all(folder.join(uuid.to_string()));
    }
}

/// Where the picture of a snapshot lies. Names may hold anything and be longer than those of files.
fn place(folder: &Path, uuid: Uuid, name: &str, created: i64) -> Option<PathBuf> {
    // FNV-1a, which stays what it is in every version of the program.
    let mark = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |mark, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = format!("{created}-{mark:016x}.png");
    (created > 0).then(|| folder.join(uuid.to_string()).join(file))
}

fn write(place: &Path, png: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Whole or not at all.
    let half = place.with_extension("part");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half)?;
    file.write_all(png)?;
    fs::rename(half, place)
}

fn load(place: &Path) -> Option<Picture> {
    let mut bytes = Vec::new();
    File::open(place)
        .ok()?
        .take(MOST)
        .read_to_end(&mut bytes)
        .ok()?;
    Picture::read(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn pictures_of_what_another_deleted_are_swept_up() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let old = std::time::SystemTime::now() - YOUNG * 2;
        for (name, is_old) in [
            ("1-a.png", true),
            ("2-b.png", true),
            ("3-c.png", false),
            ("4-d.txt", true),
        ] {
            let file = File::create(at(name)).unwrap();
            if is_old {
                file.set_modified(old).unwrap();
            }
        }
        sweep_in(folder.path(), &HashSet::from([at("1-a.png")]));
        let left = |name: &str| at(name).exists();
        assert!(left("1-a.png") && left("3-c.png") && left("4-d.txt"));
        assert!(!left("2-b.png"));
    }

    #[test]
    fn a_picture_is_kept_for_its_snapshot_and_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let uuid: Uuid = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let at = |name: &str, time| place(&folder.path().join("snapshots"), uuid, name, time);
        let picture = Picture::of(2, 1, vec![0xff_0000, 0x00_00ff]).unwrap();
        let name = "../\n--help\u{202e}";
        let file = at(name, 7).unwrap();
        write(&file, &picture.png().unwrap()).unwrap();
        assert_eq!(load(&file), Some(picture));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        assert_eq!(load(&at(name, 8).unwrap()), None);
        assert_eq!(load(&at("--help", 7).unwrap()), None);
        assert_eq!(at(name, 0), None);
        let names = fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1);
        fs::write(&file, b"no picture").unwrap();
        assert_eq!(load(&file), None);
    }
}
