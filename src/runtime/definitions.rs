//! Former definitions, in files of the user's own: a folder for each host, in it one for each object.

use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::{EditorId, PastDefinition, SeenDefinition};
use crate::config;
use crate::protocol::{DocumentRef, Private};
use crate::xml::{Tree, is_equal, secrets};

/// Definitions that may wait for the disk.
const WAITING: usize = 256;
/// Bytes that are kept of all objects of all hosts.
const MOST_OF_ALL: u64 = 256 * 1024 * 1024;
/// Bytes that are kept of one object.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

enum Task {
    Keep(Box<SeenDefinition>),
    Read(EditorId, String),
}

/// The way to the thread that keeps and reads them.
pub struct Definitions {
    tasks: Option<SyncSender<Task>>,
    found: UnboundedReceiver<(EditorId, Vec<PastDefinition>)>,
    most: Arc<AtomicU32>,
}

impl Definitions {
    /// Starts the thread; without a folder for the state nothing is kept.
    pub fn start() -> Self {
        let (tasks, waiting) = sync_channel(WAITING);
        let (sender, found) = unbounded_channel();
        let most = Arc::new(AtomicU32::new(0));
        let limit = Arc::clone(&most);
        let started = thread::Builder::new()
            .name("definitions".to_owned())
            .spawn(move || work(&waiting, &sender, &limit));
        Self {
            tasks: started.is_ok().then_some(tasks),
            found,
            most,
        }
    }

    /// Says how many are kept of each object; 0 keeps none.
    pub fn set_most(&self, most: u32) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Keeps one that was seen; never waits.
    pub fn keep(&self, seen: SeenDefinition) {
        if let Some(tasks) = &self.tasks
            && tasks.try_send(Task::Keep(Box::new(seen))).is_err()
        {
            tracing::warn!("a definition is not kept: the disk does not keep up");
        }
    }

    /// Asks for those of an object.
    pub fn read(&self, id: EditorId, uri: String) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.try_send(Task::Read(id, uri));
        }
    }

    /// The next answer.
    pub async fn found(&mut self) -> Option<(EditorId, Vec<PastDefinition>)> {
        self.found.recv().await
    }
}

fn work(
    waiting: &Receiver<Task>,
    found: &UnboundedSender<(EditorId, Vec<PastDefinition>)>,
    most: &AtomicU32,
) {
    let root = config::state_dir().map(|folder| folder.join("definitions"));
    if let Some(root) = &root {
        thin(root, MOST_OF_ALL);
    }
    while let Ok(task) = waiting.recv() {
        match task {
            Task::Keep(seen) => {
                let most = most.load(Ordering::Relaxed) as usize;
                if let (Some(root), true) = (&root, most > 0)
                    && let Some(folder) = folder_of(root, &seen.uri, &seen.what)
                    && let Err(error) = keep(&folder, &seen, most)
                {
                    tracing::warn!("a former definition: {error}");
                }
            }
            Task::Read(id, uri) => {
                let all = root
                    .as_ref()
                    .and_then(|root| folder_of(root, &uri, &id.1))
                    .map_or_else(Vec::new, |folder| read(&folder));
                if found.send((id, all)).is_err() {
                    return;
                }
            }
        }
    }
}

/// The folder of an object; `None` for what is not there yet.
fn folder_of(root: &Path, uri: &str, what: &DocumentRef) -> Option<PathBuf> {
    let uuid = what.uuid()?;
    let mut hasher = DefaultHasher::new();
    uri.hash(&mut hasher);
    Some(
        root.join(format!("{:016x}", hasher.finish()))
            .join(format!("{}-{uuid}", what.word())),
    )
}

/// The files of a folder, oldest first.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "xml"))
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len())))
        .collect();
    files.sort();
    files
}

