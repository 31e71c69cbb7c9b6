//! `virtty import`

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::Import;
use crate::bundle::{self, BundleFile};
use crate::cli::hosts::Host;
use crate::cli::output::{self, Output};
use crate::cli::{Cli, Error, Exit, Problem, complain};
use crate::libvirt::Define;
use crate::model::{Stored, StoredKind, StoredXml, Uuid};
use crate::schema::Checker;
use crate::text::visible;
use crate::xml::Change;

/// Differences of one object that are printed; `--json` prints all.
const MOST_LINES: usize = 12;

/// A file, and what it would do.
struct Planned {
    kind: StoredKind,
    file: String,
    name: String,
    text: String,
    step: Step,
}

/// What a file would do.
enum Step {
    New,
    Same,
    Changed {
        uuid: Uuid,
        differences: Vec<Change>,
        /// The passwords of displays differ.
        passwords: bool,
    },
    /// It cannot be defined, and why.
    Refused(String),
}

impl Step {
    fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Changed { .. } => "changed",
            Self::Refused(_) => "refused",
        }
    }
}

/// An object as `--json` prints it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    kind: &'static str,
    name: &'a str,
    file: &'a str,
    status: &'static str,
    changes: Vec<String>,
    /// Why it is refused or could not be defined.
    reason: Option<String>,
    defined: bool,
}

/// Says what would change, and does it unless it is a dry run.
pub fn run(cli: &Cli, arguments: &Import, out: &mut Output) -> Result<(), Problem> {
    let files = bundle::read(&arguments.folder)
        .map_err(|error| Error::new(Exit::Failed, error.to_string()))?;
    let hosts = super::open(cli, "import")?;
    let host = super::only(&hosts, "import")?;
    let plan = plan(host, arguments, files)?;
    let refused = plan
        .iter()
        .any(|planned| matches!(planned.step, Step::Refused(_)));
    let changed = plan
        .iter()
        .filter(|planned| matches!(planned.step, Step::Changed { .. }))
        .count();
    let unwilling = changed > 0 && !arguments.yes;
    // Nothing is half done for a reason that was known before.
    let stopped = arguments.dry_run || refused || unwilling;
    let results = if stopped {
        HashMap::new()
    } else {
        define(host, &plan, !arguments.no_validate)
    };
    if arguments.json {
        let rows: Vec<_> = plan
            .iter()
            .enumerate()
            .map(|(at, planned)| row(planned, results.get(&at)))
            .collect();
        output::json(out, &rows)?;
    } else {
        for (at, planned) in plan.iter().enumerate() {
            print(planned, results.get(&at), out)?;
        }
        summary(&plan, &results, stopped, out)?;
    }
    let mut failed = refused;
    for (at, planned) in plan.iter().enumerate() {
        if let Step::Refused(why) = &planned.step {
            complain(&format!("{}: {why}", planned.file));
        }
        if let Some(Err(why)) = results.get(&at) {
            failed = true;
            complain(&format!("{}: {why}", planned.file));
        }
    }
    if failed {
        if !arguments.dry_run && stopped {
            complain("nothing was defined");
        }
        return Err(Problem::AlreadyTold);
    }
    if unwilling && !arguments.dry_run {
        return Err(Error::new(
            Exit::Usage,
            format!("{changed} of these replace a definition that differs; nothing was defined: add --yes to do it"),
        )
        .into());
    }
    Ok(())
}

fn plan(host: &Host, arguments: &Import, files: Vec<BundleFile>) -> Result<Vec<Planned>, Problem> {
    let mut checker = (!arguments.no_validate).then(|| Checker::new(&arguments.schemas));
    let mut present: HashMap<StoredKind, Option<Vec<Stored>>> = HashMap::new();
    let mut plan: Vec<Planned> = Vec::new();
    for file in files {
        let there = match present.entry(file.kind) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(host.session.stored(file.kind)?),
        };
        let there = there.as_deref();
        let shown = shown(&arguments.folder, &file.path);
        let mut planned = Planned {
            kind: file.kind,
            file: shown,
            name: String::new(),
            text: String::new(),
            step: Step::New,
        };
        match judged(host, &file, there, checker.as_mut()) {
            Ok((name, step)) => {
                planned.name = name;
                planned.step = step;
            }
            Err(why) => planned.step = Step::Refused(why),
        }
        let twice = plan.iter().find(|other| {
            other.kind == planned.kind && other.name == planned.name && !planned.name.is_empty()
        });
        if let Some(other) = twice {
            planned.step = Step::Refused(format!("defines what {} defines too", other.file));
        }
        planned.text = file.text.unwrap_or_default();
        plan.push(planned);
    }
    Ok(plan)
}

