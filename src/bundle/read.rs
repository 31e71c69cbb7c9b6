//! Reading a folder of definitions.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use roxmltree::Document;

use crate::model::{StoredKind, Uuid};

/// More of a file is not read: libvirt could not take it in one message.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFile {
    /// Its path.
    pub path: PathBuf,
    /// What it defines, by its folder.
    pub kind: StoredKind,
    /// Its text, or why it cannot be read.
    pub text: Result<String, String>,
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct ReadError {
    /// Which.
    pub path: PathBuf,
    /// The reason.
    pub why: String,
}

/// All `.xml` files of the folders `secrets`, `nwfilters`, `networks`, `pools` and `domains`, in this order and each by name.
/// They need not be of an export: who wrote them by hand may import them too.
///
/// # Errors
/// When the folder cannot be read, or holds none of them.
pub fn read(folder: &Path) -> Result<Vec<BundleFile>, ReadError> {
    let failed = |path: &Path, why: String| ReadError {
        path: path.to_owned(),
        why,
    };
    fs::read_dir(folder).map_err(|error| failed(folder, error.to_string()))?;
    let mut found = Vec::new();
    let mut any = false;
    for kind in StoredKind::ALL {
        let inner = folder.join(kind.plural());
        let entries = match fs::read_dir(&inner) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(|error| failed(&inner, error.to_string()))?,
        };
        any = true;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|error| failed(&inner, error.to_string()))?
                .path();
            if path.extension().is_some_and(|end| end == "xml") {
                paths.push(path);
            }
        }
        paths.sort();
        found.extend(paths.into_iter().map(|path| BundleFile {
            text: text(&path),
            path,
            kind,
        }));
    }
    if !any && !folder.join(super::MANIFEST).is_file() {
        let why = "holds no definitions: there is none of the folders secrets, nwfilters, networks, pools, domains";
        return Err(failed(folder, why.to_owned()));
    }
    Ok(found)
}

fn text(path: &Path) -> Result<String, String> {
    // A pipe would be waited for without an end.
    let meta = fs::metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("is not a file".to_owned());
    }
    if meta.len() > LARGEST {
        return Err(format!("has {} bytes, more than libvirt takes", meta.len()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes)
        .map_err(|error| format!("is not UTF-8: byte {}", error.utf8_error().valid_up_to()))
}

/// Whom a definition speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name; of a secret its UUID, and nothing where it has none. Untrusted.
    pub name: String,
    /// Its UUID, where it has one.
    pub uuid: Option<Uuid>,
}

/// Reads whom a text defines.
///
/// # Errors
/// A sentence, when it is not well-formed or defines something else.
pub fn subject(kind: StoredKind, text: &str) -> Result<Subject, String> {
    let document = Document::parse(text).map_err(|error| format!("is not well-formed: {error}"))?;
    let root = document.root_element();
    let tag = root.tag_name().name();
    if tag != kind.root() {
        return Err(format!(
            "defines a <{tag}>, which does not belong among the {}",
            kind.plural()
        ));
    }
    let value = |name: &str| {
        let child = root.children().find(|node| node.has_tag_name(name))?;
        child.text().map(str::trim).filter(|text| !text.is_empty())
    };
    let uuid = match value("uuid") {
        Some(text) => Some(text.parse::<Uuid>().map_err(|error| error.to_string())?),
        None => None,
    };
    let name = match (kind, value("name").or_else(|| root.attribute("name"))) {
        (StoredKind::Secret, _) => uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
        (_, Some(name)) => name.to_owned(),
        (_, None) => return Err("has no name".to_owned()),
    };
    Ok(Subject { name, uuid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read_by_kind() {
        let uuid = "c7a5fdbd-cdaf-9455-926a-d65c16db1809";
        let domain = format!("<domain><name>a</name><uuid>{uuid}</uuid></domain>");
        let read = subject(StoredKind::Domain, &domain).unwrap();
        assert_eq!((read.name.as_str(), read.uuid), ("a", uuid.parse().ok()));
        let filter = subject(StoredKind::NwFilter, "<filter name='f'/>").unwrap();
        assert_eq!((filter.name.as_str(), filter.uuid), ("f", None));
        let secret = format!("<secret><uuid>{uuid}</uuid></secret>");
        assert_eq!(subject(StoredKind::Secret, &secret).unwrap().name, uuid);
        for (kind, text) in [
            (StoredKind::Network, domain.as_str()),
            (StoredKind::Domain, "<domain/>"),
            (StoredKind::Domain, "<domain"),
            (
                StoredKind::Domain,
                "<domain><name>a</name><uuid>x</uuid></domain>",
            ),
        ] {
            assert!(subject(kind, text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_folder_of_definitions_is_said() {
        let place = tempfile::tempdir().unwrap();
        assert!(
            read(place.path())
                .unwrap_err()
                .to_string()
                .contains("no definitions")
        );
        fs::create_dir(place.path().join("pools")).unwrap();
        assert_eq!(read(place.path()).unwrap(), []);
        fs::write(place.path().join("pools/a.xml"), b"\xff").unwrap();
        let files = read(place.path()).unwrap();
        assert!(files[0].text.as_ref().unwrap_err().contains("UTF-8"));
    }
}
