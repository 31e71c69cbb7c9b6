//! Commands that print what there is to know of disks, and of what a domain is busy with.

use std::io::Write as _;

use super::hosts::Host;
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::model::{DiskFacts, Domain};
use crate::protocol::DiskVerb;
use crate::text::{self, visible};
use crate::virsh::Given;

/// Names of these commands.
pub(super) const READING: [&str; 5] = [
    "domblklist",
    "domblkinfo",
    "domblkerror",
    "domjobinfo",
    "blockjob",
];

/// Does one.
pub(super) fn run(
    host: &Host,
    domain: &Domain,
    given: &Given,
    out: &mut Output,
) -> Result<(), Problem> {
    let uuid = domain.id.uuid;
    match given.command.name {
        "domblklist" => list(host, domain, given, out)?,
        "domblkinfo" => {
            let disks = host.session.disks(uuid)?.disks;
            let disk = named(domain, &disks, given.value("device").unwrap_or_default())?;
            let Some(top) = disk.layers.first() else {
                let message = format!("there is no medium in {}", disk.target);
                return Err(Error::new(Exit::Failed, message).into());
            };
            for (label, bytes) in [
                ("Capacity:", top.capacity_bytes),
                ("Allocation:", top.allocation_bytes),
                ("Physical:", top.physical_bytes),
            ] {
                let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
                writeln!(out, "{label:<15} {bytes}")?;
            }
        }
        "domblkerror" => {
            let disks = host.session.disks(uuid)?.disks;
            let mut found = false;
            for disk in &disks {
                if let Some(error) = disk.error {
                    writeln!(out, "{}: {}", visible(&disk.target), error.label())?;
                    found = true;
                }
            }
            if !found {
                writeln!(out, "No errors found")?;
            }
        }
        "domjobinfo" => job(host, domain, out)?,
        _ => {
            let disks = host.session.disks(uuid)?.disks;
            let disk = named(domain, &disks, given.value("path").unwrap_or_default())?;
            match disk.job {
                None => writeln!(out, "No current block job for {}", visible(&disk.target))?,
                Some(job) => {
                    #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
                    let part = match job.end {
                        0 => "-".to_owned(),
                        end => format!("{:.1} %", job.done as f64 * 100.0 / end as f64),
                    };
                    let ready = disk.mirror.as_ref().is_some_and(|mirror| mirror.ready);
                    let ready = if ready { ", ready to pivot" } else { "" };
                    writeln!(out, "{}: {part}{ready}", job.kind.label())?;
                    if job.limit_bps > 0 {
                        writeln!(out, "Limit: {}/s", text::bytes(job.limit_bps))?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn list(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    if given.has("inactive") || !given.has("details") {
        let gone = || Error::new(Exit::NoDomain, format!("domain '{}' is gone", domain.name));
        let definition = host.session.definition(domain.id.uuid)?.ok_or_else(gone)?;
        for disk in &definition.disks {
            let source = disk.source.as_deref().unwrap_or("-");
            writeln!(out, "{:8} {}", visible(&disk.target), visible(source))?;
        }
        return Ok(());
    }
    for disk in host.session.disks(domain.id.uuid)?.disks {
        let top = disk.layers.first();
        let kind = top.map_or("-", |top| top.kind.as_str());
        let source = top.map_or("-", |top| top.source.as_str());
        writeln!(
            out,
            "{:8} {:8} {:8} {}",
            visible(kind),
            visible(&disk.device),
            visible(&disk.target),
            visible(source)
        )?;
        // What lies below is virtty's own to tell.
        for layer in disk.layers.iter().skip(1) {
            writeln!(out, "{:26} └ {}", "", visible(&layer.source))?;
        }
    }
    Ok(())
}

fn named<'a>(domain: &Domain, disks: &'a [DiskFacts], name: &str) -> Result<&'a DiskFacts, Error> {
    let is_named = |disk: &&DiskFacts| {
        disk.target == name || disk.layers.first().is_some_and(|top| top.source == name)
    };
    disks.iter().find(is_named).ok_or_else(|| {
        let known: Vec<_> = disks.iter().map(|disk| disk.target.as_str()).collect();
        let message = format!(
            "domain '{}' has no disk '{name}': its disks are {}",
            domain.name,
            known.join(", ")
        );
        Error::new(Exit::Failed, message)
    })
}

fn job(host: &Host, domain: &Domain, out: &mut Output) -> Result<(), Problem> {
    let Some(job) = host.session.long_job(domain.id.uuid)? else {
        writeln!(out, "Job type:         None")?;
        return Ok(());
    };
    writeln!(out, "Operation:        {}", job.kind.label())?;
    let ms = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
    writeln!(out, "Time elapsed:     {}", ms(job.elapsed_ms))?;
    writeln!(out, "Time remaining:   {}", ms(job.remaining_ms))?;
    if let Some((done, end)) = job.progress {
        writeln!(out, "Data processed:   {done}")?;
        writeln!(out, "Data total:       {end}")?;
    }
    if let Some(speed) = job.speed_bps {
        writeln!(out, "Bandwidth:        {speed} B/s")?;
    }
    Ok(())
}

/// What to say when something was done to a disk.
pub(super) fn done(verb: &DiskVerb, name: &str) -> String {
    match verb {
        DiskVerb::Attach(disk, _) => format!("{} is plugged into {name}.", visible(&disk.target)),
        DiskVerb::Detach(target, _) => {
            format!("{} is out of {name}; its file stays.", visible(target))
        }
        DiskVerb::Media { target, .. } => {
            format!("The medium of {} of {name} is changed.", visible(target))
        }
        DiskVerb::Resize { target, .. } => {
            format!(
                "{} of {name} has its new size; its file systems are grown inside the guest.",
                visible(target)
            )
        }
        DiskVerb::Commit(commit) => job_done(
            "commit",
            &commit.target,
            name,
            commit.wait || commit.pivot || commit.keep_overlay,
        ),
        DiskVerb::Pull { target, wait, .. } => job_done("pull", target, name, *wait),
        DiskVerb::Copy(copy) => job_done(
            "copy",
            &copy.target,
            name,
            copy.wait || copy.pivot || copy.finish,
        ),
        DiskVerb::EndJob {
            target,
            pivot: true,
            ..
        } => {
            format!("{name} goes on with the copy of {}.", visible(target))
        }
        DiskVerb::EndJob { target, .. } => {
            format!("The job on {} of {name} is given up.", visible(target))
        }
        DiskVerb::JobSpeed { target, .. } => {
            format!("The job on {} of {name} has its limit.", visible(target))
        }
        DiskVerb::AbortJob => format!("The job of {name} is given up."),
        DiskVerb::Throttle {
            target, seconds, ..
        } => {
            format!("{} of {name} was limited for {seconds} s.", visible(target))
        }
    }
}

fn job_done(what: &str, target: &str, name: &str, waited: bool) -> String {
    let target = visible(target);
    if waited {
        format!("The {what} of {target} of {name} is done.")
    } else {
        format!("The {what} of {target} of {name} has begun: blockjob shows how far it is.")
    }
}
