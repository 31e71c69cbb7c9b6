//! Texts that are not saved yet, each in a file of the user's own, written whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::app::{Draft, EditorId};
use crate::config;
use crate::model::StoredKind;
use crate::protocol::{DocumentRef, Private};

/// How long a file is left alone after it was written: keys come faster than a disk should be asked.
const PAUSE: Duration = Duration::from_millis(250);
/// How often and how long the end of the program waits for the thread.
const MOMENTS: u32 = 50;
const MOMENT: Duration = Duration::from_millis(10);
/// A larger file is none of ours.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What waits to be written, of the whole program: a signal that ends it must be able to reach it.
static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
    texts: BTreeMap::new(),
    gone: BTreeSet::new(),
    started: false,
    writing: false,
});
static MORE: Condvar = Condvar::new();

struct Waiting {
    texts: BTreeMap<String, Draft>,
    /// Files to remove.
    gone: BTreeSet<String>,
    started: bool,
    /// The thread is about it, and does not hold the lock.
    writing: bool,
}

fn lock() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file, as it is written.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    process: u32,
    saved: u64,
    uri: String,
    /// `domain`, `snapshot`, …, and whether it is a new one.
    kind: String,
    new: bool,
    /// The UUID; of a snapshot its domain's.
    uuid: Option<String>,
    /// Of a snapshot or a volume.
    pool: Option<String>,
    name: String,
    base: String,
    text: String,
}

/// Keeps a draft; never waits for the disk.
pub fn keep(id: &EditorId, draft: Draft) {
    let name = file_name(id, &draft.uri);
    let mut waiting = lock();
    waiting.gone.remove(&name);
    waiting.texts.insert(name, draft);
    if !waiting.started {
        let started = thread::Builder::new().name("drafts".to_owned()).spawn(work);
        waiting.started = started.is_ok();
    }
    drop(waiting);
    MORE.notify_all();
}

/// Forgets the draft of an editor of this program.
pub fn forget(id: &EditorId, uri: &str) {
    drop_file(&file_name(id, uri));
}

/// Removes a file of drafts.
pub fn drop_file(name: &str) {
    let mut waiting = lock();
    waiting.texts.remove(name);
    waiting.gone.insert(name.to_owned());
    let started = waiting.started;
    drop(waiting);
    MORE.notify_all();
    if !started {
        flush();
    }
}

/// Writes what waits at once: the program is about to end. A disk that hangs must not keep it for ever.
pub fn flush() {
    let Some(folder) = folder() else { return };
    for _ in 0..MOMENTS {
        let mut waiting = lock();
        if !waiting.writing {
            let texts = std::mem::take(&mut waiting.texts);
            let gone = std::mem::take(&mut waiting.gone);
            write_all(&folder, texts, gone);
            return;
        }
        drop(waiting);
        thread::sleep(MOMENT);
    }
}

