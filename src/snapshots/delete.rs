//! Deleting one, or several that hang together.

use super::{
    DELETES_EXTERNAL, REVERTS_EXTERNAL, children, has_external, has_internal, list, named, since,
    writable,
};
use crate::model::{Snapshot, SnapshotKind};
use crate::protocol::{DomainSnapshots, SnapshotDelete};

/// Who deletes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// libvirt, by one call.
    Libvirt,
    /// virtty: its data go down by block commits, then libvirt forgets it.
    Commit,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its exact name.
    pub name: String,
    /// How.
    pub way: Way,
}

/// What is to be done one after the other for a deletion; empty where one call of libvirt's does all of it.
///
/// # Errors
/// Why it cannot be done, with the way out. Nothing has been done then.
pub fn deletion(facts: &DomainSnapshots, delete: &SnapshotDelete) -> Result<Vec<Step>, String> {
    let wanted = named(facts, &delete.name)?;
    if delete.metadata || facts.test {
        return Ok(Vec::new());
    }
    let mut doomed = Vec::new();
    if delete.children || delete.children_only {
        below(facts, &delete.name, &mut doomed);
    }
    if !delete.children_only {
        doomed.push(wanted);
    }
    for one in &doomed {
        if let Some(why) = hindered(facts, one, &doomed) {
            return Err(why);
        }
    }
    if doomed.iter().all(|one| !has_external(one)) {
        return Ok(Vec::new());
    }
    Ok(doomed
        .iter()
        .map(|one| Step {
            name: one.name.clone(),
            way: way(facts, one),
        })
        .collect())
}

/// All that descend from one, each behind those that descend from it.
fn below<'a>(facts: &'a DomainSnapshots, name: &str, found: &mut Vec<&'a Snapshot>) {
    // Breadth first and turned round: no stack of calls, and each stands behind its own.
    let mut order: Vec<&Snapshot> = Vec::new();
    let mut at = 0;
    let mut next = children(facts, name);
    loop {
        for one in next {
            if !order.iter().any(|known| known.name == one.name) && one.name != name {
                order.push(one);
            }
        }
        let Some(one) = order.get(at) else { break };
        next = children(facts, &one.name);
        at += 1;
    }
    found.extend(order.into_iter().rev());
}

fn way(facts: &DomainSnapshots, one: &Snapshot) -> Way {
    if !has_external(one) || since(facts, REVERTS_EXTERNAL) {
        return Way::Libvirt;
    }
    let parent = one
        .parent
        .as_deref()
        .and_then(|name| named(facts, name).ok());
    let on_internal = parent.is_some_and(has_internal);
    match since(facts, DELETES_EXTERNAL) && !on_internal && one.kind == SnapshotKind::External {
        true => Way::Libvirt,
        false => Way::Commit,
    }
}

