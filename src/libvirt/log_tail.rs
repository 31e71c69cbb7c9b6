//! The last lines of a domain's log, where the daemon writes it on this machine.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::ffi::Error;
use crate::model::{Driver, Uri};
use crate::protocol::Answer;

/// No more than this is read, from the end.
const MOST_BYTES: u64 = 128 * 1024;

/// No more lines than this are kept, from the end.
const MOST_LINES: usize = 500;

/// Reads the end of the log of the domain `name` on the connection that libvirt calls `uri`.
///
/// # Errors
/// In words: that the log is on another machine, that the driver has none, or why the file cannot be read.
pub fn read(uri: &Uri, name: &str) -> Result<Answer, Error> {
    if uri.is_remote() {
        return Err(Error::own(
            "the log is on the host: it can be read here for local connections only",
        ));
    }
    // libvirt refuses names with a slash; a name that would leave the folder is refused here as well.
    if name.contains('/') {
        return Err(Error::own("this name cannot be that of a file"));
    }
    let path = folder(uri)?.join(format!("{name}.log"));
    let shown = path.display().to_string();
    let lines = tail(&path).map_err(|error| Error::own(format!("cannot read {shown}: {error}")))?;
    Ok(Answer::LogTail { path: shown, lines })
}

/// Where the daemon behind a local URI keeps its logs: beside its socket when the URI names one.
fn folder(uri: &Uri) -> Result<PathBuf, Error> {
    let driver = match &uri.driver {
        Driver::Qemu => "qemu",
        Driver::Lxc => "lxc",
        Driver::Xen => "libxl",
        Driver::Bhyve => "bhyve",
        Driver::Test | Driver::Other(_) => {
            return Err(Error::own("this driver writes no logs of its domains"));
        }
    };
    if uri.path == "/session" {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .ok_or_else(|| Error::own("neither XDG_CACHE_HOME nor HOME is set"))?;
        return Ok(cache.join("libvirt").join(driver).join("log"));
    }
    let socket = uri
        .parameters
        .iter()
        .find(|(key, _)| key == "socket")
        .map(|(_, value)| value.as_str());
    match socket.and_then(|socket| Path::new(socket).parent()?.parent()) {
        // RUN/libvirt-sock with its logs in LOG, both below one folder, as a daemon with a private tree has it.
        Some(tree) if tree.join("log").is_dir() => Ok(tree.join("log").join(driver)),
        _ => Ok(Path::new("/var/log/libvirt").join(driver)),
    }
}

fn tail(path: &Path) -> std::io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let kind = file.metadata()?;
    if !kind.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let start = kind.len().saturating_sub(MOST_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line of a cut file is half a line.
    let whole = text.lines().skip(usize::from(start > 0));
    let mut lines: Vec<String> = whole.map(str::to_owned).collect();
    let surplus = lines.len().saturating_sub(MOST_LINES);
    lines.drain(..surplus);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn the_end_of_a_long_log_is_read_in_whole_lines() {
        let tree = tempfile::tempdir().unwrap();
        let logs = tree.path().join("log/qemu");
        std::fs::create_dir_all(&logs).unwrap();
        let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        std::fs::write(logs.join("a b.log"), text).unwrap();
        let socket = tree.path().join("run/libvirt-sock");
        let uri = uri(&format!("qemu+unix:///system?socket={}", socket.display()));
        let Ok(Answer::LogTail { lines, path }) = read(&uri, "a b") else {
            panic!("no log");
        };
        assert!(path.ends_with("a b.log"));
        assert_eq!(lines.len(), MOST_LINES);
        assert_eq!(lines.last().unwrap(), "line 19999");
        assert!(lines.iter().all(|line| line.starts_with("line ")));
    }

    #[test]
    fn why_there_is_no_log_is_said() {
        for (at, name, part) in [
            ("qemu+ssh://kvm1/system", "x", "on the host"),
            ("test:///default", "test", "no logs"),
            ("qemu:///system", "no-such-domain", "no-such-domain.log"),
            ("qemu:///system", "../../etc/passwd", "name"),
        ] {
            let error = read(&uri(at), name).unwrap_err();
            assert!(error.message.contains(part), "{at}: {error}");
        }
    }
}
