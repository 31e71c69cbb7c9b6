//! `virtty snapshot`: snapshots of a domain without a screen.

use std::io::Write as _;

use chrono::{DateTime, Local, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::args::Cli;
use super::clone::{self, Clone};
use super::hosts::{Host, Hosts};
use super::output::{self, Align, Output};
use super::virsh;
use super::{Error, Exit, Problem};
use crate::model::{Domain, Snapshot, snapshot_tree};
use crate::protocol::{DomainVerb, NewSnapshot, Revert, RevertedAs, SnapshotDelete};
use crate::text::visible;
use crate::virsh::DOMAIN_HELP;

/// Told of a snapshot that is there.
const SNAPSHOT: &str = "Name of the snapshot, exact or as the list shows it";

/// What the table of virsh's commands says of an option.
fn said(command: &str, option: &str) -> &'static str {
    let command = crate::virsh::command(command).ok();
    let option = command.and_then(|command| command.option(option));
    option.map_or("", |option| option.doc.trim_end_matches('.'))
}

/// The commands on snapshots.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the snapshots of a domain as a tree.
    List(List),
    /// Take a snapshot.
    Create(Create),
    /// Go back to a snapshot; it is refused without --yes, since what the domain does now is lost.
    Revert(Back),
    /// Delete a snapshot.
    Delete(Delete),
    /// Make a new domain, with disks of its own, as this one was at a snapshot.
    Clone(Copy),
}

/// `virtty snapshot list`
#[derive(Debug, Args)]
pub struct List {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub domain: String,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `virtty snapshot create`
#[derive(Debug, Args)]
pub struct Create {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub domain: String,

    #[arg(help = said("snapshot-create-as", "name"))]
    pub name: Option<String>,

    /// Its name, when it looks like an option: --name=-x.
    #[arg(
        long = "name",
        value_name = "NAME",
        conflicts_with = "name",
        allow_hyphen_values = true
    )]
    pub called: Option<String>,

    /// Any text.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// The disks alone, each going on in a new file above the present one (external).
    #[arg(long)]
    pub disk_only: bool,

    /// Write the memory of a running domain to FILE on its host (external).
    #[arg(long, value_name = "FILE", conflicts_with = "disk_only")]
    pub memspec: Option<String>,

    #[arg(long, requires = "disk_only", help = said("snapshot-create-as", "quiesce"))]
    pub quiesce: bool,

    /// All disks or none.
    #[arg(long)]
    pub atomic: bool,

    #[arg(long, requires = "disk_only", help = said("snapshot-create-as", "diskspec"))]
    pub diskspec: Vec<String>,

    /// Print JSON: the snapshot that was taken.
    #[arg(long)]
    pub json: bool,
}

/// `virtty snapshot revert`
#[derive(Debug, Args)]
pub struct Back {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub domain: String,

    #[arg(allow_hyphen_values = true, help = SNAPSHOT)]
    pub name: String,

    /// Let it run then.
    #[arg(long, conflicts_with = "paused")]
    pub running: bool,

    /// Leave it paused then.
    #[arg(long)]
    pub paused: bool,

    /// Although libvirt thinks it risky.
    #[arg(long)]
    pub force: bool,

    /// Take a snapshot of the present state before.
    #[arg(long)]
    pub snapshot_first: bool,

    /// Delete the external snapshots above it before, by block commits.
    #[arg(long)]
    pub commit_first: bool,

    /// Lose what the domain does now, without a question; it is refused without.
    #[arg(long)]
    pub yes: bool,

    /// Print JSON: the snapshot it went back to.
    #[arg(long)]
    pub json: bool,
}

/// `virtty snapshot delete`
#[derive(Debug, Args)]
pub struct Delete {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub domain: String,

    #[arg(allow_hyphen_values = true, help = SNAPSHOT)]
    pub name: String,

    #[arg(long, help = said("snapshot-delete", "children"))]
    pub children: bool,

    #[arg(long, help = said("snapshot-delete", "metadata"))]
    pub metadata: bool,

    /// Delete it without a question; it is refused without.
    #[arg(long)]
    pub yes: bool,

    /// Print JSON: the snapshot that is deleted.
    #[arg(long)]
    pub json: bool,
}

/// `virtty snapshot clone`
#[derive(Debug, Args)]
pub struct Copy {
    #[arg(allow_hyphen_values = true, help = DOMAIN_HELP.trim_end_matches('.'))]
    pub domain: String,

    #[arg(allow_hyphen_values = true, help = SNAPSHOT)]
    pub name: String,

    /// Name of the new domain.
    pub new: String,

