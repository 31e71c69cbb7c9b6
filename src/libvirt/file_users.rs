//! Who needs a file: domains, their snapshots, volumes that are based on it. The one place that answers this; asked right
//! before something is done that would hurt them, and by what shows it.

use roxmltree::{Document, Node};

use super::ffi::{Connection, Error, Filter, Result};
use crate::model::Uuid;
use crate::protocol::{FileUser, XmlKind};

/// A file that is asked about: its path, and how domains of its host may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its path.
    pub path: String,
    /// Pool and name, where it is a volume.
    pub named: Option<(String, String)>,
}

impl Asked {
    /// A path, with the volume that an active pool has there.
    #[must_use]
    pub fn at(connection: &Connection, path: &str) -> Self {
        let volume = connection.volume(path).ok();
        let named =
            volume.and_then(|volume| Some((volume.pool().ok()?.name().ok()?, volume.name().ok()?)));
        Self {
            path: path.to_owned(),
            named,
        }
    }
}

/// Whose use does not count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The domain that something is done to, with its snapshots.
    pub own: Option<Uuid>,
    /// Volumes that may be based on what is asked about: layers of the same chain.
    pub chain: &'a [String],
}

/// Somebody who needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// A domain.
    Domain {
        /// Its name; untrusted.
        name: String,
        /// It runs.
        active: bool,
        /// It may write it: it is the top of a disk that is not read-only.
        writes: bool,
    },
    /// A snapshot of a domain.
    Snapshot {
        /// The domain.
        domain: String,
        /// Its name; untrusted.
        name: String,
    },
    /// A volume that is based on it, by its path.
    Volume(String),
}

impl User {
    /// In words that follow "it is": untrusted names are in it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Domain {
                name, active: true, ..
            } => format!("used by the running domain '{name}'"),
            Self::Domain { name, .. } => format!("used by the domain '{name}'"),
            Self::Snapshot { domain, name } => {
                format!("needed by the snapshot '{name}' of the domain '{domain}'")
            }
            Self::Volume(path) => format!("what {path} is based on"),
        }
    }

    /// In a few words, for a line of a table.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::Domain { name, .. } => format!("domain {name}"),
            Self::Snapshot { domain, name } => format!("snapshot {name} of {domain}"),
            Self::Volume(path) => format!("volume {path} is based on it"),
        }
    }
}

/// A file and one who needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// The path that was asked about.
    pub path: String,
    /// Who.
    pub user: User,
}

impl From<Needed> for FileUser {
    fn from(needed: Needed) -> Self {
        Self {
            user: needed.user.brief(),
            path: needed.path,
            volume: match needed.user {
                User::Volume(path) => Some(path),
                _ => None,
            },
        }
    }
}

/// Has the pools read anew in whose folders the files lie: what was made beside libvirt is seen too then, since a pool knows
/// its files as they were when it was read last. One that cannot be read again is asked for what it knows.
pub fn refresh(connection: &Connection, paths: &[String]) {
    for (folder, pool) in connection.pool_folders().unwrap_or_default() {
        let folder = folder.trim_end_matches('/');
        let holds = |path: &String| path.rsplit_once('/').is_some_and(|(of, _)| of == folder);
        if paths.iter().any(holds) {
            let _ = connection.pool_fill(&pool, true);
        }
    }
}

/// All who need one of the files. Documents that cannot be read are searched as text, since too careful is better here.
///
/// # Errors
/// libvirt's own, when domains cannot be listed or what one of them needs cannot be had: then nothing may be done.
pub fn of(connection: &Connection, files: &[Asked], beside: Beside<'_>) -> Result<Vec<Needed>> {
    let mut needed = Vec::new();
    if files.is_empty() {
        return Ok(needed);
    }
    for domain in connection.list(Filter::ALL)? {
        if beside.own.is_some() && domain.uuid().ok() == beside.own {
            continue;
        }
        let name = domain.name().unwrap_or_default();
        let active = domain.state().is_ok_and(|(state, _)| state.is_active());
        let mut found: Vec<Option<bool>> = vec![None; files.len()];
        let mut failures = Vec::new();
        for kind in [XmlKind::Live, XmlKind::Inactive] {
            match domain.xml(kind) {
                Ok(xml) => {
                    for (found, writes) in found.iter_mut().zip(uses(&xml, files)) {
                        *found = match (*found, writes) {
                            (Some(one), Some(other)) => Some(one | other),
                            (one, other) => one.or(other),
                        };
                    }
                }
                Err(error) => failures.push(error),
            }
        }
        if failures.len() == 2
            && let Some(error) = failures.pop().filter(|error| !error.is_no_domain())
        {
            return Err(Error::own(format!(
                "what the domain '{name}' needs cannot be read: {error}"
            )));
        }
        for (file, writes) in files.iter().zip(&found) {
            needed.extend(writes.map(|writes| Needed {
                path: file.path.clone(),
                user: User::Domain {
                    name: name.clone(),
                    active,
                    writes,
                },
            }));
        }
        // Drivers without snapshots have none that could need it.
        for record in domain.snapshots().unwrap_or_default() {
            for ((file, known), used) in files.iter().zip(&found).zip(uses(&record.xml, files)) {
                if used.is_some() && known.is_none() {
                    needed.push(Needed {
                        path: file.path.clone(),
                        user: User::Snapshot {
                            domain: name.clone(),
                            name: record.name.clone(),
                        },
                    });
                }
            }
        }
    }
    for (volume, xml) in connection.volume_documents()? {
        let Some(base) = backing(&xml) else { continue };
        if files.iter().any(|file| file.path == base)
            && volume != base
            && !beside.chain.contains(&volume)
        {
            needed.push(Needed {
                path: base,
                user: User::Volume(volume),
            });
        }
    }
    Ok(needed)
}

