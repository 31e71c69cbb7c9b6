//! How much room snapshots take.

use crate::libvirt::ffi::{Domain, Result};
use crate::model::SnapshotKind;
use crate::protocol::SnapshotSize;

/// Sizes of the snapshots of a domain, of those that can be told: what the host has given the files of an external one, and
/// the memory that an internal one holds, by the table in its qcow2 file. What its disks keep for an internal one lies among
/// the rest of the file, and nothing tells it apart.
///
/// # Errors
/// libvirt's own.
pub fn sizes(domain: &Domain) -> Result<Vec<SnapshotSize>> {
    let connection = domain.connection();
    let all = super::list(domain)?;
    let mut found = Vec::new();
    let mut tables: Vec<(String, Vec<(String, u64)>)> = Vec::new();
    for snapshot in &all {
        let overlays = snapshot
            .disks
            .iter()
            .filter_map(|disk| disk.overlay.as_ref());
        let files: Vec<&String> = overlays.chain(&snapshot.memory_file).collect();
        let given: Vec<u64> = files
            .iter()
            .filter_map(|file| connection.volume(file).ok()?.allocation().ok())
            .collect();
        if !files.is_empty() && given.len() == files.len() {
            found.push(SnapshotSize {
                name: snapshot.name.clone(),
                bytes: given.iter().sum(),
            });
        }
        if snapshot.kind != SnapshotKind::Internal || !snapshot.memory {
            continue;
        }
        for disk in &snapshot.disks {
            let Some(file) = snapshot.file(&disk.target) else {
                continue;
            };
            if !tables.iter().any(|(known, _)| known == file) {
                let table = connection
                    .volume(file)
                    .and_then(|volume| table(&volume))
                    .unwrap_or_default();
                tables.push((file.to_owned(), table));
            }
            let table = tables.iter().find(|(known, _)| known == file);
            let held = table
                .and_then(|(_, table)| table.iter().find(|(name, _)| *name == snapshot.name))
                .map(|(_, bytes)| *bytes)
                .filter(|bytes| *bytes > 0);
            if let Some(bytes) = held {
                found.push(SnapshotSize {
                    name: snapshot.name.clone(),
                    bytes,
                });
                break;
            }
        }
    }
    Ok(found)
}

/// The head of a qcow2 file that tells where its table of snapshots is.
const HEAD: u64 = 72;
/// More than a table of thousands of snapshots takes.
const MOST: u64 = 1024 * 1024;

/// Names of the snapshots that a qcow2 file has inside, and the sizes of their memory.
///
/// # Errors
/// libvirt's own.
pub fn table(volume: &crate::libvirt::ffi::Volume) -> Result<Vec<(String, u64)>> {
    let head = volume.read(0, HEAD)?;
    let Some((count, at)) = place(&head) else {
        return Ok(Vec::new());
    };
    Ok(entries(&volume.read(at, MOST)?, count))
}

/// How many snapshots a qcow2 file has, and where their table begins (QEMU's docs/interop/qcow2).
fn place(head: &[u8]) -> Option<(u32, u64)> {
    if head.get(..4)? != b"QFI\xfb" {
        return None;
    }
    let count = number(head, 60, 4)?;
    let at = number(head, 64, 8)?;
    Some((u32::try_from(count).ok()?, at)).filter(|(count, _)| *count > 0)
}

/// Names and sizes of the memory in the table. A table that is cut off ends early.
fn entries(bytes: &[u8], count: u32) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut at = 0;
    for _ in 0..count {
        let Some((name, size, length)) = entry(bytes.get(at..).unwrap_or_default()) else {
            break;
        };
        found.push((name, size));
        at += length;
    }
    found
}

fn entry(bytes: &[u8]) -> Option<(String, u64, usize)> {
    /// The part of an entry that all have.
    const FIXED: usize = 40;
    let field = |at, length| number(bytes, at, length);
    let length = |at, size| usize::try_from(field(at, size)?).ok();
    let (id, name, extra) = (length(12, 2)?, length(14, 2)?, length(36, 4)?);
    let small = field(32, 4)?;
    // Newer ones write the size in eight bytes too.
    let large = if extra >= 8 { field(FIXED, 8)? } else { 0 };
    let name_at = FIXED.checked_add(extra)?.checked_add(id)?;
    let text = bytes.get(name_at..name_at.checked_add(name)?)?;
    let end = name_at + name;
    Some((
        String::from_utf8_lossy(text).into_owned(),
        large.max(small),
        end.div_ceil(8) * 8,
    ))
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(name: &str, small: u32, large: Option<u64>) -> Vec<u8> {
        let mut out = vec![0_u8; 12];
        out.extend(1_u16.to_be_bytes());
        out.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
        out.extend([0; 16]);
        out.extend(small.to_be_bytes());
        let extra: u32 = if large.is_some() { 16 } else { 0 };
        out.extend(extra.to_be_bytes());
        if let Some(large) = large {
            out.extend(large.to_be_bytes());
            out.extend([0; 8]);
        }
        out.push(b'1');
        out.extend(name.as_bytes());
        out.resize(out.len().div_ceil(8) * 8, 0);
        out
    }

    #[test]
    fn the_table_of_a_qcow2_file_tells_names_and_memory() {
        let mut head = vec![0_u8; 72];
        head[..4].copy_from_slice(b"QFI\xfb");
        head[63] = 2;
        head[70] = 1;
        assert_eq!(place(&head), Some((2, 256)));
        let mut bytes = written("one", 7, None);
        bytes.extend(written("zwei \u{fc}", 0, Some(5 << 32)));
        assert_eq!(
            entries(&bytes, 2),
            [("one".to_owned(), 7), ("zwei \u{fc}".to_owned(), 5 << 32)]
        );
        assert_eq!(entries(&bytes, 9).len(), 2);
        assert_eq!(place(b"raw bytes"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), count in any::<u32>()) {
            let _ = entries(&bytes, count.min(1000));
            let _ = place(&bytes);
        }
    }
}
