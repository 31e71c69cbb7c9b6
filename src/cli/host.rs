//! `virtty host`: what a host is, and whether it is right for virtual machines.

use std::io::Write as _;

use serde::Serialize;

use super::args::{Cli, HostArguments};
use super::hosts::{Host, Hosts};
use super::output::{self, Output};
use super::{Error, Exit, Problem, virsh};
use crate::hostfacts::{
    Check, Facts, HostReport, HostWish, Keeping, KeptFile, Knob, Verdict, fact_words,
};
use crate::protocol::HostFiles;
use crate::text::visible;

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

/// A change of one host, and what takes it back.
struct Change<'a> {
    host: &'a Host,
    wish: HostWish,
    back: Option<HostWish>,
}

/// Changes hosts: all wishes are understood before the first is done; when one fails, those before it are taken back.
fn change(
    hosts: &Hosts,
    arguments: &HostArguments,
    files: HostFiles,
    out: &mut Output,
) -> Result<(), Problem> {
    let mut changes = Vec::new();
    for host in &hosts.open {
        let facts = host.session.host_report(None, files)?.facts;
        let wished = wishes(arguments, &facts)?;
        changes.extend(wished.into_iter().map(|wish| Change {
            host,
            back: taken_back(&wish, &facts),
            wish,
        }));
    }
    for (at, change) in changes.iter().enumerate() {
        let line = change.wish.line(change.host.uri.as_str());
        writeln!(out, "$ {}", visible(&line))?;
        if !arguments.yes {
            continue;
        }
        if let Err(failure) = virsh::change_host(change.host, &change.wish, files) {
            take_back(&changes[..at], files, out)?;
            return Err(failure.into());
        }
        writeln!(out, "done: {}", visible(&change.wish.title()))?;
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

/// Takes changes back, the last one first.
fn take_back(changes: &[Change<'_>], files: HostFiles, out: &mut Output) -> Result<(), Problem> {
    for change in changes.iter().rev() {
        let title = change.wish.title();
        let result = match &change.back {
            Some(back) => virsh::change_host(change.host, back, files).map_err(|f| f.to_string()),
            None => Err("what held before is not known".to_owned()),
        };
        match result {
            Ok(()) => writeln!(out, "taken back: {}", visible(&title))?,
            Err(why) => writeln!(out, "still holds: {}: {}", visible(&title), visible(&why))?,
        }
    }
    Ok(())
}

/// What takes a wish back, by what the facts say of before.
fn taken_back(wish: &HostWish, facts: &Facts) -> Option<HostWish> {
    let kept = |path: &str| {
        let (path, text) = facts.kept.iter().find(|(known, _)| known == path)?;
        Some(HostWish::Keep(KeptFile {
            path: path.clone(),
            text: format!("{text}\n"),
            command: "true".to_owned(),
        }))
    };
    match wish {
        HostWish::Set(knob, _) => {
            let known = Knob::all(facts).into_iter().find(|(one, _)| one == knob)?;
            Some(HostWish::Set(known.0, known.1))
        }
        HostWish::Keep(file) => {
            Some(kept(&file.path).unwrap_or_else(|| HostWish::Forget(file.path.clone())))
        }
        HostWish::Forget(path) => kept(path),
    }
}

/// What the options ask for, on a host with these facts.
fn wishes(arguments: &HostArguments, facts: &Facts) -> Result<Vec<HostWish>, Error> {
    let knobs = Knob::all(facts);
    let usage = |why: String| Error::new(Exit::Usage, why);
    let failed = |why: String| Error::new(Exit::Failed, why);
    let find = |word: &str| {
        let found = knobs.iter().find(|(knob, _)| knob.word() == word);
        found.map(|(knob, _)| knob).ok_or_else(|| {
            let known: Vec<_> = knobs.iter().map(|(knob, _)| knob.word()).collect();
            usage(match known.is_empty() {
                true => "nothing of this host can be set from here".to_owned(),
                false => format!(
                    "'{word}' is no value of this host; there are {}",
                    known.join(", ")
                ),
            })
        })
    };
    let both = |text: &str| -> Result<(Knob, String), Error> {
        let (word, value) = text
            .split_once('=')
            .ok_or_else(|| usage(format!("'{text}' is no VALUE=NEW, as in thp=madvise")))?;
        let knob = find(word)?;
        knob.accepts(value)
            .map_err(|why| usage(format!("{word}: {why}")))?;
        Ok((knob.clone(), value.to_owned()))
    };
    let mut wishes = Vec::new();
    for text in &arguments.set {
        let (knob, value) = both(text)?;
        wishes.push(HostWish::Set(knob, value));
    }
    for text in &arguments.keep {
        let (knob, value) = both(text)?;
        match knob.keeping(&value, facts) {
            Some(Keeping::File(kept)) => wishes.push(HostWish::Keep(kept)),
            Some(keeping) => {
                return Err(failed(format!(
                    "{} is not virtty's to write; this keeps it: {}",
                    keeping.words(),
                    keeping.shell()
                )));
            }
            None => return Err(failed(format!("nothing keeps {text}"))),
        }
    }
    for word in &arguments.forget {
        let knob = find(word)?;
        let (path, _) = knob
            .kept(facts)
            .ok_or_else(|| failed(format!("no file of virtty's keeps {word}")))?;
        wishes.push(HostWish::Forget(path.to_owned()));
    }
    Ok(wishes)
}

fn print(connection: &str, report: &HostReport, out: &mut Output) -> Result<(), Problem> {
    writeln!(out, "{}", visible(connection))?;
    for (name, value) in fact_words(&report.facts) {
        writeln!(out, "  {name:<16}{}", visible(&value))?;
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
