//! The files that keep what was typed: command lines, and what was typed for monitors. It is nobody else's business.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A file larger than this is cut to its newer half at the start.
const LARGEST: u64 = 64 * 1024;

/// The lines of earlier runs, oldest first; none where there is no file, or none that can be read.
pub fn read(file: Option<PathBuf>) -> Vec<String> {
    file.and_then(|path| read_from(&path).ok())
        .unwrap_or_default()
}

fn read_from(path: &Path) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    let large = file.metadata()?.len() > LARGEST;
    // Another program may have written what it liked: no more than this is ever read.
    file.take(LARGEST * 4).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if large {
        lines.drain(..lines.len() / 2);
        let shorter = path.with_extension("new");
        let mut text = lines.join("\n");
        text.push('\n');
        let _ = open(&shorter, false)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&shorter, path));
    }
    Ok(lines)
}

/// Adds a line. Where it cannot be written, it is kept for this run only.
pub fn append(file: Option<PathBuf>, line: &str) {
    if let Some(path) = file
        && let Err(error) = append_to(&path, line)
    {
        tracing::warn!("{}: {error}", path.display());
    }
}

fn append_to(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    // In one write, so that lines of several programs do not mix.
    open(path, true)?.write_all(format!("{line}\n").as_bytes())
}

fn open(path: &Path, append: bool) -> io::Result<fs::File> {
    OpenOptions::new()
        .create(true)
        .append(append)
        .write(true)
        .truncate(!append)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn lines_are_kept_for_the_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("virtty").join("history");
        append_to(&path, "start 'my web'").unwrap();
        append_to(&path, "shutdown web").unwrap();
        assert_eq!(
            read_from(&path).unwrap(),
            ["start 'my web'", "shutdown web"]
        );
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }

    #[test]
    fn a_large_file_is_cut_to_its_newer_half() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let lines: Vec<String> = (0..5000).map(|n| format!("start domain-{n}")).collect();
        fs::write(&path, lines.join("\n")).unwrap();
        let read = read_from(&path).unwrap();
        assert_eq!(read.last(), lines.last());
        assert_eq!(read.len(), 2500);
        assert_eq!(read_from(&path).unwrap().len(), 2500);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn no_file_is_no_history() {
        assert!(read_from(Path::new("/nonexistent/history")).is_err());
    }
}
