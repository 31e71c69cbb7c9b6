//! The file of settings while the program runs: read anew, and watched for changes.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::app::Reread;
use crate::config::{self, Config, SavedView};

/// Reads the settings as at the start.
///
/// # Errors
/// What is wrong with the file, with its line.
pub fn read(path: Option<&Path>, by_itself: bool) -> Result<Box<Reread>, String> {
    let config = Config::load(path).map_err(|error| error.to_string())?;
    let (views, trouble) = views(&config);
    match trouble {
        Some(trouble) => Err(trouble),
        None => Ok(Box::new(Reread {
            config,
            views,
            by_itself,
        })),
    }
}

/// The views of the settings with those saved from the screen, and why the latter could not be read.
pub fn views(config: &Config) -> (Vec<SavedView>, Option<String>) {
    let saved =
        config::views_file().map_or_else(|| Ok(Vec::new()), |path| config::load_views(&path));
    let (saved, trouble) = match saved {
        Ok(saved) => (saved, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    (config::merged(&config.views, saved), trouble)
}

/// The saved sets of pins, or why they could not be read.
pub fn pinnings() -> Result<Vec<config::Pinning>, String> {
    config::pinnings_file().map_or_else(|| Ok(Vec::new()), |path| config::load_pinnings(&path))
}

/// The templates of new domains, or why they could not be read.
pub fn templates() -> Result<Vec<config::Template>, String> {
    config::templates_file().map_or_else(|| Ok(Vec::new()), |path| config::load_templates(&path))
}

/// Tells whenever somebody has written the file or put another in its place. Tells nothing where that cannot be known.
pub fn watch(path: Option<&Path>) -> UnboundedReceiver<()> {
    let (sender, changes) = unbounded_channel();
    let Some(file) = path.map(Path::to_owned).or_else(config::config_file) else {
        return changes;
    };
    let started = watcher(&file).and_then(|(watcher, names)| {
        thread::Builder::new()
            .name("runtime-settings".to_owned())
            .spawn(move || {
                let mut buffer = [MaybeUninit::uninit(); 4096];
                let mut reader = inotify::Reader::new(watcher, &mut buffer);
                loop {
                    match reader.next() {
                        Ok(event) => {
                            let ours = event.file_name().is_some_and(|name| {
                                names
                                    .iter()
                                    .any(|known| known.as_bytes() == name.to_bytes())
                            });
                            if ours && sender.send(()).is_err() {
                                return;
                            }
                        }
                        Err(rustix::io::Errno::INTR) => {}
                        Err(error) => {
                            tracing::warn!("changes of the settings are not noticed: {error}");
                            return;
                        }
                    }
                }
            })
            .map(drop)
    });
    if let Err(error) = started {
        tracing::info!("changes of {} are not noticed: {error}", file.display());
    }
    changes
}

/// Watches the folder of the file, and that of the file which it may be a link to: editors write anew and rename.
fn watcher(file: &Path) -> io::Result<(std::os::fd::OwnedFd, Vec<OsString>)> {
    let watcher = inotify::init(CreateFlags::CLOEXEC)?;
    let mut paths = vec![file.to_owned()];
    paths.extend(std::fs::canonicalize(file).ok().filter(|real| real != file));
    let mut names = Vec::new();
    for path in paths {
        let folder: PathBuf = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        inotify::add_watch(
            &watcher,
            &folder,
            WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO,
        )?;
        names.extend(path.file_name().map(ToOwned::to_owned));
    }
    Ok((watcher, names))
}

/// Whether this user is here for the first time; true but once.
pub fn is_first_time() -> bool {
    let Some(folder) = config::state_dir() else {
        return false;
    };
    let mark = folder.join("welcomed");
    !mark.exists()
        && DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .and_then(|()| std::fs::write(&mark, ""))
            .is_ok()
}
