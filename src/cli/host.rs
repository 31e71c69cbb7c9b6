//! `virtty host`: what a host is, and whether it is right for virtual machines.

use std::io::Write as _;

use serde::Serialize;

use super::args::{Cli, HostArguments};
use super::hosts::Hosts;
use super::output::{self, Output};
use super::{Error, Exit, Problem};
use crate::hostfacts::{Check, Facts, HostReport, Verdict};
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
    let mut incomplete = hosts.incomplete;
    let mut read = Vec::new();
    for host in &hosts.open {
        match host.session.host_report(arguments.root.clone()) {
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
        lines.push(("Own files", "not visible from here".to_owned()));
    }
    lines
}
