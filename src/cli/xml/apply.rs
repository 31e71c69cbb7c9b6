//! `virtty xml apply`: one document defined, without undoing what another person did meanwhile, without a second domain by
//! accident, and with what libvirt made of it.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use serde::Serialize;

use super::diff::{JsonChange, print};
use super::read::read_text;
use super::{Apply, check, judge};
use crate::cli::args::Cli;
use crate::cli::failure::{Error, Exit, complain};
use crate::cli::hosts::{Host, Hosts};
use crate::cli::{Problem, output, output::Output};
use crate::config;
use crate::libvirt::Define;
use crate::libvirt::documents::{Present, Verdict};
use crate::model::{StoredKind, Uuid};
use crate::protocol::{Failure, XmlKind};
use crate::record::{self, Entry};
use crate::schema::{Checked, Checker};
use crate::text::{shell_quote, visible};
use crate::xml::{
    Change, Identity, Merge, Standing, Tree, changes, merge, secrets, standing, unified, with_uuid,
};

/// What was done, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Json<'a> {
    file: &'a str,
    kind: &'static str,
    name: Option<&'a str>,
    /// `defined`, `redefined`, `unchanged`, `would define`, `would redefine` or `conflict`.
    result: &'static str,
    /// What changes of what the host had.
    changes: Vec<JsonChange>,
    /// What libvirt made of the document; null when nothing was defined.
    libvirt: Option<Vec<JsonChange>>,
    /// What is worth knowing.
    notes: Vec<String>,
    /// What another changed meanwhile; null when nobody did.
    theirs: Option<Vec<JsonChange>>,
    /// What contradicts it; null when nobody changed anything.
    conflicts: Option<Vec<String>>,
}

/// A document on its way to a host.
struct Job<'a> {
    arguments: &'a Apply,
    host: &'a Host,
    kind: StoredKind,
    identity: Identity,
    text: String,
}

/// Applies a document. Exit 0 when it holds now, 1 when it could not be defined, 6 when another changed the object.
pub fn run(cli: &Cli, arguments: &Apply, out: &mut Output) -> Result<(), Problem> {
    let mut text = read_text(&arguments.file)?;
    let checked = Checker::new(&arguments.schemas).check(text.as_bytes());
    let failed = |why: String| Error::new(Exit::Failed, format!("{}: {why}", arguments.file));
    let kind = kind_of(&checked, arguments).map_err(failed)?;
    refuse_wrong_form(&checked, arguments, out)?;
    let identity = Identity::of(&Tree::parse(&text).map_err(|error| failed(error.to_string()))?);

    let hosts = Hosts::open(cli)?;
    let [host] = hosts.open.as_slice() else {
        let why = "a document is applied to one host: give one -c";
        return Err(Error::new(Exit::Usage, why).into());
    };
    let base = arguments
        .expect_base
        .as_deref()
        .map(read_text)
        .transpose()?;
    let opened = match (&base, arguments.expect_base.as_deref()) {
        (Some(base), Some(file)) => {
            let tree = Tree::parse(base)
                .map_err(|error| Error::new(Exit::Usage, format!("{file}: {error}")))?;
            Some(Identity::of(&tree))
        }
        _ => None,
    };
    // As late as can be: libvirt defines whatever comes last.
    let [by_uuid, by_name] = host.session.present(kind, &identity)?;
    let theirs = [&by_uuid, &by_name].map(|present| present.as_ref().map(identity_of));
    let decided = standing(
        kind.word(),
        &identity,
        opened.as_ref(),
        theirs[0].as_ref(),
        theirs[1].as_ref(),
    );
    let decided =
        decided.map_err(|refusal| failed(format!("{}; {}", refusal.what, refusal.way_out)))?;
    let (present, there) = match decided {
        Standing::New => (None, None),
        Standing::Replaces => (by_uuid, theirs[0].clone()),
        Standing::ReplacesWithoutUuid => (by_name, theirs[1].clone()),
    };
    let uuid = there.as_ref().and_then(|there| there.uuid.clone());
    if let (Standing::ReplacesWithoutUuid, Some(uuid)) = (decided, &uuid) {
        let tree = Tree::parse(&text).map_err(|error| failed(error.to_string()))?;
        text = with_uuid(&tree, uuid);
    }
    let mut job = Job {
        arguments,
        host,
        kind,
        identity,
        text,
    };
    if let (Some(base), Some(present)) = (&base, &present) {
        job.reconcile(base, present, out)?;
    }
    job.apply(
        present.as_ref(),
        uuid.and_then(|uuid| uuid.parse().ok()),
        out,
    )
}

