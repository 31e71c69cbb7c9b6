//! What is said of something that is done to a disk, before it is done.

use crate::app::State;
use crate::model::{DiskFacts, DomainId};
use crate::protocol::{DiskVerb, LongKind, Medium};
use crate::text;

/// What a verb about a disk means for it, a sentence a line; untrusted names are in it.
pub(in crate::app) fn meaning(state: &State, id: DomainId, verb: &DiskVerb) -> Vec<String> {
    let disk = |target: &str| known(state, id, target);
    let file = |target: &str| match disk(target).and_then(|disk| disk.layers.first()) {
        Some(layer) => format!("{target}, {}", layer.source),
        None => target.to_owned(),
    };
    match verb {
        DiskVerb::Detach(target, _) => vec![format!("Disk: {}.", file(target))],
        DiskVerb::Media {
            target,
            medium,
            force: true,
            ..
        } => {
            let new = match medium {
                Medium::Eject => "It is empty then.".to_owned(),
                Medium::Insert(path) | Medium::Update(path) => format!("{path} is put in."),
            };
            vec![
                format!("Drive: {}. {new}", file(target)),
                "FORCED: the tray opens although the guest has locked it; what it has open is lost."
                    .to_owned(),
            ]
        }
        DiskVerb::Resize {
            target,
            bytes,
            shrink: true,
        } => {
            let present = disk(target)
                .and_then(|disk| disk.layers.first())
                .and_then(|layer| layer.capacity_bytes);
            let now = present.map_or_else(String::new, |now| {
                format!(" It has {} now.", text::bytes(now))
            });
            let new = bytes.map_or_else(|| "the size of its device".to_owned(), text::bytes);
            vec![
                format!("Disk: {}.{now}", file(target)),
                format!("CUT OFF: all that lies behind {new}."),
            ]
        }
        DiskVerb::Commit(commit) if commit.delete => vec![
            format!("Disk: {}.", file(&commit.target)),
            "DELETED: the files of the layers that are not needed any more.".to_owned(),
        ],
        DiskVerb::Copy(copy) if copy.reuse_external || copy.block_device => {
            vec![
                format!("Disk: {}.", file(&copy.target)),
                format!("WRITTEN OVER: {}.", copy.dest),
            ]
        }
        DiskVerb::EndJob {
            target,
            pivot: false,
            ..
        } => {
            let job = job(state, id, target).unwrap_or_else(|| "A block job".to_owned());
            let mirror = disk(target).and_then(|disk| disk.mirror.as_ref());
            let copy = match mirror {
                Some(mirror) if !mirror.source.is_empty() => {
                    format!(" What was written to {} so far stays there.", mirror.source)
                }
                _ => String::new(),
            };
            vec![
                format!("Job: {job} of {}.", file(target)),
                format!("The guest goes on with the disk as it is.{copy}"),
            ]
        }
        DiskVerb::AbortJob => {
            let mut jobs = state.long.of(id);
            let told = jobs.find(|one| matches!(one.job.kind, LongKind::Domain(_)));
            let words = told.map(|one| {
                let part = one.part().map_or_else(String::new, |part| {
                    format!(", {} done", text::percent(part * 100.0).trim())
                });
                format!("Job: {}{part}.", one.job.kind.label())
            });
            words.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What the present page knows of a disk, if it shows it.
fn known<'a>(state: &'a State, id: DomainId, target: &str) -> Option<&'a DiskFacts> {
    let (of, read) = state.looked_at.as_ref()?;
    let mut disks = read.disks.iter().filter(|_| *of == id);
    disks.find(|disk| disk.target == target)
}

fn job(state: &State, id: DomainId, target: &str) -> Option<String> {
    let one = state.job_on_disk(id, target)?;
    let part = one.part().map_or_else(String::new, |part| {
        format!(", {} done,", text::percent(part * 100.0).trim())
    });
    Some(format!("{}{part}", one.job.kind.label()))
}
