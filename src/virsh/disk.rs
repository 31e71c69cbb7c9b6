//! Commands about disks and the jobs on them, and back.

use super::{Given, WordError, kib};
use crate::protocol::{Commit, DiskCopy, DiskVerb, Medium, NewDisk};

/// Bytes of a MiB, in which virsh counts bandwidths.
const MIB: u64 = 1024 * 1024;

/// What a command asks of libvirt: `Ok(None)` for one that is not about disks, or only reads.
pub(super) fn read(given: &Given) -> Result<Option<DiskVerb>, WordError> {
    let has = |name: &str| given.has(name);
    let text = |name: &str| given.value(name).unwrap_or_default().to_owned();
    let some = |name: &str| given.value(name).map(str::to_owned);
    Ok(Some(match given.command.name {
        "attach-disk" => DiskVerb::Attach(
            Box::new(NewDisk {
                source: some("source").filter(|source| !source.is_empty()),
                target: text("target"),
                bus: some("targetbus"),
                device: some("type"),
                format: some("subdriver"),
                cache: some("cache"),
                io: some("io"),
                discard: some("discard"),
                serial: some("serial"),
                readonly: given.value("mode") == Some("readonly"),
                shareable: given.value("mode") == Some("shareable"),
            }),
            super::verb::affect(given)?,
        ),
        "detach-disk" => DiskVerb::Detach(text("target"), super::verb::affect(given)?),
        "change-media" => DiskVerb::Media {
            target: text("path"),
            medium: medium(given)?,
            force: has("force"),
            affect: super::verb::affect(given)?,
        },
        "blockresize" => DiskVerb::Resize {
            target: text("path"),
            bytes: match (given.value("size"), has("capacity")) {
                (Some(_), true) => return Err(WordError::Both("size", "capacity")),
                (None, true) => None,
                (None, false) => {
                    return Err(WordError::Value(
                        "the new size is missing, as in 20G".to_owned(),
                    ));
                }
                (Some(size), false) => {
                    let kib = kib(size).map_err(WordError::Value)?;
                    Some(kib.saturating_mul(1024))
                }
            },
            shrink: has("shrink"),
        },
        "blockcommit" => {
            exclusive(given, "base", "shallow")?;
            exclusive(given, "pivot", "keep-overlay")?;
            DiskVerb::Commit(Box::new(Commit {
                target: text("path"),
                base: some("base"),
                top: some("top"),
                shallow: has("shallow"),
                limit_bps: limit(given)?,
                // virsh takes both for it as well.
                active: has("active") || has("pivot") || has("keep-overlay"),
                delete: has("delete"),
                wait: has("wait"),
                pivot: has("pivot"),
                keep_overlay: has("keep-overlay"),
            }))
        }
        "blockpull" => DiskVerb::Pull {
            target: text("path"),
            base: some("base"),
            limit_bps: limit(given)?,
            wait: has("wait"),
        },
        "blockcopy" => {
            exclusive(given, "pivot", "finish")?;
            DiskVerb::Copy(Box::new(DiskCopy {
                target: text("path"),
                dest: text("dest"),
                format: some("format"),
                block_device: has("blockdev"),
                shallow: has("shallow"),
                reuse_external: has("reuse-external"),
                limit_bps: limit(given)?,
                wait: has("wait"),
                pivot: has("pivot"),
                finish: has("finish"),
            }))
        }
        "blockjob" => {
            exclusive(given, "abort", "pivot")?;
            let target = text("path");
            if has("abort") || has("pivot") || has("async") {
                DiskVerb::EndJob {
                    target,
                    pivot: has("pivot"),
                    in_background: has("async"),
                }
            } else if given.value("bandwidth").is_some() {
                DiskVerb::JobSpeed {
                    target,
                    limit_bps: limit(given)?,
                }
            } else {
                return Ok(None);
            }
        }
        "domjobabort" => DiskVerb::AbortJob,
        _ => return Ok(None),
    }))
}

fn exclusive(given: &Given, one: &'static str, other: &'static str) -> Result<(), WordError> {
    if given.has(one) && given.has(other) {
        return Err(WordError::Both(one, other));
    }
    Ok(())
}

fn medium(given: &Given) -> Result<Medium, WordError> {
    exclusive(given, "eject", "insert")?;
    exclusive(given, "eject", "update")?;
    exclusive(given, "insert", "update")?;
    let source = given.value("source").filter(|source| !source.is_empty());
    Ok(match (source, given.has("eject"), given.has("insert")) {
        (None, true, _) => Medium::Eject,
        (Some(_), true, _) => return Err(WordError::Both("eject", "source")),
        (Some(source), false, true) => Medium::Insert(source.to_owned()),
        (Some(source), false, false) => Medium::Update(source.to_owned()),
        (None, false, _) => {
            return Err(WordError::Value(
                "say what is put in, or --eject".to_owned(),
            ));
        }
    })
}

/// A bandwidth in bytes a second: MiB unless `--bytes` says otherwise.
fn limit(given: &Given) -> Result<u64, WordError> {
    let count = u64::from(given.count("bandwidth")?.unwrap_or_default());
    Ok(if given.has("bytes") {
        count
    } else {
        count * MIB
    })
}

