//! `virtty export`

use std::collections::BTreeMap;
use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;

use super::Export;
use crate::bundle::{self, Manifest, WriteError};
use crate::cli::output::{self, Output};
use crate::cli::{Cli, Error, Exit, Problem, complain};
use crate::model::{Stored, StoredKind, StoredXml};
use crate::text::visible;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    folder: String,
    connection: &'a str,
    objects: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    kind: &'static str,
    name: &'a str,
    uuid: String,
    /// Path in the folder; null for what was not written.
    file: Option<String>,
    /// Why it was not written.
    reason: Option<&'a str>,
}

const TRANSIENT: &str = "is transient: it has no definition to keep";

/// Writes the folder. What cannot be read is told, and the rest is written.
pub fn run(cli: &Cli, arguments: &Export, out: &mut Output) -> Result<(), Problem> {
    let hosts = super::open(cli, "export")?;
    let host = super::only(&hosts, "export")?;
    let mut all: Vec<Stored> = Vec::new();
    let mut unknown = Vec::new();
    for kind in StoredKind::ALL {
        match host.session.stored(kind)? {
            Some(mut stored) => {
                stored.sort_by(|a, b| a.name.cmp(&b.name));
                all.extend(stored);
            }
            None => unknown.push(kind.plural()),
        }
    }
    if arguments.security_info {
        for stored in &mut all {
            host.session.with_passwords(stored)?;
        }
    }
    let manifest = Manifest {
        format: 1,
        connection: host.uri.as_str().to_owned(),
        time: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        security_info: arguments.security_info,
        files: BTreeMap::new(),
    };
    bundle::write(&arguments.folder, &all, manifest).map_err(|error| {
        let exit = match error {
            WriteError::Foreign { .. } => Exit::Usage,
            WriteError::Io { .. } => Exit::Failed,
        };
        Error::new(exit, error.to_string())
    })?;
    let folder = arguments.folder.to_string_lossy().into_owned();
    if arguments.json {
        let objects = all.iter().map(row).collect();
        let report = Report {
            folder,
            connection: host.uri.as_str(),
            objects,
        };
        output::json(out, &report)?;
    } else {
        let counts: Vec<_> = StoredKind::ALL
            .iter()
            .rev()
            .filter(|kind| !unknown.contains(&kind.plural()))
            .map(|kind| {
                let written = |stored: &&Stored| {
                    stored.kind == *kind && matches!(stored.xml, StoredXml::Text(_))
                };
                format!("{} {}", all.iter().filter(written).count(), kind.plural())
            })
            .collect();
        writeln!(out, "{}: {}", visible(&folder), counts.join(", "))?;
    }
    let mut failed = false;
    for stored in &all {
        match &stored.xml {
            StoredXml::Text(text) => {
                if let Err(why) = bundle::subject(stored.kind, text) {
                    complain(&format!(
                        "{} '{}' is written as it is, but cannot be imported: it {why}",
                        stored.kind.word(),
                        stored.name
                    ));
                }
            }
            StoredXml::Transient => complain(&format!(
                "{} '{}' {TRANSIENT}",
                stored.kind.word(),
                stored.name
            )),
            StoredXml::Unreadable(why) => {
                failed = true;
                complain(&format!(
                    "{} '{}' is left out: {why}",
                    stored.kind.word(),
                    stored.name
                ));
            }
        }
    }
    if failed {
        return Err(Problem::AlreadyTold);
    }
    Ok(())
}

fn row(stored: &Stored) -> Row<'_> {
    let (file, reason) = match &stored.xml {
        StoredXml::Text(_) => {
            let name = bundle::file_name(&stored.name, stored.uuid);
            (Some(format!("{}/{name}", stored.kind.plural())), None)
        }
        StoredXml::Transient => (None, Some(TRANSIENT)),
        StoredXml::Unreadable(why) => (None, Some(why.as_str())),
    };
    Row {
        kind: stored.kind.word(),
        name: &stored.name,
        uuid: stored.uuid.to_string(),
        file,
        reason,
    }
}
