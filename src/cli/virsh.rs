//! virsh's own commands on a domain, without a screen: `virtty shutdown web1 --mode agent`.
//!
//! Names, options and help are views of the table in [`crate::virsh`]. What names its target is done without a question;
//! deleting storage wants `--yes`.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use chrono::Local;
use clap::{Arg, ArgAction, ArgMatches, FromArgMatches, Subcommand};

use super::args::{self, Cli};
use super::failure::complain;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::{
    Error, Exit, Problem, disks, guests, networks, node_devices, reading, show, snapshot, storage,
    vnc,
};
use crate::config;
use crate::hostfacts::HostWish;
use crate::model::{Domain, EndpointKind};
use crate::ports;
use crate::protocol::{DomainVerb, Failure, HostFiles};
use crate::record::{self, Entry};
use crate::snapshots;
use crate::text::visible;
use crate::virsh::{self, COMMANDS, Edited, Effect, Given, Kind, Need};

/// Commands that read which another command without a screen answers.
const ELSEWHERE: &[&str] = &[
    "dominfo",
    "vncdisplay",
    "domdisplay",
    "snapshot-list",
    "checkpoint-list",
];

/// One of virsh's commands, with what was given to it.
#[derive(Debug)]
pub struct Virsh {
    given: Given,
    yes: bool,
}

impl Virsh {
    /// What it opens in the editor; `None` for a command without a screen.
    pub(super) fn edited(&self) -> Option<Edited> {
        virsh::edited(&self.given)
    }
}

fn commands() -> impl Iterator<Item = &'static virsh::Command> {
    COMMANDS.iter().filter(|command| {
        command.effect == Effect::Changes
            || ELSEWHERE.contains(&command.name)
            || reading::NAMES.contains(&command.name)
            || virsh::OF_HOST.contains(&command.name)
            || disks::READING.contains(&command.name)
            || guests::NAMES.contains(&command.name)
            || networks::is_one(command.name)
            || node_devices::is_one(command.name)
            || storage::is_about(command.name)
    })
}

impl Subcommand for Virsh {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        commands().fold(command, |command, row| command.subcommand(described(row)))
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        commands().any(|command| command.name == name)
    }
}

/// Whether a command loses what nothing brings back.
fn wants_yes(row: &virsh::Command) -> bool {
    let risky = ["storage", "shrink", "delete", "reuse-external"];
    risky.iter().any(|option| row.option(option).is_some())
        || matches!(
            row.name,
            "snapshot-revert" | "snapshot-delete" | "checkpoint-delete"
        )
        || storage::wants_yes(row.name)
}

/// What clap calls the words of an option that stand without its name.
fn positional(option: &str) -> String {
    format!("bare {option}")
}

/// What clap calls an option that stands for a word at its place: virsh's manual names some of them.
fn named(option: &virsh::Opt) -> String {
    format!("--{}", option.name)
}

/// Whether a word at its place may be named instead.
fn may_be_named(option: &virsh::Opt) -> bool {
    option.need == Need::Required && option.kind != Kind::Flag && !option.kind.is_subject()
}

/// A row of the table as clap knows commands.
fn described(row: &'static virsh::Command) -> clap::Command {
    let mut command = clap::Command::new(row.name).about(row.doc.trim_end_matches('.'));
    let names: Vec<String> = row
        .options
        .iter()
        .filter(|option| may_be_named(option))
        .map(named)
        .collect();
    for option in row.options {
        let mut arg = Arg::new(option.name).help(option.doc.trim_end_matches('.'));
        if option.kind == Kind::Flag {
            command = command.arg(arg.long(option.name).action(ArgAction::SetTrue));
            continue;
        }
        if let Kind::Choice(words) = option.kind {
            arg = arg.value_parser(clap::builder::PossibleValuesParser::new(words));
        } else {
            arg = arg.value_name(option.placeholder());
        }
        arg = match option.need {
            // When one is named, the words without a name are for those that are left.
            Need::Required if may_be_named(option) => {
                let long = Arg::new(named(option)).long(option.name).hide(true);
                command = command.arg(long.value_name(option.placeholder()));
                arg.required_unless_present_any(names.iter().cloned())
                    .allow_hyphen_values(true)
            }
            Need::Required => arg.required(true).allow_hyphen_values(true),
            Need::Optional => arg.long(option.name),
            Need::Rest => arg.num_args(0..).action(ArgAction::Append),
            Need::Many => {
                // As virsh takes them: without their name too, where nothing else takes what is left.
                let named = Arg::new(positional(option.name)).num_args(0..).hide(true);
                command = command.arg(named.action(ArgAction::Append));
                arg.long(option.name).action(ArgAction::Append)
            }
        };
        command = command.arg(arg);
    }
    if wants_yes(row) {
        command = command.arg(
            Arg::new("yes")
                .long("yes")
                .help("Delete or lose for good what is named, without a question; it is refused without")
                .action(ArgAction::SetTrue),
        );
    }
    command
}