/// Why one cannot go. Those that go before it are not in its way.
fn hindered(facts: &DomainSnapshots, one: &Snapshot, doomed: &[&Snapshot]) -> Option<String> {
    let stays = |other: &&Snapshot| !doomed.iter().any(|doomed| doomed.name == other.name);
    let name = &one.name;
    if has_external(one) {
        if one.kind == SnapshotKind::Mixed && !since(facts, REVERTS_EXTERNAL) {
            return Some(format!(
                "'{name}' is internal in one part and external in another, which neither libvirt nor a block commit takes away \
                 whole: forget it (--metadata) after bringing its disks down on the page of disks (w)"
            ));
        }
        let overlays: Vec<&str> = one
            .disks
            .iter()
            .filter_map(|disk| disk.overlay.as_deref())
            .collect();
        let inside: Vec<&str> = facts
            .snapshots
            .iter()
            .filter(stays)
            .filter(|other| has_internal(other))
            .filter(|other| {
                other
                    .files
                    .iter()
                    .any(|(_, file)| overlays.contains(&file.as_str()))
            })
            .map(|other| other.name.as_str())
            .collect();
        if !inside.is_empty() {
            return Some(format!(
                "{} within the file of '{name}', which would go: delete {} before",
                match inside.len() {
                    1 => format!("the snapshot {} lies", list(&inside)),
                    _ => format!("the snapshots {} lie", list(&inside)),
                },
                match inside.len() {
                    1 => "that",
                    _ => "those",
                }
            ));
        }
        let above: Vec<&str> = children(facts, name)
            .into_iter()
            .filter(stays)
            .filter(|child| has_external(child))
            .map(|child| child.name.as_str())
            .collect();
        if above.len() > 1 {
            return Some(format!(
                "several branches hang on '{name}' ({}), and each needs its file: delete all but one of them before",
                list(&above)
            ));
        }
        return None;
    }
    // The data of an internal one are looked for in the file that the disk is on now.
    for disk in writable(facts) {
        let now = disk.layers.first().map(|layer| layer.source.as_str());
        let Some(file) = one.file(&disk.target) else {
            continue;
        };
        let in_it = one.disks.iter().any(|part| part.target == disk.target);
        if in_it && Some(file) != now {
            return Some(format!(
                "the data of '{name}' lie in {file}, and {} is on {} now: libvirt would forget it and leave them there. Delete \
                 the external snapshots above it before, which brings their data down",
                disk.target,
                now.unwrap_or("nothing")
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts, snapshot};
    use super::*;

    fn delete(name: &str, children: bool) -> SnapshotDelete {
        SnapshotDelete {
            name: name.to_owned(),
            children,
            ..SnapshotDelete::default()
        }
    }

    fn steps(steps: &[(&str, Way)]) -> Result<Vec<Step>, String> {
        Ok(steps
            .iter()
            .map(|(name, way)| Step {
                name: (*name).to_owned(),
                way: *way,
            })
            .collect())
    }

    #[test]
    fn internal_ones_are_one_call_with_all_below() {
        let facts = facts(
            vec![disk("vda", "qcow2", &["/a"])],
            vec![
                snapshot("a", None, "/a", None),
                snapshot("b", Some("a"), "/a", None),
            ],
        );
        assert_eq!(deletion(&facts, &delete("a", true)), Ok(Vec::new()));
        assert!(
            deletion(&facts, &delete("zz", false))
                .unwrap_err()
                .contains("no snapshot 'zz'")
        );
    }

    #[test]
    fn external_ones_go_leaf_first_and_by_commit_where_libvirt_cannot() {
        let all = vec![
            snapshot("inside", None, "/a", None),
            snapshot("one", Some("inside"), "/a", Some("/a.one")),
            snapshot("two", Some("one"), "/a.one", Some("/a.two")),
        ];
        let mut facts = facts(vec![disk("vda", "qcow2", &["/a.two", "/a.one", "/a"])], all);
        assert_eq!(
            deletion(&facts, &delete("one", true)),
            steps(&[("two", Way::Libvirt), ("one", Way::Commit)])
        );
        assert_eq!(
            deletion(&facts, &delete("two", false)),
            steps(&[("two", Way::Libvirt)])
        );
        // Before 9.0 libvirt deleted none of them.
        facts.libvirt = Some(8_000_000);
        assert_eq!(
            deletion(&facts, &delete("two", false)),
            steps(&[("two", Way::Commit)])
        );
        // Below overlays an internal one cannot go.
        let said = deletion(&facts, &delete("inside", false)).unwrap_err();
        assert!(said.contains("lie in /a, and vda is on /a.two"), "{said}");
        let forget = SnapshotDelete {
            metadata: true,
            ..delete("inside", false)
        };
        assert_eq!(deletion(&facts, &forget), Ok(Vec::new()));
    }

    #[test]
    fn a_file_that_others_need_stays() {
        let mut all = vec![
            snapshot("one", None, "/a", Some("/a.one")),
            snapshot("within", Some("one"), "/a.one", None),
        ];
        let chain = vec![disk("vda", "qcow2", &["/a.one", "/a"])];
        let within = facts(chain.clone(), all.clone());
        let said = deletion(&within, &delete("one", false)).unwrap_err();
        assert!(
            said.contains("'within' lies within the file of 'one'"),
            "{said}"
        );
        // With what hangs on it, it can.
        assert_eq!(
            deletion(&within, &delete("one", true)),
            steps(&[("within", Way::Libvirt), ("one", Way::Libvirt)])
        );
        all[1] = snapshot("left", Some("one"), "/a.one", Some("/a.left"));
        all.push(snapshot("right", Some("one"), "/a.one", Some("/a.right")));
        let forked = facts(chain, all);
        let said = deletion(&forked, &delete("one", false)).unwrap_err();
        assert!(said.contains("'left', 'right'"), "{said}");
    }
}
