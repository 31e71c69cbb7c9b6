//! The images below a disk of a domain that is off, which its definition does not tell: read from the images' own headers.

use std::collections::BTreeSet;

use super::domains::Guest;
use super::files::Files;
use super::mounts::Mounts;

/// Most images of one disk that are followed.
const MOST: usize = 64;

/// Most of a header that is read: the name of the image below stands in its first cluster, behind some extensions.
const HEADER: u64 = 64 << 10;

/// The longest name of an image below, in bytes, that QEMU takes (docs/interop/qcow2 of QEMU).
const LONGEST_NAME: usize = 1023;

/// Completes the chains that are not known, where the images can be read from here. An image on a file system of the network
/// is left alone: its server may not answer, and then nobody would.
pub fn complete(guests: &mut [Guest], files: &Files) {
    if !matches!(files, Files::At(_)) {
        return;
    }
    let mounts = Mounts::read(files).unwrap_or_default();
    for disk in guests.iter_mut().flat_map(|guest| &mut guest.disks) {
        if disk.chain_known {
            continue;
        }
        if let Some(chain) = disk
            .source
            .as_deref()
            .and_then(|top| below(top, files, &mounts))
        {
            disk.below = chain;
            disk.chain_known = true;
        }
    }
    for guest in guests {
        guest.find_origin();
    }
}

/// The images below `top`, the next one first; `None` where one of them cannot be read.
fn below(top: &str, files: &Files, mounts: &Mounts) -> Option<Vec<String>> {
    let mut seen = BTreeSet::from([top.to_owned()]);
    let mut found: Vec<String> = Vec::new();
    let mut at = top.to_owned();
    while found.len() < MOST {
        if mounts.kind_of(&at).is_some_and(|kind| kind.is_network()) {
            return None;
        }
        let header = files.image_header(&at, HEADER).ok()?;
        let Some(name) = backing(&header) else {
            return Some(found);
        };
        let path = match (is_remote(&name), name.starts_with('/'), at.rsplit_once('/')) {
            // What lies elsewhere counts, and cannot be followed.
            (true, ..) => {
                found.push(name);
                return Some(found);
            }
            (_, false, Some((folder, _))) => format!("{folder}/{name}"),
            _ => name,
        };
        // One that is based on itself has an end, too.
        if !seen.insert(path.clone()) {
            return Some(found);
        }
        found.push(path.clone());
        at = path;
    }
    Some(found)
}

/// Whether a name is a protocol's (`nbd://…`, `json:{…}`), as QEMU tells them from files.
fn is_remote(name: &str) -> bool {
    let colon = name.find(':');
    colon.is_some_and(|at| !name[..at].contains('/'))
}

/// The name of the image below, by the header of a qcow2 (version 2 and 3) or a QED; `None` where there is none below.
fn backing(header: &[u8]) -> Option<String> {
    let (at, length) = match header.get(..4)? {
        b"QFI\xfb" => {
            let at = u64::from_be_bytes(header.get(8..16)?.try_into().ok()?);
            let length = u32::from_be_bytes(header.get(16..20)?.try_into().ok()?);
            (at, length)
        }
        b"QED\0" => {
            let features = u64::from_le_bytes(header.get(16..24)?.try_into().ok()?);
            if features & 1 == 0 {
                return None;
            }
            let at = u32::from_le_bytes(header.get(56..60)?.try_into().ok()?);
            let length = u32::from_le_bytes(header.get(60..64)?.try_into().ok()?);
            (u64::from(at), length)
        }
        _ => return None,
    };
    let (at, length) = (usize::try_from(at).ok()?, usize::try_from(length).ok()?);
    if at == 0 || length == 0 || length > LONGEST_NAME {
        return None;
    }
    let name = header.get(at..at.checked_add(length)?)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn image(root: &Path, path: &str, below: &str) {
        let mut bytes = vec![0_u8; 512];
        bytes[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
        if !below.is_empty() {
            bytes[8..16].copy_from_slice(&112_u64.to_be_bytes());
            bytes[16..20].copy_from_slice(&u32::try_from(below.len()).unwrap().to_be_bytes());
            bytes[112..112 + below.len()].copy_from_slice(below.as_bytes());
        }
        let to = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }

    fn chain(root: &Path, top: &str) -> Option<Vec<String>> {
        let files = Files::At(root.to_owned());
        let mounts = Mounts::read(&files).unwrap_or_default();
        below(top, &files, &mounts)
    }

    #[test]
    fn headers_lead_from_image_to_image() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        image(root, "/i/a", "b");
        image(root, "/i/b", "/j/c");
        image(root, "/j/c", "");
        assert_eq!(chain(root, "/i/a").unwrap(), ["/i/b", "/j/c"]);
        assert_eq!(chain(root, "/j/c").unwrap(), [""; 0]);
        // Elsewhere, around in a circle, gone, and no image at all.
        image(root, "/i/far", "nbd://h/x");
        assert_eq!(chain(root, "/i/far").unwrap(), ["nbd://h/x"]);
        image(root, "/i/x", "y");
        image(root, "/i/y", "x");
        assert_eq!(chain(root, "/i/x").unwrap(), ["/i/y"]);
        image(root, "/i/lost", "nowhere");
        assert_eq!(chain(root, "/i/lost"), None);
        fs::write(root.join("raw"), b"QF").unwrap();
        assert_eq!(chain(root, "/raw").unwrap(), [""; 0]);
        // A name that points behind the file, or is longer than QEMU takes, is none.
        let mut bytes = fs::read(root.join("i/a")).unwrap();
        bytes[8..16].copy_from_slice(&u64::MAX.to_be_bytes());
        fs::write(root.join("wild"), &bytes).unwrap();
        assert_eq!(chain(root, "/wild").unwrap(), [""; 0]);
    }

    #[test]
    fn nothing_is_read_that_is_no_image_or_whose_server_may_not_answer() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("proc/self")).unwrap();
        fs::write(root.join("proc/self/mounts"), "srv:/x /nfs nfs4 rw 0 0\n").unwrap();
        image(root, "/nfs/a", "b");
        assert_eq!(chain(root, "/nfs/a"), None);
        let pipe = root.join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(chain(root, "/pipe"), None);
    }
}
