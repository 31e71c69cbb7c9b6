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

    /// Whether anything names a path. What could not be read may.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.words.contains(path) || self.unread.iter().any(|xml| xml.contains(path))
    }

    fn has_volume(&self, pool: &str, volume: &StorageVolume) -> bool {
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
                allocation_bytes: volume.allocation_bytes,
                changed: volume.changed,
                proof,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PoolState, Uuid};

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
