//! What is in the way of doing something to a disk: others that need its files.

use super::disks;
use super::ffi::{Domain, Error, Result};
use super::file_users::{self, Asked, Beside};
use crate::model::DiskFacts;
use crate::protocol::{Commit, DiskCopy, DiskVerb, FileUser, NewDisk};

/// Others are named up to this number.
const NAMED: usize = 5;

/// Refuses what would write into a file that somebody else needs.
///
/// # Errors
/// Who needs it, or why that could not be found out.
pub fn check(domain: &Domain, verb: &DiskVerb) -> Result<()> {
    match verb {
        DiskVerb::Attach(disk, _) => attach(domain, disk),
        DiskVerb::Commit(commit) => self::commit(domain, commit),
        DiskVerb::Copy(copy) => self::copy(domain, copy),
        DiskVerb::Resize {
            target,
            shrink: true,
            ..
        } => {
            let disk = chain(domain, target)?;
            let top: Vec<String> = sources(&disk).take(1).collect();
            refuse(domain, &top, &top, |others| {
                format!("{target} may not get smaller: {others}; nothing was done")
            })
        }
        _ => Ok(()),
    }
}

/// Says no when others need one of these files.
/// Layers of `chain` are no others.
fn refuse(
    domain: &Domain,
    paths: &[String],
    chain: &[String],
    words: impl Fn(String) -> String,
) -> Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    let connection = domain.connection();
    file_users::refresh(connection, paths);
    let asked: Vec<_> = paths
        .iter()
        .map(|path| Asked::at(connection, path))
        .collect();
    let beside = Beside {
        own: Some(domain.uuid()?),
        chain,
    };
    let users: Vec<FileUser> = file_users::of(connection, &asked, beside)?
        .into_iter()
        .map(FileUser::from)
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    Err(Error::own(words(named(&users))))
}

/// The others, in words.
fn named(users: &[FileUser]) -> String {
    let each = users
        .iter()
        .take(NAMED)
        .map(|one| format!("{} ({})", one.path, one.user));
    let mut words: Vec<String> = each.collect();
    if let Some(more) = users.len().checked_sub(NAMED).filter(|more| *more > 0) {
        words.push(format!("and {more} more"));
    }
    format!("others need {}", words.join(", "))
}

/// A disk of the running domain with its whole chain.
fn chain(domain: &Domain, target: &str) -> Result<DiskFacts> {
    let read = disks::read(domain, false, true)?;
    let known: Vec<_> = read.disks.iter().map(|disk| disk.target.clone()).collect();
    let found = read.disks.into_iter().find(|disk| {
        disk.target == target
            || disk
                .layers
                .first()
                .is_some_and(|layer| layer.source == target)
    });
    found.ok_or_else(|| {
        Error::own(format!(
            "it has no disk '{target}': its disks are {}",
            known.join(", ")
        ))
    })
}

fn sources(disk: &DiskFacts) -> impl Iterator<Item = String> {
    disk.layers.iter().map(|layer| layer.source.clone())
}

/// A disk that is written by two does not survive.
fn attach(domain: &Domain, disk: &NewDisk) -> Result<()> {
    let reads = disk.readonly || disk.shareable || disk.device.as_deref() == Some("cdrom");
    let Some(source) = disk.source.as_ref().filter(|_| !reads) else {
        return Ok(());
    };
    let own = disks::read(domain, false, true)?;
    if let Some(known) = own
        .disks
        .iter()
        .find(|known| sources(known).any(|path| path == *source))
    {
        return Err(Error::own(format!(
            "{source} is a layer of its disk {} already; nothing was done",
            known.target
        )));
    }
    let source = std::slice::from_ref(source);
    refuse(domain, source, source, |others| {
        format!(
            "{others}: a disk that two write to does not survive; nothing was done \
             (--mode readonly lets it be read, --mode shareable is for guests that agree on who writes)"
        )
    })
}