    /// Pool for its disks; that of the original's where there is none.
    #[arg(long)]
    pub pool: Option<String>,

    /// Start it when it is made.
    #[arg(long)]
    pub start: bool,

    /// Tell what would come of it, and what stands in the way.
    #[arg(long)]
    pub dry_run: bool,
}

/// A snapshot in JSON.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    parent: Option<&'a str>,
    created: Option<String>,
    state: &'a str,
    kind: &'static str,
    current: bool,
    description: Option<&'a str>,
}

/// Does one.
pub(super) fn run(cli: &Cli, command: &Command, out: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List(list) => with(cli, &list.domain, |host, domain| {
            print(host, domain, list.json, out)
        }),
        Command::Create(create) => with(cli, &create.domain, |host, domain| {
            take(host, domain, create, out)
        }),
        Command::Revert(back) => with(cli, &back.domain, |host, domain| {
            revert(host, domain, back, out)
        }),
        Command::Delete(command) => with(cli, &command.domain, |host, domain| {
            delete(host, domain, command, out)
        }),
        Command::Clone(copy) => {
            let clone = Clone::of(&copy.domain, &copy.new, copy.start, copy.dry_run, false);
            let clone = Clone {
                snapshot: Some(copy.name.clone()),
                pool: copy.pool.clone(),
                ..clone
            };
            clone::run(cli, &clone, out)
        }
    }
}

fn with(
    cli: &Cli,
    name: &str,
    act: impl FnOnce(&Host, &Domain) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let (host, domain) = hosts.find(name)?;
    act(host, &domain)
}

fn print(host: &Host, domain: &Domain, json: bool, out: &mut Output) -> Result<(), Problem> {
    let snapshots = host.session.snapshots(domain.id.uuid)?;
    let tree = snapshot_tree(&snapshots);
    if json {
        let rows: Vec<_> = tree.iter().map(|(_, one)| row(one)).collect();
        output::json(out, &rows)?;
        return Ok(());
    }
    if tree.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for (depth, one) in tree {
        // Deep ones would push the columns off the screen; the number says what the blanks do not.
        let indent = match depth {
            0..=12 => "  ".repeat(depth),
            _ => format!("{}{depth}> ", "  ".repeat(11)),
        };
        let mark = if one.current { " *" } else { "" };
        let created = moment(one.created);
        let description = one.description.as_deref().unwrap_or_default();
        rows.push([
            format!("{indent}{}{mark}", visible(&one.name)),
            created,
            state_word(&one.state).to_owned(),
            one.kind.word().to_owned(),
            visible(description.lines().next().unwrap_or_default()).into_owned(),
        ]);
    }
    let headings = ["NAME", "CREATED", "STATE", "KIND", "DESCRIPTION"];
    output::table(out, headings.map(|heading| (heading, Align::Left)), &rows)?;
    Ok(())
}

/// The checkpoints of a domain, a line each.
pub(super) fn checkpoints(cli: &Cli, name: &str, out: &mut Output) -> Result<(), Problem> {
    let hosts = Hosts::open(cli)?;
    let (host, domain) = hosts.find(name)?;
    let mut all = host.session.checkpoints(domain.id.uuid)?;
    all.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            [
                visible(&one.name).into_owned(),
                moment(one.created),
                visible(one.parent.as_deref().unwrap_or("-")).into_owned(),
                visible(&one.disks.join(",")).into_owned(),
                visible(one.description.as_deref().unwrap_or_default()).into_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let headings = ["NAME", "CREATED", "PARENT", "DISKS", "DESCRIPTION"];
        output::table(out, headings.map(|heading| (heading, Align::Left)), &rows)?;
    }
    Ok(())
}

/// A time of this machine, or a dash.
fn moment(seconds: Option<i64>) -> String {
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or_else(
        || "-".to_owned(),
        |time| {
            time.with_timezone(&Local)
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    )
}

/// virsh's words: libvirt writes `shutoff` here and nowhere else.
fn state_word(state: &str) -> &str {
    match state {
        "shutoff" => "shut off",
        "disk-snapshot" => "disk only",
        state => state,
    }
}

fn row(one: &Snapshot) -> Row<'_> {
    let created = one
        .created
        .and_then(|time| DateTime::<Utc>::from_timestamp(time, 0));
    Row {
        name: &one.name,
        parent: one.parent.as_deref(),
        created: created.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
        state: if one.state == "shutoff" {
            "shut off"
        } else {
            &one.state
        },
        kind: one.kind.word(),
        current: one.current,
        description: one.description.as_deref(),
    }
}