/// The command of a verb.
pub(super) const fn command(verb: &DiskVerb) -> &'static str {
    match verb {
        DiskVerb::Attach(..) => "attach-disk",
        DiskVerb::Detach(..) => "detach-disk",
        DiskVerb::Media { .. } => "change-media",
        DiskVerb::Resize { .. } => "blockresize",
        DiskVerb::Commit(_) => "blockcommit",
        DiskVerb::Pull { .. } => "blockpull",
        DiskVerb::Copy(_) => "blockcopy",
        DiskVerb::EndJob { .. } | DiskVerb::JobSpeed { .. } => "blockjob",
        DiskVerb::AbortJob => "domjobabort",
        DiskVerb::Throttle { .. } => "blkdeviotune",
    }
}

/// Options that ask the same; what virtty alone does is left out.
pub(super) fn words(verb: &DiskVerb, words: &mut super::verb::Words<'_>) {
    match verb {
        DiskVerb::Attach(disk, affect) => {
            words.value("source", disk.source.clone().unwrap_or_default());
            words.value("target", disk.target.clone());
            for (name, value) in [
                ("targetbus", &disk.bus),
                ("type", &disk.device),
                ("subdriver", &disk.format),
                ("cache", &disk.cache),
                ("io", &disk.io),
                ("discard", &disk.discard),
                ("serial", &disk.serial),
            ] {
                words.maybe(name, value.clone());
            }
            let mode = match (disk.readonly, disk.shareable) {
                (true, _) => Some("readonly"),
                (_, true) => Some("shareable"),
                _ => None,
            };
            words.maybe("mode", mode.map(str::to_owned));
            words.affect(*affect);
        }
        DiskVerb::Detach(target, affect) => {
            words.value("target", target.clone());
            words.affect(*affect);
        }
        DiskVerb::Media {
            target,
            medium,
            force,
            affect,
        } => {
            words.value("path", target.clone());
            match medium {
                Medium::Eject => words.flag("eject", true),
                Medium::Insert(source) => {
                    words.flag("insert", true);
                    words.value("source", source.clone());
                }
                Medium::Update(source) => {
                    words.flag("update", true);
                    words.value("source", source.clone());
                }
            }
            words.flag("force", *force);
            words.affect(*affect);
        }
        DiskVerb::Resize { target, bytes, .. } => {
            words.value("path", target.clone());
            match bytes {
                Some(bytes) => words.value("size", super::scaled(bytes.div_ceil(1024))),
                None => words.flag("capacity", true),
            }
        }
        DiskVerb::Commit(commit) => {
            words.value("path", commit.target.clone());
            words.maybe("base", commit.base.clone());
            words.maybe("top", commit.top.clone());
            words.flag("shallow", commit.shallow);
            bandwidth(commit.limit_bps, words);
            words.flag("active", commit.active);
            words.flag("delete", commit.delete);
            words.flag("wait", commit.wait);
            words.flag("pivot", commit.pivot);
            words.flag("keep-overlay", commit.keep_overlay);
        }
        DiskVerb::Pull {
            target,
            base,
            limit_bps,
            wait,
        } => {
            words.value("path", target.clone());
            words.maybe("base", base.clone());
            bandwidth(*limit_bps, words);
            words.flag("wait", *wait);
        }
        DiskVerb::Copy(copy) => {
            words.value("path", copy.target.clone());
            words.value("dest", copy.dest.clone());
            words.maybe("format", copy.format.clone());
            words.flag("blockdev", copy.block_device);
            words.flag("shallow", copy.shallow);
            words.flag("reuse-external", copy.reuse_external);
            bandwidth(copy.limit_bps, words);
            words.flag("transient-job", true);
            words.flag("wait", copy.wait);
            words.flag("pivot", copy.pivot);
            words.flag("finish", copy.finish);
        }
        DiskVerb::EndJob {
            target,
            pivot,
            in_background,
        } => {
            words.value("path", target.clone());
            words.flag("pivot", *pivot);
            words.flag("abort", !*pivot);
            words.flag("async", *in_background);
        }
        DiskVerb::JobSpeed { target, limit_bps } => {
            words.value("path", target.clone());
            if *limit_bps == 0 {
                words.value("bandwidth", "0".to_owned());
            }
            bandwidth(*limit_bps, words);
        }
        DiskVerb::AbortJob => {}
        DiskVerb::Throttle { target, values, .. } => {
            let set = crate::protocol::Tuned::Disk(target.clone());
            for (name, value) in super::tune::words(&set, values) {
                words.value(name, value);
            }
            words.flag("live", true);
        }
    }
}

fn bandwidth(limit_bps: u64, words: &mut super::verb::Words<'_>) {
    if limit_bps == 0 {
        return;
    }
    if limit_bps.is_multiple_of(MIB) {
        words.value("bandwidth", (limit_bps / MIB).to_string());
    } else {
        words.value("bandwidth", limit_bps.to_string());
        words.flag("bytes", true);
    }
}
