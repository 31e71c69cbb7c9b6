//! Making new domains from one.

use super::{has_external, has_internal};
use crate::model::{Snapshot, SnapshotKind};
use crate::protocol::DomainSnapshots;

/// Why no domain can be made from a snapshot, with the way out; `None` where one can.
#[must_use]
pub fn no_clone(facts: &DomainSnapshots, snapshot: &Snapshot) -> Option<String> {
    let name = &snapshot.name;
    if facts.test {
        return Some("libvirt's test driver keeps no data in its snapshots".to_owned());
    }
    if snapshot.kind == SnapshotKind::Mixed {
        return Some(format!(
            "'{name}' is internal in one part and external in another: its disks cannot be had as they were then"
        ));
    }
    if snapshot.disks.is_empty() {
        return Some(format!("no disk is in '{name}': there is nothing to copy"));
    }
    for disk in &snapshot.disks {
        let target = &disk.target;
        let Some(file) = snapshot.file(target) else {
            return Some(format!("'{name}' does not say where {target} was"));
        };
        let written = facts
            .disks
            .iter()
            .any(|now| now.layers.first().is_some_and(|layer| layer.source == file));
        match (disk.overlay.is_some() || !has_internal(snapshot), written) {
            (true, true) => {
                return Some(format!(
                    "{target} is on {file} itself again, which has been written since '{name}': what it held then is gone"
                ));
            }
            (false, true) if facts.active => {
                return Some(format!(
                    "the data of '{name}' lie within {file}, which the running domain writes: shut it down first"
                ));
            }
            _ => {}
        }
    }
    None
}

/// Targets of the disks of a snapshot that lie within their own files, and all snapshots that lie there, with theirs.
#[must_use]
pub fn within(
    facts: &DomainSnapshots,
    snapshot: &Snapshot,
) -> (Vec<String>, Vec<(String, Vec<String>)>) {
    if !has_internal(snapshot) {
        return (Vec::new(), Vec::new());
    }
    let inside: Vec<String> = snapshot.targets().into_iter().map(str::to_owned).collect();
    let mut all = Vec::new();
    for one in facts.snapshots.iter().filter(|one| !has_external(one)) {
        let same = |target: &&str| {
            inside.iter().any(|known| known == target)
                && one.file(target).is_some()
                && one.file(target) == snapshot.file(target)
        };
        let targets: Vec<String> = one
            .targets()
            .into_iter()
            .filter(same)
            .map(str::to_owned)
            .collect();
        if !targets.is_empty() {
            all.push((one.name.clone(), targets));
        }
    }
    (inside, all)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts, snapshot};
    use super::*;

    #[test]
    fn a_file_that_has_been_written_since_is_not_what_it_was() {
        let one = snapshot("one", None, "/a", Some("/a.one"));
        let mut known = facts(
            vec![disk("vda", "qcow2", &["/a.one", "/a"])],
            vec![one.clone()],
        );
        assert_eq!(no_clone(&known, &one), None);
        // Its data were committed, and the domain writes to the file again.
        known.disks = vec![disk("vda", "qcow2", &["/a"])];
        let why = no_clone(&known, &one).unwrap();
        assert!(why.contains("written since 'one'"), "{why}");
    }

    #[test]
    fn what_lies_within_a_disk_is_had_while_nobody_writes_it() {
        let one = snapshot("one", None, "/a", None);
        let two = snapshot("two", Some("one"), "/a", None);
        let mut elsewhere = snapshot("elsewhere", None, "/b", None);
        let mut known = facts(
            vec![disk("vda", "qcow2", &["/a"])],
            vec![one.clone(), two, elsewhere.clone()],
        );
        assert!(
            no_clone(&known, &one)
                .unwrap()
                .contains("shut it down first")
        );
        known.active = false;
        assert_eq!(no_clone(&known, &one), None);
        let (inside, all) = within(&known, &one);
        assert_eq!(inside, ["vda"]);
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["one", "two"]);
        // Below an overlay nobody writes it either.
        known.active = true;
        known.disks = vec![disk("vda", "qcow2", &["/a.s", "/a"])];
        assert_eq!(no_clone(&known, &one), None);
        elsewhere.disks.clear();
        assert!(
            no_clone(&known, &elsewhere)
                .unwrap()
                .contains("no disk is in")
        );
    }
}
