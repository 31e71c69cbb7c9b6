//! Other words for one.

use super::{has_internal, named};
use crate::protocol::{DomainSnapshots, SnapshotEdit};

/// Why a snapshot cannot be called or described so; `None` when it can.
#[must_use]
pub fn no_edit(facts: &DomainSnapshots, edit: &SnapshotEdit) -> Option<String> {
    let wanted = match named(facts, &edit.name) {
        Ok(wanted) => wanted,
        Err(why) => return Some(why),
    };
    if edit.rename.is_none() && edit.description.is_none() {
        return Some(
            "say what is to be otherwise: --description TEXT, or --new-name NAME".to_owned(),
        );
    }
    let rename = edit.rename.as_ref()?;
    if *rename == edit.name {
        return None;
    }
    if rename.is_empty() || rename.contains('/') || rename.starts_with('.') {
        return Some(
            "the name of a snapshot is not empty, holds no '/' and does not begin with '.'"
                .to_owned(),
        );
    }
    if facts.snapshots.iter().any(|one| one.name == *rename) {
        return Some(format!("it has a snapshot '{rename}' already"));
    }
    has_internal(wanted).then(|| {
        format!(
            "'{}' is written into the files of its disks by this name, which nothing can change there: an internal snapshot keeps \
             its name; its description can be changed",
            edit.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{disk, facts, snapshot};
    use super::*;

    #[test]
    fn external_ones_alone_take_another_name() {
        let facts = facts(
            vec![disk("vda", "qcow2", &["/a.out", "/a"])],
            vec![
                snapshot("in", None, "/a", None),
                snapshot("out", Some("in"), "/a", Some("/a.out")),
            ],
        );
        let edit = |name: &str, rename: Option<&str>| SnapshotEdit {
            name: name.to_owned(),
            rename: rename.map(str::to_owned),
            description: Some("new words".to_owned()),
        };
        assert_eq!(no_edit(&facts, &edit("in", None)), None);
        assert_eq!(no_edit(&facts, &edit("out", Some("else"))), None);
        for (name, rename, word) in [
            ("in", "else", "keeps its name"),
            ("out", "in", "already"),
            ("out", "a/b", "'/'"),
            ("gone", "x", "no snapshot"),
        ] {
            let said = no_edit(&facts, &edit(name, Some(rename))).unwrap();
            assert!(said.contains(word), "{said}");
        }
    }
}