fn take(host: &Host, domain: &Domain, create: &Create, out: &mut Output) -> Result<(), Problem> {
    let before = host.session.snapshots(domain.id.uuid)?;
    let name = create.called.clone().or_else(|| create.name.clone());
    let parts = create
        .diskspec
        .iter()
        .map(|spec| crate::virsh::disk_part(spec));
    let disks = parts
        .collect::<Result<_, _>>()
        .map_err(|error| Error::new(Exit::Usage, error.to_string()))?;
    let verb = DomainVerb::SnapshotCreate(NewSnapshot {
        name,
        description: create.description.clone(),
        disk_only: create.disk_only,
        memory_file: create.memspec.clone(),
        quiesce: create.quiesce,
        atomic: create.atomic,
        disks,
        ..NewSnapshot::default()
    });
    virsh::act(host, domain, &verb)?;
    let after = host.session.snapshots(domain.id.uuid)?;
    let is_new = |one: &&Snapshot| !before.iter().any(|old| old.name == one.name);
    let taken = after.iter().find(is_new);
    if create.json {
        return Ok(output::json(out, &taken.map(|one| row(one)))?);
    }
    let name = taken.map_or("", |one| one.name.as_str());
    writeln!(
        out,
        "The snapshot '{}' of {} was taken.",
        visible(name),
        visible(&domain.name)
    )?;
    Ok(())
}

fn revert(host: &Host, domain: &Domain, back: &Back, out: &mut Output) -> Result<(), Problem> {
    let snapshots = host.session.snapshots(domain.id.uuid)?;
    let wanted = named(&snapshots, domain, &back.name)?;
    if !back.yes {
        return Err(refused(format!(
            "this takes '{}' back to the snapshot '{}' and what it does now is lost: add --yes to do it",
            domain.name, wanted.name
        )));
    }
    let then = match (back.running, back.paused) {
        (true, _) => RevertedAs::Running,
        (_, true) => RevertedAs::Paused,
        _ => RevertedAs::AsItWas,
    };
    let verb = DomainVerb::SnapshotRevert(Revert {
        name: wanted.name.clone(),
        then,
        force: back.force,
        snapshot_first: back.snapshot_first,
        commit_first: back.commit_first,
    });
    virsh::act(host, domain, &verb)?;
    if back.json {
        return Ok(output::json(out, &row(wanted))?);
    }
    writeln!(
        out,
        "{} is as it was at the snapshot '{}'.",
        visible(&domain.name),
        visible(&wanted.name)
    )?;
    Ok(())
}

fn delete(host: &Host, domain: &Domain, command: &Delete, out: &mut Output) -> Result<(), Problem> {
    let snapshots = host.session.snapshots(domain.id.uuid)?;
    let wanted = named(&snapshots, domain, &command.name)?;
    if !command.yes {
        let more = if command.children {
            " and all that descend from it"
        } else {
            ""
        };
        return Err(refused(format!(
            "this deletes the snapshot '{}' of '{}'{more} for good: add --yes to do it",
            wanted.name, domain.name
        )));
    }
    let verb = DomainVerb::SnapshotDelete(SnapshotDelete {
        name: wanted.name.clone(),
        children: command.children,
        children_only: false,
        metadata: command.metadata,
    });
    virsh::act(host, domain, &verb)?;
    if command.json {
        return Ok(output::json(out, &row(wanted))?);
    }
    writeln!(
        out,
        "The snapshot '{}' of {} is deleted.",
        visible(&wanted.name),
        visible(&domain.name)
    )?;
    Ok(())
}

fn refused(message: String) -> Problem {
    Error::new(Exit::Usage, message).into()
}

/// The snapshot of this exact name, else the one that is shown so: names may hold what cannot be typed.
pub(super) fn named<'a>(
    snapshots: &'a [Snapshot],
    domain: &Domain,
    word: &str,
) -> Result<&'a Snapshot, Error> {
    if let Some(exact) = snapshots.iter().find(|one| one.name == word) {
        return Ok(exact);
    }
    let shown: Vec<_> = snapshots
        .iter()
        .filter(|one| visible(&one.name) == word)
        .collect();
    match shown.as_slice() {
        [only] => Ok(only),
        [] => Err(Error::new(
            Exit::Failed,
            format!(
                "'{}' has no snapshot '{word}' ('virtty snapshot list' shows all)",
                domain.name
            ),
        )),
        several => Err(Error::new(
            Exit::Failed,
            format!(
                "{} snapshots of '{}' are shown as '{word}': give the exact name",
                several.len(),
                domain.name
            ),
        )),
    }
}
