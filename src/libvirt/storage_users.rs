//! Who needs a file: domains, their snapshots, volumes that are based on it. Asked right before something is done that
//! would hurt them.

use roxmltree::{Document, Node};

use super::ffi::{Connection, Filter, Result};
use super::volumes;
use crate::protocol::XmlKind;

/// A volume that is asked about: its path, and how domains of its host may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its path.
    pub path: String,
    /// Pool and name.
    pub named: Option<(String, String)>,
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
}

/// All who need a volume. Documents that cannot be read are searched as text, since too careful is better here.
///
/// # Errors
/// libvirt's own, when domains cannot be listed: then nothing may be done.
pub fn of(connection: &Connection, asked: &Asked) -> Result<Vec<User>> {
    let mut users = Vec::new();
    for domain in connection.list(Filter::ALL)? {
        let name = domain.name().unwrap_or_default();
        let active = domain.state().is_ok_and(|(state, _)| state.is_active());
        let mut found: Option<bool> = None;
        for kind in [XmlKind::Live, XmlKind::Inactive] {
            let Ok(xml) = domain.xml(kind) else { continue };
            if let Some(writes) = uses(&xml, asked) {
                found = Some(found.unwrap_or(false) | writes);
            }
        }
        users.extend(found.map(|writes| User::Domain {
            name: name.clone(),
            active,
            writes,
        }));
        // Drivers without snapshots have none that could need it.
        for record in domain.snapshots().unwrap_or_default() {
            if uses(&record.xml, asked).is_some() && found.is_none() {
                users.push(User::Snapshot {
                    domain: name.clone(),
                    name: record.name.clone(),
                });
            }
        }
    }
    for (volume, xml) in connection.volume_documents()? {
        if volume != asked.path && volumes::backing(&xml).as_deref() == Some(asked.path.as_str()) {
            users.push(User::Volume(volume));
        }
    }
    Ok(users)
}

/// Whether a document needs the volume, and if so, whether it may write it.
fn uses(xml: &str, asked: &Asked) -> Option<bool> {
    let Ok(document) = Document::parse(xml) else {
        return xml.contains(&asked.path).then_some(true);
    };
    let named = |node: &Node<'_, '_>| {
        let by_name = asked.named.as_ref().is_some_and(|(pool, volume)| {
            node.attribute("pool") == Some(pool.as_str())
                && node.attribute("volume") == Some(volume.as_str())
        });
        let by_path = node
            .attributes()
            .any(|attribute| attribute.value() == asked.path);
        let by_text = node.text() == Some(asked.path.as_str());
        by_name || by_path || by_text
    };
    let mut found = None;
    for node in document.descendants().filter(Node::is_element) {
        if !named(&node) {
            continue;
        }
        let disk = node.parent().filter(|parent| parent.has_tag_name("disk"));
        let readonly =
            disk.is_some_and(|disk| disk.children().any(|child| child.has_tag_name("readonly")));
        let top = node.has_tag_name("source") && disk.is_some();
        let writes = top && !readonly;
        found = Some(found.unwrap_or(false) | writes);
    }
    found
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
            assert_eq!(uses(&xml, &asked()), found, "{xml}");
        }
    }
}
