//! `virtty xml check`: one line for each thing that is wrong, in the form that editors jump by.

use std::io::{self, Write as _};

use serde::Serialize;

use super::Check;
use super::judge::{self, judge};
use super::read::read;
use crate::cli::args::Cli;
use crate::cli::failure::{Exit, complain};
use crate::cli::{Problem, output::Output};
use crate::schema::{Checked, Checker, Finding};
use crate::text::visible;

/// A document and what was found, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    file: &'a str,
    /// Kind of the document; null for one that is not well-formed.
    kind: Option<&'static str>,
    /// Whether it is valid; null when that could not be told.
    valid: Option<bool>,
    /// Why it could not be told.
    unchecked: Option<&'a str>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonFinding<'a> {
    line: usize,
    column: usize,
    severity: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

impl<'a> From<&'a Finding> for JsonFinding<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            line: finding.line,
            column: finding.column,
            severity: finding.severity.word(),
            message: &finding.message,
            hint: finding.hint.as_deref(),
        }
    }
}

/// Checks each file. Exit 0 when all are valid, 1 when one is not, 2 when one could not be checked and none is wrong.
pub fn run(cli: &Cli, arguments: &Check, out: &mut Output) -> Result<(), Problem> {
    let hosts = judge::host(cli)?;
    let host = hosts.as_ref().and_then(|hosts| hosts.open.first());
    let mut checker = Checker::new(&arguments.schemas);
    let mut results = Vec::new();
    let (mut wrong, mut unchecked) = (false, false);
    for file in &arguments.files {
        let checked = match read(file) {
            Ok(bytes) => {
                let mut checked = checker.check(&bytes);
                judge(&bytes, &mut checked, host);
                checked
            }
            Err(error) => Checked {
                kind: None,
                findings: Vec::new(),
                unchecked: Some(error.to_string()),
            },
        };
        wrong |= !checked.is_valid();
        unchecked |= checked.unchecked.is_some();
        results.push((file.as_str(), checked));
    }
    if arguments.json {
        let rows: Vec<Row<'_>> = results
            .iter()
            .map(|(file, checked)| row(file, checked))
            .collect();
        serde_json::to_writer_pretty(&mut *out, &rows).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        for (file, checked) in &results {
            print(file, checked, out)?;
        }
    }
    for (file, checked) in &results {
        if let Some(why) = &checked.unchecked {
            complain(&format!("{file}: not checked: {why}"));
        }
    }
    if wrong {
        return Err(Problem::AlreadyTold);
    }
    if unchecked {
        return Err(Problem::Silent(Exit::Usage));
    }
    Ok(())
}

fn row<'a>(file: &'a str, checked: &'a Checked) -> Row<'a> {
    Row {
        file,
        kind: checked.kind,
        valid: checked
            .unchecked
            .is_none()
            .then(|| checked.is_valid())
            .or_else(|| (!checked.is_valid()).then_some(false)),
        unchecked: checked.unchecked.as_deref(),
        findings: checked.findings.iter().map(JsonFinding::from).collect(),
    }
}

/// One line for each finding, as compilers write them.
pub fn print(file: &str, checked: &Checked, out: &mut Output) -> io::Result<()> {
    for finding in &checked.findings {
        let hint = finding
            .hint
            .as_ref()
            .map_or_else(String::new, |hint| format!(" ({hint})"));
        writeln!(
            out,
            "{}:{}:{}: {}: {}",
            visible(file),
            finding.line,
            finding.column,
            finding.severity.word(),
            visible(&format!("{}{hint}", finding.message)),
        )?;
    }
    Ok(())
}