fn work() {
    let Some(folder) = folder() else { return };
    loop {
        let mut waiting = lock();
        while waiting.texts.is_empty() && waiting.gone.is_empty() {
            waiting = MORE.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let texts = std::mem::take(&mut waiting.texts);
        let gone = std::mem::take(&mut waiting.gone);
        waiting.writing = true;
        // The next key must not wait for the disk.
        drop(waiting);
        write_all(&folder, texts, gone);
        lock().writing = false;
        thread::sleep(PAUSE);
    }
}

/// A file for another program to edit, of the user's own.
pub fn write_for_editor(text: &str) -> io::Result<PathBuf> {
    let folder = folder().ok_or_else(|| io::Error::other("there is no directory for it"))?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let path = folder.join(format!("edit-{}.xml", std::process::id()));
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

fn write_all(folder: &Path, texts: BTreeMap<String, Draft>, gone: BTreeSet<String>) {
    for name in gone {
        let _ = fs::remove_file(folder.join(name));
    }
    for (name, draft) in texts {
        if let Err(error) = write(folder, &name, &draft) {
            tracing::warn!("the draft of {}: {error}", draft.what.word());
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(config::state_dir()?.join("drafts"))
}

/// One file for each document and program: two that edit the same keep theirs beside each other.
fn file_name(id: &EditorId, uri: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (uri, &id.1).hash(&mut hasher);
    format!("{:016x}-{}.json", hasher.finish(), std::process::id())
}

fn write(folder: &Path, name: &str, draft: &Draft) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let new = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    let text = serde_json::to_string(&to_file(draft)).map_err(io::Error::other)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    fs::rename(&new, folder.join(name))
}

fn to_file(draft: &Draft) -> File {
    let (new, uuid, pool) = match &draft.what {
        DocumentRef::Stored(_, uuid) => (false, Some(uuid.to_string()), None),
        DocumentRef::Named(..) => (false, None, None),
        DocumentRef::New(_) => (true, None, None),
        DocumentRef::Snapshot(uuid, _) => (false, Some(uuid.to_string()), None),
        DocumentRef::Volume { pool, .. } => (false, None, Some(pool.clone())),
    };
    let since = draft.time.duration_since(SystemTime::UNIX_EPOCH);
    File {
        version: 1,
        process: std::process::id(),
        saved: since.unwrap_or_default().as_secs(),
        uri: draft.uri.clone(),
        kind: draft.what.word().to_owned(),
        new,
        uuid,
        pool,
        name: draft.name.clone(),
        base: draft.base.text().to_owned(),
        text: draft.text.text().to_owned(),
    }
}

fn of_file(file: File, name: String) -> Option<Draft> {
    let stored = StoredKind::ALL
        .into_iter()
        .find(|kind| kind.word() == file.kind);
    let uuid = file.uuid.as_deref().and_then(|uuid| uuid.parse().ok());
    let what = match (stored, file.new, uuid) {
        (Some(kind), true, _) => DocumentRef::New(kind),
        (Some(kind), false, Some(uuid)) => DocumentRef::Stored(kind, uuid),
        (None, _, Some(uuid)) => DocumentRef::Snapshot(uuid, file.name.clone()),
        _ => return None,
    };
    Some(Draft {
        uri: file.uri,
        what,
        name: file.name,
        base: Private::new(file.base),
        text: Private::new(file.text),
        time: SystemTime::UNIX_EPOCH + Duration::from_secs(file.saved),
        file: Some(name),
    })
}

/// The drafts of programs that ended without asking; those of programs that run are theirs.
pub fn found() -> Vec<Draft> {
    folder().map_or_else(Vec::new, |folder| found_in(&folder))
}

fn found_in(folder: &Path) -> Vec<Draft> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut drafts: Vec<Draft> = entries
        .flatten()
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|data| data.is_file() && data.len() <= LARGEST)
        })
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            if !name.ends_with(".json") {
                return None;
            }
            let text = fs::read_to_string(entry.path()).ok()?;
            let file: File = serde_json::from_str(&text).ok()?;
            (!runs(file.process)).then(|| of_file(file, name))?
        })
        .collect();
    drafts.sort_by_key(|draft| draft.time);
    drafts
}

/// Whether a process is another virtty that runs: numbers are given again.
fn runs(process: u32) -> bool {
    if process == std::process::id() {
        return false;
    }
    let name = fs::read_to_string(format!("/proc/{process}/comm"));
    name.is_ok_and(|name| name.trim() == "virtty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConnectionId, Uuid};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn drafts_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("drafts");
        let what = DocumentRef::Stored(StoredKind::Domain, Uuid([7; 16]));
        let draft = Draft {
            uri: "qemu:///system".to_owned(),
            what: what.clone(),
            name: "web".to_owned(),
            base: Private::new("<domain/>"),
            text: Private::new("<domain>\u{1b}\n"),
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(5),
            file: None,
        };
        let name = file_name(&(ConnectionId(0), what), &draft.uri);
        write(&inner, &name, &draft).unwrap();
        write(&inner, &name, &draft).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&inner.join(&name))), (0o700, 0o600));
        let found = found_in(&inner);
        assert_eq!(
            found,
            [Draft {
                file: Some(name.clone()),
                ..draft
            }]
        );
        write_all(&inner, BTreeMap::new(), BTreeSet::from([name]));
        assert!(found_in(&inner).is_empty());
        // What is none of ours is passed over.
        fs::write(inner.join("x.json"), "{").unwrap();
        assert!(found_in(&inner).is_empty());
    }
}