/// The kind that the root element says, of those that libvirt can define anew.
fn kind_of(checked: &Checked, arguments: &Apply) -> Result<StoredKind, String> {
    let Some(kind) = checked.kind else {
        let first = checked.findings.first();
        let why = first.map_or_else(
            || checked.unchecked.clone().unwrap_or_default(),
            |finding| format!("{}:{}: {}", finding.line, finding.column, finding.message),
        );
        return Err(why);
    };
    StoredKind::ALL
        .into_iter()
        .find(|stored| stored.root() == kind)
        .ok_or_else(|| match kind {
            "volume" => format!(
                "libvirt cannot redefine a volume; virsh vol-create POOL {} makes a new one",
                arguments.file
            ),
            "domainsnapshot" => format!(
                "the metadata of a snapshot belong to a domain: virsh snapshot-create DOMAIN {} --redefine",
                arguments.file
            ),
            other => format!("libvirt defines nothing from a <{other}>"),
        })
}

/// Prints what is wrong with the form, and ends unless that is meant.
fn refuse_wrong_form(
    checked: &Checked,
    arguments: &Apply,
    out: &mut Output,
) -> Result<(), Problem> {
    if let Some(why) = &checked.unchecked {
        complain(&format!("{}: not checked: {why}", arguments.file));
    }
    if checked.is_valid() || arguments.no_validate {
        return Ok(());
    }
    check::print(&arguments.file, checked, out)?;
    complain(&format!(
        "{}: it does not fit libvirt's schema: nothing was defined (--no-validate would)",
        arguments.file
    ));
    Err(Problem::AlreadyTold)
}

fn identity_of(present: &Present) -> Identity {
    Tree::parse(&present.plain).map_or_else(|_| Identity::default(), |tree| Identity::of(&tree))
}

/// What differs; nothing when one of them cannot be read.
fn differences(before: &str, after: &str) -> Vec<Change> {
    match (Tree::parse(before), Tree::parse(after)) {
        (Ok(before), Ok(after)) => changes(&before, &after),
        _ => Vec::new(),
    }
}

/// The host's text in the form of another: with passwords when that has some.
fn like<'p>(present: &'p Present, text: &str) -> &'p str {
    match &present.secure {
        Some(secure) if !secrets::ranges(text).is_empty() => secure,
        _ => &present.plain,
    }
}