fn keep(folder: &Path, seen: &SeenDefinition, most: usize) -> io::Result<()> {
    // None are asked for, but a text may hold some all the same.
    let text = secrets::mask(seen.text.text());
    let mut known = files(folder);
    if let Some((newest, _)) = known.last()
        && let Ok(before) = fs::read_to_string(newest)
        && is_same(&before, &text)
    {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let since = seen
        .time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let by = if seen.by_us { "virtty" } else { "elsewhere" };
    let path = folder.join(format!("{:015}-{by}.xml", since.as_millis()));
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&new, &path)?;
    known.push((path, text.len() as u64));
    let mut bytes: u64 = known.iter().map(|(_, length)| length).sum();
    let mut count = known.len();
    for (path, length) in known {
        if count <= most && bytes <= MOST_BYTES {
            break;
        }
        fs::remove_file(path)?;
        count -= 1;
        bytes -= length;
    }
    Ok(())
}

/// Takes away the oldest of all objects, those that are no more among them, until the rest is small enough.
fn thin(root: &Path, most: u64) {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut all: Vec<(PathBuf, u64)> = folders(root)
        .iter()
        .flat_map(|host| folders(host))
        .flat_map(|object| files(&object))
        .collect();
    let mut bytes: u64 = all.iter().map(|(_, length)| length).sum();
    // Their names begin with their times.
    all.sort_by(|(one, _), (other, _)| one.file_name().cmp(&other.file_name()));
    for (path, length) in all {
        if bytes <= most {
            return;
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!("a former definition: {error}");
        }
        bytes -= length;
    }
}

fn is_same(one: &str, other: &str) -> bool {
    match (Tree::parse(one), Tree::parse(other)) {
        (Ok(one), Ok(other)) => is_equal(&one, &other),
        _ => one == other,
    }
}

/// Newest first.
fn read(folder: &Path) -> Vec<PastDefinition> {
    let mut all: Vec<PastDefinition> = files(folder)
        .into_iter()
        .filter_map(|(path, _)| {
            let name = path.file_stem()?.to_str()?;
            let (millis, by) = name.split_once('-')?;
            Some(PastDefinition {
                time: SystemTime::UNIX_EPOCH + Duration::from_millis(millis.parse().ok()?),
                by_us: by == "virtty",
                text: Private::new(fs::read_to_string(&path).ok()?),
            })
        })
        .collect();
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{StoredKind, Uuid};

    fn seen(text: &str, seconds: u64) -> SeenDefinition {
        SeenDefinition {
            uri: "qemu:///system".to_owned(),
            what: DocumentRef::Stored(StoredKind::Domain, Uuid([1; 16])),
            text: Private::new(text),
            by_us: seconds.is_multiple_of(2),
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        }
    }

    #[test]
    fn former_definitions_are_kept_within_bounds_and_without_passwords() {
        let root = tempfile::tempdir().unwrap();
        let one = seen("<domain><graphics passwd='geheim'/></domain>", 1);
        let folder = folder_of(root.path(), &one.uri, &one.what).unwrap();
        keep(&folder, &one, 3).unwrap();
        // The same again, written otherwise.
        keep(
            &folder,
            &seen("<domain>\n<graphics passwd=\"anders\"/></domain>", 2),
            3,
        )
        .unwrap();
        assert_eq!(read(&folder).len(), 1);
        assert!(!read(&folder)[0].text.text().contains("geheim"));
        for number in 3..8 {
            keep(
                &folder,
                &seen(
                    &format!("<domain><memory>{number}</memory></domain>"),
                    number,
                ),
                3,
            )
            .unwrap();
        }
        let all = read(&folder);
        assert_eq!(all.len(), 3);
        assert!(all[0].text.text().contains('7') && !all[0].by_us && all[1].by_us);
    }

    #[test]
    fn the_oldest_of_all_objects_go_first() {
        let root = tempfile::tempdir().unwrap();
        let of = |number: u8, seconds: u64| {
            let text = format!("<domain><name>{}</name></domain>", "x".repeat(100));
            let one = SeenDefinition {
                what: DocumentRef::Stored(StoredKind::Network, Uuid([number; 16])),
                ..seen(&text, seconds)
            };
            let folder = folder_of(root.path(), &one.uri, &one.what).unwrap();
            keep(&folder, &one, 9).unwrap();
            folder
        };
        let (old, new) = (of(1, 10), of(2, 20));
        thin(root.path(), 200);
        assert!(read(&old).is_empty());
        assert_eq!(read(&new).len(), 1);
    }
}
