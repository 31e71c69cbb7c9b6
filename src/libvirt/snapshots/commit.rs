//! Bringing the data of an external snapshot down into the file below, where libvirt does not do it by itself.

use crate::domxml;
use crate::libvirt::disk_jobs;
use crate::libvirt::ffi::{Domain, Error, Result};
use crate::libvirt::file_users::{self, Asked, Beside};
use crate::model::{DiskFacts, Snapshot};
use crate::protocol::{Commit, DiskVerb, DomainSnapshots, XmlKind};

/// What is to be committed on one disk.
struct Plan {
    commit: Commit,
    /// The file that goes.
    overlay: String,
    /// The file that takes its data.
    base: String,
}

/// Brings down what the domain has written since the snapshot, on each of its disks.
///
/// # Errors
/// libvirt's own, or why that would spoil what others have; nothing was done then.
pub fn down(domain: &Domain, snapshot: &Snapshot) -> Result<()> {
    let xml = domain.xml(XmlKind::Live)?;
    let present = domxml::disks(&xml).map_err(|error| Error::own(error.to_string()))?;
    let mut plans = Vec::new();
    for disk in &snapshot.disks {
        let Some(overlay) = &disk.overlay else {
            continue;
        };
        let facts = present.iter().find(|facts| facts.target == disk.target);
        plans.push(plan(facts, &disk.target, overlay).map_err(Error::own)?);
    }
    let files: Vec<String> = plans
        .iter()
        .flat_map(|plan| [plan.base.clone(), plan.overlay.clone()])
        .collect();
    let own: Vec<String> = present
        .iter()
        .flat_map(|disk| &disk.layers)
        .map(|layer| layer.source.clone())
        .collect();
    // What is written into the base would be pulled from under everybody else that stands on it.
    let connection = domain.connection();
    let asked: Vec<_> = files
        .iter()
        .map(|path| Asked::at(connection, path))
        .collect();
    let beside = Beside {
        own: Some(domain.uuid()?),
        chain: &own,
    };
    if let Some(other) = file_users::of(connection, &asked, beside)?.first() {
        return Err(Error::own(format!(
            "{} would change, and it is {}: nothing was done",
            other.path,
            other.user.words()
        )));
    }
    for plan in plans {
        disk_jobs::perform(domain, &DiskVerb::Commit(Box::new(plan.commit)), || {})?;
        remove(domain, &plan.overlay);
    }
    Ok(())
}

fn plan(
    facts: Option<&DiskFacts>,
    target: &str,
    overlay: &str,
) -> std::result::Result<Plan, String> {
    let facts = facts
        .ok_or_else(|| format!("its disk {target} is gone; --metadata forgets the snapshot"))?;
    let at = facts
        .layers
        .iter()
        .position(|layer| layer.source == overlay);
    let Some(at) = at else {
        return Err(format!(
            "{overlay} is not below {target}, which is on {} now: was the disk moved, or the file committed already? \
             --metadata forgets the snapshot",
            facts
                .layers
                .first()
                .map_or("nothing", |layer| &layer.source)
        ));
    };
    let Some(base) = facts.layers.get(at + 1) else {
        return Err(format!(
            "there is nothing below {overlay} that could take its data"
        ));
    };
    let name = |at: usize| match facts.layers.get(at).and_then(|layer| layer.index) {
        Some(index) => format!("{target}[{index}]"),
        None => facts
            .layers
            .get(at)
            .map_or_else(String::new, |layer| layer.source.clone()),
    };
    Ok(Plan {
        commit: Commit {
            target: target.to_owned(),
            base: Some(name(at + 1)),
            top: (at > 0).then(|| name(at)),
            active: at == 0,
            pivot: at == 0,
            wait: true,
            ..Commit::default()
        },
        overlay: overlay.to_owned(),
        base: base.source.clone(),
    })
}

/// Deletes a file that nothing needs any more, where a pool knows it. It is no failure when it stays.
pub fn remove(domain: &Domain, path: &str) {
    let connection = domain.connection();
    // A pool learns of files that it did not make by a look at its folder.
    if let Ok(folders) = connection.pool_folders() {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        for (target, pool) in folders {
            if Some(target.trim_end_matches('/')) == folder {
                let _ = connection.pool_fill(&pool, true);
            }
        }
    }
    let gone = connection.volume(path).and_then(|volume| volume.delete());
    if let Err(error) = gone {
        tracing::warn!("{path} is not needed any more and stays: {error}");
    }
}

/// Those right below name the file that is gone as the one their disks were on: they are told the other one.
pub fn follow(domain: &Domain, known: &DomainSnapshots, gone: &Snapshot) {
    for child in &known.snapshots {
        if child.parent.as_deref() != Some(gone.name.as_str()) {
            continue;
        }
        let mut changes = Vec::new();
        for disk in &gone.disks {
            if let (Some(overlay), Some(base)) = (&disk.overlay, gone.file(&disk.target)) {
                changes.push((overlay.clone(), base.to_owned()));
            }
        }
        let done = super::edit::with_files(domain, &child.name, &changes);
        if let Err(error) = done {
            tracing::warn!(
                "the snapshot '{}' still names a file that is gone: {error}",
                child.name
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DiskLayer;

    fn disk(files: &[&str]) -> DiskFacts {
        DiskFacts {
            target: "vda".to_owned(),
            layers: files
                .iter()
                .enumerate()
                .map(|(at, file)| DiskLayer {
                    source: (*file).to_owned(),
                    index: u32::try_from(files.len() - at).ok(),
                    ..DiskLayer::default()
                })
                .collect(),
            ..DiskFacts::default()
        }
    }

    #[test]
    fn the_active_file_pivots_and_one_in_between_does_not() {
        let chain = disk(&["/a.two", "/a.one", "/a"]);
        let top = plan(Some(&chain), "vda", "/a.two").unwrap();
        assert!(top.commit.active && top.commit.pivot && top.commit.top.is_none());
        assert_eq!(top.commit.base.as_deref(), Some("vda[2]"));
        let middle = plan(Some(&chain), "vda", "/a.one").unwrap();
        assert_eq!(
            (
                middle.commit.top.as_deref(),
                middle.commit.base.as_deref(),
                middle.commit.active
            ),
            (Some("vda[2]"), Some("vda[1]"), false)
        );
        assert_eq!(
            (middle.overlay.as_str(), middle.base.as_str()),
            ("/a.one", "/a")
        );
        assert!(plan(Some(&chain), "vda", "/a").is_err_and(|why| why.contains("nothing below")));
        assert!(plan(Some(&chain), "vda", "/b").is_err_and(|why| why.contains("is not below vda")));
        assert!(plan(None, "vda", "/b").is_err_and(|why| why.contains("gone")));
    }
}