impl FromArgMatches for Virsh {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong = |message: String| {
            clap::Error::raw(clap::error::ErrorKind::InvalidValue, message + "\n")
        };
        let Some((name, matches)) = matches.subcommand() else {
            return Err(wrong("there is no command".to_owned()));
        };
        let command = virsh::command(name).map_err(|error| wrong(error.to_string()))?;
        let mut given = Given::new(command);
        let one = |name: &str| matches.get_one::<String>(name).cloned();
        let by_name = |option: &virsh::Opt| one(&named(option));
        // Words at their places, for those that are not named.
        let mut words = command
            .options
            .iter()
            .filter(|option| may_be_named(option))
            .filter_map(|option| one(option.name))
            .collect::<Vec<_>>()
            .into_iter();
        for option in command.options {
            let value = match (option.kind, option.need) {
                (Kind::Flag, _) if matches.get_flag(option.name) => None,
                (Kind::Flag, _) => continue,
                (_, Need::Many) => {
                    let words = |name: &str| matches.get_many::<String>(name).into_iter().flatten();
                    let bare = positional(option.name);
                    let all: Vec<&str> = words(option.name)
                        .chain(words(&bare))
                        .map(String::as_str)
                        .collect();
                    if all.is_empty() {
                        continue;
                    }
                    Some(all.join("\n"))
                }
                (_, Need::Rest) => match matches.get_many::<String>(option.name) {
                    Some(words) => Some(words.map(String::as_str).collect::<Vec<_>>().join(" ")),
                    None => continue,
                },
                _ if may_be_named(option) => match by_name(option).or_else(|| words.next()) {
                    Some(value) => Some(value),
                    None => continue,
                },
                _ => match matches.get_one::<String>(option.name) {
                    Some(value) => Some(value.clone()),
                    None => continue,
                },
            };
            given
                .name(option.name, value)
                .map_err(|error| wrong(error.to_string()))?;
        }
        given
            .place(words.collect(), false)
            .map_err(|error| wrong(error.to_string()))?;
        let yes = wants_yes(command) && matches.get_flag("yes");
        Ok(Self { given, yes })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Does one.
pub(super) fn run(cli: &Cli, command: &Virsh, out: &mut Output) -> Result<(), Problem> {
    let given = &command.given;
    if storage::is_about(given.command.name) {
        return storage::run(cli, given, command.yes, out);
    }
    let name = given.domain().unwrap_or_default().to_owned();
    let json = false;
    match given.command.name {
        "dominfo" => {
            let xml = false;
            return show::run(cli, &args::Show { name, json, xml }, out);
        }
        "snapshot-list" => {
            let list = snapshot::Command::List(snapshot::List { domain: name, json });
            return snapshot::run(cli, &list, out);
        }
        "checkpoint-list" => return snapshot::checkpoints(cli, &name, out),
        "vncdisplay" => return vnc::run(cli, &args::Vnc { name }, out),
        _ => {}
    }
    let hosts = Hosts::open(cli)?;
    let wrong = |error: virsh::WordError| Error::new(Exit::Usage, error.to_string());
    if let Some(wishes) = virsh::host_wishes(given).map_err(wrong)? {
        for host in &hosts.open {
            for wish in &wishes {
                change_host(host, wish, HostFiles::OfThisMachine)?;
                writeln!(out, "{}", visible(&wish.line(host.uri.as_str())))?;
            }
        }
        return Ok(());
    }
    if networks::is_one(given.command.name) {
        return networks::run(&hosts, given, out);
    }
    if virsh::OF_HOST.contains(&given.command.name) {
        for host in &hosts.open {
            reading::of_host(host, given, out)?;
        }
        return Ok(());
    }
    if node_devices::is_one(given.command.name) {
        return node_devices::run(&hosts, given, out);
    }
    let (host, domain) = hosts.find(&name)?;
    if disks::READING.contains(&given.command.name)
        && virsh::verb(given, &[]).is_ok_and(|verb| verb.is_none())
    {
        return disks::run(host, &domain, given, out);
    }
    let usage = |message: String| Error::new(Exit::Usage, message);
    if let Some(raw) = virsh::raw(given).map_err(|error| usage(error.to_string()))? {
        return guests::pass_on(cli, host, &domain, given, &raw, out);
    }
    if given.command.name == "set-user-password" && !given.has("password") {
        let verb = guests::with_password(&domain, given)?;
        act(host, &domain, &verb)?;
        writeln!(out, "{}", done(&verb, &domain.name))?;
        return Ok(());
    }
    if guests::NAMES.contains(&given.command.name) {
        let verb = virsh::verb(given, &[]).map_err(|error| usage(error.to_string()))?;
        if verb.is_none() {
            return guests::run(host, &domain, given, out);
        }
    }
    if given.command.name == "domdisplay" {
        return display(host, &domain, given, out);
    }
    if reading::NAMES.contains(&given.command.name) {
        return reading::run(host, &domain, given, out);
    }
    let definition = match given.command.name {
        "undefine" | "backup-begin" => host.session.definition(domain.id.uuid)?,
        _ => None,
    };
    let disks = definition
        .map(|definition| definition.disks)
        .unwrap_or_default();
    let mut verb = virsh::verb(given, &disks).map_err(|error| usage(error.to_string()))?;
    if let Some(DomainVerb::Backup(backup)) = &mut verb {
        let stamp = Local::now().format("%Y%m%d-%H%M%S").to_string();
        snapshots::settle(backup, &domain.name, &disks, &stamp).map_err(usage)?;
    }
    let Some(verb) = verb else {
        return describe(host, &domain, given, out);
    };
    if let DomainVerb::SnapshotRevert(_)
    | DomainVerb::SnapshotDelete(_)
    | DomainVerb::CheckpointDelete(_) = &verb
        && !command.yes
    {
        return Err(usage(format!(
            "{} '{}' cannot be undone: add --yes to do it",
            given.command.name, domain.name
        ))
        .into());
    }
    // Jobs are given up by the word itself.
    if let DomainVerb::Disk(disk) = &verb
        && wants_yes(given.command)
        && disk.loses()
        && !command.yes
    {
        return Err(usage(format!(
            "{} '{}' so may lose data for good: add --yes to do it",
            given.command.name, domain.name
        ))
        .into());
    }
    if let DomainVerb::Undefine(choice) = &verb
        && !choice.volumes.is_empty()
        && !command.yes
    {
        let paths: Vec<_> = choice
            .volumes
            .iter()
            .map(|volume| volume.path.as_str())
            .collect();
        return Err(usage(format!(
            "this deletes {} for good: add --yes to do it",
            paths.join(", ")
        ))
        .into());
    }
    act(host, &domain, &verb)?;
    writeln!(out, "{}", done(&verb, &domain.name))?;
    Ok(())
}

/// Does something to a domain and puts it on record.
///
/// # Errors
/// What failed, with libvirt's reason.
pub(super) fn act(host: &Host, domain: &Domain, verb: &DomainVerb) -> Result<(), Failure> {
    let begun = (SystemTime::now(), Instant::now());
    let result = host.session.act(domain.id.uuid, verb);
    keep(host, domain, verb, begun, result.as_ref().err());
    result
}

/// Puts it on record. What was done is done, whether that can be written or not.
fn keep(
    host: &Host,
    domain: &Domain,
    verb: &DomainVerb,
    begun: (SystemTime, Instant),
    failure: Option<&Failure>,
) {
    let uri = host.uri.as_str();
    let line = virsh::shell_line(verb, &domain.name, domain.id.uuid, Some(uri));
    let line = line.unwrap_or_else(|| format!("{}{}", record::CALL, verb.call()));
    put_down(host, domain, line, begun, failure);
}

/// Puts on record what a line of the shell does as well.
pub(super) fn put_down(
    host: &Host,
    domain: &Domain,
    line: String,
    begun: (SystemTime, Instant),
    failure: Option<&Failure>,
) {
    let named = (domain.name.clone(), domain.id.uuid.to_string());
    put_down_of(host, named, line, begun, failure);
}

/// Changes a host itself and puts it on record.
///
/// # Errors
/// What failed, with its reason.
pub(super) fn change_host(host: &Host, wish: &HostWish, files: HostFiles) -> Result<(), Failure> {
    let begun = (SystemTime::now(), Instant::now());
    let result = host.session.change_host(wish, files);
    let named = (String::new(), String::new());
    let line = wish.line(host.uri.as_str());
    put_down_of(host, named, line, begun, result.as_ref().err());
    result
}

fn put_down_of(
    host: &Host,
    (name, uuid): (String, String),
    line: String,
    begun: (SystemTime, Instant),
    failure: Option<&Failure>,
) {
    let Some(folder) = config::state_dir() else {
        return;
    };
    let entry = Entry {
        time: begun.0,
        connection: host.uri.as_str().to_owned(),
        domain: name,
        uuid,
        line,
        took: begun.1.elapsed(),
        failure: failure.map(|failure| failure.reason.clone()),
    };
    if let Err(error) = record::append(&folder, &entry) {
        complain(&format!("the record of actions: {error}"));
    }
}

/// What to say when libvirt has accepted it.
fn done(verb: &DomainVerb, name: &str) -> String {
    let name = visible(name);
    match verb {
        DomainVerb::Start { .. } => format!("{name} was started."),
        DomainVerb::Shutdown {
            force_after: Some(_),
            ..
        } => format!("{name} is off."),
        DomainVerb::Shutdown { .. } => format!("{name} was asked to shut down; its guest decides."),
        DomainVerb::Reboot { .. } => format!("{name} was asked to reboot; its guest decides."),
        DomainVerb::Reset => format!("{name} was reset."),
        DomainVerb::Destroy { .. } => format!("{name} was forced off."),
        DomainVerb::Suspend => format!("{name} was paused."),
        DomainVerb::Resume => format!("{name} was resumed."),
        DomainVerb::ManagedSave { .. } => format!("{name} was saved."),
        DomainVerb::ManagedSaveRemove => format!("The saved state of {name} is gone."),
        DomainVerb::SetAutostart(true) => format!("{name} starts with its host."),
        DomainVerb::SetAutostart(false) => format!("{name} does not start with its host."),
        DomainVerb::Rename(new) => format!("{name} is called {} now.", visible(new)),
        DomainVerb::SendKeys { .. } => format!("{name} had the keys pressed."),
        DomainVerb::CoreDump(dump) => {
            format!(
                "The memory of {name} is in {} on its host.",
                visible(&dump.file)
            )
        }
        DomainVerb::Undefine(choice) => {
            let mut text = format!("The definition of {name} is deleted.");
            for volume in &choice.volumes {
                text.push_str(&format!("\n{} is deleted.", visible(&volume.path)));
            }
            text
        }
        DomainVerb::Disk(verb) => disks::done(verb, &name),
        DomainVerb::Agent(verb) => guests::done(verb, &name),
        DomainVerb::CheckpointCreate(_) => {
            format!("From now on it is noted what {name} writes.")
        }
        DomainVerb::CheckpointDelete(delete) => {
            format!(
                "The checkpoint '{}' of {name} is deleted.",
                visible(&delete.name)
            )
        }
        DomainVerb::Backup(backup) => {
            let begun = match backup.wait {
                true => format!("The disks of {name} are backed up:"),
                false => format!("The backup of {name} is under way (domjobabort gives it up):"),
            };
            let files = backup.disks.iter();
            let files = files.map(|(target, file)| format!("\n{target}  {}", visible(file)));
            format!("{begun}{}", files.collect::<String>())
        }
        _ => format!("{name} was changed."),
    }
}

/// Addresses of displays as viewers take them.
fn display(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let name = &domain.name;
    if !domain.state.is_active() {
        let message = format!(
            "domain '{name}' is not running ({})",
            domain.state.virsh_word()
        );
        return Err(Error::new(Exit::NotRunning, message).into());
    }
    let definition = host.session.definition(domain.id.uuid)?;
    let endpoints = definition
        .map(|definition| definition.endpoints)
        .unwrap_or_default();
    let mut shown = false;
    for endpoint in &endpoints {
        let kind = endpoint.kind;
        let is_display = matches!(
            kind,
            EndpointKind::Vnc | EndpointKind::Spice | EndpointKind::Rdp
        );
        if !is_display
            || given
                .value("type")
                .is_some_and(|wanted| wanted != kind.word())
        {
            continue;
        }
        let Some(target) = ports::target(endpoint, &host.uri) else {
            continue;
        };
        writeln!(out, "{}://{target}", kind.word())?;
        shown = true;
        if !given.has("all") {
            break;
        }
    }
    if shown {
        return Ok(());
    }
    let message = format!("domain '{name}' has no display that anything can connect to");
    Err(Error::new(Exit::NoVnc, message).into())
}

/// `desc` without a new text.
fn describe(host: &Host, domain: &Domain, given: &Given, out: &mut Output) -> Result<(), Problem> {
    let definition = host.session.definition(domain.id.uuid)?;
    let text = definition.and_then(|definition| {
        if given.has("title") {
            definition.title
        } else {
            definition.description
        }
    });
    if let Some(text) = text {
        for line in text.lines() {
            writeln!(out, "{}", visible(line))?;
        }
    }
    Ok(())
}