impl Job<'_> {
    fn name(&self) -> String {
        let name = self.identity.name.as_ref().or(self.identity.uuid.as_ref());
        name.cloned().unwrap_or_default()
    }

    /// Compares what was read before with what the host has now; merges, or ends with the conflict.
    fn reconcile(
        &mut self,
        base: &str,
        present: &Present,
        out: &mut Output,
    ) -> Result<(), Problem> {
        let theirs = like(present, base);
        let changed = differences(base, theirs);
        if changed.is_empty() || self.is_live(base) {
            return Ok(());
        }
        let merged = merge(base, theirs, &self.text);
        if let Some(file) = &self.arguments.merged {
            write_private(file, &merged.text).map_err(|error| {
                Error::new(Exit::Failed, format!("{}: {error}", file.display()))
            })?;
        }
        if self.arguments.merge && merged.is_clean() {
            let tree = Tree::parse(&merged.text)
                .map_err(|error| Error::new(Exit::Failed, format!("the merge: {error}")))?;
            self.identity = Identity::of(&tree);
            self.text = merged.text;
            return Ok(());
        }
        self.tell_conflict(&changed, &merged, out)?;
        Err(Problem::Silent(Exit::Conflict))
    }

    /// Whether a text is what the host has of the running domain, as `virsh dumpxml` gives it: it was read from that, and
    /// that has not changed.
    fn is_live(&self, base: &str) -> bool {
        let has_id = Tree::parse(base).is_ok_and(|tree| tree.root().has_attribute("id"));
        let uuid = self
            .identity
            .uuid
            .as_ref()
            .and_then(|uuid| uuid.parse().ok());
        if let (true, StoredKind::Domain, Some(uuid)) = (has_id, self.kind, uuid)
            && let Ok(Some(live)) = self.host.session.xml(uuid, XmlKind::Live)
        {
            return differences(base, &live).is_empty();
        }
        false
    }

    fn tell_conflict(
        &self,
        changed: &[Change],
        merged: &Merge,
        out: &mut Output,
    ) -> Result<(), Problem> {
        let conflicts = || {
            merged
                .conflicts
                .iter()
                .map(|conflict| conflict.what.clone())
        };
        let kind = self.kind.word();
        let mut told = format!(
            "{}: {kind} '{}' was changed on the host since {} was read: nothing was defined",
            self.arguments.file,
            self.name(),
            self.arguments.expect_base.as_deref().unwrap_or_default()
        );
        told.push_str(if merged.is_clean() {
            "; both changes go together (--merge applies both)"
        } else {
            "; both changed the same"
        });
        complain(&told);
        if self.arguments.json {
            let json = Json {
                theirs: Some(changed.iter().map(JsonChange::from).collect()),
                conflicts: Some(conflicts().collect()),
                ..self.json("conflict")
            };
            output::json(out, &json)?;
            return Ok(());
        }
        writeln!(out, "Changed on the host:")?;
        print(changed, out)?;
        if !merged.is_clean() {
            writeln!(out, "\nIn conflict:")?;
            for what in conflicts() {
                writeln!(out, "{}", visible(&what))?;
            }
        }
        let title = if merged.is_clean() {
            "Merged with it"
        } else {
            "Merged with it, conflicts marked"
        };
        writeln!(out, "\n{title}:")?;
        let names = (self.arguments.file.as_str(), "merged");
        let diff = unified(
            &secrets::mask(&self.text),
            &secrets::mask(&merged.text),
            names,
            3,
        );
        for line in diff.lines() {
            writeln!(out, "{}", visible(line))?;
        }
        Ok(())
    }

    fn json(&self, result: &'static str) -> Json<'_> {
        Json {
            file: &self.arguments.file,
            kind: self.kind.word(),
            name: self.identity.name.as_deref(),
            result,
            changes: Vec::new(),
            libvirt: None,
            notes: Vec::new(),
            theirs: None,
            conflicts: None,
        }
    }

    fn apply(
        &self,
        present: Option<&Present>,
        uuid: Option<Uuid>,
        out: &mut Output,
    ) -> Result<(), Problem> {
        let before = present.map(|present| like(present, &self.text));
        let changed = before.map_or_else(Vec::new, |before| differences(before, &self.text));
        let is_new = present.is_none_or(|present| !present.is_persistent);
        if !is_new && changed.is_empty() {
            return self.tell("unchanged", &changed, None, Vec::new(), out);
        }
        let mut notes = Vec::new();
        if present.is_some_and(|present| present.is_active) {
            notes.push("It is running: what changed takes effect when it was off.".to_owned());
        }
        if present.is_some_and(|present| !present.is_persistent) {
            notes.push(
                "It had no definition and would be gone when it stops; now it has one.".to_owned(),
            );
        }
        if self.arguments.dry_run {
            self.try_out(out)?;
            let result = if is_new {
                "would define"
            } else {
                "would redefine"
            };
            return self.tell(result, &changed, None, notes, out);
        }
        let how = Define {
            kind: self.kind,
            replaces: uuid.filter(|_| present.is_some()),
            validate: !self.arguments.no_validate,
        };
        let begun = (SystemTime::now(), Instant::now());
        let result = self.host.session.define(&self.text, how);
        self.keep(uuid, begun, result.as_ref().err());
        let kept = match result {
            Ok(kept) => kept,
            Err(failure) => {
                self.tell_place(&failure.reason, out)?;
                return Err(failure.into());
            }
        };
        match kept {
            0 => {}
            1 => notes.push("The password of its display was kept.".to_owned()),
            kept => notes.push(format!("The passwords of {kept} displays were kept.")),
        }
        let made = self.read_back();
        let made = made.map(|made| differences(&self.text, like(&made, &self.text)));
        if made.is_none() {
            notes.push("What libvirt made of it could not be read.".to_owned());
        }
        let result = if is_new { "defined" } else { "redefined" };
        self.tell(result, &changed, made, notes, out)
    }

    /// Writes it into the record of actions; a record that cannot be written undoes nothing.
    fn keep(&self, uuid: Option<Uuid>, begun: (SystemTime, Instant), failure: Option<&Failure>) {
        let Some(folder) = config::state_dir().filter(|_| self.kind == StoredKind::Domain) else {
            return;
        };
        let uri = self.host.uri.as_str();
        let validate = if self.arguments.no_validate {
            ""
        } else {
            " --validate"
        };
        let entry = Entry {
            time: begun.0,
            connection: uri.to_owned(),
            domain: self.name(),
            uuid: uuid.map_or_else(String::new, |uuid| uuid.to_string()),
            line: format!(
                "virsh -c {} define {}{validate}",
                shell_quote(uri),
                shell_quote(&self.arguments.file)
            ),
            took: begun.1.elapsed(),
            failure: failure.map(|failure| failure.reason.clone()),
        };
        if let Err(error) = record::append(&folder, &entry) {
            complain(&format!("the record of actions: {error}"));
        }
    }

    fn read_back(&self) -> Option<Present> {
        let [by_uuid, by_name] = self.host.session.present(self.kind, &self.identity).ok()?;
        by_uuid.or(by_name)
    }

    /// What speaks against it, by itself, on its host and for libvirt, without defining.
    fn try_out(&self, out: &mut Output) -> Result<(), Problem> {
        let mut checked = Checked {
            kind: Some(self.kind.root()),
            findings: Vec::new(),
            unchecked: None,
        };
        judge::judge(self.text.as_bytes(), &mut checked, Some(self.host));
        for finding in &checked.findings {
            self.tell_finding(finding.clone(), out)?;
        }
        if checked.is_valid() {
            return Ok(());
        }
        complain(&format!("{}: libvirt would refuse it", self.arguments.file));
        Err(Problem::AlreadyTold)
    }

    /// The place in the file that a refusal speaks of.
    fn tell_place(&self, reason: &str, out: &mut Output) -> Result<(), Problem> {
        let Ok(tree) = Tree::parse(&self.text) else {
            return Ok(());
        };
        match judge::finding(&tree, Verdict::Refuses(reason.to_owned())) {
            Some(finding) => self.tell_finding(finding, out),
            None => Ok(()),
        }
    }

    fn tell_finding(
        &self,
        finding: crate::schema::Finding,
        out: &mut Output,
    ) -> Result<(), Problem> {
        if self.arguments.json {
            // Standard output is one document.
            let (file, word) = (&self.arguments.file, finding.severity.word());
            let place = format!("{file}:{}:{}", finding.line, finding.column);
            complain(&format!("{place}: {word}: {}", finding.message));
            return Ok(());
        }
        let checked = Checked {
            kind: Some(self.kind.root()),
            findings: vec![finding],
            unchecked: None,
        };
        check::print(&self.arguments.file, &checked, out)?;
        Ok(())
    }

    fn tell(
        &self,
        result: &'static str,
        changed: &[Change],
        made: Option<Vec<Change>>,
        notes: Vec<String>,
        out: &mut Output,
    ) -> Result<(), Problem> {
        if self.arguments.json {
            let json = Json {
                changes: changed.iter().map(JsonChange::from).collect(),
                libvirt: made.map(|made| made.iter().map(JsonChange::from).collect()),
                notes,
                ..self.json(result)
            };
            output::json(out, &json)?;
            return Ok(());
        }
        let name = self.name();
        let thing = format!("{} '{}'", self.kind.word(), visible(&name));
        match result {
            "unchanged" => writeln!(out, "{thing} is as {} says already.", self.arguments.file)?,
            "would define" => writeln!(
                out,
                "{thing} would be defined, which the host does not have."
            )?,
            "would redefine" => writeln!(out, "{thing} would be changed:")?,
            "defined" => writeln!(out, "{thing} was defined.")?,
            _ => writeln!(out, "{thing} was changed:")?,
        }
        print(changed, out)?;
        if let Some(made) = made.filter(|made| !made.is_empty()) {
            writeln!(out, "libvirt made of it:")?;
            print(&made, out)?;
        }
        for note in notes {
            writeln!(out, "{note}")?;
        }
        Ok(())
    }
}

/// Writes a file that may hold passwords, for its owner alone.
fn write_private(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(text.as_bytes())
}