/// The layers that a commit writes to or that are not valid any more afterwards, `top` to `base`.
fn concerned(disk: &DiskFacts, commit: &Commit) -> Vec<String> {
    let place = |name: &str| {
        disk.layers.iter().position(|layer| {
            layer.source == name
                || layer
                    .index
                    .is_some_and(|index| format!("{}[{index}]", disk.target) == name)
        })
    };
    let last = disk.layers.len().saturating_sub(1);
    let top = commit.top.as_deref().map_or(Some(0), place);
    let base = match (&commit.base, commit.shallow) {
        (Some(name), _) => place(name),
        (None, true) => top.map(|top| top + 1),
        (None, false) => Some(last),
    };
    // A name that is not known is libvirt's to refuse; until then all are meant.
    let (top, base) = (top.unwrap_or(0), base.unwrap_or(last).min(last));
    sources(disk)
        .skip(top)
        .take((base + 1).saturating_sub(top))
        .collect()
}

fn commit(domain: &Domain, commit: &Commit) -> Result<()> {
    let disk = chain(domain, &commit.target)?;
    let paths = concerned(&disk, commit);
    let own: Vec<String> = sources(&disk).collect();
    refuse(domain, &paths, &own, |others| {
        format!(
            "{others}, and would read damaged data after the commit; nothing was done \
             (blockpull brings the data up into this disk instead and leaves the layers below as they are; \
             vol-delete deletes a volume that nobody has, such as an earlier commit leaves)"
        )
    })
}

fn copy(domain: &Domain, copy: &DiskCopy) -> Result<()> {
    if !(copy.reuse_external || copy.block_device) {
        // libvirt refuses a file that is there.
        return Ok(());
    }
    let own = disks::read(domain, false, true)?;
    if let Some(disk) = own
        .disks
        .iter()
        .find(|disk| sources(disk).any(|path| path == copy.dest))
    {
        return Err(Error::own(format!(
            "{} is a layer of its disk {} and cannot be written over; nothing was done",
            copy.dest, disk.target
        )));
    }
    let dest = std::slice::from_ref(&copy.dest);
    refuse(domain, dest, dest, |others| {
        format!("{others}: it would be written over; nothing was done")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DiskLayer;

    fn disk() -> DiskFacts {
        let layer = |index, source: &str| DiskLayer {
            index: Some(index),
            source: source.to_owned(),
            ..DiskLayer::default()
        };
        DiskFacts {
            target: "vda".to_owned(),
            layers: vec![layer(1, "/top"), layer(3, "/middle"), layer(2, "/base")],
            ..DiskFacts::default()
        }
    }

    #[test]
    fn a_commit_concerns_the_layers_from_its_top_to_its_base() {
        let concerned = |base: Option<&str>, top: Option<&str>, shallow| {
            let commit = Commit {
                base: base.map(str::to_owned),
                top: top.map(str::to_owned),
                shallow,
                ..Commit::default()
            };
            super::concerned(&disk(), &commit)
        };
        assert_eq!(concerned(None, None, false), ["/top", "/middle", "/base"]);
        assert_eq!(concerned(None, None, true), ["/top", "/middle"]);
        assert_eq!(concerned(None, Some("vda[3]"), true), ["/middle", "/base"]);
        assert_eq!(concerned(Some("/middle"), None, false), ["/top", "/middle"]);
        assert_eq!(
            concerned(Some("/unknown"), Some("/middle"), false),
            ["/middle", "/base"]
        );
        assert_eq!(
            concerned(Some("/base"), Some("/unknown"), false),
            ["/top", "/middle", "/base"]
        );
        // Nonsense that libvirt refuses does not break here.
        assert!(concerned(Some("/top"), Some("/base"), false).is_empty());
    }

    #[test]
    fn not_all_of_many_others_are_named() {
        let users: Vec<_> = (0..7)
            .map(|number| FileUser {
                path: "/base".to_owned(),
                user: format!("domain d{number}"),
                volume: None,
            })
            .collect();
        let words = named(&users);
        assert!(
            words.contains("domain d4") && !words.contains("domain d5"),
            "{words}"
        );
        assert!(words.ends_with("and 2 more"), "{words}");
    }
}