fn shown(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// Whom a file is about and what it would do.
fn judged(
    host: &Host,
    file: &BundleFile,
    present: Option<&[Stored]>,
    checker: Option<&mut Checker>,
) -> Result<(String, Step), String> {
    let text = file.text.as_ref().map_err(Clone::clone)?;
    let subject = bundle::subject(file.kind, text)?;
    let Some(present) = present else {
        return Err(format!("the host's driver has no {}", file.kind.plural()));
    };
    if let Some(checker) = checker {
        let checked = checker.check(text.as_bytes());
        if let Some(finding) = checked
            .findings
            .iter()
            .find(|found| found.severity == crate::schema::Severity::Error)
        {
            return Err(format!("line {}: {}", finding.line, finding.message));
        }
    }
    let by_uuid = present
        .iter()
        .find(|stored| Some(stored.uuid) == subject.uuid);
    let by_name = present
        .iter()
        .find(|stored| stored.name == subject.name && !subject.name.is_empty());
    let word = file.kind.word();
    let former = match (by_uuid, by_name) {
        (None, None) => return Ok((subject.name, Step::New)),
        (Some(stored), _) if stored.name != subject.name => {
            return Err(format!(
                "the {word} of this UUID is called '{}' there, not '{}': rename it there, or mend the file",
                stored.name, subject.name
            ));
        }
        (None, Some(stored)) if subject.uuid.is_some() => {
            return Err(format!(
                "there is another {word} '{}' with the UUID {}: rename one of the two",
                stored.name, stored.uuid
            ));
        }
        (Some(stored), _) | (None, Some(stored)) => stored,
    };
    let step = match &former.xml {
        StoredXml::Transient => Step::Changed {
            uuid: former.uuid,
            differences: Vec::new(),
            passwords: false,
        },
        StoredXml::Unreadable(why) => {
            return Err(format!(
                "the present definition of the {word} cannot be read: {why}"
            ));
        }
        StoredXml::Text(old) => {
            let differences = bundle::changes(file.kind, old, text).map_err(|why| {
                format!("the present definition of the {word} cannot be compared: {why}")
            })?;
            let passwords = file.kind == StoredKind::Domain
                && host.session.has_passwords_of(former.uuid, text) == Some(false);
            if differences.is_empty() && !passwords {
                Step::Same
            } else {
                Step::Changed {
                    uuid: former.uuid,
                    differences,
                    passwords,
                }
            }
        }
    };
    Ok((subject.name, step))
}

/// Defines all that is new or changed. What fails is tried again after the others, since filters may need filters.
fn define(host: &Host, plan: &[Planned], validate: bool) -> HashMap<usize, Result<usize, String>> {
    let mut results = HashMap::new();
    for _ in 0..2 {
        for (at, planned) in plan.iter().enumerate() {
            let replaces = match &planned.step {
                Step::New => None,
                Step::Changed { uuid, .. } => Some(*uuid),
                Step::Same | Step::Refused(_) => continue,
            };
            if matches!(results.get(&at), Some(Ok(_))) {
                continue;
            }
            let how = Define {
                kind: planned.kind,
                replaces,
                validate,
            };
            let made = host.session.define(&planned.text, how);
            results.insert(at, made.map_err(|failure| failure.to_string()));
        }
        if results.values().all(Result::is_ok) {
            break;
        }
    }
    results
}

fn lines(planned: &Planned) -> Vec<String> {
    let Step::Changed {
        differences,
        passwords,
        ..
    } = &planned.step
    else {
        return Vec::new();
    };
    let mut lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
    if *passwords {
        lines.push("domain › devices › graphics @passwd: another password".to_owned());
    }
    if lines.is_empty() {
        lines.push("it is transient there and gets a definition".to_owned());
    }
    lines
}

fn print(
    planned: &Planned,
    result: Option<&Result<usize, String>>,
    out: &mut Output,
) -> std::io::Result<()> {
    let name = if planned.name.is_empty() {
        &planned.file
    } else {
        &planned.name
    };
    let word = planned.step.word();
    writeln!(
        out,
        "{word:7}  {:8}  {}",
        planned.kind.word(),
        visible(name)
    )?;
    let lines = lines(planned);
    for line in lines.iter().take(MOST_LINES) {
        writeln!(out, "         {line}")?;
    }
    if lines.len() > MOST_LINES {
        writeln!(out, "         and {} more", lines.len() - MOST_LINES)?;
    }
    if let Some(Ok(kept @ 1..)) = result {
        writeln!(out, "         {kept} passwords of displays are kept")?;
    }
    Ok(())
}

fn summary(
    plan: &[Planned],
    results: &HashMap<usize, Result<usize, String>>,
    stopped: bool,
    out: &mut Output,
) -> std::io::Result<()> {
    let count = |word: &str| {
        plan.iter()
            .filter(|planned| planned.step.word() == word)
            .count()
    };
    let mut line = format!(
        "{} new, {} changed, {} same",
        count("new"),
        count("changed"),
        count("same")
    );
    if count("refused") > 0 {
        line.push_str(&format!(", {} refused", count("refused")));
    }
    if !stopped {
        let defined = results.values().filter(|result| result.is_ok()).count();
        line.push_str(&format!("; {defined} defined"));
    }
    writeln!(out, "{line}")
}

fn row<'a>(planned: &'a Planned, result: Option<&Result<usize, String>>) -> Row<'a> {
    let refused = match &planned.step {
        Step::Refused(why) => Some(why.clone()),
        _ => None,
    };
    let failed = result.and_then(|result| result.as_ref().err().cloned());
    Row {
        kind: planned.kind.word(),
        name: &planned.name,
        file: &planned.file,
        status: planned.step.word(),
        changes: lines(planned),
        reason: refused.or(failed),
        defined: matches!(result, Some(Ok(_))),
    }
}
