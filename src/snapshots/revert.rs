//! Going back to one.

use super::{REVERTS_EXTERNAL, has_external, list, no_clone, since, version, writable};
use crate::model::Snapshot;
use crate::protocol::DomainSnapshots;

/// What stands in the way of going back to a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Why not, with the way out.
    pub why: String,
    /// External snapshots that are to be deleted before, the uppermost first; empty where that would not help.
    pub above: Vec<String>,
}

/// What stands in the way of going back to a snapshot; `None` when nothing does.
#[must_use]
pub fn obstacle(facts: &DomainSnapshots, wanted: &Snapshot) -> Option<Obstacle> {
    if facts.test {
        return None;
    }
    if has_external(wanted) && !since(facts, REVERTS_EXTERNAL) {
        let files: Vec<_> = wanted
            .files
            .iter()
            .map(|(target, file)| format!("{target}: {file}"))
            .collect();
        let way = no_clone(facts, wanted).unwrap_or_else(|| {
            format!(
                "make a new domain from it (Clone, virtty snapshot clone); its data lie in {}",
                files.join(", ")
            )
        });
        return Some(Obstacle {
            why: format!(
                "the snapshot is {}, and the libvirt of the host{} cannot go back to such a one: {way}",
                wanted.kind.word(),
                version(facts),
            ),
            above: Vec::new(),
        });
    }
    if has_external(wanted) {
        return None;
    }
    let mut above: Vec<String> = Vec::new();
    for disk in writable(facts) {
        let Some(file) = wanted.file(&disk.target) else {
            continue;
        };
        let Some(now) = disk.layers.first().map(|layer| layer.source.as_str()) else {
            continue;
        };
        if now == file {
            continue;
        }
        let overlays = overlays_between(facts, &disk.target, now, file);
        let Some(overlays) = overlays else {
            return Some(Obstacle {
                why: format!(
                    "{} was on {file} when it was taken and is on {now} now, which no external snapshot explains: was it \
                     moved? Going back would leave what is there behind (--force does it all the same)",
                    disk.target
                ),
                above: Vec::new(),
            });
        };
        for name in overlays {
            if !above.contains(&name) {
                above.push(name);
            }
        }
    }
    if above.is_empty() {
        return None;
    }
    let names: Vec<_> = above.iter().map(String::as_str).collect();
    Some(Obstacle {
        why: format!(
            "external snapshots were taken above it ({}): going back would write to the file below them and make theirs \
             worthless. Delete them first, which brings their data down by a block commit (--commit-first does it)",
            list(&names)
        ),
        above,
    })
}

/// External snapshots whose files lead from the one a disk is on down to another; `None` when they do not.
fn overlays_between(
    facts: &DomainSnapshots,
    target: &str,
    from: &str,
    to: &str,
) -> Option<Vec<String>> {
    let mut at = from;
    let mut names = Vec::new();
    while at != to {
        if names.len() > facts.snapshots.len() {
            return None;
        }
        let made = |one: &&Snapshot| {
            one.disks
                .iter()
                .any(|disk| disk.target == target && disk.overlay.as_deref() == Some(at))
        };
        let snapshot = facts.snapshots.iter().find(made)?;
        names.push(snapshot.name.clone());
        at = snapshot.file(target)?;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts, snapshot};
    use super::*;

    #[test]
    fn an_external_one_wants_a_newer_libvirt() {
        let one = snapshot("one", None, "/a", Some("/a.one"));
        let mut facts = facts(
            vec![disk("vda", "qcow2", &["/a.one", "/a"])],
            vec![one.clone()],
        );
        let found = obstacle(&facts, &one).unwrap();
        assert!(
            found.why.contains("(9.0.0) cannot go back") && found.why.contains("vda: /a"),
            "{}",
            found.why
        );
        assert!(found.above.is_empty());
        facts.libvirt = Some(9_009_000);
        assert_eq!(obstacle(&facts, &one), None);
    }

    #[test]
    fn an_internal_one_below_overlays_names_those() {
        let inside = snapshot("inside", None, "/a", None);
        let facts = facts(
            vec![disk("vda", "qcow2", &["/a.two", "/a.one", "/a"])],
            vec![
                inside.clone(),
                snapshot("one", Some("inside"), "/a", Some("/a.one")),
                snapshot("two", Some("one"), "/a.one", Some("/a.two")),
            ],
        );
        let found = obstacle(&facts, &inside).unwrap();
        assert_eq!(found.above, ["two", "one"]);
        assert!(found.why.contains("'two', 'one'"), "{}", found.why);
        let mut back = facts.clone();
        back.disks = vec![disk("vda", "qcow2", &["/a"])];
        assert_eq!(obstacle(&back, &inside), None);
    }

    #[test]
    fn a_disk_that_was_moved_is_not_explained_away() {
        let inside = snapshot("inside", None, "/a", None);
        let facts = facts(
            vec![disk("vda", "qcow2", &["/elsewhere"])],
            vec![inside.clone()],
        );
        let found = obstacle(&facts, &inside).unwrap();
        assert!(found.why.contains("was it moved?") && found.above.is_empty());
        // One whose files lead in a ring ends too.
        let ring = snapshot("ring", None, "/x", Some("/x"));
        let mut facts = facts;
        facts.disks = vec![disk("vda", "qcow2", &["/x"])];
        facts.snapshots = vec![ring, inside.clone()];
        assert!(obstacle(&facts, &inside).unwrap().above.is_empty());
    }
}
