//! The file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use super::{Line, Told};
use crate::record;

/// Name of the file in the folder of the state.
const FILE: &str = "events.log";
/// More of one file is not read, whoever wrote it.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The same event within this time is one that two programs wrote.
const SAME: Duration = Duration::from_millis(500);

/// Adds events to the file in `folder`.
///
/// # Errors
/// Of the file.
pub fn append(folder: &Path, events: &[Told]) -> io::Result<()> {
    let mut lines = String::new();
    for event in events {
        lines.push_str(&serde_json::to_string(&event.line()).map_err(io::Error::from)?);
        lines.push('\n');
    }
    record::append_lines(folder, FILE, &lines)
}

/// The last events of the file and of the one before, oldest first, at most so many. What is no event is left out, and what
/// two programs wrote is told once.
#[must_use]
pub fn read(folder: &Path, most: usize) -> Vec<Told> {
    let path = folder.join(FILE);
    let mut found: VecDeque<Told> = VecDeque::new();
    for path in [path.with_extension("log.1"), path] {
        let Ok(file) = File::open(&path) else {
            continue;
        };
        for line in BufReader::new(file.take(LARGEST)).split(b'\n') {
            let Ok(line) = line else { break };
            let Ok(line) = serde_json::from_slice::<Line>(&line) else {
                continue;
            };
            let Some(event) = line.told() else { continue };
            if found
                .iter()
                .rev()
                .take(32)
                .any(|known| is_same(known, &event))
            {
                continue;
            }
            if found.len() == most {
                found.pop_front();
            }
            found.push_back(event);
        }
    }
    let mut found: Vec<_> = found.into();
    found.sort_by_key(|event| event.time);
    found
}

fn is_same(one: &Told, other: &Told) -> bool {
    let apart = |a: &Told, b: &Told| b.time.duration_since(a.time).unwrap_or_default();
    apart(one, other).max(apart(other, one)) < SAME
        && (&one.connection, one.object, &one.name, one.uuid, &one.text)
            == (
                &other.connection,
                other.object,
                &other.name,
                other.uuid,
                &other.text,
            )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Grade;
    use crate::model::{DomainEvent, EventKind, EventObject, ObjectChange, ObjectEvent, Uuid};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::SystemTime;

    fn crash(seconds: u64, name: &str) -> Told {
        let event = DomainEvent {
            uuid: Uuid([7; 16]),
            name: name.to_owned(),
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            kind: EventKind::Lifecycle {
                event: 5,
                detail: 2,
            },
        };
        Told::domain("qemu:///system", "localhost", &event)
    }

    #[test]
    fn events_come_back_as_they_were_with_names_made_visible() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("virtty");
        let pool = ObjectEvent {
            object: EventObject::Pool,
            name: "p".to_owned(),
            uuid: None,
            time: SystemTime::UNIX_EPOCH,
            change: ObjectChange::Refreshed,
        };
        let pool = Told::object("qemu:///system", "localhost", &pool);
        append(&folder, &[pool.clone(), crash(5, "a\u{1b}[31m\n{")]).unwrap();
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\u{1b}'));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let read = read(&folder, 10);
        assert_eq!(read[0], pool);
        assert_eq!(
            (read[1].name.as_str(), read[1].grade),
            ("a\\x1b[31m\\n{", Grade::Bad)
        );
    }

    #[test]
    fn what_two_programs_wrote_is_told_once_and_rubbish_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        append(
            folder.path(),
            &[crash(5, "a"), crash(5, "a"), crash(6, "a"), crash(5, "b")],
        )
        .unwrap();
        record::append_lines(folder.path(), FILE, "rubbish\n{\"time\":1}\n\n").unwrap();
        let read = |most| {
            read(folder.path(), most)
                .into_iter()
                .map(|told| told.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(read(10), ["a", "b", "a"]);
        assert_eq!(read(2).len(), 2);
    }

    #[test]
    fn the_file_before_is_read_too() {
        let folder = tempfile::tempdir().unwrap();
        append(folder.path(), &[crash(1, "old")]).unwrap();
        let path = folder.path().join(FILE);
        fs::rename(&path, path.with_extension("log.1")).unwrap();
        append(folder.path(), &[crash(2, "new")]).unwrap();
        assert_eq!(read(folder.path(), 10).len(), 2);
        assert!(read(Path::new("/nonexistent"), 10).is_empty());
    }
}
