//! Which files nobody needs: what all documents name, against what there is.

use std::collections::HashSet;

use roxmltree::{Document, Node};

use crate::model::{Leftover, LeftoverKind, Pool, StorageVolume};

/// All that documents name.
#[derive(Debug, Default)]
pub struct Named {
    words: HashSet<String>,
    volumes: HashSet<(String, String)>,
    /// Documents that cannot be read, whole.
    unread: Vec<String>,
    /// Snapshots inside of files that domains know: file and name.
    inside: HashSet<(String, String)>,
    /// Names of such whose file is not known.
    anywhere: HashSet<String>,
    /// Domains that were looked at.
    pub domains: usize,
    /// Snapshots of them.
    pub snapshots: usize,
}

impl Named {
    /// Notes every attribute and every text of a document.
    pub fn note(&mut self, xml: &str) {
        let Ok(document) = Document::parse(xml) else {
            self.unread.push(xml.to_owned());
            return;
        };
        for node in document.descendants().filter(Node::is_element) {
            for attribute in node.attributes() {
                self.words.insert(attribute.value().to_owned());
            }
            if let Some(text) = node.text() {
                self.words.insert(text.trim().to_owned());
            }
            if let (Some(pool), Some(volume)) = (node.attribute("pool"), node.attribute("volume")) {
                self.volumes.insert((pool.to_owned(), volume.to_owned()));
            }
        }
    }

    /// Notes that a domain knows a snapshot of this name inside of a file; `None` where it is not known in which.
    pub fn note_inside(&mut self, file: Option<&str>, name: &str) {
        match file {
            Some(file) => drop(self.inside.insert((file.to_owned(), name.to_owned()))),
            None => drop(self.anywhere.insert(name.to_owned())),
        }
    }

    /// Whether a domain knows the snapshot inside of a file.
    #[must_use]
    pub fn has_inside(&self, file: &str, name: &str) -> bool {
        self.inside.contains(&(file.to_owned(), name.to_owned())) || self.anywhere.contains(name)
    }

    /// Whether anything names a path. What could not be read may.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.words.contains(path) || self.unread.iter().any(|xml| xml.contains(path))
    }

    /// Whether anything names a volume, by its path or by pool and name.
    #[must_use]
    pub fn has_volume(&self, pool: &str, volume: &StorageVolume) -> bool {
        let named = (pool.to_owned(), volume.name.clone());
        self.has(&volume.path) || self.volumes.contains(&named)
    }
}

/// Volumes that neither a document nor another volume needs. Only files: a logical volume or a partition may be anybody's.
#[must_use]
pub fn leftovers(named: &Named, pools: &[(Pool, Vec<StorageVolume>)]) -> Vec<Leftover> {
    let all = pools.iter().flat_map(|(_, volumes)| volumes);
    let count = all.clone().count();
    let bases: HashSet<&str> = all.filter_map(|volume| volume.backing.as_deref()).collect();
    let mut found = Vec::new();
    for (pool, volumes) in pools.iter().filter(|(pool, _)| pool.has_files()) {
        for volume in volumes {
            let is_file = matches!(volume.kind.as_str(), "file" | "network");
            if !is_file
                || bases.contains(volume.path.as_str())
                || named.has_volume(&pool.name, volume)
            {
                continue;
            }
            let kind = if volume.backing.is_some() {
                LeftoverKind::Overlay
            } else {
                LeftoverKind::Volume
            };
            let mut proof = format!(
                "None of {} domains and {} snapshots names it, none of {count} volumes is based on it",
                named.domains, named.snapshots
            );
            proof.push_str(&match &volume.backing {
                Some(base) => format!("; it is based on {base}."),
                None => ".".to_owned(),
            });
            found.push(Leftover {
                kind,
                path: volume.path.clone(),
                volume: Some((pool.name.clone(), volume.name.clone())),
                inside: None,
                allocation_bytes: volume.allocation_bytes,
                changed: volume.changed,
                proof,
            });
        }
    }
    found
}

