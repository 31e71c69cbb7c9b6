//! `virtty xml diff`: what differs between two documents, one line for each change.

use std::io::{self, Write as _};

use serde::Serialize;

use super::Diff;
use super::read::read_text;
use crate::cli::failure::{Error, Exit};
use crate::cli::{Problem, output, output::Output};
use crate::xml::{Change, Tree, What, changes};

/// A change, as `--json` prints it. Passwords are masked.
#[derive(Debug, Serialize)]
pub struct JsonChange {
    /// From the root to the element: `domain › devices › disk[vda] › source`.
    path: String,
    /// `added`, `removed`, `attribute`, `text` or `order`.
    kind: &'static str,
    /// Name of the attribute; null for all else.
    attribute: Option<String>,
    /// Before; null when there was nothing.
    from: Option<String>,
    /// After; null when there is nothing.
    to: Option<String>,
}

impl From<&Change> for JsonChange {
    fn from(change: &Change) -> Self {
        let (from, to) = change.values();
        let (kind, attribute) = match &change.what {
            What::Added(_) => ("added", None),
            What::Removed(_) => ("removed", None),
            What::Attribute { name, .. } => ("attribute", Some(name.clone())),
            What::Text { .. } => ("text", None),
            What::Order => ("order", None),
        };
        Self {
            path: change.place(),
            kind,
            attribute,
            from,
            to,
        }
    }
}

/// Prints what differs. Exit 0 when nothing does, 1 when something does, 2 when they could not be compared.
pub fn run(arguments: &Diff, out: &mut Output) -> Result<(), Problem> {
    if arguments.before == "-" && arguments.after == "-" {
        let why = "only one of the two can be standard input";
        return Err(Error::new(Exit::Usage, why).into());
    }
    let before = read_text(&arguments.before)?;
    let after = read_text(&arguments.after)?;
    let found = changes(
        &parse(&arguments.before, &before)?,
        &parse(&arguments.after, &after)?,
    );
    if arguments.json {
        let rows: Vec<JsonChange> = found.iter().map(JsonChange::from).collect();
        output::json(out, &rows)?;
    } else {
        print(&found, out)?;
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Problem::Silent(Exit::Failed))
    }
}

/// One line for each change.
pub fn print(changes: &[Change], out: &mut Output) -> io::Result<()> {
    changes
        .iter()
        .try_for_each(|change| writeln!(out, "{change}"))
}

fn parse<'t>(file: &str, text: &'t str) -> Result<Tree<'t>, Error> {
    Tree::parse(text).map_err(|error| Error::new(Exit::Usage, format!("{file}: {error}")))
}
