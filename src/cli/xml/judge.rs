//! What a host says of a domain's document beyond its form.

use crate::checks;
use crate::cli::args::Cli;
use crate::cli::failure::{Error, Exit};
use crate::cli::hosts::{Host, Hosts};
use crate::libvirt::documents::Verdict;
use crate::schema::{Checked, Finding, Severity};
use crate::xml::{Tree, blame};

/// The one connection that the command line names; `None` when it names none.
///
/// # Errors
/// With exit code 2: it cannot be opened, or there are several.
pub fn host(cli: &Cli) -> Result<Option<Hosts>, Error> {
    if cli.connect.is_empty() && !cli.demo {
        return Ok(None);
    }
    let trouble = |error: Error| Error {
        exit: Exit::Usage,
        ..error
    };
    let hosts = Hosts::open(cli).map_err(trouble)?;
    if hosts.several() || hosts.incomplete {
        let why = "documents are checked against one host: give one -c";
        return Err(Error::new(Exit::Usage, why));
    }
    Ok(Some(hosts))
}

/// Adds what the document says against itself, what its host says against it, and libvirt's own verdict.
pub fn judge(bytes: &[u8], checked: &mut Checked, host: Option<&Host>) {
    if checked.kind != Some("domain") {
        return;
    }
    // One with a DTD goes to nobody else.
    let Some(tree) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Tree::parse(text).ok())
    else {
        return;
    };
    let facts = host.map(|host| host.session.check_host(&checks::wanted(&tree)));
    checked
        .findings
        .extend(checks::check(&tree, facts.as_ref()));
    if let Some(host) = host {
        let verdict = host.session.verdict(tree.text());
        checked.findings.extend(finding(&tree, verdict));
    }
    checked
        .findings
        .sort_by_key(|finding| (finding.line, finding.column, finding.severity));
}

/// libvirt's verdict on the place that it speaks of, else on the root element.
pub fn finding(tree: &Tree<'_>, verdict: Verdict) -> Option<Finding> {
    let (severity, message) = match verdict {
        Verdict::Refuses(message) => (Severity::Error, format!("libvirt: {message}")),
        Verdict::CouldNotStart(message) => (
            Severity::Warning,
            format!("libvirt could not start it now: {message}"),
        ),
        Verdict::Accepts | Verdict::Unknown => return None,
    };
    let root = tree.root().range().start;
    let bytes = blame(tree, &message).unwrap_or(root..root + 1);
    let (line, column) = tree.place(bytes.start);
    Some(Finding {
        line,
        column,
        bytes,
        severity,
        message,
        hint: None,
    })
}