/// Snapshots inside of files that no domain knows: such as a deletion of what libvirt remembers alone leaves. `found` has the name
/// and the size of the memory of each.
#[must_use]
pub fn forgotten(
    named: &Named,
    pool: &Pool,
    volume: &StorageVolume,
    found: &[(String, u64)],
) -> Vec<Leftover> {
    let unknown = found
        .iter()
        .filter(|(name, _)| !named.has_inside(&volume.path, name));
    unknown
        .map(|(name, memory)| Leftover {
            kind: LeftoverKind::Snapshot,
            path: volume.path.clone(),
            volume: Some((pool.name.clone(), volume.name.clone())),
            inside: Some(name.clone()),
            allocation_bytes: Some(*memory).filter(|bytes| *bytes > 0),
            changed: volume.changed,
            proof: format!(
                "The file has a snapshot '{name}' of which none of {} domains knows. Its memory counts here, its disk lies among the \
                 rest of the file.",
                named.domains
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PoolState, Uuid};

    #[test]
    fn a_snapshot_inside_is_forgotten_when_no_domain_knows_it_there() {
        let mut named = Named::default();
        named.note_inside(Some("/p/a"), "kept");
        named.note_inside(None, "somewhere");
        let found = [("kept", 7), ("somewhere", 0), ("alone", 9), ("off", 0)];
        let found = found.map(|(name, memory)| (name.to_owned(), memory));
        let left = |name: &str| {
            forgotten(&named, &pool("p", "dir"), &volume(name, None), &found)
                .into_iter()
                .map(|one| (one.inside.unwrap(), one.allocation_bytes))
                .collect::<Vec<_>>()
        };
        let (alone, off) = (("alone".to_owned(), Some(9)), ("off".to_owned(), None));
        assert_eq!(left("a"), [alone.clone(), off.clone()]);
        assert_eq!(left("b"), [("kept".to_owned(), Some(7)), alone, off]);
    }

    fn pool(name: &str, kind: &str) -> Pool {
        Pool {
            uuid: Uuid([1; 16]),
            name: name.to_owned(),
            kind: kind.to_owned(),
            state: PoolState::Running,
            persistent: None,
            autostart: None,
            capacity_bytes: None,
            allocation_bytes: None,
            available_bytes: None,
            volumes: None,
            path: None,
            source: None,
        }
    }

    fn volume(name: &str, backing: Option<&str>) -> StorageVolume {
        StorageVolume {
            name: name.to_owned(),
            path: format!("/p/{name}"),
            kind: "file".to_owned(),
            backing: backing.map(|base| format!("/p/{base}")),
            ..StorageVolume::default()
        }
    }

    #[test]
    fn only_what_nobody_names_is_left_over() {
        let mut named = Named::default();
        named.note(
            "<domain><disk><source file='/p/used'/></disk><os><nvram>/p/vars</nvram></os></domain>",
        );
        named.note("<domain><disk><source pool='p' volume='by-name'/></disk></domain>");
        named.note("<broken /p/unclear");
        let mut folder = volume("folder", None);
        folder.kind = "dir".to_owned();
        let volumes = vec![
            volume("used", Some("base")),
            volume("base", None),
            volume("vars", None),
            volume("by-name", None),
            volume("unclear", None),
            volume("alone", None),
            volume("overlay", Some("base")),
            folder,
        ];
        let pools = [
            (pool("p", "dir"), volumes),
            (pool("vg", "logical"), vec![volume("root", None)]),
        ];
        let found = leftovers(&named, &pools);
        let names: Vec<_> = found
            .iter()
            .map(|one| (one.kind, one.path.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                (LeftoverKind::Volume, "/p/alone"),
                (LeftoverKind::Overlay, "/p/overlay")
            ]
        );
        assert!(found[1].proof.contains("based on /p/base"));
    }
}
