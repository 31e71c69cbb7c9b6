//! `virtty host`: what a host is, and whether it is right for virtual machines.

use std::io::Write as _;

use serde::Serialize;

use super::args::{Cli, HostArguments};
use super::hosts::Hosts;
use super::output::{self, Output};
use super::{Error, Exit, Problem};
use crate::hostfacts::{Check, Facts, HostReport, HostWish, Keeping, Knob, Verdict};
use crate::protocol::HostFiles;
use crate::text::{bytes, visible};

/// What is printed of one connection.
#[derive(Serialize)]
struct Told<'a> {
    connection: &'a str,
    facts: &'a Facts,
    checks: &'a [Check],
}

pub(super) fn run(cli: &Cli, arguments: &HostArguments, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let files = match arguments.files_over_ssh || hosts.host_settings.files_over_ssh {
        true => HostFiles::OverSsh,
        false => HostFiles::OfThisMachine,
    };
    if [&arguments.set, &arguments.keep, &arguments.forget]
        .iter()
        .any(|list| !list.is_empty())
    {
        return change(&hosts, arguments, files, out);
    }
    let mut incomplete = hosts.incomplete;
    let mut read = Vec::new();
    for host in &hosts.open {
        match host.session.host_report(arguments.root.clone(), files) {
            Ok(report) => read.push((host.uri.as_str(), report)),
            Err(failure) if hosts.several() => {
                incomplete = true;
                Error::from(failure).print();
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    if arguments.json {
        let told: Vec<_> = read
            .iter()
            .map(|(connection, report)| Told {
                connection,
                facts: &report.facts,
                checks: &report.checks,
            })
            .collect();
        match told.as_slice() {
            [only] if !hosts.several() => output::json(out, only)?,
            several => output::json(out, &several)?,
        }
    } else {
        for (connection, report) in &read {
            print(connection, report, out)?;
        }
    }
    if incomplete {
        return Err(Problem::AlreadyTold);
    }
    let fails = |report: &HostReport| report.checks.iter().any(|c| c.result == Verdict::Fail);
    if read.iter().any(|(_, report)| fails(report)) {
        return Err(Problem::Silent(Exit::Failed));
    }
    Ok(())
}

/// Changes hosts: all wishes are understood before the first is done, and what fails ends it.
fn change(
    hosts: &Hosts,
    arguments: &HostArguments,
    files: HostFiles,
    out: &mut Output,
) -> Result<(), Problem> {
    let mut wishes: Vec<(&super::hosts::Host, HostWish)> = Vec::new();
    for host in &hosts.open {
        let facts = host.session.host_report(None, files)?.facts;
        let knobs = Knob::all(&facts);
        let find = |word: &str| {
            let found = knobs.iter().find(|(knob, _)| knob.word() == word);
            found.map(|(knob, _)| knob).ok_or_else(|| {
                let known: Vec<_> = knobs.iter().map(|(knob, _)| knob.word()).collect();
                let why = match known.is_empty() {
                    true => "nothing of this host can be set from here".to_owned(),
                    false => format!(
                        "'{word}' is no value of this host; there are {}",
                        known.join(", ")
                    ),
                };
                Error::new(Exit::Usage, why)
            })
        };
        let both = |text: &str| -> Result<(Knob, String), Error> {
            let (word, value) = text.split_once('=').ok_or_else(|| {
                Error::new(
                    Exit::Usage,
                    format!("'{text}' is no VALUE=NEW, as in thp=madvise"),
                )
            })?;
            let knob = find(word)?;
            knob.accepts(value)
                .map_err(|why| Error::new(Exit::Usage, format!("{word}: {why}")))?;
            Ok((knob.clone(), value.to_owned()))
        };
        for text in &arguments.set {
            let (knob, value) = both(text)?;
            wishes.push((host, HostWish::Set(knob, value)));
        }
        for text in &arguments.keep {
            let (knob, value) = both(text)?;
            match knob.keeping(&value, &facts) {
                Some(Keeping::File(kept)) => wishes.push((host, HostWish::Keep(kept))),
                Some(keeping) => {
                    let why = format!(
                        "{} is not virtty's to write; this keeps it: {}",
                        keeping.words(),
                        keeping.shell()
                    );
                    return Err(Error::new(Exit::Failed, why).into());
                }
                None => {
                    return Err(Error::new(Exit::Failed, format!("nothing keeps {text}")).into());
                }
            }
        }
        for word in &arguments.forget {
            let knob = find(word)?;
            let (path, _) = knob.kept(&facts).ok_or_else(|| {
                Error::new(Exit::Failed, format!("no file of virtty's keeps {word}"))
            })?;
            wishes.push((host, HostWish::Forget(path.to_owned())));
        }
    }
    for (host, wish) in wishes {
        let line = wish.line(host.uri.as_str());
        writeln!(out, "$ {}", visible(&line))?;
        if !arguments.yes {
            continue;
        }
        host.session.change_host(&wish, files)?;
        writeln!(out, "done: {}", visible(&wish.title()))?;
    }
    if arguments.yes {
        Ok(())
    } else {
        Err(Error::new(
            Exit::Usage,
            "nothing was done: add --yes to do it".to_owned(),
        )
        .into())
    }
}

fn print(connection: &str, report: &HostReport, out: &mut Output) -> Result<(), Problem> {
    writeln!(out, "{}", visible(connection))?;
    for (name, value) in summary(&report.facts) {
        writeln!(out, "  {name:<14}{}", visible(&value))?;
    }
    writeln!(out)?;
    for check in &report.checks {
        writeln!(
            out,
            "{:<8}{}: {}",
            check.result.word(),
            check.name,
            visible(&check.evidence)
        )?;
        if !check.consequence.is_empty() {
            writeln!(out, "        {}", visible(&check.consequence))?;
        }
        if let Some(remedy) = &check.remedy {
            writeln!(out, "        $ {}", visible(remedy))?;
        }
    }
    Ok(())
}

/// The facts that one looks for first.
fn summary(facts: &Facts) -> Vec<(&'static str, String)> {
    let dash = || "-".to_owned();
    let kib = |size: Option<u64>| size.map_or_else(dash, |kib| bytes(kib.saturating_mul(1024)));
    let cpu = &facts.cpu;
    let number = |value: Option<u32>| value.map_or_else(dash, |value| value.to_string());
    let mut lines = vec![
        ("CPU", cpu.model.clone().unwrap_or_else(dash)),
        (
            "CPUs",
            format!(
                "{} ({} cells, {} sockets, {} cores, {} threads)",
                number(cpu.cpus),
                number(cpu.cells),
                number(cpu.sockets),
                number(cpu.cores),
                number(cpu.threads)
            ),
        ),
        (
            "Memory",
            format!(
                "{} of {} free",
                kib(facts.memory.free_kib),
                kib(facts.memory.total_kib)
            ),
        ),
    ];
    if facts.files_visible {
        lines.push(("Kernel", facts.kernel.clone().unwrap_or_else(dash)));
    } else {
        let why = facts.files_lost.as_ref().map(|why| format!(": {why}"));
        let why = why.unwrap_or_default();
        lines.push(("Own files", format!("not visible from here{why}")));
    }
    lines
}