/// The file that a volume is based on.
#[must_use]
pub fn backing(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let store = document
        .root_element()
        .children()
        .find(|node| node.has_tag_name("backingStore"))?;
    let path = store.children().find(|node| node.has_tag_name("path"))?;
    path.text().map(str::to_owned)
}

/// For each file whether a document needs it, and if so, whether it may write it.
fn uses(xml: &str, files: &[Asked]) -> Vec<Option<bool>> {
    let Ok(document) = Document::parse(xml) else {
        let unread = files
            .iter()
            .map(|file| xml.contains(&file.path).then_some(true));
        return unread.collect();
    };
    let mut found = vec![None; files.len()];
    for node in document.descendants().filter(Node::is_element) {
        for (file, found) in files.iter().zip(&mut found) {
            if names(&node, file) {
                *found = Some(found.unwrap_or(false) | writes(&node));
            }
        }
    }
    found
}

/// Whether an element names a file, by its volume, in an attribute or as its text.
fn names(node: &Node<'_, '_>, file: &Asked) -> bool {
    let by_name = file.named.as_ref().is_some_and(|(pool, volume)| {
        node.attribute("pool") == Some(pool.as_str())
            && node.attribute("volume") == Some(volume.as_str())
    });
    let by_path = node
        .attributes()
        .any(|attribute| attribute.value() == file.path);
    by_name || by_path || node.text() == Some(file.path.as_str())
}

/// Whether what an element names is written: the top of a disk that is not read-only.
fn writes(node: &Node<'_, '_>) -> bool {
    let disk = node.parent().filter(|parent| parent.has_tag_name("disk"));
    let readonly =
        disk.is_some_and(|disk| disk.children().any(|child| child.has_tag_name("readonly")));
    node.has_tag_name("source") && disk.is_some() && !readonly
}

/// The first thing of a pool that a document names: by pool and volume, or by a text that is `inside` of it.
#[must_use]
pub fn first_within(xml: &str, pool: &str, inside: impl Fn(&str) -> bool) -> Option<String> {
    let Ok(document) = Document::parse(xml) else {
        return None;
    };
    for node in document.descendants().filter(Node::is_element) {
        if node.has_tag_name("source") && node.attribute("pool") == Some(pool) {
            let volume = node.attribute("volume").unwrap_or("a volume");
            return Some(volume.to_owned());
        }
        let attributes = node.attributes().map(|attribute| attribute.value());
        let found = attributes.chain(node.text()).find(|text| inside(text));
        if let Some(text) = found {
            return Some(text.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked {
            path: "/p/a".to_owned(),
            named: Some(("p".to_owned(), "a".to_owned())),
        }
    }

    #[test]
    fn a_top_is_written_a_layer_and_a_cdrom_are_read() {
        let disk =
            |inner: &str| format!("<domain><devices><disk>{inner}</disk></devices></domain>");
        for (xml, found) in [
            (disk("<source file='/p/a'/>"), Some(true)),
            (disk("<source file='/p/a'/><readonly/>"), Some(false)),
            (disk("<source pool='p' volume='a'/>"), Some(true)),
            (disk("<source pool='q' volume='a'/>"), None),
            (
                disk("<source file='/t'/><backingStore><source file='/p/a'/></backingStore>"),
                Some(false),
            ),
            (disk("<source file='/p/ab'/>"), None),
            (
                "<domain><os><nvram>/p/a</nvram></os></domain>".to_owned(),
                Some(false),
            ),
            ("<broken /p/a".to_owned(), Some(true)),
        ] {
            assert_eq!(uses(&xml, &[asked()]), [found], "{xml}");
        }
    }

    #[test]
    fn several_files_are_looked_for_at_once() {
        let other = Asked {
            path: "/base".to_owned(),
            named: None,
        };
        let xml = "<domain><title>/a</title><devices><disk><source file='/top'/><backingStore><source file='/base'/>\
            </backingStore></disk></devices></domain>";
        assert_eq!(uses(xml, &[asked(), other]), [None, Some(false)]);
    }

    #[test]
    fn the_base_of_a_volume_is_its_backing_store() {
        let xml = "<volume><target><path>/top</path></target><backingStore><path>/base</path></backingStore></volume>";
        assert_eq!(backing(xml).as_deref(), Some("/base"));
        assert_eq!(backing("<volume/>"), None);
    }

    #[test]
    fn who_needs_it_is_said_in_words() {
        let domain = |active| User::Domain {
            name: "db".to_owned(),
            active,
            writes: true,
        };
        let snapshot = User::Snapshot {
            domain: "db".to_owned(),
            name: "s".to_owned(),
        };
        let volume = User::Volume("/p/top".to_owned());
        for (user, words, brief) in [
            (domain(true), "used by the running domain 'db'", "domain db"),
            (domain(false), "used by the domain 'db'", "domain db"),
            (
                snapshot,
                "needed by the snapshot 's' of the domain 'db'",
                "snapshot s of db",
            ),
            (
                volume,
                "what /p/top is based on",
                "volume /p/top is based on it",
            ),
        ] {
            assert_eq!(
                (user.words(), user.brief()),
                (words.to_owned(), brief.to_owned())
            );
        }
    }
}
