//! Snapshots of a domain.

/// A snapshot as libvirt remembers it (libvirt's formatsnapshot).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, which is unique within its domain.
    pub name: String,
    /// Name of the one it was taken above.
    pub parent: Option<String>,
    /// When, in seconds since 1970.
    pub created: Option<i64>,
    /// What the domain did, in libvirt's words: `running`, `paused`, `shutoff`, `disk-snapshot`, …
    pub state: String,
    /// Where the data are.
    pub kind: SnapshotKind,
    /// Whether the memory is in it.
    pub memory: bool,
    /// Whether the domain goes on from it.
    pub current: bool,
    /// Any text.
    pub description: Option<String>,
    /// The disks that are in it, and where.
    pub disks: Vec<SnapshotDisk>,
    /// Files that the disks of the domain were on when it was taken: target and path; untrusted.
    pub files: Vec<(String, String)>,
    /// The file on the host that holds the memory, of an external one.
    pub memory_file: Option<String>,
}

impl Snapshot {
    /// Targets of the disks that are in it.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        self.disks.iter().map(|disk| disk.target.as_str()).collect()
    }

    /// The file that a disk of the domain was on when it was taken.
    #[must_use]
    pub fn file(&self, target: &str) -> Option<&str> {
        let found = self.files.iter().find(|(known, _)| known == target);
        found.map(|(_, path)| path.as_str())
    }
}

/// A disk in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotDisk {
    /// Its target, such as `vda`.
    pub target: String,
    /// The file that the domain went on in, where its data are external; untrusted.
    pub overlay: Option<String>,
}

/// Where the data of a snapshot are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SnapshotKind {
    /// Within the disks' own files.
    Internal,
    /// In the files below; the domain writes to new ones above.
    External,
    /// Some here, some there.
    Mixed,
}

impl SnapshotKind {
    /// The word for people and for JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
            Self::Mixed => "mixed",
        }
    }
}

/// Snapshots in the order of a tree: each behind its parent, siblings by date and name, with how deep each stands.
///
/// Those whose parent is not there stand at the root; what hangs together in a ring stands there too, so that none is lost.
#[must_use]
pub fn tree(snapshots: &[Snapshot]) -> Vec<(usize, &Snapshot)> {
    use std::collections::{HashMap, HashSet};
    let names: HashSet<&str> = snapshots.iter().map(|one| one.name.as_str()).collect();
    let mut children: HashMap<Option<&str>, Vec<&Snapshot>> = HashMap::new();
    for snapshot in snapshots {
        let parent = snapshot
            .parent
            .as_deref()
            .filter(|parent| names.contains(parent));
        children.entry(parent).or_default().push(snapshot);
    }
    for siblings in children.values_mut() {
        siblings.sort_by(|a, b| {
            // The last goes first, because the list below is taken from its end.
            (b.created, &b.name).cmp(&(a.created, &a.name))
        });
    }
    let mut order = Vec::with_capacity(snapshots.len());
    let mut seen = HashSet::new();
    let mut waiting: Vec<(usize, &Snapshot)> = Vec::new();
    let roots = children.remove(&None).unwrap_or_default();
    waiting.extend(roots.into_iter().map(|root| (0, root)));
    let mut rest = snapshots.iter();
    loop {
        while let Some((depth, snapshot)) = waiting.pop() {
            if !seen.insert(snapshot.name.as_str()) {
                continue;
            }
            order.push((depth, snapshot));
            let below = children.remove(&Some(snapshot.name.as_str()));
            waiting.extend(
                below
                    .unwrap_or_default()
                    .into_iter()
                    .map(|one| (depth + 1, one)),
            );
        }
        match rest.find(|one| !seen.contains(one.name.as_str())) {
            Some(left) => waiting.push((0, left)),
            None => return order,
        }
    }
}

/// A snapshot as it stands in a drawn tree. What follows its parent alone stands below it; only forks take a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<'a> {
    /// Which.
    pub snapshot: &'a Snapshot,
    /// For each fork above: whether more of its branches follow further down.
    pub guides: Vec<bool>,
    /// It begins a branch of a fork, and whether that is the last one.
    pub fork: Option<bool>,
}

/// The tree with the place of each snapshot, in the order of [`tree`].
#[must_use]
pub fn placed(snapshots: &[Snapshot]) -> Vec<Placed<'_>> {
    use std::collections::HashMap;
    let order = tree(snapshots);
    let mut path: Vec<usize> = Vec::new();
    let mut parents = Vec::with_capacity(order.len());
    // How many hang on each, and the last one.
    let mut children: HashMap<Option<usize>, (usize, usize)> = HashMap::new();
    for (at, (depth, _)) in order.iter().enumerate() {
        path.truncate(*depth);
        let parent = path.last().copied();
        path.push(at);
        parents.push(parent);
        let known = children.entry(parent).or_default();
        *known = (known.0 + 1, at);
    }
    let mut places: Vec<Placed<'_>> = Vec::with_capacity(order.len());
    for (at, ((_, snapshot), parent)) in order.into_iter().zip(parents).enumerate() {
        let mut guides = Vec::new();
        if let Some(above) = parent.and_then(|parent| places.get(parent)) {
            guides.clone_from(&above.guides);
            guides.extend(above.fork.map(|last| !last));
        }
        let fork = children
            .get(&parent)
            .filter(|(count, _)| *count > 1)
            .map(|(_, last)| *last == at);
        places.push(Placed {
            snapshot,
            guides,
            fork,
        });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(name: &str, parent: Option<&str>, created: i64) -> Snapshot {
        Snapshot {
            name: name.to_owned(),
            parent: parent.map(str::to_owned),
            created: Some(created),
            state: "running".to_owned(),
            kind: SnapshotKind::Internal,
            memory: true,
            current: false,
            description: None,
            disks: Vec::new(),
            files: Vec::new(),
            memory_file: None,
        }
    }

    #[test]
    fn each_stands_behind_its_parent_and_none_is_lost() {
        let all = [
            snapshot("c", Some("a"), 3),
            snapshot("b", Some("a"), 2),
            snapshot("a", None, 1),
            snapshot("d", Some("b"), 4),
            snapshot("orphan", Some("gone"), 0),
            snapshot("x", Some("y"), 5),
            snapshot("y", Some("x"), 6),
        ];
        let order: Vec<_> = tree(&all)
            .into_iter()
            .map(|(depth, one)| (depth, one.name.as_str()))
            .collect();
        assert_eq!(
            order,
            [
                (0, "orphan"),
                (0, "a"),
                (1, "b"),
                (2, "d"),
                (1, "c"),
                (0, "x"),
                (1, "y")
            ]
        );
    }

    #[test]
    fn only_forks_take_a_column() {
        let all = [
            snapshot("a", None, 1),
            snapshot("b", Some("a"), 2),
            snapshot("c", Some("b"), 3),
            snapshot("c1", Some("c"), 4),
            snapshot("d", Some("b"), 5),
        ];
        let drawn: Vec<_> = placed(&all)
            .into_iter()
            .map(|one| (one.snapshot.name.as_str(), one.guides, one.fork))
            .collect();
        assert_eq!(
            drawn,
            [
                ("a", vec![], None),
                ("b", vec![], None),
                ("c", vec![], Some(false)),
                ("c1", vec![true], None),
                ("d", vec![], Some(true)),
            ]
        );
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let all: Vec<_> = (0..100_000)
            .map(|at: i64| {
                let parent = (at > 0).then(|| (at - 1).to_string());
                snapshot(&at.to_string(), parent.as_deref(), at)
            })
            .collect();
        assert_eq!(tree(&all).last().unwrap().0, 99_999);
    }
}
